//! What is logged of all this.

use super::Harness;
use super::world::{ALICE, BOB, SignedIn, World, roomy};
use super::{Call, Connection};
use otp_core::policy::{PolicyBuilder, SignUp};
use serde_json::json;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

/// LOG-1: after logins, refusals and outages nothing that was logged, by whatever crate at whatever level, holds a
/// number, a code or a token. Runs alone in its process, all of which it listens to.
///
/// The one filter is `rlibphonenumber=off`, which a deployment that logs at TRACE must set as well: the numbering
/// library writes there every number that it parses.
pub async fn trace_level_e2e_canary_scan(harness: &impl Harness) {
    let log = Log::capture("trace,rlibphonenumber=off");
    let mut secrets = logins(harness).await;
    secrets.extend(registration(harness).await);
    let logged = log.text();
    assert!(logged.contains("TRACE"), "the capture is on");
    let audited = logged.contains("authn_login_success");
    assert!(audited, "the audit is in the capture");
    for (what, secret) in secrets {
        assert!(!secret.is_empty(), "{what} was planted");
        let line = logged.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{what} is in the log: {line:?}");
    }
}

/// Codes that no time and no address in memory looks like by chance.
fn ten_digits() -> PolicyBuilder {
    roomy().code_digits(10)
}

async fn logins(harness: &impl Harness) -> Vec<(&'static str, String)> {
    let world = World::of(harness, ten_digits().check_sessions(true)).await;
    let challenge = world.challenge(ALICE).await;
    world.verify(ALICE, &challenge, &world.wrong_code()).await;
    let login = SignedIn::read(&world.verify(ALICE, &challenge, &world.code()).await);
    let next = world.refresh(&login.refresh).await;
    world.clock.advance(Duration::from_secs(60));
    world.refresh(&login.refresh).await;
    world.me(&login.access).await;
    world.me(&format!("{}x", login.access)).await;
    // What a client must not send, and may.
    world
        .call(&Call::get(&format!("me?access_token={}", login.access)))
        .await;
    world
        .call(&Call::post(
            "send-otp",
            &json!({ "phone_number": ALICE, ALICE: ALICE }),
        ))
        .await;
    world
        .call(&Call::post(
            "send-otp",
            &json!({ "phone_number": format!("{BOB};ext=1") }),
        ))
        .await;
    let half = Call::post(
        "verify-otp",
        &json!({ "phone_number": BOB, "code": "9182736450" }),
    )
    .bytes();
    let mut connection = Connection::open(world.served.address)
        .await
        .expect("a connection");
    connection
        .write(&half[..half.len() - 2])
        .await
        .expect("it is open");
    drop(connection);
    world.sender.refuse(true);
    world.send(BOB).await;
    world.store.off(true);
    world.send(BOB).await;
    world.refresh(&next.text("refresh_token")).await;
    vec![
        ("a number", ALICE.to_owned()),
        ("a number without its plus", ALICE[1..].to_owned()),
        ("a national number", ALICE[3..].to_owned()),
        ("another number", BOB[3..].to_owned()),
        ("a code", world.code()),
        ("a code that was not asked for", "9182736450".to_owned()),
        (
            "an access token's signature",
            login
                .access
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        ("a refresh token", login.refresh),
        ("the next access token", next.text("access_token")),
        ("the next refresh token", next.text("refresh_token")),
    ]
}

async fn registration(harness: &impl Harness) -> Vec<(&'static str, String)> {
    let world = World::of(harness, ten_digits().sign_up(SignUp::Ticket)).await;
    let challenge = world.challenge(BOB).await;
    let ticket = world
        .verify(BOB, &challenge, &world.code())
        .await
        .text("registration_ticket");
    let body = json!({
        "phone_number": BOB, "registration_ticket": ticket, "email": "canary@example.org",
        "consent_version": "3", "consent_text_id": "terms",
    });
    let registered = world
        .call(&Call::post("complete-registration", &body))
        .await;
    vec![
        ("a ticket", ticket),
        ("an address", "canary@example.org".to_owned()),
        ("a code", world.code()),
        ("an access token", registered.text("access_token")),
        ("a refresh token", registered.text("refresh_token")),
    ]
}

/// Everything that is logged in this process, through `tracing` and through `log`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn capture(filter: &str) -> Self {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        // With the feature `tracing-log` this takes what is said through `log` as well.
        subscriber.try_init().expect("nobody else listens");
        tracing::trace!("the capture is on");
        log
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().expect("a lock");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
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
