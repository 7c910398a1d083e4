//! Messages, and what is reported of them.

use super::template::{Many, Templates};
use crate::link::Sql;

#[derive(Debug)]
pub(crate) struct MessageSql {
    /// In place of the one before.
    pub(crate) put: Sql,
    /// With the highest word about it.
    pub(crate) find: Sql,
    pub(crate) forgotten: Sql,
    pub(crate) purge: Many,
}

#[derive(Debug)]
pub(crate) struct ReportSql {
    pub(crate) lock: Sql,
    pub(crate) insert: Sql,
    pub(crate) update: Sql,
    pub(crate) forgotten: Sql,
    pub(crate) purge: Many,
}

impl MessageSql {
    pub(super) fn of(t: &Templates) -> Self {
        let upsert = " ON CONFLICT (id, phone, purpose) DO UPDATE \
                      SET format = excluded.format, provider = excluded.provider, \
                      reference = excluded.reference, message = excluded.message, \
                      channel = excluded.channel, sent_at = excluded.sent_at, \
                      forgotten_at = excluded.forgotten_at";
        let mysql_upsert = " ON DUPLICATE KEY UPDATE \
                            format = VALUES(format), provider = VALUES(provider), \
                            reference = VALUES(reference), message = VALUES(message), \
                            channel = VALUES(channel), sent_at = VALUES(sent_at), \
                            forgotten_at = VALUES(forgotten_at)";
        let head = "INSERT INTO otp_messages (format, provider, reference, message, channel, \
                    sent_at, forgotten_at, id, phone, purpose) VALUES ";
        let each = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        Self {
            put: t
                .many(head, each, t.0.pick(upsert, mysql_upsert, upsert))
                .of(1),
            find: t.one(
                "SELECT m.format, m.provider, m.reference, m.message, m.channel, m.sent_at, r.state \
                 FROM otp_messages m \
                 LEFT JOIN otp_reports r ON r.message = m.message AND r.forgotten_at > ? \
                 WHERE m.id = ? AND m.phone = ? AND m.purpose = ? AND m.forgotten_at > ?",
            ),
            forgotten: t.one(
                "SELECT id, phone, purpose FROM otp_messages WHERE forgotten_at <= ? \
                 ORDER BY forgotten_at LIMIT ?{skip}",
            ),
            purge: t.many(
                t.0.pick(
                    "DELETE FROM otp_messages WHERE (id, phone, purpose) IN (",
                    "DELETE FROM otp_messages WHERE (id, phone, purpose) IN (",
                    "DELETE FROM otp_messages WHERE (id, phone, purpose) IN (VALUES ",
                ),
                "(?, ?, ?)",
                ") AND forgotten_at + 0 <= ?",
            ),
        }
    }
}

impl ReportSql {
    pub(super) fn of(t: &Templates) -> Self {
        Self {
            lock: t.one("SELECT state, forgotten_at FROM otp_reports WHERE message = ?{lock}"),
            insert: t.insert_if_absent(
                "INSERT INTO otp_reports (state, forgotten_at, message) VALUES ",
                "(?, ?, ?)",
                " ON DUPLICATE KEY UPDATE state = ''",
            ),
            update: t.one(
                "UPDATE otp_reports SET state = ?, forgotten_at = ? \
                 WHERE message = ? AND state = ? AND forgotten_at = ?",
            ),
            forgotten: t.one(
                "SELECT message FROM otp_reports WHERE forgotten_at <= ? \
                 ORDER BY forgotten_at LIMIT ?{skip}",
            ),
            purge: t.many(
                "DELETE FROM otp_reports WHERE message IN (",
                "?",
                ") AND forgotten_at + 0 <= ?",
            ),
        }
    }
}
