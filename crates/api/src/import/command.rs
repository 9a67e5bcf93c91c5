//! `guanxi import`: an import from the command line, with the same machinery as one through the API.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use guanxi_domain::import::{
    Import, ImportMode, ImportRecord, ImportRun, ImportSettings, ImportState, Mapping, Targets,
    check_mapping, guess_mapping,
};
use guanxi_domain::order::OrderState;
use guanxi_domain::{Checked, ImportId, Lang, Rules};
use guanxi_persistence::import::{self, NewImport, batch};
use guanxi_persistence::{Actor, Db, Origin, Visibility, user};
use tempfile::NamedTempFile;

use super::check::{Trial, report};
use super::unpack::unpack_in_place;
use super::{Importer, Reader, RejectedFile};
use crate::App;

/// How often another program that runs the import is asked how far it is.
const PAUSE: Duration = Duration::from_millis(500);

/// What `guanxi import` takes.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What the rows become: customers, contacts, products, orders or tickets
    record: ImportRecord,
    /// A CSV file (UTF-8 or GB18030), also packed with gzip, or an XLSX file
    file: PathBuf,
    /// Which column is what, as target=header,…; guessed from the header where left out
    #[arg(long, value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// What rows do: create, update or upsert
    #[arg(long, default_value = "create")]
    mode: ImportMode,
    /// What a record that is there is found by, where there are several ways: of contacts name, email or mobile
    #[arg(long, value_name = "KEY")]
    match_by: Option<String>,
    /// A blank cell empties what an update finds there; else it leaves it
    #[arg(long)]
    clear_blank: bool,
    /// Try the first 1,000 rows and keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Of orders: their state
    #[arg(long, default_value = "completed")]
    state: OrderState,
    /// Of orders: the customer of rows that name none; without it they are rejected
    #[arg(long, value_name = "CODE")]
    default_customer: Option<String>,
    /// Of orders: refuse rows that repeat another row of their order
    #[arg(long)]
    refuse_repeats: bool,
    /// How far the times in the file are ahead of UTC
    #[arg(
        long,
        value_name = "MINUTES",
        default_value_t = 0,
        allow_hyphen_values = true
    )]
    utc_offset: i32,
    /// Write the rejected rows here
    #[arg(long, value_name = "OUT.CSV")]
    errors: Option<PathBuf>,
    /// Whose rights to use; an administrator's if left out
    #[arg(long = "as", value_name = "EMAIL")]
    user: Option<String>,
}

impl Arguments {
    fn settings(&self) -> ImportSettings {
        ImportSettings {
            mode: self.mode,
            match_by: self.match_by.clone(),
            clear_blank: self.clear_blank,
            order_state: self.state,
            default_customer: self.default_customer.clone(),
            refuse_repeats: self.refuse_repeats,
            utc_offset_minutes: self.utc_offset,
            ..ImportSettings::default()
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (target, header) = text
        .split_once('=')
        .ok_or("expected target=header, as in sku=stock_code")?;
    Ok((target.trim().to_owned(), header.trim().to_owned()))
}

/// Imports a file; progress goes to standard error, the last line of standard output sums up. The error is a line for people.
pub fn run(app: &App, arguments: &Arguments) -> Result<(), String> {
    let actor = actor(&app.db, arguments.user.as_deref())?;
    for operation in arguments.mode.operations() {
        if !actor
            .permissions
            .allows(arguments.record.module(), *operation)
        {
            let (operation, record) = (operation.as_str(), arguments.record);
            return Err(format!("{} may not {operation} {record}", actor.name));
        }
    }
    let begun = Instant::now();
    let file = Copied::new(app, &arguments.file)?;
    let targets = app
        .db
        .read_blocking(|c| batch::targets(c, arguments.record))
        .map_err(|e| e.to_string())?;
    let run = file.run(arguments, &targets)?;
    if arguments.dry_run {
        return dry_run(app, &actor, targets, &file, run);
    }
    let id = begin(app, &actor, arguments, file, run)?;
    let import = finish(&app.imports, &app.db, id)?;
    eprintln!("{:.1} s", begun.elapsed().as_secs_f64());
    if let Some(path) = &arguments.errors {
        write_errors(&app.db, &import, targets, path)?;
    }
    match (import.state, import.failure) {
        (ImportState::Done, _) => {
            println!("{}", summary(&import));
            Ok(())
        }
        (state, failure) => {
            println!("{}", summary(&import));
            let why = failure.map_or_else(String::new, |f| format!(": {}", f.label(Lang::En)));
            Err(format!("the import ended as {state}{why}"))
        }
    }
}

fn actor(db: &Db, email: Option<&str>) -> Result<Actor, String> {
    let actor = match email {
        Some(email) => db.read_blocking(|c| user::actor_by_email(c, email)),
        None => db.read_blocking(user::any_administrator),
    };
    actor.map_err(|e| match (e, email) {
        (guanxi_persistence::Error::NotFound, Some(email)) => format!("{email}: no such account"),
        (guanxi_persistence::Error::NotFound, None) => {
            "there is no active administrator yet: register the first account".to_owned()
        }
        (other, _) => other.to_string(),
    })
}

/// A copy of the file beside those that were uploaded, so that the import can go on after a crash whatever happens to the
/// original. It is gone with the value, unless an import keeps it.
struct Copied {
    copy: NamedTempFile,
    original: PathBuf,
    /// Bytes of the original.
    bytes: i64,
    encoding: String,
    headers: Vec<String>,
}

impl Copied {
    fn new(app: &App, original: &Path) -> Result<Self, String> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", original.display());
        let folder = app.imports.folder();
        let copy = std::fs::create_dir_all(folder)
            .and_then(|()| NamedTempFile::new_in(folder))
            .map_err(|e| format!("{}: {e}", folder.display()))?;
        let bytes = std::fs::copy(original, copy.path()).map_err(|e| at(&e))?;
        let workbook = unpack_in_place(copy.path(), app.config.unpack_limit).map_err(|e| at(&e))?;
        let reader = Reader::open(copy.path()).map_err(|e| at(&e))?;
        let encoding = if workbook { "xlsx" } else { reader.encoding() };
        Ok(Self {
            original: original.to_owned(),
            bytes: i64::try_from(bytes).map_err(|e| at(&e))?,
            encoding: encoding.to_owned(),
            headers: reader.headers().to_vec(),
            copy,
        })
    }

    /// What the arguments ask for, if it fits the file.
    fn run(&self, arguments: &Arguments, targets: &Targets) -> Result<Checked<ImportRun>, String> {
        let settings = arguments.settings();
        settings
            .check(arguments.record)
            .map_err(|(member, _)| format!("{member}: not for {}", arguments.record))?;
        let mapping = mapping(targets, &self.headers, &arguments.map, &settings)?;
        let run = ImportRun { mapping, settings };
        run.checked(Lang::En).map_err(|errors| {
            let lines: Vec<String> = errors
                .into_iter()
                .map(|e| format!("{}: {}", e.pointer, e.message))
                .collect();
            lines.join("; ")
        })
    }
}

/// Puts the file into the queue, or finds the import of it that was interrupted.
fn begin(
    app: &App,
    actor: &Actor,
    arguments: &Arguments,
    file: Copied,
    run: Checked<ImportRun>,
) -> Result<ImportId, String> {
    let filename = file.original.file_name().map_or_else(
        || format!("{}.csv", arguments.record),
        |name| name.to_string_lossy().into_owned(),
    );
    let (by, record) = (actor.user_id, arguments.record);
    let interrupted = app
        .db
        .read_blocking(|c| import::unfinished(c, by, &filename, file.bytes))
        .map_err(|e| e.to_string())?
        .filter(|i| i.record == record && i.mapping == run.mapping && i.settings == run.settings);
    if let Some(import) = interrupted {
        eprintln!("goes on after row {}", import.read);
        return Ok(import.id);
    }
    let id = ImportId::generate();
    let kept = app.imports.path(id);
    file.copy
        .persist(&kept)
        .map_err(|e| e.error)
        .and_then(|kept| kept.sync_all())
        .map_err(|e| format!("{}: {e}", kept.display()))?;
    let new = NewImport {
        id,
        record,
        filename,
        bytes: file.bytes,
        encoding: file.encoding,
        headers: file.headers,
        samples: Vec::new(),
        mapping: run.mapping.clone(),
        settings: run.settings.clone(),
    };
    let person = actor.clone();
    app.db
        .write_blocking(Origin::of(actor), move |tx| {
            import::create(tx, &person, &new)?;
            import::queue(tx, &person, &Visibility::All, id, &run)
        })
        .map_err(|e| e.to_string())?;
    Ok(id)
}

/// Tells what would become of the first rows.
fn dry_run(
    app: &App,
    actor: &Actor,
    targets: Targets,
    file: &Copied,
    run: Checked<ImportRun>,
) -> Result<(), String> {
    let dictionaries = app
        .db
        .read_blocking(batch::dictionaries)
        .map_err(|e| e.to_string())?;
    let trial = Trial {
        import: ImportId::generate(),
        targets: targets.clone(),
        run: run.into_inner(),
        actor: actor.clone(),
        minor_digits: app.config.minor_digits(),
        dictionaries,
    };
    let (batch, complete) = trial
        .first_rows(file.copy.path())
        .map_err(|e| e.to_string())?;
    let batch = Arc::new(batch);
    let tried = Arc::clone(&batch);
    let fates = app
        .db
        .housekeep_blocking(move |tx| batch::check(tx, &tried))
        .map_err(|e| e.to_string())?;
    let check = report(&batch, &fates, complete, &targets, Lang::En);
    for finding in &check.findings {
        println!("row {}: {}", finding.row, finding.messages.join("; "));
    }
    println!(
        "{} {} rows: would create {}, would update {}, would reject {}",
        if complete { "all" } else { "the first" },
        check.rows,
        check.created,
        check.updated,
        check.rejected
    );
    Ok(())
}

/// The guess, and on top of it what was said.
fn mapping(
    targets: &Targets,
    headers: &[String],
    given: &[(String, String)],
    settings: &ImportSettings,
) -> Result<Mapping, String> {
    let mut mapping = guess_mapping(targets, headers);
    // A header that is given to one target is not guessed for another.
    mapping.retain(|_, header| !given.iter().any(|(_, given)| given == header));
    mapping.extend(given.iter().cloned());
    check_mapping(targets, headers, &mapping, settings).map_err(|wrong| {
        let lines: Vec<String> = wrong
            .into_iter()
            .map(|(target, code)| match code {
                "missing_mapping" => format!("no column for {target}: say --map {target}=HEADER"),
                _ if targets.get(&target).is_some() => {
                    format!("{target}: the file has no such column")
                }
                _ => format!("{target}: no such target"),
            })
            .collect();
        format!(
            "{}; the header is: {}",
            lines.join("; "),
            headers.join(", ")
        )
    })?;
    Ok(mapping)
}

/// Runs the import, or waits for the program that runs it.
fn finish(importer: &Importer, db: &Db, id: ImportId) -> Result<Import, String> {
    let mut waits = false;
    loop {
        let run = importer.run(id, progress).map_err(|e| e.to_string())?;
        let import = match run {
            Some(import) => import,
            None => db
                .read_blocking(|c| import::get(c, &Visibility::All, id))
                .map_err(|e| e.to_string())?,
        };
        match import.state {
            ImportState::Done | ImportState::Cancelled | ImportState::Failed => return Ok(import),
            ImportState::Queued if !waits => eprintln!("waits for another import"),
            _ => progress(&import),
        }
        waits = true;
        std::thread::sleep(PAUSE);
    }
}

fn progress(import: &Import) {
    // Progress that cannot be shown is no reason to stop.
    let _ = writeln!(
        std::io::stderr(),
        "{:>3} %  read {}, imported {}, rejected {}",
        import.percent,
        import.read,
        import.imported,
        import.rejected
    );
}

fn summary(import: &Import) -> String {
    let reasons: Vec<String> = import
        .reasons
        .iter()
        .map(|r| match &r.target {
            Some(target) => format!("{target}:{} {}", r.reason, r.rows),
            None => format!("{} {}", r.reason, r.rows),
        })
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    let how = match import.settings.mode {
        ImportMode::Create => String::new(),
        _ => format!(
            " (created {}, updated {})",
            import.imported - import.updated,
            import.updated
        ),
    };
    format!(
        "read {}, imported {}{how}, rejected {}{reasons}",
        import.read, import.imported, import.rejected
    )
}

fn write_errors(
    db: &Db,
    import: &Import,
    targets: Targets,
    path: &std::path::Path,
) -> Result<(), String> {
    let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let out = std::fs::File::create(path).map_err(|e| at(&e))?;
    let mut out = std::io::BufWriter::new(out);
    let file = RejectedFile::new(import, targets, Lang::En);
    out.write_all(&file.header().map_err(|e| at(&e))?)
        .map_err(|e| at(&e))?;
    let mut after = 0;
    loop {
        let rows = db
            .read_blocking(|c| import::rejects(c, import.id, after, super::REJECTS))
            .map_err(|e| e.to_string())?;
        let Some(last) = rows.last() else { break };
        after = last.row;
        for row in &rows {
            out.write_all(&file.row(row).map_err(|e| at(&e))?)
                .map_err(|e| at(&e))?;
        }
    }
    out.flush().map_err(|e| at(&e))
}
