//! SMS through Amazon SNS.
//!
//! Source: botocore's `sns` model, and `sms_publish-to-phone` of AWS's documentation.

mod class;
mod xml;

use super::AwsCredentialsProvider;
use super::endpoint::Endpoint;
use crate::ConfigError;
use crate::http::{
    Address, Brand, Dlt, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Wording,
};
use crate::words::Words;
use otp_core::{Channel, Message, Receipt, SendError, SendErrorKind, Timestamp};
use std::sync::Arc;
use url::form_urlencoded::Serializer;

/// [`Sns`] over HTTP: `HttpSender::new(sns)` makes one.
pub type SnsSender = HttpSender<Sns>;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const VERSION: &str = "2010-03-31";

/// Sends codes as transactional SMS (`Publish` to a phone number). A message for another channel is refused as
/// [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means little: with the monthly budget spent, an account in review, a number that opted out or India's
/// registration missing, SNS takes the message all the same and sends nothing. Its reference is the `MessageId`, by
/// which CloudWatch's delivery log knows it; there is no webhook. [`AwsSms`](super::AwsSms) says more, and is the better
/// one to begin with. SNS has no idempotency for SMS, and cannot be told when to give up.
///
/// ```
/// use otp_providers::http::{Brand, HttpSender, Secret};
/// use otp_providers::{AwsCredentials, Sns, SnsSender};
///
/// let key = AwsCredentials::new("AKIDEXAMPLE", Secret::new("the secret access key")?)?;
/// let sns = Sns::new("us-east-1", key)?
///     .sender_id("MyApp")?
///     .brand(Brand::new("Example")?);
/// let sender: SnsSender = HttpSender::new(sns)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sns {
    endpoint: Endpoint,
    words: Words,
    sender_id: Option<String>,
}

impl Sns {
    /// Takes the region (`us-east-1`), and who asks.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no region.
    pub fn new(
        region: impl Into<String>,
        credentials: impl AwsCredentialsProvider,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: Endpoint::new("sns", region.into(), credentials)?,
            words: Words::default(),
            sender_id: None,
        })
    }

    /// Sets the name that phones show: 3 to 11 letters and digits, one letter at least.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for any other.
    pub fn sender_id(mut self, id: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "a sender id is 3 to 11 letters and digits, one letter at least";
        let id = ConfigError::unless(id, takes, |id| {
            let plain = id.bytes().all(|b| b.is_ascii_alphanumeric());
            let lettered = id.bytes().any(|b| b.is_ascii_alphabetic());
            plain && lettered && (3..=11).contains(&id.len())
        })?;
        self.sender_id = Some(id);
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

    /// Sets where SNS is: a stub, or an endpoint of your own network. A bare host, for that is what is signed.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`], and [`ConfigError::Field`] for an address with a path.
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.endpoint = self.endpoint.at(base)?;
        Ok(self)
    }

    fn attributes<'a>(&'a self, dlt: Option<&'a Dlt>) -> Vec<(&'static str, &'a str)> {
        let mut attributes = vec![("AWS.SNS.SMS.SMSType", "Transactional")];
        let header = dlt.map(Dlt::header);
        if let Some(id) = header.or(self.sender_id.as_deref()) {
            attributes.push(("AWS.SNS.SMS.SenderID", id));
        }
        if let Some(dlt) = dlt {
            attributes.push(("AWS.MM.SMS.EntityId", dlt.entity()));
            attributes.push(("AWS.MM.SMS.TemplateId", dlt.template()));
        }
        attributes
    }
}

impl Provider for Sns {
    fn name(&self) -> &str {
        "sns"
    }

    fn base(&self) -> &Address {
        &self.endpoint.base
    }

    fn request(&self, message: &Message, now: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::Sms {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        let (text, dlt) = self.words.of(message)?;
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", "Publish")
            .append_pair("Version", VERSION)
            .append_pair("PhoneNumber", message.to.expose())
            .append_pair("Message", &text);
        for (index, (name, value)) in self.attributes(dlt).into_iter().enumerate() {
            let entry = format!("MessageAttributes.entry.{}", index + 1);
            form.append_pair(&format!("{entry}.Name"), name)
                .append_pair(&format!("{entry}.Value.DataType"), "String")
                .append_pair(&format!("{entry}.Value.StringValue"), value);
        }
        let body = form.finish().into_bytes();
        let request = HttpRequest::post(self.endpoint.base.clone(), FORM, body);
        Ok(self.endpoint.signed(request, now))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        let body = String::from_utf8_lossy(reply.body());
        if xml::has(&body, "ErrorResponse") || xml::has(&body, "Code") {
            return Err(class::error(reply, &body));
        }
        match xml::text(&body, "MessageId") {
            Some(id) if reply.is_success() => Ok(HttpReply::taken(id)),
            _ => reply.unexpected(),
        }
    }
}
