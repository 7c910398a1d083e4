//! Codes that EngageLab makes, sends and checks.

use super::{EngageLab, class};
use crate::http::{Address, HostedProvider, HttpReply, HttpRequest, HttpVerifier};
use otp_core::verifier::Request;
use otp_core::{Checked, Code, PhoneNumber, Receipt, SendError};
use serde_json::json;

/// [`EngageLabVerify`] over HTTP: `HttpVerifier::new(verify)` makes one.
pub type EngageLabVerifier = HttpVerifier<EngageLabVerify>;

/// EngageLab with codes of its own (`/v1/messages`, `/v1/verifications`), by the template and the channel of an
/// [`EngageLab`].
///
/// The reference is the `message_id`, by which the code is checked. How many digits the code has, and how long it is good
/// for, the template says: 6 digits at least, for we read no shorter ones.
///
/// ```
/// use otp_providers::http::{HttpVerifier, Secret};
/// use otp_providers::{EngageLab, EngageLabVerifier, EngageLabVerify};
///
/// let (key, secret) = (Secret::new("the dev key")?, Secret::new("the dev secret")?);
/// let engagelab = EngageLab::new(key, secret, "login-code")?;
/// let verifier: EngageLabVerifier = HttpVerifier::new(EngageLabVerify::new(engagelab))?;
/// # let _ = verifier;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EngageLabVerify(EngageLab);

impl EngageLabVerify {
    /// Verifies with these settings.
    #[must_use]
    pub const fn new(engagelab: EngageLab) -> Self {
        Self(engagelab)
    }
}

impl HostedProvider for EngageLabVerify {
    fn name(&self) -> &str {
        "engagelab"
    }

    fn base(&self) -> &Address {
        &self.0.base
    }

    fn start_request(&self, request: &Request) -> Result<HttpRequest, SendError> {
        self.0.carries(request.channel)?;
        let body = json!({"to": request.to.expose(), "template": self.0.template(request.locale)});
        Ok(self.0.post("messages", &body))
    }

    fn parse_start(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        self.0.taken(reply).unwrap_or_else(|| reply.unexpected())
    }

    fn check_request(&self, reference: &str, _: &PhoneNumber, code: &Code) -> HttpRequest {
        let body = json!({"message_id": reference, "verify_code": code.expose()});
        self.0.post("verifications", &body)
    }

    fn parse_check(
        &self,
        reply: &HttpReply,
        reference: &str,
        _: &PhoneNumber,
    ) -> Result<Checked, SendError> {
        if reply.text("/code").is_some() {
            return match reply.code("/code") {
                Some(code) if class::NOT_WAITING.contains(&code) => Ok(Checked::Unknown),
                _ => Err(class::error(&self.0, reply)),
            };
        }
        let verified = reply.json().get("verified").and_then(|v| v.as_bool());
        match verified.filter(|_| reply.is_success()) {
            // VER-11: no number is named, but the message that it was sent by is.
            Some(true) if reply.text("/message_id").as_deref() == Some(reference) => {
                Ok(Checked::Approved)
            }
            Some(true) => Ok(Checked::Unknown),
            Some(false) => Ok(Checked::Wrong),
            None => Err(reply.unreadable()),
        }
    }
}
