//! Who may do what: module × operation × data scope.

use serde::{Deserialize, Serialize};

choice! {
    /// An area of the product.
    pub enum Module {
        Customers = "customers", "客户", "Customers";
        Contacts = "contacts", "联系人", "Contacts";
        Interactions = "interactions", "交往记录", "Interactions";
        Tasks = "tasks", "任务", "Tasks";
        Leads = "leads", "线索", "Leads";
        Opportunities = "opportunities", "商机", "Opportunities";
        Products = "products", "产品", "Products";
        Quotes = "quotes", "报价", "Quotes";
        Contracts = "contracts", "合同", "Contracts";
        Orders = "orders", "订单", "Orders";
        Returns = "returns", "退换货", "Returns";
        Payments = "payments", "收款", "Payments";
        Credit = "credit", "信用", "Credit";
        Stock = "stock", "库存", "Stock";
        Plans = "plans", "计划", "Plans";
        Expenses = "expenses", "费用", "Expenses";
        Tickets = "tickets", "服务单", "Tickets";
        Surveys = "surveys", "调查", "Surveys";
        Knowledge = "knowledge", "知识库", "Knowledge base";
        Segments = "segments", "细分", "Segments";
        Tiers = "tiers", "客户等级", "Tiers";
        Campaigns = "campaigns", "营销活动", "Campaigns";
        Loyalty = "loyalty", "忠诚度", "Loyalty";
        Warnings = "warnings", "预警", "Warnings";
        Reports = "reports", "报表", "Reports";
        Users = "users", "用户", "Users";
        Roles = "roles", "角色", "Roles";
        Settings = "settings", "设置", "Settings";
        Audit = "audit", "审计", "Audit";
        Imports = "imports", "导入", "Imports";
        Exports = "exports", "导出", "Exports";
        Webhooks = "webhooks", "Webhook", "Webhooks";
    }
}

choice! {
    /// What is done there.
    pub enum Operation {
        Read = "read", "查看", "Read";
        Create = "create", "新建", "Create";
        Update = "update", "修改", "Update";
        Delete = "delete", "删除", "Delete";
        Assign = "assign", "分配", "Assign";
        Approve = "approve", "审批", "Approve";
        Export = "export", "导出", "Export";
    }
}

choice! {
    /// On which records. A wider scope comes later.
    pub enum Scope {
        Own = "own", "本人", "Own";
        Department = "department", "本部门", "Department";
        DepartmentTree = "department_tree", "本部门及下级", "Department and below";
        All = "all", "全部", "All";
    }
}

/// One thing that a role may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permission {
    pub module: Module,
    pub operation: Operation,
    pub scope: Scope,
}

/// All that a role may do; at most one scope for a module and operation, the widest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permissions(Vec<Permission>);

impl Permissions {
    /// Sorted, with the widest scope where several were given.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Self {
        let mut all: Vec<_> = permissions.into_iter().collect();
        all.sort_by_key(|p| (p.module, p.operation, std::cmp::Reverse(p.scope)));
        all.dedup_by_key(|p| (p.module, p.operation));
        Self(all)
    }

    /// The widest scope in which this is allowed.
    pub fn scope(&self, module: Module, operation: Operation) -> Option<Scope> {
        self.0
            .iter()
            .find(|p| p.module == module && p.operation == operation)
            .map(|p| p.scope)
    }

    pub fn allows(&self, module: Module, operation: Operation) -> bool {
        self.scope(module, operation).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Permission> {
        self.0.iter()
    }
}

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
                grant(&[M::Segments], EDIT, Scope::All),
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
                grant(
                    &[M::Segments, M::Imports, M::Exports],
                    EDIT,
                    Scope::DepartmentTree,
                ),
            ],
            Self::DepartmentClerk => vec![
                grant(SELLING, EDIT, Scope::Department),
                grant(&[M::Tickets], EDIT, Scope::Department),
                grant(&[M::Products, M::Knowledge], &[O::Read], Scope::All),
                grant(&[M::Imports], EDIT, Scope::Department),
            ],
            Self::Sales => vec![
                grant(SELLING, EDIT, Scope::Own),
                grant(&[M::Tickets], &[O::Read, O::Create], Scope::Own),
                grant(&[M::Warnings], &[O::Read, O::Update], Scope::Own),
                grant(&[M::Reports], &[O::Read], Scope::Own),
                grant(&[M::Products, M::Knowledge], &[O::Read], Scope::All),
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
                grant(&[M::Products, M::Surveys], &[O::Read], Scope::All),
                grant(&[M::Knowledge], EDIT, Scope::All),
            ],
            Self::Marketing => vec![
                grant(
                    &[M::Campaigns, M::Surveys, M::Segments, M::Leads, M::Loyalty],
                    EDIT,
                    Scope::All,
                ),
                grant(
                    &[
                        M::Customers,
                        M::Contacts,
                        M::Products,
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
            ],
            Self::Analyst => vec![
                grant(&business, &[O::Read], Scope::All),
                grant(&[M::Segments], EDIT, Scope::All),
                grant(&[M::Reports], &[O::Read, O::Create, O::Export], Scope::All),
            ],
        };
        Permissions::new(granted.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_scope_wins() {
        let one = |scope| Permission {
            module: Module::Orders,
            operation: Operation::Read,
            scope,
        };
        let all = Permissions::new([one(Scope::Own), one(Scope::All), one(Scope::Department)]);
        assert_eq!(all.scope(Module::Orders, Operation::Read), Some(Scope::All));
        assert_eq!(all.iter().count(), 1);
    }

    #[test]
    fn administration_is_the_administrators() {
        for role in ShippedRole::ALL {
            let allowed = role
                .permissions()
                .allows(Module::Settings, Operation::Update);
            assert_eq!(allowed, *role == ShippedRole::Administrator, "{role}");
        }
    }

    #[test]
    fn the_analyst_changes_no_customer() {
        let analyst = ShippedRole::Analyst.permissions();
        assert!(analyst.allows(Module::Customers, Operation::Read));
        assert!(!analyst.allows(Module::Customers, Operation::Update));
    }
}
