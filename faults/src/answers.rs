//! What an answer comes to, and what an error may say.

use crate::history::{Refusal, Reply};
use crate::site::Site;
use otp_core::{Outcome, RefreshError, StartError, StoreError, StoreErrorKind, VerifyError};
use std::error::Error;
use std::fmt::Write as _;

impl Site {
    pub(crate) fn told<T>(&self, answer: Option<Result<T, &StoreError>>) -> Reply<T> {
        match answer {
            Some(Ok(done)) => Reply::Done(done),
            Some(Err(error)) => {
                self.store_failed(error);
                Reply::Failed
            }
            None => Reply::Dropped,
        }
    }

    pub(crate) fn not_sent<T>(&self, error: &StartError) -> Reply<T> {
        self.hear_error(error);
        match error {
            StartError::Limited(_) => Reply::Refused(Refusal::Limited),
            StartError::NotLive => Reply::Refused(Refusal::NotLive),
            StartError::Store(error) => {
                self.store_failed(error);
                Reply::Failed
            }
            other => self.is_odd(other),
        }
    }

    pub(crate) fn not_verified<T>(&self, error: &VerifyError, outcomes: &[Outcome]) -> Reply<T> {
        self.hear_error(error);
        match error {
            VerifyError::Limited(_) => Reply::Refused(Refusal::Limited),
            VerifyError::Rejected { .. } => {
                let why = outcomes.iter().find_map(|outcome| match outcome {
                    Outcome::Rejected(why) => Some(*why),
                    _ => None,
                });
                why.map_or_else(
                    || self.is_odd(error),
                    |why| Reply::Refused(Refusal::Guess(why)),
                )
            }
            VerifyError::Store(error) => {
                self.store_failed(error);
                Reply::Failed
            }
            VerifyError::Users(_) => Reply::Failed,
            other => self.is_odd(other),
        }
    }

    pub(crate) fn not_refreshed<T>(&self, error: &RefreshError, outcomes: &[Outcome]) -> Reply<T> {
        self.hear_error(error);
        match error {
            RefreshError::Rejected if outcomes.contains(&Outcome::Reused) => {
                Reply::Refused(Refusal::Reused)
            }
            RefreshError::Rejected => Reply::Refused(Refusal::Dead),
            RefreshError::Store(error) => {
                self.store_failed(error);
                Reply::Failed
            }
            RefreshError::Users(_) => Reply::Failed,
            other => self.is_odd(other),
        }
    }

    fn store_failed(&self, error: &StoreError) {
        self.hear_error(error);
        if matches!(
            error.kind,
            StoreErrorKind::Corrupt | StoreErrorKind::Misconfigured
        ) {
            self.written().odd.push(chain(error));
        }
    }

    fn is_odd<T>(&self, error: &dyn Error) -> Reply<T> {
        self.written().odd.push(chain(error));
        Reply::Failed
    }

    fn hear_error(&self, error: &dyn Error) {
        let text = chain(error);
        let mut written = self.written();
        written.errors.push_str(&text);
        written.errors.push('\n');
    }
}

/// An error with all that is behind it, as a careless log would print it.
fn chain(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, " {error} {error:?}");
        cause = error.source();
    }
    text
}
