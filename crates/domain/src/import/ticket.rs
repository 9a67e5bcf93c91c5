//! Tickets from a file.

use super::{ImportMode, Key, Layout, Target};
use crate::ticket::FIELDS;

const fn own(name: &'static str, headers: &'static [&'static str]) -> Target {
    Target::field(&FIELDS, name, headers)
}

pub(super) const LAYOUT: Layout = Layout {
    modes: ImportMode::ALL,
    keys: &[Key {
        name: "number",
        targets: &["number"],
        zh: "单号",
        en: "Number",
    }],
    targets: &[
        own(
            "number",
            &[
                "ticket",
                "ticketno",
                "ticketnumber",
                "ticketid",
                "no",
                "编号",
                "服务单号",
                "工单号",
            ],
        )
        .code(),
        own(
            "customer_id",
            &[
                "customercode",
                "customername",
                "customerno",
                "company",
                "客户编号",
                "客户编码",
                "客户名称",
                "公司名称",
            ],
        )
        .required()
        .code(),
        own("subject", &["title", "summary", "标题", "问题"]).required(),
        own("kind", &["type", "tickettype", "服务类型", "问题类型"]).required(),
        own("channel", &["来源"]),
        own("priority", &["紧急程度"]),
        own("contact_id", &["contactname", "联系人姓名"]),
        own(
            "order_id",
            &["orderno", "ordernumber", "订单号", "订单编号"],
        )
        .code(),
        own(
            "product_id",
            &[
                "sku",
                "productcode",
                "productname",
                "货号",
                "产品编码",
                "产品名称",
            ],
        )
        .code(),
        own("owner_id", &["assignee", "agent", "处理人", "客服"]),
        own("team", &["group", "服务小组"]),
        own("tags", &["labels"]),
        own("description", &["details", "body", "详情", "描述"]),
    ],
};
