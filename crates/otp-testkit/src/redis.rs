//! One Redis server.

use crate::needs;
use crate::place::{Port, Scratch};
use crate::process::{Process, Program, Stopped};
use crate::resp;
use crate::wait::until;
use rustix::process::Signal;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

const START: Duration = Duration::from_secs(20);

/// How a Redis server is set up.
///
/// ```no_run
/// use otp_testkit::RedisOptions;
///
/// let redis = RedisOptions::new().with("maxmemory-policy", "allkeys-lru").start();
/// ```
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    settings: Vec<(String, String)>,
}

impl RedisOptions {
    /// A server that keeps nothing on disk and never evicts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more line of `redis.conf`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// That every write is on disk before it is answered, so that a restart brings all of it back.
    #[must_use]
    pub fn durable(self) -> Self {
        self.with("appendonly", "yes").with("appendfsync", "always")
    }

    /// Starts it.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start(self) -> Redis {
        Redis::launch(&self, &[])
    }
}

/// A Redis server of one's own. Its methods take `&self`, so that a test can break it while others use it.
#[derive(Debug)]
pub struct Redis {
    program: Program,
    process: Mutex<Option<Process>>,
    port: Port,
    directory: Scratch,
}

impl Redis {
    /// A server that keeps nothing on disk and never evicts.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        RedisOptions::new().start()
    }

    /// `redis-server` with these settings, and `mode` behind them.
    pub(crate) fn launch(options: &RedisOptions, mode: &[&str]) -> Self {
        let (port, directory) = (Port::take(), Scratch::new("redis"));
        let config = directory.path().join("redis.conf");
        let mut lines = format!(
            "port {}\nbind 127.0.0.1\ndir {}\nsave \"\"\n",
            port.number(),
            directory.path().display()
        );
        if asks_before_debug() {
            lines.push_str("enable-debug-command yes\n");
        }
        for (name, value) in &options.settings {
            lines.push_str(&format!("{name} {value}\n"));
        }
        std::fs::write(&config, lines).expect("a configuration file");
        let mut arguments = vec![config.display().to_string()];
        arguments.extend(mode.iter().map(|word| (*word).to_owned()));
        let program = Program {
            binary: needs::binary("redis-server", "redis-server"),
            arguments,
            user: None,
            stop: Signal::KILL,
            log: directory.path().join("log"),
        };
        let redis = Self {
            program,
            process: Mutex::new(None),
            port,
            directory,
        };
        redis.restart();
        redis
    }

    /// `redis://127.0.0.1:…`
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// `127.0.0.1:…`
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The port that it listens on, also after a restart.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.number()
    }

    /// Its data directory.
    #[must_use]
    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// Kills it: nothing is saved, clients see the connection end.
    pub fn kill(&self) {
        if let Some(mut process) = self.process().take() {
            process.end(Signal::KILL);
        }
    }

    /// Starts it again on the same port, after killing it if it runs. What it has not on disk is gone.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        self.kill();
        *self.process() = Some(self.program.start());
        until("redis-server", START, || {
            let ended = self.process().as_mut().is_some_and(Process::has_ended);
            assert!(!ended, "redis-server ended: {}", self.program.complaint());
            match self.command(&["PING"]) {
                Ok(reply) => reply == "PONG",
                // It has a password, and is there.
                Err(error) => error.to_string().starts_with("NOAUTH"),
            }
        });
    }

    /// SIGSTOP until the returned guard is dropped: connections stay open, and nothing is answered.
    #[must_use = "it goes on when this is dropped"]
    pub fn stop_cont(&self) -> Stopped<'_> {
        Stopped::stop(&self.process)
    }

    /// Sends one command past the client under test; the elements of an array come on a line each.
    ///
    /// # Errors
    /// The server's own error, or that it was not reached.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        resp::command(self.port(), words)
    }

    /// As [`Redis::command`], for what must succeed.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn must(&self, words: &[&str]) -> String {
        self.command(words)
            .unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// The value of `field` in `INFO section`.
    #[must_use]
    pub fn info(&self, section: &str, field: &str) -> Option<String> {
        let info = self.command(&["INFO", section]).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix(field))?;
        Some(line.strip_prefix(':')?.trim().to_owned())
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Redis 7 and all Valkeys do; Redis 6 does not know the setting.
fn asks_before_debug() -> bool {
    static ASKS: OnceLock<bool> = OnceLock::new();
    *ASKS.get_or_init(|| {
        let binary = needs::binary("redis-server", "redis-server");
        let told = Command::new(binary).arg("--version").output();
        let told = told.expect("redis-server --version").stdout;
        !String::from_utf8_lossy(&told).contains(" v=6.")
    })
}
