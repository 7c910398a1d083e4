//! From the driver's errors to the only words that the core decides by.

use crate::STORE;
use otp_core::{StoreError, StoreErrorKind};
use redis::{ErrorKind, RedisError, ServerErrorKind};
use std::error::Error;

/// What this crate itself has to say about a reply, or its absence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("too many operations are under way")]
    Full,
    #[error("no reply in time: the step happened or not")]
    Late,
    #[error("fewer replicas than asked for have it")]
    Unreplicated,
    #[error("a reply that no script of ours gives")]
    Reply,
    #[error("an identifier that is taken")]
    Taken,
    #[error("others were in the way again and again")]
    Contended,
    #[error("a request that this version does not know")]
    Foreign,
    #[error("this server is a Cluster's: its URL begins with redis+cluster://")]
    IsCluster,
    #[error("this server is a replica: what is written goes to its master")]
    Replica,
    #[error("this server does not tell its replication id")]
    NoEpoch,
    #[error("keys are evicted when the memory is full: set maxmemory-policy to noeviction")]
    Evicts,
    #[cfg(not(all(feature = "tls", feature = "cluster", feature = "sentinel")))]
    #[error("the URL asks for the feature `{0}` of this crate")]
    Feature(&'static str),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble {
            Trouble::Full | Trouble::Late | Trouble::Replica | Trouble::Unreplicated => {
                StoreErrorKind::Unavailable
            }
            Trouble::Reply | Trouble::Taken => StoreErrorKind::Corrupt,
            Trouble::Contended => StoreErrorKind::Contended,
            Trouble::Evicts | Trouble::Foreign | Trouble::IsCluster | Trouble::NoEpoch => {
                StoreErrorKind::Misconfigured
            }
            #[cfg(not(all(feature = "tls", feature = "cluster", feature = "sentinel")))]
            Trouble::Feature(_) => StoreErrorKind::Misconfigured,
        };
        Self::new(STORE, kind).with_source(trouble)
    }
}

pub(crate) fn misconfigured(source: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::new(STORE, StoreErrorKind::Misconfigured).with_source(source)
}

pub(crate) fn store_error(error: RedisError) -> StoreError {
    StoreError::new(STORE, kind(&error)).with_source(error)
}

fn kind(error: &RedisError) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::AuthenticationFailed
        | ErrorKind::InvalidClientConfig
        | ErrorKind::EmptySentinelList
        | ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::CrossSlot) => {
            StoreErrorKind::Misconfigured
        }
        ErrorKind::UnexpectedReturnType => StoreErrorKind::Corrupt,
        ErrorKind::Server(ServerErrorKind::TryAgain) => StoreErrorKind::Contended,
        ErrorKind::Server(ServerErrorKind::ResponseError) if !is_refused_write(error) => {
            StoreErrorKind::Corrupt
        }
        ErrorKind::Extension => match error.code() {
            Some("NOAUTH" | "WRONGPASS") => StoreErrorKind::Misconfigured,
            // The second is ours: `foreign.lua`.
            Some("WRONGTYPE" | "FORMAT") => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Unavailable,
        },
        _ => StoreErrorKind::Unavailable,
    }
}

/// Before version 7 a script reports why it could not write in the text of a general error.
fn is_refused_write(error: &RedisError) -> bool {
    refuses(error, &["OOM", "MISCONF", "NOREPLICAS", "READONLY"])
}

fn refuses(error: &RedisError, reasons: &[&str]) -> bool {
    let text = error.detail().unwrap_or_default();
    reasons.iter().any(|reason| text.contains(reason))
}

/// Whether the step was certainly not carried out: it was never sent, or refused before anything was looked at.
pub(crate) fn did_not_happen(error: &StoreError) -> bool {
    let source = error.source.as_deref();
    let Some(error) = source.and_then(|source| source.downcast_ref::<RedisError>()) else {
        return false;
    };
    let refused = matches!(
        error.kind(),
        ErrorKind::ClusterConnectionNotFound
            | ErrorKind::Server(
                ServerErrorKind::Ask
                    | ServerErrorKind::BusyLoading
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::Moved
                    | ServerErrorKind::TryAgain
            )
    );
    refused || error.is_connection_refusal()
}

/// Whether nothing can be expected of this connection any more.
pub(crate) fn is_broken(error: &RedisError) -> bool {
    let demoted = match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => true,
        // Before version 7, in a script: thrown, and caught.
        ErrorKind::Server(ServerErrorKind::ResponseError) | ErrorKind::Extension => {
            refuses(error, &["READONLY"])
        }
        _ => false,
    };
    demoted || error.is_io_error() || error.is_unrecoverable_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FLT-8: a script on a replica of version 6.2 tells of it in the text of a general error. Whoever goes on with
    /// that connection never finds the new master.
    #[test]
    fn a_script_on_a_replica_ends_its_connection() {
        let said = "Error running script (call to f_1): @user_script:9: -READONLY You can't write against a read only \
                    replica.";
        let refused = ErrorKind::Server(ServerErrorKind::ResponseError);
        let error = RedisError::from((refused, "ERR", said.to_owned()));
        assert!(is_broken(&error));
        assert_eq!(kind(&error), StoreErrorKind::Unavailable);
        let said = "9: -READONLY You can't write against a read only replica.";
        let caught = redis::make_extension_error("@user_script:".to_owned(), Some(said.to_owned()));
        assert!(is_broken(&caught));
        assert_eq!(kind(&caught), StoreErrorKind::Unavailable);
        let full = RedisError::from((refused, "ERR", "-OOM command not allowed".to_owned()));
        assert!(!is_broken(&full));
    }
}
