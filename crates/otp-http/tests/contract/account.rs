//! Bearer tokens, sessions, signing out.

use crate::world::{PHONE, Reply, World, bearing, post};
use otp_core::policy::Policy;
use otp_http::{Headers, Request};
use serde_json::{Value, json};
use std::time::Duration;

const OTHER: &str = "+919876543211";
const REFUSED: &str = r#"Bearer error="invalid_token""#;

fn access(login: &Value) -> &str {
    login["access_token"].as_str().unwrap()
}

fn refused(reply: &Reply) -> Option<&str> {
    assert_eq!(reply.problem(), (401, "unauthorized".into(), None));
    reply.header("www-authenticate")
}

#[tokio::test]
async fn bearer_tokens() {
    let world = World::new();
    let login = world.login(PHONE).await;
    let good = access(&login);
    for (line, challenge) in [
        (format!("bearer {good}"), None),
        (format!("BEARER {good}"), None),
        (format!("Bearer  {good}"), Some("Bearer")),
        (format!("Bearer {good} "), Some("Bearer")),
        (format!("Basic {good}"), Some("Bearer")),
        (good.to_owned(), Some("Bearer")),
        (String::new(), Some("Bearer")),
        ("Bearer nonsense".to_owned(), Some(REFUSED)),
        (format!("Bearer {good}x"), Some(REFUSED)),
        (
            format!("Bearer {}", login["refresh_token"].as_str().unwrap()),
            Some(REFUSED),
        ),
    ] {
        let mut request = Request::new("GET", "/me");
        request.headers.push("Authorization", line.as_str());
        let reply = world.call(request).await;
        match challenge {
            None => assert_eq!(reply.status, 200, "{line}"),
            Some(challenge) => assert_eq!(refused(&reply), Some(challenge), "{line}"),
        }
    }
    let twice = bearing(bearing(Request::new("GET", "/me"), good), good);
    assert_eq!(refused(&world.call(twice).await), Some("Bearer"));
    let bare = world.call(Request::new("GET", "/me")).await;
    assert_eq!(refused(&bare), Some("Bearer"));
    world.clock.advance(Duration::from_secs(906));
    assert_eq!(refused(&world.get("/me", good).await), Some(REFUSED));
}

#[tokio::test]
async fn guards() {
    let world = World::new();
    world
        .users
        .grant(world.auth.phone(PHONE, None).unwrap(), "teacher");
    let login = world.login(PHONE).await;
    let mut headers = Headers::new();
    let nobody = world
        .api
        .authenticate(&headers)
        .await
        .map(|_| ())
        .map_err(Reply::from);
    assert_eq!(refused(&nobody.unwrap_err()), Some("Bearer"));
    headers.push("authorization", format!("Bearer {}", access(&login)));
    let user = world.api.authorize(&headers, "teacher").await.unwrap();
    assert_eq!(user.0.user.as_str(), login["user"]["id"]);
    let refused = world
        .api
        .authorize(&headers, "admin")
        .await
        .map_err(Reply::from);
    let problem = refused.unwrap_err().problem();
    assert_eq!(problem, (403, "forbidden".into(), None));
}

#[tokio::test]
async fn sessions_are_their_owners() {
    let world = World::new();
    let mine = world.login(PHONE).await;
    world.clock.advance(Duration::from_secs(60));
    let also_mine = world.login(PHONE).await;
    let other = world.login(OTHER).await;

    let list = world.get("/sessions", access(&mine)).await.json();
    let list = list["sessions"].as_array().unwrap();
    let current: Vec<_> = list.iter().map(|session| &session["current"]).collect();
    assert_eq!(current, [&json!(false), &json!(true)]);
    assert_eq!(list[0]["device_info"], Value::Null);
    assert_eq!(list[0]["created_at"], "2026-01-01T00:01:00Z");

    let second = format!("/sessions/{}", list[0]["id"].as_str().unwrap());
    let delete = |path: &str, token: &str| bearing(Request::new("DELETE", path), token);
    let not_found = (404, "not-found".to_owned(), None);
    for path in [
        second.as_str(),
        "/sessions/nonsense",
        "/sessions/AAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let reply = world.call(delete(path, access(&other))).await;
        assert_eq!(reply.problem(), not_found, "{path}");
    }
    let done = world.call(delete(&second, access(&mine))).await;
    assert_eq!((done.status, done.bytes.len()), (204, 0));
    assert_eq!(done.header("content-type"), None);
    assert_eq!(
        world.call(delete(&second, access(&mine))).await.problem(),
        not_found
    );
    assert_eq!(
        world.call(Request::new("DELETE", &second)).await.status,
        401
    );

    let token = json!({"refresh_token": also_mine["refresh_token"]});
    assert_eq!(world.post("/refresh-token", &token).await.status, 401);
    let token = json!({"refresh_token": mine["refresh_token"]});
    assert_eq!(world.post("/refresh-token", &token).await.status, 200);
}

/// Which of two logins, A and B of one user, are signed out by what.
#[tokio::test]
async fn signing_out() {
    // (bearer of A, bearer has expired, body with `A` and `B` for refresh tokens) -> (status, A lives, B lives)
    let table = [
        (true, false, "{}", (200, false, true)),
        (true, false, "", (200, false, true)),
        (false, false, r#"{"refresh_token":"A"}"#, (200, false, true)),
        (true, true, r#"{"refresh_token":"A"}"#, (200, false, true)),
        (true, false, r#"{"refresh_token":"B"}"#, (200, false, false)),
        (true, false, r#"{"all":true}"#, (200, false, false)),
        (
            true,
            false,
            r#"{"all":true,"refresh_token":"A"}"#,
            (200, false, false),
        ),
        (true, false, r#"{"all":false}"#, (200, false, true)),
        (
            false,
            false,
            r#"{"refresh_token":"forged"}"#,
            (200, true, true),
        ),
        (false, false, "{}", (401, true, true)),
        (false, false, "", (401, true, true)),
        (true, true, "{}", (401, true, true)),
        (false, false, r#"{"all":true}"#, (401, true, true)),
        (
            false,
            false,
            r#"{"all":true,"refresh_token":"A"}"#,
            (401, true, true),
        ),
        (
            true,
            true,
            r#"{"all":true,"refresh_token":"A"}"#,
            (401, true, true),
        ),
        (true, false, r#"{"refresh_token":1}"#, (422, true, true)),
        (true, false, "[]", (400, true, true)),
    ];
    for (bearer, expired, body, expected) in table {
        let world = World::new();
        let a = world.login(PHONE).await;
        world.clock.advance(Duration::from_secs(60));
        let b = world.login(PHONE).await;
        if expired {
            world.clock.advance(Duration::from_secs(900));
        }
        let token = |login: &Value| format!("\"{}\"", login["refresh_token"].as_str().unwrap());
        let body = body
            .replace("\"A\"", &token(&a))
            .replace("\"B\"", &token(&b));
        let mut request = post("/logout", body.as_str());
        if bearer {
            request = bearing(request, access(&a));
        }
        let status = world.call(request).await.status;
        let lives = async |login: &Value| {
            let token = json!({"refresh_token": login["refresh_token"]});
            world.post("/refresh-token", &token).await.status == 200
        };
        assert_eq!(
            (status, lives(&a).await, lives(&b).await),
            expected,
            "{bearer} {expired} {body}"
        );
    }
}

/// A refresh token that is bound to a device ends its session with that device's name only.
#[tokio::test]
async fn signing_out_on_a_device() {
    let world = World::new();
    let (challenge, code) = world.send(PHONE).await;
    let body =
        json!({"phone_number": PHONE, "challenge_id": challenge, "code": code, "device_id": "d1"});
    let login = world.post("/verify-otp", &body).await.json();
    let with = |device: &str| json!({"refresh_token": login["refresh_token"], "device_id": device});
    assert_eq!(world.post("/logout", &with("d2")).await.status, 200);
    assert_eq!(world.post("/refresh-token", &with("d2")).await.status, 401);
    assert_eq!(world.post("/refresh-token", &with("d1")).await.status, 200);
    assert_eq!(world.post("/logout", &with("d1")).await.status, 200);
    assert_eq!(world.post("/refresh-token", &with("d1")).await.status, 401);
}

#[tokio::test]
async fn closed_accounts() {
    let world = World::with_policy(Policy::strict());
    let login = world.login(PHONE).await;
    world
        .users
        .disable(&world.auth.phone(PHONE, None).unwrap(), true);
    let me = world.get("/me", access(&login)).await;
    assert_eq!(me.problem(), (403, "account-disabled".into(), None));
    world.clock.advance(Duration::from_secs(60));
    let (challenge, code) = world.send(PHONE).await;
    let body = json!({"phone_number": PHONE, "challenge_id": challenge, "code": code});
    let reply = world.post("/verify-otp", &body).await;
    assert_eq!(reply.problem(), (403, "account-disabled".into(), None));
    let token = json!({"refresh_token": login["refresh_token"]});
    assert_eq!(world.post("/refresh-token", &token).await.status, 401);
}

/// HTP-4: a token in a query, or in a body where none is read, opens nothing.
#[tokio::test]
async fn tokens_elsewhere() {
    let world = World::new();
    let login = world.login(PHONE).await;
    let query = format!("/me?access_token={}", access(&login));
    assert_eq!(world.call(Request::new("GET", query)).await.status, 404);
    let body = json!({"access_token": access(&login)});
    assert_eq!(world.post("/logout", &body).await.status, 422);
}
