//! How a program is told to end.

use std::io;

/// Ends when the process is told to: Ctrl-C, or what a service manager sends. A signal counts from this call on, also
/// before anybody waits for it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let stop = otp_examples::stop_signal()?;
/// let work = async { 42 };
/// tokio::select! {
///     () = stop => println!("stopped"),
///     answer = work => assert_eq!(answer, 42),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The process may not listen to signals.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends at Ctrl-C.
///
/// # Errors
/// None here.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_that_comes_early_is_not_lost() {
        for signal in ["-TERM", "-INT"] {
            let stop = stop_signal().unwrap();
            let pid = std::process::id().to_string();
            let mut kill = std::process::Command::new("kill");
            assert!(kill.args([signal, &pid]).status().unwrap().success());
            stop.await;
        }
    }
}
