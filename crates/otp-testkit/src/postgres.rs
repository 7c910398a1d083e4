//! A Postgres server.

use crate::database::{Database, Kind, must};
use crate::needs;
use crate::process::{Stopped, as_user};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// A Postgres server of one's own; its only user is `postgres`, without a password.
///
/// ```no_run
/// use otp_testkit::Postgres;
///
/// let postgres = Postgres::start();
/// println!("{}", postgres.url()); // postgres://postgres@127.0.0.1:…/postgres
/// postgres.kill(); // what was committed is there after
/// postgres.restart();
/// ```
#[derive(Debug)]
pub struct Postgres(Database);

impl Postgres {
    /// Starts it, with commits that survive the end of the process.
    ///
    /// # Panics
    /// When Postgres is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with more words on its command line.
    ///
    /// # Panics
    /// When Postgres is not installed or does not start.
    #[must_use]
    pub fn start_with(more: &[&str]) -> Self {
        let kind = Kind {
            name: "postgres",
            user: "postgres",
            binary: needs::binary("postgres", "postgresql"),
            stop: Signal::QUIT,
            make_template,
            arguments,
            is_ready,
        };
        Self(Database::start(&kind, more))
    }

    /// The URL of its database `postgres`; others can be made there.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The URL of another of its databases, which the test has made.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port())
    }

    /// The port that it listens on, also after a restart.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.0.port.number()
    }

    /// SIGKILL for the server; its children notice and end.
    pub fn kill(&self) {
        self.0.end(Signal::KILL);
    }

    /// SIGSTOP for its first process until the returned guard is dropped: it takes no new connection, and those that it
    /// has live on.
    #[must_use = "it goes on when this is dropped"]
    pub fn stop_cont(&self) -> Stopped<'_> {
        self.0.stop_cont()
    }

    /// Starts it again on the same port and the same data, after an immediate shutdown if it runs.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        self.0.restart();
    }

    /// As [`Postgres::restart`], after a fast shutdown: connections are closed, what is under way is undone.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart_fast(&self) {
        self.0.end(Signal::INT);
        self.0.restart();
    }
}

fn make_template(directory: &Path) {
    let mut command = as_user(Some("postgres"), false);
    command
        .arg(needs::binary("initdb", "postgresql"))
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8"])
        .args(["--locale=C", "--no-sync", "-D"])
        .arg(directory)
        .current_dir("/");
    must(&mut command);
}

/// `fsync` matters to a machine that loses power, not to a process that is killed. Deadlocks are looked for after 20 ms,
/// not a second, so that a test of many ends.
fn arguments(data: &Path, port: u16) -> Vec<String> {
    let data = data.display();
    format!("-D {data} -p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 -c deadlock_timeout=20ms")
        .split(' ')
        .map(str::to_owned)
        .collect()
}

/// While it starts it refuses a connection that is fully asked for with an error; `R` is its first word after.
fn is_ready(port: u16) -> bool {
    let greet = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let body = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
        let length = u32::try_from(body.len() + 4).unwrap_or(0);
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(body)?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    greet().is_ok_and(|answer| answer == b'R')
}
