//! What happened, for whoever must know: one event per outcome, without secrets.

use crate::challenge::Rejection;
use crate::policy::NumberRefusal;
use crate::{
    ChallengeId, Channel, Client, PhoneKey, PhoneNumber, Purpose, SendErrorKind, SessionId,
    StoreError, StoreErrorKind,
};
use crate::{Timestamp, UserId};
use async_trait::async_trait;
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// A first code.
    Send,
    /// Another code for the same challenge.
    Resend,
    /// The same code over another channel, because the first message did not arrive.
    Fallback,
    /// A code was tried.
    Verify,
    /// A registration was completed.
    Register,
    /// A refresh token was presented.
    Refresh,
    /// An access token was presented and refused.
    Authenticate,
    /// Sessions were ended.
    Logout,
    /// A request was refused before anything in it was looked at.
    Malformed,
}

impl Action {
    /// A stable name; also the metrics label.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Resend => "resend",
            Self::Fallback => "fallback",
            Self::Verify => "verify",
            Self::Register => "register",
            Self::Refresh => "refresh",
            Self::Authenticate => "authenticate",
            Self::Logout => "logout",
            Self::Malformed => "malformed",
        }
    }
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was done.
    Done,
    /// The same request had been answered before; nothing was sent.
    Replayed,
    /// A limit refused. Its name is kept; the client learns the wait alone.
    Limited(Arc<str>),
    /// The policy's spend cap refused, by this name: no more messages until there is room. Codes are verified on.
    SpendCapReached(Arc<str>),
    /// A limit that is only reported would have refused. The message was sent, and told of before.
    WouldRefuse(Arc<str>),
    /// The policy sends no code to such numbers.
    NumberRefused(NumberRefusal),
    /// The code or ticket was not accepted.
    Rejected(Rejection),
    /// A resend for a challenge that does not live.
    NotLive,
    /// No provider took the message.
    NotDelivered(SendErrorKind),
    /// The provider that was to check the code did not answer: nobody knows whether it was right.
    NotChecked(SendErrorKind),
    /// The code was right; the registration must be completed.
    RegistrationRequired,
    /// The code was right, and new users are not admitted.
    RegistrationClosed,
    /// The account is closed.
    Disabled,
    /// A refresh token that had been used before: the session was revoked.
    Reused,
    /// A token that is forged, expired, revoked or unknown.
    InvalidToken,
    /// A test number was used: nothing was sent, or the code was its own, which never changes.
    TestNumber,
    /// The store failed.
    StoreFailed(StoreErrorKind),
    /// The host's user directory failed.
    DirectoryFailed,
    /// A token could not be made.
    TokenFailed,
}

impl Outcome {
    /// A stable name; also the metrics label.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Replayed => "replayed",
            Self::Limited(_) => "limited",
            Self::SpendCapReached(_) => "spend_cap_reached",
            Self::WouldRefuse(_) => "would_refuse",
            Self::NumberRefused(_) => "number_refused",
            Self::Rejected(Rejection::Wrong) => "wrong",
            Self::Rejected(Rejection::Expired) => "expired",
            Self::Rejected(Rejection::Used) => "used",
            Self::Rejected(Rejection::Unknown) => "unknown",
            Self::Rejected(Rejection::Locked) => "locked",
            Self::NotLive => "not_live",
            Self::NotDelivered(_) => "not_delivered",
            Self::NotChecked(_) => "not_checked",
            Self::RegistrationRequired => "registration_required",
            Self::RegistrationClosed => "registration_closed",
            Self::Disabled => "disabled",
            Self::Reused => "reused",
            Self::InvalidToken => "invalid_token",
            Self::TestNumber => "test_number",
            Self::StoreFailed(_) => "store_failed",
            Self::DirectoryFailed => "directory_failed",
            Self::TokenFailed => "token_failed",
        }
    }

    /// The name of the limit that refused, or would have.
    #[must_use]
    pub fn limit(&self) -> Option<&str> {
        match self {
            Self::Limited(name) | Self::SpendCapReached(name) | Self::WouldRefuse(name) => {
                Some(name)
            }
            _ => None,
        }
    }
}

/// One event. The number is in it masked and as a keyed hash; no code and no token ever is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What was asked for.
    pub action: Action,
    /// What it came to.
    pub outcome: Outcome,
    /// Which number, as the keyed hash under which limits know it.
    pub phone: Option<PhoneKey>,
    /// Which number, as `+98*****6789`.
    pub masked_phone: Option<String>,
    /// Which challenge; nothing where codes are bound to phones, for its id is then as good as the phone.
    pub challenge: Option<ChallengeId>,
    /// How the code was sent.
    pub channel: Option<Channel>,
    /// What the code was good for.
    pub purpose: Option<Purpose>,
    /// Which user.
    pub user: Option<UserId>,
    /// Which session.
    pub session: Option<SessionId>,
    /// From where.
    pub address: Option<IpAddr>,
    /// What the client said of itself; bounded, and cleaned of control characters.
    pub device_info: Option<String>,
}

impl Event {
    /// An event about nobody yet; its fields say the rest. The core makes them, and so does a sink's test.
    #[must_use]
    pub const fn new(at: Timestamp, action: Action, outcome: Outcome) -> Self {
        Self {
            at,
            action,
            outcome,
            phone: None,
            masked_phone: None,
            challenge: None,
            channel: None,
            purpose: None,
            user: None,
            session: None,
            address: None,
            device_info: None,
        }
    }

    pub(crate) fn by_client(mut self, client: &Client) -> Self {
        self.address = client.address();
        self.device_info = client.device_info().map(ToOwned::to_owned);
        self
    }

    pub(crate) fn about_phone(mut self, phone: &PhoneNumber, key: PhoneKey) -> Self {
        self.masked_phone = Some(phone.masked());
        self.phone = Some(key);
        self
    }

    pub(crate) fn about_user(mut self, user: &UserId, session: Option<SessionId>) -> Self {
        self.user = Some(user.clone());
        self.session = session;
        self
    }

    /// Its name in the OWASP logging vocabulary.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match (&self.action, &self.outcome) {
            (_, Outcome::Limited(_)) => "excess_rate_limit_exceeded",
            (_, Outcome::SpendCapReached(_)) => "excess_spend_cap_reached",
            (_, Outcome::WouldRefuse(_)) => "excess_limit_reported",
            (_, Outcome::TestNumber) => "otp_test_number",
            (_, Outcome::Reused) => "authn_token_reuse",
            (_, Outcome::Rejected(Rejection::Locked)) => "authn_login_fail_max",
            (
                _,
                Outcome::StoreFailed(_)
                | Outcome::DirectoryFailed
                | Outcome::TokenFailed
                | Outcome::NotChecked(_),
            ) => "sys_monitor_error",
            (_, Outcome::NotDelivered(_)) => "otp_delivery_fail",
            (Action::Send | Action::Resend | Action::Fallback, Outcome::Done) => "otp_sent",
            (Action::Send | Action::Resend | Action::Fallback, _) => "otp_not_sent",
            (Action::Verify, Outcome::Done) => match self.purpose {
                Some(Purpose::StepUp | Purpose::ChangePhone) => "authn_phone_confirmed",
                _ => "authn_login_success",
            },
            (Action::Verify, Outcome::RegistrationRequired) => "user_registration_required",
            (Action::Verify, _) => "authn_login_fail",
            (Action::Register, Outcome::Done) => "user_created",
            (Action::Register, _) => "user_registration_fail",
            (Action::Refresh, Outcome::Done) => "authn_token_created",
            (Action::Logout, Outcome::Done) => "authn_token_revoked",
            (Action::Malformed, _) => "input_validation_fail",
            (Action::Refresh | Action::Authenticate | Action::Logout, _) => "authn_token_invalid",
        }
    }
}

/// Takes events.
///
/// # Contract
/// `record` is called on the request's path: it must not block and cannot fail. A sink that writes somewhere puts
/// the event in a queue of its own.
///
/// ```
/// use otp_core::{AuditSink, Event};
/// use std::sync::mpsc::{SyncSender, sync_channel};
/// # use otp_core::{Action, Outcome, Timestamp};
///
/// #[derive(Debug)]
/// struct Queue(SyncSender<Event>);
///
/// impl AuditSink for Queue {
///     fn record(&self, event: &Event) {
///         // When it is full the event is lost, and the login goes on; where that must not be, see `DurableAudit`.
///         let _ = self.0.try_send(event.clone());
///     }
/// }
///
/// let (queue, events) = sync_channel(1_000);
/// let sink = Queue(queue); // for `OtpAuth::builder(..).audit(..)`
/// # sink.record(&Event::new(Timestamp::from_secs(1_767_225_600), Action::Send, Outcome::Done));
/// # assert_eq!(events.recv()?.name(), "otp_sent");
/// # Ok::<(), std::sync::mpsc::RecvError>(())
/// ```
pub trait AuditSink: Debug + Send + Sync + 'static {
    /// Takes one event.
    fn record(&self, event: &Event);
}

/// An [`AuditSink`] that can also wait until an event is kept (OWASP ASVS 16.4.2).
#[async_trait]
pub trait DurableAudit: AuditSink {
    /// Takes one event, and returns when a crash can no longer lose it. What it tells of is done only then.
    async fn append(&self, event: &Event) -> Result<(), StoreError>;
}

/// Events go to `tracing`: target `otp::audit`, at `INFO`, failures of the system and a spend cap that is reached
/// at `ERROR`. The default.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingAudit;

impl AuditSink for TracingAudit {
    fn record(&self, event: &Event) {
        // What a client said of itself goes through `Debug`, which escapes what could forge a line.
        macro_rules! emit {
            ($level:ident) => {
                tracing::$level!(
                    target: "otp::audit",
                    event = event.name(),
                    action = event.action.as_str(),
                    outcome = event.outcome.as_str(),
                    limit = event.outcome.limit(),
                    phone = event.masked_phone.as_deref(),
                    phone_key = event.phone.map(tracing::field::display),
                    channel = event.channel.map(tracing::field::display),
                    purpose = event.purpose.map(|purpose| purpose.as_str()),
                    user = event.user.as_ref().map(|user| user.as_str()),
                    session = event.session.map(tracing::field::display),
                    address = event.address.map(tracing::field::display),
                    device = event.device_info.as_ref().map(tracing::field::debug),
                )
            };
        }
        match event.outcome {
            Outcome::StoreFailed(_)
            | Outcome::DirectoryFailed
            | Outcome::TokenFailed
            | Outcome::SpendCapReached(_)
            | Outcome::NotDelivered(_)
            | Outcome::NotChecked(_) => {
                emit!(error);
            }
            _ => emit!(info),
        }
    }
}

/// Events go nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAudit;

impl AuditSink for NoAudit {
    fn record(&self, _: &Event) {}
}
