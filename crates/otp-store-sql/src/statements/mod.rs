//! Every statement, per dialect. Templates are written once; what a dialect says differently is filled in.

mod challenges;
mod deliveries;
mod people;
mod sessions;
mod template;

use crate::dialect::Dialect;
use crate::link::Sql;
use challenges::{ChallengeSql, LimitSql};
use deliveries::{MessageSql, ReportSql};
use people::{AuditSql, UserSql};
use sessions::SessionSql;
pub(crate) use template::Many;
use template::Templates;

#[derive(Debug)]
pub(crate) struct Statements {
    /// SQLite takes its one write lock at once: taken later, it may be refused.
    pub(crate) begin: &'static str,
    /// Answers other than 0 where a commit is answered before it is on the disk.
    pub(crate) durability: Option<Sql>,
    /// Answers other than 0 where not every text can be kept.
    pub(crate) narrow: Option<Sql>,
    /// Milliseconds since the epoch.
    pub(crate) ping: Sql,
    /// A write that changes nothing.
    pub(crate) ready: Sql,
    pub(crate) challenge: ChallengeSql,
    pub(crate) limit: LimitSql,
    pub(crate) message: MessageSql,
    pub(crate) report: ReportSql,
    pub(crate) session: SessionSql,
    pub(crate) user: UserSql,
    pub(crate) audit: AuditSql,
}

impl Statements {
    pub(crate) fn of(dialect: Dialect) -> Self {
        let templates = Templates(dialect);
        Self {
            begin: dialect.pick("BEGIN", "START TRANSACTION", "BEGIN IMMEDIATE"),
            durability: durability(dialect).map(Sql::from),
            narrow: dialect.pick(Some(NARROW.into()), None, None),
            ping: templates.one(ping(dialect)),
            // No purpose is empty. A server that takes no writes refuses before it looks for rows.
            ready: templates.one("DELETE FROM otp_challenges WHERE id = ? AND purpose = ''"),
            challenge: ChallengeSql::of(&templates),
            limit: LimitSql::of(&templates),
            message: MessageSql::of(&templates),
            report: ReportSql::of(&templates),
            session: SessionSql::of(&templates),
            user: UserSql::of(&templates),
            audit: AuditSql::of(&templates),
        }
    }
}

/// The server's own time, and a look at the tables.
fn ping(dialect: Dialect) -> &'static str {
    macro_rules! at {
        ($millis:literal) => {
            concat!(
                "SELECT ",
                $millis,
                ", (SELECT COUNT(*) FROM otp_challenges WHERE id = ?)"
            )
        };
    }
    dialect.pick(
        // `now()` stands still in a transaction.
        at!("(extract(epoch FROM clock_timestamp()) * 1000)::bigint"),
        // Without the session's time zone, which may have a summer.
        at!("TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000"),
        at!("CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"),
    )
}

/// The tables of MySQL say themselves how their text is kept, and SQLite has Unicode alone.
const NARROW: &str =
    "SELECT (current_setting('server_encoding') NOT IN ('UTF8', 'SQL_ASCII'))::int::bigint";

fn durability(dialect: Dialect) -> Option<&'static str> {
    dialect.pick(
        Some(
            "SELECT (current_setting('synchronous_commit') = 'off' \
             OR current_setting('fsync') = 'off')::int::bigint",
        ),
        // With a binary log that decides what a crash undoes, whatever the engine has on its disk.
        Some(
            "SELECT CAST(@@GLOBAL.innodb_flush_log_at_trx_commit IN (0, 2) \
             OR (@@GLOBAL.log_bin AND @@GLOBAL.sync_binlog <> 1) AS SIGNED)",
        ),
        None,
    )
}

/// A statement that only some dialects have, once it is known to be there.
pub(crate) fn given(sql: Option<&Sql>) -> &Sql {
    static NOTHING: std::sync::LazyLock<Sql> = std::sync::LazyLock::new(|| "".into());
    sql.unwrap_or(&NOTHING)
}

#[cfg(all(test, feature = "sqlite", feature = "migrate"))]
mod tests {
    use super::*;
    use sqlx::{AssertSqlSafe, Connection as _, Row as _};

    /// Nothing that is run again and again reads a whole table, whatever its size (STO-8, LOG-8).
    #[tokio::test(flavor = "current_thread")]
    async fn sqlite_goes_by_an_index() {
        let mut link = sqlx::SqliteConnection::connect("sqlite::memory:")
            .await
            .unwrap();
        for step in crate::migrations(Dialect::Sqlite) {
            let made = sqlx::raw_sql(AssertSqlSafe(step.sql)).execute(&mut link);
            made.await.unwrap();
        }
        let sql = Statements::of(Dialect::Sqlite);
        let all = [
            (
                sql.challenge.purge.of(500),
                "(id=? AND phone=? AND purpose=?)",
            ),
            (sql.challenge.forgotten, "(forgotten_at<?)"),
            (sql.limit.purge.of(9), "(cell_key=?)"),
            (sql.limit.forgotten, "(forgotten_at<?)"),
            (sql.message.find.clone(), "(id=? AND phone=? AND purpose=?)"),
            (sql.message.find, "(message=?)"),
            (
                sql.message.purge.of(500),
                "(id=? AND phone=? AND purpose=?)",
            ),
            (sql.message.forgotten, "(forgotten_at<?)"),
            (sql.report.purge.of(9), "(message=?)"),
            (sql.report.forgotten, "(forgotten_at<?)"),
            (sql.session.purge.of(9), "(id=?)"),
            (sql.session.dead, "(idle_expires_at<?)"),
            (sql.session.delete_of_user, "(user_id=?)"),
            (sql.audit.about.clone(), "(tenant=? AND user_id=?)"),
            (sql.audit.about, "(tenant=? AND phone=?)"),
            (sql.audit.older, "(tenant=? AND seq>?)"),
            (sql.audit.erase.of(9), "(tenant=? AND seq=?)"),
            (sql.audit.page, "(tenant=? AND seq>?)"),
        ];
        for (statement, index) in all {
            let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let rows = sqlx::raw_sql(explained).fetch_all(&mut link).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            let plan = plan.join("; ");
            assert!(plan.contains(index), "{statement}: {plan}");
            assert!(!plan.contains("SCAN otp_"), "{statement}: {plan}");
        }
    }
}
