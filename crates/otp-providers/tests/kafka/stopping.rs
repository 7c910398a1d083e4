//! Workers that end in order.

use crate::provider::{Does, Provider};
use crate::world::{World, publish, start};
use otp_core::SendErrorKind as Kind;

/// What is with the provider is finished and committed; the next worker does not send it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_with_the_provider_is_finished() {
    let world = World::new("finished", 1);
    publish(&world.sender(), 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Holds]);
    let running = start(world.worker(&provider));
    provider.has(1).await;
    let ended = running.stop();
    provider.release();
    ended.await;
    assert_eq!(world.committed(), 1);

    publish(&world.sender(), 2).await.unwrap();
    let next = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&next));
    world.until_committed(2);
    assert_eq!(
        (provider.codes(), next.codes()),
        (vec!["000001".into()], vec!["000002".into()])
    );
    running.stop().await;
}

/// What waits for another try goes back into the topic, so that all can be committed and nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_back() {
    let world = World::new("back", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    publish(&sender, 2).await.unwrap();
    let script = [Does::Refuses(Kind::Transient), Does::Takes];
    let provider = Provider::new(&world.clock, script);
    let running = start(world.waiting_worker(&provider));
    let got = provider.has(2).await;
    running.stop().await;
    assert_eq!(world.committed(), 2);

    let next = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&next));
    world.until_committed(3);
    assert_eq!(next.codes(), [got[0].code()]);
    assert_eq!(provider.got().len(), 2);
    running.stop().await;
}

/// A worker that is dropped commits nothing more: what was in hand comes again.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_worker_loses_nothing() {
    let world = World::new("dropped", 1);
    publish(&world.sender(), 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Refuses(Kind::Transient)]);
    let worker = world.waiting_worker(&provider).build().unwrap();
    let task = tokio::spawn(worker.run(std::future::pending()));
    provider.has(1).await;
    task.abort();

    let next = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&next));
    world.until_committed(1);
    assert_eq!(next.codes(), ["000001"]);
    running.stop().await;
}
