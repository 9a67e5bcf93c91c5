//! What every request can reach.

use std::sync::Arc;

use guanxi_domain::Timestamp;
use guanxi_persistence::{Db, DbConfig, Error, dictionary, role, secret};

use crate::Config;
use crate::api_key::KeyGuard;
use crate::auth::Keys;
use crate::event::Hub;
use crate::health::Meters;
use crate::import::Importer;
use crate::job::Jobs;
use crate::mail::Mailer;
use crate::password::Hasher;
use crate::webhook::Sender;

/// The parts of a running server. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub config: Arc<Config>,
    pub keys: Arc<Keys>,
    pub key_guard: Arc<KeyGuard>,
    pub hasher: Hasher,
    pub meters: Arc<Meters>,
    pub imports: Arc<Importer>,
    pub jobs: Arc<Jobs>,
    pub sender: Arc<Sender>,
    pub mailer: Arc<Mailer>,
    pub events: Arc<Hub>,
    pub started_at: Timestamp,
}

impl App {
    /// Opens the database, migrates it and puts in what ships. Blocks.
    pub fn open(config: Config) -> Result<Self, Error> {
        let db = Db::open(&DbConfig::new(config.database_url()))?;
        let fresh = crate::auth::random_token();
        let secret = db.housekeep_blocking(move |tx| {
            role::ship(tx)?;
            dictionary::ship(tx)?;
            secret::get_or_insert(tx, "access_token_key", &fresh)
        })?;
        let config = Arc::new(config);
        let folder = config.data_dir.join("imports");
        let imports = Importer::new(db.clone(), folder, config.minor_digits());
        Ok(Self {
            jobs: Arc::new(Jobs::new(db.clone(), Arc::clone(&config))),
            events: Arc::new(Hub::new(db.clone())),
            mailer: Arc::new(Mailer::new(db.clone(), config.mail_timeout)),
            sender: Arc::new(Sender::new(db.clone(), &config.webhook_networks)),
            db,
            imports: Arc::new(imports),
            config,
            keys: Arc::new(Keys::new(&secret)),
            key_guard: Arc::new(KeyGuard::default()),
            hasher: Hasher::new(),
            meters: Arc::new(Meters::new()),
            started_at: Timestamp::now(),
        })
    }
}
