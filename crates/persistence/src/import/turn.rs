//! One import at a time: who has the turn.

use diesel::RunQueryDsl;
use diesel::sql_types::Bool;

use crate::connection::{Manager, sqlite_path};
use crate::{AnyConnection, Backend, Db, Error, Result};

/// The advisory lock of whoever runs imports on a PostgreSQL database.
const IMPORT_LOCK: i64 = 0x6775_616e_7870;

/// The right to run imports on a database; of all replicas and programs that use it one has it at a time.
///
/// It ends with the value or with the process, however that ends: nothing has to time out before another may go on.
pub struct Turn {
    held: Held,
}

enum Held {
    /// The lock goes with its connection.
    Connection(Box<AnyConnection>),
    /// The lock goes with the open file.
    File(#[expect(dead_code, reason = "held, not read")] std::fs::File),
}

#[derive(diesel::QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl Drop for Turn {
    /// Given back at once: the server notices a closed connection only a moment later.
    fn drop(&mut self) {
        if let Held::Connection(connection) = &mut self.held {
            let unlocked = diesel::sql_query("SELECT pg_advisory_unlock($1)")
                .bind::<diesel::sql_types::BigInt, _>(IMPORT_LOCK)
                .execute(&mut **connection);
            if let Err(error) = unlocked {
                log::warn!("the turn of imports ends with its connection: {error}");
            }
        }
    }
}

impl Turn {
    /// Takes the turn; `None` if another has it.
    pub fn take(db: &Db) -> Result<Option<Self>> {
        let held = match db.backend() {
            Backend::Postgres => {
                let manager = Manager {
                    url: db.url().to_owned(),
                    read_only: false,
                };
                let mut connection = manager.open().map_err(|e| Error::Away(e.to_string()))?;
                let answer: Taken = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken")
                    .bind::<diesel::sql_types::BigInt, _>(IMPORT_LOCK)
                    .get_result(&mut connection)?;
                answer.taken.then(|| Held::Connection(Box::new(connection)))
            }
            Backend::Sqlite => {
                let path = format!("{}-import", sqlite_path(db.url()));
                let file = std::fs::File::create(&path)
                    .map_err(|e| Error::Away(format!("{path}: {e}")))?;
                match file.try_lock() {
                    Ok(()) => Some(Held::File(file)),
                    Err(std::fs::TryLockError::WouldBlock) => None,
                    Err(std::fs::TryLockError::Error(e)) => {
                        return Err(Error::Away(format!("{path}: {e}")));
                    }
                }
            }
        };
        Ok(held.map(|held| Self { held }))
    }
}
