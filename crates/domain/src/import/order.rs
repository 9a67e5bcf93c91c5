//! Orders with their lines from a file: one row is one line.

use super::{ImportMode, Key, Layout, Target};
use crate::FieldKind;

pub(super) const LAYOUT: Layout = Layout {
    modes: &[ImportMode::Create, ImportMode::Upsert],
    keys: &[Key {
        name: "number",
        targets: &["order_number"],
        zh: "订单号",
        en: "Order number",
    }],
    targets: &[
        Target::new(
            "order_number",
            FieldKind::Text,
            "订单号",
            "Order number",
            &[
                "invoice",
                "invoiceno",
                "invoicenumber",
                "order",
                "orderno",
                "ordernumber",
                "orderid",
                "number",
                "订单号",
                "单号",
                "发票号",
                "订单编号",
                "单据编号",
            ],
        )
        .required()
        .code(),
        Target::new(
            "ordered_at",
            FieldKind::Timestamp,
            "下单时间",
            "Ordered at",
            &[
                "invoicedate",
                "orderdate",
                "orderedat",
                "date",
                "datetime",
                "time",
                "日期",
                "下单时间",
                "订单日期",
                "下单日期",
                "单据日期",
            ],
        )
        .required(),
        Target::new(
            "customer_code",
            FieldKind::Text,
            "客户编号",
            "Customer code",
            &[
                "customer",
                "customerid",
                "customercode",
                "customerno",
                "customernumber",
                "client",
                "客户",
                "客户编号",
                "客户编码",
                "客户代码",
            ],
        )
        .required()
        .code(),
        Target::new(
            "customer_name",
            FieldKind::Text,
            "客户名称",
            "Customer name",
            &["customername", "clientname", "客户名称", "客户名"],
        ),
        Target::new(
            "region",
            FieldKind::Text,
            "国家或地区",
            "Country or region",
            &["country", "region", "国家", "地区", "区域"],
        ),
        Target::new(
            "sku",
            FieldKind::Text,
            "货号",
            "SKU",
            &[
                "sku",
                "stockcode",
                "productcode",
                "item",
                "itemcode",
                "product",
                "productid",
                "货号",
                "产品编码",
                "商品编码",
                "物料编码",
            ],
        )
        .required(),
        Target::new(
            "description",
            FieldKind::Text,
            "品名",
            "Description",
            &[
                "description",
                "productname",
                "itemname",
                "name",
                "品名",
                "商品名称",
                "产品名称",
                "描述",
            ],
        ),
        Target::new(
            "quantity",
            FieldKind::Quantity,
            "数量",
            "Quantity",
            &["quantity", "qty", "amount", "数量"],
        )
        .required(),
        Target::new(
            "unit_price",
            FieldKind::UnitPrice,
            "单价",
            "Unit price",
            &["unitprice", "price", "单价", "价格"],
        )
        .required(),
        Target::new(
            "discount",
            FieldKind::Money,
            "折扣额",
            "Discount",
            &["discount", "折扣", "折扣额"],
        ),
    ],
};
