//! A row of the chain: what it says, and what its hash covers.

use super::keys::AuditKeys;
use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::Row;
use crate::seal::MacKey;
use otp_core::keys::random_bytes;
use otp_core::{EntropyError, Event, Outcome};

/// What this version writes, and all that it reads.
const FORMAT: i64 = 1;

/// Letters of one text.
const MOST: usize = 1_000;

const PERSONAL: &[u8] = b"personal";
const LINK: &[u8] = b"link";

/// The hash before the first row.
pub(super) const START: [u8; 32] = [0; 32];

/// What happened, before it has a place in the chain. Its salt is drawn, so that writing it twice gives one hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    at: i64,
    event: String,
    action: String,
    outcome: String,
    reason: Option<String>,
    challenge: Option<Vec<u8>>,
    channel: Option<String>,
    purpose: Option<String>,
    session: Option<Vec<u8>>,
    personal: Personal,
}

/// What is about a person: it can be erased, and the chain still verifies, for the hash covers a salted digest of it.
#[derive(Clone, Debug, Default)]
struct Personal {
    salt: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    masked_phone: Option<String>,
    user: Option<String>,
    address: Option<String>,
    device_info: Option<String>,
}

impl Draft {
    pub(super) fn of(event: &Event) -> Result<Self, EntropyError> {
        Ok(Self {
            at: event.at.as_millis(),
            event: event.name().to_owned(),
            action: event.action.as_str().to_owned(),
            outcome: event.outcome.as_str().to_owned(),
            reason: reason(&event.outcome),
            challenge: event.challenge.map(|id| id.as_bytes().to_vec()),
            channel: event.channel.map(|channel| channel.as_str().to_owned()),
            purpose: event.purpose.map(|purpose| purpose.as_str().to_owned()),
            session: event.session.map(|id| id.as_bytes().to_vec()),
            personal: Personal {
                salt: Some(random_bytes::<16>()?.to_vec()),
                phone: event.phone.map(|key| key.as_bytes().to_vec()),
                masked_phone: event.masked_phone.as_deref().map(kept),
                user: event.user.as_ref().map(|user| user.as_str().to_owned()),
                address: event.address.map(|address| address.to_string()),
                device_info: event.device_info.as_deref().map(kept),
            },
        })
    }

    /// That events were lost: the chain says so itself.
    pub(super) fn of_loss(lost: u64, at: i64) -> Result<Self, EntropyError> {
        Ok(Self {
            at,
            event: "sys_monitor_error".to_owned(),
            action: "audit".to_owned(),
            outcome: "dropped".to_owned(),
            reason: Some(format!("{lost} events")),
            personal: Personal {
                salt: Some(random_bytes::<16>()?.to_vec()),
                ..Personal::default()
            },
            ..Self::default()
        })
    }
}

fn reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::NumberRefused(reason) => Some(reason.as_str().to_owned()),
        Outcome::NotDelivered(kind) | Outcome::NotChecked(kind) => Some(kind.as_str().to_owned()),
        Outcome::StoreFailed(kind) => Some(kind.as_str().to_owned()),
        other => other.limit().map(kept),
    }
}

/// As every server can keep it: one row that it refused would hold up all that come after. What the core tells is
/// shorter and cleaner than that.
fn kept(text: &str) -> String {
    let kept = text.chars().filter(|letter| *letter != '\0');
    kept.take(MOST).collect()
}

/// A draft in its place.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) seq: i64,
    kid: String,
    draft: Draft,
    personal: [u8; 32],
    pub(super) hash: [u8; 32],
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Broken {
    /// Rows are missing before this one, or at the end.
    Gap,
    /// What it says is not what was written, or what was before it is not.
    Row,
    /// What it says of a person is not what was written.
    Personal,
    /// It was chained with a key that is not here.
    Key,
    /// The chain's end is not where it was noted.
    Head,
}

impl Entry {
    /// Puts `draft` after `before`.
    pub(super) fn chain(
        keys: &AuditKeys,
        tenant: &str,
        seq: i64,
        before: &[u8; 32],
        draft: Draft,
    ) -> Self {
        let (kid, key) = keys.0.current();
        let personal = draft.personal.digest(key);
        let mut entry = Self {
            seq,
            kid: kid.as_str().to_owned(),
            draft,
            personal,
            hash: START,
        };
        entry.hash = entry.hash_after(key, tenant, before);
        entry
    }

    /// Its values, in the order of its columns.
    pub(super) fn values(&self, tenant: &str) -> Vec<Value> {
        let Draft { personal, .. } = &self.draft;
        args![
            tenant,
            self.seq,
            FORMAT,
            self.kid.as_str(),
            self.draft.at,
            self.draft.event.as_str(),
            self.draft.action.as_str(),
            self.draft.outcome.as_str(),
            self.draft.reason.clone(),
            self.draft.challenge.clone(),
            self.draft.channel.clone(),
            self.draft.purpose.clone(),
            self.draft.session.clone(),
            personal.salt.clone(),
            personal.phone.clone(),
            personal.masked_phone.clone(),
            personal.user.clone(),
            personal.address.clone(),
            personal.device_info.clone(),
            &self.personal,
            &self.hash,
        ]
    }

    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        let mut columns = row.columns();
        let seq = columns.int()?;
        if columns.int()? != FORMAT {
            return Err(Fault::corrupt("an audit row of another version"));
        }
        let kid = columns.text()?;
        let draft = Draft {
            at: columns.int()?,
            event: columns.text()?,
            action: columns.text()?,
            outcome: columns.text()?,
            reason: columns.opt_text()?,
            challenge: columns.opt_bytes()?,
            channel: columns.opt_text()?,
            purpose: columns.opt_text()?,
            session: columns.opt_bytes()?,
            personal: Personal {
                salt: columns.opt_bytes()?,
                phone: columns.opt_bytes()?,
                masked_phone: columns.opt_text()?,
                user: columns.opt_text()?,
                address: columns.opt_text()?,
                device_info: columns.opt_text()?,
            },
        };
        Ok(Self {
            seq,
            kid,
            draft,
            personal: columns.array()?,
            hash: columns.array()?,
        })
    }

    /// Whether it is what was written after `before`.
    pub(super) fn check(
        &self,
        keys: &AuditKeys,
        tenant: &str,
        before: &[u8; 32],
    ) -> Result<(), Broken> {
        let key = keys.0.find(&self.kid).ok_or(Broken::Key)?;
        if self.hash_after(key, tenant, before) != self.hash {
            return Err(Broken::Row);
        }
        let personal = &self.draft.personal;
        let whole = if self.is_erased() {
            personal.is_empty()
        } else {
            personal.digest(key) == self.personal
        };
        if whole { Ok(()) } else { Err(Broken::Personal) }
    }

    pub(super) const fn is_erased(&self) -> bool {
        self.draft.personal.salt.is_none()
    }

    /// The hash covers the one before it, and so everything before it.
    fn hash_after(&self, key: &MacKey, tenant: &str, before: &[u8; 32]) -> [u8; 32] {
        let draft = &self.draft;
        key.digest(&[
            LINK,
            before,
            tenant.as_bytes(),
            &self.seq.to_be_bytes(),
            &FORMAT.to_be_bytes(),
            self.kid.as_bytes(),
            &draft.at.to_be_bytes(),
            draft.event.as_bytes(),
            draft.action.as_bytes(),
            draft.outcome.as_bytes(),
            &told(draft.reason.as_deref()),
            &told(draft.challenge.as_deref()),
            &told(draft.channel.as_deref()),
            &told(draft.purpose.as_deref()),
            &told(draft.session.as_deref()),
            &self.personal,
        ])
    }
}

impl Personal {
    /// Salted, so that an erased address or number cannot be found by trying all of them, by nobody.
    fn digest(&self, key: &MacKey) -> [u8; 32] {
        key.digest(&[
            PERSONAL,
            &told(self.salt.as_deref()),
            &told(self.phone.as_deref()),
            &told(self.masked_phone.as_deref()),
            &told(self.user.as_deref()),
            &told(self.address.as_deref()),
            &told(self.device_info.as_deref()),
        ])
    }

    const fn is_empty(&self) -> bool {
        self.phone.is_none()
            && self.masked_phone.is_none()
            && self.user.is_none()
            && self.address.is_none()
            && self.device_info.is_none()
    }
}

/// Nothing is not the same as an empty text.
fn told(value: Option<&(impl AsRef<[u8]> + ?Sized)>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| [&[1], value.as_ref()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::policy::NumberRefusal;
    use otp_core::{NumberKind, SendErrorKind, StoreErrorKind};

    /// Rows outlive the versions that wrote them: they hold names that stay, not what `Debug` prints.
    #[test]
    fn reasons_are_stable_names() {
        for (outcome, name) in [
            (Outcome::NumberRefused(NumberRefusal::Country), "country"),
            (
                Outcome::NumberRefused(NumberRefusal::Kind(NumberKind::PremiumRate)),
                "premium_rate",
            ),
            (
                Outcome::NotDelivered(SendErrorKind::AuthOrConfig),
                "auth_or_config",
            ),
            (
                Outcome::NotChecked(SendErrorKind::RateLimited),
                "rate_limited",
            ),
            (
                Outcome::StoreFailed(StoreErrorKind::Unavailable),
                "unavailable",
            ),
            (Outcome::Limited("send by phone".into()), "send by phone"),
        ] {
            assert_eq!(reason(&outcome).as_deref(), Some(name));
        }
        assert_eq!(reason(&Outcome::Done), None);
    }
}
