//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use guanxi_persistence::raw_postgres;

/// A database that is gone when the test is over.
pub enum Database {
    Sqlite(tempfile::TempDir),
    Postgres {
        url: String,
        admin_url: String,
        name: String,
    },
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Database {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a folder for the test's database"))
    }

    /// A new database in the cluster of `TEST_DATABASE_URL`.
    pub fn postgres(test: &str) -> Self {
        let admin_url = std::env::var("TEST_DATABASE_URL").expect(
            "TEST_DATABASE_URL names no PostgreSQL cluster: run the tests by `make test-rust`, or by \
             tests/scripts/with-postgres.sh",
        );
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        raw_postgres(&admin_url, &format!("CREATE DATABASE {name}"))
            .unwrap_or_else(|e| panic!("a database for {test}: {e}"));
        let (server, _) = admin_url.rsplit_once('/').expect("a URL with a database");
        Self::Postgres {
            url: format!("{server}/{name}"),
            admin_url,
            name,
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.path().join("test.db").display().to_string(),
            Self::Postgres { url, .. } => url.clone(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres {
            admin_url, name, ..
        } = self
        {
            // The cluster is thrown away as a whole; a database that stays does no harm.
            let _ = raw_postgres(admin_url, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}
