//! A row of a file as a line of an order.

use super::cell::{clean_number, clean_text, parse_money, parse_price, parse_quantity, parse_time};
use super::{ImportRecord, ImportSettings, Mapping, MappingError, RejectReason};
use crate::customer::check_code;
use crate::order::line_total;
use crate::{Money, Quantity, Timestamp, UnitPrice};

/// The longest codes that the records take, in characters.
const MAX_NUMBER: usize = 60;
const MAX_CUSTOMER: usize = 40;
const MAX_SKU: usize = 60;
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 400;
/// The largest total of a line in minor units: a million of them still add up within 64 bits.
const MAX_LINE: i64 = 9_000_000_000_000;

/// A line of an order, and what the row says about its order, customer and product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub order_number: String,
    pub ordered_at: Timestamp,
    pub customer_code: String,
    pub customer_name: Option<String>,
    pub region: Option<String>,
    pub sku: String,
    pub description: Option<String>,
    /// Negative if the goods came back.
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub discount: Money,
    pub total: Money,
}

/// Where the targets stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderColumns {
    columns: usize,
    order_number: usize,
    ordered_at: usize,
    customer_code: usize,
    customer_name: Option<usize>,
    region: Option<usize>,
    sku: usize,
    description: Option<usize>,
    quantity: usize,
    unit_price: usize,
    discount: Option<usize>,
}

impl OrderColumns {
    /// Finds the mapped columns among the headers; the first of several with the same name.
    pub fn new(headers: &[String], mapping: &Mapping) -> Result<Self, Vec<MappingError>> {
        let find = |target: &str| {
            let header = mapping.get(target)?;
            headers.iter().position(|h| h == header)
        };
        let mut wrong: Vec<MappingError> = Vec::new();
        for (target, header) in mapping {
            if ImportRecord::Orders.target(target).is_none() || !headers.contains(header) {
                wrong.push((target.clone(), "reference"));
            }
        }
        for target in ImportRecord::Orders.targets().iter().filter(|t| t.required) {
            if !mapping.contains_key(target.name) {
                wrong.push((target.name.to_owned(), "missing_mapping"));
            }
        }
        let found = || {
            Some(Self {
                columns: headers.len(),
                order_number: find("order_number")?,
                ordered_at: find("ordered_at")?,
                customer_code: find("customer_code")?,
                customer_name: find("customer_name"),
                region: find("region"),
                sku: find("sku")?,
                description: find("description"),
                quantity: find("quantity")?,
                unit_price: find("unit_price")?,
                discount: find("discount"),
            })
        };
        if wrong.is_empty() {
            found().ok_or(wrong)
        } else {
            Err(wrong)
        }
    }

    /// The order number that a row names, also where the rest of the row is wrong: rows of one order stay together.
    pub fn order_number<'a>(&self, cells: &'a [String]) -> &'a str {
        cells
            .get(self.order_number)
            .map_or("", |cell| clean_number(cell))
    }
}

/// The code in a cell, `None` if there is none.
fn code(cell: &str, max: usize) -> Result<Option<String>, RejectReason> {
    if cell.is_empty() {
        return Ok(None);
    }
    if cell.chars().count() > max || check_code(cell).is_err() {
        return Err(RejectReason::CodeInvalid);
    }
    Ok(Some(cell.to_owned()))
}

impl OrderRow {
    /// Reads a row. `minor_digits` are the decimals of the deployment's currency.
    pub fn parse(
        columns: &OrderColumns,
        cells: &[String],
        settings: &ImportSettings,
        minor_digits: u8,
    ) -> Result<Self, RejectReason> {
        use RejectReason as R;

        if cells
            .iter()
            .any(|c| c.contains(char::REPLACEMENT_CHARACTER))
        {
            return Err(R::NotText);
        }
        if cells.len() != columns.columns {
            return Err(R::ColumnsDiffer);
        }
        let cell = |at: usize| cells.get(at).map_or("", |c| c.trim());
        let optional = |at: Option<usize>| at.map_or("", cell);

        let order_number =
            code(clean_number(cell(columns.order_number)), MAX_NUMBER)?.ok_or(R::NumberMissing)?;
        let ordered_at = parse_time(cell(columns.ordered_at), settings.utc_offset_minutes)
            .ok_or(R::DateInvalid)?;
        let customer_code = code(clean_number(cell(columns.customer_code)), MAX_CUSTOMER)?
            .or_else(|| settings.default_customer.clone())
            .ok_or(R::CustomerMissing)?;
        let sku = code(cell(columns.sku), MAX_SKU)?.ok_or(R::SkuMissing)?;
        let quantity = parse_quantity(cell(columns.quantity)).ok_or(R::QuantityInvalid)?;
        if quantity.0 == 0 {
            return Err(R::QuantityZero);
        }
        let unit_price = parse_price(cell(columns.unit_price)).ok_or(R::PriceInvalid)?;
        if unit_price.0 < 0 {
            return Err(R::PriceNegative);
        }
        let (discount, total) = amounts(
            quantity,
            unit_price,
            optional(columns.discount),
            minor_digits,
        )?;
        Ok(Self {
            order_number,
            ordered_at,
            customer_code,
            customer_name: clean_text(optional(columns.customer_name), MAX_NAME),
            region: clean_text(optional(columns.region), MAX_NAME),
            sku,
            description: clean_text(optional(columns.description), MAX_DESCRIPTION),
            quantity,
            unit_price,
            discount,
            total,
        })
    }
}

/// The discount in its cell, and the line's total.
///
/// A returned line takes no discount: whether it was meant to add to what is paid back, or to lessen it, differs from system to
/// system.
fn amounts(
    quantity: Quantity,
    unit_price: UnitPrice,
    discount: &str,
    minor_digits: u8,
) -> Result<(Money, Money), RejectReason> {
    let discount = match discount {
        "" => Money::ZERO,
        text => parse_money(text, minor_digits).ok_or(RejectReason::DiscountInvalid)?,
    };
    let total = line_total(quantity, unit_price, discount, minor_digits)
        .map_err(|_| RejectReason::AmountTooLarge)?;
    if discount.0 < 0 || (discount.0 > 0 && total.0 < 0) {
        return Err(RejectReason::DiscountInvalid);
    }
    if total.0.unsigned_abs() > MAX_LINE.unsigned_abs() {
        return Err(RejectReason::AmountTooLarge);
    }
    Ok((discount, total))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::{Targets, guess_mapping};

    const HEADERS: &[&str] = &[
        "invoice",
        "stock_code",
        "description",
        "quantity",
        "invoice_date",
        "unit_price",
        "customer_id",
        "country",
        "discount",
    ];

    fn columns() -> OrderColumns {
        let headers: Vec<String> = HEADERS.iter().map(|h| (*h).to_owned()).collect();
        let record = ImportRecord::Orders;
        let targets = Targets::new(record, record.fields());
        let mapping = guess_mapping(&targets, &headers);
        OrderColumns::new(&headers, &mapping).expect("every needed column is there")
    }

    fn parse_with(settings: &ImportSettings, cells: &[&str]) -> Result<OrderRow, RejectReason> {
        let cells: Vec<String> = cells.iter().map(|c| (*c).to_owned()).collect();
        OrderRow::parse(&columns(), &cells, settings, 2)
    }

    /// A good row with one cell replaced.
    fn with(column: &str, cell: &str) -> Result<OrderRow, RejectReason> {
        let mut cells = [
            "536365",
            "85123A",
            "LANTERN",
            "6",
            "2010-12-01 08:26:00",
            "2.55",
            "17850.0",
            "France",
            "",
        ];
        let at = HEADERS.iter().position(|h| *h == column);
        cells[at.expect("a column of the file")] = cell;
        parse_with(&ImportSettings::default(), &cells)
    }

    #[test]
    fn a_good_row_is_read() {
        let row = with("country", "France").expect("a good row");
        assert_eq!(row.order_number, "536365");
        assert_eq!(row.customer_code, "17850");
        assert_eq!(row.total, Money(1_530));
        assert_eq!(row.ordered_at.to_string(), "2010-12-01T08:26:00Z");
        let back = with("quantity", "-6").expect("goods that came back");
        assert_eq!(back.total, Money(-1_530));
        assert_eq!(with("unit_price", "0").map(|r| r.total), Ok(Money(0)));
        assert_eq!(with("discount", "0.30").map(|r| r.total), Ok(Money(1_500)));
    }

    #[test]
    fn every_fault_has_its_reason() {
        use RejectReason as R;

        for (column, cell, reason) in [
            ("invoice", "", R::NumberMissing),
            ("invoice", "#1", R::CodeInvalid),
            ("customer_id", " ", R::CustomerMissing),
            ("customer_id", "<17850>", R::CodeInvalid),
            ("stock_code", "", R::SkuMissing),
            ("invoice_date", "soon", R::DateInvalid),
            ("quantity", "many", R::QuantityInvalid),
            ("quantity", "0.000", R::QuantityZero),
            ("unit_price", "", R::PriceInvalid),
            ("unit_price", "-11062.06", R::PriceNegative),
            ("unit_price", "99999999999999", R::AmountTooLarge),
            ("discount", "-1", R::DiscountInvalid),
            ("discount", "15.31", R::DiscountInvalid),
            ("description", "caf\u{FFFD}", R::NotText),
        ] {
            assert_eq!(with(column, cell), Err(reason), "{column} = {cell:?}");
        }
        let long = "x".repeat(41);
        assert_eq!(with("customer_id", &long), Err(R::CodeInvalid));
        let short = parse_with(&ImportSettings::default(), &["536365", "85123A"]);
        assert_eq!(short, Err(R::ColumnsDiffer));
    }

    #[test]
    fn rows_without_a_customer_go_to_the_default_one() {
        let settings = ImportSettings {
            default_customer: Some("CASH".to_owned()),
            ..ImportSettings::default()
        };
        let row = ["1", "A", "", "1", "2010-12-01", "1", "", "", ""];
        let code = parse_with(&settings, &row).map(|r| r.customer_code);
        assert_eq!(code.as_deref(), Ok("CASH"));
    }

    #[test]
    fn a_mapping_names_every_needed_column() {
        let headers = vec!["a".to_owned(), "b".to_owned()];
        let mapping = Mapping::from([
            ("order_number".to_owned(), "a".to_owned()),
            ("sku".to_owned(), "gone".to_owned()),
            ("colour".to_owned(), "b".to_owned()),
        ]);
        let wrong = OrderColumns::new(&headers, &mapping).expect_err("an unusable mapping");
        assert!(wrong.contains(&("sku".to_owned(), "reference")));
        assert!(wrong.contains(&("colour".to_owned(), "reference")));
        assert!(wrong.contains(&("quantity".to_owned(), "missing_mapping")));
    }

    proptest! {
        #[test]
        fn no_row_panics(cells in proptest::collection::vec("\\PC{0,12}", 0..12)) {
            let _ = OrderRow::parse(&columns(), &cells, &ImportSettings::default(), 2);
        }
    }
}
