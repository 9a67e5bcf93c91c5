//! Sharing: a record that a named colleague may see, or also change, beyond their scope.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::permission::{Module, Operation, Scope};
use crate::{Date, Field, Timestamp, UserId};

choice! {
    /// The record types that can be shared. Who sees a customer sees its contacts; orders and tickets are shared by themselves.
    pub enum Shareable {
        Customers = "customers", "客户", "Customers";
        Orders = "orders", "订单", "Orders";
        Tickets = "tickets", "服务单", "Tickets";
    }
}

choice! {
    /// What somebody may do with what was shared with them. The higher one comes later.
    pub enum ShareLevel {
        Read = "read", "查看", "May see";
        Write = "write", "查看和修改", "May see and change";
    }
}

choice! {
    /// Why somebody may do something with a record. The first that holds is told.
    pub enum Because {
        /// They own it, look after it or have recorded it.
        Own = "own", "本人负责", "It is theirs";
        Department = "department", "本部门的记录", "It is their department's";
        DepartmentTree = "department_tree", "本部门及下级的记录", "It is of their departments";
        All = "all", "角色可见全部记录", "The role reaches to all";
        Shared = "shared", "已共享给此人", "It was shared with them";
    }
}

impl From<Scope> for Because {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Own => Self::Own,
            Scope::Department => Self::Department,
            Scope::DepartmentTree => Self::DepartmentTree,
            Scope::All => Self::All,
        }
    }
}

impl Shareable {
    pub const fn module(self) -> Module {
        match self {
            Self::Customers => Module::Customers,
            Self::Orders => Module::Orders,
            Self::Tickets => Module::Tickets,
        }
    }
}

impl ShareLevel {
    /// What a share of this level is needed for: to see and export a record to read it, to change it or add to it to write. Giving
    /// it away, deleting, approving and sharing it on is for those in whose scope it is.
    pub const fn needed(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Read | Operation::Export => Some(Self::Read),
            Operation::Create | Operation::Update => Some(Self::Write),
            Operation::Delete | Operation::Assign | Operation::Approve => None,
        }
    }
}

/// A share as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    pub user_name: String,
    /// Who shared it; `null`: the system.
    pub by: Option<UserId>,
    pub at: Timestamp,
    #[serde(flatten)]
    pub input: ShareInput,
}

/// With whom a record is shared, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareInput {
    pub user_id: UserId,
    pub level: ShareLevel,
    /// The last day (UTC); `null`: until it is taken back.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Somebody who may see a record, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Access {
    pub user_id: UserId,
    pub user_name: String,
    pub department: Option<String>,
    /// Why they see it.
    pub read: Because,
    /// Why they may change it; `null`: they may not.
    pub update: Option<Because>,
}

/// The name of the filter for what was shared with whoever asks.
pub const SHARED_WITH_ME: &str = "shared_with_me";

/// That filter, for the records of a module.
pub const fn shared_with_me(module: Module) -> Field {
    Field::of_caller(SHARED_WITH_ME, module, "与我共享", "Shared with me")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_gives_neither_deletion_nor_assignment() {
        for operation in Operation::ALL {
            let needed = ShareLevel::needed(*operation);
            let given = matches!(
                operation,
                Operation::Read | Operation::Export | Operation::Create | Operation::Update
            );
            assert_eq!(needed.is_some(), given, "{operation}");
        }
        assert!(ShareLevel::Write > ShareLevel::Read);
    }

    #[test]
    fn every_shareable_type_is_a_module() {
        for record in Shareable::ALL {
            assert_eq!(record.as_str(), record.module().as_str());
        }
    }
}
