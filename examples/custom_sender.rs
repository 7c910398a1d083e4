//! A sender of your own: `cargo run --example custom_sender` sends a code with it and signs in with that code.

use otp_core::policy::Policy;
use otp_core::{Code, Keys, MemoryStore, MemoryUsers, OtpAuth, Start, Verified, Verify};
use otp_core::{Message, Receipt, SendError, SendErrorKind, Sender, async_trait};
use std::sync::{Arc, mpsc};
use std::{error::Error, process::ExitCode};

/// Hands the texts to another thread, which may be slow, or gone.
#[derive(Debug)]
struct QueueSender(mpsc::SyncSender<(String, String)>);

#[async_trait]
impl Sender for QueueSender {
    fn name(&self) -> &str {
        "queue"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let text = format!("Your code is {}", message.code.expose());
        let queued = self.0.try_send((message.to.expose().to_owned(), text));
        // The cause is left out: it holds the text, and with it the code.
        queued.map_err(|_| SendError::new(SendErrorKind::Transient))?;
        Ok(Receipt::default())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    otp_examples::end(run().await)
}

#[expect(clippy::print_stdout, reason = "it shows what happens")]
async fn run() -> Result<(), Box<dyn Error>> {
    let (sender, outbox) = mpsc::sync_channel(100);
    let keys = Arc::new(Keys::generate()?);
    let auth = OtpAuth::builder(
        MemoryStore::new(),
        QueueSender(sender),
        MemoryUsers::new(),
        keys,
    )
    .policy(Policy::standard().for_countries(["IN".parse()?]))
    .build()?;

    let phone = auth.phone("+91 98765 43210", None)?;
    let started = auth.start(Start::new(phone.clone())).await?;

    let (to, text) = outbox.recv()?;
    println!("To {to}: {text}");
    let code = Code::parse(text.trim_start_matches("Your code is "))?;

    let verify = Verify::new(phone, Some(started.challenge_id), code);
    if let Verified::SignedIn(login) = auth.verify(verify).await? {
        println!(
            "Signed in: {} ({})",
            login.user.id.as_str(),
            login.user.phone.masked()
        );
    }
    Ok(())
}
