//! The roles that ship.

use super::{Module, Operation, Permission, Permissions, Scope};

choice! {
    /// The roles that ship; administrators edit them and add others.
    pub enum ShippedRole {
        Administrator = "administrator", "管理员", "Administrator";
        Director = "director", "总监", "Director";
        DepartmentManager = "department_manager", "部门经理", "Department manager";
        DepartmentClerk = "department_clerk", "部门内勤", "Department clerk";
        Sales = "sales", "销售", "Sales";
        ServiceAgent = "service_agent", "客服", "Service agent";
        Marketing = "marketing", "市场", "Marketing";
        Finance = "finance", "财务", "Finance";
        Analyst = "analyst", "分析员", "Analyst";
    }
}

impl ShippedRole {
    /// What the role may do when it ships.
    #[allow(
        clippy::too_many_lines,
        reason = "a table: one paragraph for each role"
    )]
    pub fn permissions(self) -> Permissions {
        use Module as M;
        use Operation as O;

        const ADMINISTRATION: &[Module] = &[M::Users, M::Roles, M::Settings, M::Audit, M::Webhooks];
        const SELLING: &[Module] = &[
            M::Customers,
            M::Contacts,
            M::Interactions,
            M::Tasks,
            M::Leads,
            M::Opportunities,
            M::Quotes,
            M::Contracts,
            M::Orders,
            M::Returns,
            M::Plans,
            M::Expenses,
        ];
        const EDIT: &[Operation] = &[O::Read, O::Create, O::Update];
        const KEEP: &[Operation] = &[O::Read, O::Create, O::Update, O::Delete];
        const EVERYTHING: &[Operation] = Operation::ALL;

        let grant =
            |modules: &[Module], operations: &[Operation], scope: Scope| -> Vec<Permission> {
                modules
                    .iter()
                    .flat_map(|&module| {
                        operations.iter().map(move |&operation| Permission {
                            module,
                            operation,
                            scope,
                        })
                    })
                    .collect()
            };
        let business: Vec<Module> = Module::ALL
            .iter()
            .copied()
            .filter(|m| !ADMINISTRATION.contains(m))
            .collect();

        let granted = match self {
            Self::Administrator => vec![grant(Module::ALL, EVERYTHING, Scope::All)],
            Self::Director => vec![
                grant(
                    &business,
                    &[O::Read, O::Assign, O::Approve, O::Export],
                    Scope::All,
                ),
                grant(&[M::Segments], KEEP, Scope::All),
                grant(&[M::Users, M::Audit], &[O::Read], Scope::All),
            ],
            Self::DepartmentManager => vec![
                grant(&business, &[O::Read], Scope::DepartmentTree),
                grant(SELLING, EVERYTHING, Scope::DepartmentTree),
                grant(
                    &[M::Tickets, M::Warnings, M::Tiers],
                    &[O::Create, O::Update, O::Assign, O::Approve, O::Export],
                    Scope::DepartmentTree,
                ),
                grant(&[M::Products, M::Knowledge], &[O::Read], Scope::All),
                grant(&[M::Stock], KEEP, Scope::All),
                grant(&[M::Segments], KEEP, Scope::DepartmentTree),
                grant(&[M::Imports, M::Exports], EDIT, Scope::DepartmentTree),
            ],
            Self::DepartmentClerk => vec![
                grant(SELLING, EDIT, Scope::Department),
                grant(&[M::Tickets], EDIT, Scope::Department),
                grant(
                    &[M::Products, M::Stock, M::Knowledge],
                    &[O::Read],
                    Scope::All,
                ),
                grant(&[M::Imports], EDIT, Scope::Department),
            ],
            Self::Sales => vec![
                grant(SELLING, EDIT, Scope::Own),
                grant(&[M::Tickets], &[O::Read, O::Create], Scope::Own),
                grant(&[M::Warnings], &[O::Read, O::Update], Scope::Own),
                grant(&[M::Reports], &[O::Read], Scope::Own),
                grant(
                    &[M::Products, M::Stock, M::Knowledge],
                    &[O::Read],
                    Scope::All,
                ),
            ],
            Self::ServiceAgent => vec![
                grant(
                    &[M::Tickets],
                    &[O::Read, O::Create, O::Update, O::Assign],
                    Scope::DepartmentTree,
                ),
                grant(
                    &[M::Customers, M::Contacts, M::Orders],
                    &[O::Read],
                    Scope::All,
                ),
                grant(&[M::Interactions, M::Tasks], EDIT, Scope::Own),
                grant(&[M::Products, M::Stock, M::Surveys], &[O::Read], Scope::All),
                grant(&[M::Knowledge], EDIT, Scope::All),
            ],
            Self::Marketing => vec![
                grant(&[M::Segments], KEEP, Scope::All),
                grant(
                    &[M::Campaigns, M::Surveys, M::Leads, M::Loyalty],
                    EDIT,
                    Scope::All,
                ),
                grant(
                    &[
                        M::Customers,
                        M::Contacts,
                        M::Products,
                        M::Stock,
                        M::Orders,
                        M::Reports,
                    ],
                    &[O::Read],
                    Scope::All,
                ),
                grant(&[M::Exports], &[O::Read, O::Create], Scope::All),
            ],
            Self::Finance => vec![
                grant(
                    &[M::Payments, M::Credit, M::Expenses, M::Returns],
                    &[O::Read, O::Create, O::Update, O::Approve, O::Export],
                    Scope::All,
                ),
                grant(
                    &[
                        M::Customers,
                        M::Contacts,
                        M::Orders,
                        M::Contracts,
                        M::Products,
                        M::Reports,
                        M::Plans,
                    ],
                    &[O::Read, O::Export],
                    Scope::All,
                ),
                grant(&[M::Stock], KEEP, Scope::All),
                grant(&[M::Imports], EDIT, Scope::Own),
            ],
            Self::Analyst => vec![
                grant(&business, &[O::Read], Scope::All),
                grant(&[M::Segments], KEEP, Scope::All),
                grant(&[M::Reports], &[O::Read, O::Create, O::Export], Scope::All),
            ],
        };
        Permissions::new(granted.into_iter().flatten())
    }
}
