//! Texts in Chinese and English. A text that is missing in one language does not compile.

mod account;
mod admin;
mod api_key;
mod approval;
mod auth;
mod backup;
mod clusters;
mod common;
mod contact;
mod custom;
mod customer;
mod home;
mod import;
mod job;
mod list;
mod mail;
mod order;
mod palette;
mod product;
mod report;
mod rights;
mod rules;
mod runs;
mod segment;
mod segmentation;
mod share;
mod shell;
mod stock;
mod ticket;
mod trading;
mod value;
mod webhook;

use std::sync::LazyLock;

use guanxi_domain::{FieldSet, Lang};
use leptos::prelude::*;

/// Defines an area's texts: `name: "中文", "English";`.
///
/// Gives a struct of `&'static str` and its two statics `ZH` and `EN`.
macro_rules! texts {
    ($(#[$doc:meta])* pub struct $name:ident { $($key:ident: $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[allow(clippy::struct_field_names)] // What an area is about is among its texts.
        pub struct $name { $(pub $key: &'static str,)+ }
        pub static ZH: $name = $name { $($key: $zh,)+ };
        pub static EN: $name = $name { $($key: $en,)+ };
    };
}
use texts;

pub use admin::Admin as AdminTexts;
pub use api_key::ApiKey as ApiKeyTexts;
pub use approval::Approval as ApprovalTexts;
pub use backup::Backup as BackupTexts;
pub use clusters::Clusters as ClustersTexts;
pub use contact::Contact as ContactTexts;
pub use custom::Custom as CustomTexts;
pub use customer::Customer as CustomerTexts;
pub use home::Home as HomeTexts;
pub use import::Import as ImportTexts;
pub use job::Job as JobTexts;
pub use mail::Mail as MailTexts;
pub use order::Order as OrderTexts;
pub use product::Product as ProductTexts;
pub use report::Report as ReportTexts;
pub use rights::Rights as RightsTexts;
pub use rules::Rules as RulesTexts;
pub use runs::Runs as RunsTexts;
pub use segment::Segment as SegmentTexts;
pub use segmentation::Segmentation as SegmentationTexts;
pub use share::Share as ShareTexts;
pub use stock::Stock as StockTexts;
pub use ticket::Ticket as TicketTexts;
pub use trading::Trading as TradingTexts;
pub use value::Value as ValueTexts;
pub use webhook::Webhook as WebhookTexts;

/// All texts of one language, by area.
pub struct Texts {
    pub common: &'static common::Common,
    pub shell: &'static shell::Shell,
    pub palette: &'static palette::Palette,
    pub auth: &'static auth::Auth,
    pub account: &'static account::Account,
    pub customer: &'static customer::Customer,
    pub contact: &'static contact::Contact,
    pub custom: &'static custom::Custom,
    pub product: &'static product::Product,
    pub report: &'static report::Report,
    pub order: &'static order::Order,
    pub approval: &'static approval::Approval,
    pub rights: &'static rights::Rights,
    pub segment: &'static segment::Segment,
    pub segmentation: &'static segmentation::Segmentation,
    pub rules: &'static rules::Rules,
    pub runs: &'static runs::Runs,
    pub clusters: &'static clusters::Clusters,
    pub share: &'static share::Share,
    pub stock: &'static stock::Stock,
    pub ticket: &'static ticket::Ticket,
    pub trading: &'static trading::Trading,
    pub value: &'static value::Value,
    pub webhook: &'static webhook::Webhook,
    pub import: &'static import::Import,
    pub job: &'static job::Job,
    pub mail: &'static mail::Mail,
    pub backup: &'static backup::Backup,
    pub list: &'static list::List,
    pub admin: &'static admin::Admin,
    pub api_key: &'static api_key::ApiKey,
    pub home: &'static home::Home,
}

static ZH: Texts = Texts {
    common: &common::ZH,
    shell: &shell::ZH,
    palette: &palette::ZH,
    auth: &auth::ZH,
    account: &account::ZH,
    customer: &customer::ZH,
    contact: &contact::ZH,
    custom: &custom::ZH,
    product: &product::ZH,
    report: &report::ZH,
    order: &order::ZH,
    approval: &approval::ZH,
    rights: &rights::ZH,
    segment: &segment::ZH,
    segmentation: &segmentation::ZH,
    rules: &rules::ZH,
    runs: &runs::ZH,
    clusters: &clusters::ZH,
    share: &share::ZH,
    stock: &stock::ZH,
    ticket: &ticket::ZH,
    trading: &trading::ZH,
    value: &value::ZH,
    webhook: &webhook::ZH,
    import: &import::ZH,
    job: &job::ZH,
    mail: &mail::ZH,
    backup: &backup::ZH,
    list: &list::ZH,
    admin: &admin::ZH,
    api_key: &api_key::ZH,
    home: &home::ZH,
};

static EN: Texts = Texts {
    common: &common::EN,
    shell: &shell::EN,
    palette: &palette::EN,
    auth: &auth::EN,
    account: &account::EN,
    customer: &customer::EN,
    contact: &contact::EN,
    custom: &custom::EN,
    product: &product::EN,
    report: &report::EN,
    order: &order::EN,
    approval: &approval::EN,
    rights: &rights::EN,
    segment: &segment::EN,
    segmentation: &segmentation::EN,
    rules: &rules::EN,
    runs: &runs::EN,
    clusters: &clusters::EN,
    share: &share::EN,
    stock: &stock::EN,
    ticket: &ticket::EN,
    trading: &trading::EN,
    value: &value::EN,
    webhook: &webhook::EN,
    import: &import::EN,
    job: &job::EN,
    mail: &mail::EN,
    backup: &backup::EN,
    list: &list::EN,
    admin: &admin::EN,
    api_key: &api_key::EN,
    home: &home::EN,
};

static LANG: LazyLock<ArcRwSignal<Lang>> = LazyLock::new(|| ArcRwSignal::new(Lang::En));

/// The language that is on. Reactive.
pub fn lang() -> Lang {
    LANG.get()
}

/// The language that is on, for code that runs once (a request, a handler).
pub fn lang_now() -> Lang {
    LANG.get_untracked()
}

/// Switches the language; everything that read a text is drawn again.
pub fn set_lang(lang: Lang) {
    LANG.set(lang);
}

/// The texts of the language that is on. Reactive: call it inside the closure of the view.
pub fn t() -> &'static Texts {
    texts_of(lang())
}

/// The texts of a language.
pub fn texts_of(lang: Lang) -> &'static Texts {
    lang.pick(&ZH, &EN)
}

/// The texts, for code that runs once.
pub fn t_now() -> &'static Texts {
    texts_of(lang_now())
}

/// What a field is called. Reactive.
pub fn field_label(fields: &FieldSet, name: &str) -> String {
    fields
        .get(name)
        .map_or_else(|| name.to_owned(), |field| field.label(lang()).to_owned())
}

/// Puts values in the place of `{name}`.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}
