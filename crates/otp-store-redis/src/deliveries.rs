//! What becomes of messages.
//!
//! A challenge's newest message lies beside the challenge, what is reported of a message under that message's own key:
//! a report names no challenge. So a look takes one step, and a second one where the message has a name at its provider.
//! Between the two a report may come; it is then told already.

use crate::RedisStore;
use crate::arguments::millis;
use crate::error::Trouble;
use crate::key;
use crate::link::Lanes;
use crate::replies::{channel, reply};
use crate::script::{NOTE, NOTED, REPORT};
use crate::session_row::parsed;
use otp_core::challenge::ChallengeKey;
use otp_core::{
    Delivery, DeliveryState, DeliveryStore, MessageKey, Reported, Sent, StoreError, Timestamp,
    async_trait,
};
use redis::Value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// As `note.lua` keeps it.
#[derive(Serialize, Deserialize)]
struct Note {
    #[serde(rename = "p")]
    provider: String,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(rename = "c")]
    channel: String,
    #[serde(rename = "a")]
    at: i64,
}

/// As `report.lua` keeps it.
#[derive(Deserialize)]
struct Kept {
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "x")]
    until: i64,
}

#[async_trait]
impl DeliveryStore for RedisStore {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _permit = self.lanes.enter()?;
        let note = serde_json::to_string(&Note::of(sent)).map_err(|_| Trouble::Reply)?;
        let arguments = vec![millis(now).to_string(), millis(until).to_string(), note];
        let call = NOTE.on(vec![key::sent(key)], arguments);
        self.lanes.write(&call).await.map(drop)
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        let _permit = self.lanes.enter()?;
        let instants = [now, until].map(|instant| millis(instant).to_string());
        let states = DeliveryState::ALL.iter().map(DeliveryState::as_str);
        let words = std::iter::once(state.as_str()).chain(states);
        let arguments = instants.into_iter().chain(words.map(str::to_owned));
        let call = REPORT.on(vec![key::report(message)], arguments.collect());
        let (highest, before): (String, Option<String>) = parsed(self.lanes.write(&call).await?)?;
        let before = before.map(|name| named(&name)).transpose()?;
        let highest = named(&highest)?;
        Ok(Reported::after(before, highest))
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let permit = self.lanes.enter()?;
        let (lanes, key) = (Arc::clone(&self.lanes), *key);
        let steps = async move {
            let Some(sent) = noted(&lanes, &key, now).await? else {
                return Ok(None);
            };
            let reported = match &sent.message {
                Some(message) => reported(&lanes, message, now).await?,
                None => None,
            };
            Ok(Some(Delivery::of(sent, reported)))
        };
        self.lanes.whole(permit, steps).await
    }

    /// Nothing to do: the server removes what is over by itself.
    async fn purge_deliveries(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

async fn noted(
    lanes: &Lanes,
    key: &ChallengeKey,
    now: Timestamp,
) -> Result<Option<Sent>, StoreError> {
    let call = NOTED.on(vec![key::sent(key)], vec![millis(now).to_string()]);
    match lanes.read(&call).await? {
        Value::Nil => Ok(None),
        kept => reply::<Note>(kept)?.sent().map(Some),
    }
}

async fn reported(
    lanes: &Lanes,
    message: &MessageKey,
    now: Timestamp,
) -> Result<Option<DeliveryState>, StoreError> {
    let mut get = redis::cmd("GET");
    get.arg(key::report(message));
    match lanes.command(get).await? {
        Value::Nil => Ok(None),
        kept => {
            let Kept { state, until } = reply(kept)?;
            let live = millis(now) < until;
            live.then(|| named(&state)).transpose()
        }
    }
}

fn named(name: &str) -> Result<DeliveryState, StoreError> {
    DeliveryState::named(name).ok_or_else(|| Trouble::Reply.into())
}

impl Note {
    fn of(sent: &Sent) -> Self {
        Self {
            provider: sent.provider.clone(),
            reference: sent.reference.clone(),
            message: sent.message.map(|message| message.to_string()),
            channel: sent.channel.as_str().to_owned(),
            at: millis(sent.at),
        }
    }

    fn sent(self) -> Result<Sent, StoreError> {
        let channel = channel(&self.channel)?;
        let mut sent = Sent::new(self.provider, channel, Timestamp::from_millis(self.at));
        sent.reference = self.reference;
        let message = self.message.map(|message| message.parse()).transpose();
        sent.message = message.map_err(|_| Trouble::Reply)?;
        Ok(sent)
    }
}
