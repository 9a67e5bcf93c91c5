//! Published data for the tests.

use super::clv::Customer;
use super::lifetime::History;

/// The CDNOW sample of Fader, Hardie & Lee 2005; the file names its source. Amounts in cents.
pub(super) fn cdnow() -> Vec<Customer> {
    let mut customers = Vec::new();
    let lines = include_str!("fixtures/cdnow.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut fields = line.split(',').map(|field| {
            let numbers = field
                .split(' ')
                .map(|n| n.parse::<u32>().expect("a number"));
            numbers.collect::<Vec<_>>()
        });
        let head = fields
            .next()
            .expect("T and the number of those without a repeat");
        let customer = |repeats, recency_days, cents| Customer {
            history: History {
                repeats,
                age_days: head[0],
                recency_days,
            },
            mean_repeat_value: f64::from(cents),
            total_value: f64::from(cents) * f64::from(repeats),
            total_margin: None,
        };
        customers.extend((0..head[1]).map(|_| customer(0, 0, 0)));
        customers.extend(fields.map(|field| customer(field[0], field[1], field[2])));
    }
    customers
}
