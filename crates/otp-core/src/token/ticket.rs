//! Registration tickets: what a new user shows between a right code and a complete profile.

use std::fmt;

use zeroize::Zeroizing;

use crate::ChallengeId;
use crate::base64url;
use crate::keys::{EntropyError, random_bytes};

const SECRET_LEN: usize = 32;

/// A single-use ticket: `{challenge id}.{32 random bytes}`, both base64url.
///
/// It names its record and proves the right to it; the store keeps a keyed digest of the secret
/// only. It is not a session and opens nothing but its registration.
///
/// ```
/// use otp_core::{ChallengeId, Ticket};
/// let ticket = Ticket::draw(ChallengeId::random()?)?;
/// let shown = Ticket::parse(ticket.expose())?;
/// assert_eq!(shown.challenge_id(), ticket.challenge_id());
/// assert_eq!(format!("{ticket:?}"), "Ticket([redacted])");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Ticket {
    id: ChallengeId,
    text: Zeroizing<String>,
}

/// The text is not a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a registration ticket")]
#[non_exhaustive]
pub struct InvalidTicket;

impl Ticket {
    /// A fresh ticket for the record `id`.
    ///
    /// # Errors
    /// [`EntropyError`] when the operating system gives no randomness.
    pub fn draw(id: ChallengeId) -> Result<Self, EntropyError> {
        let secret = Zeroizing::new(random_bytes::<SECRET_LEN>()?);
        let mut text = Zeroizing::new(String::with_capacity(66));
        base64url::push(&mut text, id.as_bytes());
        text.push('.');
        base64url::push(&mut text, secret.as_slice());
        Ok(Self { id, text })
    }

    /// Reads a ticket that a client shows. Whether it is one of ours, the store knows.
    ///
    /// # Errors
    /// [`InvalidTicket`] for any other form, also another spelling of the same bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidTicket> {
        let (id, secret) = text.split_once('.').ok_or(InvalidTicket)?;
        let id = id.parse().map_err(|_| InvalidTicket)?;
        let secret = base64url::decode_array::<SECRET_LEN>(secret).map(Zeroizing::new);
        secret.ok_or(InvalidTicket)?;
        Ok(Self {
            id,
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// The record it names.
    #[must_use]
    pub fn challenge_id(&self) -> ChallengeId {
        self.id
    }

    /// The whole ticket, to be handed to its owner and to nobody else; never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The part that proves, as text: what the stored digest is made of.
    #[allow(dead_code, reason = "the lifecycle uses it")]
    pub(crate) fn secret(&self) -> &str {
        self.text.split_once('.').map_or("", |(_, secret)| secret)
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket([redacted])")
    }
}
