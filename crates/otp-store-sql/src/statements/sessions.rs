//! Sessions.

use super::template::{Many, Templates};
use crate::link::Sql;

#[derive(Debug)]
pub(crate) struct SessionSql {
    pub(crate) insert: Sql,
    /// The common rotation, where the dialect can answer with the row that it changed.
    pub(crate) claim: Option<Sql>,
    pub(crate) lock: Sql,
    pub(crate) rotate: Sql,
    /// The common end of a session, likewise; the second of one's own.
    pub(crate) end: Option<Sql>,
    pub(crate) end_own: Option<Sql>,
    pub(crate) delete: Sql,
    pub(crate) find: Sql,
    pub(crate) of_user: Sql,
    pub(crate) of_user_lock: Sql,
    pub(crate) delete_of_user: Sql,
    pub(crate) dead: Sql,
    pub(crate) purge: Many,
}

/// In the order in which they are bound and read.
macro_rules! columns {
    () => {
        "id, format, user_id, counter, created_at, rotated_at, idle_expires_at, expires_at, idle_ms, amr, \
         device_info"
    };
}

/// A counter at its end is left to the longer way, which refuses it: SQLite would make it a fraction.
macro_rules! claim {
    ($least:literal) => {
        concat!(
            "UPDATE otp_sessions SET counter = counter + 1, rotated_at = ?, idle_expires_at = ",
            $least,
            "(? + idle_ms, expires_at) WHERE id = ? AND counter = ? AND format = 1 \
             AND counter < 9223372036854775807 AND idle_expires_at > ? AND expires_at > ? RETURNING ",
            columns!()
        )
    };
}

/// A record of another version is left to the longer way, which refuses it.
macro_rules! end {
    ($own:literal) => {
        concat!(
            "DELETE FROM otp_sessions WHERE id = ?",
            $own,
            " AND format = 1 RETURNING idle_expires_at, expires_at"
        )
    };
}

impl SessionSql {
    pub(super) fn of(t: &Templates) -> Self {
        let claim = t.0.pick(Some(claim!("LEAST")), None, Some(claim!("MIN")));
        let end = |template| t.0.pick(Some(template), None, Some(template));
        Self {
            insert: t.one(concat!(
                "INSERT INTO otp_sessions (",
                columns!(),
                ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            )),
            claim: claim.map(|template| t.one(template)),
            lock: t.one(concat!(
                "SELECT ",
                columns!(),
                " FROM otp_sessions WHERE id = ?{lock}"
            )),
            rotate: t.one(
                "UPDATE otp_sessions SET counter = ?, rotated_at = ?, idle_expires_at = ? \
                 WHERE id = ? AND counter = ?",
            ),
            end: end(end!("")).map(|template| t.one(template)),
            end_own: end(end!(" AND user_id = ?")).map(|template| t.one(template)),
            delete: t.one("DELETE FROM otp_sessions WHERE id = ?"),
            find: t.one(concat!(
                "SELECT ",
                columns!(),
                " FROM otp_sessions WHERE id = ?"
            )),
            of_user: t.one(concat!(
                "SELECT ",
                columns!(),
                " FROM otp_sessions WHERE user_id = ? AND idle_expires_at > ? AND expires_at > ? \
                 ORDER BY created_at DESC, id"
            )),
            of_user_lock: t.one(concat!(
                "SELECT ",
                columns!(),
                " FROM otp_sessions WHERE user_id = ? ORDER BY id{lock}"
            )),
            delete_of_user: t.one("DELETE FROM otp_sessions WHERE user_id = ?"),
            dead: t.one(
                "SELECT id FROM otp_sessions WHERE idle_expires_at <= ? \
                 ORDER BY idle_expires_at LIMIT ?{skip}",
            ),
            purge: t.many(
                "DELETE FROM otp_sessions WHERE id IN (",
                "?",
                ") AND idle_expires_at + 0 <= ?",
            ),
        }
    }
}
