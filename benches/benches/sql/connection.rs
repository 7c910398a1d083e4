//! A bare connection of sqlx, to whichever server.

use crate::world::Server;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use std::sync::Arc;

pub(crate) enum Connection {
    Postgres(sqlx::PgConnection),
    MariaDb(sqlx::MySqlConnection),
    Sqlite(sqlx::SqliteConnection),
}

/// What is bound to a statement.
#[derive(Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Bytes(Option<Vec<u8>>),
    Text(Option<&'static str>),
}

/// A statement and what is bound to it; where nothing is, it is not prepared.
pub(crate) struct Step {
    pub(crate) sql: Arc<str>,
    pub(crate) values: Vec<Value>,
    /// How many rows it must change; of those that answer with rows, how many it must find.
    pub(crate) meets: Option<u64>,
    pub(crate) answers: bool,
}

macro_rules! each {
    ($on:expr, $inner:ident => $body:expr) => {
        match $on {
            Connection::Postgres($inner) => $body,
            Connection::MariaDb($inner) => $body,
            Connection::Sqlite($inner) => $body,
        }
    };
}

impl Connection {
    /// As the store sets its connections up.
    pub(crate) async fn open(server: Server, url: &str) -> Self {
        match server {
            Server::Postgres => {
                let options: PgConnectOptions = url.parse().unwrap();
                Self::Postgres(options.disable_statement_logging().connect().await.unwrap())
            }
            Server::MariaDb => {
                let options: MySqlConnectOptions = url.parse().unwrap();
                let inner = options.disable_statement_logging().connect().await.unwrap();
                let mut connection = Self::MariaDb(inner);
                let isolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
                connection.text(isolation).await.unwrap();
                connection
            }
            Server::Sqlite => {
                let options: SqliteConnectOptions = url.parse().unwrap();
                let options = options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .disable_statement_logging();
                Self::Sqlite(options.connect().await.unwrap())
            }
        }
    }

    /// Runs text as it is.
    pub(crate) async fn text(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.to_owned());
        each!(self, inner => sqlx::raw_sql(sql).execute(inner).await.map(drop))
    }

    /// Runs one step after the other.
    pub(crate) async fn run(&mut self, steps: Vec<Step>) {
        for step in steps {
            let met = self.step(step.sql, step.values, step.answers).await;
            assert!(step.meets.is_none_or(|meets| meets == met), "{met} rows");
        }
    }

    async fn step(&mut self, sql: Arc<str>, values: Vec<Value>, answers: bool) -> u64 {
        if values.is_empty() {
            let sql = AssertSqlSafe(sql);
            each!(self, inner => sqlx::raw_sql(sql).execute(inner).await.map(drop)).unwrap();
            return 0;
        }
        each!(self, inner => {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for value in values {
                query = match value {
                    Value::Int(value) => query.bind(value),
                    Value::Bytes(value) => query.bind(value),
                    Value::Text(value) => query.bind(value),
                };
            }
            match answers {
                true => query.fetch_all(inner).await.unwrap().len() as u64,
                false => query.execute(inner).await.unwrap().rows_affected(),
            }
        })
    }

    /// One number.
    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        each!(self, inner => sqlx::query(sql).fetch_one(inner).await.unwrap().get(0))
    }

    /// Names and numbers.
    pub(crate) async fn counts(&mut self, sql: &str) -> Vec<(String, i64)> {
        let sql = AssertSqlSafe(sql.to_owned());
        each!(self, inner => {
            let rows = sqlx::query(sql).fetch_all(inner).await.unwrap();
            rows.iter().map(|row| (row.get(0), row.get(1))).collect()
        })
    }
}
