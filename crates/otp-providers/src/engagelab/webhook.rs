//! What becomes of EngageLab's messages.

mod replay;

use self::replay::Seen;
use super::class;
use crate::ConfigError;
use crate::callback::{CallbackToken, Signature, is_recent, json_of, report};
use crate::http::Secret;
use crate::json;
use hmac::Hmac;
use otp_core::{
    Callback, CallbackError, Channel, DeliveryState, DeliveryWebhook, Report, Timestamp,
};
use serde_json::Value;
use sha2::Sha256;

/// Reads EngageLab's callback.
///
/// `X-CALLBACK-ID` is signed and the body is not: who has one such request can change what it says. So the path has a
/// token too, a request whose time is more than 300 seconds from ours is refused, and within that time each signature
/// is good for one body, in one process.
///
/// EngageLab asks with an empty body whether anybody is there; that is no report, and no error.
///
/// ```
/// use otp_core::{Callback, DeliveryWebhook, Timestamp};
/// use otp_providers::EngageLabWebhook;
/// use otp_providers::http::{CallbackToken, Secret};
///
/// let secret = Secret::new("the callback's secret")?;
/// let webhook = EngageLabWebhook::new("the-username", secret, CallbackToken::draw()?)?;
/// let asked = Callback::new("", &[], b"{}");
/// assert!(webhook.read(&asked, Timestamp::from_secs(0))?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EngageLabWebhook {
    username: String,
    secret: Secret,
    token: CallbackToken,
    channel: Channel,
    seen: Seen,
}

impl EngageLabWebhook {
    /// Takes the username and the secret that the console was given for the callback, and what the path ends with.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no username.
    pub fn new(
        username: impl Into<String>,
        secret: Secret,
        token: CallbackToken,
    ) -> Result<Self, ConfigError> {
        let takes = "a callback's username has no semicolon";
        let username = ConfigError::unless(username, takes, |name| !name.contains(';'))?;
        Ok(Self {
            username,
            secret,
            token,
            channel: Channel::Sms,
            seen: Seen::default(),
        })
    }

    /// Sets the channel that the template's strategy begins with, as
    /// [`EngageLab::begins_with`](crate::EngageLab::begins_with) does: some reasons depend on it.
    #[must_use]
    pub const fn begins_with(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    fn is_signed(&self, callback: &Callback<'_>, now: Timestamp) -> bool {
        let Some(id) = callback.header("x-callback-id").and_then(Id::parse) else {
            return false;
        };
        let Some(signature) = Signature::hex(id.signature) else {
            return false;
        };
        let key = self.secret.expose().as_bytes();
        let parts = [id.timestamp, id.nonce, id.username].map(str::as_bytes);
        // The parts are signed without a mark between them: with the username known and the time in its window they
        // can be cut in one way only.
        signature.is_of::<Hmac<Sha256>>(key, &parts)
            && id.username == self.username
            && is_recent(id.timestamp, now)
            && self.seen.admits(id.signature, callback.body, now)
    }

    fn report(&self, row: &Value) -> Option<Report> {
        use DeliveryState::{Accepted, Delivered, Failed, Read, Sent};
        let state = match &*json::text(row, "/status/message_status")? {
            "plan" | "target_valid" => Accepted,
            "sent" => Sent,
            "delivered" => Delivered,
            "verified" => Read,
            "target_invalid" | "sent_failed" | "sent_fail" | "delivered_failed" => Failed,
            _ => return None,
        };
        let code = json::code(row, "/status/error_code");
        let reason = code.and_then(|code| class::kind(self.channel, code));
        report(json::text(row, "/message_id"), state, reason)
    }
}

/// `timestamp=…;nonce=…;username=…;signature=…`
struct Id<'a> {
    timestamp: &'a str,
    nonce: &'a str,
    username: &'a str,
    signature: &'a str,
}

impl<'a> Id<'a> {
    /// None where a part is missing or there twice.
    fn parse(header: &'a str) -> Option<Self> {
        let one = |name: &str| {
            let mut named = header
                .split(';')
                .filter_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            let value = named.next()?;
            named.next().is_none().then_some(value)
        };
        Some(Self {
            timestamp: one("timestamp")?,
            nonce: one("nonce")?,
            username: one("username")?,
            signature: one("signature")?,
        })
    }
}

impl DeliveryWebhook for EngageLabWebhook {
    fn provider(&self) -> &str {
        "engagelab"
    }

    fn token(&self) -> Option<&str> {
        Some(self.token.expose())
    }

    fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Report>, CallbackError> {
        // Nothing is believed that says nothing.
        if matches!(callback.body.trim_ascii(), b"" | b"{}") {
            return Ok(Vec::new());
        }
        if !self.is_signed(callback, now) {
            return Err(CallbackError::Forged);
        }
        let body = json_of(callback.body)?;
        let rows = body.get("rows").and_then(Value::as_array);
        let rows = rows.ok_or(CallbackError::Malformed)?;
        Ok(rows.iter().filter_map(|row| self.report(row)).collect())
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}
