//! 客户挽回: why customers were lost, whom to win back first, and the plans to do so.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::segmentation::churn::ChurnType;
use crate::segmentation::run::CustomerScores;
use crate::{
    CustomerId, CustomerLossId, Date, Field, FieldKind, FieldSet, Money, Timestamp, UserId,
    WinBackPlanId,
};

choice! {
    /// 挽回结果
    pub enum WinBackOutcome {
        Open = "open", "进行中", "Under way";
        WonBack = "won_back", "已挽回", "Won back";
        GivenUp = "given_up", "已放弃", "Given up";
    }
}

/// Why and when a customer was lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerLoss {
    pub id: CustomerLossId,
    pub customer_id: CustomerId,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    #[serde(flatten)]
    pub input: CustomerLossInput,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerLossInput {
    pub churn_type: ChurnType,
    pub lost_on: Date,
    #[serde(default)]
    #[validate(length(min = 1, max = 2000))]
    pub note: Option<String>,
}

/// Why customers were lost in a period. A customer counts once, by the last loss of the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LossSummary {
    /// The first day; `null`: from the first loss on.
    pub from: Option<Date>,
    /// The last day; `null`: to the last loss.
    pub to: Option<Date>,
    pub customers: i64,
    /// What they bought in the 365 days up to their loss, net of returns.
    pub sales: Money,
    /// Each type, also where nobody was lost.
    pub types: Vec<LossFigures>,
}

/// The losses of one type.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LossFigures {
    pub churn_type: ChurnType,
    pub customers: i64,
    /// Of all that were lost, 0 to 1.
    pub customer_share: f64,
    /// What they bought in the 365 days up to their loss, net of returns.
    pub sales: Money,
}

/// Adds up losses, the newest first: whose, of which type, and what they bought before.
#[allow(clippy::cast_precision_loss)] // Counts of customers.
pub fn summarise_losses(
    (from, to): (Option<Date>, Option<Date>),
    losses: impl IntoIterator<Item = (CustomerId, ChurnType, Money)>,
) -> LossSummary {
    let mut seen = std::collections::HashSet::new();
    let mut sums = ChurnType::ALL
        .iter()
        .map(|kind| (*kind, 0_i64, 0_i64))
        .collect::<Vec<_>>();
    for (customer, kind, Money(sales)) in losses {
        if seen.insert(customer)
            && let Some(sum) = sums.iter_mut().find(|sum| sum.0 == kind)
        {
            sum.1 += 1;
            sum.2 = sum.2.saturating_add(sales);
        }
    }
    let customers: i64 = sums.iter().map(|(_, customers, _)| customers).sum();
    let sales = sums
        .iter()
        .fold(0_i64, |all, (.., sales)| all.saturating_add(*sales));
    let types = sums
        .into_iter()
        .map(|(churn_type, lost, sales)| LossFigures {
            churn_type,
            customers: lost,
            customer_share: lost as f64 / customers.max(1) as f64,
            sales: Money(sales),
        });
    LossSummary {
        from,
        to,
        customers,
        sales: Money(sales),
        types: types.collect(),
    }
}

/// A plan to win a customer back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WinBackPlan {
    pub id: WinBackPlanId,
    pub version: i64,
    pub customer_name: String,
    /// Who made the plan.
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: WinBackPlanInput,
}

/// What people set of a plan. A customer has one open plan at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_outcome", skip_on_field_errors = false))]
pub struct WinBackPlanInput {
    /// Cannot be changed afterwards.
    pub customer_id: CustomerId,
    /// What will be done.
    #[validate(length(min = 1, max = 4000))]
    pub plan: String,
    #[serde(default)]
    pub due_on: Option<Date>,
    #[serde(default)]
    pub responsible_id: Option<UserId>,
    #[serde(default = "open")]
    pub outcome: WinBackOutcome,
    /// The day of the outcome: needed unless the plan is open.
    #[serde(default)]
    pub outcome_on: Option<Date>,
    #[serde(default)]
    #[validate(length(min = 1, max = 2000))]
    pub outcome_note: Option<String>,
}

const fn open() -> WinBackOutcome {
    WinBackOutcome::Open
}

fn check_outcome(plan: &WinBackPlanInput) -> Result<(), ValidationError> {
    let is_open = plan.outcome == WinBackOutcome::Open;
    let code = match (is_open, plan.outcome_on) {
        (true, None) | (false, Some(_)) => return Ok(()),
        (true, Some(_)) => "unfitting",
        (false, None) => "required",
    };
    let mut error = ValidationError::new(code);
    error.add_param("field".into(), &"outcome_on");
    Err(error)
}

/// A customer who may leave, and what there is to win.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WinBackCandidate {
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    pub owner_id: Option<UserId>,
    /// Day of the last order, as it is now.
    pub last_order_on: Option<Date>,
    /// What they would bring over the horizon if they were surely active.
    pub value_if_active: Money,
    /// Risk of churn × value if active: what there is to win.
    pub expected_gain: Money,
    /// Their open plan.
    pub plan: Option<WinBackPlan>,
    #[serde(flatten)]
    pub scores: CustomerScores,
}

/// The fields of a plan.
pub const FIELDS: FieldSet = FieldSet {
    record: "win_back_plans",
    default_sort: "-created_at",
    fields: &[
        Field::new(
            "customer_id",
            FieldKind::Reference("customers"),
            "客户",
            "Customer",
        )
        .unsorted(),
        Field::new("plan", FieldKind::Text, "挽回方案", "Plan").unsorted(),
        Field::new("due_on", FieldKind::Date, "完成期限", "Due").optional(),
        Field::new(
            "responsible_id",
            FieldKind::Reference("users"),
            "负责人",
            "Responsible",
        )
        .optional()
        .unsorted(),
        Field::new(
            "outcome",
            FieldKind::Choice(WinBackOutcome::CHOICES),
            "结果",
            "Outcome",
        ),
        Field::new("outcome_on", FieldKind::Date, "结果日期", "Outcome on").optional(),
        Field::new(
            "outcome_note",
            FieldKind::Text,
            "结果说明",
            "Note on the outcome",
        )
        .optional()
        .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn a_customer_is_lost_once_by_the_last_loss() {
        let [ann, ben] = [CustomerId::generate(), CustomerId::generate()];
        let day = Some(Date::from_days(20_000));
        let losses = [
            (ann, ChurnType::Price, Money(300)),
            (ben, ChurnType::Competitor, Money(-20)),
            (ann, ChurnType::Dropped, Money(700)),
        ];
        let summary = summarise_losses((None, day), losses);
        assert_eq!((summary.customers, summary.sales), (2, Money(280)));
        let of = |kind: ChurnType| {
            let found = summary.types.iter().find(|f| f.churn_type == kind);
            found.map(|f| (f.customers, f.sales, f.customer_share))
        };
        assert_eq!(of(ChurnType::Price), Some((1, Money(300), 0.5)));
        assert_eq!(of(ChurnType::Dropped), Some((0, Money(0), 0.0)));
        let nobody = summarise_losses((day, day), []);
        assert_eq!(nobody.types.len(), ChurnType::ALL.len());
        assert_eq!(nobody.types[0].customer_share.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn an_outcome_has_its_day_and_an_open_plan_has_none() {
        let plan = |outcome, outcome_on| WinBackPlanInput {
            customer_id: CustomerId::generate(),
            plan: "call".to_owned(),
            due_on: None,
            responsible_id: None,
            outcome,
            outcome_on,
            outcome_note: None,
        };
        let day = Some(Date::from_days(20_000));
        let wrong = |outcome, on| {
            let problems = plan(outcome, on).problems(Lang::En);
            problems
                .first()
                .map(|p| (p.pointer.clone(), p.code.clone()))
        };
        let at = |code: &str| Some(("/outcome_on".to_owned(), code.to_owned()));
        assert_eq!(wrong(WinBackOutcome::Open, None), None);
        assert_eq!(wrong(WinBackOutcome::WonBack, day), None);
        assert_eq!(wrong(WinBackOutcome::Open, day), at("unfitting"));
        assert_eq!(wrong(WinBackOutcome::GivenUp, None), at("required"));
    }
}
