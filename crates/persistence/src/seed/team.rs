//! The company itself: departments, people with log-ins, goods.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, TextExpressionMethods};
use guanxi_domain::department::DepartmentInput;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::search::RecordType;
use guanxi_domain::user::UserState;
use guanxi_domain::{DepartmentId, Lang, ProductId, Rules, Timestamp, UnitPrice, UserId};

use super::phrases::{GOODS, TOGETHER};
use super::random::Random;
use super::rows::ProductRow;
use super::{Login, SeedOptions};
use crate::schema::{departments, products, users};
use crate::user::NewUser;
use crate::{Error, Result, Tx, department, dictionary, role, search, settings, user};

/// A region's sales department: word in the addresses, name, the regions that it sells to, and its people.
const REGIONS: &[(&str, &str, &[&str], &[&str])] = &[
    (
        "east",
        "华东销售部 East China",
        &["cn_east"],
        &["陈晓燕", "林志强", "赵文博", "Grace Palmer"],
    ),
    (
        "south",
        "华南销售部 South China",
        &["cn_south", "hk_mo_tw"],
        &["黄佳怡", "梁俊杰", "何勇"],
    ),
    (
        "north",
        "华北销售部 North China",
        &["cn_north", "cn_northeast"],
        &["刘建国", "孙静", "高思远"],
    ),
    (
        "west",
        "西部销售部 Central and West China",
        &["cn_central", "cn_southwest", "cn_northwest"],
        &["唐若曦", "罗涛", "周磊"],
    ),
    (
        "overseas",
        "海外部 Overseas",
        &["europe", "america", "asia", "africa", "oceania"],
        &["Oliver Wright", "Lucia Garcia", "许欣怡"],
    ),
];

/// Somebody of the company.
#[derive(Clone, Debug)]
pub struct Member {
    pub id: UserId,
    pub name: String,
}

/// A sales department.
#[derive(Clone, Debug)]
pub struct Desk {
    pub department: DepartmentId,
    pub regions: &'static [&'static str],
    pub sellers: Vec<Member>,
}

/// Goods on sale, the best sellers first.
#[derive(Clone, Copy, Debug)]
pub struct Goods {
    pub id: ProductId,
    pub name: &'static str,
    pub price: UnitPrice,
    pub cost: UnitPrice,
    /// Can be on hand: a service cannot.
    pub stocked: bool,
    /// What is often bought with it: its place among the goods.
    pub goes_with: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Team {
    pub desks: Vec<Desk>,
    pub service: DepartmentId,
    pub agents: Vec<Member>,
    pub goods: Vec<Goods>,
    pub logins: Vec<Login>,
}

impl Team {
    /// The desk that sells to a region; the first if none does.
    pub fn desk_of(&self, region: &str) -> usize {
        let found = self.desks.iter().position(|d| d.regions.contains(&region));
        found.unwrap_or(0)
    }
}

/// Finds or makes departments, people and goods.
pub fn hire(tx: &mut Tx<'_>, options: &SeedOptions) -> Result<Team> {
    role::ship(tx)?;
    dictionary::ship(tx)?;
    let company = settings::get(tx.connection)?.input.company_name;
    let top = department::first(tx, &company)?;
    let mut logins = Vec::new();
    let mut hire = |tx: &mut Tx<'_>, name: &str, address: &str, role, department| {
        let member = member(tx, options, name, address, role, department)?;
        logins.push(Login {
            email: address.to_owned(),
            name: name.to_owned(),
            role,
        });
        Ok::<_, Error>(member)
    };
    let sales = section(tx, "销售中心 Sales", top)?;
    let service = section(tx, "客户服务部 Service", top)?;
    let marketing = section(tx, "市场部 Marketing", top)?;
    let finance = section(tx, "财务部 Finance", top)?;
    for (name, word, role, department) in [
        ("管理员 Admin", "admin", ShippedRole::Administrator, top),
        ("王建华", "director", ShippedRole::Director, top),
        ("Alice Bennett", "analyst", ShippedRole::Analyst, top),
        ("徐欣怡", "marketing", ShippedRole::Marketing, marketing),
        ("郑敏", "finance", ShippedRole::Finance, finance),
    ] {
        hire(tx, name, &format!("{word}@demo.example"), role, department)?;
    }
    let mut desks = Vec::new();
    for (word, name, regions, people) in REGIONS {
        let department = section(tx, name, sales)?;
        let mut sellers = Vec::new();
        for (number, seller) in people.iter().enumerate() {
            // The first is the manager, who sells as well.
            let (role, address) = match number {
                0 => (
                    ShippedRole::DepartmentManager,
                    format!("manager.{word}@demo.example"),
                ),
                _ => (
                    ShippedRole::Sales,
                    format!("sales{number}.{word}@demo.example"),
                ),
            };
            sellers.push(hire(tx, seller, &address, role, department)?);
        }
        hire(
            tx,
            &format!("内勤 {word}"),
            &format!("clerk.{word}@demo.example"),
            ShippedRole::DepartmentClerk,
            department,
        )?;
        desks.push(Desk {
            department,
            regions,
            sellers,
        });
    }
    let mut agents = Vec::new();
    for (number, name) in ["沈雨欣", "Daniel Ford", "任超"].iter().enumerate() {
        let address = format!("service{}@demo.example", number + 1);
        agents.push(hire(
            tx,
            name,
            &address,
            ShippedRole::ServiceAgent,
            service,
        )?);
    }
    let goods = goods(tx, options)?;
    Ok(Team {
        desks,
        service,
        agents,
        goods,
        logins,
    })
}

/// The department of this name, made if it is not there.
fn section(tx: &mut Tx<'_>, name: &str, parent: DepartmentId) -> Result<DepartmentId> {
    let known: Option<DepartmentId> = departments::table
        .filter(departments::name.eq(name))
        .select(departments::id)
        .first(tx.connection)
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let input = DepartmentInput {
        name: name.to_owned(),
        parent_id: Some(parent),
    };
    let input = input
        .checked(Lang::En)
        .map_err(|e| Error::Internal(format!("a department of the seed: {e:?}")))?;
    Ok(department::create(tx, &input)?.id)
}

/// The account with this address, made if it is not there.
fn member(
    tx: &mut Tx<'_>,
    options: &SeedOptions,
    name: &str,
    address: &str,
    role: ShippedRole,
    department: DepartmentId,
) -> Result<Member> {
    let known: Option<UserId> = users::table
        .filter(users::email.eq(address))
        .select(users::id)
        .first(tx.connection)
        .optional()?;
    let id = if let Some(id) = known {
        id
    } else {
        let role_id = Some(role::shipped(tx.connection, role)?);
        let new = NewUser {
            name: name.to_owned(),
            email: address.to_owned(),
            password_hash: options.password_hash.clone(),
            state: UserState::Active,
            role_id,
            department_id: Some(department),
            language: None,
        };
        user::create(tx, None, &new)?.id
    };
    Ok(Member {
        id,
        name: name.to_owned(),
    })
}

/// The place of what is often bought with something.
fn goes_with(name: &str) -> Option<usize> {
    let (_, other) = TOGETHER.iter().find(|(first, _)| *first == name)?;
    GOODS.iter().position(|(name, ..)| name == other)
}

/// The goods, made if they are not there.
fn goods(tx: &mut Tx<'_>, options: &SeedOptions) -> Result<Vec<Goods>> {
    let known: Vec<(String, ProductId)> = products::table
        .filter(products::sku.like("GX-%"))
        .select((products::sku, products::id))
        .load(tx.connection)?;
    let made_at = Timestamp::from_micros(options.now.micros()).plus_seconds(-4 * 365 * 86_400);
    let mut goods = Vec::new();
    let mut rows = Vec::new();
    for (index, (name, name_en, category, unit, price, percent)) in (0_u64..).zip(GOODS) {
        let sku = format!("GX-{:04}", 1001 + index);
        let mut random = Random::of(options.seed, 3, index);
        // In ten-thousandths, with some fen so that prices look like prices.
        let price = UnitPrice(price * 10_000 + random.between(0, 9) * 1_000);
        let cost = UnitPrice(price.0 * percent / 100);
        let found = known.iter().find(|(known, _)| *known == sku);
        let id = found.map_or_else(|| random.id(made_at), |(_, id)| *id);
        if found.is_none() {
            rows.push(ProductRow {
                id,
                version: 1,
                sku,
                name,
                name_en,
                category,
                unit,
                list_price: price,
                cost: Some(cost),
                active: true,
                created_at: made_at,
                updated_at: made_at,
            });
        }
        goods.push(Goods {
            id,
            name,
            price,
            cost,
            stocked: *category != "service",
            goes_with: goes_with(name),
        });
    }
    insert_all!(tx.connection, products, rows, 12);
    let ids: Vec<ProductId> = rows.iter().map(|row| row.id).collect();
    search::refresh(tx.connection, RecordType::Products, &ids)?;
    Ok(goods)
}
