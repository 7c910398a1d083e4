//! One connection, whichever server is at its end. All that differs between the drivers' types is here.

#[cfg(feature = "migrate")]
use crate::dialect::Dialect;
use crate::dialect::Value;
use crate::fault::Fault;
use otp_core::StoreErrorKind;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::sync::Arc;

/// A statement's text, made once from templates of this crate: nothing of a user's is in it.
pub(crate) type Sql = Arc<str>;

/// An open connection. Dropping it closes it, and the server takes back what was not committed.
#[derive(Debug)]
pub(crate) enum Link {
    #[cfg(feature = "postgres")]
    Postgres(Box<sqlx::PgConnection>),
    #[cfg(feature = "mysql")]
    MySql(Box<sqlx::MySqlConnection>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlx::SqliteConnection>),
}

/// One row of an answer.
pub(crate) enum Row {
    #[cfg(feature = "postgres")]
    Postgres(sqlx::postgres::PgRow),
    #[cfg(feature = "mysql")]
    MySql(sqlx::mysql::MySqlRow),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::sqlite::SqliteRow),
}

/// Runs `$body` with the driver's own connection or row in `$inner`.
macro_rules! each {
    ($on:expr, $inner:ident => $body:expr) => {
        match $on {
            #[cfg(feature = "postgres")]
            Self::Postgres($inner) => $body,
            #[cfg(feature = "mysql")]
            Self::MySql($inner) => $body,
            #[cfg(feature = "sqlite")]
            Self::Sqlite($inner) => $body,
        }
    };
}

/// A query with its arguments, of whichever driver's type.
macro_rules! bound {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe(Arc::clone($sql)));
        for value in $args {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::OptInt(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
                Value::OptBytes(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::OptText(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Link {
    /// Runs a statement; says how many rows it met.
    pub(crate) async fn execute(
        &mut self,
        sql: &Sql,
        args: Vec<Value>,
    ) -> Result<u64, sqlx::Error> {
        each!(self, link => Ok(bound!(sql, args).execute(&mut **link).await?.rows_affected()))
    }

    /// Runs a statement that answers with rows.
    pub(crate) async fn rows(
        &mut self,
        sql: &Sql,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(link) => {
                let rows = bound!(sql, args).fetch_all(&mut **link).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
            #[cfg(feature = "mysql")]
            Self::MySql(link) => {
                let rows = bound!(sql, args).fetch_all(&mut **link).await?;
                Ok(rows.into_iter().map(Row::MySql).collect())
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite(link) => {
                let rows = bound!(sql, args).fetch_all(&mut **link).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
        }
    }

    /// Runs text as it is, without preparing it: `BEGIN` and its like, session settings.
    pub(crate) async fn command(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        each!(self, link => sqlx::raw_sql(sql).execute(&mut **link).await.map(drop))
    }

    pub(crate) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        each!(self, link => link.ping().await)
    }

    #[cfg(feature = "migrate")]
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Dialect::MySql,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

/// Reads a row's columns in their order.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

macro_rules! column {
    ($(#[$doc:meta])* $name:ident, $type:ty) => {
        $(#[$doc])*
        pub(crate) fn $name(&mut self) -> Result<$type, Fault> {
            let at = self.next;
            self.next += 1;
            self.row.$name(at)
        }
    };
}

macro_rules! cell {
    ($name:ident, $type:ty) => {
        fn $name(&self, at: usize) -> Result<$type, Fault> {
            let found: Result<$type, sqlx::Error> = each!(self, row => row.try_get(at));
            found.map_err(|error| Fault::caused(StoreErrorKind::Corrupt, error))
        }
    };
}

impl Row {
    /// Its columns, from the first.
    pub(crate) const fn columns(&self) -> Columns<'_> {
        Columns { row: self, next: 0 }
    }

    cell!(int, i64);
    cell!(opt_int, Option<i64>);
    cell!(bytes, Vec<u8>);
    cell!(opt_bytes, Option<Vec<u8>>);
    cell!(text, String);
    cell!(opt_text, Option<String>);
}

impl Columns<'_> {
    column!(int, i64);
    column!(opt_int, Option<i64>);
    column!(bytes, Vec<u8>);
    column!(opt_bytes, Option<Vec<u8>>);
    column!(text, String);
    column!(opt_text, Option<String>);

    /// Bytes of a fixed number, such as an id.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes = self.bytes()?;
        bytes
            .try_into()
            .map_err(|_| Fault::corrupt("bytes of another length"))
    }
}
