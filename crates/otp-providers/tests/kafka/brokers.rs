//! A worker whose broker goes away and comes back.

use crate::provider::{Does, Provider};
use crate::world::{World, publish, start};

/// It goes on by itself; what it finished meanwhile is committed, and nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_goes_on_when_the_broker_is_back() {
    let world = World::new("outage", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Holds, Does::Takes]);
    let running = start(world.worker(&provider));
    provider.has(1).await;
    world.cluster.broker_down(-1).unwrap();
    provider.release();
    world.cluster.broker_up(-1).unwrap();
    let mut tries = 0;
    while publish(&sender, 2).await.is_err() {
        tries += 1;
        assert!(tries < 20, "the sender does not come back");
    }
    world.until_committed(2);
    assert_eq!(provider.codes(), ["000001", "000002"]);
    running.stop().await;
}

/// It ends although the broker is gone: what could not be committed comes again.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_without_its_broker() {
    let world = World::new("gone", 1);
    publish(&world.sender(), 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Holds]);
    let running = start(world.worker(&provider));
    provider.has(1).await;
    world.cluster.broker_down(-1).unwrap();
    provider.release();
    // In time or not: it ends.
    let _ = running.end().await;
}
