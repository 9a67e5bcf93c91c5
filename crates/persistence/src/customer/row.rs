//! A customer's row.

use guanxi_domain::custom::Custom;
use guanxi_domain::customer::{
    Blacklisting, BusinessProfile, CompanyData, Customer, CustomerInput, CustomerKind, Stage, Tier,
};
use guanxi_domain::{CustomerId, DepartmentId, Timestamp, UserId};

use crate::schema::customers;
use crate::segmentation::ScoreRow;
use crate::stored::Json;
use crate::{Result, clusters, metrics, value};

/// A row as it is read and written.
#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = customers, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct Row {
    pub id: CustomerId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub short_name: Option<String>,
    pub kind: CustomerKind,
    pub customer_type: Option<String>,
    pub stage: Stage,
    pub tier: Option<Tier>,
    pub region: Option<String>,
    pub industry: Option<String>,
    pub size: Option<String>,
    pub source: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub parent_id: Option<CustomerId>,
    pub owner_id: Option<UserId>,
    pub department_id: Option<DepartmentId>,
    pub tags: Json<Vec<String>>,
    pub note: Option<String>,
    pub company: Json<CompanyData>,
    pub profile: Json<BusinessProfile>,
    pub custom: Json<Custom>,
    pub completeness: i32,
    pub blacklisted: bool,
    pub blacklist: Option<Json<Blacklisting>>,
    pub archived_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Row {
    /// A row for a new customer, its code known.
    pub fn new(
        id: CustomerId,
        code: String,
        input: &CustomerInput,
        now: Timestamp,
    ) -> Result<Self> {
        let empty = Self {
            id,
            version: 1,
            code,
            name: String::new(),
            short_name: None,
            kind: input.kind,
            customer_type: None,
            stage: input.stage,
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
            tags: Json::new(&Vec::new())?,
            note: None,
            company: Json::new(&CompanyData::default())?,
            profile: Json::new(&BusinessProfile::default())?,
            custom: Json::new(&Custom::default())?,
            completeness: 0,
            blacklisted: false,
            blacklist: None,
            archived_at: None,
            created_at: now,
            updated_at: now,
        };
        empty.with(input)
    }

    /// The row with what people set, and what follows from it.
    pub(super) fn with(self, input: &CustomerInput) -> Result<Self> {
        let input = input.clone();
        let completeness = input.completeness();
        let code = input.code.unwrap_or(self.code);
        Ok(Self {
            code,
            name: input.name,
            short_name: input.short_name,
            kind: input.kind,
            customer_type: input.customer_type,
            stage: input.stage,
            tier: input.tier,
            region: input.region,
            industry: input.industry,
            size: input.size,
            source: input.source,
            phone: input.phone,
            email: input.email,
            website: input.website,
            address: input.address,
            latitude: input.latitude,
            longitude: input.longitude,
            parent_id: input.parent_id,
            owner_id: input.owner_id,
            department_id: input.department_id,
            tags: Json::new(&input.tags)?,
            note: input.note,
            company: Json::new(&input.company)?,
            profile: Json::new(&input.profile)?,
            custom: Json::new(&input.custom)?,
            completeness,
            ..self
        })
    }

    pub(super) fn into_customer(
        self,
        metrics: Option<metrics::Row>,
        scores: Option<ScoreRow>,
        cluster: Option<clusters::Current>,
        place: Option<value::Current>,
    ) -> Result<Customer> {
        Ok(Customer {
            id: self.id,
            version: self.version,
            value_class: place.map(|current| current.class),
            completeness: self.completeness,
            blacklisted: self.blacklisted,
            blacklist: self.blacklist.map(|b| b.get()).transpose()?,
            archived_at: self.archived_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: CustomerInput {
                code: Some(self.code),
                name: self.name,
                short_name: self.short_name,
                kind: self.kind,
                customer_type: self.customer_type,
                stage: self.stage,
                tier: self.tier,
                region: self.region,
                industry: self.industry,
                size: self.size,
                source: self.source,
                phone: self.phone,
                email: self.email,
                website: self.website,
                address: self.address,
                latitude: self.latitude,
                longitude: self.longitude,
                parent_id: self.parent_id,
                owner_id: self.owner_id,
                department_id: self.department_id,
                tags: self.tags.get()?,
                note: self.note,
                company: self.company.get()?,
                profile: self.profile.get()?,
                custom: self.custom.get()?,
            },
            metrics: metrics.map(metrics::Row::into_metrics),
            scores: scores.map(Into::into),
            cluster: cluster.map(|current| current.cluster),
            cluster_name: None,
        })
    }
}
