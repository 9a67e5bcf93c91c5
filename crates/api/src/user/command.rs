//! `guanxi user`: accounts from the command line, for whoever administers the server: the first account, a forgotten password.

use std::io::BufRead;

use clap::{Args, Subcommand};
use guanxi_domain::account::Registration;
use guanxi_domain::department::Department;
use guanxi_domain::role::Role;
use guanxi_domain::user::{User, UserActivation, UserState};
use guanxi_domain::{ErrorCode, Lang, Rules};
use guanxi_persistence::user::NewUser;
use guanxi_persistence::{
    AnyConnection, Error, Origin, Tx, Visibility, account, department, role, user,
};

use crate::{App, password};

/// What can be done with accounts.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Create an account; the first one is the administrator's
    Create(New),
    /// List all accounts
    List,
    /// Give a waiting account a role and activate it
    Activate {
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Freeze an account: its next request is refused
    Freeze { email: String },
    /// Unfreeze an account
    Unfreeze { email: String },
    /// Give an account a new password and end its log-ins
    ResetPassword {
        email: String,
        #[command(flatten)]
        password: Password,
    },
    /// Give an account another role
    SetRole {
        email: String,
        /// As in the app, or the word of a role that ships: administrator, sales, …
        role: String,
    },
}

/// A new account.
#[derive(Args, Debug)]
pub struct New {
    email: String,
    /// What the person is called
    #[arg(long)]
    name: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    password: Password,
}

/// Where somebody belongs.
#[derive(Args, Debug, Clone)]
pub struct Place {
    /// As in the app, or the word of a role that ships: administrator, sales, …
    #[arg(long)]
    role: Option<String>,
    /// The department's name; the topmost one if left out
    #[arg(long)]
    department: Option<String>,
}

/// Where a password comes from.
#[derive(Args, Debug)]
pub struct Password {
    /// Read the password from the first line of standard input, instead of making one and printing it
    #[arg(long)]
    password_stdin: bool,
}

impl Password {
    /// The password, and whether it has to be told.
    fn take(&self) -> Result<(String, bool), String> {
        if !self.password_stdin {
            return Ok((made_up(), true));
        }
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|e| e.to_string())?;
        Ok((line.trim_end_matches(['\r', '\n']).to_owned(), false))
    }
}

/// 100 random bits in characters that are not mistaken for each other.
fn made_up() -> String {
    const CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

    rand::random::<[u8; 20]>()
        .into_iter()
        .map(|byte| char::from(CHARACTERS[usize::from(byte % 32)]))
        .collect()
}

/// Does what is asked. The error is a line for people.
pub fn run(app: &App, command: Command) -> Result<(), String> {
    match command {
        Command::Create(new) => create(app, &new),
        Command::List => list(app),
        Command::Activate { email, place } => {
            let user = change(app, email, move |tx, user| {
                let activation = UserActivation {
                    role_id: role_of(tx.connection, place.role.as_deref())?.id,
                    department_id: department_of(tx.connection, place.department.as_deref())?.id,
                };
                user::activate(
                    tx,
                    None,
                    &Visibility::All,
                    user.id,
                    user.version,
                    activation,
                )
            })?;
            tell(&user);
            Ok(())
        }
        Command::Freeze { email } => {
            let user = change(app, email, |tx, user| {
                user::freeze(tx, &Visibility::All, user.id, user.version)
            })?;
            tell(&user);
            Ok(())
        }
        Command::Unfreeze { email } => {
            let user = change(app, email, |tx, user| {
                user::unfreeze(tx, &Visibility::All, user.id, user.version)
            })?;
            tell(&user);
            Ok(())
        }
        Command::SetRole { email, role } => {
            let user = change(app, email, move |tx, user| {
                let mut input = user.input.clone();
                input.role_id = Some(role_of(tx.connection, Some(&role))?.id);
                let input = input
                    .checked(Lang::En)
                    .map_err(|_| Error::invalid("/role_id", "type"))?;
                user::update(tx, None, &Visibility::All, user.id, user.version, &input)
            })?;
            tell(&user);
            Ok(())
        }
        Command::ResetPassword { email, password } => reset_password(app, email, &password),
    }
}

fn tell(user: &User) {
    println!("{}: {}", user.email, user.state.label(Lang::En));
}

/// Changes an account, in the name of the command line.
fn change<T: Send + 'static>(
    app: &App,
    email: String,
    mut f: impl FnMut(&mut Tx<'_>, &User) -> Result<T, Error> + Send + 'static,
) -> Result<T, String> {
    app.db
        .write_blocking(Origin::command_line(), move |tx| {
            let user = user::by_email(tx.connection, &email)?;
            f(tx, &user)
        })
        .map_err(words)
}

/// What went wrong, for people.
fn words(error: Error) -> String {
    match error {
        Error::NotFound => "no such account, role or department".to_owned(),
        Error::Conflict(code) | Error::ConflictAt(code, _) => code.title(Lang::En).to_owned(),
        Error::Invalid(fields) => {
            let line = |(name, code): (String, &str)| {
                format!("{name}: {}", ErrorCode::field_message(code, Lang::En))
            };
            let lines: Vec<String> = fields.into_iter().map(line).collect();
            lines.join("; ")
        }
        other => other.to_string(),
    }
}

/// The role of this name, in either language, or of this word.
fn role_of(connection: &mut AnyConnection, name: Option<&str>) -> Result<Role, Error> {
    let name = name.ok_or_else(|| Error::invalid("--role", "required"))?;
    let fits = |role: &Role| {
        role.shipped.as_deref() == Some(name)
            || role.input.name_zh == name
            || role.input.name_en == name
    };
    let roles = role::all(connection)?;
    roles.into_iter().find(fits).ok_or(Error::NotFound)
}

/// The department of this name; without a name the first of all.
fn department_of(connection: &mut AnyConnection, name: Option<&str>) -> Result<Department, Error> {
    let all = department::all(connection)?;
    let fits = |department: &Department| name.is_none_or(|name| department.input.name == name);
    let mut fitting = all.into_iter().filter(fits);
    let first = fitting.next().ok_or(Error::NotFound)?;
    if name.is_some() && fitting.next().is_some() {
        // Which of them is meant cannot be known.
        return Err(Error::invalid("--department", "reference"));
    }
    Ok(first)
}

fn create(app: &App, new: &New) -> Result<(), String> {
    let (password, told) = new.password.take()?;
    let registration = Registration {
        name: new.name.clone(),
        email: new.email.clone(),
        password,
        language: None,
        cookie: false,
    };
    let registration = checked(registration)?;
    let hash = password::hash(&registration.password).map_err(|e| e.to_string())?;
    let (name, email) = (registration.name.clone(), registration.email.clone());
    let place = new.place.clone();
    let made = app
        .db
        .write_blocking(Origin::command_line(), move |tx| {
            if user::count(tx.connection)? == 0 {
                return user::register(tx, &name, &email, &hash, None);
            }
            let new = NewUser {
                name: name.clone(),
                email: email.clone(),
                password_hash: hash.clone(),
                state: UserState::Active,
                role_id: Some(role_of(tx.connection, place.role.as_deref())?.id),
                department_id: Some(department_of(tx.connection, place.department.as_deref())?.id),
                language: None,
            };
            user::create(tx, None, &new)
        })
        .map_err(words)?;
    tell(&made);
    if told {
        println!("password: {}", registration.password);
    }
    Ok(())
}

/// The rules that registering has; which of them is broken, for people.
fn checked(registration: Registration) -> Result<Registration, String> {
    let checked = registration.checked(Lang::En).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|p| format!("{}: {}", p.pointer.trim_start_matches('/'), p.message))
            .collect();
        lines.join("; ")
    })?;
    Ok(checked.into_inner())
}

fn list(app: &App) -> Result<(), String> {
    let (users, roles, departments) = app
        .db
        .read_blocking(|c| Ok((user::all(c)?, role::all(c)?, department::all(c)?)))
        .map_err(words)?;
    for user in users {
        let role = roles.iter().find(|r| Some(r.id) == user.input.role_id);
        let department = departments
            .iter()
            .find(|d| Some(d.id) == user.input.department_id);
        let last = user.last_login_at.map(|at| at.to_string());
        println!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            user.email,
            user.input.name,
            user.state,
            role.map_or("-", |r| &r.input.name_en),
            department.map_or("-", |d| &d.input.name),
            last.as_deref().unwrap_or("-"),
        );
    }
    Ok(())
}

fn reset_password(app: &App, email: String, password: &Password) -> Result<(), String> {
    let (password, told) = password.take()?;
    let user = app
        .db
        .read_blocking(|c| user::by_email(c, &email))
        .map_err(words)?;
    let rules = Registration {
        name: user.input.name.clone(),
        email: user.email.clone(),
        password,
        language: None,
        cookie: false,
    };
    let password = checked(rules)?.password;
    let hash = password::hash(&password).map_err(|e| e.to_string())?;
    change(app, email, move |tx, user| {
        account::change_password(tx, user.id, &hash, None)
    })?;
    tell(&user);
    if told {
        println!("password: {password}");
    }
    Ok(())
}
