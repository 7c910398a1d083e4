//! SIGHUP, each time it comes; where there is none, never.

#[cfg(unix)]
pub(crate) type Hangups = tokio::signal::unix::Signal;

#[cfg(unix)]
pub(crate) fn hangups() -> std::io::Result<Hangups> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::hangup())
}

#[cfg(not(unix))]
pub(crate) struct Hangups;

#[cfg(not(unix))]
pub(crate) fn hangups() -> std::io::Result<Hangups> {
    Ok(Hangups)
}

#[cfg(not(unix))]
impl Hangups {
    pub(crate) async fn recv(&mut self) -> Option<()> {
        None
    }
}
