//! Workers of one group. A program of their own, and one after the other: a worker that gets no time from the machine is
//! taken for dead by its group, and then a code may well be sent twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../kafka/ear.rs"]
mod ear;
#[path = "../kafka/provider.rs"]
#[allow(dead_code, reason = "another test's file needs all of it")]
mod provider;
#[path = "../kafka/world.rs"]
#[allow(dead_code, reason = "another test's file needs all of it")]
mod world;

use provider::{Does, Provider};
use std::collections::BTreeSet;
use tokio::sync::Mutex;
use world::{PATIENCE, World, publish, start};

/// Waits until so many different codes have come. What is committed says less: a job that is handed back is in the topic
/// twice.
fn all_come(count: u32, one: &Provider, two: &Provider) {
    tokio::task::block_in_place(|| {
        otp_testkit::until("all codes", PATIENCE, || {
            let codes: BTreeSet<_> = one.codes().into_iter().chain(two.codes()).collect();
            codes.len() >= count as usize
        });
    });
}

static ONE: Mutex<()> = Mutex::const_new(());

/// Listens from now on.
fn listen() {
    ear::hear();
    ear::HEARD.lock().unwrap().clear();
}

/// Each code was sent, and none twice unless the group took no commit: the mock cluster refuses them while members
/// join, and what is not committed comes again.
fn all_sent(published: u32, one: &Provider, two: &Provider) {
    let mut codes = [one.codes(), two.codes()].concat();
    codes.sort();
    if ear::heard("the worker could not commit", "") {
        codes.dedup();
    }
    let expected: Vec<_> = (1..=published)
        .map(|number| format!("{number:06}"))
        .collect();
    assert_eq!(codes, expected);
}

/// Two workers share the partitions, and every code is sent once.
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_the_partitions() {
    let _alone = ONE.lock().await;
    listen();
    let world = World::new("shared", 4);
    let sender = world.sender();
    let [one, two] = [(); 2].map(|()| Provider::new(&world.clock, [Does::Takes]));
    let first = start(world.worker(&one));
    let second = start(world.worker(&two));
    let mut published = 0;
    // While the second joins, partitions move with jobs in hand.
    while one.got().is_empty() || two.got().is_empty() {
        published += 1;
        assert!(published < 100_000, "the second worker gets nothing");
        publish(&sender, published).await.unwrap();
    }
    all_come(published, &one, &two);
    first.stop().await;
    second.stop().await;
    all_sent(published, &one, &two);
}

/// A partition that leaves in the middle is committed before another worker has it: nothing is sent twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_leaves_when_its_jobs_are_done() {
    let _alone = ONE.lock().await;
    listen();
    let world = World::new("leaving", 2);
    let sender = world.sender();
    let count = 12;
    for number in 1..=count {
        publish(&sender, number).await.unwrap();
    }
    let one = Provider::new(&world.clock, [Does::Holds]);
    let first = start(world.worker(&one).concurrency(4));
    one.has(4).await;
    let two = Provider::new(&world.clock, [Does::Takes]);
    let second = start(world.worker(&two));
    tokio::task::block_in_place(|| {
        otp_testkit::until("a partition leaves", PATIENCE, || {
            ear::heard("leaving", "fewer partitions")
        });
    });
    one.release();
    // Which partition a job is in is by chance: those that left may all have been in hand.
    let mut published = count;
    while two.got().is_empty() {
        published += 1;
        assert!(published < 100_000, "the second worker gets nothing");
        publish(&sender, published).await.unwrap();
    }
    all_come(published, &one, &two);
    second.stop().await;
    first.stop().await;
    all_sent(published, &one, &two);
}
