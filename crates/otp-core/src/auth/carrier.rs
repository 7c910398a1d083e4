//! Who brings codes to phones: a sender of ours, or a provider that makes and checks codes of its own.

use crate::verifier::Request;
use crate::{Code, Message, Receipt, SendError, SendErrorKind, Sender, Verifier};
use std::sync::Arc;

/// What the digest of a challenge is made of whose code a provider makes. It is no code, so that nothing a client can
/// type matches it.
pub(super) const MARK: &str = "hosted";

pub(super) enum Carrier {
    Sender(Arc<dyn Sender>),
    Verifier(Arc<dyn Verifier>),
}

impl Carrier {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Sender(sender) => sender.name(),
            Self::Verifier(verifier) => verifier.name(),
        }
    }

    /// What the digest of a challenge is made of for which `code` was drawn.
    pub(super) fn secret<'a>(&self, code: &'a Code) -> &'a str {
        match self {
            Self::Sender(_) => code.expose(),
            Self::Verifier(_) => MARK,
        }
    }

    /// Hands a message over; a provider puts a code of its own in the place of ours.
    pub(super) async fn hand_over(&self, message: &Message) -> Result<Receipt, SendError> {
        let taken = match self {
            Self::Sender(sender) => sender.send(message).await,
            Self::Verifier(verifier) => {
                let mut request =
                    Request::new(message.to.clone(), message.challenge_id, message.expires_in);
                request.channel = message.channel;
                request.purpose = message.purpose;
                request.locale = message.locale;
                verifier.start(&request).await
            }
        };
        taken.inspect_err(|error| tell(self.name(), error))
    }
}

/// Why a provider refuses, in its own codes, is for the operator: clients and the audit learn the class alone.
pub(super) fn tell(provider: &str, error: &SendError) {
    use SendErrorKind::{
        AuthOrConfig, InsufficientCredit, InvalidNumber, RateLimited, TemplateProblem, Transient,
        Unreachable,
    };
    let (kind, cause) = (error.kind, error.causes());
    match kind {
        InvalidNumber | Unreachable => {
            tracing::info!(target: "otp", provider, ?kind, cause, "a provider refuses a number");
        }
        RateLimited | Transient => {
            tracing::warn!(target: "otp", provider, ?kind, cause, "a provider refuses");
        }
        AuthOrConfig | InsufficientCredit | TemplateProblem => {
            tracing::error!(target: "otp", provider, ?kind, cause, "a provider refuses and needs its operator");
        }
    }
}
