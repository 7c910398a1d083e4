//! What becomes of Twilio's messages: its status callbacks.

mod address;

use self::address::Called;
use super::class;
use crate::ConfigError;
use crate::callback::{Signature, field, json_of, report};
use crate::http::{Address, Secret};
use crate::json;
use hmac::Hmac;
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use url::form_urlencoded;

/// Where Twilio says which algorithm it signed with, if not by the auth token's.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const SHARED: &str = "HMAC_SHA256";
const FORM: &str = "application/x-www-form-urlencoded";
/// The query's field for the SHA-256 of a body that is no form.
const BODY_HASH: &str = "bodySHA256";

/// Reads Twilio's status callbacks: what [`Twilio::status_callback`](crate::Twilio::status_callback) asks for.
///
/// `X-Twilio-Signature` is over the address that Twilio called and over every field of the form. The address is the
/// one that is set here, in public and not as a proxy hands the request on, with the request's query behind it: neither
/// `Host` nor any other header is asked. A body that is no form must have its hash in the query.
///
/// Twilio has no time in what it signs: what was sent once can be sent again, and says what it said before.
///
/// ```
/// use otp_core::{Callback, CallbackError, DeliveryWebhook, Timestamp};
/// use otp_providers::TwilioWebhook;
/// use otp_providers::http::Secret;
///
/// let token = Secret::new("the account's primary auth token")?;
/// let webhook = TwilioWebhook::with_auth_token("https://auth.example.com/webhooks/twilio", token)?;
/// let forged = Callback::new("", &[], b"MessageSid=SM1&MessageStatus=delivered");
/// let read = webhook.read(&forged, Timestamp::from_secs(0));
/// assert_eq!(read, Err(CallbackError::Forged));
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
pub struct TwilioWebhook {
    called: Called,
    key: Secret,
    algorithm: Algorithm,
}

/// What is accepted, and nothing else: no header of a request chooses a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
}

impl TwilioWebhook {
    /// Takes the address that Twilio calls, without a query, and the account's primary auth token, which signs even
    /// where an API key sends (HMAC-SHA-1, as Twilio has it).
    ///
    /// # Errors
    /// [`ConfigError::Url`] for what is no address, [`ConfigError::Field`] for one with a query or a fragment.
    pub fn with_auth_token(address: &str, token: Secret) -> Result<Self, ConfigError> {
        Self::new(address, token, Algorithm::Sha1)
    }

    /// As [`with_auth_token`](Self::with_auth_token), with the secret of a key that is shared for webhooks alone
    /// (HMAC-SHA-256). A request that is signed with the auth token is refused.
    ///
    /// # Errors
    /// [`ConfigError::Url`] for what is no address, [`ConfigError::Field`] for one with a query or a fragment.
    pub fn with_shared_key(address: &str, secret: Secret) -> Result<Self, ConfigError> {
        Self::new(address, secret, Algorithm::Sha256)
    }

    fn new(address: &str, key: Secret, algorithm: Algorithm) -> Result<Self, ConfigError> {
        Address::parse_plain(address)?;
        let called = Called::new(address).ok_or(ConfigError::Field(
            "the address that Twilio calls is given without a query and a fragment",
        ))?;
        Ok(Self {
            called,
            key,
            algorithm,
        })
    }

    fn is_signed(&self, callback: &Callback<'_>, fields: &Fields) -> bool {
        let signature = callback.header("x-twilio-signature");
        let Some(signature) = signature.and_then(Signature::base64) else {
            return false;
        };
        let tail: String = fields.iter().flat_map(|(n, v)| [&**n, v]).collect();
        // It signs with the port or without it, whatever the address has, and an apostrophe as it wrote it, whatever
        // something on the way made of that.
        let queries = [
            callback.query.to_owned(),
            callback.query.replace('\'', "%27"),
        ];
        let spellings = self.called.spellings();
        let spellings = spellings
            .iter()
            .flat_map(|at| queries.iter().map(move |q| (at, q)));
        let mut known = false;
        for (address, query) in spellings {
            let question = if query.is_empty() { "" } else { "?" };
            known |= self.is_of(&signature, &[address, question, query, &tail]);
        }
        known && self.is_ours(callback)
    }

    fn is_of(&self, signature: &Signature, parts: &[&str; 4]) -> bool {
        let (key, parts) = (self.key.expose().as_bytes(), parts.map(str::as_bytes));
        match self.algorithm {
            Algorithm::Sha1 => signature.is_of::<Hmac<Sha1>>(key, &parts),
            Algorithm::Sha256 => signature.is_of::<Hmac<Sha256>>(key, &parts),
        }
    }

    /// Whether the algorithm that the request names is the one that was set.
    fn is_ours(&self, callback: &Callback<'_>) -> bool {
        let named = match callback.header(SETTINGS) {
            Some(settings) => settings
                .split(',')
                .find_map(|part| part.trim().strip_prefix("algorithm=")),
            // One that is no text, or there twice, names something.
            None if has(callback, SETTINGS) => return false,
            None => None,
        };
        match self.algorithm {
            Algorithm::Sha1 => matches!(named, None | Some("HMAC_SHA1")),
            Algorithm::Sha256 => named == Some(SHARED),
        }
    }
}

/// Sorted, each once: as they are signed.
type Fields = BTreeSet<(String, String)>;

impl DeliveryWebhook for TwilioWebhook {
    fn provider(&self) -> &str {
        "twilio"
    }

    fn token(&self) -> Option<&str> {
        None
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        let is_form = callback.header("content-type").is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case(FORM)
        });
        let fields = if is_form {
            form_urlencoded::parse(callback.body).into_owned().collect()
        } else {
            Fields::new()
        };
        let covered = is_form || callback.body.is_empty() || is_hashed(callback);
        if !covered || !self.is_signed(callback, &fields) {
            return Err(CallbackError::Forged);
        }
        if is_form {
            let fields: Vec<_> = fields.into_iter().collect();
            return Ok(status(|name| field(&fields, name).map(str::to_owned)));
        }
        let body = json_of(callback.body)?;
        Ok(status(|name| json::text(&body, &format!("/{name}"))))
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

fn has(callback: &Callback<'_>, name: &str) -> bool {
    let mut names = callback.headers.iter().map(|(own, _)| own);
    names.any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether the query, which is signed, has the hash of the body.
fn is_hashed(callback: &Callback<'_>) -> bool {
    let query: Vec<_> = form_urlencoded::parse(callback.query.as_bytes())
        .into_owned()
        .collect();
    let hash: String = Sha256::digest(callback.body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    field(&query, BODY_HASH) == Some(&hash)
}

/// None for what is no message's status.
fn status(value: impl Fn(&str) -> Option<String>) -> Vec<Report> {
    use DeliveryState::{Accepted, Delivered, Failed, Read, Sent};
    let status = value("MessageStatus").or_else(|| value("SmsStatus"));
    let state = match status.as_deref() {
        Some("accepted" | "scheduled" | "queued" | "sending") => Accepted,
        Some("sent") => Sent,
        Some("delivered" | "partially_delivered") => Delivered,
        Some("read") => Read,
        Some("undelivered" | "failed" | "canceled") => Failed,
        _ => return Vec::new(),
    };
    // A channel may have words for an error.
    let code = value("ErrorCode").and_then(|code| json::number(&code));
    let sid = value("MessageSid").or_else(|| value("SmsSid"));
    report(sid, state, code.and_then(class::kind))
        .into_iter()
        .collect()
}

impl fmt::Debug for TwilioWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioWebhook")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
