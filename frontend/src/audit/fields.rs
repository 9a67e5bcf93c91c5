//! What kinds of records and their members are called in the audit trail.

use guanxi_domain::custom::CustomKind;
use guanxi_domain::dictionary::Dictionary;
use guanxi_domain::export::ExportFormat;
use guanxi_domain::import::RejectReason;
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::segmentation::run;
use guanxi_domain::share::ShareLevel;
use guanxi_domain::webhook::PauseReason;
use guanxi_domain::{
    Field, FieldKind, FieldSet, Lang, api_key, approval, contact, customer, import, job, mail,
    order, product, segment, stock, ticket, user, value, webhook, win_back,
};

use super::settings::SETTINGS;
use crate::custom;
use crate::i18n::lang;

const REGISTRIES: &[&FieldSet] = &[
    &api_key::FIELDS,
    &approval::FIELDS,
    &contact::FIELDS,
    &customer::FIELDS,
    &import::FIELDS,
    &job::FIELDS,
    &mail::FIELDS,
    &order::FIELDS,
    &product::FIELDS,
    &segment::FIELDS,
    &run::FIELDS,
    &stock::FIELDS,
    &ticket::FIELDS,
    &user::FIELDS,
    &value::FIELDS,
    &webhook::FIELDS,
    &win_back::FIELDS,
];

const USER: FieldKind = FieldKind::Reference("users");

/// Kinds of records that are no module of their own: on the wire, Chinese, English.
const TYPES: &[(&str, &str, &str)] = &[
    ("api_keys", "API 密钥", "API keys"),
    ("cluster_runs", "客户聚类", "Cluster runs"),
    ("custom_fields", "自定义字段", "Custom fields"),
    ("approvals", "审批", "Approvals"),
    ("departments", "部门", "Departments"),
    ("dictionaries", "字典", "Dictionaries"),
    ("jobs", "后台任务", "Background jobs"),
    ("mail_settings", "邮件设置", "Mail settings"),
    ("mails", "邮件", "Mail"),
    ("metrics", "客户指标", "Customers' figures"),
    ("rule_runs", "产品关联分析", "Rule runs"),
    ("stock_levels", "库存记录", "Stock levels"),
    ("seed", "演示数据", "Demo data"),
    ("segmentation_runs", "客户细分分析", "Segmentation runs"),
    (
        "segmentation_settings",
        "客户细分设置",
        "Settings of segmentation",
    ),
    ("value_runs", "价值分析", "Value runs"),
    ("win_back_plans", "挽回方案", "Win-back plans"),
    ("views", "视图", "Views"),
];

/// Members that are no fields of lists, and how they are read.
const OTHERS: &[Field] = &[
    Field::new(
        "a_share",
        FieldKind::Text,
        "A 类界限（万分之）",
        "A up to (of 10,000)",
    ),
    Field::new("as_of", FieldKind::Date, "截至", "As of"),
    Field::new("attempts", FieldKind::Integer, "尝试次数", "Attempts"),
    Field::new(
        "b_share",
        FieldKind::Text,
        "B 类界限（万分之）",
        "B up to (of 10,000)",
    ),
    Field::new("basis", FieldKind::Text, "依据", "Basis"),
    Field::new(
        "clear_blank",
        FieldKind::Boolean,
        "空值清除原内容",
        "Blank cells clear",
    ),
    Field::new("closed_at", FieldKind::Timestamp, "关闭时间", "Closed"),
    Field::new("custom", FieldKind::Text, "自定义字段", "Custom fields"),
    Field::new("default", FieldKind::Boolean, "默认", "Default"),
    Field::new(
        "customer_ids",
        FieldKind::Reference("customers"),
        "客户",
        "Customers",
    ),
    Field::new("members", FieldKind::Text, "按条件加入", "Found by"),
    Field::new("error", FieldKind::Text, "错误", "Error"),
    Field::new("loss", FieldKind::Text, "流失", "Loss"),
    Field::new("match_by", FieldKind::Text, "匹配依据", "Matched by"),
    Field::new("measure", FieldKind::Text, "指标", "Measure"),
    Field::new("payload", FieldKind::Text, "请求内容", "Request"),
    Field::new("pinned", FieldKind::Boolean, "置顶", "Pinned"),
    Field::new("result", FieldKind::Text, "结果", "Result"),
    Field::new(
        "rotation_ends_at",
        FieldKind::Timestamp,
        "旧密钥失效时间",
        "Old secret ends",
    ),
    Field::new("run_at", FieldKind::Timestamp, "计划执行时间", "Due"),
    Field::new("shared", FieldKind::Boolean, "共享", "Shared"),
    Field::new("started_at", FieldKind::Timestamp, "开始时间", "Started"),
    Field::new("updated", FieldKind::Integer, "更新数", "Updated"),
    Field::new("user_id", USER, "用户", "User"),
    Field::new("active", FieldKind::Boolean, "启用", "Active"),
    Field::new("choices", FieldKind::Text, "选项", "Choices"),
    Field::new("code", FieldKind::Text, "代码", "Code"),
    Field::new(
        "dictionary",
        FieldKind::Choice(Dictionary::CHOICES),
        "字典",
        "Dictionary",
    ),
    Field::new("help_en", FieldKind::Text, "英文说明", "English help"),
    Field::new("help_zh", FieldKind::Text, "中文说明", "Chinese help"),
    Field::new("key", FieldKind::Text, "标识", "Key"),
    Field::new(
        "kind",
        FieldKind::Choice(CustomKind::CHOICES),
        "类型",
        "Kind",
    ),
    Field::new("label_en", FieldKind::Text, "英文名称", "English label"),
    Field::new("label_zh", FieldKind::Text, "中文名称", "Chinese label"),
    Field::new("max", FieldKind::Text, "最大值", "At most"),
    Field::new("min", FieldKind::Text, "最小值", "At least"),
    Field::new(
        "nightly",
        FieldKind::Boolean,
        "每天自动运行",
        "Run every day",
    ),
    Field::new("order", FieldKind::Text, "顺序", "Order"),
    Field::new("record", FieldKind::Text, "所属记录", "Record"),
    Field::new("required", FieldKind::Boolean, "必填", "Required"),
    Field::new("address", FieldKind::Text, "地址", "Address"),
    Field::new("at", FieldKind::Timestamp, "时间", "Time"),
    Field::new("bank", FieldKind::Text, "开户行", "Bank"),
    Field::new("bank_account", FieldKind::Text, "银行账号", "Bank account"),
    Field::new("blacklist", FieldKind::Text, "黑名单记录", "Blacklisting"),
    Field::new("body", FieldKind::Text, "内容", "Text"),
    Field::new("brands", FieldKind::Text, "经营品牌", "Brands"),
    Field::new("by", USER, "操作人", "By"),
    Field::new(
        "cancel_reason",
        FieldKind::Text,
        "取消原因",
        "Reason for cancelling",
    ),
    Field::new("capability", FieldKind::Text, "能力", "Capability"),
    Field::new("columns", FieldKind::Text, "列", "Columns"),
    Field::new("comment", FieldKind::Text, "评论", "Comment"),
    Field::new("company", FieldKind::Text, "工商信息", "Company data"),
    Field::new("company_name", FieldKind::Text, "公司名称", "Company name"),
    Field::new(
        "consent_email",
        FieldKind::Text,
        "同意邮件联系",
        "May be e-mailed",
    ),
    Field::new(
        "consent_phone",
        FieldKind::Text,
        "同意电话联系",
        "May be called",
    ),
    Field::new(
        "consent_sms",
        FieldKind::Text,
        "同意短信联系",
        "May be texted",
    ),
    Field::new(
        "consent_wechat",
        FieldKind::Text,
        "同意微信联系",
        "May be contacted by WeChat",
    ),
    Field::new("cost", FieldKind::Money, "成本", "Cost"),
    Field::new(
        "create_customers",
        FieldKind::Text,
        "自动创建客户",
        "Create customers",
    ),
    Field::new(
        "create_products",
        FieldKind::Text,
        "自动创建产品",
        "Create products",
    ),
    Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
    Field::new("created_by", USER, "创建人", "Made by"),
    Field::new("prefix", FieldKind::Text, "密钥开头", "Begins with"),
    Field::new("created_by_id", USER, "创建人", "Created by"),
    Field::new("credit", FieldKind::Text, "信用", "Credit"),
    Field::new(
        "customer_code_pattern",
        FieldKind::Text,
        "客户编号规则",
        "Pattern of customer codes",
    ),
    Field::new(
        "customer_id",
        FieldKind::Reference("customers"),
        "客户",
        "Customer",
    ),
    Field::new(
        "customer_name",
        FieldKind::Text,
        "客户名称",
        "Customer's name",
    ),
    Field::new("customers", FieldKind::Text, "客户数", "Customers"),
    Field::new(
        "default_customer",
        FieldKind::Text,
        "默认客户",
        "Default customer",
    ),
    Field::new(
        "department_id",
        FieldKind::Reference("departments"),
        "部门",
        "Department",
    ),
    Field::new("description", FieldKind::Text, "说明", "Description"),
    Field::new("differing", FieldKind::Text, "有差异", "Differing"),
    Field::new("discount", FieldKind::Money, "折扣", "Discount"),
    Field::new("education", FieldKind::Text, "学历", "Education"),
    Field::new("email", FieldKind::Text, "邮箱", "E-mail"),
    Field::new("evaluated_on", FieldKind::Date, "评价日期", "Evaluated on"),
    Field::new("evaluation", FieldKind::Text, "评价", "Evaluation"),
    Field::new("event_id", FieldKind::Text, "消息编号", "Message id"),
    Field::new("events", FieldKind::Text, "事件", "Events"),
    Field::new("expires_at", FieldKind::Timestamp, "有效期至", "Good until"),
    Field::new(
        "failures",
        FieldKind::Text,
        "连续失败次数",
        "Failures in a row",
    ),
    Field::new("family", FieldKind::Text, "家庭情况", "Family"),
    Field::new("file_name", FieldKind::Text, "文件名", "File name"),
    Field::new("filename", FieldKind::Text, "文件名", "File name"),
    Field::new("filter", FieldKind::Text, "筛选", "Filter"),
    Field::new("first_responder_id", USER, "首位响应人", "First responder"),
    Field::new(
        "format",
        FieldKind::Choice(ExportFormat::CHOICES),
        "格式",
        "Format",
    ),
    Field::new("founded_on", FieldKind::Date, "成立日期", "Founded"),
    Field::new("from", FieldKind::Text, "起始日期", "From"),
    Field::new(
        "growth_potential",
        FieldKind::Text,
        "发展潜力",
        "Growth potential",
    ),
    Field::new("id", FieldKind::Text, "编号", "Id"),
    Field::new("imported", FieldKind::Text, "已导入行数", "Rows imported"),
    Field::new("interests", FieldKind::Text, "兴趣爱好", "Interests"),
    Field::new("keenness", FieldKind::Text, "合作意愿", "Keenness"),
    Field::new("labels", FieldKind::Text, "显示名称", "Labels"),
    Field::new(
        "language",
        FieldKind::Choice(Lang::CHOICES),
        "语言",
        "Language",
    ),
    Field::new("latitude", FieldKind::Text, "纬度", "Latitude"),
    Field::new(
        "legal_representative",
        FieldKind::Text,
        "法定代表人",
        "Legal representative",
    ),
    Field::new("line_count", FieldKind::Text, "明细行数", "Lines"),
    Field::new("lines", FieldKind::Text, "订单明细", "Lines of the order"),
    Field::new(
        "locked_until",
        FieldKind::Timestamp,
        "锁定至",
        "Locked until",
    ),
    Field::new("longitude", FieldKind::Text, "经度", "Longitude"),
    Field::new(
        "management_philosophy",
        FieldKind::Text,
        "经营理念",
        "Management philosophy",
    ),
    Field::new("mapping", FieldKind::Text, "列的对应", "Columns"),
    Field::new("margin", FieldKind::Money, "毛利", "Margin"),
    Field::new("market_area", FieldKind::Text, "市场区域", "Market area"),
    Field::new("module", FieldKind::Choice(Module::CHOICES), "模块", "Area"),
    Field::new("name", FieldKind::Text, "名称", "Name"),
    Field::new("name_en", FieldKind::Text, "英文名称", "English name"),
    Field::new("name_zh", FieldKind::Text, "中文名称", "Chinese name"),
    Field::new("note", FieldKind::Text, "备注", "Note"),
    Field::new(
        "operation",
        FieldKind::Choice(Operation::CHOICES),
        "操作",
        "Operation",
    ),
    Field::new(
        "order_number_pattern",
        FieldKind::Text,
        "订单编号规则",
        "Pattern of order numbers",
    ),
    Field::new(
        "order_state",
        FieldKind::Choice(OrderState::CHOICES),
        "订单状态",
        "State of orders",
    ),
    Field::new("orders", FieldKind::Text, "订单数", "Orders"),
    Field::new("owner_id", USER, "负责人", "Owner"),
    Field::new(
        "parent_id",
        FieldKind::Reference("departments"),
        "上级",
        "Parent",
    ),
    Field::new(
        "pause_reason",
        FieldKind::Choice(PauseReason::CHOICES),
        "暂停原因",
        "Reason of the pause",
    ),
    Field::new(
        "payment_terms",
        FieldKind::Text,
        "付款条件",
        "Terms of payment",
    ),
    Field::new("permissions", FieldKind::Text, "权限", "Permissions"),
    Field::new("phone", FieldKind::Text, "电话", "Telephone"),
    Field::new("policy", FieldKind::Text, "经营政策", "Policy"),
    Field::new("position", FieldKind::Text, "行号", "Line"),
    Field::new(
        "product_id",
        FieldKind::Reference("products"),
        "产品",
        "Product",
    ),
    Field::new("profile", FieldKind::Text, "经营情况", "Business profile"),
    Field::new(
        "public",
        FieldKind::Text,
        "对客户可见",
        "Visible to the customer",
    ),
    Field::new("q", FieldKind::Text, "搜索", "Search"),
    Field::new("quantity", FieldKind::Text, "数量", "Quantity"),
    Field::new("read", FieldKind::Text, "已读行数", "Rows read"),
    Field::new(
        "reason",
        FieldKind::Choice(RejectReason::CHOICES),
        "原因",
        "Reason",
    ),
    Field::new("reasons", FieldKind::Text, "拒绝原因", "Reasons"),
    Field::new("records", FieldKind::Text, "记录数", "Records"),
    Field::new(
        "refuse_repeats",
        FieldKind::Text,
        "拒绝重复行",
        "Refuse repeated rows",
    ),
    Field::new(
        "registered_capital",
        FieldKind::Money,
        "注册资本",
        "Registered capital",
    ),
    Field::new(
        "registration_open",
        FieldKind::Text,
        "开放注册",
        "Registration is open",
    ),
    Field::new("rejected", FieldKind::Text, "被拒行数", "Rows rejected"),
    Field::new("reopened", FieldKind::Text, "重开次数", "Times reopened"),
    Field::new(
        "reports_to_id",
        FieldKind::Reference("contacts"),
        "上级联系人",
        "Reports to",
    ),
    Field::new("responsible_id", USER, "责任人", "Responsible"),
    Field::new("revoked_at", FieldKind::Timestamp, "撤销时间", "Revoked"),
    Field::new("role_id", FieldKind::Reference("roles"), "角色", "Role"),
    Field::new(
        "sales_capability",
        FieldKind::Text,
        "销售能力",
        "Sales capability",
    ),
    Field::new("scope", FieldKind::Choice(Scope::CHOICES), "范围", "Scope"),
    Field::new("settings", FieldKind::Text, "设置", "Settings"),
    Field::new("shares", FieldKind::Text, "共享", "Sharing"),
    Field::new(
        "level",
        FieldKind::Choice(ShareLevel::CHOICES),
        "权限",
        "Level",
    ),
    Field::new("ship_to", FieldKind::Text, "收货地址", "Ship to"),
    Field::new("sku", FieldKind::Text, "编码", "SKU"),
    Field::new(
        "social_standing",
        FieldKind::Text,
        "社会地位",
        "Social standing",
    ),
    Field::new("sort", FieldKind::Text, "排序", "Sort"),
    Field::new("staff", FieldKind::Text, "员工数", "Staff"),
    Field::new("state", FieldKind::Text, "状态", "State"),
    Field::new("stores", FieldKind::Text, "门店数", "Stores"),
    Field::new("tax_number", FieldKind::Text, "税号", "Tax number"),
    Field::new("temperament", FieldKind::Text, "性格", "Temperament"),
    Field::new(
        "ticket_number_pattern",
        FieldKind::Text,
        "服务单编号规则",
        "Pattern of ticket numbers",
    ),
    Field::new("tickets", FieldKind::Text, "服务单数", "Tickets"),
    Field::new("to", FieldKind::Text, "截止日期", "To"),
    Field::new("total", FieldKind::Money, "合计", "Total"),
    Field::new("unit", FieldKind::Text, "单位", "Unit"),
    Field::new("unit_price", FieldKind::UnitPrice, "单价", "Unit price"),
    Field::new("until", FieldKind::Date, "截止", "Until"),
    Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    Field::new(
        "utc_offset_minutes",
        FieldKind::Text,
        "时区（分钟）",
        "Offset from UTC (minutes)",
    ),
    Field::new("vehicles", FieldKind::Text, "车辆数", "Vehicles"),
    Field::new("version", FieldKind::Text, "版本", "Version"),
    Field::new(
        "warehouse_area",
        FieldKind::Text,
        "仓库面积（平方米）",
        "Warehouse (m²)",
    ),
    Field::new("website", FieldKind::Text, "网站", "Website"),
    Field::new("wechat", FieldKind::Text, "微信", "WeChat"),
];

/// What a member of a record is, as far as anything is known of it.
pub fn member_field(record_type: &str, member: &str) -> Option<&'static Field> {
    let registered = REGISTRIES
        .iter()
        .find(|fields| fields.record == record_type)
        .and_then(|fields| custom::fields(fields).get(member));
    let member = if permission_label(member).is_some() {
        "scope"
    } else {
        member
    };
    // A count of other records has the name of what the record holds itself.
    registered
        .filter(|field| field.related.is_none())
        .or_else(|| {
            OTHERS
                .iter()
                .chain(SETTINGS)
                .find(|field| field.name == member)
        })
}

/// Where a member stands among those of its record: fields of lists first, in their order.
pub fn place(record_type: &str, member: &str) -> usize {
    REGISTRIES
        .iter()
        .find(|fields| fields.record == record_type)
        .and_then(|fields| {
            let all = custom::fields(fields).fields;
            all.iter().position(|f| f.name == member)
        })
        .unwrap_or(usize::MAX)
}

/// The label of a member, in the language that is on; the name itself, readable, if it has none. Reactive.
pub fn member_label(record_type: &str, member: &str) -> String {
    if let Some(permission) = permission_label(member) {
        return permission;
    }
    member_field(record_type, member).map_or_else(
        || readable(member.strip_suffix("_id").unwrap_or(member)),
        |field| field.label(lang()).to_owned(),
    )
}

/// `customers:read` of a role.
fn permission_label(member: &str) -> Option<String> {
    let (module, operation) = member.split_once(':')?;
    let (module, operation): (Module, Operation) = (module.parse().ok()?, operation.parse().ok()?);
    Some(format!(
        "{} · {}",
        module.label(lang()),
        operation.label(lang())
    ))
}

/// What a kind of records is called. Reactive.
pub fn type_label(record_type: &str) -> String {
    if let Ok(module) = record_type.parse::<Module>() {
        return module.label(lang()).to_owned();
    }
    known(TYPES, record_type).unwrap_or_else(|| readable(record_type))
}

fn known(words: &[(&str, &'static str, &'static str)], word: &str) -> Option<String> {
    let (_, zh, en) = words.iter().find(|(name, _, _)| *name == word)?;
    Some(lang().pick(*zh, *en).to_owned())
}

fn readable(word: &str) -> String {
    let words = word.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_as_in_lists_or_readably() {
        assert_eq!(member_label("contacts", "name"), "Name");
        assert_eq!(member_label("customers", "owner_id"), "Owner");
        assert_eq!(member_label("roles", "name_zh"), "Chinese name");
        assert_eq!(member_label("roles", "orders:read"), "Orders · Read");
        assert_eq!(type_label("orders"), "Orders");
        assert_eq!(type_label("value_runs"), "Value runs");
        assert_eq!(member_label("gadgets", "next_owner_id"), "Next owner");
    }
}
