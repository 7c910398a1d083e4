//! A user as a row.

use super::UserKeys;
use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::Row;
use otp_core::{Consent, PhoneNumber, Timestamp, User, UserId};
use std::sync::Arc;

/// Between the names of roles: none of them holds it.
pub(super) const BETWEEN: char = '\n';

/// Makes users of rows.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) tenant: Arc<str>,
    pub(super) keys: Arc<UserKeys>,
}

/// A user with what the table knows beside what a login needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserRecord {
    /// The user.
    pub user: User,
    /// When they registered.
    pub created_at: Timestamp,
    /// When they last proved their number while the account was open.
    pub last_login_at: Option<Timestamp>,
    /// What they agreed to, oldest first.
    pub consents: Vec<ConsentRecord>,
}

/// What a user agreed to, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsentRecord {
    /// The text, and its version.
    pub consent: Consent,
    /// When.
    pub given_at: Timestamp,
}

impl Reader {
    pub(super) fn index(&self, phone: &PhoneNumber) -> [u8; 16] {
        self.keys.index(&self.tenant, phone)
    }

    pub(super) fn user(&self, row: &Row) -> Result<User, Fault> {
        self.record(row).map(|record| record.user)
    }

    /// The user that was found by `phone`. Who is found by a number that is not theirs was moved there.
    pub(super) fn owner(&self, row: &Row, phone: &PhoneNumber) -> Result<User, Fault> {
        let user = self.user(row)?;
        if user.phone.expose() != phone.expose() {
            return Err(Fault::corrupt("a user that is found by another's number"));
        }
        Ok(user)
    }

    /// Without the consents, which are rows of their own.
    pub(super) fn record(&self, row: &Row) -> Result<UserRecord, Fault> {
        let mut columns = row.columns();
        let id = UserId::new(columns.text()?);
        let id = id.map_err(|_| Fault::corrupt("a user id that is none"))?;
        let (kid, sealed) = (columns.text()?, columns.bytes()?);
        let phone = self.keys.open(&self.tenant, &id, &kid, &sealed)?;
        let mut user = User::new(id, phone);
        user.profile.first_name = columns.opt_text()?;
        user.profile.last_name = columns.opt_text()?;
        user.profile.email = columns.opt_text()?;
        let roles = columns.text()?;
        user.roles = roles.split_terminator(BETWEEN).map(str::to_owned).collect();
        user.disabled = columns.int()? != 0;
        Ok(UserRecord {
            user,
            created_at: Timestamp::from_millis(columns.int()?),
            last_login_at: columns.opt_int()?.map(Timestamp::from_millis),
            consents: Vec::new(),
        })
    }
}

/// A new user's values.
pub(super) fn insert(reader: &Reader, user: &User, now: i64) -> Result<Vec<Value>, Fault> {
    let (kid, sealed) = reader.keys.seal(&reader.tenant, &user.id, &user.phone)?;
    Ok(args![
        user.id.as_str(),
        kid.as_str(),
        sealed,
        user.profile.first_name.clone(),
        user.profile.last_name.clone(),
        user.profile.email.clone(),
        user.roles.join("\n"),
        user.disabled,
        now,
        Some(now),
        &*reader.tenant,
        &reader.index(&user.phone),
    ])
}

pub(super) fn consent(tenant: &str, user: &UserId, consent: &Consent, now: i64) -> Vec<Value> {
    args![
        tenant,
        user.as_str(),
        consent.version.as_str(),
        consent.text_id.as_str(),
        now,
    ]
}

pub(super) fn read_consent(row: &Row) -> Result<ConsentRecord, Fault> {
    let mut columns = row.columns();
    let (version, text_id): (String, String) = (columns.text()?, columns.text()?);
    Ok(ConsentRecord {
        consent: Consent::new(text_id, version),
        given_at: Timestamp::from_millis(columns.int()?),
    })
}
