//! Users, and the audit.

use super::template::{Many, Templates};
use crate::link::Sql;

#[derive(Debug)]
pub(crate) struct UserSql {
    pub(crate) by_phone: Sql,
    /// The same, noting the login in one go, where the dialect can.
    pub(crate) greet: Option<Sql>,
    pub(crate) by_id: Sql,
    pub(crate) insert: Sql,
    pub(crate) signed_in: Sql,
    pub(crate) disable: Sql,
    pub(crate) roles: Sql,
    pub(crate) rephone: Sql,
    pub(crate) delete: Sql,
    pub(crate) consent: Sql,
    pub(crate) consents: Sql,
    pub(crate) forget_consents: Sql,
}

#[derive(Debug)]
pub(crate) struct AuditSql {
    pub(crate) head_seed: Sql,
    pub(crate) head_lock: Sql,
    pub(crate) head_read: Sql,
    pub(crate) head_move: Sql,
    pub(crate) append: Many,
    pub(crate) hash_at: Sql,
    pub(crate) page: Sql,
    pub(crate) about: Sql,
    pub(crate) older: Sql,
    pub(crate) erase: Many,
}

/// In the order in which they are bound and read.
macro_rules! user_columns {
    () => {
        "id, phone_kid, phone_sealed, first_name, last_name, email, roles, disabled, created_at, \
         last_login_at"
    };
}

/// In the order in which they are bound and read.
macro_rules! audit_columns {
    () => {
        "seq, format, kid, at, event, action, outcome, reason, challenge, channel, purpose, session, salt, \
         phone, masked_phone, user_id, address, device_info, personal, hash"
    };
}

/// A closed account has no login.
macro_rules! signed_in {
    () => {
        "UPDATE otp_users SET last_login_at = CASE WHEN disabled = 0 THEN ? ELSE last_login_at END \
         WHERE tenant = ? AND phone_index = ?"
    };
}

impl UserSql {
    pub(super) fn of(t: &Templates) -> Self {
        let select = concat!(
            "SELECT ",
            user_columns!(),
            " FROM otp_users WHERE tenant = ? AND "
        );
        let greet = concat!(signed_in!(), " RETURNING ", user_columns!());
        let greet = t.0.pick(Some(greet), None, Some(greet));
        let update = |what| {
            [
                "UPDATE otp_users SET ",
                what,
                " WHERE tenant = ? AND id = ?",
            ]
            .concat()
        };
        Self {
            by_phone: t.one(&[select, "phone_index = ?"].concat()),
            greet: greet.map(|template| t.one(template)),
            by_id: t.one(&[select, "id = ?"].concat()),
            insert: t.insert_if_absent(
                concat!(
                    "INSERT INTO otp_users (",
                    user_columns!(),
                    ", tenant, phone_index) VALUES "
                ),
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                " ON DUPLICATE KEY UPDATE created_at = otp_users.created_at + 1",
            ),
            signed_in: t.one(signed_in!()),
            disable: t.one(&update("disabled = ?")),
            roles: t.one(&update("roles = ?")),
            rephone: t.one(&update("phone_index = ?, phone_kid = ?, phone_sealed = ?")),
            delete: t.one("DELETE FROM otp_users WHERE tenant = ? AND id = ?"),
            consent: t.insert_if_absent(
                "INSERT INTO otp_consents (tenant, user_id, version, text_id, given_at) VALUES ",
                "(?, ?, ?, ?, ?)",
                " ON DUPLICATE KEY UPDATE given_at = otp_consents.given_at",
            ),
            consents: t.one(
                "SELECT version, text_id, given_at FROM otp_consents \
                 WHERE tenant = ? AND user_id = ? ORDER BY given_at",
            ),
            forget_consents: t.one("DELETE FROM otp_consents WHERE tenant = ? AND user_id = ?"),
        }
    }
}

impl AuditSql {
    pub(super) fn of(t: &Templates) -> Self {
        Self {
            head_seed: t.insert_if_absent(
                "INSERT INTO otp_audit_heads (tenant, seq, hash) VALUES ",
                "(?, 0, ?)",
                " ON DUPLICATE KEY UPDATE seq = otp_audit_heads.seq",
            ),
            head_lock: t.one("SELECT seq, hash FROM otp_audit_heads WHERE tenant = ?{lock}"),
            head_read: t.one("SELECT seq, hash FROM otp_audit_heads WHERE tenant = ?"),
            head_move: t.one(
                "UPDATE otp_audit_heads SET seq = ?, hash = ? WHERE tenant = ? AND seq = ?",
            ),
            append: t.many(
                concat!("INSERT INTO otp_audit (tenant, ", audit_columns!(), ") VALUES "),
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                "",
            ),
            hash_at: t.one("SELECT hash FROM otp_audit WHERE tenant = ? AND seq = ?"),
            page: t.one(concat!(
                "SELECT ",
                audit_columns!(),
                " FROM otp_audit WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?"
            )),
            // Not one question with an OR: SQLite would read the whole chain for it.
            about: t.one(
                "SELECT seq FROM otp_audit WHERE tenant = ? AND user_id = ? \
                 UNION SELECT seq FROM otp_audit WHERE tenant = ? AND phone = ? LIMIT ?",
            ),
            older: t.one(
                "SELECT seq FROM otp_audit WHERE tenant = ? AND seq > ? AND at < ? AND salt IS NOT NULL \
                 ORDER BY seq LIMIT ?",
            ),
            erase: t.many(
                "UPDATE otp_audit SET salt = NULL, phone = NULL, masked_phone = NULL, user_id = NULL, \
                 address = NULL, device_info = NULL WHERE tenant = ? AND seq IN (",
                "?",
                ")",
            ),
        }
    }
}
