//! A session: what a store keeps of it, and counter-based refresh-token rotation (RFC 9700 §4.14.2).

use crate::{SessionId, Timestamp, UserId};
use std::time::Duration;

/// What a store keeps of a session. No token is in it, and none follows from it without the signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionRecord {
    /// The session, which is also the family of its refresh tokens.
    pub id: SessionId,
    /// Whose it is: the user's id, or where a tenant is named a keyed hash of both.
    pub user: UserId,
    /// How many times its refresh token was rotated.
    pub counter: u64,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When the refresh token was rotated last; at first when the session was made.
    pub rotated_at: Timestamp,
    /// Dead unless refreshed before this instant.
    pub idle_expires_at: Timestamp,
    /// Dead from this instant on, whatever happens.
    pub expires_at: Timestamp,
    /// How much a refresh moves `idle_expires_at`.
    pub idle: Duration,
    /// How the user signed in (RFC 8176 method references).
    pub amr: Vec<String>,
    /// What the client said of itself; bounded and cleaned.
    pub device_info: Option<String>,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
}

impl SessionRecord {
    /// A session of `user` that begins now.
    #[must_use]
    pub fn new(
        id: SessionId,
        user: UserId,
        idle: Duration,
        absolute: Duration,
        now: Timestamp,
    ) -> Self {
        let expires_at = now + absolute;
        Self {
            id,
            user,
            counter: 0,
            created_at: now,
            rotated_at: now,
            idle_expires_at: (now + idle).min(expires_at),
            expires_at,
            idle,
            amr: Vec::new(),
            device_info: None,
            revoked_at: None,
        }
    }

    /// Sets how the user signed in.
    #[must_use]
    pub fn with_amr(mut self, amr: Vec<String>) -> Self {
        self.amr = amr;
        self
    }

    /// Sets what the client said of itself.
    #[must_use]
    pub fn with_device_info(mut self, device_info: Option<String>) -> Self {
        self.device_info = device_info;
        self
    }

    /// Whether it is neither expired nor revoked.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.idle_expires_at && now < self.expires_at
    }
}

/// A refresh token that is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotate {
    /// The session that it names.
    pub session: SessionId,
    /// The counter that it carries.
    pub counter: u64,
    /// How long after a rotation the token before is still answered, with the same successor.
    pub grace: Duration,
}

impl Rotate {
    /// Presents the token with `counter` of `session`.
    #[must_use]
    pub const fn new(session: SessionId, counter: u64, grace: Duration) -> Self {
        Self {
            session,
            counter,
            grace,
        }
    }
}

/// What presenting a refresh token came to. As with an [`Attempt`](crate::challenge::Attempt), every case is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// This caller claimed the successor.
    Rotated(SessionRecord),
    /// The successor was claimed a moment ago (a second tab, a lost reply): the same one again.
    Repeated(SessionRecord),
    /// A token from before that: it was stolen, or its thief came first. The session is revoked by this call.
    Reused(SessionRecord),
    /// Unknown, expired or revoked.
    Dead,
}

/// Rotates: one compare-and-swap on the counter.
///
/// ```
/// use otp_core::session::{Rotate, Rotation, SessionRecord, rotate};
/// use otp_core::{SessionId, Timestamp, UserId};
/// use std::time::Duration;
///
/// let (day, now) = (Duration::from_secs(86_400), Timestamp::from_secs(1_767_225_600));
/// let mut session = SessionRecord::new(SessionId::random()?, UserId::new("u1")?, 7 * day, 30 * day, now);
///
/// let first = Rotate::new(session.id, 0, Duration::from_secs(10));
/// assert!(matches!(rotate(Some(&mut session), &first, now), Rotation::Rotated(_)));
/// assert!(matches!(rotate(Some(&mut session), &first, now), Rotation::Repeated(_)));
/// assert!(matches!(rotate(Some(&mut session), &first, now + day), Rotation::Reused(_)));
/// assert!(!session.is_live(now + day));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn rotate(record: Option<&mut SessionRecord>, presented: &Rotate, now: Timestamp) -> Rotation {
    let Some(record) = record.filter(|record| record.is_live(now)) else {
        return Rotation::Dead;
    };
    if presented.counter == record.counter {
        record.counter = record.counter.saturating_add(1);
        record.rotated_at = now;
        record.idle_expires_at = (now + record.idle).min(record.expires_at);
        return Rotation::Rotated(record.clone());
    }
    if presented.counter > record.counter {
        return Rotation::Dead;
    }
    if presented.counter + 1 == record.counter && now < record.rotated_at + presented.grace {
        return Rotation::Repeated(record.clone());
    }
    record.revoked_at = Some(now);
    Rotation::Reused(record.clone())
}

/// Which sessions to end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoke {
    /// This one.
    Session(SessionId),
    /// This one, if it is this user's.
    OwnSession(UserId, SessionId),
    /// All of this user's.
    User(UserId),
}
