//! The small vocabularies: channels and purposes.

use std::fmt;
use std::str::FromStr;

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
#[non_exhaustive]
pub enum Channel {
    /// A text message.
    Sms,
    /// A WhatsApp message.
    WhatsApp,
    /// A call that speaks the code.
    Voice,
}

impl Channel {
    /// The name on the wire: `sms`, `whatsapp`, `voice`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::WhatsApp => "whatsapp",
            Self::Voice => "voice",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No channel has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a channel is sms, whatsapp or voice")]
#[non_exhaustive]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(name: &str) -> Result<Self, UnknownChannel> {
        [Self::Sms, Self::WhatsApp, Self::Voice]
            .into_iter()
            .find(|c| c.as_str() == name)
            .ok_or(UnknownChannel)
    }
}

/// What a code is good for. A code for one purpose is unknown to every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Purpose {
    /// Signing in.
    Login,
    /// Proving possession of the phone once more before something sensitive.
    StepUp,
    /// Proving possession of a new number.
    ChangePhone,
    /// The ticket between a first verification and a completed registration. Opened by the core alone.
    Registration,
}

impl Purpose {
    /// A stable name, part of what digests are bound to.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::StepUp => "step_up",
            Self::ChangePhone => "change_phone",
            Self::Registration => "registration",
        }
    }
}
