//! Codes into a Kafka topic, sealed. `examples/kafka_worker.rs` takes them out and sends them.

use crate::config::harmless;
use crate::material::Named;
use crate::providers::{Credential, Made};
use otp_core::{SecretKey, Sender};
use otp_providers::job::JobKeys;
use otp_providers::{Kafka, KafkaSender};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Table;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KafkaTable {
    brokers: String,
    topic: String,
    /// Seals; the workers have the same one. A text here, in a file, or in the environment, as the other keys.
    key: Named,
    /// What else librdkafka is told.
    #[serde(default)]
    properties: BTreeMap<String, Credential>,
}

pub(super) fn sender(table: &Table) -> Made<Arc<dyn Sender>> {
    let read: Result<KafkaTable, _> = table.clone().try_into();
    let said = read.map_err(|error| harmless(error.message()).to_owned())?;
    let keys = keys(&said.key).map_err(|error| format!("key: {error}"))?;
    let kafka = Kafka::new(said.brokers, said.topic)?;
    let mut properties = said.properties.into_iter();
    let kafka = properties.try_fold(kafka, |kafka, (name, value)| {
        Made::Ok(kafka.set(name, value.read()?.expose())?)
    })?;
    Ok(Arc::new(KafkaSender::new(&kafka, keys)?))
}

fn keys(named: &Named) -> Made<JobKeys> {
    let key = SecretKey::from_base64(&named.material().text()?)?;
    Ok(JobKeys::new(named.kid.parse()?, &key)?)
}
