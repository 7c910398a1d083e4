//! SMS and calls through Kavenegar.

mod class;
mod poll;
mod webhook;

pub use poll::KavenegarPoll;
pub use webhook::KavenegarWebhook;

use crate::ConfigError;
use crate::http::{
    Address, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret, Wording,
};
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use std::sync::Arc;

/// [`Kavenegar`] over HTTP: `HttpSender::new(kavenegar)` makes one.
pub type KavenegarSender = HttpSender<Kavenegar>;

const BASE: &str = "https://api.kavenegar.com";
const IRAN: u16 = 98;

/// Sends codes by an approved template through `verify/lookup`, as SMS and as calls, or as a text from a line of one's
/// own through `sms/send`, as SMS (kavenegar.com/rest.html). A message for a channel that it does not carry is refused
/// as [`SendErrorKind::AuthOrConfig`]. By lookup Kavenegar calls an Iranian landline whatever was asked for.
///
/// A receipt means that Kavenegar took the message; its reference is the message's id. Kavenegar cannot be told how long
/// to keep trying. `sms/send` knows a message that it has had by a `localid`; none is given, because a code that is
/// sent again on purpose must arrive.
///
/// The API key is a part of every address: whoever logs the addresses of requests logs the key.
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{Kavenegar, KavenegarSender};
///
/// let key = Secret::new("the API key from Kavenegar's panel")?;
/// let kavenegar = Kavenegar::with_template(key, "login")?;
/// let sender: KavenegarSender = HttpSender::new(kavenegar)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Kavenegar {
    base: Address,
    key: Secret,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Lookup {
        template: PerLocale<String>,
    },
    Send {
        line: String,
        wording: Arc<dyn Wording>,
    },
}

impl Kavenegar {
    /// Takes the API key and the name of a template whose `token` is the code.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no name.
    pub fn with_template(key: Secret, template: impl Into<String>) -> Result<Self, ConfigError> {
        let template = name(template)?.into();
        Self::new(key, Way::Lookup { template })
    }

    /// Takes the API key, the line that texts come from, and what the text says: a
    /// [`Brand`](crate::http::Brand), in English, or another [`Wording`].
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no line.
    pub fn with_line(
        key: Secret,
        line: impl Into<String>,
        wording: impl Wording,
    ) -> Result<Self, ConfigError> {
        let spaceless = |line: &str| !line.contains(char::is_whitespace);
        let takes = "a line is one word, such as a number";
        let line = ConfigError::unless(line, takes, spaceless)?;
        let wording = Arc::new(wording);
        Self::new(key, Way::Send { line, wording })
    }

    /// Sets the template for readers of this language; the first one is for all others.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no name, and where texts are sent and no templates.
    pub fn for_locale(
        mut self,
        locale: Locale,
        template: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        match &mut self.way {
            Way::Lookup { template: all } => all.set(locale, name(template)?),
            Way::Send { .. } => return Err(ConfigError::Field("a line has no templates")),
        }
        Ok(self)
    }

    fn new(key: Secret, way: Way) -> Result<Self, ConfigError> {
        let base = Address::parse(BASE)?;
        Ok(Self { base, key, way })
    }

    /// Sets where Kavenegar is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for Kavenegar {
    fn name(&self) -> &str {
        "kavenegar"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        let (method, mut fields) = match (&self.way, message.channel) {
            (Way::Lookup { template }, Channel::Sms) => lookup(message, template, "sms"),
            (Way::Lookup { template }, Channel::Voice) => lookup(message, template, "call"),
            (Way::Send { line, wording }, Channel::Sms) => text(message, line, &**wording),
            _ => return Err(SendError::new(SendErrorKind::AuthOrConfig)),
        };
        fields.push(("receptor", receptor(message)));
        let [scope, method] = method;
        let path = ["v1", self.key.expose(), scope, method];
        Ok(HttpRequest::form(self.base.join(path), fields).header("charset", "utf-8"))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        if let Some(error) = class::error(reply) {
            return Err(error);
        }
        let taken = reply.is_success() && reply.code("/return/status") == Some(class::TAKEN);
        match reply.text("/entries/0/messageid") {
            Some(id) if taken => Ok(HttpReply::taken(id)),
            _ => reply.unexpected(),
        }
    }
}

type Call = ([&'static str; 2], Vec<(&'static str, String)>);

fn lookup(message: &Message, template: &PerLocale<String>, kind: &str) -> Call {
    let fields = vec![
        ("token", message.code.expose().to_owned()),
        ("template", template.of(message.locale).clone()),
        ("type", kind.to_owned()),
    ];
    (["verify", "lookup.json"], fields)
}

fn text(message: &Message, line: &str, wording: &dyn Wording) -> Call {
    let fields = vec![
        ("message", wording.text(message)),
        ("sender", line.to_owned()),
    ];
    (["sms", "send.json"], fields)
}

fn name(template: impl Into<String>) -> Result<String, ConfigError> {
    ConfigError::unless(template, "a template has a name", |_| true)
}

/// Abroad, Kavenegar wants `00` for the plus.
fn receptor(message: &Message) -> String {
    let number = message.to.expose();
    if message.to.country_code() == IRAN {
        return number.to_owned();
    }
    number.replacen('+', "00", 1)
}
