//! Who may do what: module × operation × data scope.

use serde::{Deserialize, Serialize};

use crate::Lang;

mod shipped;

pub use shipped::ShippedRole;

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
    /// Areas that belong together.
    pub enum ModuleGroup {
        Customers = "customers", "客户与市场", "Customers and marketing";
        Sales = "sales", "销售", "Sales";
        Service = "service", "服务", "Service";
        Analysis = "analysis", "分析", "Analysis";
        Administration = "administration", "管理", "Administration";
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

impl Scope {
    /// Which records those are depends on the person's department.
    pub const fn is_of_departments(self) -> bool {
        matches!(self, Self::Department | Self::DepartmentTree)
    }
}

impl ModuleGroup {
    /// Its areas, in the order people expect.
    pub fn modules(self) -> impl Iterator<Item = Module> {
        Module::ALL
            .iter()
            .copied()
            .filter(move |m| m.group() == self)
    }
}

impl Module {
    pub const fn group(self) -> ModuleGroup {
        match self {
            Self::Customers
            | Self::Contacts
            | Self::Interactions
            | Self::Tasks
            | Self::Leads
            | Self::Segments
            | Self::Tiers
            | Self::Campaigns
            | Self::Loyalty => ModuleGroup::Customers,
            Self::Opportunities
            | Self::Products
            | Self::Quotes
            | Self::Contracts
            | Self::Orders
            | Self::Returns
            | Self::Payments
            | Self::Credit
            | Self::Stock
            | Self::Plans
            | Self::Expenses => ModuleGroup::Sales,
            Self::Tickets | Self::Surveys | Self::Knowledge => ModuleGroup::Service,
            Self::Warnings | Self::Reports => ModuleGroup::Analysis,
            Self::Users
            | Self::Roles
            | Self::Settings
            | Self::Audit
            | Self::Imports
            | Self::Exports
            | Self::Webhooks => ModuleGroup::Administration,
        }
    }

    /// The operations that make sense there; a role has no others.
    pub const fn operations(self) -> &'static [Operation] {
        use Operation::{Approve, Assign, Create, Delete, Export, Read, Update};

        match self {
            Self::Customers
            | Self::Leads
            | Self::Opportunities
            | Self::Contracts
            | Self::Orders
            | Self::Payments => &[Read, Create, Update, Delete, Assign, Approve, Export],
            Self::Quotes
            | Self::Returns
            | Self::Credit
            | Self::Plans
            | Self::Expenses
            | Self::Tiers
            | Self::Campaigns
            | Self::Loyalty
            | Self::Knowledge => &[Read, Create, Update, Delete, Approve, Export],
            Self::Tasks | Self::Tickets | Self::Warnings => {
                &[Read, Create, Update, Delete, Assign, Export]
            }
            Self::Contacts
            | Self::Interactions
            | Self::Products
            | Self::Stock
            | Self::Surveys
            | Self::Segments
            | Self::Reports => &[Read, Create, Update, Delete, Export],
            Self::Users | Self::Roles | Self::Imports | Self::Exports | Self::Webhooks => {
                &[Read, Create, Update, Delete]
            }
            Self::Settings => &[Read, Update],
            Self::Audit => &[Read, Export],
        }
    }

    pub fn takes(self, operation: Operation) -> bool {
        self.operations().contains(&operation)
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
    /// Sorted, with the widest scope where several were given, and without what makes no sense.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Self {
        let mut all: Vec<_> = permissions
            .into_iter()
            .filter(|p| p.module.takes(p.operation))
            .collect();
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

    /// What may be done in an area, as people say it: 查看（全部）；新建、修改（本人）. `None`: nothing.
    pub fn in_words(&self, module: Module, lang: Lang) -> Option<String> {
        // Chinese has no case.
        let word = |label: &str| label.to_lowercase();
        let of_scope = |scope: &Scope| {
            let operations: Vec<String> = module
                .operations()
                .iter()
                .filter(|o| self.scope(module, **o) == Some(*scope))
                .map(|o| word(o.label(lang)))
                .collect();
            (!operations.is_empty()).then(|| {
                let operations = operations.join(lang.pick("、", ", "));
                let (open, close) = lang.pick(("（", "）"), (" (", ")"));
                format!("{operations}{open}{}{close}", word(scope.label(lang)))
            })
        };
        let parts: Vec<String> = Scope::ALL.iter().rev().filter_map(of_scope).collect();
        (!parts.is_empty()).then(|| parts.join(lang.pick("；", "; ")))
    }

    /// Whether whoever has them can give rights back to everybody: to change all users and all roles.
    pub fn administers(&self) -> bool {
        [Module::Users, Module::Roles].into_iter().all(|module| {
            [Operation::Read, Operation::Update]
                .into_iter()
                .all(|operation| self.scope(module, operation) == Some(Scope::All))
        })
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
    fn what_makes_no_sense_is_no_permission() {
        let all = Permissions::new([Permission {
            module: Module::Settings,
            operation: Operation::Assign,
            scope: Scope::All,
        }]);
        assert_eq!(all, Permissions::default());
    }

    #[test]
    fn every_area_can_be_read_and_has_a_group() {
        for module in Module::ALL {
            assert!(module.takes(Operation::Read), "{module}");
            assert!(module.operations().is_sorted(), "{module}");
        }
        let grouped: usize = ModuleGroup::ALL.iter().map(|g| g.modules().count()).sum();
        assert_eq!(grouped, Module::ALL.len());
    }

    #[test]
    fn rights_are_put_into_words() {
        let one = |operation, scope| Permission {
            module: Module::Orders,
            operation,
            scope,
        };
        let all = Permissions::new([
            one(Operation::Create, Scope::Own),
            one(Operation::Update, Scope::Own),
            one(Operation::Read, Scope::All),
        ]);
        let words = |lang| all.in_words(Module::Orders, lang);
        assert_eq!(
            words(Lang::Zh).as_deref(),
            Some("查看（全部）；新建、修改（本人）")
        );
        assert_eq!(
            words(Lang::En).as_deref(),
            Some("read (all); create, update (own)")
        );
        assert_eq!(all.in_words(Module::Tickets, Lang::En), None);
    }

    #[test]
    fn only_administrators_give_rights() {
        for role in ShippedRole::ALL {
            let gives = role.permissions().administers();
            assert_eq!(gives, *role == ShippedRole::Administrator, "{role}");
        }
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
