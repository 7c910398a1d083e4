//! Ports and directories that no other test process has.

use rustix::process::{Pid, geteuid, test_kill_process};
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below 20 000, so that a Cluster's second port (+ 10 000) is below 32 768, where the system's own choices begin.
const PORTS: std::ops::Range<u16> = 11_000..20_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Everything that is ours lies here. Servers that run as their own users must be able to walk through it.
pub(crate) fn root() -> PathBuf {
    let root = std::env::temp_dir().join(format!("otp-testkit-{}", geteuid().as_raw()));
    let made = fs::create_dir_all(&root)
        .and_then(|()| fs::set_permissions(&root, fs::Permissions::from_mode(0o755)));
    made.expect("a directory for throwaway servers");
    root
}

/// A port that is ours until it is dropped; `port + 10000` is, too.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    pub(crate) fn take() -> Self {
        let locks = root().join("ports");
        fs::create_dir_all(&locks).expect("a directory for locks");
        let count = u32::from(PORTS.end - PORTS.start);
        // Processes begin far apart, so that they seldom meet; the locks decide when they do.
        let start = process::id().wrapping_mul(97);
        for _ in 0..count {
            let step = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % count;
            let number = PORTS.start + u16::try_from(step).unwrap_or(0);
            let lock = File::create(locks.join(number.to_string())).expect("a lock file");
            if lock.try_lock().is_ok() && is_free(number) && is_free(number + 10_000) {
                return Self {
                    number,
                    _lock: lock,
                };
            }
        }
        panic!("no free port in {PORTS:?}");
    }

    pub(crate) const fn number(&self) -> u16 {
        self.number
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A directory that goes when it is dropped, or with the next test run if this one is killed.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(what: &str) -> Self {
        let runs = root().join("runs");
        remove_left_behind(&runs);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = runs
            .join(process::id().to_string())
            .join(format!("{what}-{number}"));
        fs::create_dir_all(&path).expect("a directory for a throwaway server");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: what stays is removed by a later run.
        let _ = fs::remove_dir_all(&self.0);
        if let Some(run) = self.0.parent() {
            let _ = fs::remove_dir(run);
        }
    }
}

/// Shared servers are never dropped: their process ends, and its directory is swept by the next one.
fn remove_left_behind(runs: &Path) {
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().parse().ok();
        let alive = pid
            .and_then(Pid::from_raw)
            .is_some_and(|pid| test_kill_process(pid).is_ok());
        if !alive {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
