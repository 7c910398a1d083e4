//! The audit chain: whole, unforked, and broken by any change.
#![cfg(all(
    feature = "migrate",
    any(feature = "postgres", feature = "mysql", feature = "sqlite")
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

mod common;

use common::{command, database, everywhere};
use otp_core::challenge::Rejection;
use otp_core::{
    Action, AuditSink, ChallengeId, Channel, DurableAudit as _, Event, Outcome, PhoneKey, Purpose,
    SecretKey, SessionId, StoreErrorKind, Timestamp, UserId,
};
use otp_store_sql::{AuditKeys, SqlAudit, VerifyError};
use std::sync::LazyLock;
use std::time::Duration;

fn keys() -> AuditKeys {
    static BYTES: LazyLock<[u8; 32]> = LazyLock::new(|| otp_core::keys::random_bytes().unwrap());
    let secret = SecretKey::from_bytes(BYTES.as_slice()).unwrap();
    AuditKeys::new("a1".parse().unwrap(), &secret)
}

fn event(number: u8) -> Event {
    let outcome = match number % 3 {
        0 => Outcome::Done,
        1 => Outcome::Rejected(Rejection::Wrong),
        _ => Outcome::Limited("verify by phone".into()),
    };
    let at = Timestamp::from_millis(1_767_225_600_000 + i64::from(number));
    let mut event = Event::new(at, Action::Verify, outcome);
    event.phone = Some(PhoneKey::from_bytes([number; 16]));
    event.masked_phone = Some("+98*****6789".to_owned());
    event.challenge = Some(ChallengeId::from_bytes([number; 16]));
    event.channel = Some(Channel::Sms);
    event.purpose = Some(Purpose::Login);
    event.user = Some(UserId::new(format!("user-{number}")).unwrap());
    event.session = Some(SessionId::from_bytes([number; 16]));
    event.address = Some("192.0.2.7".parse().unwrap());
    event.device_info = Some("Firefox ü".to_owned());
    event
}

/// LOG-3, LOG-5: everything that happened is a row; the rows are one chain.
#[tokio::test(flavor = "multi_thread")]
async fn events_are_chained() {
    for (server, url) in everywhere() {
        let database = database(&url).await;
        let audit = SqlAudit::start(&database, "default", keys());
        (0..100).for_each(|number| audit.record(&event(number)));
        audit.flush().await;
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!(
            (report.rows, report.erased, audit.dropped()),
            (100, 0, 0),
            "{server}"
        );
        let other = SqlAudit::start(&database, "other", keys());
        other.record(&event(1));
        other.flush().await;
        assert_eq!(other.verify("other", None).await.unwrap().rows, 1);
        let same = audit.verify("default", Some(&report.head)).await.unwrap();
        assert_eq!(same, report);
    }
}

/// LOG-5: nodes that append at once do not fork the chain.
#[tokio::test(flavor = "multi_thread")]
async fn several_nodes_write_one_chain() {
    for (server, url) in everywhere() {
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(SqlAudit::start(&database(&url).await, "default", keys()));
        }
        for number in 0..200 {
            nodes.iter().for_each(|node| node.record(&event(number)));
            tokio::task::yield_now().await;
        }
        for node in &nodes {
            node.flush().await;
        }
        let report = nodes[0].verify("default", None).await.unwrap();
        assert_eq!(report.rows, 800, "{server}");
    }
}

/// LOG-8: a person is taken out, and the chain still verifies.
#[tokio::test(flavor = "multi_thread")]
async fn erase_user_no_residue_chain_ok() {
    for (server, url) in everywhere() {
        let audit = SqlAudit::start(&database(&url).await, "default", keys());
        (0..6).for_each(|number| audit.record(&event(number)));
        let mut stranger = event(3);
        stranger.user = None;
        audit.record(&stranger);
        audit.flush().await;
        let user = UserId::new("user-3").unwrap();
        let erased = audit
            .erase(&user, Some(PhoneKey::from_bytes([3; 16])))
            .await;
        assert_eq!(erased.unwrap(), 2, "{server}");
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!((report.rows, report.erased), (7, 2), "{server}");
    }
}

/// LOG-8: nothing of a person is left by an event that was recorded a moment before (the logout that goes with it),
/// nor because there are more rows about them than one transaction takes.
#[tokio::test(flavor = "multi_thread")]
async fn erase_leaves_nothing_behind_that_was_recorded_before() {
    for (server, url) in everywhere() {
        let audit = SqlAudit::start(&database(&url).await, "default", keys());
        (0..2_500).for_each(|_| audit.record(&event(3)));
        let user = UserId::new("user-3").unwrap();
        let phone = PhoneKey::from_bytes([3; 16]);
        let erased = audit.erase(&user, Some(phone)).await.unwrap();
        audit.flush().await;
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!((report.rows, report.erased), (2_500, 2_500), "{server}");
        assert_eq!(erased, 2_500, "{server}");
        assert_eq!(audit.erase(&user, Some(phone)).await.unwrap(), 0);
    }
}

/// LOG-8: what is kept of persons is kept for as long as is said, however many rows there are, and the chain still
/// verifies.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_says_nothing_of_persons() {
    for (server, url) in everywhere() {
        let database = database(&url).await;
        let audit = SqlAudit::start(&database, "default", keys());
        let other = SqlAudit::start(&database, "other", keys());
        (0..2_500).for_each(|_| audit.record(&event(3)));
        (4..6).for_each(|number| audit.record(&event(number)));
        other.record(&event(1));
        audit.flush().await;
        other.flush().await;
        let now = event(4).at;
        assert_eq!(audit.forget(now).await.unwrap(), 2_500, "{server}");
        assert_eq!(audit.forget(now).await.unwrap(), 0, "{server}");
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!((report.rows, report.erased), (2_502, 2_500), "{server}");
        let dump = common::dump(&url).await;
        let kept = ["user-1", "user-4", "user-5"];
        assert!(kept.iter().all(|user| dump.contains(user)), "{server}");
        assert!(!dump.contains("user-3"), "{server}");
        assert_eq!(other.verify("other", None).await.unwrap().erased, 0);
    }
}

/// LOG-5: rows that are cut off the end are missed when the end was noted elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_noted_end_proves_that_nothing_was_cut_off() {
    for (server, url) in everywhere() {
        let audit = SqlAudit::start(&database(&url).await, "default", keys());
        (0..5).for_each(|number| audit.record(&event(number)));
        audit.flush().await;
        let noted = audit.verify("default", None).await.unwrap().head;
        command(&url, "DELETE FROM otp_audit WHERE seq = 5").await;
        assert!(
            audit.verify("default", None).await.is_err(),
            "{server}: the end is missing"
        );
        let back = "UPDATE otp_audit_heads SET seq = 4, \
                    hash = (SELECT hash FROM otp_audit WHERE seq = 4 AND tenant = 'default')";
        command(&url, back).await;
        let cut = audit.verify("default", Some(&noted)).await;
        assert!(
            matches!(cut, Err(VerifyError::Broken { .. })),
            "{server}: {cut:?}"
        );
    }
}

/// LOG-5: an event that is lost is counted, and the chain says so.
#[tokio::test]
async fn a_full_queue_is_told() {
    let (_, url) = everywhere().remove(0);
    let audit = SqlAudit::with_queue(&database(&url).await, "default", keys(), 2);
    // Nothing is written before this task waits for something.
    (0..10).for_each(|number| audit.record(&event(number)));
    assert_eq!(audit.dropped(), 8);
    audit.flush().await;
    let report = audit.verify("default", None).await.unwrap();
    assert_eq!(
        report.rows, 3,
        "two events, and the row that says that eight are missing"
    );
}

/// LOG-5: whichever byte of whichever column is changed, the chain is broken.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn tamper_any_byte_detected() {
    use sqlx::{Connection as _, Row as _};
    let url = common::sqlite_url();
    let audit = SqlAudit::start(&database(&url).await, "default", keys());
    (0..4).for_each(|number| audit.record(&event(number)));
    audit.flush().await;
    audit.verify("default", None).await.unwrap();

    let mut link = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let columns = "SELECT name FROM pragma_table_info('otp_audit')";
    let columns: Vec<String> = sqlx::query_scalar(columns)
        .fetch_all(&mut link)
        .await
        .unwrap();
    assert!(columns.len() > 15);
    let run = |sql: String| sqlx::query(sqlx::AssertSqlSafe(sql));
    let mut changes = 0;
    for column in &columns {
        let read =
            format!("SELECT CAST({column} AS BLOB), typeof({column}) FROM otp_audit WHERE seq = 2");
        let row = run(read).fetch_one(&mut link).await.unwrap();
        let (Some(bytes), kind) = (row.get::<Option<Vec<u8>>, _>(0), row.get::<String, _>(1))
        else {
            continue;
        };
        let original = hex(&bytes);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            // Digits stay digits, so that a number stays one.
            changed[at] ^= 1;
            for (value, breaks) in [(hex(&changed), true), (original.clone(), false)] {
                let set = format!(
                    "UPDATE otp_audit SET {column} = CAST(X'{value}' AS {kind}) \
                                   WHERE rowid = (SELECT rowid FROM otp_audit ORDER BY rowid LIMIT 1 OFFSET 1)"
                );
                if run(set).execute(&mut link).await.is_err() {
                    // Another row has that number: the table itself refuses.
                    continue;
                }
                let held = audit.verify("default", None).await;
                assert_eq!(held.is_err(), breaks, "{column} at {at}: {held:?}");
            }
            changes += 1;
        }
    }
    println!("{changes} changes, all found");
    assert!(changes > 200);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// LOG-5: an event that must be kept is a committed row, once, when it is answered; without the table it is an error.
#[tokio::test(flavor = "multi_thread")]
async fn an_appended_event_is_there() {
    for (server, url) in everywhere() {
        let database = database(&url).await;
        let audit = SqlAudit::start(&database, "default", keys());
        let appended = (0..16).map(|number| {
            let audit = audit.clone();
            async move { audit.append(&event(number)).await }
        });
        let mut callers: tokio::task::JoinSet<_> = appended.collect();
        audit.record(&event(16));
        while let Some(appended) = callers.join_next().await {
            appended.unwrap().unwrap();
        }
        audit.flush().await;
        assert_eq!(
            audit.verify("default", None).await.unwrap().rows,
            17,
            "{server}"
        );
        command(&url, "DROP TABLE otp_audit").await;
        let lost = audit.append(&event(17)).await.unwrap_err();
        assert_eq!(lost.kind, StoreErrorKind::Misconfigured, "{server}");
    }
}

/// LOG-5: what a server cannot keep (Postgres no NUL, MySQL no more than a column takes) holds up no other event.
#[tokio::test(flavor = "multi_thread")]
async fn no_event_holds_up_the_others() {
    for (server, url) in everywhere() {
        let audit = SqlAudit::start(&database(&url).await, "default", keys());
        for text in ["a\0b".to_owned(), "x".repeat(70_000)] {
            let mut odd = event(1);
            odd.device_info = Some(text.clone());
            odd.masked_phone = Some(text.clone());
            odd.outcome = Outcome::Limited(text.into());
            audit.record(&odd);
            let appended = audit.append(&odd).await;
            assert!(appended.is_ok(), "{server}: {appended:?}");
        }
        audit.record(&event(2));
        let written = tokio::time::timeout(Duration::from_secs(10), audit.flush()).await;
        assert!(written.is_ok(), "{server}: the audit stands still");
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!(report.rows, 5, "{server}");
    }
}
