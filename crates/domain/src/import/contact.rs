//! Contacts from a file.

use super::{ImportMode, Key, Layout, Target};
use crate::contact::FIELDS;

const fn own(name: &'static str, headers: &'static [&'static str]) -> Target {
    Target::field(&FIELDS, name, headers)
}

const CUSTOMER: &[&str] = &[
    "customercode",
    "customername",
    "customerno",
    "company",
    "companyname",
    "客户编号",
    "客户编码",
    "客户名称",
    "公司",
    "公司名称",
    "单位",
];

pub(super) const LAYOUT: Layout = Layout {
    modes: ImportMode::ALL,
    keys: &[
        Key {
            name: "name",
            targets: &["customer_id", "name"],
            zh: "客户和姓名",
            en: "Customer and name",
        },
        Key {
            name: "email",
            targets: &["email"],
            zh: "邮箱",
            en: "E-mail",
        },
        Key {
            name: "mobile",
            targets: &["mobile"],
            zh: "手机",
            en: "Mobile",
        },
    ],
    targets: &[
        own("customer_id", CUSTOMER).required().code(),
        own(
            "name",
            &[
                "contact",
                "contactname",
                "fullname",
                "联系人",
                "联系人姓名",
                "名字",
            ],
        )
        .required(),
        own("title", &["jobtitle", "position", "职位", "岗位"]),
        own("department", &["division", "所在部门"]),
        own("decision_role", &["role", "角色"]),
        own(
            "mobile",
            &["mobilephone", "cell", "cellphone", "手机号", "手机号码"],
        ),
        own(
            "phone",
            &[
                "tel",
                "phonenumber",
                "officephone",
                "联系电话",
                "座机",
                "固定电话",
            ],
        ),
        own(
            "email",
            &["mail", "emailaddress", "电子邮箱", "邮件", "电子邮件"],
        ),
        own("wechat", &["weixin", "微信号"]),
        own("birthday", &["birthdate", "dateofbirth", "出生日期"]),
        own("relationship", &["关系"]),
        own("reports_to_id", &["manager", "直接上级", "汇报给"]),
        own("is_primary", &["primarycontact", "首要联系人"]),
        own("interests", &["hobbies", "兴趣", "爱好"]),
        own("education", &["学历"]),
        own("family", &["家庭"]),
        own("temperament", &["性情"]),
        own("consent_phone", &[]),
        own("consent_sms", &[]),
        own("consent_email", &[]),
        own("consent_wechat", &[]),
        own("note", &["notes", "remark", "remarks", "comment", "说明"]),
    ],
};
