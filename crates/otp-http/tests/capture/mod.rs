//! Everything that is logged in this process, through `tracing` and through `log`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Captures at TRACE whatever any crate says, but for the one that is known to write numbers.
pub(crate) fn install() -> Log {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace,rlibphonenumber=off"))
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // With the feature `tracing-log` this takes what is said through `log` as well.
    subscriber.try_init().unwrap();
    tracing::trace!("the capture is on");
    log
}

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
