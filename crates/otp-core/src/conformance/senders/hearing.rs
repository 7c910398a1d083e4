//! Hears all that this thread logs at TRACE: through `tracing`, and through `log`, which HTTP clients use.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Hears until it is dropped.
pub(super) struct Hearing(#[expect(dead_code, reason = "a guard")] DefaultGuard);

struct Ear;

impl Hearing {
    /// # Panics
    /// When a logger of the host hears `log` in our place.
    pub(super) fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // One that the host has set may hand on to `tracing`; what follows shows whether it does.
            let _ = log::set_logger(&Ear);
            log::set_max_level(log::LevelFilter::Trace);
        });
        HEARD.set(Some(String::new()));
        let hearing = Self(set_default(Ear));
        log::trace!("through log");
        tracing::trace!("through tracing");
        let heard = hearing.heard();
        let both = heard.contains("through log") && heard.contains("through tracing");
        assert!(both, "the suite does not hear what is logged: {heard:?}");
        hearing
    }

    pub(super) fn heard(&self) -> String {
        HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

fn hear(what: fmt::Arguments<'_>) {
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            let _ = writeln!(heard, "{what}");
        }
    });
}

impl Visit for Ear {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        hear(format_args!("{field}={value:?}"));
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Ear {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        hear(format_args!("{}: {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}
