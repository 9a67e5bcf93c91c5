//! Customers from a file.

use super::{ImportMode, Key, Layout, Target};
use crate::FieldKind;
use crate::customer::FIELDS;

const fn own(name: &'static str, headers: &'static [&'static str]) -> Target {
    Target::field(&FIELDS, name, headers)
}

const fn text(name: &'static str, zh: &'static str, en: &'static str) -> Target {
    Target::new(name, FieldKind::Text, zh, en, &[])
}

const fn number(name: &'static str, zh: &'static str, en: &'static str) -> Target {
    Target::new(name, FieldKind::Integer, zh, en, &[])
}

pub(super) const LAYOUT: Layout = Layout {
    modes: ImportMode::ALL,
    keys: &[Key {
        name: "code",
        targets: &["code"],
        zh: "编号",
        en: "Code",
    }],
    targets: &[
        own(
            "code",
            &[
                "customercode",
                "customerno",
                "customernumber",
                "customerid",
                "no",
                "number",
                "客户编号",
                "客户编码",
                "客户代码",
                "编码",
                "代码",
            ],
        )
        .code(),
        own(
            "name",
            &[
                "customername",
                "customer",
                "company",
                "companyname",
                "fullname",
                "客户",
                "客户名称",
                "客户名",
                "公司",
                "公司名称",
                "单位名称",
                "全称",
                "姓名",
            ],
        )
        .required(),
        own("short_name", &["abbreviation", "客户简称"]),
        own("kind", &["customerkind", "客户性质"]),
        own("customer_type", &["customertype", "客户类型", "客户类别"]),
        own("stage", &["customerstage", "status", "客户阶段", "状态"]),
        own("tier", &["level", "grade", "客户等级", "级别", "客户级别"]),
        own(
            "region",
            &["country", "area", "国家", "区域", "所在地区", "国家或地区"],
        ),
        own("industry", &["sector", "所属行业"]),
        own(
            "size",
            &["companysize", "employees", "企业规模", "公司规模"],
        ),
        own("source", &["leadsource", "客户来源", "来源渠道"]),
        own(
            "phone",
            &[
                "tel",
                "phonenumber",
                "mobile",
                "联系电话",
                "电话号码",
                "手机",
                "手机号",
            ],
        ),
        own(
            "email",
            &["mail", "emailaddress", "电子邮箱", "邮件", "电子邮件"],
        ),
        own(
            "website",
            &["url", "web", "homepage", "官网", "主页", "网址"],
        ),
        own("address", &["street", "联系地址", "公司地址", "详细地址"]),
        own(
            "parent_id",
            &["parent", "parentcode", "上级客户编号", "上级编号", "上级"],
        )
        .code(),
        own(
            "owner_id",
            &[
                "salesperson",
                "salesrep",
                "accountmanager",
                "业务员",
                "销售",
                "客户经理",
            ],
        ),
        own("department_id", &["所属部门"]),
        own("tags", &["labels", "客户标签"]),
        own("note", &["notes", "remark", "remarks", "comment", "说明"]),
        text(
            "company.legal_representative",
            "法定代表人",
            "Legal representative",
        ),
        Target::new(
            "company.tax_number",
            FieldKind::Text,
            "税号",
            "Tax number",
            &["taxid", "vat", "统一社会信用代码", "纳税人识别号"],
        ),
        text("company.bank", "开户银行", "Bank"),
        text("company.bank_account", "银行账号", "Bank account").code(),
        Target::new(
            "company.founded_on",
            FieldKind::Date,
            "成立日期",
            "Founded on",
            &["founded"],
        ),
        Target::new(
            "company.registered_capital",
            FieldKind::Money,
            "注册资本",
            "Registered capital",
            &[],
        ),
        text("profile.market_area", "市场区域", "Market area"),
        text("profile.sales_capability", "销售能力", "Sales capability"),
        text("profile.growth_potential", "发展潜力", "Growth potential"),
        text(
            "profile.management_philosophy",
            "经营理念",
            "Management philosophy",
        ),
        text("profile.policy", "经营方针", "Policy"),
        text("profile.brands", "经营品牌", "Brands carried"),
        number("profile.stores", "门店数", "Stores"),
        number("profile.staff", "员工数", "Staff"),
        number("profile.vehicles", "车辆数", "Vehicles"),
        number("profile.warehouse_area", "仓库面积", "Warehouse area"),
    ],
};
