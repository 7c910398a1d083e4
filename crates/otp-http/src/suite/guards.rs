//! Routes of the host that only users with a verified phone reach.

use super::world::{ALICE, TEACHER, World, roomy};
use super::{Call, Harness, Reply};

/// A handler that wants the user, on a route that nobody guards.
pub async fn open_to_nobody(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    assert_unauthorized(&world.call(&Call::new("GET", "/open")).await);
    assert_unauthorized(
        &world
            .call(&Call::new("GET", "/open").bearer(&login.access))
            .await,
    );
}

pub async fn closed_without_a_token(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let hello = Call::new("GET", "/hello");
    assert_unauthorized(&world.call(&hello).await);
    // The refusal is the API's own, byte for byte.
    assert_eq!(world.call(&hello).await, world.call(&Call::get("me")).await);
    assert_unauthorized(&world.call(&hello.clone().bearer(&login.refresh)).await);

    let reply = world.call(&hello.bearer(&login.access)).await;
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, login.user.as_bytes())
    );
}

pub async fn roles(harness: &impl Harness) {
    let world = World::new(harness).await;
    let (pupil, teacher) = (world.login(ALICE).await, world.login(TEACHER).await);
    let lessons = Call::new("GET", "/lessons");
    assert_unauthorized(&world.call(&lessons).await);
    let refused = world.call(&lessons.clone().bearer(&pupil.access)).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "forbidden")
    );
    let reply = world.call(&lessons.bearer(&teacher.access)).await;
    assert_eq!(
        (reply.status, reply.body.as_slice()),
        (200, teacher.user.as_bytes())
    );
}

/// Where sessions are checked and cannot be, nobody is let in.
pub async fn guards_ask_a_store_that_is_down(harness: &impl Harness) {
    let world = World::of(harness, roomy().check_sessions(true)).await;
    let login = world.login(TEACHER).await;
    world.store.off(true);
    for target in ["/hello", "/lessons"] {
        let reply = world
            .call(&Call::new("GET", target).bearer(&login.access))
            .await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (503, "unavailable"),
            "{target}"
        );
    }
}

fn assert_unauthorized(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (401, "unauthorized")
    );
    let challenge = reply.field("www-authenticate");
    assert!(challenge.is_some_and(|challenge| challenge.starts_with("Bearer")));
}
