//! The servers, and databases on them.

use crate::connection::Connection;
use otp_store_sql::{Database, SqlOptions, SqlStore};
use otp_testkit::{MariaDb, Postgres};
use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postgres,
    MariaDb,
    Sqlite,
}

impl Server {
    pub(crate) const ALL: [Self; 3] = [Self::Postgres, Self::MariaDb, Self::Sqlite];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "Postgres",
            Self::MariaDb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }

    /// What this one says.
    pub(crate) fn pick<T>(self, postgres: T, mariadb: T, sqlite: T) -> T {
        match self {
            Self::Postgres => postgres,
            Self::MariaDb => mariadb,
            Self::Sqlite => sqlite,
        }
    }
}

/// A server, started for the first figure that is chosen.
pub(crate) struct World<'r> {
    pub(crate) server: Server,
    pub(crate) runtime: &'r Runtime,
    running: OnceCell<Running>,
}

enum Running {
    Postgres(Postgres),
    MariaDb(MariaDb),
    Sqlite(PathBuf),
}

impl<'r> World<'r> {
    pub(crate) const fn new(server: Server, runtime: &'r Runtime) -> Self {
        Self {
            server,
            runtime,
            running: OnceCell::new(),
        }
    }

    fn running(&self) -> &Running {
        self.running.get_or_init(|| match self.server {
            Server::Postgres => Running::Postgres(Postgres::start()),
            Server::MariaDb => Running::MariaDb(MariaDb::start()),
            Server::Sqlite => Running::Sqlite(directory()),
        })
    }

    fn url(&self, database: &str) -> String {
        match self.running() {
            Running::Postgres(server) => server.url_of(database),
            Running::MariaDb(server) => server.url_of(database),
            Running::Sqlite(directory) => {
                format!("sqlite:{}/{database}.db", directory.display())
            }
        }
    }

    pub(crate) fn connect(&self, database: &str) -> Connection {
        let url = self.url(database);
        self.runtime.block_on(Connection::open(self.server, &url))
    }

    /// For what is asked of the server itself.
    pub(crate) fn administrator(&self) -> Connection {
        self.connect(self.server.pick("postgres", "otp", "ours"))
    }

    /// Makes the database with its tables if it is not there.
    pub(crate) fn store(&self, database: &str, connections: usize) -> SqlStore {
        let create = format!("CREATE DATABASE {database}");
        match self.running() {
            // Postgres has no IF NOT EXISTS here: that it is there already is no harm.
            Running::Postgres(_) | Running::MariaDb(_) => {
                let _ = self.runtime.block_on(self.administrator().text(&create));
            }
            Running::Sqlite(_) => {}
        }
        // The default is for users who wait; a machine that is shared may be slower.
        let options = SqlOptions::new(self.url(database))
            .max_connections(connections as u32)
            .op_timeout(Duration::from_secs(10));
        self.runtime.block_on(async {
            let database = Database::connect(options).await.unwrap();
            database.migrate().await.unwrap();
            SqlStore::new(&database)
        })
    }

    /// Empties the tables.
    pub(crate) fn empty(&self, database: &str) -> impl FnMut() + use<'r> {
        let (mut connection, runtime) = (self.connect(database), self.runtime);
        let gone = self.server.pick("TRUNCATE", "TRUNCATE", "DELETE FROM");
        move || {
            for table in ["otp_challenges", "otp_limits", "otp_sessions"] {
                let text = format!("{gone} {table}");
                runtime.block_on(connection.text(&text)).unwrap();
            }
        }
    }

    /// Has Postgres count statements from now on.
    pub(crate) fn count_statements(&self, databases: &[&str]) {
        let Running::Postgres(postgres) = self.running() else {
            return;
        };
        let text = |database, text| {
            let mut connection = self.connect(database);
            self.runtime.block_on(connection.text(text)).unwrap();
        };
        text(
            "postgres",
            "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'",
        );
        postgres.restart_fast();
        for database in databases {
            text(database, "CREATE EXTENSION pg_stat_statements");
        }
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        if let Some(Running::Sqlite(directory)) = self.running.get() {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}

fn directory() -> PathBuf {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("otp-bench-{}-{number}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}
