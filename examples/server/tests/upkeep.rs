//! What the server does with its tables: they are cleared, and left alone where another tool makes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::Phones;
use common::{Home, refusal, whole_login};
use otp_core::{Action, AuditSink as _, Event, Outcome, SecretKey, Timestamp, UserId};
use otp_store_sql::{AuditKeys, Database, Dialect, SqlAudit, migrations};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use std::time::Duration;

/// STO-8: what a busy day left behind goes at once, however much it is.
#[tokio::test(flavor = "multi_thread")]
async fn all_that_has_expired_is_cleared_away() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let database = Database::connect(home.sqlite()).await.unwrap();
    database.migrate().await.unwrap();
    let mut link = SqliteConnection::connect(&home.sqlite()).await.unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) \
                INSERT INTO otp_limits (cell_key, tally, forgotten_at) \
                SELECT CAST(printf('%016d', i) AS BLOB), X'', 1 FROM n";
    sqlx::raw_sql(many).execute(&mut link).await.unwrap();
    let _server = home.start(&phones, &[("OTP_STORE", &home.sqlite())]);
    let mut again = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        again.tick().await;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM otp_limits");
        let left: i64 = count.fetch_one(&mut link).await.unwrap();
        if left == 0 {
            return;
        }
    }
    panic!("there are rows left after 30 s");
}

/// LOG-8: who it was is forgotten after the time that the operator sets.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_forgets_after_its_days() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let database = Database::connect(home.sqlite()).await.unwrap();
    database.migrate().await.unwrap();
    let keys = AuditKeys::new("a1".parse().unwrap(), &SecretKey::generate().unwrap());
    let audit = SqlAudit::start(&database, "default", keys);
    let mut event = Event::new(Timestamp::from_secs(0), Action::Verify, Outcome::Done);
    event.user = Some(UserId::new("somebody-of-1970").unwrap());
    audit.record(&event);
    audit.flush().await;
    let variables = [
        ("OTP_STORE", home.sqlite()),
        ("OTP_AUDIT_DAYS", "30".to_owned()),
    ];
    let variables = variables.each_ref().map(|(name, value)| (*name, &**value));
    let server = home.start(&phones, &variables);
    whole_login(&server, &mut phones).await;
    let mut link = SqliteConnection::connect(&home.sqlite()).await.unwrap();
    let mut again = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..300 {
        again.tick().await;
        let users = sqlx::query_scalar("SELECT user_id FROM otp_audit WHERE user_id IS NOT NULL");
        let users: Vec<String> = users.fetch_all(&mut link).await.unwrap();
        if !users.is_empty() && !users.contains(&"somebody-of-1970".to_owned()) {
            return;
        }
    }
    panic!("the audit still knows after 30 s");
}

/// A team whose own tool has run the files says so; nothing is changed, and nothing is missed.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_tool_are_left_alone() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let sqlite = home.sqlite();
    Database::connect(sqlite.as_str()).await.unwrap();
    let mut link = SqliteConnection::connect(&sqlite).await.unwrap();
    for step in migrations(Dialect::Sqlite) {
        let made = sqlx::raw_sql(AssertSqlSafe(step.sql)).execute(&mut link);
        made.await.unwrap();
    }
    let with = |migrate| {
        [
            ("OTP_STORE", sqlite.as_str()),
            ("OTP_STORE_MIGRATE", migrate),
        ]
    };
    for migrate in ["run", "check"] {
        assert!(refusal(&with(migrate)).starts_with("OTP_STORE: "));
    }
    let server = home.start(&phones, &with("leave"));
    assert!(server.said.contains("not looked at"), "{}", server.said);
    whole_login(&server, &mut phones).await;
}
