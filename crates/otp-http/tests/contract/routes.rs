//! Which path serves what, and what every other path and method gets.

use crate::world::{PHONE, Reply, World, post};
use otp_http::{Api, Body, Request, Routes, RoutesError};
use serde_json::json;

/// What each of the five source systems has its clients post to, below its own base.
#[tokio::test]
async fn the_five_source_systems() {
    let table = [
        (
            "whatsapp-twilio",
            Routes::new().with_send("request-otp"),
            "/request-otp",
            "/verify-otp",
        ),
        (
            "engagelab",
            Routes::new().with_base("/").with_send("request-otp/"),
            "/request-otp/",
            "/verify-otp/",
        ),
        ("fastapi-redis", Routes::new(), "/send-otp", "/verify-otp"),
        ("msg91", Routes::new(), "/send-otp", "/verify-otp"),
        (
            "kavenegar",
            Routes::new()
                .with_base("/api/v1/usr")
                .with_send("otp")
                .with_verify("otp/verify"),
            "/otp",
            "/otp/verify",
        ),
    ];
    for (system, routes, send, verify) in table {
        let mut world = World::new();
        world.api = world.api.with_routes(routes).unwrap();
        let sent = world.post(send, &json!({"mobile_number": PHONE})).await;
        assert_eq!(sent.status, 200, "{system}");
        let code = world.sender.last_code().unwrap();
        let body = json!({
            "mobile_number": PHONE, "otp": code.expose(), "device_info": "app",
            "challenge_id": sent.member("challenge_id"),
        });
        assert_eq!(world.post(verify, &body).await.status, 200, "{system}");
    }
}

#[tokio::test]
async fn several_paths_and_slashes() {
    let routes = Routes::new()
        .with_send("otp")
        .with_send("/auth/otp/")
        .with_me("otp");
    let api = World::new().api.with_routes(routes).unwrap();
    for (path, status) in [
        ("/otp", 422),
        ("/otp/", 422),
        ("/auth/otp", 422),
        ("/auth/otp/", 422),
        ("/send-otp", 404),
        ("/otp//", 404),
        ("//otp", 404),
        ("/OTP", 404),
        ("/otp/x", 404),
        ("/auth", 404),
        ("/otp?x=1", 404),
        ("/%6ftp", 404),
        ("", 404),
        ("/", 404),
    ] {
        assert_eq!(api.handle(post(path, "{}")).await.status, status, "{path}");
    }
    assert_eq!(api.handle(Request::new("GET", "/otp")).await.status, 401);
}

/// HTP-4: methods that are not listed are refused, with those that are.
#[tokio::test]
async fn methods() {
    let world = World::new();
    let table = [
        ("/send-otp", "POST"),
        ("/resend-otp", "POST"),
        ("/verify-otp", "POST"),
        ("/complete-registration", "POST"),
        ("/refresh-token", "POST"),
        ("/logout", "POST"),
        ("/me", "GET, HEAD"),
        ("/sessions", "GET, HEAD"),
        ("/sessions/AAAAAAAAAAAAAAAAAAAAAA", "DELETE"),
        ("/health", "GET, HEAD"),
        ("/jwks.json", "GET, HEAD"),
    ];
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get", "",
    ];
    for (path, allow) in table {
        for method in methods {
            let reply = world.call(Request::new(method, path)).await;
            if allow.split(", ").any(|allowed| allowed == method) {
                assert_ne!(reply.status, 405, "{method} {path}");
                assert_eq!(reply.header("allow"), None);
            } else {
                assert_eq!(
                    (reply.status, reply.header("allow")),
                    (405, Some(allow)),
                    "{method} {path}"
                );
                assert!(!reply.bytes.is_empty());
            }
        }
        for path in ["/nothing", "/send-otp/x", "/sessions/a/b"] {
            assert_eq!(world.call(Request::new("POST", path)).await.status, 404);
        }
    }
}

/// One path may serve two methods; its `Allow` says both.
#[tokio::test]
async fn allow_of_a_shared_path() {
    let routes = Routes::new().with_me("usr").with_send("usr");
    let api = World::new().api.with_routes(routes).unwrap();
    let reply = Reply::from(api.handle(Request::new("PUT", "/usr")).await);
    assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"));
}

#[tokio::test]
async fn head_is_answered_as_get() {
    let world = World::new();
    for path in ["/health", "/jwks.json", "/me", "/nothing"] {
        let get = world.call(Request::new("GET", path)).await;
        let head = world.call(Request::new("HEAD", path)).await;
        assert_eq!(
            (head.status, &head.headers),
            (get.status, &get.headers),
            "{path}"
        );
        assert_eq!(head.bytes, get.bytes, "the server leaves it out");
    }
}

/// Of several things that are wrong the first in this order is told: path, method, media type, size, time, JSON, field.
#[tokio::test]
async fn order_of_refusals() {
    let with = |method: &str, path: &str, media_type: Option<&str>, body: Body| {
        let mut request = Request::new(method, path);
        if let Some(media_type) = media_type {
            request.headers.push("Content-Type", media_type);
        }
        request.body = body;
        request
    };
    let json = Some("application/json");
    let text = Some("text/plain");
    let full = |text: &str| Body::Complete(text.into());
    let table = [
        (with("PUT", "/nothing", text, Body::TooLarge), 404),
        (with("PUT", "/send-otp", text, Body::TooLarge), 405),
        (with("POST", "/send-otp", text, Body::TooLarge), 415),
        (with("POST", "/send-otp", None, full("{}")), 415),
        (with("POST", "/send-otp", Some(""), full("{}")), 415),
        (
            with("POST", "/send-otp", Some("application/jsonp"), full("{}")),
            415,
        ),
        (
            with(
                "POST",
                "/send-otp",
                Some("application/problem+json"),
                full("{}"),
            ),
            415,
        ),
        (
            with(
                "POST",
                "/send-otp",
                Some("application/x-www-form-urlencoded"),
                full("a=b"),
            ),
            415,
        ),
        (with("POST", "/logout", text, full("{}")), 415),
        (with("POST", "/send-otp", json, Body::TooLarge), 413),
        (
            with("POST", "/send-otp", json, full(&" ".repeat(4097))),
            413,
        ),
        (
            with(
                "POST",
                "/send-otp",
                json,
                full(&format!("{{}}{}", " ".repeat(4094))),
            ),
            422,
        ),
        (with("GET", "/health", None, Body::TooLarge), 413),
        (with("POST", "/send-otp", json, Body::TimedOut), 408),
        (with("POST", "/send-otp", json, Body::Broken), 400),
        (with("POST", "/send-otp", json, full("{")), 400),
        (with("POST", "/send-otp", json, full("")), 400),
        (with("POST", "/send-otp", text, full("")), 400),
        (with("POST", "/send-otp", json, full("{}")), 422),
        (
            with(
                "POST",
                "/send-otp",
                Some("APPLICATION/JSON ; charset=utf-8"),
                full("{}"),
            ),
            422,
        ),
        (with("POST", "/logout", None, full("")), 401),
    ];
    let world = World::new();
    for (turn, (request, status)) in table.into_iter().enumerate() {
        assert_eq!(world.call(request).await.status, status, "{turn}");
    }
    let mut twice = with("POST", "/send-otp", json, full("{}"));
    twice.headers.push("content-type", "application/json");
    assert_eq!(world.call(twice).await.status, 415);
}

#[test]
fn tables_that_cannot_be_served() {
    let collision = |path: &str| Err(RoutesError::Collision(path.to_owned()));
    let path = |path: &str| Err(RoutesError::Path(path.to_owned()));
    let id = |path: &str| Err(RoutesError::Id(path.to_owned()));
    let table = [
        (Routes::new(), Ok(())),
        (Routes::new().with_base(""), Ok(())),
        (Routes::new().with_base("/a/b/"), Ok(())),
        (Routes::new().with_send("otp").with_health("otp"), Ok(())),
        (Routes::new().with_session("my/{id}/session"), Ok(())),
        (Routes::new().with_verify("send-otp").with_send("x"), Ok(())),
        (
            Routes::new().with_send("verify-otp"),
            collision("verify-otp"),
        ),
        (
            Routes::new().with_send("/verify-otp/"),
            collision("verify-otp"),
        ),
        (Routes::new().with_send("a").with_send("a/"), collision("a")),
        (Routes::new().with_me("health"), collision("health")),
        (Routes::new().with_send(""), path("")),
        (Routes::new().with_send("/"), path("")),
        (Routes::new().with_send("a//b"), path("a//b")),
        (Routes::new().with_send("a/../b"), path("a/../b")),
        (Routes::new().with_send("a b"), path("a b")),
        (Routes::new().with_send("a?b"), path("a?b")),
        (Routes::new().with_send("a%2fb"), path("a%2fb")),
        (Routes::new().with_send("*"), path("*")),
        (Routes::new().with_base("no-slash"), path("no-slash")),
        (Routes::new().with_base("/a b"), path("/a b")),
        (Routes::new().with_send("{id}"), id("{id}")),
        (Routes::new().with_session("sessions"), id("sessions")),
        (Routes::new().with_session("{id}/{id}"), id("{id}/{id}")),
        (Routes::new().with_session("s-{id}"), id("s-{id}")),
    ];
    for (routes, expected) in table {
        assert_eq!(routes.check(), expected, "{routes:?}");
        let api: Result<Api, _> = World::new().api.with_routes(routes);
        assert_eq!(api.map(|_| ()), expected);
    }
    let long = Routes::new().with_send("a".repeat(129));
    assert!(matches!(long.check(), Err(RoutesError::Path(_))));
}
