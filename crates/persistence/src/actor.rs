//! Who asks, and which records that person may see.

use std::sync::Arc;

use guanxi_domain::permission::{Module, Operation, Permissions, Scope};
use guanxi_domain::{DepartmentId, UserId};

use crate::condition::{Column, Condition, Op, Value};

/// Somebody who asks for something.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: UserId,
    pub name: String,
    pub department_id: Option<DepartmentId>,
    /// As `departments.path`.
    pub department_path: Option<String>,
    pub permissions: Arc<Permissions>,
}

impl Actor {
    /// The records of a module on which this person may do this; `None` if on none.
    pub fn visibility(&self, module: Module, operation: Operation) -> Option<Visibility> {
        Some(
            match (
                self.permissions.scope(module, operation)?,
                self.department_id,
                &self.department_path,
            ) {
                (Scope::All, ..) => Visibility::All,
                (Scope::Department, Some(id), _) => Visibility::Department(self.user_id, id),
                (Scope::DepartmentTree, _, Some(path)) => {
                    Visibility::DepartmentTree(self.user_id, path.clone())
                }
                _ => Visibility::Own(self.user_id),
            },
        )
    }
}

/// Which records: made from a scope and the person who asks, put into every query. What one owns is always seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    All,
    DepartmentTree(UserId, String),
    Department(UserId, DepartmentId),
    Own(UserId),
}

impl Visibility {
    /// The condition on a table with `owner_id` and `department_id`.
    pub(crate) fn owned(&self, table: &'static str) -> Condition {
        self.owned_by(table, "owner_id")
    }

    /// The condition on a table with `department_id` and a column for the person.
    pub(crate) fn owned_by(&self, table: &'static str, owner: &'static str) -> Condition {
        let owner = Column { table, name: owner };
        let department = Column {
            table,
            name: "department_id",
        };
        let mine = |user: &UserId| Condition::is(owner, user.as_str());
        match self {
            Self::All => Condition::Always,
            Self::Own(user) => mine(user),
            Self::Department(user, id) => {
                Condition::Or(vec![mine(user), Condition::is(department, id.as_str())])
            }
            Self::DepartmentTree(user, path) => Condition::Or(vec![
                mine(user),
                Condition::InSelect(
                    department,
                    Column {
                        table: "departments",
                        name: "id",
                    },
                    Box::new(below(path)),
                ),
            ]),
        }
    }

    /// The condition on a column that refers to customers: the customer is seen.
    pub(crate) fn through_customer(&self, column: Column) -> Condition {
        match self {
            Self::All => Condition::Always,
            _ => Condition::InSelect(
                column,
                Column {
                    table: "customers",
                    name: "id",
                },
                Box::new(self.owned("customers")),
            ),
        }
    }
}

/// Departments at or below this path. A range, so that the index on paths serves it.
fn below(path: &str) -> Condition {
    let column = Column {
        table: "departments",
        name: "path",
    };
    // '0' is the character after '/', with which every path ends.
    let end = format!("{}0", path.trim_end_matches('/'));
    Condition::And(vec![
        Condition::Compare(column, Op::Ge, Value::Text(path.to_owned())),
        Condition::Compare(column, Op::Lt, Value::Text(end)),
    ])
}

impl Visibility {
    /// The condition on users: those of the departments, and oneself.
    pub(crate) fn of_users(&self) -> Condition {
        let id = Column {
            table: "users",
            name: "id",
        };
        let department = Column {
            table: "users",
            name: "department_id",
        };
        match self {
            Self::All => Condition::Always,
            Self::Own(user) => Condition::is(id, user.as_str()),
            Self::Department(user, own) => Condition::Or(vec![
                Condition::is(id, user.as_str()),
                Condition::is(department, own.as_str()),
            ]),
            Self::DepartmentTree(user, path) => Condition::Or(vec![
                Condition::is(id, user.as_str()),
                Condition::InSelect(
                    department,
                    Column {
                        table: "departments",
                        name: "id",
                    },
                    Box::new(below(path)),
                ),
            ]),
        }
    }
}
