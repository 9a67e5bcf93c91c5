//! Reports that ship: to begin with.

use super::{
    ReportChart, ReportCompare, ReportDimension, ReportMeasure, ReportPeriod, ReportQuery,
    ReportSort,
};

choice! {
    /// A report that ships.
    pub enum ReadyReport {
        ByMonth = "by_month", "每月销售", "Sales by month";
        ByRegion = "by_region", "各地区每月销售", "Sales by region and month";
        ByCategory = "by_category", "产品类别销售与毛利", "Sales and margin by category";
        ByOwner = "by_owner", "销售员业绩对比", "Sales by sales person";
        TopCustomers = "top_customers", "销售额前 20 的客户", "Top 20 customers";
        TopProducts = "top_products", "销售额前 20 的产品", "Top 20 products";
        Returns = "returns", "各类别退货", "Returns by category";
    }
}

impl ReadyReport {
    pub fn query(self) -> ReportQuery {
        use ReportDimension as D;
        use ReportMeasure as M;

        let of =
            |rows: &[D], column: Option<D>, measures: &[M], period: ReportPeriod| ReportQuery {
                rows: rows.to_vec(),
                column,
                measures: measures.to_vec(),
                period: Some(period),
                from: None,
                to: None,
                filter: None,
                compare: None,
                sort: None,
                top: None,
            };
        let best = |mut query: ReportQuery, top: Option<i64>| {
            query.sort = query.measures.first().map(|measure| ReportSort {
                measure: *measure,
                descending: true,
            });
            query.top = top;
            query
        };
        let year = ReportPeriod::Last12Months;
        match self {
            Self::ByMonth => {
                let measures = [M::Sales, M::Margin, M::MarginRate, M::Orders, M::Customers];
                let mut query = of(&[D::Month], None, &measures, year);
                query.compare = Some(ReportCompare::YearBefore);
                query
            }
            Self::ByRegion => of(&[D::Region], Some(D::Month), &[M::Sales], year),
            Self::ByCategory => {
                let measures = [M::Sales, M::Margin, M::MarginRate, M::Quantity];
                best(of(&[D::Category], None, &measures, year), None)
            }
            Self::ByOwner => {
                let measures = [M::Sales, M::Orders, M::Customers, M::AverageOrder];
                let mut query = of(
                    &[D::SalesPerson],
                    None,
                    &measures,
                    ReportPeriod::MonthToDate,
                );
                query.compare = Some(ReportCompare::Before);
                best(query, None)
            }
            Self::TopCustomers => {
                let measures = [M::Sales, M::Margin, M::Orders, M::AverageOrder];
                best(of(&[D::Customer], None, &measures, year), Some(20))
            }
            Self::TopProducts => {
                let measures = [M::Sales, M::Quantity, M::MarginRate, M::Customers];
                best(of(&[D::Product], None, &measures, year), Some(20))
            }
            Self::Returns => {
                let measures = [M::Returns, M::Sales, M::Orders];
                best(of(&[D::Category], None, &measures, year), None)
            }
        }
    }

    pub const fn chart(self) -> ReportChart {
        match self {
            Self::ByMonth => ReportChart::Line,
            Self::ByRegion => ReportChart::Stacked,
            _ => ReportChart::Bar,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn they_follow_the_rules() {
        for ready in ReadyReport::ALL {
            assert_eq!(ready.query().problems(Lang::En), [], "{ready}");
        }
    }
}
