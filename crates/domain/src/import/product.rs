//! Products from a file.

use super::{ImportMode, Key, Layout, Target};
use crate::product::FIELDS;

const fn own(name: &'static str, headers: &'static [&'static str]) -> Target {
    Target::field(&FIELDS, name, headers)
}

pub(super) const LAYOUT: Layout = Layout {
    modes: ImportMode::ALL,
    keys: &[Key {
        name: "sku",
        targets: &["sku"],
        zh: "货号",
        en: "SKU",
    }],
    targets: &[
        own(
            "sku",
            &[
                "stockcode",
                "productcode",
                "itemcode",
                "item",
                "code",
                "productid",
                "编号",
                "编码",
                "产品编号",
                "产品编码",
                "商品编码",
                "物料编码",
            ],
        )
        .required()
        .code(),
        own(
            "name",
            &[
                "productname",
                "itemname",
                "product",
                "品名",
                "产品名称",
                "商品名称",
                "物料名称",
            ],
        )
        .required(),
        own("name_en", &["englishname", "英文品名"]),
        own("category", &["productcategory", "产品类别", "分类", "品类"]),
        own("unit", &["uom", "计量单位"]),
        own(
            "list_price",
            &["price", "unitprice", "价格", "单价", "售价", "目录价"],
        ),
        own("cost", &["costprice", "unitcost", "成本价"]),
        own("active", &["onsale", "enabled", "是否在售", "启用"]),
        own(
            "description",
            &["specification", "规格", "产品描述", "描述"],
        ),
    ],
};
