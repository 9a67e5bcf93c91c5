//! The `guanxi` program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use guanxi_api::backup::{BackupArguments, RestoreArguments};
use guanxi_api::import::command as import;
use guanxi_api::{App, Config, backup, seed, segmentation, server, user};
use guanxi_persistence::{Origin, audit, metrics, search};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Guanxi (关系): a customer relationship management system.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// A TOML file of settings; guanxi.toml if that exists
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the web app (the default)
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// Fill the database with a made-up company
    Seed(seed::Arguments),
    /// Import a file of customers, contacts, products, stock levels, orders with lines (one row is one line) or tickets
    Import(import::Arguments),
    /// Back up the database, also while it is being served
    Backup(BackupArguments),
    /// Put a backup in the place of the database
    Restore(RestoreArguments),
    /// Look after accounts
    #[command(subcommand)]
    User(user::command::Command),
    /// Print the OpenAPI document
    Openapi,
    /// Look after the customers' figures
    #[command(subcommand)]
    Metrics(Figures),
    /// Score and segment the customers
    #[command(subcommand)]
    Segmentation(segmentation::command::Command),
    /// Look after the index of the search
    #[command(subcommand)]
    Search(Index),
    /// Look after the audit trail
    #[command(subcommand)]
    Audit(Trail),
}

#[derive(Subcommand)]
enum Trail {
    /// Check that every entry is as it was written; fails if one was changed, inserted or is missing
    Verify {
        /// What an earlier run printed, kept where nobody who can change the database can change it: what it knew of must still be there
        #[arg(long, value_name = "FILE")]
        expect: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Index {
    /// Index every record anew, and forget what is no record any more
    Rebuild,
}

#[derive(Subcommand)]
enum Figures {
    /// Compute all figures again from orders and tickets, and mend those that differ
    Rebuild,
    /// Compute all figures again and compare; fails if some differ
    Verify,
}

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("guanxi: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    let command = arguments.command.unwrap_or(Command::Serve);
    if matches!(command, Command::Openapi) {
        let text = server::document()
            .to_pretty_json()
            .map_err(|e| e.to_string())?;
        println!("{text}");
        return Ok(());
    }
    let config = Config::load(arguments.config.as_deref())?;
    match command {
        Command::Serve => serve(config),
        Command::Migrate => App::open(config).map(drop).map_err(|e| e.to_string()),
        Command::Seed(arguments) => seed::run(config, arguments),
        Command::Import(arguments) => {
            let app = App::open(config).map_err(|e| e.to_string())?;
            import::run(&app, &arguments)
        }
        Command::Openapi => Ok(()),
        Command::Backup(arguments) => backup::create(&config, arguments),
        Command::Restore(arguments) => backup::restore(&config, &arguments),
        Command::User(command) => {
            let app = App::open(config).map_err(|e| e.to_string())?;
            user::command::run(&app, command)
        }
        Command::Metrics(figures) => look_after(config, &figures),
        Command::Segmentation(command) => {
            let app = App::open(config).map_err(|e| e.to_string())?;
            segmentation::command::run(&app, &command)
        }
        Command::Search(Index::Rebuild) => rebuild_index(config),
        Command::Audit(Trail::Verify { expect }) => verify_trail(config, expect.as_deref()),
    }
}

fn verify_trail(config: Config, expect: Option<&Path>) -> Result<(), String> {
    let expected = match expect {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|e| format!("{}: {e}", file.display()))?
            .lines()
            .filter_map(|line| line.strip_prefix("head "))
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let app = App::open(config).map_err(|e| e.to_string())?;
    let lanes = audit::verify(&app.db, &expected).map_err(|e| e.to_string())?;
    let used = lanes.iter().filter(|lane| lane.number > 0);
    for lane in used.clone() {
        println!("head {lane}");
    }
    let entries: i64 = lanes.iter().map(|lane| lane.sound).sum();
    println!("entries {entries}, lanes {}", used.count());
    let faulty: Vec<_> = lanes
        .iter()
        .filter_map(|lane| Some((lane.lane, lane.fault.as_ref()?)))
        .collect();
    for (lane, fault) in &faulty {
        eprintln!("lane {lane}: {fault}");
    }
    if faulty.is_empty() {
        Ok(())
    } else {
        Err("the audit trail is not as it was written".to_owned())
    }
}

fn rebuild_index(config: Config) -> Result<(), String> {
    let app = App::open(config).map_err(|e| e.to_string())?;
    let rebuilt = search::rebuild(&app.db, Origin::system()).map_err(|e| e.to_string())?;
    println!("records {}, orphans {}", rebuilt.records, rebuilt.orphans);
    Ok(())
}

fn look_after(config: Config, figures: &Figures) -> Result<(), String> {
    let app = App::open(config).map_err(|e| e.to_string())?;
    let (report, word) = match figures {
        Figures::Rebuild => (
            metrics::rebuild(&app.db, Origin::system(), metrics::to_the_end),
            "mended",
        ),
        Figures::Verify => (metrics::verify(&app.db), "differing"),
    };
    let report = report.map_err(|e| e.to_string())?;
    for customer in &report.examples {
        println!("{word}: {customer}");
    }
    println!(
        "customers {}, {word} {}, {} ms",
        report.customers, report.differing, report.duration_ms
    );
    match figures {
        Figures::Verify if report.differing > 0 => Err(format!(
            "the figures of {} customers differ",
            report.differing
        )),
        _ => Ok(()),
    }
}

fn serve(config: Config) -> Result<(), String> {
    let app = App::open(config).map_err(|e| e.to_string())?;
    app.jobs.start().map_err(|e| e.to_string())?;
    app.sender.start().map_err(|e| e.to_string())?;
    app.mailer.start().map_err(|e| e.to_string())?;
    let (jobs, sender) = (Arc::clone(&app.jobs), Arc::clone(&app.sender));
    let mailer = Arc::clone(&app.mailer);
    let result = actix_web::rt::System::new().block_on(async move {
        let (server, address) = server::run(app).map_err(|e| e.to_string())?;
        log::info!("serving on http://{address}");
        server.await.map_err(|e| e.to_string())
    });
    jobs.stop();
    sender.stop();
    mailer.stop();
    result
}
