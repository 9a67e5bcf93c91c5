//! The fields that customers are filtered, sorted, shown and exported by.

use super::{CustomerKind, Stage, Tier};
use crate::permission::Module;
use crate::segmentation::run::SCORE_FIELDS;
use crate::value::ValueClass;
use crate::{Field, FieldKind, FieldSet, dictionary};

/// The fields of a customer. The metrics' fields follow the customer's own.
pub const FIELDS: FieldSet = FieldSet {
    record: "customers",
    default_sort: "-created_at",
    fields: &[
        Field::new("code", FieldKind::Text, "编号", "Code"),
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new("short_name", FieldKind::Text, "简称", "Short name").optional(),
        Field::new(
            "kind",
            FieldKind::Choice(CustomerKind::CHOICES),
            "性质",
            "Kind",
        ),
        Field::new(
            "customer_type",
            FieldKind::Dictionary(dictionary::CUSTOMER_TYPE),
            "类型",
            "Type",
        )
        .optional(),
        Field::new("stage", FieldKind::Choice(Stage::CHOICES), "阶段", "Stage"),
        Field::new("tier", FieldKind::Choice(Tier::CHOICES), "等级", "Tier").optional(),
        Field::new(
            "value_class",
            FieldKind::Choice(ValueClass::CHOICES),
            "价值分类",
            "Value class",
        )
        .optional(),
        Field::new(
            "region",
            FieldKind::Dictionary(dictionary::REGION),
            "地区",
            "Region",
        )
        .optional(),
        Field::new(
            "industry",
            FieldKind::Dictionary(dictionary::INDUSTRY),
            "行业",
            "Industry",
        )
        .optional(),
        Field::new(
            "size",
            FieldKind::Dictionary(dictionary::CUSTOMER_SIZE),
            "规模",
            "Size",
        )
        .optional(),
        Field::new(
            "source",
            FieldKind::Dictionary(dictionary::CUSTOMER_SOURCE),
            "来源",
            "Source",
        )
        .optional(),
        Field::new("phone", FieldKind::Text, "电话", "Telephone")
            .optional()
            .unsorted(),
        Field::new("email", FieldKind::Text, "邮箱", "E-mail")
            .optional()
            .unsorted(),
        Field::new("website", FieldKind::Text, "网站", "Website")
            .optional()
            .unsorted(),
        Field::new("address", FieldKind::Text, "地址", "Address")
            .optional()
            .unsorted(),
        Field::new(
            "parent_id",
            FieldKind::Reference("customers"),
            "上级客户",
            "Parent customer",
        )
        .optional()
        .unsorted(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner")
            .optional()
            .unsorted(),
        Field::new(
            "department_id",
            FieldKind::Reference("departments"),
            "部门",
            "Department",
        )
        .optional()
        .unsorted(),
        Field::new("tags", FieldKind::Tags, "标签", "Tags"),
        Field::new("note", FieldKind::Text, "备注", "Note")
            .optional()
            .unsorted(),
        Field::new("blacklisted", FieldKind::Boolean, "黑名单", "Blacklisted").unsorted(),
        Field::new("completeness", FieldKind::Integer, "完整度", "Completeness"),
        Field::new("archived_at", FieldKind::Timestamp, "归档时间", "Archived").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
        Field::new("sales", FieldKind::Money, "销售额", "Sales"),
        Field::new("margin", FieldKind::Money, "毛利", "Margin"),
        Field::new("orders", FieldKind::Integer, "订单数", "Orders"),
        Field::new("order_days", FieldKind::Integer, "下单天数", "Order days"),
        Field::new("returns", FieldKind::Money, "退货额", "Returns"),
        Field::new(
            "average_order",
            FieldKind::Money,
            "平均订单额",
            "Average order",
        )
        .optional(),
        Field::new(
            "mean_gap_days",
            FieldKind::Integer,
            "平均间隔（天）",
            "Mean gap (days)",
        )
        .optional(),
        Field::new("first_order_on", FieldKind::Date, "首次下单", "First order").optional(),
        Field::new("last_order_on", FieldKind::Date, "最近下单", "Last order").optional(),
        Field::new(
            "sales_30d",
            FieldKind::Money,
            "近30天销售额",
            "Sales, 30 days",
        ),
        Field::new(
            "sales_90d",
            FieldKind::Money,
            "近90天销售额",
            "Sales, 90 days",
        ),
        Field::new(
            "sales_365d",
            FieldKind::Money,
            "近一年销售额",
            "Sales, 365 days",
        ),
        Field::new("tickets", FieldKind::Integer, "服务单数", "Tickets"),
        Field::new(
            "open_tickets",
            FieldKind::Integer,
            "未结服务单",
            "Open tickets",
        ),
        SCORE_FIELDS[0],
        SCORE_FIELDS[1],
        SCORE_FIELDS[2],
        SCORE_FIELDS[3],
        SCORE_FIELDS[4],
        SCORE_FIELDS[5],
        SCORE_FIELDS[6],
        SCORE_FIELDS[7],
        SCORE_FIELDS[8],
        SCORE_FIELDS[9],
        SCORE_FIELDS[10],
        crate::segment::in_segment(),
        Field::new("cluster", FieldKind::Integer, "聚类", "Cluster")
            .optional()
            .unsorted()
            .named("cluster_name"),
        crate::share::shared_with_me(Module::Customers),
        Field::count("contacts", Module::Contacts, "联系人数", "Contacts"),
        Field::count("open_orders", Module::Orders, "未完成订单数", "Open orders"),
        Field::count(
            "children",
            Module::Customers,
            "下级客户数",
            "Customers below",
        ),
    ],
};
