//! Drives the real server: each test has its own, on its own database, and every answer is checked against the OpenAPI
//! document, so the document cannot lie.

mod app;
mod client;
mod contract;
mod database;
mod events;
mod mail_server;
mod process;
mod receiver;

pub use app::{PASSWORD, TestApp};
pub use client::{Client, Reply};
pub use contract::{Operation, contradictions, document, operations, resolved};
pub use database::Database;
pub use events::{Stream, Told};
pub use mail_server::{Handed, MailServer};
pub use process::{PATIENCE, Process, until};
pub use receiver::{Heard, Receiver};

/// A test that runs on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($(#[$doc:meta])* async fn $name:ident($app:ident: $type:ty) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "not every test uses all of its module's names")]
            use super::*;

            $(#[$doc])*
            async fn run($app: $type) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let app = $crate::TestApp::start($crate::Database::sqlite()).await;
                run(&app).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let app = $crate::TestApp::start($crate::Database::postgres(concat!(module_path!(), "::", stringify!($name)))).await;
                run(&app).await;
            }
        }
    };
}
