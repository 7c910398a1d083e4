//! Why a provider took no message stands in the route's log in the provider's own words for it, and nothing else does.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod route_world;

use otp_core::{Sender, async_trait};
use otp_providers::Twilio;
use otp_providers::http::{HttpReply, HttpRequest, HttpSender, Secret, Transport, TransportError};
use otp_providers::route::Leg;
use route_world::{CODE, World, message};
use std::io::Write;
use std::sync::{Arc, Mutex};

const NUMBER: &str = "+919876543210";
const TOKEN: &str = "a-token-for-tests";

/// Refuses, and repeats all that it was told.
#[derive(Debug)]
struct Indiscreet(u16, u32);

#[async_trait]
impl Transport for Indiscreet {
    async fn post(&self, _: HttpRequest) -> Result<HttpReply, TransportError> {
        let Self(status, code) = self;
        let body = format!(
            r#"{{"code":{code},"message":"{NUMBER} {CODE} {TOKEN}","more_info":"{TOKEN}","status":{status}}}"#
        );
        Ok(HttpReply::new(*status, body))
    }
}

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

async fn refused_by(provider: Indiscreet) {
    let twilio = Twilio::with_auth_token(format!("AC{:032}", 0), Secret::new(TOKEN).unwrap());
    let twilio = twilio.unwrap().sms_from("+15005550006").unwrap();
    let route = World::new().route([Leg::new(HttpSender::over(twilio, provider))]);
    route.send(&message(NUMBER)).await.unwrap_err();
}

/// LOG-2: what needs the operator, and what does not. One test, for a log is heard by one thread, and lines of other
/// threads may silence it.
#[test]
fn the_providers_own_code_is_in_the_line() {
    for (status, code, level, class) in [
        (401, 20003, "ERROR", "auth_or_config"),
        (400, 21610, "WARN", "unreachable"),
    ] {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let paused = builder.enable_time().start_paused(true).build().unwrap();
            paused.block_on(refused_by(Indiscreet(status, code)));
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let expected = [
            format!("{level} otp: "),
            "a provider took no message".to_owned(),
            "provider=\"twilio\"".to_owned(),
            format!("class=\"{class}\""),
            format!("code {code}"),
        ];
        let told = |line: &&str| expected.iter().all(|part| line.contains(part));
        assert_eq!(text.lines().filter(told).count(), 1, "{text}");
        for secret in [CODE, NUMBER.trim_start_matches("+91"), TOKEN] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
