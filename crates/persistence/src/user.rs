//! Users.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper,
};
use guanxi_domain::permission::{Module, Permissions, ShippedRole};
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::user::{
    FIELDS, Me, MeInput, Person, User, UserActivation, UserInput, UserState,
};
use guanxi_domain::{Checked, DepartmentId, ErrorCode, Lang, RoleId, Timestamp, UserId};

use crate::condition::Column;
use crate::list::ListSpec;
use crate::schema::{departments, roles, users};
use crate::search::Source;
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Condition, Error, Record, Result, Tx, Visibility, department, role,
    webhook,
};

mod giving;
mod rights;

pub use rights::{actor, actor_by_email, actor_in_session, any_administrator, may_assign};
pub(crate) use rights::{actor_in_any_state, assignable, of_role};

use giving::{Given, expect_may_change, expect_may_give};

const RECORD: &str = "users";

/// Held while somebody is looked for who may give rights.
const ADMINISTRATOR_LOCK: i64 = 0x6775_616e_7869 + 1;

const LIST: ListSpec = ListSpec {
    search: &[(&SEARCH, column("id"))],
    ..ListSpec::new(&FIELDS, "users")
};

const fn column(name: &'static str) -> Column {
    Column {
        table: "users",
        name,
    }
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Users,
    module: Module::Users,
    letter: 'u',
    fields: &[("name", Kind::Name), ("email", Kind::Email)],
    title: column("name"),
    subtitle: Some(column("email")),
    join: "",
    seen: |_, visibility| visibility.of_users(),
    // Few.
    bearers: &[],
};

#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = users)]
struct Row {
    id: UserId,
    version: i64,
    name: String,
    email: String,
    state: UserState,
    role_id: Option<RoleId>,
    department_id: Option<DepartmentId>,
    language: Option<Lang>,
    last_login_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            email: row.email,
            state: row.state,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            input: UserInput {
                name: row.name,
                role_id: row.role_id,
                department_id: row.department_id,
                language: row.language,
            },
        }
    }
}

/// A new account.
pub struct NewUser {
    pub name: String,
    /// Is stored in lower case.
    pub email: String,
    pub password_hash: String,
    pub state: UserState,
    pub role_id: Option<RoleId>,
    pub department_id: Option<DepartmentId>,
    pub language: Option<Lang>,
}

pub fn count(connection: &mut AnyConnection) -> Result<i64> {
    Ok(users::table.count().get_result(connection)?)
}

/// `registers`: somebody makes it for themselves; on the command line it is still that which makes it.
fn insert(tx: &mut Tx<'_>, new: &NewUser, registers: bool) -> Result<User> {
    let id = UserId::generate();
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::version.eq(1),
            users::name.eq(&new.name),
            users::email.eq(new.email.to_lowercase()),
            users::password_hash.eq(&new.password_hash),
            users::state.eq(new.state),
            users::role_id.eq(new.role_id),
            users::department_id.eq(new.department_id),
            users::language.eq(new.language),
            users::failed_logins.eq(0),
            users::created_at.eq(tx.now),
            users::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(|e| Error::from(e).taken("email", "/email"))
        .map_err(|e| {
            if e.is_foreign_key() {
                Error::invalid("/role_id", "reference")
            } else {
                e
            }
        })?;
    let user = find(tx.connection, id)?;
    if registers && tx.origin.user_name.is_empty() {
        tx.act_as(id, &new.name);
    }
    tx.created(RECORD, id.as_str(), &user)?;
    Ok(user)
}

/// An account made by somebody; `by` is `None` for the program itself, and on the command line.
pub fn create(tx: &mut Tx<'_>, by: Option<&Actor>, new: &NewUser) -> Result<User> {
    let given = Given {
        role: new.role_id,
        department: new.department_id,
        moved: false,
    };
    expect_may_give(tx.connection, by, &given)?;
    insert(tx, new, false)
}

/// An account that somebody makes for themselves: the very first is an active administrator, later ones are pending.
///
/// Refused when registration is closed, but for the first.
pub fn register(
    tx: &mut Tx<'_>,
    name: &str,
    email: &str,
    password_hash: &str,
    language: Option<Lang>,
) -> Result<User> {
    if let AnyConnection::Postgres(connection) = tx.connection {
        // Two first registrations at once must not both become administrator.
        diesel::sql_query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(connection)?;
    }
    let settings = crate::settings::get(tx.connection)?.input;
    let first = count(tx.connection)? == 0;
    if !first && !settings.registration_open {
        return Err(Error::Conflict(ErrorCode::RegistrationClosed));
    }
    let (state, role_id, department_id) = if first {
        role::ship(tx)?;
        let department = department::first(tx, &settings.company_name)?;
        (
            UserState::Active,
            Some(role::shipped(tx.connection, ShippedRole::Administrator)?),
            Some(department),
        )
    } else {
        (UserState::Pending, None, None)
    };
    insert(
        tx,
        &NewUser {
            name: name.to_owned(),
            email: email.to_owned(),
            password_hash: password_hash.to_owned(),
            state,
            role_id,
            department_id,
            language,
        },
        true,
    )
}

/// All accounts by their addresses, for the command line.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<User>> {
    let rows: Vec<Row> = users::table
        .order(users::email)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// The account with this e-mail address, whoever asks.
pub fn by_email(connection: &mut AnyConnection, email: &str) -> Result<User> {
    let row: Row = users::table
        .filter(users::email.eq(email.trim().to_lowercase()))
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

/// An account, whoever asks.
pub fn find(connection: &mut AnyConnection, id: UserId) -> Result<User> {
    let row: Row = users::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

pub fn get(connection: &mut AnyConnection, visibility: &Visibility, id: UserId) -> Result<User> {
    let row: Row = users::table
        .filter(users::id.eq(id))
        .filter(visibility.of_users())
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

/// Accounts.
pub struct Users;

impl Record for Users {
    type Item = User;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Users;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.of_users()
    }

    of_one_table!(users, Row, |row| Ok(User::from(row)));
}

/// Active accounts without a log-in since then, the longest absent first.
pub fn inactive_since(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    since: Timestamp,
) -> Result<Vec<User>> {
    let column = Column {
        table: "users",
        name: "last_login_at",
    };
    let quiet = Condition::Or(vec![
        Condition::IsNull(column),
        Condition::Compare(
            column,
            crate::condition::Op::Lt,
            crate::condition::Value::Int(since.micros()),
        ),
    ]);
    let rows: Vec<Row> = users::table
        .filter(users::state.eq(UserState::Active))
        .filter(users::created_at.lt(since))
        .filter(visibility.of_users().and(quiet))
        .order((
            users::last_login_at.is_null().desc(),
            users::last_login_at,
            users::name,
        ))
        .limit(1000)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Everybody who can be given work: active accounts by name.
pub fn people(connection: &mut AnyConnection) -> Result<Vec<Person>> {
    let rows: Vec<(UserId, String, Option<DepartmentId>, Option<String>)> = users::table
        .left_join(departments::table.on(departments::id.nullable().eq(users::department_id)))
        .filter(users::state.eq(UserState::Active))
        .order((users::name, users::id))
        .select((
            users::id,
            users::name,
            users::department_id,
            departments::name.nullable(),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, name, department_id, department)| Person {
            id,
            name,
            department_id,
            department,
        })
        .collect())
}

/// The department of somebody who may be given work; `None` if there is no such active account.
#[allow(
    clippy::option_option,
    reason = "nobody, and somebody without a department, are two things"
)]
pub(crate) fn exists_active(
    connection: &mut AnyConnection,
    id: UserId,
) -> Result<Option<Option<DepartmentId>>> {
    Ok(users::table
        .filter(users::id.eq(id))
        .filter(users::state.eq(UserState::Active))
        .select(users::department_id)
        .first(connection)
        .optional()?)
}

fn save(tx: &mut Tx<'_>, old: &User, new: &User, action: &str) -> Result<User> {
    let changed = diesel::update(
        users::table
            .find(old.id)
            .filter(users::version.eq(old.version)),
    )
    .set((
        users::version.eq(old.version + 1),
        users::name.eq(&new.input.name),
        users::state.eq(new.state),
        users::role_id.eq(new.input.role_id),
        users::department_id.eq(new.input.department_id),
        users::language.eq(new.input.language),
        users::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)
    .map_err(Error::from)
    .map_err(|e| {
        if e.is_foreign_key() {
            Error::invalid("/role_id", "reference")
        } else {
            e
        }
    })?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    expect_administrator(tx.connection)?;
    let new = find(tx.connection, old.id)?;
    tx.changed(RECORD, old.id.as_str(), action, old, &new)?;
    Ok(new)
}

/// The active accounts that may give rights to all: those that may change all users and all roles.
pub(crate) fn administrators(connection: &mut AnyConnection) -> Result<Vec<UserId>> {
    let active: Vec<(UserId, Json<Permissions>)> = users::table
        .inner_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .filter(users::state.eq(UserState::Active))
        .order(users::id)
        .select((users::id, roles::permissions))
        .load(connection)?;
    let mut administrators = Vec::new();
    for (id, permissions) in active {
        if permissions.get()?.administers() {
            administrators.push(id);
        }
    }
    Ok(administrators)
}

/// Refuses a change that leaves nobody who may give rights.
pub(crate) fn expect_administrator(connection: &mut AnyConnection) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        // Of two changes at once the second sees what the first has left.
        diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(ADMINISTRATOR_LOCK)
            .execute(connection)?;
    }
    if administrators(connection)?.is_empty() {
        return Err(Error::Conflict(ErrorCode::LastAdministrator));
    }
    Ok(())
}

fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: UserId,
    version: i64,
) -> Result<User> {
    let old = get(connection, visibility, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// `by`: as in [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    by: Option<&Actor>,
    visibility: &Visibility,
    id: UserId,
    version: i64,
    input: &Checked<UserInput>,
) -> Result<User> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.state != UserState::Pending && (input.role_id.is_none() || input.department_id.is_none())
    {
        let member = if input.role_id.is_none() {
            "/role_id"
        } else {
            "/department_id"
        };
        return Err(Error::invalid(member, "required"));
    }
    expect_may_change(tx.connection, by, &old, input)?;
    let new = User {
        input: (**input).clone(),
        ..old.clone()
    };
    save(tx, &old, &new, "updated")
}

/// Changes one's own name and language.
pub fn update_own(
    tx: &mut Tx<'_>,
    id: UserId,
    version: i64,
    input: &Checked<MeInput>,
) -> Result<User> {
    let old = expect(tx.connection, &Visibility::All, id, version)?;
    let mut new = old.clone();
    new.input.name.clone_from(&input.name);
    new.input.language = input.language;
    save(tx, &old, &new, "updated")
}

/// `by`: as in [`create`].
pub fn activate(
    tx: &mut Tx<'_>,
    by: Option<&Actor>,
    visibility: &Visibility,
    id: UserId,
    version: i64,
    activation: UserActivation,
) -> Result<User> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.state != UserState::Pending {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let mut new = old.clone();
    new.state = UserState::Active;
    new.input.role_id = Some(activation.role_id);
    new.input.department_id = Some(activation.department_id);
    expect_may_change(tx.connection, by, &old, &new.input)?;
    save(tx, &old, &new, "activated")
}

/// Freezes an account: its next request is refused.
pub fn freeze(tx: &mut Tx<'_>, visibility: &Visibility, id: UserId, version: i64) -> Result<User> {
    let frozen = set_state(
        tx,
        visibility,
        id,
        version,
        UserState::Active,
        UserState::Frozen,
        "frozen",
    )?;
    webhook::owner_left(tx, id)?;
    Ok(frozen)
}

pub fn unfreeze(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: UserId,
    version: i64,
) -> Result<User> {
    set_state(
        tx,
        visibility,
        id,
        version,
        UserState::Frozen,
        UserState::Active,
        "unfrozen",
    )
}

fn set_state(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: UserId,
    version: i64,
    from: UserState,
    to: UserState,
    action: &str,
) -> Result<User> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.state != from {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    save(
        tx,
        &old,
        &User {
            state: to,
            ..old.clone()
        },
        action,
    )
}

/// Who this is, for the person.
pub fn me(connection: &mut AnyConnection, id: UserId) -> Result<Me> {
    let user = find(connection, id)?;
    let (role_zh, role_en, permissions) = match user.input.role_id {
        Some(role) => {
            let role = role::get(connection, role)?;
            (
                role.input.name_zh,
                role.input.name_en,
                role.input.permissions,
            )
        }
        None => (String::new(), String::new(), Permissions::default()),
    };
    let department = match user.input.department_id {
        Some(id) => Some(department::get(connection, id)?.input.name),
        None => None,
    };
    Ok(Me {
        user,
        role_zh,
        role_en,
        department,
        permissions,
    })
}
