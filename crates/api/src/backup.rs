//! Backups: what there is, and starting one.

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::Timestamp;
use guanxi_domain::backup::{Backups, overdue};
use guanxi_domain::job::{Job, JobKind};
use guanxi_persistence::{Error, backup, job};

use crate::auth::Require;
use crate::permission::{Read, Settings, Update};
use crate::{ApiError, ApiResult, App, Config, VERSION};

/// List the backups
///
/// Those in the folder of this server, the newest first.
#[utoipa::path(tag = "operations", responses((status = 200, description = "The backups, and how they are made", body = Backups)))]
#[get("/backups")]
pub async fn list_backups(
    _who: Require<Read<Settings>>,
    app: Data<App>,
) -> ApiResult<Json<Backups>> {
    let config = Arc::clone(&app.config);
    let found = tokio::task::spawn_blocking(move || look(&config))
        .await
        .map_err(|e| ApiError::internal(&e))??;
    Ok(Json(found))
}

fn look(config: &Config) -> Result<Backups, Error> {
    let folder = config.backup_dir();
    let items = backup::list(&folder)?;
    let manifests = items.iter().filter_map(|item| item.manifest.as_ref());
    let newest = manifests.map(|manifest| manifest.created_at).max();
    let schedule = config.backup_schedule();
    // A relative folder is of no use to whoever is to type it elsewhere.
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    Ok(Backups {
        folder: folder.display().to_string(),
        schedule,
        retention: config.retention(),
        overdue: overdue(schedule, newest, Timestamp::now()),
        items,
    })
}

/// Start a backup
///
/// As a background job; one at a time.
#[utoipa::path(tag = "operations", responses((status = 201, description = "The job, queued", body = Job)))]
#[post("/backups")]
pub async fn start_backup(
    who: Require<Update<Settings>>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let answer = who
        .create(&app, move |tx, who| {
            job::start(tx, &who.actor, JobKind::Backup)
        })
        .await?;
    app.jobs.wake();
    Ok(answer)
}

/// What `guanxi backup` takes.
#[derive(clap::Args, Debug)]
pub struct BackupArguments {
    /// The folder to write to; the configured one if left out
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// What `guanxi restore` takes.
#[derive(clap::Args, Debug)]
pub struct RestoreArguments {
    /// A backup
    file: PathBuf,
    /// Replace a database that has data; it is kept under another name
    #[arg(long)]
    force: bool,
}

/// Backs up the configured database, whether or not it is being served, and prints the file's path.
pub fn create(config: &Config, arguments: BackupArguments) -> Result<(), String> {
    let folder = arguments.to.unwrap_or_else(|| config.backup_dir());
    let mut step = |_, _| std::ops::ControlFlow::Continue(());
    let made = backup::create(&config.database_url(), &folder, VERSION, &mut step)
        .map_err(|e| e.to_string())?
        .ok_or("the backup was broken off")?;
    println!("{}", folder.join(&made.name).display());
    eprintln!("{} bytes", made.size);
    Ok(())
}

/// Puts a backup in the place of the configured database.
pub fn restore(config: &Config, arguments: &RestoreArguments) -> Result<(), String> {
    let restored = backup::restore(&config.database_url(), &arguments.file, arguments.force)
        .map_err(|e| e.to_string())?;
    let manifest = restored.manifest;
    println!(
        "restored the state of {} (version {})",
        manifest.created_at, manifest.product_version
    );
    for (table, rows) in manifest.counts {
        println!("  {table}: {rows}");
    }
    if let Some(previous) = restored.previous {
        println!("what was there before is kept as {previous}");
    }
    Ok(())
}
