//! What scripts answer: one JSON text.

use crate::arguments::LARGEST;
use crate::error::Trouble;
use otp_core::challenge::{Attempt, OpenState, Rejection};
use otp_core::limit::Refusal;
use otp_core::{Channel, StoreError, Timestamp};
use redis::{FromRedisValue as _, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(tag = "o", rename_all = "snake_case")]
pub(crate) enum OpenReply {
    Stored(State),
    Replayed(State),
    NotLive,
    Refused(Refusals),
}

#[derive(Deserialize)]
pub(crate) struct State {
    #[serde(rename = "c")]
    channel: String,
    #[serde(rename = "x")]
    expires_at: i64,
    #[serde(rename = "n")]
    next_at: i64,
}

impl State {
    /// `next_at` of what lies in other slots may be later.
    pub(crate) fn open_state(&self, elsewhere: i64) -> Result<OpenState, StoreError> {
        Ok(OpenState::new(
            channel(&self.channel)?,
            instant(self.expires_at),
            instant(self.next_at.max(elsewhere)),
        ))
    }
}

/// Positions in the script's cells, and from when each admits.
#[derive(Default, Deserialize)]
pub(crate) struct Refusals {
    #[serde(default)]
    refusals: Vec<(usize, i64)>,
}

impl Refusals {
    /// `places` are the positions of the script's cells in the verb's.
    pub(crate) fn at<'a>(&'a self, places: &'a [usize]) -> impl Iterator<Item = Refusal> + 'a {
        let refusal = |(position, from): &(usize, i64)| {
            let cell = *places.get(*position)?;
            Some(Refusal::new(cell, instant(*from)))
        };
        self.refusals.iter().filter_map(refusal)
    }
}

#[derive(Deserialize)]
#[serde(tag = "o", rename_all = "snake_case")]
pub(crate) enum AttemptReply {
    Accepted {
        c: String,
        m: bool,
    },
    Rejected {
        reason: Reason,
        left: u8,
        proved: bool,
    },
    Refused(Refusals),
}

impl AttemptReply {
    /// `places` are the positions of the script's cells in the verb's.
    pub(crate) fn attempt(self, places: &[usize]) -> Result<Attempt, StoreError> {
        Ok(match self {
            Self::Accepted { c, m } => Attempt::Accepted {
                channel: channel(&c)?,
                remember_me: m,
            },
            Self::Rejected {
                reason,
                left,
                proved,
            } => Attempt::Rejected {
                reason: reason.into(),
                tries_left: left,
                proved,
            },
            Self::Refused(refusals) => Attempt::Refused(refusals.at(places).collect()),
        })
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    Wrong,
    Expired,
    Used,
    Unknown,
    Locked,
}

impl From<Reason> for Rejection {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Wrong => Self::Wrong,
            Reason::Expired => Self::Expired,
            Reason::Used => Self::Used,
            Reason::Unknown => Self::Unknown,
            Reason::Locked => Self::Locked,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct WithdrawReply {
    #[serde(default)]
    pub(crate) at: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct ChargeReply {
    #[serde(flatten)]
    pub(crate) refusals: Refusals,
    pub(crate) next: i64,
    #[serde(default)]
    pub(crate) was: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
pub(crate) struct SettleReply {
    pub(crate) next: i64,
}

/// The end of what a script can tell is the end of time.
const fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millis(if millis < LARGEST { millis } else { i64::MAX })
}

pub(crate) fn channel(name: &str) -> Result<Channel, StoreError> {
    name.parse().map_err(|_| Trouble::Reply.into())
}

pub(crate) fn reply<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    let text = String::from_redis_value(value).map_err(|_| Trouble::Reply)?;
    serde_json::from_str(&text).map_err(|_| Trouble::Reply.into())
}

/// What `TIME` says: seconds, and the microseconds of the one under way.
pub(crate) fn time(value: Value) -> Result<Timestamp, StoreError> {
    let (seconds, micros) = <(i64, u64)>::from_redis_value(value).map_err(|_| Trouble::Reply)?;
    Ok(Timestamp::from_secs(seconds) + Duration::from_micros(micros))
}
