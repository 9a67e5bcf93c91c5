//! Who asks, and which records that person may see.

use std::sync::Arc;

use diesel::{QueryDsl, RunQueryDsl};
use guanxi_domain::permission::{Module, Operation, Permission, Permissions, Scope};
use guanxi_domain::share::{ShareLevel, Shareable};
use guanxi_domain::{Date, DepartmentId, Timestamp, UserId};

use crate::condition::{Column, Condition, Op, Value};
use crate::schema::departments;
use crate::{AnyConnection, Result};

/// Somebody who asks for something.
#[derive(Clone, Debug)]
pub struct Actor {
    pub user_id: UserId,
    pub name: String,
    pub department_id: Option<DepartmentId>,
    /// As `departments.path`.
    pub department_path: Option<String>,
    pub permissions: Arc<Permissions>,
    /// Something was shared with this person. Where nothing was, no query has to look for it.
    pub has_shares: bool,
}

impl Actor {
    /// The records of a module on which this person may do this; `None` if on none.
    pub fn visibility(&self, module: Module, operation: Operation) -> Option<Visibility> {
        let within = match (
            self.permissions.scope(module, operation)?,
            self.department_id,
            &self.department_path,
        ) {
            (Scope::All, ..) => return Some(Visibility::All),
            (Scope::Department, Some(id), _) => Within::Department(id),
            (Scope::DepartmentTree, _, Some(path)) => Within::DepartmentTree(path.clone()),
            _ => Within::Own,
        };
        Some(Visibility::Part(Part {
            user: self.user_id,
            within,
            shared: ShareLevel::needed(operation)
                .filter(|_| self.has_shares)
                .map(|level| Shared {
                    level,
                    on: Timestamp::now().date(),
                }),
        }))
    }

    /// Whether a department is this person's, or below it; by its path.
    pub(crate) fn leads(&self, path: Option<&str>) -> bool {
        let paths = (&self.department_path, path);
        matches!(paths, (Some(mine), Some(other)) if other.starts_with(mine.as_str()))
    }

    /// The rights among these that go beyond this person's own, for somebody in the department with this path; without one, by
    /// the words of the scopes alone. Whoever administers may give any: somebody must be able to.
    pub(crate) fn lacks<'a>(
        &self,
        given: impl IntoIterator<Item = &'a Permission>,
        path: Option<&str>,
    ) -> Vec<Permission> {
        if self.permissions.administers() {
            return Vec::new();
        }
        let there = |mine: Scope| match mine {
            Scope::All => true,
            Scope::DepartmentTree => self.leads(path),
            Scope::Department => self.department_path.as_deref() == path,
            Scope::Own => false,
        };
        let held = |p: &Permission| {
            let mine = self.permissions.scope(p.module, p.operation);
            let elsewhere = path.is_some() && p.scope.is_of_departments();
            mine.is_some_and(|mine| mine >= p.scope && (!elsewhere || there(mine)))
        };
        given.into_iter().filter(|p| !held(p)).copied().collect()
    }

    /// The condition that a record was shared with this person, whatever else they see.
    pub(crate) fn shared_with(&self, record: Shareable) -> Condition {
        let shared = Shared {
            level: ShareLevel::Read,
            on: Timestamp::now().date(),
        };
        shared.condition(record, self.user_id)
    }
}

/// Which records: made from a scope and the person who asks, put into every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    All,
    Part(Part),
}

/// The records within a scope, and what was shared with the person beyond it. What one owns is always within.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub user: UserId,
    within: Within,
    shared: Option<Shared>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Within {
    Own,
    Department(DepartmentId),
    /// The path of the highest one.
    DepartmentTree(String),
    /// None, not even what the person owns: only what was shared.
    Shared,
}

/// What was shared at this level or a higher one, and still is on this day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shared {
    level: ShareLevel,
    on: Date,
}

impl Shared {
    fn condition(self, record: Shareable, user: UserId) -> Condition {
        let column = |name| Column {
            table: "shares",
            name,
        };
        let mut all = vec![
            Condition::is(column("user_id"), user.as_str()),
            Condition::is(column("record_type"), record.as_str()),
            Condition::Or(vec![
                Condition::IsNull(column("until")),
                Condition::Compare(column("until"), Op::Ge, Value::Small(self.on.days())),
            ]),
        ];
        if self.level == ShareLevel::Write {
            all.push(Condition::is(column("level"), self.level.as_str()));
        }
        Condition::InFew(
            Column {
                table: record.as_str(),
                name: "id",
            },
            column("record_id"),
            Box::new(Condition::And(all)),
        )
    }
}

impl Visibility {
    /// What somebody owns.
    pub fn own(user: UserId) -> Self {
        Self::Part(Part {
            user,
            within: Within::Own,
            shared: None,
        })
    }

    /// The same without what was shared.
    #[must_use]
    pub fn unshared(&self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Part(part) => Self::Part(Part {
                shared: None,
                ..part.clone()
            }),
        }
    }

    /// Only what was shared; `None` if nothing can be.
    pub(crate) fn only_shared(&self) -> Option<Self> {
        match self {
            Self::Part(part) if part.shared.is_some() => Some(Self::Part(Part {
                within: Within::Shared,
                ..part.clone()
            })),
            _ => None,
        }
    }

    /// Whose records are in scope: the person's own, and those of these departments. `None` where all are.
    pub(crate) fn bearers(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<Option<(UserId, Vec<DepartmentId>)>> {
        let Self::Part(part) = self else {
            return Ok(None);
        };
        let departments = match &part.within {
            Within::Own | Within::Shared => Vec::new(),
            Within::Department(id) => vec![*id],
            Within::DepartmentTree(path) => departments::table
                .filter(below(path))
                .select(departments::id)
                .load(connection)?,
        };
        Ok(Some((part.user, departments)))
    }

    /// The condition on a table with `owner_id` and `department_id`: the records in scope, and those that were shared.
    pub fn owned(&self, table: &'static str) -> Condition {
        self.owned_by(table, "owner_id").or(self.shared(table))
    }

    /// The condition that a record was shared, as far as that counts here.
    fn shared(&self, table: &'static str) -> Condition {
        let record = Shareable::ALL.iter().find(|r| r.as_str() == table);
        match (self, record) {
            (
                Self::Part(Part {
                    user,
                    shared: Some(shared),
                    ..
                }),
                Some(record),
            ) => shared.condition(*record, *user),
            _ => Condition::Never,
        }
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
            Self::Part(part) if part.within == Within::Shared => Condition::Never,
            Self::Part(part) => mine(&part.user).or(part.within.departments(department)),
        }
    }

    /// The condition on a column that refers to customers: the customer is seen.
    pub(crate) fn through_customer(&self, column: Column) -> Condition {
        match self {
            Self::All => Condition::Always,
            Self::Part(_) => Condition::InSelect(
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

impl Within {
    /// The condition on a column that refers to departments.
    fn departments(&self, column: Column) -> Condition {
        match self {
            Self::Own | Self::Shared => Condition::Never,
            Self::Department(id) => Condition::is(column, id.as_str()),
            Self::DepartmentTree(path) => Condition::InSelect(
                column,
                Column {
                    table: "departments",
                    name: "id",
                },
                Box::new(below(path)),
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
            Self::Part(part) => {
                Condition::is(id, part.user.as_str()).or(part.within.departments(department))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::MultiBackend;
    use crate::{AnyConnection, Db, DbConfig};
    use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
    use diesel::sql_types::{Integer, Text};
    use diesel::{QueryResult, RunQueryDsl};

    /// How SQLite goes about the customers that fulfil a condition.
    struct Plan(Condition);

    impl QueryFragment<MultiBackend> for Plan {
        fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
            out.push_sql("EXPLAIN QUERY PLAN SELECT id FROM customers WHERE ");
            self.0.walk_ast(out.reborrow())
        }
    }

    impl QueryId for Plan {
        type QueryId = ();
        const HAS_STATIC_QUERY_ID: bool = false;
    }

    impl Query for Plan {
        type SqlType = (Integer, Integer, Integer, Text);
    }

    impl RunQueryDsl<AnyConnection> for Plan {}

    #[test]
    fn no_list_with_shares_reads_all_records() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("test.db");
        let db = Db::open(&DbConfig::new(format!("sqlite:{}", file.display()))).expect("open");
        for scope in [Scope::Own, Scope::Department, Scope::DepartmentTree] {
            let may = Permission {
                module: Module::Customers,
                operation: Operation::Read,
                scope,
            };
            let actor = Actor {
                user_id: UserId::generate(),
                name: "Li".to_owned(),
                department_id: Some(DepartmentId::generate()),
                department_path: Some("/a/".to_owned()),
                permissions: Arc::new(Permissions::new([may])),
                has_shares: true,
            };
            let visibility = actor
                .visibility(Module::Customers, Operation::Read)
                .expect("a scope");
            let plan: Vec<(i32, i32, i32, String)> = db
                .read_blocking(|c| Ok(Plan(visibility.owned("customers")).load(c)?))
                .expect("a plan");
            let steps: Vec<&str> = plan.iter().map(|(.., step)| step.as_str()).collect();
            let reads_all = steps.iter().any(|step| step.starts_with("SCAN"));
            assert!(!reads_all, "{scope}: {steps:#?}");
        }
    }
}
