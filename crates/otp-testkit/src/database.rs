//! What Postgres and MariaDB have in common: a data directory copied from a template, and a process.

use crate::place::{Port, Scratch, root};
use crate::process::{Process, Program, Stopped, give_to};
use crate::wait::until;
use rustix::process::Signal;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const START: Duration = Duration::from_secs(180);

#[derive(Debug)]
pub(crate) struct Database {
    program: Program,
    process: Mutex<Option<Process>>,
    pub(crate) port: Port,
    _directory: Scratch,
    is_ready: fn(u16) -> bool,
}

/// What makes one of the two.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) user: &'static str,
    pub(crate) binary: PathBuf,
    pub(crate) stop: Signal,
    /// Fills an empty directory, which is slow: done once, then copied.
    pub(crate) make_template: fn(&Path),
    pub(crate) arguments: fn(&Path, u16) -> Vec<String>,
    pub(crate) is_ready: fn(u16) -> bool,
}

impl Database {
    pub(crate) fn start(kind: &Kind, more: &[&str]) -> Self {
        let (port, directory) = (Port::take(), Scratch::new(kind.name));
        let data = directory.path().join("data");
        copy(&template(kind), &data);
        give_to(kind.user, directory.path());
        let mut arguments = (kind.arguments)(&data, port.number());
        arguments.extend(more.iter().map(|word| (*word).to_owned()));
        let program = Program {
            binary: kind.binary.clone(),
            arguments,
            user: Some(kind.user),
            stop: kind.stop,
            log: directory.path().join("log"),
        };
        let database = Self {
            program,
            process: Mutex::new(None),
            port,
            _directory: directory,
            is_ready: kind.is_ready,
        };
        database.restart();
        database
    }

    pub(crate) fn end(&self, signal: Signal) {
        if let Some(mut process) = self.process().take() {
            process.end(signal);
        }
    }

    pub(crate) fn restart(&self) {
        self.end(self.program.stop);
        *self.process() = Some(self.program.start());
        until(&self.program.binary.to_string_lossy(), START, || {
            let mut process = self.process();
            // After a kill it may refuse to start while a child of the one before still ends: then once more.
            if process.as_mut().is_some_and(Process::has_ended) {
                assert!(
                    self.program.complaint().contains("shared memory"),
                    "it ended: {}",
                    self.program.complaint()
                );
                *process = Some(self.program.start());
            }
            (self.is_ready)(self.port.number())
        });
    }

    pub(crate) fn stop_cont(&self) -> Stopped<'_> {
        Stopped::stop(&self.process)
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Made once per user of this machine and version of the server; other processes wait until it is whole.
fn template(kind: &Kind) -> PathBuf {
    let version = fs::metadata(&kind.binary).map_or(0, |meta| meta.len());
    let path = root().join(format!("{}-{version}", kind.name));
    let lock = File::create(path.with_extension("lock")).expect("a lock file");
    lock.lock().expect("the template's lock");
    if !path.is_dir() {
        let unfinished = path.with_extension("unfinished");
        let _ = fs::remove_dir_all(&unfinished);
        fs::create_dir_all(&unfinished).expect("a directory for the template");
        give_to(kind.user, &unfinished);
        (kind.make_template)(&unfinished);
        fs::rename(&unfinished, &path).expect("the template in its place");
    }
    path
}

fn copy(from: &Path, to: &Path) {
    must(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Runs a command that must succeed.
pub(crate) fn must(command: &mut Command) {
    let output = command.output().expect("a command that can be started");
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
