//! HTP-7: one script, whose transcript must not depend on the adapter.

use super::Harness;
mod script;

use super::client::{MOUNT, Reply};
use super::world::{Setting, World, roomy};
use otp_core::policy::SignUp;
use script::{SCRIPT, Step};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Members whose values are random, or follow from random ones.
const RANDOM: [&str; 10] = [
    "challenge_id",
    "reference",
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
    let setting = Setting {
        policy: roomy().sign_up(SignUp::Ticket),
        adjust: super::webhooks::mounted,
        ..Setting::default()
    };
    let world = World::with(harness, setting).await;
    let mut names = Names::default();
    let mut transcript = Vec::new();
    for step in SCRIPT {
        let request = match step {
            Step::Wait(millis) => {
                world.clock.advance(Duration::from_millis(*millis));
                continue;
            }
            Step::StoreOff(off) => {
                world.store.off(*off);
                continue;
            }
            Step::Refuse(refuse) => {
                world.sender.refuse(*refuse);
                continue;
            }
            Step::Wire(bytes) => names.fill(&world, bytes),
            Step::Api(method, route, fields, body) => {
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
