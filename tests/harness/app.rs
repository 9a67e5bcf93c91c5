//! The server of one test.

use std::sync::OnceLock;
use std::sync::mpsc;

use actix_web::dev::ServerHandle;
use guanxi_api::{App, Config, server};
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::{DepartmentId, RoleId, UserId};
use guanxi_persistence::{Origin, role, user};
use serde_json::json;

use crate::client::Client;
use crate::database::Database;

/// A running server with a database of its own.
pub struct TestApp {
    /// What the server itself works with: to look behind the API.
    pub app: App,
    pub address: String,
    handle: ServerHandle,
    // Goes last: the server must have let go of it.
    _data: tempfile::TempDir,
    _database: Database,
}

/// Passwords take long to hash on purpose: one hash serves all users of all tests.
static PASSWORD_HASH: OnceLock<String> = OnceLock::new();
/// The password of every user that [`TestApp::user`] makes.
pub const PASSWORD: &str = "correct horse battery";

impl TestApp {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// As [`TestApp::start`], with another configuration.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().expect("a folder for the test's files");
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            database_url: Some(database.url()),
            data_dir: data.path().to_owned(),
            app_dir: data.path().join("no-app"),
            workers: 1,
            ..Config::default()
        };
        change(&mut config);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let app = App::open(config).expect("the database opens");
            actix_web::rt::System::new().block_on(async move {
                let (server, address) = server::run(app.clone()).expect("the server binds");
                sender
                    .send((app, address, server.handle()))
                    .expect("the test waits");
                server.await.expect("the server runs");
            });
        });
        let (app, address, handle) = tokio::task::spawn_blocking(move || receiver.recv())
            .await
            .expect("no panic")
            .expect("the server started");
        Self {
            app,
            address: format!("http://{address}"),
            handle,
            _data: data,
            _database: database,
        }
    }

    /// Somebody who is not logged in.
    pub fn nobody(&self) -> Client {
        Client::new(&self.address, None)
    }

    /// The first account, registered over the API: the administrator.
    pub async fn admin(&self) -> Client {
        let reply = self
            .nobody()
            .post(
                "/auth/register",
                json!({"name": "Admin", "email": "admin@example.com", "password": PASSWORD}),
            )
            .await;
        let body = reply.expect(200);
        Client::new(
            &self.address,
            body["access_token"].as_str().map(str::to_owned),
        )
    }

    /// The department that was made first.
    pub async fn company(&self) -> DepartmentId {
        self.app
            .db
            .read(|c| {
                Ok(guanxi_persistence::department::all(c)?
                    .first()
                    .map(|d| d.id))
            })
            .await
            .expect("departments")
            .expect("the administrator has been registered")
    }

    /// A new department below the company.
    pub async fn department(&self, name: &str) -> DepartmentId {
        use guanxi_domain::department::DepartmentInput;
        use guanxi_domain::{Lang, Rules};

        let input = DepartmentInput {
            name: name.to_owned(),
            parent_id: Some(self.company().await),
        };
        let input = input.checked(Lang::En).expect("a good name");
        self.app
            .db
            .write(Origin::system(), move |tx| {
                guanxi_persistence::department::create(tx, &input)
            })
            .await
            .expect("a department")
            .id
    }

    /// A new user with a shipped role in a department, logged in.
    pub async fn user(&self, role: ShippedRole, department: DepartmentId, email: &str) -> Client {
        let role = self
            .app
            .db
            .read(move |c| role::shipped(c, role))
            .await
            .expect("shipped roles");
        self.user_with_role(role, department, email).await
    }

    /// A new user with this role in a department, logged in.
    pub async fn user_with_role(
        &self,
        role: RoleId,
        department: DepartmentId,
        email: &str,
    ) -> Client {
        let hash = PASSWORD_HASH
            .get_or_init(|| guanxi_api::password::hash(PASSWORD).expect("a hash"))
            .clone();
        let new = user::NewUser {
            name: email.split('@').next().unwrap_or_default().to_owned(),
            email: email.to_owned(),
            password_hash: hash,
            state: guanxi_domain::user::UserState::Active,
            role_id: Some(role),
            department_id: Some(department),
            language: None,
        };
        let user = self
            .app
            .db
            .write(Origin::system(), move |tx| user::create(tx, None, &new))
            .await
            .expect("a user");
        self.token_of(user.id).await
    }

    /// Logs somebody in without a password: as quick as can be.
    pub async fn token_of(&self, id: UserId) -> Client {
        let new = guanxi_persistence::account::NewSession {
            token_hash: guanxi_api::auth::token_hash(&guanxi_api::auth::random_token()),
            expires_at: guanxi_domain::Timestamp::now().plus_seconds(3600),
            user_agent: "test".to_owned(),
        };
        let (session, _) = self
            .app
            .db
            .write(Origin::system(), move |tx| {
                guanxi_persistence::account::open_session(tx, id, &new)
            })
            .await
            .expect("a session");
        let token = self.app.keys.sign(id, session).expect("a token");
        Client::new(&self.address, Some(token))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Told to stop; the thread ends by itself.
        drop(self.handle.stop(false));
    }
}
