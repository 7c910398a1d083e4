//! WHK-1 to WHK-4: what providers report.

mod provider;

use super::world::{ALICE, Setting, World, path, roomy};
use super::{Call, Harness, Reply};
use crate::{Api, BODY_LIMIT, TrustedProxies, WEBHOOK_BODY_LIMIT};
use provider::{SIGNATURE, Signing, TOKEN, Tokened, WORD, signature};
use serde_json::json;

pub(super) fn mounted(api: Api) -> Api {
    api.with_webhook(Signing).with_webhook(Tokened)
}

async fn world(harness: &impl Harness) -> World {
    let setting = Setting {
        adjust: mounted,
        tracks: true,
        ..Setting::default()
    };
    World::with(harness, setting).await
}

/// A report in the scripted provider's form: a line for each message.
fn report(lines: &str) -> Call {
    signed("webhooks/capturing", lines)
}

fn signed(route: &str, body: &str) -> Call {
    unsigned(route, body).header(SIGNATURE, &signature(body.as_bytes()))
}

fn unsigned(route: &str, body: &str) -> Call {
    let form = "application/x-www-form-urlencoded";
    let call = Call::new("POST", path(route)).header("Content-Type", form);
    call.body(body)
}

/// Asks for a code in such a way that asking again says what has become of it.
async fn ask(world: &World) -> Reply {
    let send = Call::post("send-otp", &json!({ "phone_number": ALICE }));
    world.call(&send.header("Idempotency-Key", "key")).await
}

fn taken(reply: &Reply) {
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"{}"[..]));
}

fn refused(reply: &Reply, status: u16, problem: &str) {
    assert_eq!((reply.status, reply.problem().as_str()), (status, problem));
}

pub async fn signed_reports_are_taken(harness: &impl Harness) {
    let world = world(harness).await;
    let sent = ask(&world).await;
    assert_eq!(sent.text("delivery"), "accepted", "{}", sent.json());
    assert!(sent.json().get("previous_delivery").is_none());
    taken(&world.call(&report("captured-1 delivered")).await);
    assert_eq!(ask(&world).await.text("delivery"), "delivered");
    world.clock.advance(std::time::Duration::from_secs(60));
    let body = json!({ "phone_number": ALICE, "challenge_id": sent.text("challenge_id") });
    let resent = world.call(&Call::post("resend-otp", &body)).await;
    assert_eq!(resent.text("delivery"), "accepted", "{}", resent.json());
    assert_eq!(resent.text("previous_delivery"), "delivered");
}

/// WHK-1: without the signature, or with one that does not fit by a bit, nothing is read.
pub async fn unsigned_401(harness: &impl Harness) {
    let world = world(harness).await;
    ask(&world).await;
    let body = "captured-1 failed";
    let wrong = signature(b"captured-1 failec");
    let twice = signed("webhooks/capturing", body).header(SIGNATURE, "0");
    for call in [
        unsigned("webhooks/capturing", body),
        unsigned("webhooks/capturing", body).header(SIGNATURE, &wrong),
        unsigned("webhooks/capturing", "not in its form"),
        twice,
    ] {
        refused(&world.call(&call).await, 401, "unauthorized");
    }
    assert_eq!(ask(&world).await.text("delivery"), "accepted");
    // Not even a store that is down is asked.
    world.store.off(true);
    let forged = unsigned("webhooks/capturing", body);
    refused(&world.call(&forged).await, 401, "unauthorized");
    refused(&world.call(&report(body)).await, 503, "unavailable");
}

/// WHK-1: for those who do not sign, what stands behind the name.
pub async fn tokens(harness: &impl Harness) {
    let world = world(harness).await;
    let right = format!("webhooks/tokened.{TOKEN}");
    taken(&world.call(&unsigned(&right, "message-1 sent")).await);
    taken(&world.call(&unsigned(&format!("{right}/"), "")).await);
    let (head, last) = TOKEN.split_at(TOKEN.len() - 1);
    for segment in [
        "tokened".to_owned(),
        "tokened.".to_owned(),
        format!("tokened.{head}"),
        format!("tokened.{TOKEN}{last}"),
        format!("tokened.{TOKEN}.x"),
    ] {
        let call = unsigned(&format!("webhooks/{segment}"), "message-1 sent");
        refused(&world.call(&call).await, 401, "unauthorized");
    }
    for segment in [
        "nobody",
        "token",
        "tokened-x",
        "TOKENED",
        "capturing.x",
        "%74okened",
        "",
    ] {
        let call = signed(&format!("webhooks/{segment}"), "message-1 sent");
        refused(&world.call(&call).await, 404, "not-found");
    }
}

/// What is signed and cannot be read; and what is not expected at all.
pub async fn another_form_400(harness: &impl Harness) {
    let world = world(harness).await;
    for body in ["captured-1", "captured-1 eaten", "\u{0}", "{}"] {
        refused(&world.call(&report(body)).await, 400, "malformed-report");
    }
    taken(&world.call(&report("")).await);
}

/// WHK-3: late, early, repeated and reordered reports, and those of nobody's message.
pub async fn order_and_repetition_do_not_matter(harness: &impl Harness) {
    let world = world(harness).await;
    taken(&world.call(&report("captured-1 sent")).await);
    assert_eq!(ask(&world).await.text("delivery"), "accepted");
    assert_eq!(ask(&world).await.text("delivery"), "sent");
    for (lines, state) in [
        ("captured-1 read", "read"),
        ("captured-1 read", "read"),
        ("captured-1 accepted\ncaptured-1 failed", "read"),
        ("captured-2 failed\nmessage-of-nobody failed", "read"),
    ] {
        taken(&world.call(&report(lines)).await);
        assert_eq!(ask(&world).await.text("delivery"), state, "{lines}");
    }
}

/// HTP-4: reports may be longer than other bodies, in a form of their own; nothing else may.
pub async fn bodies_of_webhooks(harness: &impl Harness) {
    let world = world(harness).await;
    ask(&world).await;
    let line = "captured-1 delivered\n";
    let mut body = line.to_owned() + &"\n".repeat(WEBHOOK_BODY_LIMIT - line.len());
    taken(&world.call(&report(&body)).await);
    assert_eq!(ask(&world).await.text("delivery"), "delivered");
    body.push('\n');
    let large = world.call(&report(&body)).await;
    refused(&large, 413, "payload-too-large");
    assert_eq!(large.field("connection"), Some("close"));
    for route in ["send-otp", "webhooks/nobody", "webhooks"] {
        let body = " ".repeat(BODY_LIMIT + 1);
        let call = Call::new("POST", path(route)).json(body);
        let (status, problem) = match route {
            "send-otp" => (413, "payload-too-large"),
            _ => (404, "not-found"),
        };
        let reply = world.call(&call).await;
        refused(&reply, status, problem);
        assert_eq!(reply.field("connection"), Some("close"), "{route}");
    }
}

/// A provider asks whether anybody is there, and is answered in its own words.
pub async fn handshake(harness: &impl Harness) {
    let world = world(harness).await;
    let asks = |query: &str| Call::get(&format!("webhooks/capturing?{query}"));
    let right = format!("word={WORD}&echo=a%20b%3C");
    let reply = world.call(&asks(&right)).await;
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, &b"a%20b%3C"[..]),
        "the query came as it was sent"
    );
    let plain = "text/plain; charset=utf-8";
    assert_eq!(reply.field("content-type"), Some(plain));
    refused(&world.call(&asks("word=other")).await, 401, "unauthorized");
    let without = world.call(&Call::get("webhooks/capturing")).await;
    refused(&without, 401, "unauthorized");
    let head = Call::new("HEAD", path(&format!("webhooks/capturing?{right}")));
    let head = world.call(&head).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.field("content-type"), Some(plain));
}

/// WHK-1: who never asks may report by GET, in the query; it is believed no sooner than by POST.
pub async fn reports_by_get(harness: &impl Harness) {
    let world = world(harness).await;
    let get = |segment: &str| Call::get(&format!("webhooks/{segment}?message-1+sent"));
    let right = get(&format!("tokened.{TOKEN}"));
    taken(&world.call(&right).await);
    refused(&world.call(&get("tokened")).await, 401, "unauthorized");
    refused(&world.call(&get("tokened.x")).await, 401, "unauthorized");
    let other_form = Call::get(&format!("webhooks/tokened.{TOKEN}?eaten"));
    let other_form = world.call(&other_form).await;
    refused(&other_form, 400, "malformed-report");
    // What is believed reaches the store.
    world.store.off(true);
    refused(&world.call(&right).await, 503, "unavailable");
}

pub async fn other_methods(harness: &impl Harness) {
    let world = world(harness).await;
    for method in ["PUT", "DELETE", "PATCH"] {
        let reply = world
            .call(&Call::new(method, path("webhooks/capturing")))
            .await;
        refused(&reply, 405, "method-not-allowed");
        assert_eq!(reply.field("allow"), Some("GET, HEAD, POST"));
    }
}

/// Without a webhook there is no such path, whatever is sent there.
pub async fn not_mounted_404(harness: &impl Harness) {
    let world = World::new(harness).await;
    for method in ["GET", "HEAD", "POST", "PUT"] {
        let call = Call::new(method, path("webhooks/capturing"));
        let status = world.call(&call).await.status;
        assert_eq!(status, 404, "{method}");
    }
    let large = report(&"\n".repeat(BODY_LIMIT + 1));
    refused(&world.call(&large).await, 404, "not-found");
    let sent = world.send(ALICE).await;
    assert!(sent.json().get("delivery").is_none(), "{}", sent.json());
}

/// Where a provider's addresses are known, the address is the one that limits go by.
pub async fn sources(harness: &impl Harness) {
    let setting = Setting {
        adjust: |api| {
            let proxies = TrustedProxies::new(["127.0.0.0/8"]).expect("networks");
            let api = api.with_trusted_proxies(proxies);
            let api = api.with_webhook_from(Signing, ["119.8.170.74/32", "2001:db8::/32"]);
            api.expect("networks")
        },
        ..Setting::default()
    };
    let world = World::with(harness, setting).await;
    for (from, there) in [
        ("119.8.170.74", true),
        ("2001:db8::7", true),
        ("::ffff:119.8.170.74", true),
        ("119.8.170.75", false),
        ("119.8.170.74, 203.0.113.1", false),
        ("203.0.113.1, 119.8.170.74", true),
        ("unknown", false),
    ] {
        let reply = world
            .call(&report("captured-1 sent").header("X-Forwarded-For", from))
            .await;
        match there {
            true => taken(&reply),
            false => refused(&reply, 401, "unauthorized"),
        }
    }
    let direct = world.call(&report("captured-1 sent")).await;
    refused(&direct, 401, "unauthorized");
}

/// WHK-2: no report makes a code good, gives a try back, moves an expiry or a cooldown, or sends anything.
pub async fn webhook_cannot_touch_challenge(harness: &impl Harness) {
    let setting = || Setting {
        policy: roomy().tell_tries_left(true),
        adjust: mounted,
        tracks: true,
        ..Setting::default()
    };
    let mut seen = Vec::new();
    for storm in [false, true] {
        let world = World::with(harness, setting()).await;
        let challenge = world.challenge(ALICE).await;
        let mut replies = Vec::new();
        for n in 0..4 {
            if storm {
                for state in ["accepted", "sent", "failed", "delivered", "read"] {
                    let lines = format!("captured-1 {state}\ncaptured-2 {state}");
                    taken(&world.call(&report(&lines)).await);
                }
            }
            let code = if n == 3 {
                world.code()
            } else {
                world.wrong_code()
            };
            let guess = world.verify(ALICE, &challenge, &code).await;
            let again = world.send(ALICE).await;
            for reply in [guess, again] {
                replies.push((reply.status, reply.body));
            }
        }
        assert_eq!(world.sender.messages().len(), 1, "nothing else was sent");
        assert_eq!(
            replies[6].0, 401,
            "the fourth guess was right, and too late"
        );
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
}

/// WHK-4: what a request says of the host that it came to changes nothing.
pub async fn host_header_ignored(harness: &impl Harness) {
    let world = world(harness).await;
    let body = "captured-1 sent";
    let mut replies = Vec::new();
    for host in ["localhost", "evil.example", "169.254.169.254:80"] {
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\n{SIGNATURE}: {}\r\nContent-Length: {}\r\n\r\n{body}",
            path("webhooks/capturing"),
            signature(body.as_bytes()),
            body.len(),
        );
        let reply = world.raw(head.as_bytes()).await;
        taken(&reply);
        replies.push(reply);
    }
    assert!(replies.windows(2).all(|two| two[0] == two[1]));
}
