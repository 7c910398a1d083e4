//! Challenges and limits.

use super::template::{Many, Templates};
use crate::link::Sql;

#[derive(Debug)]
pub(crate) struct ChallengeSql {
    pub(crate) lock: Sql,
    pub(crate) insert: Sql,
    pub(crate) update: Sql,
    pub(crate) delete: Sql,
    pub(crate) forgotten: Sql,
    pub(crate) purge: Many,
}

#[derive(Debug)]
pub(crate) struct LimitSql {
    /// MySQL: makes and locks the rows, in the order of the keys. Elsewhere reading locks what is there.
    pub(crate) seed: Option<Many>,
    pub(crate) read: Many,
    /// Makes rows that were not there; as many as it was given, or others came first.
    pub(crate) insert: Many,
    pub(crate) write: Many,
    pub(crate) forgotten: Sql,
    pub(crate) purge: Many,
}

/// In the order in which they are bound and read.
macro_rules! columns {
    () => {
        "rev, format, request, channel, remember_me, digest, kid, issued_at, expires_at, tries_left, \
         prev_digest, prev_kid, prev_issued_at, prev_expires_at, prev_tries_left, prev_request, \
         prev_channel, prev_remember_me, prev_until, used_at, forgotten_at"
    };
}

macro_rules! named {
    () => {
        " WHERE id = ? AND phone = ? AND purpose = ?"
    };
}

impl ChallengeSql {
    pub(super) fn of(t: &Templates) -> Self {
        Self {
            lock: t.one(concat!("SELECT ", columns!(), " FROM otp_challenges", named!(), "{lock}")),
            insert: t.insert_if_absent(
                concat!("INSERT INTO otp_challenges (", columns!(), ", id, phone, purpose) VALUES "),
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                " ON DUPLICATE KEY UPDATE rev = otp_challenges.rev + 1",
            ),
            update: t.one(concat!(
                "UPDATE otp_challenges SET rev = ?, format = ?, request = ?, channel = ?, remember_me = ?, \
                 digest = ?, kid = ?, issued_at = ?, expires_at = ?, tries_left = ?, prev_digest = ?, \
                 prev_kid = ?, prev_issued_at = ?, prev_expires_at = ?, prev_tries_left = ?, \
                 prev_request = ?, prev_channel = ?, prev_remember_me = ?, prev_until = ?, used_at = ?, \
                 forgotten_at = ?",
                named!(),
                " AND rev = ?"
            )),
            delete: t.one(concat!("DELETE FROM otp_challenges", named!(), " AND rev = ?")),
            forgotten: t.one(
                "SELECT id, phone, purpose FROM otp_challenges WHERE forgotten_at <= ? \
                 ORDER BY forgotten_at LIMIT ?{skip}",
            ),
            purge: t.many(
                t.0.pick(
                    "DELETE FROM otp_challenges WHERE (id, phone, purpose) IN (",
                    "DELETE FROM otp_challenges WHERE (id, phone, purpose) IN (",
                    "DELETE FROM otp_challenges WHERE (id, phone, purpose) IN (VALUES ",
                ),
                "(?, ?, ?)",
                ") AND forgotten_at + 0 <= ?",
            ),
        }
    }
}

impl LimitSql {
    pub(super) fn of(t: &Templates) -> Self {
        let insert = "INSERT INTO otp_limits (cell_key, tally, forgotten_at) VALUES ";
        let select = || {
            t.many(
                "SELECT cell_key, tally FROM otp_limits WHERE cell_key IN (",
                "?",
                ")",
            )
        };
        let seed = || {
            let locked = " ON DUPLICATE KEY UPDATE forgotten_at = otp_limits.forgotten_at";
            t.many(insert, "(?, '', 0)", locked)
        };
        // In the order of the keys, and in the order in which callers came: an upsert would wait out of turn.
        let select_locked = || {
            let head = "SELECT cell_key, tally FROM otp_limits WHERE cell_key IN (";
            t.many(head, "?", ") ORDER BY cell_key FOR UPDATE")
        };
        let upsert = " ON CONFLICT (cell_key) DO UPDATE \
                      SET tally = excluded.tally, forgotten_at = excluded.forgotten_at";
        let mysql_upsert = " ON DUPLICATE KEY UPDATE \
                            tally = VALUES(tally), forgotten_at = VALUES(forgotten_at)";
        Self {
            seed: t.0.pick(None, Some(seed()), None),
            read: t.0.pick(select_locked(), select(), select()),
            insert: t.many(insert, "(?, ?, ?)", " ON CONFLICT DO NOTHING"),
            write: t.many(insert, "(?, ?, ?)", t.0.pick(upsert, mysql_upsert, upsert)),
            forgotten: t.one(
                "SELECT cell_key FROM otp_limits WHERE forgotten_at <= ? \
                 ORDER BY forgotten_at LIMIT ?{skip}",
            ),
            purge: t.many(
                "DELETE FROM otp_limits WHERE cell_key IN (",
                "?",
                ") AND forgotten_at + 0 <= ?",
            ),
        }
    }
}
