//! What is sealed: the fields of a message, each preceded by its length, with zeros up to one size for all.

use otp_core::{Channel, Code, Locale, Message, PhoneNumber, Purpose};
use zeroize::Zeroizing;

/// The longest are 16, 10, 8, 12 and 12 bytes, and a byte of length for each.
pub(super) const SIZE: usize = 64;

const PURPOSES: [Purpose; 4] = [
    Purpose::Login,
    Purpose::StepUp,
    Purpose::ChangePhone,
    Purpose::Registration,
];

pub(super) struct Letter {
    pub(super) to: PhoneNumber,
    pub(super) code: Code,
    pub(super) channel: Channel,
    pub(super) purpose: Purpose,
    pub(super) locale: Option<Locale>,
}

/// None for a message that could not be read back.
pub(super) fn encode(message: &Message) -> Option<Zeroizing<Vec<u8>>> {
    purpose(message.purpose.as_str())?;
    let fields = [
        message.to.expose(),
        message.code.expose(),
        message.channel.as_str(),
        message.purpose.as_str(),
        message.locale.as_ref().map_or("", Locale::as_str),
    ];
    // Of its last size from the start: growing would leave copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(SIZE));
    for field in fields {
        let left = SIZE - text.len();
        let length = u8::try_from(field.len())
            .ok()
            .filter(|_| field.len() < left)?;
        text.push(length);
        text.extend_from_slice(field.as_bytes());
    }
    text.resize(SIZE, 0);
    Some(text)
}

pub(super) fn decode(text: &[u8]) -> Option<Letter> {
    let (to, rest) = field(text)?;
    let (code, rest) = field(rest)?;
    let (channel, rest) = field(rest)?;
    let (name, rest) = field(rest)?;
    let (locale, _zeros) = field(rest)?;
    let locale = Some(locale).filter(|text| !text.is_empty());
    Some(Letter {
        to: PhoneNumber::parse(to, None).ok()?,
        code: Code::parse(code).ok()?,
        channel: channel.parse().ok()?,
        purpose: purpose(name)?,
        locale: locale.map(str::parse).transpose().ok()?,
    })
}

fn field(text: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = text.split_first()?;
    let (field, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(field).ok()?, rest))
}

fn purpose(name: &str) -> Option<Purpose> {
    PURPOSES.into_iter().find(|known| known.as_str() == name)
}
