//! What figures are broken down by.

use serde_json::{Value, json};

use super::period::months;
use crate::{Choices, Date, FieldKind, Lang, order};

choice! {
    /// What figures are broken down by. What belongs to the customer is what it is now, not what it was when the order was placed.
    pub enum ReportDimension {
        Day = "day", "日", "Day";
        /// Weeks begin on Monday.
        Week = "week", "周", "Week";
        Month = "month", "月", "Month";
        Quarter = "quarter", "季度", "Quarter";
        Year = "year", "年", "Year";
        Customer = "customer", "客户", "Customer";
        Region = "region", "客户地区", "Region";
        CustomerType = "customer_type", "客户类型", "Customer type";
        Industry = "industry", "客户行业", "Industry";
        Stage = "stage", "客户阶段", "Stage";
        Tier = "tier", "客户等级", "Tier";
        ValueClass = "value_class", "价值分类", "Value class";
        /// As the current segmentation run says; so are the next two.
        Lifecycle = "lifecycle", "生命周期阶段", "Lifecycle stage";
        RfmGroup = "rfm_group", "RFM 类型", "RFM group";
        ChurnLevel = "churn_level", "流失风险", "Churn risk";
        /// Who looks after the customer.
        Owner = "owner", "客户负责人", "Customer's owner";
        /// The order's.
        Department = "department", "部门", "Department";
        /// Who looks after the order.
        SalesPerson = "sales_person", "销售员", "Sales person";
        Category = "category", "产品类别", "Product category";
        Product = "product", "产品", "Product";
    }
}

impl ReportDimension {
    pub const fn is_time(self) -> bool {
        matches!(
            self,
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year
        )
    }

    /// The field of orders that it is, for filters.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Day | Self::Week | Self::Month | Self::Quarter | Self::Year => "ordered_at",
            Self::Customer => "customer_id",
            Self::Region => "customer.region",
            Self::CustomerType => "customer.customer_type",
            Self::Industry => "customer.industry",
            Self::Stage => "customer.stage",
            Self::Tier => "customer.tier",
            Self::ValueClass => "customer.value_class",
            Self::Lifecycle => "customer.lifecycle_stage",
            Self::RfmGroup => "customer.rfm_group",
            Self::ChurnLevel => "customer.churn_level",
            Self::Owner => "customer.owner_id",
            Self::Department => "department_id",
            Self::SalesPerson => "owner_id",
            Self::Category => "product.category",
            Self::Product => "product.id",
        }
    }

    /// What its keys are.
    pub fn kind(self) -> FieldKind {
        order::FIELDS
            .get(self.field())
            .map_or(FieldKind::Text, |field| field.kind)
    }

    /// What the current segmentation run says of the customer.
    pub const fn is_score(self) -> bool {
        matches!(self, Self::Lifecycle | Self::RfmGroup | Self::ChurnLevel)
    }

    /// Whether an order can be in several of its keys at once.
    pub const fn is_of_lines(self) -> bool {
        matches!(self, Self::Category | Self::Product)
    }

    /// The words of a choice, in their order.
    pub fn choices(self) -> Option<Choices> {
        match self.kind() {
            FieldKind::Choice(choices) => Some(choices),
            _ => None,
        }
    }

    /// The number of the day, week, month, quarter or year that a day lies in: one more for each.
    pub fn bucket(self, day: Date) -> i32 {
        match self {
            // 1970-01-01 was a Thursday.
            Self::Week => (day.days() + 3).div_euclid(7),
            Self::Month => months(day),
            Self::Quarter => months(day).div_euclid(3),
            Self::Year => day.year().into(),
            _ => day.days(),
        }
    }

    /// First and last day of a bucket.
    pub fn bucket_days(self, bucket: i32) -> (Date, Date) {
        let month = |months: i32| Date::from_days(0).month_start(months.saturating_sub(1970 * 12));
        let span = |length: i32, at: i32| {
            let first = at.saturating_mul(length);
            let next = first.saturating_add(length);
            (month(first), month(next).plus_days(-1))
        };
        match self {
            Self::Week => {
                let monday = Date::from_days(bucket.saturating_mul(7).saturating_sub(3));
                (monday, monday.plus_days(6))
            }
            Self::Month => span(1, bucket),
            Self::Quarter => span(3, bucket),
            Self::Year => span(12, bucket),
            _ => (Date::from_days(bucket), Date::from_days(bucket)),
        }
    }

    /// What people read of a bucket.
    pub fn bucket_label(self, bucket: i32, lang: Lang) -> String {
        let (first, last) = self.bucket_days(bucket);
        let (year, month) = (first.year(), first.month());
        match (self, lang) {
            (Self::Week, Lang::Zh) => format!("{first} 至 {last}"),
            (Self::Week, Lang::En) => format!("{first} to {last}"),
            (Self::Month, _) => format!("{year}-{month:02}"),
            (Self::Quarter, Lang::Zh) => format!("{year} 年第 {} 季度", (month - 1) / 3 + 1),
            (Self::Quarter, Lang::En) => format!("Q{} {year}", (month - 1) / 3 + 1),
            (Self::Year, _) => year.to_string(),
            _ => first.to_string(),
        }
    }

    /// The test of an order's field that a key means. Of time the key is the first day.
    pub fn test(self, key: Option<&str>) -> Value {
        let field = self.field();
        match key {
            Some(key) if self.is_time() => {
                let days = key.parse().map(|day| self.bucket_days(self.bucket(day)));
                match days {
                    Ok((first, last)) => {
                        json!({"field": field, "op": "between", "value": [first, last]})
                    }
                    Err(_) => json!({"field": field, "op": "eq", "value": key}),
                }
            }
            Some(key) => json!({"field": field, "op": "eq", "value": key}),
            None => json!({"field": field, "op": "empty"}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_is_a_field_of_orders() {
        for dimension in ReportDimension::ALL {
            let field = order::FIELDS.get(dimension.field());
            assert!(field.is_some_and(|f| f.filterable), "{dimension}");
        }
    }

    #[test]
    fn a_day_lies_in_its_bucket() {
        for days in (-40_000..40_000).step_by(13) {
            let day = Date::from_days(days);
            for dimension in ReportDimension::ALL.iter().filter(|d| d.is_time()) {
                let bucket = dimension.bucket(day);
                let (first, last) = dimension.bucket_days(bucket);
                assert!(first <= day && day <= last, "{dimension} of {day}");
                assert_eq!(dimension.bucket(last.plus_days(1)), bucket + 1);
            }
        }
        let day: Date = "2026-11-22".parse().expect("a day");
        let label =
            |dimension: ReportDimension, lang| dimension.bucket_label(dimension.bucket(day), lang);
        assert_eq!(
            label(ReportDimension::Week, Lang::En),
            "2026-11-16 to 2026-11-22"
        );
        assert_eq!(
            label(ReportDimension::Quarter, Lang::Zh),
            "2026 年第 4 季度"
        );
        assert_eq!(
            ReportDimension::Month.test(Some("2026-11-01")),
            json!({"field": "ordered_at", "op": "between", "value": ["2026-11-01", "2026-11-30"]})
        );
    }
}
