//! `guanxi import`: an import from the command line, with the same machinery as one through the API.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use guanxi_domain::import::{
    Import, ImportRecord, ImportRun, ImportSettings, ImportState, Mapping, OrderColumns,
    guess_mapping, targets,
};
use guanxi_domain::order::OrderState;
use guanxi_domain::{ImportId, Lang, Rules};
use guanxi_persistence::import::{self, NewImport};
use guanxi_persistence::{Actor, Db, Origin, Visibility, user};

use super::{Importer, Reader, RejectedFile};
use crate::App;

/// How often another program that runs the import is asked how far it is.
const PAUSE: Duration = Duration::from_millis(500);

/// What `guanxi import orders` takes.
#[derive(Args, Debug)]
pub struct OrdersArguments {
    /// A CSV file (UTF-8 or GB18030), also packed with gzip
    file: PathBuf,
    /// Which column is what, as target=header,…; guessed from the header where left out
    #[arg(long, value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// The state of the imported orders
    #[arg(long, default_value = "completed")]
    state: OrderState,
    /// The customer of rows that name none; without it they are rejected
    #[arg(long, value_name = "CODE")]
    default_customer: Option<String>,
    /// Refuse rows that repeat another row of their order
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

fn pair(text: &str) -> Result<(String, String), String> {
    let (target, header) = text
        .split_once('=')
        .ok_or("expected target=header, as in sku=stock_code")?;
    Ok((target.trim().to_owned(), header.trim().to_owned()))
}

/// Imports a file; progress goes to standard error, the last line of standard output sums up. The error is a line for people.
pub fn orders(app: &App, arguments: &OrdersArguments) -> Result<(), String> {
    let actor = actor(&app.db, arguments.user.as_deref())?;
    let begun = Instant::now();
    let id = begin(app, &actor, arguments)?;
    let import = finish(&app.imports, &app.db, id)?;
    eprintln!("{:.1} s", begun.elapsed().as_secs_f64());
    if let Some(path) = &arguments.errors {
        write_errors(&app.db, &import, path)?;
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

/// Puts the file into the queue, or finds the import of it that was interrupted.
fn begin(app: &App, actor: &Actor, arguments: &OrdersArguments) -> Result<ImportId, String> {
    let at = |e: &dyn std::fmt::Display| format!("{}: {e}", arguments.file.display());
    let reader = Reader::open(&arguments.file).map_err(|e| at(&e))?;
    let bytes = std::fs::metadata(&arguments.file)
        .map_err(|e| at(&e))?
        .len();
    let bytes = i64::try_from(bytes).map_err(|e| at(&e))?;
    let filename = arguments.file.file_name().map_or_else(
        || "orders.csv".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let run = ImportRun {
        mapping: mapping(reader.headers(), &arguments.map)?,
        settings: ImportSettings {
            order_state: arguments.state,
            default_customer: arguments.default_customer.clone(),
            refuse_repeats: arguments.refuse_repeats,
            utc_offset_minutes: arguments.utc_offset,
            ..ImportSettings::default()
        },
    };
    let by = actor.user_id;
    let interrupted = app
        .db
        .read_blocking(|c| import::unfinished(c, by, &filename, bytes))
        .map_err(|e| e.to_string())?
        .filter(|i| i.mapping == run.mapping && i.settings == run.settings);
    if let Some(import) = interrupted {
        eprintln!("goes on after row {}", import.read);
        return Ok(import.id);
    }
    let run = run.checked(Lang::En).map_err(|errors| {
        let lines: Vec<String> = errors
            .into_iter()
            .map(|e| format!("{}: {}", e.pointer, e.message))
            .collect();
        lines.join("; ")
    })?;
    let id = ImportId::generate();
    // A copy, so that the import can go on after a crash whatever happens to the original.
    let kept = app.imports.path(id);
    std::fs::create_dir_all(app.imports.folder())
        .and_then(|()| std::fs::copy(&arguments.file, &kept))
        .map_err(|e| format!("{}: {e}", kept.display()))?;
    let new = NewImport {
        id,
        record: ImportRecord::Orders,
        filename,
        bytes,
        encoding: reader.encoding().to_owned(),
        headers: reader.headers().to_vec(),
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

/// The guess, and on top of it what was said.
fn mapping(headers: &[String], given: &[(String, String)]) -> Result<Mapping, String> {
    let mut mapping = guess_mapping(ImportRecord::Orders, headers);
    // A header that is given to one target is not guessed for another.
    mapping.retain(|_, header| !given.iter().any(|(_, given)| given == header));
    mapping.extend(given.iter().cloned());
    OrderColumns::new(headers, &mapping).map_err(|wrong| {
        let lines: Vec<String> = wrong
            .into_iter()
            .map(|(target, code)| match code {
                "missing_mapping" => format!("no column for {target}: say --map {target}=HEADER"),
                _ if targets(ImportRecord::Orders)
                    .iter()
                    .any(|t| t.name == target) =>
                {
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
        .map(|r| format!("{} {}", r.reason, r.rows))
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    format!(
        "read {}, imported {}, rejected {}{reasons}",
        import.read, import.imported, import.rejected
    )
}

fn write_errors(db: &Db, import: &Import, path: &std::path::Path) -> Result<(), String> {
    let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let out = std::fs::File::create(path).map_err(|e| at(&e))?;
    let mut out = std::io::BufWriter::new(out);
    let file = RejectedFile::new(import, Lang::En);
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
