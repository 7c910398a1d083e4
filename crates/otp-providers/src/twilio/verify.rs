//! Codes that Twilio Verify makes, sends and checks.

mod class;

use super::sid;
use crate::ConfigError;
use crate::http::{Address, HostedProvider, HttpReply, HttpRequest, HttpVerifier, Secret};
use otp_core::verifier::Request;
use otp_core::{Channel, Checked, Code, PhoneNumber, Receipt, SendError};

/// [`TwilioVerify`] over HTTP: `HttpVerifier::new(verify)` makes one.
pub type TwilioVerifier = HttpVerifier<TwilioVerify>;

const BASE: &str = "https://verify.twilio.com";

/// Twilio Verify (version 2), over SMS, WhatsApp and calls as the service there is set up.
///
/// The reference is the verification's sid (`VE…`), by which it is checked. Twilio's code is good for ten minutes unless
/// the service says otherwise; it looks at five guesses, and after an approval knows the verification no more. To start
/// again while one is pending sends again, five times in ten minutes at most.
///
/// ```
/// use otp_providers::http::{HttpVerifier, Secret};
/// use otp_providers::{TwilioVerifier, TwilioVerify};
///
/// # let (key, service) = (format!("SK{:032}", 0), format!("VA{:032}", 0));
/// let secret = Secret::new("the API key's secret, from Twilio's console")?;
/// let verifier: TwilioVerifier = HttpVerifier::new(TwilioVerify::with_api_key(service, key, secret)?)?;
/// # let _ = verifier;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TwilioVerify {
    base: Address,
    service: String,
    user: Secret,
    password: Secret,
}

impl TwilioVerify {
    /// Takes the service (`VA…`) and an API key (`SK…`) with its secret, which can be revoked alone.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn with_api_key(
        service: impl Into<String>,
        key: impl Into<String>,
        secret: Secret,
    ) -> Result<Self, ConfigError> {
        let takes = "the API key's sid is SK and 32 hexadecimal digits";
        Self::new(service.into(), sid(key, "SK", takes)?, secret)
    }

    /// Takes the service (`VA…`) and the account (`AC…`) with its auth token, which opens all of the account.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn with_auth_token(
        service: impl Into<String>,
        account: impl Into<String>,
        token: Secret,
    ) -> Result<Self, ConfigError> {
        let takes = "the account's sid is AC and 32 hexadecimal digits";
        Self::new(service.into(), sid(account, "AC", takes)?, token)
    }

    fn new(service: String, user: String, password: Secret) -> Result<Self, ConfigError> {
        let takes = "the service's sid is VA and 32 hexadecimal digits";
        Ok(Self {
            base: Address::parse(BASE)?,
            service: sid(service, "VA", takes)?,
            user: Secret::new(user)?,
            password,
        })
    }

    /// Sets where Twilio is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }

    fn post(&self, method: &str, fields: [(&str, &str); 2]) -> HttpRequest {
        let address = self.base.join(["v2", "Services", &self.service, method]);
        HttpRequest::form(address, fields)
            .header("accept", "application/json")
            .basic(self.user.expose(), &self.password)
    }
}

impl HostedProvider for TwilioVerify {
    fn name(&self) -> &str {
        "twilio-verify"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn start_request(&self, request: &Request) -> Result<HttpRequest, SendError> {
        let channel = match request.channel {
            Channel::Voice => "call",
            // What we call SMS and WhatsApp, Twilio does too.
            other => other.as_str(),
        };
        let fields = [("To", request.to.expose()), ("Channel", channel)];
        Ok(self.post("Verifications", fields))
    }

    fn parse_start(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        if let Some(code) = reply.code("/code") {
            return Err(class::error(reply, code));
        }
        match (reply.text("/status").as_deref(), reply.text("/sid")) {
            (Some("pending"), Some(sid)) if reply.is_success() => Ok(HttpReply::taken(sid)),
            // Such as one that has failed.
            (Some(status), _) if status != "pending" => Err(reply.unreadable()),
            _ => reply.unexpected(),
        }
    }

    fn check_request(&self, reference: &str, _: &PhoneNumber, code: &Code) -> HttpRequest {
        let fields = [("VerificationSid", reference), ("Code", code.expose())];
        self.post("VerificationCheck", fields)
    }

    fn parse_check(
        &self,
        reply: &HttpReply,
        reference: &str,
        to: &PhoneNumber,
    ) -> Result<Checked, SendError> {
        match reply.code("/code") {
            Some(class::NOT_FOUND) => return Ok(Checked::Unknown),
            Some(class::CHECKED_OUT) => return Ok(Checked::TooMany),
            Some(code) => return Err(class::error(reply, code)),
            None if !reply.is_success() => return Err(reply.unreadable()),
            None => {}
        }
        // VER-11: what is approved must be what was asked for.
        let is_ours = reply.text("/to").as_deref() == Some(to.expose())
            && reply.text("/sid").as_deref() == Some(reference);
        match reply.text("/status").as_deref() {
            Some("approved") if is_ours => Ok(Checked::Approved),
            Some("pending") => Ok(Checked::Wrong),
            Some("max_attempts_reached") => Ok(Checked::TooMany),
            Some("approved" | "canceled" | "deleted" | "failed" | "expired") => {
                Ok(Checked::Unknown)
            }
            _ => Err(reply.unreadable()),
        }
    }
}
