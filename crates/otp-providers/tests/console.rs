//! The console sender, on a terminal that the test reads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

use otp_core::{ChallengeId, Code, Message, PhoneNumber, SendErrorKind, Sender};
use otp_providers::ConsoleSender;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Default)]
struct Terminal(Arc<Mutex<Vec<u8>>>);

impl Terminal {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn message() -> Message {
    let to = PhoneNumber::parse("+919876543210", None).unwrap();
    let id = ChallengeId::random().unwrap();
    Message::new(
        to,
        Code::parse("042137").unwrap(),
        id,
        Duration::from_secs(300),
    )
}

/// GEN-5: it says at once that it is for development.
#[tokio::test]
async fn prints_a_framed_code_and_says_what_it_is() {
    let terminal = Terminal::default();
    let sender = ConsoleSender::writing_to(terminal.clone());
    assert!(terminal.text().contains("Development only"));

    sender.send(&message()).await.unwrap();
    let text = terminal.text();
    let frame: Vec<_> = text.lines().skip(3).collect();
    let masked = message().to.masked();
    assert_eq!(
        frame[1],
        format!("│ sms to {masked}: 042137  (good for 300 s) │")
    );
    let widths: Vec<_> = frame.iter().map(|line| line.chars().count()).collect();
    assert_eq!(widths, [widths[0]; 3]);
}

/// LOG-1: the number is masked even here, and `Debug` shows nothing.
#[tokio::test]
async fn shows_the_code_and_not_the_number() {
    let terminal = Terminal::default();
    let sender = ConsoleSender::writing_to(terminal.clone());
    sender.send(&message()).await.unwrap();
    assert!(!terminal.text().contains("9876543210"));
    assert_eq!(format!("{sender:?}"), "ConsoleSender");
}

#[tokio::test]
async fn a_terminal_that_is_gone_is_an_error() {
    let error = ConsoleSender::writing_to(Closed).send(&message()).await;
    assert_eq!(error.unwrap_err().kind, SendErrorKind::AuthOrConfig);
}
