//! What the process is told from outside.

#[cfg(unix)]
pub(crate) use unix::{Hangups, Signals};

#[cfg(not(unix))]
pub(crate) use elsewhere::{Hangups, Signals};

#[cfg(unix)]
mod unix {
    use std::io;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// SIGHUP, each time it comes.
    pub(crate) type Hangups = Signal;

    /// Taken from the moment it is made: a signal that comes before anybody waits for it is not lost.
    pub(crate) struct Signals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Signals {
        /// The signals that end the server, and the one that has it read its keys again.
        pub(crate) fn take() -> io::Result<(Self, Hangups)> {
            let ends = Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            };
            Ok((ends, signal(SignalKind::hangup())?))
        }

        /// Ctrl-C, or what a service manager sends.
        pub(crate) async fn end(mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    /// Ctrl-C alone.
    pub(crate) struct Signals;

    /// A signal that never comes.
    pub(crate) struct Hangups;

    impl Signals {
        pub(crate) fn take() -> io::Result<(Self, Hangups)> {
            Ok((Self, Hangups))
        }

        pub(crate) async fn end(self) {
            let _ = tokio::signal::ctrl_c().await;
        }
    }

    impl Hangups {
        pub(crate) async fn recv(&mut self) -> Option<()> {
            None
        }
    }
}
