//! LOG-1: neither a number nor a code of the provider's is to be seen anywhere.

use crate::common::{MINUTE, Setup, World, phone};
use crate::provider::{Conduct, Provider, hosted};
use otp_core::policy::Policy;
use otp_core::{Checked, Code, SendErrorKind, Start};
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Ten digits, which nothing contains by chance.
const TYPED: &str = "8642097531";

/// Everything that can happen, with what was answered.
async fn story(world: &World, provider: &Provider) -> String {
    let typed = Code::parse(TYPED).unwrap();
    let mut answers = String::new();
    let mut keep = |answer: String| answers += &answer;
    let id = world.start(&phone(1)).await.challenge_id;
    for conduct in [
        Conduct::default(),
        Conduct {
            is_down: true,
            ..Conduct::default()
        },
        Conduct {
            finds: Some(Checked::Approved),
            ..Conduct::default()
        },
    ] {
        provider.be(conduct);
        keep(format!(
            "{:?}",
            world.verify(&phone(1), id, &typed).await.map(drop)
        ));
    }
    world.clock.advance(MINUTE);
    provider.be(Conduct {
        refuses: Some(SendErrorKind::Transient),
        ..Conduct::default()
    });
    keep(format!(
        "{:?}",
        world.auth.start(Start::new(phone(1))).await
    ));
    world.store.fail(&["note", "delivery"]);
    provider.be(Conduct::default());
    keep(format!(
        "{:?}",
        world.auth.start(Start::new(phone(1))).await
    ));
    keep(format!("{:?}", world.auth));
    keep(format!("{:?}", world.store.inner));
    keep(format!("{:?}", world.events.take()));
    answers
}

#[test]
fn nothing_shows_a_number_or_a_code() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let seen = tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (world, provider) = hosted(&Setup::new(Policy::standard()));
        runtime.block_on(story(&world, &provider))
    });
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("not_checked"), "{logged}");
    let secrets = [TYPED, phone(1).expose(), &phone(1).expose()[3..]].map(str::to_owned);
    for text in [seen, logged] {
        let found = crate::common::scan::found(&text, &secrets);
        assert!(found.is_none(), "{found:?} in {text}");
    }
}
