//! Fields of the records that a record refers to, for its filters: `customer.region` and `product.category` of an order.

use std::sync::LazyLock;

use crate::permission::Module;
use crate::{Field, FieldKind, FieldSet, Lang, customer, order, product};

/// A type of records that those of another type refer to.
struct Joined {
    prefix: &'static str,
    module: Module,
    fields: &'static FieldSet,
    /// The record may refer to none.
    optional: bool,
    labels: (&'static str, &'static str),
}

const OF_ORDERS: &[Joined] = &[
    Joined {
        prefix: "customer",
        module: Module::Customers,
        fields: &customer::FIELDS,
        optional: false,
        labels: ("客户", "Customer"),
    },
    Joined {
        prefix: "product",
        module: Module::Products,
        fields: &product::FIELDS,
        optional: true,
        labels: ("产品", "Product"),
    },
];

/// Made once: their names and labels live as long as the program.
static FIELDS_OF_ORDERS: LazyLock<Vec<Field>> =
    LazyLock::new(|| OF_ORDERS.iter().flat_map(Joined::all).collect());

impl Joined {
    fn all(&self) -> Vec<Field> {
        let record = self.fields.record;
        let id = Field::new("id", FieldKind::Reference(record), "", "");
        let own = self.fields.fields.iter();
        let own = own.filter(|field| field.filterable && field.related.is_none());
        std::iter::once(&id)
            .chain(own)
            .map(|field| self.field(field))
            .collect()
    }

    fn field(&self, own: &Field) -> Field {
        let label = |lang: Lang| {
            let of = lang.pick(self.labels.0, self.labels.1);
            match own.label(lang) {
                "" => kept(of.to_owned()),
                name => kept(format!("{of} · {name}")),
            }
        };
        Field {
            name: kept(format!("{}.{}", self.prefix, own.name)),
            optional: own.optional || self.optional,
            sortable: false,
            related: Some(self.module),
            zh: label(Lang::Zh),
            en: label(Lang::En),
            ..*own
        }
    }
}

fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// The fields of what records of this type refer to, by names such as `customer.region`.
pub fn fields(record: &str) -> &'static [Field] {
    if record == order::FIELDS.record {
        &FIELDS_OF_ORDERS
    } else {
        &[]
    }
}

/// Prefix and own name of a field that is another record's.
pub fn split(name: &'static str, related: Option<Module>) -> Option<(&'static str, &'static str)> {
    related.and_then(|_| name.split_once('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_filtered_by_fields_of_its_customer_and_products() {
        let region = order::FIELDS.get("customer.region").expect("a field");
        assert_eq!(
            (region.label(Lang::Zh), region.label(Lang::En)),
            ("客户 · 地区", "Customer · Region")
        );
        assert_eq!(
            split(region.name, region.related),
            Some(("customer", "region"))
        );
        let category = order::FIELDS.get("product.category").expect("a field");
        assert!(category.optional && !category.sortable);
        // Counts of other records and fields of other types are not reached through an order.
        for name in [
            "customer.open_orders",
            "customer.shared_with_me",
            "department.name",
        ] {
            assert_eq!(order::FIELDS.get(name), None, "{name}");
        }
        assert_eq!(customer::FIELDS.get("product.category"), None);
    }
}
