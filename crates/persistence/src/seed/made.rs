//! Made-up companies and people, with the faults that old systems leave.

use guanxi_domain::contact::{ContactInput, DecisionRole};
use guanxi_domain::customer::{Blacklisting, CustomerInput, CustomerKind, Stage, Tier};
use guanxi_domain::settings::format_number;
use guanxi_domain::{ContactId, CustomerId, Date, Timestamp};

use super::SeedOptions;
use super::phrases::{TAGS, TITLES};
use super::plan::Behaviour;
use super::random::Random;
use super::team::Team;
use super::words::{
    ABROAD, BRAND_EN, BRAND_FIRST, BRAND_SECOND, CITIES, FIRST_EN, FORMS_ZH, GIVEN_ZH, LAST_EN,
    STREETS_EN, STREETS_ZH, SURNAMES_ZH, TRADES_EN, TRADES_ZH,
};
use crate::stored::Json;
use crate::{Result, contact, customer};

const SOURCES: &[&str] = &[
    "referral",
    "website",
    "exhibition",
    "telephone",
    "wechat",
    "visit",
    "advertising",
    "import",
];
const SIZES: &[&str] = &["1-19", "20-99", "100-499", "500-1999", "2000+"];
const COMPANY_TYPES: &[&str] = &["dealer", "retailer", "industrial", "agent", "direct_seller"];

/// A customer with its people, ready to be written.
pub struct Made {
    pub row: customer::Row,
    pub contacts: Vec<contact::Row>,
}

/// The desk, the seller at it, and whether the customer is in the public pool. Known without making the customer.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub desk: usize,
    pub seller: usize,
    pub pool: bool,
}

/// What orders and tickets need to know of a customer.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    pub id: CustomerId,
    pub contact: Option<ContactId>,
    pub place: Place,
    pub chinese: bool,
}

/// Makes customers from the seed.
pub struct Maker<'a> {
    pub options: &'a SeedOptions,
    pub team: &'a Team,
    /// How codes look, and the number of the first.
    pub pattern: &'a str,
    pub first_number: i64,
}

/// The outline of a customer: all that its words follow from.
struct Outline {
    random: Random,
    id: CustomerId,
    chinese: bool,
    kind: CustomerKind,
    /// Into `CITIES` or `ABROAD`.
    home: usize,
    place: Place,
    contacts: usize,
}

impl Maker<'_> {
    /// Ids of another run of the same seed into the same database must differ.
    fn random(&self, purpose: u64, index: u32) -> Random {
        let base = u64::try_from(self.first_number).unwrap_or(0);
        Random::of(self.options.seed, purpose, base + u64::from(index))
    }

    fn outline(&self, index: u32, since: Timestamp) -> Outline {
        let mut random = self.random(10, index);
        let id = random.id(since);
        let chinese = random.chance(0.72);
        let kind = if random.chance(0.74) {
            CustomerKind::Company
        } else {
            CustomerKind::Person
        };
        let (home, region) = if chinese {
            let home = random.below(CITIES.len()).min(random.below(CITIES.len()));
            (home, CITIES[home].2)
        } else {
            let home = random.below(ABROAD.len());
            (home, ABROAD[home].0)
        };
        let desk = self.team.desk_of(region);
        let place = Place {
            desk,
            seller: random.below(self.team.desks[desk].sellers.len()),
            pool: random.chance(0.04),
        };
        let contacts = match kind {
            CustomerKind::Company if random.chance(0.05) => 0,
            CustomerKind::Company => 1 + random.below(3),
            CustomerKind::Person => 0,
        };
        Outline {
            random,
            id,
            chinese,
            kind,
            home,
            place,
            contacts,
        }
    }

    fn contact_id(&self, index: u32, number: usize, since: Timestamp) -> ContactId {
        let number = u32::try_from(number).unwrap_or(0);
        self.random(11, index.wrapping_mul(4).wrapping_add(number))
            .id(since)
    }

    pub fn reference(&self, index: u32, behaviour: &Behaviour) -> Reference {
        let outline = self.outline(index, behaviour.since);
        Reference {
            id: outline.id,
            contact: (outline.contacts > 0).then(|| self.contact_id(index, 0, behaviour.since)),
            place: outline.place,
            chinese: outline.chinese,
        }
    }

    /// The whole customer. `earlier` is one before it, for doubles and the dealer tree.
    pub fn make(&self, index: u32, all: &[Behaviour]) -> Result<Made> {
        let behaviour = all[index as usize];
        let mut outline = self.outline(index, behaviour.since);
        let earlier =
            |random: &mut Random| u32::try_from(random.below(index as usize)).unwrap_or(0);
        // A double is typed in anew, with most of the first one's data and a small difference.
        let twin =
            (index > 50 && outline.random.chance(0.015)).then(|| earlier(&mut outline.random));
        let mut input = match twin {
            Some(first) => {
                let since = all[first as usize].since;
                let original = self.outline(first, since);
                outline.kind = original.kind;
                outline.contacts = outline.contacts.min(1);
                let mut words = words(&original);
                if outline.random.chance(0.5) {
                    words.name = words
                        .name
                        .replace("有限公司", "公司")
                        .replace(" Ltd", " Limited");
                }
                if outline.random.chance(0.3) {
                    words.email = None;
                }
                words
            }
            None => words(&outline),
        };
        let mut random = self.random(12, index);
        input.code = Some(format_number(
            self.pattern,
            self.first_number + i64::from(index),
            behaviour.since.date(),
        ));
        let desk = &self.team.desks[outline.place.desk];
        input.owner_id = (!outline.place.pool).then(|| desk.sellers[outline.place.seller].id);
        input.department_id = Some(desk.department);
        input.stage = stage(&behaviour, self.options.now.date(), &mut random);
        input.tier = tier(&behaviour, &mut random);
        if input.customer_type.as_deref() == Some("dealer") && index > 100 && random.chance(0.08) {
            let parent = earlier(&mut random);
            input.parent_id = Some(self.outline(parent, all[parent as usize].since).id);
        }
        spoil(&mut input, &mut random);

        let mut row = customer::Row::new(
            outline.id,
            input.code.clone().unwrap_or_default(),
            &input,
            behaviour.since,
        )?;
        row.updated_at = touched(&behaviour, self.options.now, &mut random);
        if random.chance(0.004) {
            row.blacklisted = true;
            row.blacklist = Some(Json::new(&Blacklisting {
                reason: "多次拖欠货款 Unpaid invoices".to_owned(),
                by: input.owner_id,
                at: row.updated_at,
                until: None,
            })?);
        }
        if input.stage == Stage::Lost && random.chance(0.1) {
            row.archived_at = Some(row.updated_at);
        }
        let contacts = (0..outline.contacts)
            .map(|number| self.contact(index, number, &outline, behaviour.since))
            .collect::<Result<_>>()?;
        Ok(Made { row, contacts })
    }

    fn contact(
        &self,
        index: u32,
        number: usize,
        outline: &Outline,
        since: Timestamp,
    ) -> Result<contact::Row> {
        let mut random = self.random(
            13,
            index
                .wrapping_mul(4)
                .wrapping_add(u32::try_from(number).unwrap_or(0)),
        );
        let (name, address) = person(&mut random, outline.chinese);
        let title = random.pick(TITLES);
        let adult = self.options.now.date().year() - 24;
        let day = |random: &mut Random| {
            let year = i64::from(adult) - random.between(0, 36);
            Date::new(
                i16::try_from(year).ok()?,
                i8::try_from(random.between(1, 12)).ok()?,
                i8::try_from(random.between(1, 28)).ok()?,
            )
        };
        let birthday = if random.chance(0.6) {
            day(&mut random)
        } else {
            None
        };
        let may = |random: &mut Random| random.chance(0.7);
        let input = ContactInput {
            title: Some(if outline.chinese { title.0 } else { title.1 }.to_owned()),
            decision_role: random.chance(0.7).then(|| *random.pick(DecisionRole::ALL)),
            mobile: random
                .chance(0.9)
                .then(|| mobile(&mut random, outline.chinese, outline.home)),
            email: random
                .chance(0.75)
                .then(|| format!("{address}@mail.example")),
            wechat: (outline.chinese && random.chance(0.6)).then(|| format!("wx_{address}")),
            birthday,
            relationship: random
                .chance(0.8)
                .then(|| i16::try_from(random.between(1, 5)).unwrap_or(3)),
            is_primary: number == 0,
            consent_phone: may(&mut random),
            consent_sms: may(&mut random),
            consent_email: may(&mut random),
            consent_wechat: may(&mut random),
            ..ContactInput::named(outline.id, name)
        };
        contact::Row::new(
            self.contact_id(index, number, since),
            1,
            input,
            since,
            since,
        )
    }
}

/// Name, address and what else does not depend on behaviour.
fn words(outline: &Outline) -> CustomerInput {
    let mut random = outline.random.clone();
    let mut input = match (outline.chinese, outline.kind) {
        (true, CustomerKind::Company) => chinese_company(&mut random, outline.home),
        (false, CustomerKind::Company) => foreign_company(&mut random, outline.home),
        (true, CustomerKind::Person) => chinese_person(&mut random, outline.home),
        (false, CustomerKind::Person) => foreign_person(&mut random, outline.home),
    };
    input.kind = outline.kind;
    input.source = Some((*random.pick_front(SOURCES)).to_owned());
    if random.chance(0.12) {
        input.tags = vec![(*random.pick(TAGS)).to_owned()];
    }
    input
}

fn stage(behaviour: &Behaviour, today: Date, random: &mut Random) -> Stage {
    match behaviour.last_order.map(|last| today.days() - last.days()) {
        None if random.chance(0.6) => Stage::Potential,
        None if random.chance(0.9) => Stage::Intent,
        Some(days) if days <= 180 => Stage::Active,
        Some(days) if days <= 400 || random.chance(0.3) => Stage::Dormant,
        _ => Stage::Lost,
    }
}

fn tier(behaviour: &Behaviour, random: &mut Random) -> Option<Tier> {
    let worth = f64::from(behaviour.orders) * behaviour.scale;
    if random.chance(0.15) {
        return None;
    }
    Some(match worth {
        w if w > 120.0 => Tier::Strategic,
        w if w > 35.0 => Tier::Key,
        w if w > 0.0 => Tier::General,
        _ => Tier::Potential,
    })
}

/// When somebody last changed the record: often long ago.
fn touched(behaviour: &Behaviour, now: Timestamp, random: &mut Random) -> Timestamp {
    let last = behaviour.last_order.map_or(behaviour.since, Date::start);
    let later = last.plus_seconds(random.between(0, 90 * 86_400));
    later.clamp(behaviour.since, now)
}

/// A few percent of what people find in an old system.
fn spoil(input: &mut CustomerInput, random: &mut Random) {
    if random.chance(0.04) {
        input.phone = None;
    }
    if random.chance(0.05) {
        input.email = None;
    }
    if random.chance(0.03) {
        input.region = None;
    }
    if random.chance(0.03) {
        input.customer_type = None;
    }
    match random.below(100) {
        0 => input.phone = Some("无".to_owned()),
        1 => input.phone = Some("n/a".to_owned()),
        2 => {
            input.phone = input.phone.take().map(|phone| {
                // Full-width digits, as typed with a Chinese keyboard.
                let wide = |c: char| c.to_digit(10).and_then(|d| char::from_u32(0xff10 + d));
                phone.chars().map(|c| wide(c).unwrap_or(c)).collect()
            });
        }
        3 => input.email = input.email.take().map(|email| email.replace('@', "#")),
        4 => {
            input.website = input
                .website
                .take()
                .map(|site| site.replace("https://", ""));
        }
        5 => input.name = format!("{}  ", input.name.replace(' ', "  ")),
        6 => input.name = input.name.to_uppercase(),
        _ => {}
    }
}

fn person(random: &mut Random, chinese: bool) -> (String, String) {
    if chinese {
        let (family, f) = random.pick_front(SURNAMES_ZH);
        let (given, g) = random.pick(GIVEN_ZH);
        (
            format!("{family}{given}"),
            format!("{g}.{f}{}", random.between(1, 99)),
        )
    } else {
        let (first, last) = (random.pick(FIRST_EN), random.pick(LAST_EN));
        let address = format!("{first}.{last}{}", random.between(1, 99)).to_lowercase();
        (format!("{first} {last}"), address)
    }
}

fn mobile(random: &mut Random, chinese: bool, home: usize) -> String {
    if chinese {
        let prefix = random.pick(&[
            "138", "139", "136", "150", "158", "186", "177", "189", "131",
        ]);
        format!("{prefix}{:08}", random.between(0, 99_999_999))
    } else {
        format!(
            "{} 7{:03} {:06}",
            ABROAD[home].1,
            random.between(0, 999),
            random.between(0, 999_999)
        )
    }
}

fn chinese_company(random: &mut Random, home: usize) -> CustomerInput {
    let (city, _, region, area) = CITIES[home];
    let (first, f) = random.pick(BRAND_FIRST);
    let (second, s) = random.pick(BRAND_SECOND);
    let (trade, industry) = random.pick(TRADES_ZH);
    let form = random.pick(FORMS_ZH);
    let site = format!("{f}{s}{}", random.between(1, 9_999));
    let legal = person(random, true).0;
    let mut input = CustomerInput::named(format!("{city}{first}{second}{trade}{form}"));
    input.short_name = Some(format!(
        "{first}{second}{}",
        trade.chars().take(2).collect::<String>()
    ));
    input.customer_type = Some((*random.pick_front(COMPANY_TYPES)).to_owned());
    input.region = Some(region.to_owned());
    input.industry = Some((*industry).to_owned());
    input.size = Some((*random.pick_front(SIZES)).to_owned());
    input.phone = Some(format!(
        "{area}-{} {:04}",
        random.between(5_000, 8_999),
        random.between(0, 9_999)
    ));
    input.email = random.chance(0.85).then(|| format!("info@{site}.example"));
    input.website = random
        .chance(0.5)
        .then(|| format!("https://www.{site}.example"));
    input.address = Some(format!(
        "{city}市{}{}号",
        random.pick(STREETS_ZH),
        random.between(1, 999)
    ));
    if random.chance(0.6) {
        input.company.legal_representative = Some(legal);
        input.company.tax_number =
            Some(format!("9131{:014}", random.between(0, 99_999_999_999_999)));
        input.company.registered_capital = Some(random.between(1, 200) * 10_000_000);
    }
    if random.chance(0.4) {
        input.profile.market_area = Some(format!("{city}及周边"));
        input.profile.staff = i32::try_from(random.between(3, 900)).ok();
        input.profile.vehicles = i32::try_from(random.between(0, 30)).ok();
    }
    input
}

fn foreign_company(random: &mut Random, home: usize) -> CustomerInput {
    let (region, code, forms, cities) = ABROAD[home];
    let (brand, (trade, industry)) = (random.pick(BRAND_EN), random.pick(TRADES_EN));
    let (city, form) = (random.pick(cities), random.pick(forms));
    let partner = random.chance(0.4).then(|| random.pick(LAST_EN));
    let name = match partner {
        Some(partner) => format!("{brand} & {partner} {trade} {form}"),
        None => format!("{brand} {trade} {city} {form}"),
    };
    let site = format!("{brand}-{trade}{}", random.between(1, 9_999)).to_lowercase();
    let mut input = CustomerInput::named(name);
    input.short_name = Some(format!("{brand} {trade}"));
    input.customer_type = Some((*random.pick_front(COMPANY_TYPES)).to_owned());
    input.region = Some(region.to_owned());
    input.industry = Some((*industry).to_owned());
    input.size = Some((*random.pick_front(SIZES)).to_owned());
    input.phone = Some(format!(
        "{code} {} {:06}",
        random.between(10, 99),
        random.between(0, 999_999)
    ));
    input.email = random.chance(0.9).then(|| format!("office@{site}.example"));
    input.website = random
        .chance(0.6)
        .then(|| format!("https://www.{site}.example"));
    input.address = Some(format!(
        "{} {}, {city}",
        random.between(1, 400),
        random.pick(STREETS_EN)
    ));
    if random.chance(0.4) {
        input.profile.market_area = Some((*city).to_owned());
        input.profile.staff = i32::try_from(random.between(3, 900)).ok();
    }
    input
}

fn chinese_person(random: &mut Random, home: usize) -> CustomerInput {
    let (city, _, region, _) = CITIES[home];
    let (name, address) = person(random, true);
    let mut input = CustomerInput::named(name);
    input.customer_type = Some("consumer".to_owned());
    input.region = Some(region.to_owned());
    input.phone = Some(mobile(random, true, home));
    input.email = random
        .chance(0.6)
        .then(|| format!("{address}{}@mail.example", random.between(1, 9_999)));
    input.address = Some(format!(
        "{city}市{}{}弄{}号",
        random.pick(STREETS_ZH),
        random.between(1, 300),
        random.between(1, 60)
    ));
    input
}

fn foreign_person(random: &mut Random, home: usize) -> CustomerInput {
    let (region, _, _, cities) = ABROAD[home];
    let (name, address) = person(random, false);
    let mut input = CustomerInput::named(name);
    input.customer_type = Some("consumer".to_owned());
    input.region = Some(region.to_owned());
    input.phone = Some(mobile(random, false, home));
    input.email = random
        .chance(0.8)
        .then(|| format!("{address}{}@mail.example", random.between(1, 9_999)));
    input.address = Some(format!(
        "{} {}, {}",
        random.between(1, 200),
        random.pick(STREETS_EN),
        random.pick(cities)
    ));
    input
}
