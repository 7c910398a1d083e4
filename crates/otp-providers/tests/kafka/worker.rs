//! What becomes of a job.

use crate::provider::{Does, Provider};
use crate::world::{LIFE, NUMBER, World, key, keys, message, publish, start};
use otp_core::{Channel, Code, Purpose, Sender};
use std::time::Duration;

/// WHK-6: what was sent arrives whole, with what is left of its life.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_through_the_topic() {
    let world = World::new("through", 3);
    let mut message = message(42);
    message.channel = Channel::WhatsApp;
    message.purpose = Purpose::StepUp;
    let receipt = world.sender().send(&message).await.unwrap();
    let named = receipt.reference.unwrap();
    assert!(named.starts_with(&format!("{}.", message.challenge_id)));
    world.clock.advance(Duration::from_secs(100));

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    let got = provider.has(1).await.remove(0).message;
    assert_eq!((got.to.expose(), got.code.expose()), (NUMBER, "000042"));
    assert_eq!(
        (got.channel, got.purpose),
        (Channel::WhatsApp, Purpose::StepUp)
    );
    assert_eq!(got.challenge_id, message.challenge_id);
    assert_eq!(got.expires_in, Duration::from_secs(200));
    world.until_committed(1);
    running.stop().await;
}

/// WHK-6: a code that expired in the queue is not sent.
#[tokio::test(flavor = "multi_thread")]
async fn stale_job_not_sent() {
    let world = World::new("stale", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    world.clock.advance(LIFE);
    publish(&sender, 2).await.unwrap();

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    world.until_committed(2);
    assert_eq!(provider.codes(), ["000002"]);
    running.stop().await;
}

/// The same message is sent once, however often it was published; the next code of its challenge is another.
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_sent_once() {
    let world = World::new("duplicates", 1);
    let sender = world.sender();
    let mut next = message(1);
    next.code = Code::parse("777777").unwrap();
    for _ in 0..5 {
        publish(&sender, 1).await.unwrap();
        sender.send(&next).await.unwrap();
    }
    // The first is held, so that its duplicates come while it is with the provider.
    let provider = Provider::new(&world.clock, [Does::Holds]);
    let running = start(world.worker(&provider));
    provider.has(2).await;
    provider.release();
    world.until_committed(10);
    let mut codes = provider.codes();
    codes.sort();
    assert_eq!(codes, ["000001", "777777"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_rotate_without_a_loss() {
    let world = World::new("rotation", 1);
    publish(&world.sender_with(keys("k1", 1)), 1).await.unwrap();
    publish(&world.sender_with(keys("k2", 2)), 2).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Takes]);
    let both = keys("k2", 2)
        .with_old("k1".parse().unwrap(), &key(1))
        .unwrap();
    let worker = otp_providers::KafkaWorker::builder(world.kafka(), both, provider.clone(), |_| {
        std::future::pending()
    });
    let running = start(worker.clock(world.clock.clone()));
    world.until_committed(2);
    let mut codes = provider.codes();
    codes.sort();
    assert_eq!(codes, ["000001", "000002"]);
    running.stop().await;
}

/// No more than so many are with the provider at once, and all get there.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_at_once_as_may_be() {
    let world = World::new("bounded", 1);
    let sender = world.sender();
    // More than the worker takes in hand: it pauses, and resumes.
    for number in 0..40 {
        publish(&sender, number).await.unwrap();
    }
    let provider = Provider::new(&world.clock, [Does::Holds]);
    let running = start(world.worker(&provider).concurrency(2));
    provider.has(2).await;
    assert_eq!(provider.got().len(), 2);
    provider.release();
    world.until_committed(40);
    let mut codes = provider.codes();
    codes.sort();
    codes.dedup();
    assert_eq!((codes.len(), provider.got().len()), (40, 40));
    running.stop().await;
}
