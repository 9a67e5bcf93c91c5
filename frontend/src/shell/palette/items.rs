//! What the palette offers: records that the server found, pages and actions of this app.

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::search::{RecordType, SearchHit};
use guanxi_domain::{FieldSet, Lang};
use serde::{Deserialize, Serialize};

use crate::i18n::{Texts, field_label, lang, texts_of};
use crate::prefs::Theme;
use crate::session::Session;
use crate::shell::nav;
use crate::ui::Glyph;

/// What happens when an item is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Open(String),
    Speak(Lang),
    Paint(Theme),
    LogOut,
}

/// Under which heading an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Recent,
    Records(RecordType),
    Pages,
    Actions,
}

impl Group {
    /// Reactive.
    pub fn label(self) -> &'static str {
        let texts = texts_of(lang());
        match self {
            Self::Recent => texts.palette.recent,
            Self::Records(record) => record.label(lang()),
            Self::Pages => texts.palette.pages,
            Self::Actions => texts.palette.actions,
        }
    }
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub group: Group,
    pub glyph: Glyph,
    pub title: String,
    pub detail: String,
    pub act: Act,
}

/// Something that was opened from the palette; remembered by the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Nothing for a page: its title is of the language that is on.
    pub record: Option<RecordType>,
    pub title: String,
    pub address: String,
}

impl Opened {
    /// What is worth remembering of an item.
    pub fn of(item: &Item) -> Option<Self> {
        let record = match item.group {
            Group::Records(record) => Some(record),
            Group::Pages => None,
            // A record is remembered by its glyph's type again; an action is no place.
            Group::Recent | Group::Actions => return None,
        };
        let Act::Open(address) = &item.act else {
            return None;
        };
        Some(Self {
            record,
            title: item.title.clone(),
            address: address.clone(),
        })
    }

    /// `None` for what the role may not see any more.
    pub fn item(&self, session: Session) -> Option<Item> {
        let act = Act::Open(self.address.clone());
        match self.record {
            Some(record) => session.can(module(record), Operation::Read).then(|| Item {
                group: Group::Recent,
                glyph: glyph(record),
                title: self.title.clone(),
                detail: record.label(lang()).to_owned(),
                act,
            }),
            None => pages(session)
                .into_iter()
                .find(|page| page.act == act)
                .map(|page| Item {
                    group: Group::Recent,
                    ..page
                }),
        }
    }
}

const fn module(record: RecordType) -> Module {
    match record {
        RecordType::Customers => Module::Customers,
        RecordType::Contacts => Module::Contacts,
        RecordType::Orders => Module::Orders,
        RecordType::Products => Module::Products,
        RecordType::Tickets => Module::Tickets,
        RecordType::Users => Module::Users,
        RecordType::Segments => Module::Segments,
    }
}

const fn glyph(record: RecordType) -> Glyph {
    match record {
        RecordType::Customers => Glyph::Building,
        RecordType::Contacts => Glyph::Contact,
        RecordType::Orders => Glyph::Receipt,
        RecordType::Products => Glyph::Package,
        RecordType::Tickets => Glyph::Ticket,
        RecordType::Users => Glyph::Users,
        RecordType::Segments => Glyph::Layers,
    }
}

const fn fields(record: RecordType) -> &'static FieldSet {
    match record {
        RecordType::Customers => &guanxi_domain::customer::FIELDS,
        RecordType::Contacts => &guanxi_domain::contact::FIELDS,
        RecordType::Orders => &guanxi_domain::order::FIELDS,
        RecordType::Products => &guanxi_domain::product::FIELDS,
        RecordType::Tickets => &guanxi_domain::ticket::FIELDS,
        RecordType::Users => &guanxi_domain::user::FIELDS,
        RecordType::Segments => &guanxi_domain::segment::FIELDS,
    }
}

/// The record that was found, with the value by which. Reactive.
pub fn record(hit: &SearchHit) -> Item {
    let kind = hit.record_type;
    let matched = hit.matched.as_ref().map(|matched| {
        let colon = texts_of(lang()).common.colon;
        let label = field_label(fields(kind), &matched.field);
        format!("{label}{colon}{}", matched.text)
    });
    let details: Vec<String> = hit.subtitle.clone().into_iter().chain(matched).collect();
    Item {
        group: Group::Records(kind),
        glyph: glyph(kind),
        title: hit.title.clone(),
        detail: details.join(" · "),
        act: Act::Open(format!("/{kind}/{}", hit.id)),
    }
}

/// The pages that the role may see. Reactive.
pub fn pages(session: Session) -> Vec<Item> {
    let texts = texts_of(lang());
    nav::pages(session)
        .into_iter()
        .map(|(address, glyph, label)| Item {
            group: Group::Pages,
            glyph,
            title: label(texts).to_owned(),
            detail: String::new(),
            act: Act::Open(address.to_owned()),
        })
        .collect()
}

type Label = fn(&Texts) -> &'static str;

/// What can be made: address, what it is called, what is to be allowed.
const NEW: &[(&str, Label, Module)] = &[
    (
        "/customers/new",
        |t| t.palette.new_customer,
        Module::Customers,
    ),
    ("/contacts/new", |t| t.palette.new_contact, Module::Contacts),
    ("/orders/new", |t| t.palette.new_order, Module::Orders),
    ("/products/new", |t| t.palette.new_product, Module::Products),
    ("/tickets/new", |t| t.palette.new_ticket, Module::Tickets),
    ("/imports/new", |t| t.palette.new_import, Module::Imports),
];

/// What can be done from everywhere.
fn settings() -> Vec<(Act, Glyph, Label)> {
    vec![
        (Act::Open("/account".to_owned()), Glyph::User, |t| {
            t.shell.account
        }),
        (Act::Speak(Lang::Zh), Glyph::Languages, |t| {
            t.palette.to_chinese
        }),
        (Act::Speak(Lang::En), Glyph::Languages, |t| {
            t.palette.to_english
        }),
        (Act::Paint(Theme::Light), Glyph::Sun, |t| t.palette.to_light),
        (Act::Paint(Theme::Dark), Glyph::Moon, |t| t.palette.to_dark),
        (Act::Paint(Theme::System), Glyph::Monitor, |t| {
            t.palette.to_system
        }),
        (Act::LogOut, Glyph::LogOut, |t| t.shell.log_out),
    ]
}

/// The pages and actions that a text names in either language; without a text, pages and what can be made. Reactive.
pub fn commands(session: Session, text: &str) -> Vec<Item> {
    let texts = texts_of(lang());
    let named = |label: Label, address: &str| names(text, label, address);
    let pages = nav::pages(session)
        .into_iter()
        .filter(|(address, _, label)| named(*label, address))
        .map(|(address, glyph, label)| (Group::Pages, Act::Open(address.to_owned()), glyph, label));
    let new = NEW
        .iter()
        .filter(|(_, _, module)| session.can(*module, Operation::Create))
        .filter(|(address, label, _)| named(*label, address))
        .map(|(address, label, _)| {
            (
                Group::Actions,
                Act::Open((*address).to_owned()),
                Glyph::Plus,
                *label,
            )
        });
    let settings = settings()
        .into_iter()
        .filter(|(_, _, label)| !text.is_empty() && named(*label, ""))
        .map(|(act, glyph, label)| (Group::Actions, act, glyph, label));
    // Pages stand in the navigation as well: what can be made comes first, until something is asked for.
    let (first, second): (Vec<_>, Vec<_>) = if text.is_empty() {
        (new.collect(), pages.collect())
    } else {
        (pages.collect(), new.collect())
    };
    first
        .into_iter()
        .chain(second)
        .chain(settings)
        .map(|(group, act, glyph, label)| Item {
            group,
            glyph,
            title: label(texts).to_owned(),
            detail: String::new(),
            act,
        })
        .collect()
}

/// Whether every word of a text begins a word of the name, in Chinese stands anywhere in it, or begins a word of the address.
fn names(text: &str, label: Label, address: &str) -> bool {
    let (zh, en) = (
        label(texts_of(Lang::Zh)),
        label(texts_of(Lang::En)).to_lowercase(),
    );
    text.to_lowercase().split_whitespace().all(|word| {
        let begins = |name: &str| {
            name.split(|c: char| !c.is_alphanumeric())
                .any(|part| part.starts_with(word))
        };
        zh.contains(word) || begins(&en) || begins(address)
    })
}
