//! Takes codes out of a Kafka topic and sends them: `cargo run -p otp-examples --features kafka --example kafka_worker`.
//!
//! | variable | |
//! |---|---|
//! | `OTP_KAFKA_BROKERS` | `host:port`, with commas between them |
//! | `OTP_JOB_KEY` | the key that the sender of the jobs has, of `openssl rand -base64 32` |
//! | `OTP_JOB_KEY_ID` | its name; `j1` otherwise |
//! | `OTP_JOB_OLD_KEY`, `OTP_JOB_OLD_KEY_ID` | a key that may still be in use |
//! | `OTP_KAFKA_TOPIC`, `OTP_KAFKA_DEAD_TOPIC`, `OTP_KAFKA_GROUP` | `otp-jobs`, that with `.dead`, and `otp-workers` otherwise |
//! | `OTP_KAFKA_PROPERTIES` | what else librdkafka is told: `name=value`, with `;` between them |
//! | `OTP_WEBHOOK_URL` | where codes go; onto this terminal otherwise, for development |
//!
//! SIGTERM and SIGINT end it in order: what is with the webhook is finished, and what is done is committed.

use otp_core::{SecretKey, Sender};
use otp_examples::{SettingError, stop_signal, variable};
use otp_providers::job::JobKeys;
use otp_providers::{ConsoleSender, Kafka, KafkaWorker, WebhookSender};
use std::sync::Arc;
use std::{error::Error, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    otp_examples::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    otp_examples::init_logging()?;
    let topic = or("OTP_KAFKA_TOPIC", "otp-jobs")?;
    let kafka = kafka(&topic)?;
    let worker = KafkaWorker::builder(kafka, keys()?, sender()?, sleep)
        .group(or("OTP_KAFKA_GROUP", "otp-workers")?)
        .dead_letters(or("OTP_KAFKA_DEAD_TOPIC", &format!("{topic}.dead"))?)
        .build()?;
    Ok(worker.run(stop_signal()?).await?)
}

fn kafka(topic: &str) -> Result<Kafka, Box<dyn Error>> {
    let brokers = required("OTP_KAFKA_BROKERS")?;
    let kafka = Kafka::new(brokers, topic)?;
    let properties = variable("OTP_KAFKA_PROPERTIES")?.unwrap_or_default();
    let mut properties = properties.split(';').filter(|one| !one.trim().is_empty());
    properties.try_fold(kafka, |kafka, one| {
        // The value may be a secret, and is not repeated.
        let pair = one.split_once('=');
        let (name, value) = pair.ok_or("OTP_KAFKA_PROPERTIES is not name=value;name=value")?;
        Ok(kafka.set(name.trim(), value.trim())?)
    })
}

fn keys() -> Result<JobKeys, Box<dyn Error>> {
    let current = SecretKey::from_base64(&required("OTP_JOB_KEY")?)?;
    let keys = JobKeys::new(or("OTP_JOB_KEY_ID", "j1")?.parse()?, &current)?;
    let Some(old) = variable("OTP_JOB_OLD_KEY")? else {
        return Ok(keys);
    };
    let kid = required("OTP_JOB_OLD_KEY_ID")?.parse()?;
    Ok(keys.with_old(kid, &SecretKey::from_base64(&old)?)?)
}

fn sender() -> Result<Arc<dyn Sender>, Box<dyn Error>> {
    Ok(match variable("OTP_WEBHOOK_URL")? {
        Some(url) => Arc::new(WebhookSender::builder(url).build()?),
        None => Arc::new(ConsoleSender::for_development()),
    })
}

fn required(name: &'static str) -> Result<String, Box<dyn Error>> {
    variable(name)?.ok_or_else(|| format!("{name} is not set").into())
}

fn or(name: &'static str, default: &str) -> Result<String, SettingError> {
    Ok(variable(name)?.unwrap_or_else(|| default.to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the runtime's timer, for the worker's pauses"
)]
fn sleep(time: std::time::Duration) -> tokio::time::Sleep {
    tokio::time::sleep(time)
}
