//! Questions to a database, past the store.

use otp_core::SessionId;
use sqlx::{Connection as _, Row as _};

/// How many rows this table has.
pub(crate) async fn count(url: &str, table: &str) -> i64 {
    let rows = ask(url, format!("SELECT COUNT(*) FROM {table}")).await;
    rows.first().map_or(0, |row| match row {
        Value::Number(number) => *number,
        Value::Bytes(_) => 0,
    })
}

/// The sessions of the logins in the audit.
pub(crate) async fn logins(url: &str) -> Vec<SessionId> {
    let ask = ask(
        url,
        "SELECT session FROM otp_audit WHERE action = 'verify' AND outcome = 'done' \
        AND session IS NOT NULL"
            .to_owned(),
    );
    ids(ask.await)
}

/// The sessions in the store.
pub(crate) async fn sessions(url: &str) -> Vec<SessionId> {
    ids(ask(url, "SELECT id FROM otp_sessions".to_owned()).await)
}

fn ids(values: Vec<Value>) -> Vec<SessionId> {
    let ids = values.into_iter().filter_map(|value| match value {
        Value::Bytes(bytes) => <[u8; 16]>::try_from(bytes.as_slice()).ok(),
        Value::Number(_) => None,
    });
    ids.map(SessionId::from_bytes).collect()
}

enum Value {
    Number(i64),
    Bytes(Vec<u8>),
}

/// The first column of each row.
async fn ask(url: &str, sql: String) -> Vec<Value> {
    let sql = sqlx::AssertSqlSafe(sql);
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("postgres") => rows::<sqlx::Postgres>(url, sql).await,
        Some("mysql") => rows::<sqlx::MySql>(url, sql).await,
        _ => rows::<sqlx::Sqlite>(url, sql).await,
    }
}

async fn rows<DB: sqlx::Database>(url: &str, sql: sqlx::AssertSqlSafe<String>) -> Vec<Value>
where
    for<'c> &'c mut DB::Connection: sqlx::Executor<'c, Database = DB>,
    for<'r> i64: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    for<'r> Vec<u8>: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    usize: sqlx::ColumnIndex<DB::Row>,
{
    let mut link = DB::Connection::connect(url).await.expect("a connection");
    let rows = sqlx::raw_sql(sql)
        .fetch_all(&mut link)
        .await
        .expect("an answer");
    let values = rows.iter().map(|row| match row.try_get::<i64, _>(0) {
        Ok(number) => Value::Number(number),
        Err(_) => Value::Bytes(row.try_get(0).expect("bytes")),
    });
    values.collect()
}
