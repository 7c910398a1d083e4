//! WHK-1, WHK-2: who may report, and what a report reaches.

use crate::flaky::FlakyStore;
use crate::world::{PHONE, Reply, auth, post};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::Policy;
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    Callback, CallbackError, DeliveryState, DeliveryWebhook, MemoryUsers, Report, Timestamp,
};
use otp_http::{Api, BODY_LIMIT, Request, Routes, WEBHOOK_BODY_LIMIT};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Believes whatever says `true`, by the name and token that it was given.
#[derive(Debug)]
struct Hook(&'static str, Option<&'static str>);

impl DeliveryWebhook for Hook {
    fn provider(&self) -> &str {
        self.0
    }

    fn token(&self) -> Option<&str> {
        self.1
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        match callback.body {
            b"true" => Ok(vec![Report::new("m", DeliveryState::Sent)]),
            b"unexpected" => Err(CallbackError::Unexpected),
            b"forged" => Err(CallbackError::Forged),
            _ => Err(CallbackError::Malformed),
        }
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

struct World {
    api: Api,
    store: Arc<FlakyStore>,
}

fn world(policy: Policy) -> World {
    let store = Arc::new(FlakyStore::default());
    let (sender, users) = (CapturingSender::new(), MemoryUsers::new());
    let auth = auth(store.clone(), sender, users, policy, ManualClock::default());
    World {
        api: Api::new(auth).with_webhook(Hook("p", None)),
        store,
    }
}

async fn status(api: &Api, path: &str, body: &str) -> u16 {
    api.handle(post(path, body)).await.status
}

/// WHK-2: with every verb out of order but the one that keeps reports, a report is kept all the same; with that one out
/// of order it is not.
#[tokio::test]
async fn webhook_cannot_touch_challenge() {
    let world = world(Policy::standard());
    let others = [
        "open", "attempt", "approve", "charge", "refund", "create", "rotate", "revoke", "find",
        "list", "note", "delivery", "ping",
    ];
    world.store.failing.set(&others);
    assert_eq!(status(&world.api, "/webhooks/p", "true").await, 200);
    world.store.failing.set(&["report"]);
    let reply = Reply::from(world.api.handle(post("/webhooks/p", "true")).await);
    assert_eq!(reply.status, 503);
    assert!(reply.header("retry-after").is_some());
    // WHK-1: what is not believed reaches none of them.
    world.store.failing.set(&["all"]);
    for (body, expected) in [("forged", 401), ("other", 400), ("unexpected", 404)] {
        let status = status(&world.api, "/webhooks/p", body).await;
        assert_eq!(status, expected, "{body}");
    }
}

/// What a provider sends costs no user anything, however wrong it is and wherever it comes from.
#[tokio::test]
async fn malformed_reports_count_against_nobody() {
    let limit = Limit::new(Act::Any, [Dimension::Address], 2, Duration::from_secs(3600));
    let world = world(Policy::builder().limit(limit).build().unwrap());
    for body in ["other", "forged", "unexpected", "true", "other", "other"] {
        status(&world.api, "/webhooks/p", body).await;
    }
    let send = json!({ "phone_number": PHONE }).to_string();
    assert_eq!(status(&world.api, "/send-otp", &send).await, 200);
    // The limit is there.
    for _ in 0..2 {
        status(&world.api, "/send-otp", "{").await;
    }
    assert_eq!(status(&world.api, "/send-otp", &send).await, 429);
}

/// Several for one provider, as while a token is exchanged; an empty token lets nobody in.
#[tokio::test]
async fn several_for_one_provider() {
    let api = world(Policy::standard()).api;
    let api = api
        .with_webhook(Hook("q", Some("made-up-token-one")))
        .with_webhook(Hook("q", Some("made-up-token-two")))
        .with_webhook(Hook("r", Some("")));
    for (segment, expected) in [
        ("q.made-up-token-one", 200),
        ("q.made-up-token-two", 200),
        ("q.made-up-token-six", 401),
        ("q", 401),
        ("r", 401),
        ("r.", 401),
        ("p", 200),
        ("p.", 404),
        ("s", 404),
    ] {
        let path = format!("/webhooks/{segment}");
        assert_eq!(status(&api, &path, "true").await, expected, "{segment}");
    }
}

/// The path is the host's to choose.
#[tokio::test]
async fn other_paths() {
    let api = world(Policy::standard()).api;
    let routes = Routes::new().with_webhooks("hooks/{id}/delivery");
    let api = api.with_routes(routes).unwrap();
    assert_eq!(status(&api, "/hooks/p/delivery", "true").await, 200);
    assert_eq!(status(&api, "/webhooks/p", "true").await, 404);
    let get = api.handle(Request::new("GET", "/hooks/p/delivery")).await;
    assert_eq!(get.status, 400, "a report without anything in it");
    for wrong in ["hooks", "hooks/{id}/{id}"] {
        assert!(Routes::new().with_webhooks(wrong).check().is_err());
    }
    assert_eq!(api.body_limit("/hooks/p/delivery/"), WEBHOOK_BODY_LIMIT);
    for path in ["/hooks/x/delivery", "/webhooks/p", "/send-otp", ""] {
        assert_eq!(api.body_limit(path), BODY_LIMIT, "{path}");
    }
}

/// HTP-4: where a token tells who reports, nobody without it has more kept than elsewhere.
#[tokio::test]
async fn only_who_has_the_token_sends_much() {
    let api = world(Policy::standard()).api;
    let api = api
        .with_webhook(Hook("q", Some("made-up-token-one")))
        .with_webhook(Hook("q", Some("made-up-token-two")))
        .with_webhook(Hook("r", Some("")));
    for right in ["q.made-up-token-one", "q.made-up-token-two", "p"] {
        let path = format!("/webhooks/{right}");
        assert_eq!(api.body_limit(&path), WEBHOOK_BODY_LIMIT, "{right}");
    }
    let large = " ".repeat(BODY_LIMIT + 1);
    for wrong in ["q", "q.", "q.made-up-token-six", "r", "r."] {
        let path = format!("/webhooks/{wrong}");
        assert_eq!(api.body_limit(&path), BODY_LIMIT, "{wrong}");
        assert_eq!(status(&api, &path, &large).await, 413, "{wrong}");
    }
}

/// With no webhook nothing is there, and nothing may be large.
#[tokio::test]
async fn none_at_all() {
    let (sender, users) = (CapturingSender::new(), MemoryUsers::new());
    let (store, clock) = (FlakyStore::default(), ManualClock::default());
    let api = Api::new(auth(store, sender, users, Policy::standard(), clock));
    assert_eq!(status(&api, "/webhooks/p", "true").await, 404);
    assert_eq!(api.body_limit("/webhooks/p"), BODY_LIMIT);
}

#[cfg(feature = "serde")]
#[test]
fn paths_as_data() {
    let routes: Routes = toml::from_str("webhooks = [\"hooks/{id}\"]").unwrap();
    assert_eq!(routes, Routes::new().with_webhooks("hooks/{id}"));
    assert!(toml::from_str::<Routes>("webhooks = [\"hooks\"]").is_err());
}

/// Signs with one of several keys, as while a provider's key is changed.
#[derive(Debug)]
struct Keyed(&'static [u8]);

impl DeliveryWebhook for Keyed {
    fn provider(&self) -> &str {
        "p"
    }

    fn token(&self) -> Option<&str> {
        None
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        match callback.body == self.0 {
            true => Ok(vec![Report::new("m", DeliveryState::Sent)]),
            false => Err(CallbackError::Forged),
        }
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Forged)
    }
}

/// WHK-1: the old key and the new one are good while both are there, and no third.
#[tokio::test]
async fn two_keys_of_one_provider() {
    let users = MemoryUsers::new();
    let (store, clock) = (Arc::new(FlakyStore::default()), ManualClock::default());
    let auth = auth(
        store,
        CapturingSender::new(),
        users,
        Policy::standard(),
        clock,
    );
    let api = Api::new(auth)
        .with_webhook(Keyed(b"old"))
        .with_webhook(Keyed(b"new"));
    for (body, expected) in [("old", 200), ("new", 200), ("third", 401)] {
        assert_eq!(status(&api, "/webhooks/p", body).await, expected, "{body}");
    }
    let asked = api.handle(Request::new("GET", "/webhooks/p")).await;
    assert_eq!(asked.status, 401);
}
