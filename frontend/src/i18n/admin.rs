use super::texts;

texts! {
    /// Users, roles, departments, settings and audit.
    pub struct Admin {
        users: "用户", "Users";
        user_new: "新建用户", "New user";
        account: "账号", "Account";
        user_edit: "编辑用户", "Edit user";
        user_search: "姓名、邮箱", "Name, e-mail";
        user_empty: "没有用户", "No users";
        user_created: "用户已创建", "The user is created";
        password: "初始密码", "First password";
        password_hint: "至少 10 个字符，请当面或通过安全渠道告知本人", "At least 10 characters; tell it to the person by a safe way";
        language: "语言", "Language";
        tab_all: "全部用户", "All";
        tab_inactive: "长期未登录", "Not seen lately";
        inactive_text: "这些账号在 {n} 天内没有登录。不再需要的账号应当冻结。", "These accounts have not logged in for {n} days. Freeze those that nobody needs any more.";
        inactive_none: "没有长期未登录的账号", "Everybody has been here lately";
        inactive_days: "{n} 天", "{n} days";
        never: "从未登录", "never";
        pending_title: "{n} 个账号等待启用", "Accounts that wait to be activated: {n}";
        activate: "启用", "Activate";
        activate_title: "启用 {name}", "Activate {name}";
        activate_text: "选择角色和部门后，此人即可登录。", "With a role and a department the person can log in.";
        activated: "账号已启用", "The account is active";
        freeze: "冻结", "Freeze";
        freeze_title: "冻结 {name}？", "Freeze {name}?";
        freeze_text: "此人会立即退出所有设备，且不能再登录。数据保留。", "The person is logged out everywhere at once and cannot log in. Nothing is lost.";
        frozen: "账号已冻结", "The account is frozen";
        unfreeze: "解除冻结", "Unfreeze";
        unfrozen: "账号已恢复", "The account is active again";

        departments: "部门", "Departments";
        department_new: "新建部门", "New department";
        department_below: "添加下级部门", "Add one below";
        department_rename: "编辑", "Edit";
        department_name: "部门名称", "Name";
        department_parent: "上级部门", "Above it";
        department_text: "数据按部门隔离：“本部门及下级”的权限沿着这棵树生效。", "Data is kept apart by department: rights for \"department and below\" follow this tree.";
        department_delete_title: "删除部门“{name}”？", "Delete department {name}?";
        department_delete_text: "有下级部门、成员或数据的部门不能删除。", "A department with others below it, members or records cannot be deleted.";
        department_saved: "部门已保存", "The department is saved";
        people: "{n} 人", "People: {n}";

        roles: "角色", "Roles";
        role_new: "新建角色", "New role";
        role_name_zh: "中文名称", "Chinese name";
        role_name_en: "英文名称", "English name";
        role_shipped: "内置", "shipped";
        role_count: "{n} 项权限", "Permissions: {n}";
        role_holders: "{n} 人", "People: {n}";
        shipped_same: "与出厂设置相同", "As it shipped";
        shipped_differs: "有 {n} 项与出厂设置不同（已标记）", "Differs from what shipped in {n} cells, which are marked";
        shipped_was: "出厂设置：{scope}", "Shipped: {scope}";
        shipped_reset: "恢复出厂设置", "Reset to shipped";
        role_copy: "复制为新角色", "Copy to a new role";
        role_created: "角色已创建", "The role is created";
        role_delete_title: "删除角色“{name}”？", "Delete role {name}?";
        role_delete_text: "仍有用户使用的角色不能删除。", "A role that users still have cannot be deleted.";
        grid: "权限", "Permissions";
        grid_text: "每格是此角色在该模块可以做的事，以及适用的数据范围。", "What the role may do in each area, and on which records.";
        module: "模块", "Area";
        scope_none: "—", "—";
        scope_own: "本人", "Own";
        scope_department: "本部门", "Dept";
        scope_tree: "部门及下级", "Dept +";
        scope_all: "全部", "All";
        whole_row: "整行设为…", "Whole row…";

        settings: "系统设置", "Settings";
        section_company: "公司", "Company";
        section_numbers: "自动编号", "Numbers";
        company_name: "公司名称", "Company name";
        time_zone: "时区", "Time zone";
        time_zone_hint: "定时邮件的时间以此为准", "What is sent at an hour is meant in it";
        registration_open: "开放注册", "Anybody may register";
        registration_hint: "任何人可以申请账号，由管理员启用", "An administrator activates each account";
        customer_code: "客户编号格式", "Customer codes";
        order_number: "订单号格式", "Order numbers";
        ticket_number: "服务单号格式", "Ticket numbers";
        pattern_hint: "{6} 为至少 6 位的流水号；{yyyy}、{mm}、{dd} 为日期", "{6} is a number of at least 6 digits; {yyyy}, {mm}, {dd} the date";
        pattern_example: "例：{text}", "For example {text}";

        audit: "审计日志", "Audit trail";
        audit_empty: "没有审计记录", "No entries";
        system: "系统", "the system";
        changes: "变更内容", "What changed";
        history: "历史", "History";
        history_more: "更早的记录", "Earlier entries";
        by_key: "{name}（API 密钥“{key}”）", "{name} (API key {key})";
        audit_none: "没有字段变更", "No field changed";
        address: "IP 地址", "IP address";
        field: "字段", "Field";
        old: "原值", "Before";
        new: "新值", "After";
    }
}
