//! Refusals, as problem documents (RFC 9457). Every text here is fixed: nothing of a request or of an error is in one.

use crate::Response;
use crate::reply::{self, PROBLEM_JSON};
use crate::wait::{in_words, whole_seconds};
use otp_core::Limited;
use serde::Serialize;
use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

/// When to come back if nobody knows how long a failure lasts.
const UNAVAILABLE_FOR: Duration = Duration::from_secs(5);

/// A refusal on its way to the client.
pub(crate) struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    retry_after: Option<Duration>,
    tries_left: Option<u32>,
    header: Option<(&'static str, Cow<'static, str>)>,
}

/// The kinds of refusal; clients tell them apart by their `type`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    MalformedJson,
    InvalidField,
    InvalidCredentials,
    Unauthorized,
    Forbidden,
    AccountDisabled,
    RegistrationClosed,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    TicketSpent,
    TicketExpired,
    PayloadTooLarge,
    MalformedReport,
    UnsupportedMediaType,
    RateLimited,
    DeliveryFailed,
    Unavailable,
}

/// The document; members are written in this order.
#[derive(Serialize)]
struct Document<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tries_left: Option<u32>,
}

impl Kind {
    const fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::MalformedJson => (400, "urn:otp:problem:malformed-json", "Malformed JSON"),
            Self::MalformedReport => (400, "urn:otp:problem:malformed-report", "Malformed report"),
            Self::InvalidField => (422, "urn:otp:problem:invalid-field", "Invalid field"),
            Self::InvalidCredentials => (
                401,
                "urn:otp:problem:invalid-credentials",
                "Invalid credentials",
            ),
            Self::Unauthorized => (401, "urn:otp:problem:unauthorized", "Unauthorized"),
            Self::Forbidden => (403, "urn:otp:problem:forbidden", "Forbidden"),
            Self::AccountDisabled => (403, "urn:otp:problem:account-disabled", "Account disabled"),
            Self::RegistrationClosed => (
                403,
                "urn:otp:problem:registration-closed",
                "Registration closed",
            ),
            Self::NotFound => (404, "urn:otp:problem:not-found", "Not found"),
            Self::MethodNotAllowed => (
                405,
                "urn:otp:problem:method-not-allowed",
                "Method not allowed",
            ),
            Self::RequestTimeout => (408, "urn:otp:problem:request-timeout", "Request timeout"),
            Self::TicketSpent => (409, "urn:otp:problem:ticket-spent", "Ticket spent"),
            Self::TicketExpired => (410, "urn:otp:problem:ticket-expired", "Ticket expired"),
            Self::PayloadTooLarge => (
                413,
                "urn:otp:problem:payload-too-large",
                "Payload too large",
            ),
            Self::UnsupportedMediaType => (
                415,
                "urn:otp:problem:unsupported-media-type",
                "Unsupported media type",
            ),
            Self::RateLimited => (429, "urn:otp:problem:rate-limited", "Too many requests"),
            Self::DeliveryFailed => (503, "urn:otp:problem:delivery-failed", "Delivery failed"),
            Self::Unavailable => (503, "urn:otp:problem:unavailable", "Service unavailable"),
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            field: None,
            retry_after: None,
            tries_left: None,
            header: None,
        }
    }

    /// A field of the request that cannot be used, and why.
    pub(crate) fn field(name: impl Into<Cow<'static, str>>, detail: &'static str) -> Self {
        let mut problem = Self::new(Kind::InvalidField, detail);
        problem.field = Some(name.into());
        problem
    }

    pub(crate) fn malformed_json() -> Self {
        Self::new(
            Kind::MalformedJson,
            "The body must be one JSON object, in UTF-8.",
        )
    }

    /// Wrong, expired, used, unknown and locked: one answer.
    pub(crate) fn wrong_code(tries_left: Option<u32>) -> Self {
        let detail = "The code is wrong or no longer valid.";
        let mut problem = Self::new(Kind::InvalidCredentials, detail);
        problem.tries_left = tries_left;
        problem
    }

    /// No token, or nothing that is read as one.
    pub(crate) fn token_missing() -> Self {
        Self::unauthorized("Please sign in.", "Bearer")
    }

    /// A token that is not, or no longer, good (RFC 6750 §3.1).
    pub(crate) fn token_refused() -> Self {
        Self::unauthorized("Please sign in again.", r#"Bearer error="invalid_token""#)
    }

    fn unauthorized(detail: &'static str, challenge: &'static str) -> Self {
        let problem = Self::new(Kind::Unauthorized, detail);
        problem.with_header("www-authenticate", challenge)
    }

    /// A provider's request that is not known to be the provider's.
    pub(crate) fn unsigned() -> Self {
        let detail = "This does not come from the provider.";
        Self::new(Kind::Unauthorized, detail)
    }

    pub(crate) fn account_disabled() -> Self {
        Self::new(Kind::AccountDisabled, "This account is closed.")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here.")
    }

    pub(crate) fn limited(limited: &Limited) -> Self {
        let wait = in_words(limited.retry_after);
        let detail = format!("Too many attempts. Please try again in {wait}.");
        Self::new(Kind::RateLimited, detail).after(limited.retry_after)
    }

    /// Something that we depend on failed, before a code was sent.
    pub(crate) fn cannot_send(kind: Kind) -> Self {
        let detail = "Unable to send OTP at this moment. Please try again later.";
        Self::new(kind, detail).after(UNAVAILABLE_FOR)
    }

    /// Something that we depend on failed.
    pub(crate) fn unavailable() -> Self {
        let detail = "This is not possible at this moment. Please try again later.";
        Self::new(Kind::Unavailable, detail).after(UNAVAILABLE_FOR)
    }

    /// A refusal that a later core knows and this table does not: nobody is let in, and an operator can find out why.
    pub(crate) fn unforeseen(error: &dyn Error) -> Self {
        tracing::error!(target: "otp", %error, "a refusal that this version of otp-http does not know");
        Self::unavailable()
    }

    pub(crate) const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(crate) fn with_header(
        mut self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// Whether the request itself was at fault: such requests are counted against their sender.
    pub(crate) const fn is_bad_input(&self) -> bool {
        matches!(self.kind, Kind::MalformedJson | Kind::InvalidField)
    }

    /// Whether the access token was missing or refused.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::Unauthorized)
    }

    pub(crate) fn into_response(self) -> Response {
        let (status, r#type, title) = self.kind.parts();
        let seconds = self.retry_after.map(whole_seconds);
        let mut response = reply::json(
            status,
            PROBLEM_JSON,
            &Document {
                r#type,
                title,
                status,
                detail: &self.detail,
                field: self.field.as_deref(),
                retry_after: seconds.filter(|_| self.kind == Kind::RateLimited),
                tries_left: self.tries_left,
            },
        );
        let wait = seconds.map(|seconds| ("retry-after", seconds.to_string()));
        let header = self.header.map(|(name, value)| (name, value.into_owned()));
        response.headers.extend(wait.into_iter().chain(header));
        response
    }
}
