//! Stock levels from a file: what an ERP or a stocktaking says.

use super::{ImportMode, Key, Layout, Target};
use crate::stock::FIELDS;

const fn own(name: &'static str, headers: &'static [&'static str]) -> Target {
    Target::field(&FIELDS, name, headers)
}

pub(super) const LAYOUT: Layout = Layout {
    modes: ImportMode::ALL,
    keys: &[Key {
        name: "day",
        targets: &["product_id", "day"],
        zh: "产品和日期",
        en: "Product and day",
    }],
    targets: &[
        own(
            "product_id",
            &[
                "sku",
                "stockcode",
                "productcode",
                "itemcode",
                "item",
                "productname",
                "货号",
                "产品编号",
                "产品编码",
                "商品编码",
                "物料编码",
                "产品名称",
            ],
        )
        .required()
        .code(),
        own(
            "day",
            &[
                "date",
                "asof",
                "stocktakingdate",
                "inventorydate",
                "盘点日期",
                "库存日期",
                "截止日期",
            ],
        )
        .required(),
        own(
            "quantity",
            &[
                "qty",
                "onhand",
                "stock",
                "stocklevel",
                "quantityonhand",
                "库存",
                "库存数量",
                "库存量",
                "现存量",
                "结存数量",
                "盘点数量",
            ],
        )
        .required(),
        own(
            "unit_cost",
            &[
                "cost",
                "costprice",
                "unitprice",
                "成本",
                "成本价",
                "单价",
                "结存单价",
            ],
        ),
    ],
};
