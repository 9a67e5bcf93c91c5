//! What somebody may see of figures over customers.

use guanxi_domain::permission::{Module, Operation};

use crate::condition::Condition;
use crate::{Actor, Visibility};

/// Which customers somebody may see in figures: those within the scope of both the reports and the customers.
pub(crate) struct Sight {
    pub condition: Condition,
    /// All customers.
    pub whole: bool,
}

impl Sight {
    pub fn of(actor: &Actor) -> Self {
        let scopes = [Module::Reports, Module::Customers]
            .map(|module| actor.visibility(module, Operation::Read));
        let condition = scopes.iter().fold(Condition::Always, |all, scope| {
            all.and(
                scope
                    .as_ref()
                    .map_or(Condition::Never, |s| s.owned("customers")),
            )
        });
        Self {
            condition,
            whole: scopes.iter().all(|s| *s == Some(Visibility::All)),
        }
    }
}
