//! Customers: companies and people we deal with.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::custom::Custom;
use crate::metrics::CustomerMetrics;
use crate::segmentation::run::CustomerScores;
use crate::value::ValueClass;
use crate::{CustomerId, Date, DepartmentId, EvaluationId, Timestamp, UserId, dictionary};

mod fields;

pub use fields::FIELDS;

choice! {
    pub enum CustomerKind {
        Company = "company", "企业", "Company";
        Person = "person", "个人", "Person";
    }
}

choice! {
    /// 客户阶段
    pub enum Stage {
        Potential = "potential", "潜在", "Potential";
        Intent = "intent", "意向", "Intent";
        Active = "active", "现有", "Active";
        Dormant = "dormant", "沉睡", "Dormant";
        Lost = "lost", "流失", "Lost";
    }
}

choice! {
    /// 客户等级: decided by people.
    pub enum Tier {
        Strategic = "strategic", "战略", "Strategic";
        Key = "key", "重点", "Key";
        General = "general", "一般", "General";
        Potential = "potential", "潜在", "Potential";
    }
}

/// A customer as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    pub id: CustomerId,
    pub version: i64,
    /// Computed from sales by the last value run.
    pub value_class: Option<ValueClass>,
    /// How much of what should be known is known, in percent.
    pub completeness: i32,
    pub blacklisted: bool,
    pub blacklist: Option<Blacklisting>,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: CustomerInput,
    /// The figures that lists show.
    pub metrics: Option<CustomerMetrics>,
    /// What the current segmentation run says; `null` where none has scored the customer.
    pub scores: Option<CustomerScores>,
    /// In the current cluster run, from 1; `null` where it is in none.
    pub cluster: Option<i64>,
    /// What that cluster is called; `null` where nobody has named it.
    #[serde(default)]
    pub cluster_name: Option<String>,
}

/// What people set of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_coordinates", skip_on_field_errors = false))]
pub struct CustomerInput {
    /// Unique; made by the pattern in the settings when left out.
    #[serde(default)]
    #[validate(length(min = 1, max = 40), custom(function = "check_code"))]
    pub code: Option<String>,
    #[validate(
        length(min = 1, max = 200),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    #[validate(length(min = 1, max = 80))]
    pub short_name: Option<String>,
    #[serde(default = "company")]
    pub kind: CustomerKind,
    /// Dictionary `customer_type`.
    #[serde(default)]
    pub customer_type: Option<String>,
    #[serde(default = "potential")]
    pub stage: Stage,
    #[serde(default)]
    pub tier: Option<Tier>,
    /// Dictionary `region`.
    #[serde(default)]
    pub region: Option<String>,
    /// Dictionary `industry`.
    #[serde(default)]
    pub industry: Option<String>,
    /// Dictionary `customer_size`.
    #[serde(default)]
    pub size: Option<String>,
    /// Dictionary `customer_source`.
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "crate::check_phone"))]
    pub phone: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "crate::check_email"))]
    pub email: Option<String>,
    #[serde(default)]
    #[validate(length(max = 300), custom(function = "crate::check::check_website"))]
    pub website: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub address: Option<String>,
    /// Degrees, WGS 84.
    #[serde(default)]
    pub latitude: Option<f64>,
    #[serde(default)]
    pub longitude: Option<f64>,
    /// The customer above in the dealer tree.
    #[serde(default)]
    pub parent_id: Option<CustomerId>,
    /// Whoever creates the customer, if left out; `null` puts it into the public pool.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    #[serde(default)]
    pub department_id: Option<DepartmentId>,
    #[serde(default)]
    #[validate(custom(function = "crate::check::check_tags"))]
    pub tags: Vec<String>,
    #[serde(default)]
    #[validate(length(max = 10_000))]
    pub note: Option<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: Custom,
    #[serde(default)]
    #[validate(nested)]
    pub company: CompanyData,
    #[serde(default)]
    #[validate(nested)]
    pub profile: BusinessProfile,
}

/// 公司资料
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompanyData {
    #[validate(length(min = 1, max = 80))]
    pub legal_representative: Option<String>,
    #[validate(length(min = 1, max = 40), custom(function = "check_code"))]
    pub tax_number: Option<String>,
    #[validate(length(min = 1, max = 120))]
    pub bank: Option<String>,
    #[validate(length(min = 1, max = 60))]
    pub bank_account: Option<String>,
    pub founded_on: Option<Date>,
    /// In minor units.
    #[validate(range(min = 0))]
    pub registered_capital: Option<i64>,
}

/// 经营状况
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BusinessProfile {
    #[validate(length(min = 1, max = 400))]
    pub market_area: Option<String>,
    #[validate(length(min = 1, max = 400))]
    pub sales_capability: Option<String>,
    #[validate(length(min = 1, max = 400))]
    pub growth_potential: Option<String>,
    #[validate(length(min = 1, max = 1000))]
    pub management_philosophy: Option<String>,
    #[validate(length(min = 1, max = 1000))]
    pub policy: Option<String>,
    #[validate(length(min = 1, max = 400))]
    pub brands: Option<String>,
    #[validate(range(min = 0, max = 1_000_000))]
    pub stores: Option<i32>,
    #[validate(range(min = 0, max = 10_000_000))]
    pub staff: Option<i32>,
    #[validate(range(min = 0, max = 1_000_000))]
    pub vehicles: Option<i32>,
    /// Square metres.
    #[validate(range(min = 0, max = 100_000_000))]
    pub warehouse_area: Option<i32>,
}

/// Why and until when no new orders are taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blacklisting {
    pub reason: String,
    pub by: Option<UserId>,
    pub at: Timestamp,
    /// The last day; without it until it is lifted.
    pub until: Option<Date>,
}

impl Blacklisting {
    /// Whether no new orders are taken on this day, be it today or later.
    pub fn holds_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| until >= day)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlacklistInput {
    #[validate(
        length(min = 1, max = 400),
        custom(function = "crate::check::check_name")
    )]
    pub reason: String,
    #[serde(default)]
    pub until: Option<Date>,
}

/// 客户评价: four scores from 1 (worst) to 5 (best).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    pub id: EvaluationId,
    pub customer_id: CustomerId,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    #[serde(flatten)]
    pub input: EvaluationInput,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvaluationInput {
    /// The day it speaks of.
    pub evaluated_on: Date,
    /// 积极性
    #[validate(range(min = 1, max = 5))]
    pub keenness: i16,
    /// 经营能力
    #[validate(range(min = 1, max = 5))]
    pub capability: i16,
    /// 信誉
    #[validate(range(min = 1, max = 5))]
    pub credit: i16,
    /// 社会关系
    #[validate(range(min = 1, max = 5))]
    pub social_standing: i16,
    #[serde(default)]
    #[validate(length(min = 1, max = 2000))]
    pub comment: Option<String>,
}

choice! {
    /// What a check of the data found.
    pub enum QualityFinding {
        NoOwner = "no_owner", "无负责人", "No owner";
        NoPhoneOrEmail = "no_phone_or_email", "无电话和邮箱", "No telephone and no e-mail";
        NoContact = "no_contact", "无联系人", "No contact";
        NoRegion = "no_region", "无地区", "No region";
        NoType = "no_type", "无类型", "No type";
        /// Not changed for a year.
        Stale = "stale", "一年未更新", "Not updated for a year";
        /// A telephone number, e-mail or website that no rule of today would take.
        Malformed = "malformed", "格式不规范", "Malformed telephone, e-mail or website";
        /// The same name, telephone or e-mail as another customer.
        Double = "double", "疑似重复", "Possible double";
    }
}

/// How many customers a finding concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityCount {
    pub finding: QualityFinding,
    pub customers: i64,
}

/// State of the data over all customers that the caller sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityReport {
    pub customers: i64,
    /// Mean completeness in percent.
    pub completeness: i32,
    pub findings: Vec<QualityCount>,
}

const fn company() -> CustomerKind {
    CustomerKind::Company
}

const fn potential() -> Stage {
    Stage::Potential
}

impl CustomerInput {
    /// A customer of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            code: None,
            name: name.into(),
            short_name: None,
            kind: CustomerKind::Company,
            customer_type: None,
            stage: Stage::Potential,
            tier: None,
            region: None,
            industry: None,
            size: None,
            source: None,
            phone: None,
            email: None,
            website: None,
            address: None,
            latitude: None,
            longitude: None,
            parent_id: None,
            owner_id: None,
            department_id: None,
            tags: Vec::new(),
            note: None,
            custom: Custom::default(),
            company: CompanyData::default(),
            profile: BusinessProfile::default(),
        }
    }

    /// How much of what should be known of such a customer is known, in percent.
    pub fn completeness(&self) -> i32 {
        let mut wanted = vec![
            self.phone.is_some(),
            self.email.is_some(),
            self.address.is_some(),
            self.region.is_some(),
            self.customer_type.is_some(),
            self.source.is_some(),
            self.owner_id.is_some(),
            self.tier.is_some(),
        ];
        if self.kind == CustomerKind::Company {
            wanted.extend([
                self.industry.is_some(),
                self.size.is_some(),
                self.website.is_some(),
                self.company.legal_representative.is_some(),
                self.company.tax_number.is_some(),
                self.profile.market_area.is_some(),
            ]);
        }
        let known = wanted.iter().filter(|w| **w).count();
        i32::try_from(known * 100 / wanted.len()).unwrap_or(0)
    }

    /// The entries of dictionaries that are named: member, dictionary, code.
    pub fn dictionary_codes(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        [
            (
                "customer_type",
                dictionary::CUSTOMER_TYPE,
                &self.customer_type,
            ),
            ("region", dictionary::REGION, &self.region),
            ("industry", dictionary::INDUSTRY, &self.industry),
            ("size", dictionary::CUSTOMER_SIZE, &self.size),
            ("source", dictionary::CUSTOMER_SOURCE, &self.source),
        ]
        .into_iter()
        .filter_map(|(member, dictionary, code)| {
            code.as_deref().map(|code| (member, dictionary, code))
        })
    }
}

/// A code people type: letters, digits, blank and `. _ - /`.
pub(crate) fn check_code(code: &str) -> Result<(), ValidationError> {
    let fine = code.trim() == code
        && code
            .chars()
            .all(|c| c.is_alphanumeric() || " ._-/".contains(c));
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("code"))
    }
}

fn check_coordinates(input: &CustomerInput) -> Result<(), ValidationError> {
    let fine = match (input.latitude, input.longitude) {
        (None, None) => true,
        (Some(lat), Some(lon)) => (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon),
        _ => false,
    };
    if fine {
        return Ok(());
    }
    let mut error = ValidationError::new("coordinates");
    error.add_param(Cow::Borrowed("field"), &"latitude");
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn a_name_is_enough() {
        assert!(
            CustomerInput::named("上海晨光商贸有限公司")
                .problems(Lang::Zh)
                .is_empty()
        );
    }

    #[test]
    fn every_broken_rule_is_named_at_its_place() {
        let mut input = CustomerInput::named("  ");
        input.email = Some("nobody".into());
        input.latitude = Some(31.0);
        input.company.tax_number = Some("91/…".into());
        input.profile.staff = Some(-1);
        let found: Vec<_> = input
            .problems(Lang::En)
            .into_iter()
            .map(|e| (e.pointer, e.code))
            .collect();
        let expected = [
            ("/company/tax_number", "code"),
            ("/email", "email"),
            ("/latitude", "coordinates"),
            ("/name", "required"),
            ("/profile/staff", "range"),
        ];
        assert_eq!(found, expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    }

    #[test]
    fn completeness_counts_what_is_known() {
        let mut input = CustomerInput::named("A");
        assert_eq!(input.completeness(), 0);
        input.kind = CustomerKind::Person;
        input.phone = Some("13800138000".into());
        assert_eq!(input.completeness(), 12, "one of eight");
    }
}
