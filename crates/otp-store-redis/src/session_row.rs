//! A session as the fields of its hash.

use crate::arguments::millis;
use crate::error::Trouble;
use otp_core::session::SessionRecord;
use otp_core::{SessionId, StoreError, Timestamp, UserId};
use redis::{FromRedisValue, Value};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What no script looks into. Fields to come have defaults, so that an older and a newer version share a store; where
/// an older one must not touch what a newer one wrote, the session gets another format (`create.lua`).
#[derive(Deserialize, Serialize)]
struct Data {
    #[serde(rename = "m")]
    created_at: i64,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    device_info: Option<String>,
}

/// In the order of `create.lua`: user, data, idle, counter, rotated, idle end, absolute end.
pub(crate) fn fields(session: &SessionRecord) -> [String; 7] {
    let data = Data {
        created_at: millis(session.created_at),
        amr: session.amr.clone(),
        device_info: session.device_info.clone(),
    };
    // One that is born dead is never seen.
    let idle_end = match session.revoked_at {
        Some(_) => 0,
        None => millis(session.idle_expires_at),
    };
    [
        session.user.to_string(),
        // Texts and numbers only: it cannot fail.
        serde_json::to_string(&data).unwrap_or_default(),
        whole_millis(session.idle).to_string(),
        session.counter.to_string(),
        millis(session.rotated_at).to_string(),
        idle_end.to_string(),
        millis(session.expires_at).to_string(),
    ]
}

/// From the same order; none where there is nothing under the key.
pub(crate) fn record(
    id: SessionId,
    row: Vec<Option<String>>,
) -> Result<Option<SessionRecord>, StoreError> {
    if row.iter().all(Option::is_none) {
        return Ok(None);
    }
    Ok(Some(read(id, row).ok_or(Trouble::Reply)?))
}

fn read(id: SessionId, row: Vec<Option<String>>) -> Option<SessionRecord> {
    let row: Vec<String> = row.into_iter().collect::<Option<_>>()?;
    let [
        user,
        data,
        idle,
        counter,
        rotated_at,
        idle_end,
        absolute_end,
    ] = row.try_into().ok()?;
    let data: Data = serde_json::from_str(&data).ok()?;
    let idle = Duration::from_millis(idle.parse().ok()?);
    let created_at = Timestamp::from_millis(data.created_at);
    let user = UserId::new(user).ok()?;
    let mut record = SessionRecord::new(id, user, idle, Duration::ZERO, created_at)
        .with_amr(data.amr)
        .with_device_info(data.device_info);
    record.counter = counter.parse().ok()?;
    record.rotated_at = Timestamp::from_millis(rotated_at.parse().ok()?);
    record.idle_expires_at = Timestamp::from_millis(idle_end.parse().ok()?);
    record.expires_at = Timestamp::from_millis(absolute_end.parse().ok()?);
    Some(record)
}

/// No longer than an instant can be far away.
pub(crate) fn whole_millis(duration: Duration) -> i64 {
    millis(Timestamp::from_millis(0) + duration)
}

pub(crate) fn parsed<T: FromRedisValue>(reply: Value) -> Result<T, StoreError> {
    T::from_redis_value(reply).map_err(|_| Trouble::Reply.into())
}
