//! Dictionaries: lists of choices that administrators edit.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{DictionaryEntryId, Lang};

/// The dictionaries there are.
pub const CUSTOMER_TYPE: &str = "customer_type";
pub const REGION: &str = "region";
pub const INDUSTRY: &str = "industry";
pub const CUSTOMER_SOURCE: &str = "customer_source";
pub const CUSTOMER_SIZE: &str = "customer_size";
pub const PRODUCT_CATEGORY: &str = "product_category";

choice! {
    /// The dictionaries that administrators edit.
    pub enum Dictionary {
        CustomerType = "customer_type", "客户类型", "Customer types";
        Region = "region", "地区", "Regions";
        Industry = "industry", "行业", "Industries";
        CustomerSource = "customer_source", "客户来源", "Customer sources";
        CustomerSize = "customer_size", "客户规模", "Customer sizes";
        ProductCategory = "product_category", "产品类别", "Product categories";
    }
}

/// One choice of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DictionaryEntry {
    pub id: DictionaryEntryId,
    pub version: i64,
    /// Its place in the dictionary: the lowest leads.
    pub position: i32,
    #[serde(flatten)]
    pub input: DictionaryEntryInput,
}

/// What people set of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DictionaryEntryInput {
    /// Cannot be changed afterwards.
    pub dictionary: Dictionary,
    /// What records hold. Unique in the dictionary; cannot be changed afterwards.
    #[validate(
        length(min = 1, max = 40),
        custom(function = "crate::custom::check_choice_code")
    )]
    pub code: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_zh: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_en: String,
    /// Can be chosen anew.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

impl DictionaryEntryInput {
    pub fn label(&self, lang: Lang) -> &str {
        lang.pick(&self.label_zh, &self.label_en)
    }
}

/// The order of a dictionary's choices.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DictionaryOrder {
    pub dictionary: Dictionary,
    /// All of them, each once, the first leading.
    #[validate(length(max = 2000))]
    pub ids: Vec<DictionaryEntryId>,
}

/// The entries that ship: dictionary, code, Chinese, English.
pub const SHIPPED: &[(&str, &str, &str, &str)] = &[
    (CUSTOMER_TYPE, "dealer", "经销商", "Dealer"),
    (CUSTOMER_TYPE, "agent", "代理商", "Agent"),
    (CUSTOMER_TYPE, "direct_seller", "直销商", "Direct seller"),
    (CUSTOMER_TYPE, "retailer", "零售商", "Retailer"),
    (
        CUSTOMER_TYPE,
        "industrial",
        "工业客户",
        "Industrial end customer",
    ),
    (CUSTOMER_TYPE, "consumer", "消费者", "Consumer"),
    (REGION, "cn_north", "华北", "North China"),
    (REGION, "cn_northeast", "东北", "Northeast China"),
    (REGION, "cn_east", "华东", "East China"),
    (REGION, "cn_central", "华中", "Central China"),
    (REGION, "cn_south", "华南", "South China"),
    (REGION, "cn_southwest", "西南", "Southwest China"),
    (REGION, "cn_northwest", "西北", "Northwest China"),
    (REGION, "hk_mo_tw", "港澳台", "Hong Kong, Macao, Taiwan"),
    (REGION, "asia", "亚洲其他", "Other Asia"),
    (REGION, "europe", "欧洲", "Europe"),
    (REGION, "america", "美洲", "Americas"),
    (REGION, "africa", "非洲", "Africa"),
    (REGION, "oceania", "大洋洲", "Oceania"),
    (INDUSTRY, "manufacturing", "制造业", "Manufacturing"),
    (INDUSTRY, "construction", "建筑业", "Construction"),
    (INDUSTRY, "retail", "零售业", "Retail"),
    (INDUSTRY, "wholesale", "批发业", "Wholesale"),
    (INDUSTRY, "catering", "餐饮住宿", "Hotels and catering"),
    (INDUSTRY, "it", "信息技术", "Information technology"),
    (INDUSTRY, "finance", "金融业", "Finance"),
    (INDUSTRY, "education", "教育", "Education"),
    (INDUSTRY, "health", "医疗卫生", "Health care"),
    (INDUSTRY, "logistics", "交通物流", "Transport and logistics"),
    (INDUSTRY, "agriculture", "农林牧渔", "Agriculture"),
    (INDUSTRY, "government", "政府机构", "Government"),
    (INDUSTRY, "other", "其他", "Other"),
    (CUSTOMER_SOURCE, "referral", "客户介绍", "Referral"),
    (CUSTOMER_SOURCE, "website", "官网", "Website"),
    (CUSTOMER_SOURCE, "exhibition", "展会", "Trade fair"),
    (CUSTOMER_SOURCE, "telephone", "电话营销", "Telephone"),
    (CUSTOMER_SOURCE, "advertising", "广告", "Advertising"),
    (CUSTOMER_SOURCE, "wechat", "微信", "WeChat"),
    (CUSTOMER_SOURCE, "visit", "上门拜访", "Visit"),
    (CUSTOMER_SOURCE, "import", "导入", "Import"),
    (CUSTOMER_SOURCE, "other", "其他", "Other"),
    (CUSTOMER_SIZE, "1-19", "1–19 人", "1–19 people"),
    (CUSTOMER_SIZE, "20-99", "20–99 人", "20–99 people"),
    (CUSTOMER_SIZE, "100-499", "100–499 人", "100–499 people"),
    (CUSTOMER_SIZE, "500-1999", "500–1999 人", "500–1,999 people"),
    (
        CUSTOMER_SIZE,
        "2000+",
        "2000 人以上",
        "2,000 people or more",
    ),
    (PRODUCT_CATEGORY, "goods", "商品", "Goods"),
    (PRODUCT_CATEGORY, "material", "原材料", "Materials"),
    (PRODUCT_CATEGORY, "spare_part", "配件", "Spare parts"),
    (PRODUCT_CATEGORY, "service", "服务", "Services"),
    (PRODUCT_CATEGORY, "imported", "导入", "Imported"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn what_ships_follows_the_rules() {
        for (dictionary, code, zh, en) in SHIPPED {
            let entry = DictionaryEntryInput {
                dictionary: dictionary.parse().expect("a dictionary"),
                code: (*code).to_owned(),
                label_zh: (*zh).to_owned(),
                label_en: (*en).to_owned(),
                active: true,
            };
            assert_eq!(entry.problems(Lang::En), [], "{dictionary} {code}");
        }
    }
}
