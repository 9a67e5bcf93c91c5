//! What kinds of records and their members are called in the audit trail.

use guanxi_domain::permission::Module;
use guanxi_domain::{
    FieldSet, contact, customer, import, job, order, product, ticket, user, value, webhook,
};

use crate::i18n::lang;

const REGISTRIES: &[&FieldSet] = &[
    &contact::FIELDS,
    &customer::FIELDS,
    &import::FIELDS,
    &job::FIELDS,
    &order::FIELDS,
    &product::FIELDS,
    &ticket::FIELDS,
    &user::FIELDS,
    &value::FIELDS,
    &webhook::FIELDS,
];

/// Kinds of records that are no module of their own: on the wire, Chinese, English.
const TYPES: &[(&str, &str, &str)] = &[
    ("departments", "部门", "Departments"),
    ("dictionaries", "字典", "Dictionaries"),
    ("jobs", "后台任务", "Background jobs"),
    ("metrics", "客户指标", "Customers' figures"),
    ("seed", "演示数据", "Demo data"),
    ("value_runs", "价值分析", "Value runs"),
];

/// Members that are no fields of lists: on the wire, Chinese, English.
const OTHERS: &[(&str, &str, &str)] = &[
    ("address", "地址", "Address"),
    ("blacklist", "黑名单记录", "Blacklisting"),
    ("cancel_reason", "取消原因", "Reason for cancelling"),
    ("comment", "评论", "Comment"),
    ("company", "工商信息", "Company data"),
    ("company_name", "公司名称", "Company name"),
    ("consent_email", "同意邮件联系", "May be e-mailed"),
    ("consent_phone", "同意电话联系", "May be called"),
    ("consent_sms", "同意短信联系", "May be texted"),
    (
        "consent_wechat",
        "同意微信联系",
        "May be contacted by WeChat",
    ),
    (
        "customer_code_pattern",
        "客户编号规则",
        "Pattern of customer codes",
    ),
    ("customer_name", "客户名称", "Customer's name"),
    ("created_at", "创建时间", "Created"),
    ("customers", "客户数", "Customers"),
    ("description", "说明", "Description"),
    ("differing", "有差异", "Differing"),
    ("discount", "折扣", "Discount"),
    ("education", "学历", "Education"),
    ("evaluation", "评价", "Evaluation"),
    ("event_id", "消息编号", "Message id"),
    ("events", "事件", "Events"),
    ("family", "家庭情况", "Family"),
    ("first_responder_id", "首位响应人", "First responder"),
    ("from", "起始日期", "From"),
    ("id", "编号", "Id"),
    ("interests", "兴趣爱好", "Interests"),
    ("language", "语言", "Language"),
    ("latitude", "纬度", "Latitude"),
    ("line_count", "明细行数", "Lines"),
    ("lines", "订单明细", "Lines of the order"),
    ("longitude", "经度", "Longitude"),
    ("mapping", "列的对应", "Columns"),
    ("name", "名称", "Name"),
    ("name_en", "英文名称", "English name"),
    ("name_zh", "中文名称", "Chinese name"),
    ("note", "备注", "Note"),
    (
        "order_number_pattern",
        "订单编号规则",
        "Pattern of order numbers",
    ),
    ("orders", "订单数", "Orders"),
    ("parent_id", "上级", "Parent"),
    ("pause_reason", "暂停原因", "Reason of the pause"),
    ("payment_terms", "付款条件", "Terms of payment"),
    ("permissions", "权限", "Permissions"),
    ("phone", "电话", "Telephone"),
    ("profile", "经营情况", "Business profile"),
    ("registration_open", "开放注册", "Registration is open"),
    ("reopened", "重开次数", "Times reopened"),
    ("reports_to_id", "上级联系人", "Reports to"),
    ("session", "登录", "Log-in"),
    ("settings", "设置", "Settings"),
    ("shares", "共享", "Sharing"),
    ("ship_to", "收货地址", "Ship to"),
    ("temperament", "性格", "Temperament"),
    (
        "ticket_number_pattern",
        "服务单编号规则",
        "Pattern of ticket numbers",
    ),
    ("tickets", "服务单数", "Tickets"),
    ("to", "截止日期", "To"),
    ("total", "合计", "Total"),
    ("updated_at", "更新时间", "Updated"),
    ("version", "版本", "Version"),
    ("website", "网站", "Website"),
    ("wechat", "微信", "WeChat"),
];

/// The label of a member, in the language that is on; the name itself, readable, if it has none. Reactive.
pub fn member_label(record_type: &str, member: &str) -> String {
    let registered = REGISTRIES
        .iter()
        .find(|fields| fields.record == record_type)
        .and_then(|fields| fields.get(member));
    if let Some(field) = registered {
        return field.label(lang()).to_owned();
    }
    known(OTHERS, member).unwrap_or_else(|| readable(member.strip_suffix("_id").unwrap_or(member)))
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
        assert_eq!(type_label("orders"), "Orders");
        assert_eq!(type_label("value_runs"), "Value runs");
        assert_eq!(member_label("gadgets", "next_owner_id"), "Next owner");
    }
}
