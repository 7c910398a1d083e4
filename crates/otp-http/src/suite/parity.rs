//! HTP-7: one script, whose transcript must not depend on the adapter.

use super::Harness;
use super::client::{MOUNT, Reply};
use super::world::{World, roomy};
use otp_core::policy::SignUp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// One step of the script. `{name}` in a request stands for what a reply called that, or for the last `{code}`.
enum Step {
    Api(&'static str, &'static str, &'static str, &'static str),
    Wire(&'static str),
    Wait(u64),
    StoreOff(bool),
    Refuse(bool),
}
use Step::{Api, Refuse, StoreOff, Wait, Wire};

const JSON: &str = "Content-Type: application/json\r\n";
const BEARER: &str = "Authorization: Bearer {access_token}\r\n";

const SCRIPT: &[Step] = &[
    Api("GET", "health", "", ""),
    Api("HEAD", "health", "", ""),
    Api("GET", "health/", "", ""),
    Api("GET", "health?x=%2f", "", ""),
    Api(
        "OPTIONS",
        "health",
        "Origin: https://example.org\r\nAccess-Control-Request-Method: POST\r\n",
        "",
    ),
    Api("GET", "jwks.json", "", ""),
    Api("HEAD", "jwks.json", "", ""),
    Api("GET", "nothing", "", ""),
    Api("HEAD", "nothing", "", ""),
    Api("PROPFIND", "nothing", "", ""),
    Api("GET", "%68ealth", "", ""),
    Api("GET", "sessions%2f..%2fhealth", "", ""),
    Api("GET", "../health", "", ""),
    Api("GET", "/health", "", ""),
    Api("GET", "%ff%00", "", ""),
    Api("GET", "send-otp", "", ""),
    Api("HEAD", "send-otp", "", ""),
    Api("TRACE", "send-otp", "", ""),
    Api("post", "send-otp", JSON, "{}"),
    Api("POST", "send-otp", "", "{}"),
    Api("POST", "send-otp", "Content-Type: text/plain\r\n", "{}"),
    Api("POST", "send-otp", JSON, ""),
    Api("POST", "send-otp", JSON, "{"),
    Api("POST", "send-otp", JSON, "{}"),
    Api("POST", "send-otp", JSON, r#"{"phone_number":"12"}"#),
    Api(
        "POST",
        "send-otp",
        JSON,
        r#"{"phone_number":"+919876543210","x":1}"#,
    ),
    Api(
        "POST",
        "send-otp",
        "Content-Type: application/json\r\nIdempotency-Key: one\r\n",
        r#"{"phone_number":"+919876543210"}"#,
    ),
    Api(
        "POST",
        "send-otp",
        "Content-Type: application/json\r\nIdempotency-Key: one\r\n",
        r#"{"phone_number":"+919876543210"}"#,
    ),
    Api(
        "POST",
        "send-otp",
        JSON,
        r#"{"mobile_number":"98765 43210"}"#,
    ),
    Api(
        "POST",
        "resend-otp",
        JSON,
        r#"{"phone_number":"+919876543210","challenge_id":"{challenge_id}"}"#,
    ),
    Wait(30_000),
    Api(
        "POST",
        "resend-otp",
        JSON,
        r#"{"phone_number":"+919876543210","challenge_id":"{challenge_id}"}"#,
    ),
    Api(
        "POST",
        "verify-otp",
        JSON,
        r#"{"phone_number":"+919876543210","code":"123456"}"#,
    ),
    Api(
        "POST",
        "verify-otp",
        JSON,
        r#"{"phone_number":"+919876543210","code":"12345x","challenge_id":"{challenge_id}"}"#,
    ),
    Api(
        "POST",
        "verify-otp",
        JSON,
        r#"{"phone_number":"+919876543210","code":"{wrong}","challenge_id":"{challenge_id}"}"#,
    ),
    Api(
        "POST",
        "verify-otp",
        JSON,
        r#"{"phone_number":"+919876543210","code":"{code}","challenge_id":"{challenge_id}"}"#,
    ),
    Api(
        "POST",
        "verify-otp",
        JSON,
        r#"{"phone_number":"+919876543210","code":"{code}","challenge_id":"{challenge_id}"}"#,
    ),
    Api(
        "POST",
        "complete-registration",
        JSON,
        r#"{"phone_number":"+919876543210","registration_ticket":"{registration_ticket}"}"#,
    ),
    Api(
        "POST",
        "complete-registration",
        JSON,
        r#"{"phone_number":"+919876543211","registration_ticket":"{registration_ticket}","consent_version":"1","consent_text_id":"t"}"#,
    ),
    Api(
        "POST",
        "complete-registration",
        JSON,
        r#"{"phone_number":"+919876543210","registration_ticket":"{registration_ticket}","consent_version":"1","consent_text_id":"t","first_name":"Åsa"}"#,
    ),
    Api(
        "POST",
        "complete-registration",
        JSON,
        r#"{"phone_number":"+919876543210","registration_ticket":"{registration_ticket}","consent_version":"1","consent_text_id":"t"}"#,
    ),
    Api("GET", "me", "", ""),
    Api("GET", "me", BEARER, ""),
    Api("HEAD", "me", BEARER, ""),
    Api("GET", "me", "Authorization: Bearer x.y.z\r\n", ""),
    Api("GET", "sessions", BEARER, ""),
    Api("DELETE", "sessions/AAAAAAAAAAAAAAAAAAAAAA", BEARER, ""),
    Api("DELETE", "sessions/%41AAAAAAAAAAAAAAAAAAAAA", BEARER, ""),
    Wire("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    Wire("GET /open HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {access_token}\r\n\r\n"),
    Wire("GET /lessons HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {access_token}\r\n\r\n"),
    Api(
        "POST",
        "refresh-token",
        JSON,
        r#"{"refresh_token":"{refresh_token}"}"#,
    ),
    Api(
        "POST",
        "refresh-token",
        JSON,
        r#"{"refresh_token":"nonsense"}"#,
    ),
    Wire(
        "POST /api/v1/auth/send-otp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n",
    ),
    Wire(
        "POST /api/v1/auth/send-otp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ),
    Wire(
        "POST /api/v1/auth/send-otp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ),
    Wire(
        "POST http://example.org/api/v1/auth/send-otp HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    ),
    Wire("GET /api/v1/auth/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    Refuse(true),
    Api(
        "POST",
        "send-otp",
        JSON,
        r#"{"phone_number":"+919876543211"}"#,
    ),
    Refuse(false),
    StoreOff(true),
    Api("GET", "health", "", ""),
    Api(
        "POST",
        "send-otp",
        JSON,
        r#"{"phone_number":"+919876543211"}"#,
    ),
    Api(
        "POST",
        "refresh-token",
        JSON,
        r#"{"refresh_token":"{refresh_token}"}"#,
    ),
    StoreOff(false),
    Api("DELETE", "sessions/{session_id}", BEARER, ""),
    Api(
        "POST",
        "logout",
        JSON,
        r#"{"refresh_token":"{refresh_token}"}"#,
    ),
    Api("POST", "logout", JSON, r#"{"all":true}"#),
    Api(
        "POST",
        "refresh-token",
        JSON,
        r#"{"refresh_token":"{refresh_token}"}"#,
    ),
    Wait(1_000_000),
    Api(
        "POST",
        "logout",
        "Authorization: Bearer {access_token}\r\n",
        "",
    ),
];

/// Members whose values are random, or follow from random ones.
const RANDOM: [&str; 9] = [
    "challenge_id",
    "access_token",
    "refresh_token",
    "registration_ticket",
    "session_id",
    "id",
    "kid",
    "x",
    "jti",
];

/// Plays the script and writes down every reply, random values by their names: two adapters agree where their
/// transcripts are equal. Header fields are compared without regard to order and case, and without `date`.
pub async fn transcript(harness: &impl Harness) -> Vec<String> {
    let world = World::of(harness, roomy().sign_up(SignUp::Ticket)).await;
    let mut names = Names::default();
    let mut transcript = Vec::new();
    for step in SCRIPT {
        let request = match step {
            Wait(millis) => {
                world.clock.advance(Duration::from_millis(*millis));
                continue;
            }
            StoreOff(off) => {
                world.store.off(*off);
                continue;
            }
            Refuse(refuse) => {
                world.sender.refuse(*refuse);
                continue;
            }
            Wire(bytes) => names.fill(&world, bytes),
            Api(method, route, fields, body) => {
                let head = format!("{method} {MOUNT}/{route} HTTP/1.1\r\nHost: a\r\n{fields}");
                let (head, body) = (names.fill(&world, &head), names.fill(&world, body));
                format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
            }
        };
        let reply = world.raw(request.as_bytes()).await;
        names.learn(&reply.json());
        let line = request.lines().next().unwrap_or_default();
        transcript.push(names.hide(&format!("{line}\n{}", written(&reply))));
    }
    transcript
}

fn written(reply: &Reply) -> String {
    let body = String::from_utf8_lossy(&reply.body);
    format!("{} {:?}\n{body}", reply.status, reply.fields)
}

#[derive(Default)]
struct Names {
    last: BTreeMap<String, String>,
    all: Vec<(String, String)>,
}

impl Names {
    fn fill(&self, world: &World, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.last {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        if text.contains("{code}") || text.contains("{wrong}") {
            text = text.replace("{code}", &world.code());
            text = text.replace("{wrong}", &world.wrong_code());
        }
        text
    }

    fn learn(&mut self, body: &Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str() {
                        Some(value) if RANDOM.contains(&name.as_str()) => self.name(name, value),
                        _ => self.learn(value),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.learn(value)),
            _ => {}
        }
    }

    fn name(&mut self, name: &str, value: &str) {
        self.last.insert(name.to_owned(), value.to_owned());
        if !self.all.iter().any(|(_, known)| known == value) {
            let numbered = format!("<{name} {}>", self.all.len());
            self.all.push((numbered, value.to_owned()));
        }
    }

    fn hide(&self, text: &str) -> String {
        let hide = |text: String, (name, value): &(String, String)| text.replace(value, name);
        self.all.iter().fold(text.to_owned(), hide)
    }
}
