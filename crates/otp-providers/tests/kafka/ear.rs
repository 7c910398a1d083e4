//! All that this process logs.

use std::io::Write;
use std::sync::{Mutex, Once};

pub(crate) static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        HEARD.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl log::Log for Ear {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        // As its documentation asks of every host.
        !metadata.target().starts_with("rlibphonenumber")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let _ = writeln!(Ear, "{} {}", record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Hears all that this process logs at TRACE, through `tracing` and `log`, librdkafka among it.
pub(crate) fn hear() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // `init` would take the place of `log`'s logger too, where another crate's features have it do so.
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Ear)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log::set_logger(&Ear).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// Whether a line with both words was logged.
pub(crate) fn heard(one: &str, other: &str) -> bool {
    let heard = HEARD.lock().unwrap();
    let text = String::from_utf8_lossy(&heard);
    text.lines()
        .any(|line| line.contains(one) && line.contains(other))
}
