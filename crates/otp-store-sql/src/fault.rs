//! What a driver's error means: its kind, and whether the transaction surely did not happen.

use crate::STORE;
use otp_core::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;
use std::error::Error;

type Source = Box<dyn Error + Send + Sync>;

/// A transaction failed.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: StoreErrorKind,
    /// It did not happen, and may go better at once.
    again: bool,
    /// The server spoke: the connection is as it was.
    pub(crate) spoken: bool,
    /// A row with that key was there.
    pub(crate) duplicate: bool,
    source: Option<Source>,
}

impl Fault {
    pub(crate) fn new(kind: StoreErrorKind) -> Self {
        Self {
            kind,
            again: false,
            spoken: true,
            duplicate: false,
            source: None,
        }
    }

    pub(crate) fn caused(kind: StoreErrorKind, source: impl Into<Source>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(kind)
        }
    }

    /// A stored record is not one that this version writes.
    pub(crate) fn corrupt(what: &'static str) -> Self {
        Self::caused(StoreErrorKind::Corrupt, what)
    }

    /// Another transaction came first, and this one changed nothing.
    pub(crate) fn overtaken() -> Self {
        Self {
            again: true,
            ..Self::new(StoreErrorKind::Contended)
        }
    }

    /// A statement before the end failed: what is not committed did not happen.
    pub(crate) fn before_commit(error: sqlx::Error) -> Self {
        let (kind, spoken) = kind(&error);
        let lost = !spoken && matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_));
        let leaving = error.as_database_error().is_some_and(is_leaving);
        let duplicate = error
            .as_database_error()
            .is_some_and(DatabaseError::is_unique_violation);
        Self {
            kind: if duplicate {
                StoreErrorKind::Contended
            } else {
                kind
            },
            again: kind == StoreErrorKind::Contended || lost || leaving || duplicate,
            spoken: spoken && !leaving,
            duplicate,
            source: Some(error.into()),
        }
    }

    /// `COMMIT`, or a statement that is its own transaction, failed. What the server says it rolled back did not
    /// happen, nor what it was sent after it had closed an idle connection; of anything else it is not known.
    pub(crate) fn at_commit(error: sqlx::Error) -> Self {
        let was_idle = error.as_database_error().is_some_and(was_idle);
        let before = Self::before_commit(error);
        let unknown = !before.spoken && !was_idle;
        Self {
            kind: if unknown {
                StoreErrorKind::Unavailable
            } else {
                before.kind
            },
            again: before.again && !unknown,
            ..before
        }
    }

    /// A row with that key stays there: beginning again would not help.
    pub(crate) fn not_again_if_taken(self) -> Self {
        Self {
            again: self.again && !self.duplicate,
            ..self
        }
    }

    /// Others were in the way, and nothing else is wrong.
    pub(crate) fn is_contention(&self) -> bool {
        self.kind == StoreErrorKind::Contended
    }

    pub(crate) const fn may_go_again(&self) -> bool {
        self.again
    }

    /// The same fault, final.
    pub(crate) fn finally(self, kind: StoreErrorKind) -> Self {
        Self {
            kind,
            again: false,
            ..self
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        let error = Self::new(STORE, fault.kind);
        match fault.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// The kind, and whether the server itself said so.
fn kind(error: &sqlx::Error) -> (StoreErrorKind, bool) {
    use sqlx::Error as E;
    match error {
        E::Database(said) => (of_code(&**said), true),
        E::Decode(_)
        | E::ColumnDecode { .. }
        | E::ColumnNotFound(_)
        | E::ColumnIndexOutOfBounds { .. }
        | E::TypeNotFound { .. }
        | E::RowNotFound => (StoreErrorKind::Corrupt, true),
        E::Configuration(_) | E::InvalidArgument(_) => (StoreErrorKind::Misconfigured, false),
        _ => (StoreErrorKind::Unavailable, false),
    }
}

/// SQLSTATE where the server has it (Postgres, appendix A of its manual), numbers elsewhere.
fn of_code(error: &dyn DatabaseError) -> StoreErrorKind {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return of_mysql(error.number());
    }
    let code = error.code().unwrap_or_default();
    #[cfg(feature = "sqlite")]
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        return of_sqlite(code.parse().unwrap_or(0));
    }
    match &*code {
        // Serialisation failure, deadlock, lock not to be had in time.
        "40001" | "40P01" | "55P03" => StoreErrorKind::Contended,
        code if code.starts_with("42") || code.starts_with("28") || code.starts_with("3D") => {
            StoreErrorKind::Misconfigured
        }
        code if code.starts_with("22") => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    }
}

#[cfg(feature = "mysql")]
const fn of_mysql(number: u16) -> StoreErrorKind {
    match number {
        // Deadlock, lock wait time-out, lock not to be had, record changed since last read.
        1213 | 1205 | 3572 | 1020 => StoreErrorKind::Contended,
        // Access denied, no such database, table or column, no privilege, syntax, a binary log of statements.
        1044 | 1045 | 1049 | 1054 | 1064 | 1142 | 1146 | 1665 => StoreErrorKind::Misconfigured,
        1264 | 1406 => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    }
}

/// Extended result codes; the low byte is the primary one.
#[cfg(feature = "sqlite")]
const fn of_sqlite(code: i32) -> StoreErrorKind {
    match code & 0xff {
        // BUSY, LOCKED.
        5 | 6 => StoreErrorKind::Contended,
        // ERROR (no such table), PERM, READONLY, CANTOPEN, AUTH.
        1 | 3 | 8 | 14 | 23 => StoreErrorKind::Misconfigured,
        // CORRUPT, NOTADB.
        11 | 26 => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Unavailable,
    }
}

/// It was closed because nothing had been asked for too long: before whatever is asked now.
fn was_idle(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "57P05")
}

/// The server closes this connection, or can no longer write on it: another may be better.
fn is_leaving(error: &dyn DatabaseError) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Shutdown under way, connection killed, closed for idleness, read-only after a switch of roles.
        return matches!(error.number(), 1053 | 1927 | 4031 | 1290 | 1836 | 1792);
    }
    let code = error.code().unwrap_or_default();
    // Shutdown, crash of another backend, not ready yet, idle too long, also in a transaction, one that took too long,
    // read-only.
    matches!(
        &*code,
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" | "25006"
    ) || code.starts_with("08")
}
