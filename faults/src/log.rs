//! Everything that this process logs, at every level.

use std::io;
use std::sync::{Mutex, Once, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// More is not kept; a run writes a fraction of it.
const MOST: usize = 256 * 1024 * 1024;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins to keep what is logged, and forgets what was kept.
pub(crate) fn begin() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(Keeper)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber");
        log::set_logger(&Keeper).expect("no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
    lock().clear();
}

/// What was logged since.
pub(crate) fn kept() -> String {
    let log = lock();
    assert!(log.len() < MOST, "the log is too long to be kept");
    String::from_utf8_lossy(&log).into_owned()
}

fn lock() -> std::sync::MutexGuard<'static, Vec<u8>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Keeper;

/// Some drivers log past `tracing`. One logs every number that it parses, of which the README warns.
impl log::Log for Keeper {
    fn enabled(&self, about: &log::Metadata<'_>) -> bool {
        !about.target().starts_with("rlibphonenumber")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}\n", record.target(), record.args());
            lock().extend_from_slice(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

impl<'a> MakeWriter<'a> for Keeper {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl io::Write for Keeper {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let mut log = lock();
        if log.len() < MOST {
            log.extend_from_slice(text);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
