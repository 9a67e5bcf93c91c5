//! Contacts: people at a customer.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::custom::Custom;
use crate::{ContactId, CustomerId, Date, Field, FieldKind, FieldSet, Timestamp};

choice! {
    /// The part a person has in decisions.
    pub enum DecisionRole {
        Decider = "decider", "决策者", "Decider";
        Influencer = "influencer", "影响者", "Influencer";
        User = "user", "使用者", "User";
        Buyer = "buyer", "采购者", "Buyer";
        Gatekeeper = "gatekeeper", "把关者", "Gatekeeper";
    }
}

/// A contact as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    pub id: ContactId,
    pub version: i64,
    /// The customer's name, for lists.
    pub customer_name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: ContactInput,
}

/// What people set of a contact.
#[allow(
    clippy::struct_excessive_bools,
    reason = "consent is given for each channel by itself"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactInput {
    pub customer_id: CustomerId,
    #[validate(
        length(min = 1, max = 120),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    #[validate(length(min = 1, max = 80))]
    pub title: Option<String>,
    /// The department at the customer.
    #[serde(default)]
    #[validate(length(min = 1, max = 80))]
    pub department: Option<String>,
    #[serde(default)]
    pub decision_role: Option<DecisionRole>,
    #[serde(default)]
    #[validate(custom(function = "crate::check_phone"))]
    pub mobile: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "crate::check_phone"))]
    pub phone: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "crate::check_email"))]
    pub email: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 60))]
    pub wechat: Option<String>,
    #[serde(default)]
    pub birthday: Option<Date>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub interests: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub education: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub family: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub temperament: Option<String>,
    /// 1 (hardly knows us) to 5 (close).
    #[serde(default)]
    #[validate(range(min = 1, max = 5))]
    pub relationship: Option<i16>,
    /// Another contact of the same customer.
    #[serde(default)]
    pub reports_to_id: Option<ContactId>,
    /// The first to call; one for each customer.
    #[serde(default)]
    pub is_primary: bool,
    /// May be contacted by telephone.
    #[serde(default)]
    pub consent_phone: bool,
    #[serde(default)]
    pub consent_sms: bool,
    #[serde(default)]
    pub consent_email: bool,
    #[serde(default)]
    pub consent_wechat: bool,
    #[serde(default)]
    #[validate(length(max = 10_000))]
    pub note: Option<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: Custom,
}

impl ContactInput {
    /// A contact of whom only the name is known.
    pub fn named(customer_id: CustomerId, name: impl Into<String>) -> Self {
        Self {
            customer_id,
            name: name.into(),
            title: None,
            department: None,
            decision_role: None,
            mobile: None,
            phone: None,
            email: None,
            wechat: None,
            birthday: None,
            interests: None,
            education: None,
            family: None,
            temperament: None,
            relationship: None,
            reports_to_id: None,
            is_primary: false,
            consent_phone: false,
            consent_sms: false,
            consent_email: false,
            consent_wechat: false,
            note: None,
            custom: Custom::default(),
        }
    }
}

/// A birthday that comes up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Birthday {
    pub contact_id: ContactId,
    pub name: String,
    pub customer_id: CustomerId,
    pub customer_name: String,
    pub birthday: Date,
    /// When it is next celebrated; 29 February on 28 February in other years.
    pub next: Date,
    pub in_days: i32,
}

/// The next day, from `today` on, on which a birthday is celebrated.
pub fn next_birthday(birthday: Date, today: Date) -> Date {
    let in_year = |year: i16| {
        Date::new(year, birthday.month(), birthday.day())
            .or_else(|| Date::new(year, 2, 28))
            .unwrap_or(birthday)
    };
    let this_year = in_year(today.year());
    if this_year < today {
        in_year(today.year() + 1)
    } else {
        this_year
    }
}

const fn text(name: &'static str, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Text, zh, en)
        .optional()
        .unsorted()
}

const fn consent(name: &'static str, zh: &'static str, en: &'static str) -> Field {
    Field::new(name, FieldKind::Boolean, zh, en).unsorted()
}

/// The fields of a contact.
pub const FIELDS: FieldSet = FieldSet {
    record: "contacts",
    default_sort: "name",
    fields: &[
        Field::new(
            "customer_id",
            FieldKind::Reference("customers"),
            "客户",
            "Customer",
        )
        .unsorted(),
        Field::new("name", FieldKind::Text, "姓名", "Name"),
        Field::new("title", FieldKind::Text, "职务", "Title").optional(),
        Field::new("department", FieldKind::Text, "部门", "Department").optional(),
        Field::new(
            "decision_role",
            FieldKind::Choice(DecisionRole::CHOICES),
            "决策角色",
            "Role in decisions",
        )
        .optional(),
        Field::new("mobile", FieldKind::Text, "手机", "Mobile")
            .optional()
            .unsorted(),
        Field::new("phone", FieldKind::Text, "电话", "Telephone")
            .optional()
            .unsorted(),
        Field::new("email", FieldKind::Text, "邮箱", "E-mail")
            .optional()
            .unsorted(),
        Field::new("wechat", FieldKind::Text, "微信", "WeChat")
            .optional()
            .unsorted(),
        Field::new("birthday", FieldKind::Date, "生日", "Birthday").optional(),
        Field::new(
            "relationship",
            FieldKind::Integer,
            "关系强度",
            "Relationship",
        )
        .optional(),
        Field::new(
            "reports_to_id",
            FieldKind::Reference("contacts"),
            "上级",
            "Reports to",
        )
        .optional()
        .unsorted(),
        Field::new("is_primary", FieldKind::Boolean, "主要联系人", "Primary").unsorted(),
        text("interests", "兴趣爱好", "Interests"),
        text("education", "教育背景", "Education"),
        text("family", "家庭情况", "Family"),
        text("temperament", "性格", "Temperament"),
        consent("consent_phone", "同意电话联系", "Consents to calls"),
        consent("consent_sms", "同意短信联系", "Consents to text messages"),
        consent("consent_email", "同意邮件联系", "Consents to e-mail"),
        consent("consent_wechat", "同意微信联系", "Consents to WeChat"),
        text("note", "备注", "Note"),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
    ],
};

#[cfg(test)]
mod tests {
    use super::next_birthday;
    use crate::Date;

    #[test]
    fn birthdays_come_round() {
        let date = |y, m, d| Date::new(y, m, d).expect("a date");
        assert_eq!(
            next_birthday(date(1990, 5, 1), date(2026, 5, 1)),
            date(2026, 5, 1)
        );
        assert_eq!(
            next_birthday(date(1990, 5, 1), date(2026, 5, 2)),
            date(2027, 5, 1)
        );
        assert_eq!(
            next_birthday(date(1992, 2, 29), date(2026, 2, 1)),
            date(2026, 2, 28)
        );
        assert_eq!(
            next_birthday(date(1992, 2, 29), date(2028, 2, 1)),
            date(2028, 2, 29)
        );
    }
}
