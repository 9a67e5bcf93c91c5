//! Made-up service cases and evaluations.

use guanxi_domain::settings::format_number;
use guanxi_domain::ticket::{Channel, CommentKind, Priority, TicketKind, TicketState};
use guanxi_domain::{TicketId, Timestamp};
use serde_json::json;

use super::SeedOptions;
use super::made::Reference;
use super::phrases::{EVALUATIONS, NOTES, REPLIES, SUBJECTS};
use super::random::Random;
use super::rows::{CommentRow, EvaluationRow, TicketRow};
use super::team::{Member, Team};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Cases of a batch, ready to be written.
#[derive(Default)]
pub struct Batch {
    pub tickets: Vec<TicketRow>,
    pub comments: Vec<CommentRow>,
    pub evaluations: Vec<EvaluationRow>,
}

/// Makes service cases from the seed.
pub struct Desk<'a> {
    pub options: &'a SeedOptions,
    pub team: &'a Team,
    pub pattern: &'a str,
    pub first_number: i64,
}

const fn chinese_or_english(
    words: &'static (&'static str, &'static str),
    chinese: bool,
) -> &'static str {
    if chinese { words.0 } else { words.1 }
}

/// What is written into a case's history.
struct Entry<'a> {
    at: Timestamp,
    by: &'a Member,
    kind: CommentKind,
    body: &'static str,
    /// From and to, for a change of state.
    step: Option<(TicketState, TicketState)>,
}

impl Desk<'_> {
    /// When the case of this number was opened: evenly over the last year, in the order of the numbers.
    pub fn opened_at(&self, number: u32, of: u32) -> Timestamp {
        let mut random = self.random(30, number);
        let place = (f64::from(number) + random.unit()) / f64::from(of.max(1));
        #[allow(clippy::cast_possible_truncation, reason = "seconds of a year")]
        let seconds = (place * 365.0 * 86_400.0) as i64;
        self.options.now.plus_seconds(seconds - 365 * DAY)
    }

    fn random(&self, purpose: u64, number: u32) -> Random {
        let serial = self.first_number + i64::from(number);
        Random::of(
            self.options.seed,
            purpose,
            u64::try_from(serial).unwrap_or(0),
        )
    }

    /// Adds a case to a batch.
    pub fn make(&self, number: u32, at: Timestamp, customer: &Reference, batch: &mut Batch) {
        let mut random = self.random(31, number);
        let words = random.pick(SUBJECTS);
        let agent = random.pick(&self.team.agents);
        let days = (self.options.now.micros() - at.micros()) / 1_000_000 / DAY;
        let state = match (days, random.below(10)) {
            (..=1, 0..=4) => TicketState::New,
            (..=3, _) => TicketState::Open,
            (..=14, 0..=2) => TicketState::Waiting,
            (..=14, 3..=6) => TicketState::Resolved,
            (15.., 0) if days < 60 => TicketState::Open,
            (15.., 1) if days < 60 => TicketState::Resolved,
            _ => TicketState::Closed,
        };
        let id: TicketId = random.id(at);
        let started = state != TicketState::New;
        let entries = self.history(at, agent, state, customer.chinese, &mut random);
        let first_response_at = entries
            .iter()
            .find(|e| e.kind == CommentKind::Public)
            .map(|e| e.at);
        let reached = |wanted: TicketState| {
            let found = entries
                .iter()
                .find(|e| e.step.is_some_and(|(_, to)| to == wanted));
            found.map(|e| e.at)
        };
        let priority = *random.pick(&[
            Priority::Low,
            Priority::Normal,
            Priority::Normal,
            Priority::Normal,
            Priority::High,
            Priority::Urgent,
        ]);
        let subject = chinese_or_english(words, customer.chinese);
        let text = format_number(
            self.pattern,
            self.first_number + i64::from(number),
            at.date(),
        );
        batch.tickets.push(TicketRow {
            id,
            version: 1,
            number: text,
            kind: *random.pick_front(TicketKind::ALL),
            channel: *random.pick_front(&[
                Channel::Phone,
                Channel::Wechat,
                Channel::Email,
                Channel::Portal,
                Channel::Visit,
            ]),
            priority,
            priority_rank: priority.rank(),
            state,
            customer_id: customer.id,
            contact_id: customer.contact,
            subject,
            description: None,
            tags: "[]",
            first_responder_id: first_response_at.map(|_| agent.id),
            owner_id: started.then_some(agent.id),
            responsible_id: started.then_some(agent.id),
            created_by_id: Some(agent.id),
            department_id: self.team.service,
            first_response_at,
            resolved_at: reached(TicketState::Resolved),
            closed_at: reached(TicketState::Closed),
            reopened: 0,
            created_at: at,
            updated_at: entries.last().map_or(at, |e| e.at),
        });
        batch.comments.extend(entries.iter().map(|entry| {
            CommentRow {
                id: random.id(entry.at),
                ticket_id: id,
                kind: entry.kind,
                author_id: entry.by.id,
                author_name: entry.by.name.clone(),
                body: entry.body.to_owned(),
                changes: entry
                    .step
                    .map(|(from, to)| json!({"state": {"old": from, "new": to}}).to_string()),
                created_at: entry.at,
            }
        }));
    }

    /// The case's history up to its state.
    fn history<'a>(
        &self,
        opened: Timestamp,
        agent: &'a Member,
        state: TicketState,
        chinese: bool,
        random: &mut Random,
    ) -> Vec<Entry<'a>> {
        use TicketState as S;
        let steps: &[S] = match state {
            S::New => &[],
            S::Open => &[S::Open],
            S::Waiting => &[S::Open, S::Waiting],
            S::Resolved => &[S::Open, S::Resolved],
            S::Closed => &[S::Open, S::Resolved, S::Closed],
        };
        let mut entries = Vec::new();
        let (mut at, mut from) = (opened, S::New);
        for to in steps {
            at = at
                .plus_seconds(random.between(600, 20 * HOUR))
                .min(self.options.now);
            let entry = |kind, body, step| Entry {
                at,
                by: agent,
                kind,
                body,
                step,
            };
            match to {
                S::Open => entries.push(entry(
                    CommentKind::Public,
                    chinese_or_english(&REPLIES[0], chinese),
                    None,
                )),
                S::Resolved => entries.push(entry(
                    CommentKind::Public,
                    chinese_or_english(random.pick(&REPLIES[1..]), chinese),
                    None,
                )),
                _ if random.chance(0.5) => {
                    entries.push(entry(
                        CommentKind::Internal,
                        chinese_or_english(random.pick(NOTES), chinese),
                        None,
                    ));
                }
                _ => {}
            }
            entries.push(entry(CommentKind::Event, "", Some((from, *to))));
            from = *to;
        }
        entries
    }

    /// Adds what the seller thinks of a customer, of some customers.
    pub fn evaluate(&self, index: u32, customer: &Reference, since: Timestamp, batch: &mut Batch) {
        let mut random = self.random(32, index);
        let times = if random.chance(0.15) {
            1 + random.below(3)
        } else {
            0
        };
        let seller = &self.team.desks[customer.place.desk].sellers[customer.place.seller];
        let mut at = since;
        for _ in 0..times {
            at = at.plus_seconds(random.between(30 * DAY, 300 * DAY));
            if at >= self.options.now {
                break;
            }
            let mut score =
                || i16::try_from(random.between(1, 5).max(random.between(1, 5))).unwrap_or(3);
            let (keenness, capability, credit, social_standing) =
                (score(), score(), score(), score());
            batch.evaluations.push(EvaluationRow {
                id: random.id(at),
                customer_id: customer.id,
                by_id: seller.id,
                by_name: seller.name.clone(),
                evaluated_on: at.date(),
                keenness,
                capability,
                credit,
                social_standing,
                comment: random
                    .chance(0.6)
                    .then(|| chinese_or_english(random.pick(EVALUATIONS), customer.chinese)),
                created_at: at,
            });
        }
    }
}
