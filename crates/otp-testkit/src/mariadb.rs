//! A MariaDB server.

use crate::database::{Database, Kind, must};
use crate::needs;
use crate::process::{Stopped, as_user};
use rustix::process::Signal;
use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// A MariaDB server of one's own, with a database `otp` whose owner is `otp`, password `otp`; that user may do
/// anything, also make other databases.
///
/// ```no_run
/// use otp_testkit::MariaDb;
///
/// let mariadb = MariaDb::start();
/// println!("{}", mariadb.url()); // mysql://otp:otp@127.0.0.1:…/otp
/// ```
#[derive(Debug)]
pub struct MariaDb(Database);

impl MariaDb {
    /// Starts it, with commits that survive the end of the process.
    ///
    /// # Panics
    /// When MariaDB is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with more words on its command line.
    ///
    /// # Panics
    /// When MariaDB is not installed or does not start.
    #[must_use]
    pub fn start_with(more: &[&str]) -> Self {
        let kind = Kind {
            name: "mariadb",
            user: "mysql",
            binary: needs::binary("mariadbd", "mariadb-server"),
            stop: Signal::KILL,
            make_template,
            arguments,
            is_ready,
        };
        Self(Database::start(&kind, more))
    }

    /// The URL of its database `otp`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("otp")
    }

    /// The URL of another of its databases, which the test has made.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("mysql://otp:otp@127.0.0.1:{}/{database}", self.port())
    }

    /// The port that it listens on, also after a restart.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.0.port.number()
    }

    /// SIGKILL.
    pub fn kill(&self) {
        self.0.end(Signal::KILL);
    }

    /// SIGSTOP for its first process until the returned guard is dropped: it takes no new connection and answers none.
    #[must_use = "it goes on when this is dropped"]
    pub fn stop_cont(&self) -> Stopped<'_> {
        self.0.stop_cont()
    }

    /// Starts it again on the same port and the same data, after killing it if it runs.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        self.0.restart();
    }
}

fn make_template(directory: &Path) {
    let mut command = as_user(Some("mysql"), false);
    command
        .arg(needs::binary("mariadb-install-db", "mariadb-server"))
        .args(["--no-defaults", "--skip-test-db"])
        .arg("--auth-root-authentication-method=normal")
        .arg(format!("--datadir={}", directory.display()))
        .current_dir("/");
    must(&mut command);
    let statements = "CREATE DATABASE IF NOT EXISTS otp CHARACTER SET utf8mb4;\n\
        CREATE USER IF NOT EXISTS otp@'127.0.0.1' IDENTIFIED BY 'otp';\n\
        GRANT ALL ON *.* TO otp@'127.0.0.1' WITH GRANT OPTION;\n";
    std::fs::write(directory.join("init.sql"), statements).expect("the first statements");
}

fn arguments(data: &Path, port: u16) -> Vec<String> {
    let data = data.display();
    format!(
        "--no-defaults --datadir={data} --port={port} --bind-address=127.0.0.1 --socket={data}/socket \
         --pid-file={data}/pid --init-file={data}/init.sql --skip-name-resolve --innodb-buffer-pool-size=64M \
         --innodb-log-file-size=16M --max-connections=300"
    )
    .split_whitespace()
    .map(str::to_owned)
    .collect()
}

/// The server speaks first: the fifth byte is the version of the protocol. It comes after the first statements.
fn is_ready(port: u16) -> bool {
    let greet = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting)?;
        Ok(greeting[4])
    };
    greet().is_ok_and(|version| version == 10)
}
