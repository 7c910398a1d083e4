//! Many at once.

use super::client::Reply;
use super::world::{ALICE, World};
use super::{Call, Connection, Harness};
use otp_core::challenge::Rejection;
use otp_core::{Action, Outcome};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// VER-1: no more guesses are evaluated than there are tries, however many come at once.
pub async fn race_200_wrong_guesses_exactly_k_evaluated(harness: &impl Harness) {
    let world = World::new(harness).await;
    let challenge = world.challenge(ALICE).await;
    let wrong = World::guess(ALICE, &challenge, &world.wrong_code());
    let replies = at_once(&world, vec![wrong; 200]).await;
    assert!(
        replies.iter().all(|reply| reply.status == 401),
        "a wrong guess was let in"
    );

    let wrong = Outcome::Rejected(Rejection::Wrong);
    let locked = Outcome::Rejected(Rejection::Locked);
    let count = |outcome| world.audit.count(Action::Verify, outcome);
    assert_eq!((count(&wrong), count(&locked)), (3, 197));
    let right = world.verify(ALICE, &challenge, &world.code()).await;
    assert_eq!(right.status, 401);
}

/// VER-2: a right code signs in once, however often it comes at once.
pub async fn race_64_correct_exactly_one_session(harness: &impl Harness) {
    let world = World::new(harness).await;
    for round in 0..10 {
        let phone = format!("+9198765433{round:02}");
        let challenge = world.challenge(&phone).await;
        let right = World::guess(&phone, &challenge, &world.code());
        let replies = at_once(&world, vec![right; 64]).await;
        let count = |status| {
            replies
                .iter()
                .filter(|reply| reply.status == status)
                .count()
        };
        assert_eq!((count(200), count(401)), (1, 63), "round {round}");

        let login = replies
            .iter()
            .find(|reply| reply.status == 200)
            .expect("one");
        let sessions = Call::get("sessions").bearer(&login.text("access_token"));
        let sessions = world.call(&sessions).await.json();
        assert_eq!(
            sessions["sessions"].as_array().map(Vec::len),
            Some(1),
            "round {round}"
        );
    }
}

/// TOK-6: all of them get the same successor.
pub async fn race_32_refresh_single_leaf(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let refresh = Call::post("refresh-token", &json!({ "refresh_token": login.refresh }));
    let replies = at_once(&world, vec![refresh; 32]).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    let leaves: BTreeSet<_> = replies
        .iter()
        .map(|reply| reply.text("refresh_token"))
        .collect();
    assert_eq!(leaves.len(), 1);
}

/// Each on a connection of its own; nobody writes before all are connected.
async fn at_once(world: &World, calls: Vec<Call>) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(calls.len()));
    let address = world.served.address;
    let mut tasks = JoinSet::new();
    for call in calls {
        let barrier = barrier.clone();
        tasks.spawn(async move {
            let connection = Connection::open(address).await;
            barrier.wait().await;
            let mut connection = connection.expect("a connection");
            connection.write(&call.bytes()).await.expect("it is open");
            connection.read(false).await.expect("a reply")
        });
    }
    tasks.join_all().await
}
