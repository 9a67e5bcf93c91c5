//! Saved reports by mail: when, to whom, and what became of it.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::export::ExportFormat;
use crate::mail::{MailFault, MailState};
use crate::{Date, Timestamp, UserId, Zone};

/// Recipients of a report, at most: each costs a report of their own.
pub const MAX_RECIPIENTS: usize = 50;

choice! {
    /// How often a report is sent.
    pub enum ReportRhythm {
        Daily = "daily", "每天", "Daily";
        Weekly = "weekly", "每周", "Weekly";
        Monthly = "monthly", "每月", "Monthly";
    }
}

choice! {
    /// What became of a recipient's mail at the last sending.
    pub enum ReportOutcome {
        Pending = "pending", "待发送", "Waiting";
        Sent = "sent", "已发送", "Sent";
        Failed = "failed", "发送失败", "Failed";
        Unsubscribed = "unsubscribed", "已退订", "Unsubscribed";
        Inactive = "inactive", "账号未启用或已冻结", "The account is not active";
        NoAccess = "no_access", "无权查看该报表", "May not see the report";
        /// Such a report cannot be made for this person: too many cells, or a filter that does not hold any more.
        Refused = "refused", "无法为此人生成报表", "The report cannot be made for this person";
    }
}

impl From<MailState> for ReportOutcome {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Pending => Self::Pending,
            MailState::Sent => Self::Sent,
            MailState::Failed => Self::Failed,
        }
    }
}

/// When a report is sent, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_schedule", skip_on_field_errors = false))]
pub struct ReportScheduleInput {
    /// Off: only when somebody asks.
    #[serde(default = "yes")]
    pub active: bool,
    pub rhythm: ReportRhythm,
    /// Of a weekly one: 1 is Monday, 7 Sunday.
    #[serde(default)]
    #[validate(range(min = 1, max = 7))]
    pub weekday: Option<i64>,
    /// Of a monthly one; in a shorter month its last day.
    #[serde(default)]
    #[validate(range(min = 1, max = 31))]
    pub day: Option<i64>,
    /// In the company's time zone.
    #[validate(range(min = 0, max = 23))]
    pub hour: i64,
    /// The file that goes with it, for recipients who may export reports; `null`: none.
    #[serde(default)]
    pub attachment: Option<ExportFormat>,
    /// Colleagues, each once. Others than the report's owner need it to be shared. Each gets the figures that they may see, in their language.
    #[validate(length(max = 50))]
    pub recipients: Vec<UserId>,
}

const fn yes() -> bool {
    true
}

impl Default for ReportScheduleInput {
    fn default() -> Self {
        Self {
            active: false,
            rhythm: ReportRhythm::Weekly,
            weekday: Some(1),
            day: None,
            hour: 8,
            attachment: Some(ExportFormat::Xlsx),
            recipients: Vec::new(),
        }
    }
}

fn check_schedule(input: &ReportScheduleInput) -> Result<(), ValidationError> {
    let at = |code: &'static str, field: &'static str| {
        let mut error = ValidationError::new(code);
        error.add_param("field".into(), &field);
        Err(error)
    };
    let twice = |(i, user): (usize, &UserId)| input.recipients[..i].contains(user);
    match input.rhythm {
        ReportRhythm::Weekly if input.weekday.is_none() => at("required", "weekday"),
        ReportRhythm::Monthly if input.day.is_none() => at("required", "day"),
        _ if input.active && input.recipients.is_empty() => at("required", "recipients"),
        _ if input.recipients.iter().enumerate().any(twice) => at("once", "recipients"),
        _ => Ok(()),
    }
}

impl ReportScheduleInput {
    /// The first time after `now` that it is due, in a zone.
    pub fn next(&self, now: Timestamp, zone: &Zone) -> Timestamp {
        let today = zone.date(now);
        // A month is at most 31 days ahead, and this hour may have passed.
        (0..=62)
            .map(|ahead| today.plus_days(ahead))
            .filter(|day| self.falls_on(*day))
            .map(|day| zone.at(day, self.hour))
            .find(|due| *due > now)
            // The rules leave no rhythm without a day.
            .unwrap_or(now)
    }

    fn falls_on(&self, day: Date) -> bool {
        match self.rhythm {
            ReportRhythm::Daily => true,
            ReportRhythm::Weekly => self.weekday == Some(i64::from(day.weekday()) + 1),
            ReportRhythm::Monthly => {
                let last = day.month_start(1).plus_days(-1).day();
                self.day.map(|wanted| wanted.min(last.into())) == Some(day.day().into())
            }
        }
    }
}

/// A schedule as it is answered. Of a report that has none: what most will want, turned off, with version 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportSchedule {
    pub version: i64,
    /// The caller may change it: the report's owner, of shared reports also administrators. Others see of the recipients only themselves.
    pub may_change: bool,
    /// Mail leaves: an administrator has set it up.
    pub mail_active: bool,
    /// The company's, which `hour` is meant in.
    pub time_zone: String,
    pub next_at: Option<Timestamp>,
    pub last: Option<ReportSending>,
    /// The caller's own subscription; `null`: is no recipient.
    pub subscribed: Option<bool>,
    /// Names and what became of each at the last sending, in the order of `recipients`.
    pub people: Vec<ReportRecipient>,
    #[serde(flatten)]
    pub input: ReportScheduleInput,
}

/// The last time that a report was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportSending {
    pub at: Timestamp,
    /// Who asked for it; `null`: the schedule.
    pub by: Option<UserId>,
    /// All its mails are in the queue.
    pub done: bool,
}

/// A recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRecipient {
    pub user_id: UserId,
    pub name: String,
    pub subscribed: bool,
    /// `null`: was no recipient then, or is still to come.
    pub outcome: Option<ReportOutcome>,
    /// Why the mail could not be sent, or not yet.
    pub fault: Option<MailFault>,
}

/// Whether the caller wants a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportSubscription {
    pub subscribed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn schedule(
        rhythm: ReportRhythm,
        weekday: Option<i64>,
        day: Option<i64>,
    ) -> ReportScheduleInput {
        ReportScheduleInput {
            active: true,
            rhythm,
            weekday,
            day,
            hour: 7,
            recipients: vec![UserId::generate()],
            ..ReportScheduleInput::default()
        }
    }

    #[test]
    fn the_next_time_follows_the_calendar() {
        use ReportRhythm::{Daily, Monthly, Weekly};

        let cases = [
            (
                schedule(Daily, None, None),
                "2026-11-22T06:59:59Z",
                "2026-11-22T07:00:00Z",
            ),
            (
                schedule(Daily, None, None),
                "2026-11-22T07:00:00Z",
                "2026-11-23T07:00:00Z",
            ),
            // 2026-11-22 is a Sunday.
            (
                schedule(Weekly, Some(7), None),
                "2026-11-22T06:00:00Z",
                "2026-11-22T07:00:00Z",
            ),
            (
                schedule(Weekly, Some(1), None),
                "2026-11-22T08:00:00Z",
                "2026-11-23T07:00:00Z",
            ),
            (
                schedule(Monthly, None, Some(31)),
                "2026-02-01T00:00:00Z",
                "2026-02-28T07:00:00Z",
            ),
            (
                schedule(Monthly, None, Some(31)),
                "2026-02-28T07:00:00Z",
                "2026-03-31T07:00:00Z",
            ),
            (
                schedule(Monthly, None, Some(1)),
                "2026-12-01T08:00:00Z",
                "2027-01-01T07:00:00Z",
            ),
        ];
        for (schedule, now, next) in cases {
            assert_eq!(
                schedule.next(at(now), &Zone::UTC),
                at(next),
                "{schedule:?} after {now}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        use ReportRhythm::{Monthly, Weekly};

        let first = |input: &ReportScheduleInput| {
            let problems = input.problems(Lang::En);
            problems
                .first()
                .map(|p| (p.pointer.clone(), p.code.clone()))
        };
        let told = |pointer: &str, code: &str| Some((pointer.to_owned(), code.to_owned()));
        assert_eq!(first(&schedule(Weekly, Some(3), None)), None);
        assert_eq!(
            first(&schedule(Weekly, None, None)),
            told("/weekday", "required")
        );
        assert_eq!(
            first(&schedule(Monthly, None, None)),
            told("/day", "required")
        );
        assert_eq!(
            first(&schedule(Monthly, None, Some(32))),
            told("/day", "range")
        );
        let mut nobody = schedule(Weekly, Some(1), None);
        let somebody = nobody.recipients.pop().expect("one");
        assert_eq!(first(&nobody), told("/recipients", "required"));
        nobody.recipients = vec![somebody, somebody];
        assert_eq!(first(&nobody), told("/recipients", "once"));
        assert!(ReportScheduleInput::default().problems(Lang::En).is_empty());
    }
}
