//! What the operations take and give.

use crate::session::SessionRecord;
use crate::{
    AccessToken, ChallengeId, Channel, Client, Code, DeliveryState, Locale, PhoneNumber, Profile,
    Purpose, RefreshToken, SessionId,
};
use crate::{Ticket, Timestamp, User, UserId};
use std::time::Duration;

/// Asks for a code.
#[derive(Clone, Debug)]
#[must_use]
pub struct Start {
    pub(super) phone: PhoneNumber,
    pub(super) client: Client,
    pub(super) channel: Option<Channel>,
    pub(super) purpose: Purpose,
    pub(super) locale: Option<Locale>,
    pub(super) remember_me: bool,
    pub(super) idempotency_key: Option<String>,
}

impl Start {
    /// A login code for `phone` over the policy's first channel.
    pub fn new(phone: PhoneNumber) -> Self {
        Self {
            phone,
            client: Client::new(),
            channel: None,
            purpose: Purpose::Login,
            locale: None,
            remember_me: false,
            idempotency_key: None,
        }
    }

    /// Sets who asks.
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// Sets how the code travels.
    pub const fn with_channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Sets what the code is good for.
    pub const fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets the language of the message; the policy's otherwise.
    pub const fn with_locale(mut self, locale: Locale) -> Self {
        self.locale = Some(locale);
        self
    }

    /// Asks for the longer of the policy's two sessions.
    pub const fn with_remember_me(mut self, remember_me: bool) -> Self {
        self.remember_me = remember_me;
        self
    }

    /// Makes a retry harmless: the same key for the same phone gives the same challenge and sends nothing more.
    /// 1 to 255 visible ASCII characters that others do not guess, such as a random UUID.
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }
}

/// Asks for another code for a challenge that lives.
#[derive(Clone, Debug)]
#[must_use]
pub struct Resend {
    pub(super) phone: PhoneNumber,
    pub(super) challenge: Option<ChallengeId>,
    pub(super) client: Client,
    pub(super) channel: Option<Channel>,
    pub(super) purpose: Purpose,
    pub(super) locale: Option<Locale>,
}

impl Resend {
    /// Another login code; the id may be left out where the policy binds codes to phones.
    pub fn new(phone: PhoneNumber, challenge: Option<ChallengeId>) -> Self {
        Self {
            phone,
            challenge,
            client: Client::new(),
            channel: None,
            purpose: Purpose::Login,
            locale: None,
        }
    }

    /// Sets who asks.
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// Sets another channel than the one before.
    pub const fn with_channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Sets what the challenge was opened for.
    pub const fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Sets the language of the message; the policy's otherwise, for the one before is not remembered.
    pub const fn with_locale(mut self, locale: Locale) -> Self {
        self.locale = Some(locale);
        self
    }
}

/// A code is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    /// What `verify` will ask for.
    pub challenge_id: ChallengeId,
    /// How the code travels.
    pub channel: Channel,
    /// How long it is good for.
    pub expires_in: Duration,
    /// From when another one would be admitted.
    pub resend_in: Duration,
    /// Whether the same request had been answered before, so that nothing was sent now. Under a silent limit always
    /// false: it would tell what the limit hides.
    pub replayed: bool,
    /// How far the message has come: [`Accepted`](DeliveryState::Accepted) when it was sent just now, and wherever
    /// nothing is kept of messages ([`track_delivery`](super::Builder::track_delivery)). Always that under a silent
    /// limit, under one that exempts known numbers, and where the policy binds codes to phones.
    pub delivery: DeliveryState,
    /// What had become of the message before, if another code was asked for and it is known. Never where
    /// [`delivery`](Self::delivery) is always the same.
    pub previous: Option<DeliveryState>,
}

/// Tries a code.
#[derive(Clone, Debug)]
#[must_use]
pub struct Verify {
    pub(super) phone: PhoneNumber,
    pub(super) challenge: Option<ChallengeId>,
    pub(super) code: Code,
    pub(super) client: Client,
}

impl Verify {
    /// The code for `phone`; the id may be left out where the policy binds codes to phones.
    pub fn new(phone: PhoneNumber, challenge: Option<ChallengeId>, code: Code) -> Self {
        Self {
            phone,
            challenge,
            code,
            client: Client::new(),
        }
    }

    /// Sets who asks.
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }
}

/// What a right code came to.
#[expect(clippy::large_enum_variant, reason = "the large one is the common one")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Verified {
    /// The user is signed in.
    SignedIn(Login),
    /// The number is nobody's yet: complete the registration with this ticket.
    #[non_exhaustive]
    RegistrationRequired {
        /// Good once.
        ticket: Ticket,
        /// For so long.
        expires_in: Duration,
    },
}

/// A user who is signed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The session's first tokens.
    pub tokens: Tokens,
    /// The session.
    pub session: SessionId,
    /// Who.
    pub user: User,
    /// Whether the user was made just now.
    pub is_new_user: bool,
}

/// The tokens of a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tokens {
    /// For each request (RFC 9068).
    pub access: AccessToken,
    /// For the next pair of tokens; good once.
    pub refresh: RefreshToken,
    /// How long the access token is good for.
    pub access_expires_in: Duration,
    /// How long the refresh token is good for.
    pub refresh_expires_in: Duration,
}

/// The phone was proved for something else than signing in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmed {
    /// Whose possession was proved.
    pub phone: PhoneNumber,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub at: Timestamp,
}

/// Completes a registration.
#[derive(Clone, Debug)]
#[must_use]
pub struct Register {
    pub(super) phone: PhoneNumber,
    pub(super) ticket: Ticket,
    pub(super) profile: Profile,
    pub(super) client: Client,
}

impl Register {
    /// A user of `phone` with `profile`, whose consent must be set.
    pub fn new(phone: PhoneNumber, ticket: Ticket, profile: Profile) -> Self {
        Self {
            phone,
            ticket,
            profile,
            client: Client::new(),
        }
    }

    /// Sets who asks; the device identifier must be the one that verified the code.
    pub fn with_client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }
}

/// A session goes on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refreshed {
    /// The next tokens.
    pub tokens: Tokens,
    /// The session.
    pub session: SessionId,
    /// Whose it is, as the directory has them now.
    pub user: User,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The user.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// What the user may be, as of the token.
    pub roles: Vec<String>,
    /// How the user signed in (RFC 8176).
    pub amr: Vec<String>,
    /// When the user signed in.
    pub auth_time: Timestamp,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

impl Identity {
    /// Whether the user has this role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// What the client said of itself.
    pub device_info: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was refreshed last.
    pub last_used_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
}

impl From<SessionRecord> for SessionView {
    fn from(record: SessionRecord) -> Self {
        Self {
            id: record.id,
            device_info: record.device_info,
            created_at: record.created_at,
            last_used_at: record.rotated_at,
            expires_at: record.idle_expires_at,
        }
    }
}
