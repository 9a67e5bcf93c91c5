//! Contacts: people at a customer, seen by whoever sees the customer.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, sql_query,
};
use guanxi_domain::contact::{
    Birthday, Contact, ContactInput, DecisionRole, FIELDS, next_birthday,
};
use guanxi_domain::custom::{Custom, CustomRecord};
use guanxi_domain::permission::Module;
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::{Checked, ContactId, CustomerId, Date, Timestamp, UserId};

use crate::condition::{Column, Op, Value};
use crate::list::ListSpec;
use crate::schema::{contacts, customers};
use crate::search::Source;
use crate::stored::Json;
use crate::{
    AnyConnection, Condition, Error, Ordering, Record, Result, Tx, Visibility, custom_field,
    customer,
};

const RECORD: &str = "contacts";
/// Birthdays in one answer.
const MAX_BIRTHDAYS: i64 = 500;

const LIST: ListSpec = ListSpec {
    search: &[
        (&SEARCH, column("id")),
        (&customer::SEARCH, column("customer_id")),
    ],
    ..ListSpec::new(&FIELDS, "contacts")
};

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Contacts,
    module: Module::Contacts,
    letter: 'n',
    fields: &[
        ("name", Kind::Name),
        ("title", Kind::Text),
        ("mobile", Kind::Phone),
        ("phone", Kind::Phone),
        ("email", Kind::Email),
        ("wechat", Kind::Email),
    ],
    title: column("name"),
    subtitle: Some(Column {
        table: "customers",
        name: "name",
    }),
    join: "INNER JOIN customers ON customers.id = contacts.customer_id",
    seen: |_, visibility| visibility.owned("customers"),
    bearers: customer::BEARERS,
};

const fn column(name: &'static str) -> Column {
    Column {
        table: "contacts",
        name,
    }
}

/// A row as it is read and written.
#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = contacts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct Row {
    pub id: ContactId,
    version: i64,
    customer_id: CustomerId,
    name: String,
    title: Option<String>,
    department: Option<String>,
    decision_role: Option<DecisionRole>,
    mobile: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    wechat: Option<String>,
    birthday: Option<Date>,
    birthday_key: Option<i32>,
    interests: Option<String>,
    education: Option<String>,
    family: Option<String>,
    temperament: Option<String>,
    relationship: Option<i16>,
    reports_to_id: Option<ContactId>,
    is_primary: bool,
    consent_phone: bool,
    consent_sms: bool,
    consent_email: bool,
    consent_wechat: bool,
    note: Option<String>,
    custom: Json<Custom>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Month × 100 + day: in the order of the year.
fn birthday_key(date: Date) -> i32 {
    i32::from(date.month()) * 100 + i32::from(date.day())
}

impl Row {
    pub fn new(
        id: ContactId,
        version: i64,
        input: ContactInput,
        created_at: Timestamp,
        updated_at: Timestamp,
    ) -> Result<Self> {
        Ok(Self {
            id,
            version,
            birthday_key: input.birthday.map(birthday_key),
            created_at,
            updated_at,
            customer_id: input.customer_id,
            name: input.name,
            title: input.title,
            department: input.department,
            decision_role: input.decision_role,
            mobile: input.mobile,
            phone: input.phone,
            email: input.email,
            wechat: input.wechat,
            birthday: input.birthday,
            interests: input.interests,
            education: input.education,
            family: input.family,
            temperament: input.temperament,
            relationship: input.relationship,
            reports_to_id: input.reports_to_id,
            is_primary: input.is_primary,
            consent_phone: input.consent_phone,
            consent_sms: input.consent_sms,
            consent_email: input.consent_email,
            consent_wechat: input.consent_wechat,
            note: input.note,
            custom: Json::new(&input.custom)?,
        })
    }

    fn into_contact(self, customer_name: String) -> Result<Contact> {
        Ok(Contact {
            id: self.id,
            version: self.version,
            customer_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: ContactInput {
                customer_id: self.customer_id,
                name: self.name,
                title: self.title,
                department: self.department,
                decision_role: self.decision_role,
                mobile: self.mobile,
                phone: self.phone,
                email: self.email,
                wechat: self.wechat,
                birthday: self.birthday,
                interests: self.interests,
                education: self.education,
                family: self.family,
                temperament: self.temperament,
                relationship: self.relationship,
                reports_to_id: self.reports_to_id,
                is_primary: self.is_primary,
                consent_phone: self.consent_phone,
                consent_sms: self.consent_sms,
                consent_email: self.consent_email,
                consent_wechat: self.consent_wechat,
                note: self.note,
                custom: self.custom.get()?,
            },
        })
    }
}

/// The contacts that a condition holds for, in an order, with their customers' names.
fn load(
    connection: &mut AnyConnection,
    condition: Condition,
    ordering: crate::condition::Ordering,
    limit: i64,
) -> Result<Vec<Contact>> {
    let rows: Vec<(Row, String)> = contacts::table
        .inner_join(customers::table)
        .filter(condition)
        .order(ordering)
        .limit(limit)
        .select((Row::as_select(), customers::name))
        .load(connection)?;
    rows.into_iter()
        .map(|(row, customer_name)| row.into_contact(customer_name))
        .collect()
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: ContactId,
) -> Result<Contact> {
    let (row, customer_name): (Row, String) = contacts::table
        .inner_join(customers::table)
        .filter(contacts::id.eq(id))
        .filter(visibility.through_customer(column("customer_id")))
        .select((Row::as_select(), customers::name))
        .first(connection)?;
    row.into_contact(customer_name)
}

/// The people at customers.
pub struct Contacts;

impl Record for Contacts {
    type Item = Contact;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Contacts;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.through_customer(column("customer_id"))
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Contact>> {
        load(connection, condition, ordering, limit)
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(contacts::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

/// Birthdays in the `days` days from `today` on, the next first; at most 500.
///
/// With `owner` only those at customers that this person owns.
pub fn birthdays(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    owner: Option<UserId>,
    today: Date,
    days: i32,
) -> Result<Vec<Birthday>> {
    let mut scope = visibility.through_customer(column("customer_id"));
    if let Some(owner) = owner {
        let owner_id = Column {
            table: "customers",
            name: "owner_id",
        };
        scope = scope.and(Condition::is(owner_id, owner.as_str()));
    }
    let mut found: Vec<Birthday> = Vec::new();
    for (from, to) in key_ranges(today, days) {
        let room = MAX_BIRTHDAYS - i64::try_from(found.len()).unwrap_or(MAX_BIRTHDAYS);
        let key = column("birthday_key");
        let within = Condition::And(vec![
            Condition::Compare(key, Op::Ge, Value::Small(from)),
            Condition::Compare(key, Op::Le, Value::Small(to)),
        ]);
        let by = |column: Column| crate::condition::OrderKey {
            by: column.into(),
            descending: false,
            nullable: false,
        };
        let ordering = crate::condition::Ordering(vec![by(key), by(column("id"))]);
        let contacts = load(connection, scope.clone().and(within), ordering, room)?;
        found.extend(contacts.into_iter().filter_map(|contact| {
            let birthday = contact.input.birthday?;
            let next = next_birthday(birthday, today);
            let in_days = next.days() - today.days();
            (in_days <= days).then_some(Birthday {
                contact_id: contact.id,
                name: contact.input.name,
                customer_id: contact.input.customer_id,
                customer_name: contact.customer_name,
                birthday,
                next,
                in_days,
            })
        }));
    }
    found.sort_by_key(|birthday| birthday.in_days);
    Ok(found)
}

/// The keys of the days from `today` to `days` later, as ranges: two where the year ends between.
fn key_ranges(today: Date, days: i32) -> Vec<(i32, i32)> {
    let last = today.plus_days(days);
    let from = birthday_key(today);
    // Who was born on 29 February celebrates on the 28th in most years.
    let to = match birthday_key(last) {
        228 => 229,
        key => key,
    };
    if days >= 365 {
        vec![(from, 1231), (101, from - 1)]
    } else if last.year() == today.year() {
        vec![(from, to)]
    } else {
        vec![(from, 1231), (101, to)]
    }
}

/// Lets one transaction at a time change who is primary and who reports to whom at a customer.
///
/// SQLite has one writer anyway.
fn lock_customer(connection: &mut AnyConnection, id: CustomerId) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        sql_query("SELECT 1 FROM customers WHERE id = $1 FOR NO KEY UPDATE")
            .bind::<diesel::sql_types::Text, _>(id.as_str())
            .execute(connection)?;
    }
    Ok(())
}

/// Whoever this contact reports to is a contact of the same customer, and does not report to this contact.
fn check_reports_to(
    connection: &mut AnyConnection,
    id: ContactId,
    input: &ContactInput,
) -> Result<()> {
    let mut above = input.reports_to_id;
    for _ in 0..1_000 {
        let Some(current) = above else { return Ok(()) };
        if current == id {
            return Err(Error::invalid("/reports_to_id", "cycle"));
        }
        above = contacts::table
            .find(current)
            .filter(contacts::customer_id.eq(input.customer_id))
            .select(contacts::reports_to_id)
            .first(connection)
            .optional()?
            .ok_or_else(|| Error::invalid("/reports_to_id", "reference"))?;
    }
    Err(Error::invalid("/reports_to_id", "cycle"))
}

/// Takes the primary flag from whoever else has it at this customer.
fn clear_primary(tx: &mut Tx<'_>, input: &ContactInput, id: ContactId) -> Result<()> {
    if !input.is_primary {
        return Ok(());
    }
    let other: Option<ContactId> = contacts::table
        .filter(contacts::customer_id.eq(input.customer_id))
        .filter(contacts::is_primary.eq(true))
        .filter(contacts::id.ne(id))
        .select(contacts::id)
        .first(tx.connection)
        .optional()?;
    let Some(other) = other else { return Ok(()) };
    let old = get(tx.connection, &Visibility::All, other)?;
    let input = ContactInput {
        is_primary: false,
        ..old.input.clone()
    };
    save(tx, &old, input)?;
    Ok(())
}

/// Writes a contact over the version that was read, and records the difference.
fn save(tx: &mut Tx<'_>, old: &Contact, input: ContactInput) -> Result<Contact> {
    let row = Row::new(old.id, old.version + 1, input, old.created_at, tx.now)?;
    let changed = diesel::update(
        contacts::table
            .filter(contacts::id.eq(old.id))
            .filter(contacts::version.eq(old.version)),
    )
    .set(row)
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, &Visibility::All, old.id)?;
    tx.updated(RECORD, old.id.as_str(), old, &new)?;
    Ok(new)
}

/// Creates a contact of a customer that the caller sees. A new primary contact takes over from the old one.
pub fn create(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    input: &Checked<ContactInput>,
) -> Result<Contact> {
    let seen: i64 = customers::table
        .filter(customers::id.eq(input.customer_id))
        .filter(visibility.owned("customers"))
        .count()
        .get_result(tx.connection)?;
    if seen == 0 {
        return Err(Error::invalid("/customer_id", "reference"));
    }
    lock_customer(tx.connection, input.customer_id)?;
    let id = ContactId::generate();
    check_reports_to(tx.connection, id, input)?;
    clear_primary(tx, input, id)?;
    let mut new = (**input).clone();
    new.custom = custom_field::settle(tx.connection, CustomRecord::Contacts, None, &input.custom)?;
    let row = Row::new(id, 1, new, tx.now, tx.now)?;
    diesel::insert_into(contacts::table)
        .values(row)
        .execute(tx.connection)?;
    let contact = get(tx.connection, &Visibility::All, id)?;
    tx.created(RECORD, id.as_str(), &contact)?;
    Ok(contact)
}

/// The contact, if it is seen and still has this version.
fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: ContactId,
    version: i64,
) -> Result<Contact> {
    let old = get(connection, visibility, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// Changes a contact. It stays with its customer: orders and tickets rely on that.
pub fn update(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: ContactId,
    version: i64,
    input: &Checked<ContactInput>,
) -> Result<Contact> {
    let old = expect(tx.connection, visibility, id, version)?;
    if input.customer_id != old.input.customer_id {
        return Err(Error::invalid("/customer_id", "fixed"));
    }
    lock_customer(tx.connection, input.customer_id)?;
    check_reports_to(tx.connection, id, input)?;
    clear_primary(tx, input, id)?;
    let held = Some(&old.input.custom);
    let mut new = (**input).clone();
    new.custom = custom_field::settle(tx.connection, CustomRecord::Contacts, held, &input.custom)?;
    save(tx, &old, new)
}

/// Deletes for good. Whoever reported to the contact reports to nobody; orders and tickets stay without a contact.
pub fn delete(tx: &mut Tx<'_>, visibility: &Visibility, id: ContactId, version: i64) -> Result<()> {
    let old = expect(tx.connection, visibility, id, version)?;
    lock_customer(tx.connection, old.input.customer_id)?;
    let below: Vec<ContactId> = contacts::table
        .filter(contacts::reports_to_id.eq(id))
        .select(contacts::id)
        .load(tx.connection)?;
    for report in below {
        let report = get(tx.connection, &Visibility::All, report)?;
        let input = ContactInput {
            reports_to_id: None,
            ..report.input.clone()
        };
        save(tx, &report, input)?;
    }
    let deleted = diesel::delete(
        contacts::table
            .filter(contacts::id.eq(id))
            .filter(contacts::version.eq(version)),
    )
    .execute(tx.connection)?;
    if deleted == 0 {
        return Err(Error::Stale);
    }
    tx.deleted(RECORD, id.as_str(), &old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birthday_ranges_go_round_the_year() {
        let date = |y, m, d| Date::new(y, m, d).expect("a date");
        assert_eq!(key_ranges(date(2026, 11, 21), 9), [(1121, 1130)]);
        assert_eq!(
            key_ranges(date(2026, 12, 28), 7),
            [(1228, 1231), (101, 104)]
        );
        assert_eq!(key_ranges(date(2026, 2, 20), 8), [(220, 229)]);
        assert_eq!(key_ranges(date(2028, 2, 20), 9), [(220, 229)]);
        assert_eq!(
            key_ranges(date(2026, 11, 21), 365),
            [(1121, 1231), (101, 1120)]
        );
    }
}
