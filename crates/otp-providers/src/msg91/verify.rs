//! Codes that MSG91 makes, sends and checks.

use super::{Msg91, class};
use crate::ConfigError;
use crate::http::{Address, HostedProvider, HttpReply, HttpRequest, HttpVerifier, Secret};
use otp_core::verifier::Request;
use otp_core::{Channel, Checked, Code, Locale, PhoneNumber, Receipt, SendError, SendErrorKind};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// [`Msg91Verify`] over HTTP: `HttpVerifier::new(verify)` makes one.
pub type Msg91Verifier = HttpVerifier<Msg91Verify>;

/// MSG91 makes 4 to 9 digits, and we read 6 to 10.
const DIGITS: RangeInclusive<u8> = 6..=9;

/// MSG91 with codes of its own (`/api/v5/otp`, `/api/v5/otp/verify`), over SMS.
///
/// MSG91 checks a code by its number and not by its message: the reference, the request's id, is kept for reports, and
/// the latest code for the number is the one that is good. So two challenges of one number cannot be told apart there;
/// that a challenge is answered once, and for its own purpose, our own store sees to.
///
/// ```
/// use otp_providers::http::{HttpVerifier, Secret};
/// use otp_providers::{Msg91Verifier, Msg91Verify};
///
/// let key = Secret::new("the authkey from MSG91's panel")?;
/// let verify = Msg91Verify::new(key, "a-template-id")?.digits(6)?;
/// let verifier: Msg91Verifier = HttpVerifier::new(verify)?;
/// # let _ = verifier;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Msg91Verify {
    msg91: Msg91,
    digits: u8,
}

impl Msg91Verify {
    /// Takes the authkey and the id of an OTP template. A code has 6 digits.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn new(key: Secret, template: impl Into<String>) -> Result<Self, ConfigError> {
        let msg91 = Msg91::with_otp(key, template)?;
        Ok(Self { msg91, digits: 6 })
    }

    /// Sets how many digits a code has: 6 to 9.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for fewer and for more.
    pub fn digits(mut self, digits: u8) -> Result<Self, ConfigError> {
        if !DIGITS.contains(&digits) {
            return Err(ConfigError::Field("a code of MSG91's has 6 to 9 digits"));
        }
        self.digits = digits;
        Ok(self)
    }

    /// Sets the template for readers of this language; the first one is for all others.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn for_locale(
        mut self,
        locale: Locale,
        template: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.msg91 = self.msg91.for_locale(locale, template)?;
        Ok(self)
    }

    /// Sets a variable of the template, as [`Msg91::variable`] does.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no name or no value, and for a name that the request already has.
    pub fn variable(
        mut self,
        variable: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.msg91 = self.msg91.variable(variable, value)?;
        Ok(self)
    }

    /// Sets where MSG91 is: another host of its, or a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.msg91 = self.msg91.at(base)?;
        Ok(self)
    }
}

impl HostedProvider for Msg91Verify {
    fn name(&self) -> &str {
        "msg91"
    }

    fn base(&self) -> &Address {
        &self.msg91.base
    }

    fn start_request(&self, request: &Request) -> Result<HttpRequest, SendError> {
        if request.channel != Channel::Sms {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        let minutes = (request.expires_in.as_secs() / 60).max(1);
        let fields = [
            ("template_id", json!(self.msg91.template.of(request.locale))),
            ("mobile", json!(digits(&request.to))),
            ("otp_length", json!(self.digits)),
            ("otp_expiry", json!(minutes)),
        ];
        let body = self.msg91.with_variables(fields);
        Ok(self.msg91.post(&["otp"], &body))
    }

    fn parse_start(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        let taken = self.msg91.taken(reply);
        taken.unwrap_or_else(|| reply.unexpected())
    }

    fn check_request(&self, _: &str, to: &PhoneNumber, code: &Code) -> HttpRequest {
        let body: Value = json!({"mobile": digits(to), "otp": code.expose()});
        self.msg91.post(&["otp", "verify"], &body)
    }

    fn parse_check(
        &self,
        reply: &HttpReply,
        _: &str,
        _: &PhoneNumber,
    ) -> Result<Checked, SendError> {
        match class::checked(reply) {
            Some(checked) => Ok(checked),
            None => Err(class::error(reply).unwrap_or_else(|| reply.unreadable())),
        }
    }
}

/// The number with its country code and without a plus.
fn digits(number: &PhoneNumber) -> &str {
    number.expose().trim_start_matches('+')
}
