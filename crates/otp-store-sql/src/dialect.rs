//! Which SQL is spoken, and what is bound to it.

/// The SQL that a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// What this dialect says.
    pub(crate) fn pick<T>(self, postgres: T, mysql: T, sqlite: T) -> T {
        match self {
            Self::Postgres => postgres,
            Self::MySql => mysql,
            Self::Sqlite => sqlite,
        }
    }

    /// The dialect that a URL's scheme names.
    pub(crate) fn of_url(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mysql" | "mariadb" => Some(Self::MySql),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }
}

/// A value that is bound to a statement: whole numbers, bytes and text are all that the tables hold.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(i64),
    OptInt(Option<i64>),
    Bytes(Vec<u8>),
    OptBytes(Option<Vec<u8>>),
    Text(String),
    OptText(Option<String>),
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    i64 => Int,
    bool => Int,
    Option<i64> => OptInt,
    Vec<u8> => Bytes,
    &[u8] => Bytes,
    &[u8; 16] => Bytes,
    &[u8; 32] => Bytes,
    Option<Vec<u8>> => OptBytes,
    String => Text,
    &str => Text,
    Option<String> => OptText,
}

/// The arguments of one statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::dialect::Value::from($value)),*] };
}
pub(crate) use args;
