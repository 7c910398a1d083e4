//! After the login.

use super::world::{ALICE, BOB, World, path, roomy};
use super::{Call, Harness};
use serde_json::{Value, json};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);

/// TOK-8: two tabs refresh at nearly the same time, and both stay signed in.
pub async fn two_tabs_no_logout(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let one = world.refresh(&login.refresh).await;
    world.clock.advance(GRACE / 2);
    let two = world.refresh(&login.refresh).await;
    assert_eq!((one.status, two.status), (200, 200));
    assert_eq!(one.text("refresh_token"), two.text("refresh_token"));
    // The successor is the same one: it ends when it ends.
    for (reply, left) in [(&one, 86_400), (&two, 86_395)] {
        assert_eq!(world.me(&reply.text("access_token")).await.status, 200);
        let members = reply.json();
        let members = members.as_object().expect("an object");
        assert_eq!(members.len(), 5, "{members:?}");
        assert_eq!(
            (&members["expires_in"], &members["refresh_expires_in"]),
            (&json!(900), &json!(left))
        );
    }
    let next = world.refresh(&one.text("refresh_token")).await;
    assert_eq!(next.status, 200);
}

/// TOK-8
pub async fn lost_response_retry_ok(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let lost = world.refresh(&login.refresh).await;
    world.clock.advance(GRACE - Duration::from_millis(1));
    let retried = world.refresh(&login.refresh).await;
    assert_eq!(
        (retried.status, retried.text("refresh_token")),
        (200, lost.text("refresh_token"))
    );
    let next = world.refresh(&retried.text("refresh_token")).await;
    assert_eq!(next.status, 200);
}

/// TOK-7: after the grace a used token ends the session, the newest token included.
pub async fn replay_kills_family(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let newest = world.refresh(&login.refresh).await.text("refresh_token");
    world.clock.advance(GRACE + Duration::from_millis(1));
    let replayed = world.refresh(&login.refresh).await;
    assert_eq!(
        (replayed.status, replayed.problem().as_str()),
        (401, "unauthorized")
    );
    assert_eq!(world.refresh(&newest).await.status, 401);
}

/// TOK-9: by the refresh token, and by the access token.
pub async fn logout_by_either_token(harness: &impl Harness) {
    let world = World::of(harness, roomy().check_sessions(true)).await;
    let login = world.login(ALICE).await;
    let by_refresh = Call::post("logout", &json!({ "refresh_token": login.refresh }));
    let reply = world.call(&by_refresh).await;
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({ "message": "Signed out" }))
    );
    assert_eq!(world.refresh(&login.refresh).await.status, 401);
    assert_eq!(world.me(&login.access).await.status, 401);
    // What is gone stays gone, and a second try learns nothing.
    assert_eq!(world.call(&by_refresh).await.status, 200);

    let login = world.login(BOB).await;
    let by_access = Call::post("logout", &json!({})).bearer(&login.access);
    assert_eq!(world.call(&by_access).await.status, 200);
    assert_eq!(world.refresh(&login.refresh).await.status, 401);
    assert_eq!(world.call(&by_access).await.status, 401);
    assert_eq!(
        world.call(&Call::post("logout", &json!({}))).await.status,
        401
    );
}

/// TOK-9
pub async fn logout_all(harness: &impl Harness) {
    let world = World::new(harness).await;
    let one = world.login(ALICE).await;
    world.clock.advance(Duration::from_secs(60));
    let two = world.login(ALICE).await;
    let stranger = world.login(BOB).await;
    let all = json!({ "all": true });
    // A refresh token alone may not end the other sessions.
    assert_eq!(world.call(&Call::post("logout", &all)).await.status, 401);
    let reply = world
        .call(&Call::post("logout", &all).bearer(&two.access))
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(world.refresh(&one.refresh).await.status, 401);
    assert_eq!(world.refresh(&two.refresh).await.status, 401);
    assert_eq!(world.refresh(&stranger.refresh).await.status, 200);
}

pub async fn list_and_revoke(harness: &impl Harness) {
    let world = World::new(harness).await;
    let old = world.login(ALICE).await;
    world.clock.advance(Duration::from_secs(60));
    let new = world.login(ALICE).await;
    let stranger = world.login(BOB).await;
    let sessions = async |access: &str| {
        let reply = world.call(&Call::get("sessions").bearer(access)).await;
        assert_eq!(reply.status, 200);
        reply.json()["sessions"]
            .as_array()
            .cloned()
            .expect("a list")
    };
    let listed = sessions(&new.access).await;
    let (first, second) = (&listed[0], &listed[1]);
    assert_eq!(
        (listed.len(), &first["current"], &second["current"]),
        (2, &json!(true), &json!(false))
    );
    assert_eq!(
        (&first["created_at"], &first["expires_at"]),
        (
            &json!("2026-01-01T00:01:00Z"),
            &json!("2026-01-02T00:01:00Z")
        )
    );
    assert_eq!(
        (&second["created_at"], &second["device_info"]),
        (&json!("2026-01-01T00:00:00Z"), &Value::Null)
    );

    let foreign = sessions(&stranger.access).await[0]["id"].clone();
    let end = async |access: &str, id: &Value| {
        let id = id.as_str().unwrap_or_default();
        world
            .call(&Call::new("DELETE", path(&format!("sessions/{id}"))).bearer(access))
            .await
    };
    for id in [&foreign, &json!("A".repeat(22)), &json!("nonsense")] {
        let reply = end(&new.access, id).await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (404, "not-found"),
            "{id}"
        );
    }
    assert_eq!(world.refresh(&stranger.refresh).await.status, 200);

    let ended = end(&new.access, &second["id"]).await;
    assert_eq!(
        (ended.status, ended.body.len(), ended.field("content-type")),
        (204, 0, None)
    );
    assert_eq!(world.refresh(&old.refresh).await.status, 401);
    assert_eq!(end(&new.access, &second["id"]).await.status, 404);
    assert_eq!(sessions(&new.access).await.len(), 1);
}

pub async fn me_needs_a_token(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let bare = world.call(&Call::get("me")).await;
    assert_eq!(
        (bare.status, bare.problem().as_str()),
        (401, "unauthorized")
    );
    assert_eq!(bare.field("www-authenticate"), Some("Bearer"));

    let forged = format!("{}x", login.access);
    let twice = Call::get("me").bearer(&login.access).bearer(&login.access);
    let refused = [
        Call::get("me").bearer(&forged),
        Call::get("me").bearer(&login.refresh),
        Call::get("me").header("Authorization", &format!("Basic {}", login.access)),
        Call::get(&format!("me?access_token={}", login.access)),
        Call::get("me").header("Cookie", &format!("access_token={}", login.access)),
        twice,
    ];
    for call in refused {
        let reply = world.call(&call).await;
        assert_eq!(reply.status, 401);
        assert!(
            reply
                .field("www-authenticate")
                .is_some_and(|value| value.starts_with("Bearer"))
        );
    }
    world.clock.advance(Duration::from_secs(906));
    assert_eq!(world.me(&login.access).await.status, 401);
}

/// TOK-14
pub async fn jwks_no_private_member(harness: &impl Harness) {
    let world = World::new(harness).await;
    let reply = world.call(&Call::get("jwks.json")).await;
    assert_eq!(reply.status, 200);
    let keys = reply.json()["keys"].as_array().cloned().expect("a list");
    assert!(!keys.is_empty());
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private} is private");
        }
    }
}
