//! Q1: workers that are killed, each a process of its own.

use crate::provider::{Does, Provider};
use crate::world::{LIFE, World, kafka, keys, publish, start};
use otp_core::testing::ManualClock;
use otp_core::{Message, Receipt, SendError, Sender, Timestamp, async_trait};
use otp_providers::KafkaWorker;
use otp_providers::job::JobId;
use otp_providers::kafka::{Claim, Deduplicator};
use std::collections::BTreeSet;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

const BROKERS: &str = "OTP_TEST_KAFKA_BROKERS";
const TOPIC: &str = "OTP_TEST_KAFKA_TOPIC";
const HALTS_AT: &str = "OTP_TEST_KAFKA_HALTS_AT";

/// A worker in a process of its own.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a worker that halts at `point`, waits until it is there, and kills it. What it said on the way.
fn killed_at(world: &World, point: &str) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "killed::the_process_that_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(BROKERS, world.cluster.bootstrap_servers())
        .env(TOPIC, &world.topic)
        .env(HALTS_AT, point)
        .stdout(Stdio::piped());
    let mut victim = Victim(command.spawn().unwrap());
    let mut said = Vec::new();
    for line in BufReader::new(victim.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(word) = line.strip_prefix("said ") {
            said.push(word.to_owned());
            if word == point {
                // SIGKILL.
                victim.0.kill().unwrap();
                break;
            }
        }
    }
    assert_eq!(
        said.last().map(String::as_str),
        Some(point),
        "the process ended before"
    );
    said
}

/// Says where it is, and goes no further than it is told to.
#[derive(Clone, Debug)]
struct Steps(Arc<str>);

impl Steps {
    async fn at(&self, point: &str) {
        println!("said {point}");
        if *self.0 == *point {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Sender for Steps {
    fn name(&self) -> &str {
        "steps"
    }

    async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
        self.at("with-the-provider").await;
        Ok(Receipt::default())
    }
}

#[async_trait]
impl Deduplicator for Steps {
    async fn claim(
        &self,
        _: &JobId,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        self.at("before-the-provider").await;
        Ok(Claim::Yours)
    }

    async fn done(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.at(&format!("done={job}")).await;
        self.at("after-the-provider").await;
        Ok(())
    }

    async fn release(&self, _: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other tests of this file run it, as a process of its own"]
async fn the_process_that_is_killed() {
    let Ok(brokers) = std::env::var(BROKERS) else {
        return;
    };
    let kafka = kafka(&brokers, &std::env::var(TOPIC).unwrap());
    let steps = Steps(std::env::var(HALTS_AT).unwrap().into());
    let worker = KafkaWorker::builder(kafka, keys("k1", 1), steps.clone(), |_| {
        std::future::pending()
    })
    .clock(ManualClock::default())
    .deduplicator(steps);
    worker
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap();
}

/// Knows what other workers said they had done.
#[derive(Debug, Default)]
struct Shared(Mutex<BTreeSet<String>>);

#[async_trait]
impl Deduplicator for Shared {
    async fn claim(
        &self,
        job: &JobId,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        Ok(match self.0.lock().unwrap().contains(&job.to_string()) {
            true => Claim::Done,
            false => Claim::Yours,
        })
    }

    async fn done(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.lock().unwrap().insert(job.to_string());
        Ok(())
    }

    async fn release(&self, _: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

/// Killed before it reached the provider: the next worker sends the code, once.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_provider() {
    let world = World::new("killed-before", 1);
    publish(&world.sender(), 1).await.unwrap();
    let said = tokio::task::block_in_place(|| killed_at(&world, "before-the-provider"));
    assert_eq!(said, ["before-the-provider"]);

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    world.until_committed(1);
    assert_eq!(provider.codes(), ["000001"]);
    running.stop().await;
}

/// Killed when the provider had it, before the commit: the next worker sends the code once more, and no more than that.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_provider_and_commit() {
    let world = World::new("killed-between", 1);
    publish(&world.sender(), 1).await.unwrap();
    tokio::task::block_in_place(|| killed_at(&world, "with-the-provider"));
    assert_eq!(world.committed(), 0);

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    world.until_committed(1);
    assert_eq!(provider.codes(), ["000001"]);
    running.stop().await;
}

/// The same, but the code expired while nobody worked: it is dropped.
#[tokio::test(flavor = "multi_thread")]
async fn killed_and_back_too_late() {
    let world = World::new("killed-late", 1);
    publish(&world.sender(), 1).await.unwrap();
    tokio::task::block_in_place(|| killed_at(&world, "with-the-provider"));
    world.clock.advance(LIFE);

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    world.until_committed(1);
    assert!(provider.codes().is_empty());
    running.stop().await;
}

/// With a deduplicator for all workers, a code that was done when its worker was killed is not sent again.
#[tokio::test(flavor = "multi_thread")]
async fn killed_with_a_shared_deduplicator() {
    let world = World::new("killed-shared", 1);
    publish(&world.sender(), 1).await.unwrap();
    let said = tokio::task::block_in_place(|| killed_at(&world, "after-the-provider"));
    let done = said.iter().filter_map(|word| word.strip_prefix("done="));
    let shared = Shared(Mutex::new(done.map(str::to_owned).collect()));
    publish(&world.sender(), 2).await.unwrap();

    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider).deduplicator(shared));
    world.until_committed(2);
    assert_eq!(provider.codes(), ["000002"]);
    running.stop().await;
}
