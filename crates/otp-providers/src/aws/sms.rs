//! SMS through AWS End User Messaging.
//!
//! Source: botocore's `pinpoint-sms-voice-v2` model.

mod class;

use super::AwsCredentialsProvider;
use super::endpoint::Endpoint;
use crate::ConfigError;
use crate::http::{
    Address, Brand, Dlt, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Wording,
};
use crate::words::Words;
use otp_core::{Channel, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// [`AwsSms`] over HTTP: `HttpSender::new(aws_sms)` makes one.
pub type AwsSmsSender = HttpSender<AwsSms>;

const JSON: &str = "application/x-amz-json-1.0";
const TARGET: &str = "PinpointSMSVoiceV2.SendTextMessage";
/// What `TimeToLive` may be, in seconds.
const SHORTEST: u64 = 5;
const LONGEST: u64 = 259_200;

/// Sends codes as transactional SMS (`SendTextMessage`). A message for another channel is refused as
/// [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that AWS took the message; its reference is the `MessageId`. Unlike [`Sns`](super::Sns), it says at
/// once that a number has opted out, or that the month's budget is spent; the rest is told to the
/// [configuration set](Self::configuration_set). There is no idempotency key. AWS is told to give up when the code
/// expires, after 5 seconds at the least and three days at most.
///
/// ```
/// use otp_providers::http::{Brand, HttpSender, Secret};
/// use otp_providers::{AwsCredentials, AwsSms, AwsSmsSender};
///
/// let key = AwsCredentials::new("AKIDEXAMPLE", Secret::new("the secret access key")?)?;
/// let sms = AwsSms::new("us-east-1", key)?
///     .origination_identity("pool-0123456789abcdef0123456789abcdef")?
///     .configuration_set("otp")?
///     .brand(Brand::new("Example")?);
/// let sender: AwsSmsSender = HttpSender::new(sms)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AwsSms {
    endpoint: Endpoint,
    words: Words,
    origin: Option<String>,
    configuration_set: Option<String>,
}

impl AwsSms {
    /// Takes the region (`us-east-1`), and who asks.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no region.
    pub fn new(
        region: impl Into<String>,
        credentials: impl AwsCredentialsProvider,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: Endpoint::new("sms-voice", region.into(), credentials)?,
            words: Words::default(),
            origin: None,
            configuration_set: None,
        })
    }

    /// Sends from this number, pool (`pool-…`) or sender id, or from what has this ARN; none is named otherwise.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what can be none of them.
    pub fn origination_identity(mut self, origin: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "OriginationIdentity is letters, digits and _:/+-";
        self.origin = Some(ConfigError::unless(origin, takes, |o| named(o, b"_:/+-"))?);
        Ok(self)
    }

    /// Sends with this configuration set, which says who is told what becomes of a message.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no such name.
    pub fn configuration_set(mut self, name: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "ConfigurationSetName is letters, digits and _:/-";
        let name = ConfigError::unless(name, takes, |name| named(name, b"_:/-"))?;
        self.configuration_set = Some(name);
        Ok(self)
    }

    /// Sets the texts that are registered with India's operators, and what they are known by: without them no message
    /// goes to India. They go with messages to India alone, whose sender is the header. A reader of a language without
    /// a registered text gets the first one, which is for all.
    #[must_use]
    pub fn dlt(mut self, registered: impl Into<PerLocale<Dlt>>) -> Self {
        self.words.dlt = Some(registered.into());
        self
    }

    /// Sets what the text says: a [`Brand`], in English, or another [`Wording`].
    #[must_use]
    pub fn wording(mut self, wording: impl Wording) -> Self {
        self.words.wording = Arc::new(wording);
        self
    }

    /// Sets who the text says the code is for, in English: a short name for [`wording`](Self::wording).
    #[must_use]
    pub fn brand(self, brand: Brand) -> Self {
        self.wording(brand)
    }

    /// Sets where AWS is: a stub, or an endpoint of your own network. A bare host, for that is what is signed.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`], and [`ConfigError::Field`] for an address with a path.
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.endpoint = self.endpoint.at(base)?;
        Ok(self)
    }

    fn body(&self, message: &Message) -> Result<Map<String, Value>, SendError> {
        let (text, dlt) = self.words.of(message)?;
        let validity = message.expires_in.as_secs().clamp(SHORTEST, LONGEST);
        let header = dlt.map(|dlt| dlt.header().to_owned());
        let origin = header.or_else(|| self.origin.clone());
        let country =
            dlt.map(|dlt| json!({"IN_ENTITY_ID": dlt.entity(), "IN_TEMPLATE_ID": dlt.template()}));
        let fields = [
            ("DestinationPhoneNumber", Some(message.to.expose().into())),
            ("MessageBody", Some(text.into())),
            ("MessageType", Some("TRANSACTIONAL".into())),
            ("TimeToLive", Some(validity.into())),
            ("OriginationIdentity", origin.map(Value::from)),
            (
                "ConfigurationSetName",
                self.configuration_set.clone().map(Value::from),
            ),
            ("DestinationCountryParameters", country),
        ];
        let set = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Ok(set.collect())
    }
}

impl Provider for AwsSms {
    fn name(&self) -> &str {
        "aws-sms"
    }

    fn base(&self) -> &Address {
        &self.endpoint.base
    }

    fn request(&self, message: &Message, now: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::Sms {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        // Text keys, and nothing in it fails: it always serialises.
        let body = serde_json::to_vec(&self.body(message)?).unwrap_or_default();
        let request = HttpRequest::post(self.endpoint.base.clone(), JSON, body);
        let request = request.header("x-amz-target", TARGET);
        Ok(self.endpoint.signed(request, now))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        if reply
            .text("/__type")
            .or_else(|| reply.text("/Reason"))
            .is_some()
        {
            return Err(class::error(reply));
        }
        match reply.text("/MessageId") {
            Some(id) if reply.is_success() => Ok(HttpReply::taken(id)),
            _ => reply.unexpected(),
        }
    }
}

fn named(text: &str, marks: &[u8]) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || marks.contains(&b);
    text.len() <= 256 && text.bytes().all(fits)
}
