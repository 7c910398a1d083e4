//! A server's process: its end is certain.

use crate::needs;
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::{fs, io, thread};

/// What to start, and how it is stopped.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) binary: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// The user to run it as where the tests run as root, which some servers refuse.
    pub(crate) user: Option<&'static str>,
    /// Postgres takes its children along on QUIT only.
    pub(crate) stop: Signal,
    /// Where what it writes goes.
    pub(crate) log: PathBuf,
}

/// A running server. Dropping it stops it and waits for its end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stop: Signal,
}

impl Program {
    pub(crate) fn start(&self) -> Process {
        let child = spawn(self.command()).unwrap_or_else(|error| {
            panic!("{} did not start: {error}", self.binary.display());
        });
        Process {
            child,
            stop: self.stop,
        }
    }

    fn command(&self) -> Command {
        let mut command = as_user(self.user, true);
        let log = || {
            fs::File::options()
                .create(true)
                .append(true)
                .open(&self.log)
        };
        command
            .arg(&self.binary)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log().expect("a log file"))
            .stderr(log().expect("a log file"));
        command
    }

    /// The end of what it wrote, for the text of a failure.
    pub(crate) fn complaint(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last: Vec<_> = log.lines().rev().take(10).collect();
        last.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// `setpriv` execs, so the server keeps the pid that we know. With `bound` it dies with us.
pub(crate) fn as_user(user: Option<&str>, bound: bool) -> Command {
    let mut command = Command::new(needs::binary("setpriv", "util-linux"));
    if bound {
        command.args(["--pdeathsig", "KILL"]);
    }
    if let Some(user) = user.filter(|_| is_root()) {
        command.args([
            &format!("--reuid={user}"),
            &format!("--regid={user}"),
            "--init-groups",
        ]);
    }
    command.arg("--");
    command
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes `path` the property of the user that the server runs as.
pub(crate) fn give_to(user: &str, path: &Path) {
    if is_root() {
        let owner = format!("{user}:{user}");
        let status = Command::new("chown")
            .arg("-R")
            .arg(owner)
            .arg(path)
            .status();
        assert!(status.is_ok_and(|s| s.success()), "chown {user} failed");
    }
}

impl Process {
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // It may have ended by itself.
        let _ = pid.map(|pid| kill_process(pid, signal));
    }

    /// Ends it as `signal` does, and waits for that.
    pub(crate) fn end(&mut self, signal: Signal) {
        if !self.has_ended() {
            // A stopped process takes no other signal than KILL.
            self.signal(Signal::CONT);
            self.signal(signal);
            let _ = self.child.wait();
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end(self.stop);
    }
}

/// A server that is stopped until this is dropped.
#[derive(Debug)]
pub struct Stopped<'a>(&'a Mutex<Option<Process>>);

impl<'a> Stopped<'a> {
    pub(crate) fn stop(process: &'a Mutex<Option<Process>>) -> Self {
        let stopped = Self(process);
        stopped.signal(Signal::STOP);
        stopped
    }

    fn signal(&self, signal: Signal) {
        let process = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(process) = process.as_ref() {
            process.signal(signal);
        }
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.signal(Signal::CONT);
    }
}

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// Starts it from a thread that lives as long as this process: the death signal of `setpriv` comes with the end of
/// the *thread* that started it, and the thread of the test that first asks for a shared server ends early.
fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<Mutex<mpsc::Sender<Order>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, taken) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, done) in taken {
                let _ = done.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let (done, started) = mpsc::channel();
    let orders = spawner.lock().unwrap_or_else(PoisonError::into_inner);
    orders.send((command, done)).map_err(io::Error::other)?;
    drop(orders);
    started.recv().map_err(io::Error::other)?
}
