//! Making and checking access tokens: JWS compact form, `typ: at+jwt` (RFC 9068, RFC 8725).
//!
//! We read the form ourselves and ask the cryptographic library for signatures only. Nothing in a
//! token chooses a key source or an algorithm: `kid` is looked up among our own keys, and the
//! header must then name that key's algorithm.

use std::borrow::Cow;

use super::claims::{AccessClaims, WireClaims, WireHeader, object};
use super::rules::TokenRules;
use super::secret::AccessToken;
use super::token_keys::TokenKeys;
use crate::base64url;
use crate::keys::{EntropyError, random_bytes};
use crate::{SessionId, Timestamp, UserId};

/// The longest token, in bytes: what fits a usual limit on one header line.
const MAX_LEN: usize = 8 * 1024;
const MAX_ENTRIES: usize = 64;
const MAX_ENTRY_LEN: usize = 64;

/// Which check an access token failed, for the audit; outside all are one answer. Never shows what
/// the token says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than 8 KiB.
    #[error("the token is too long")]
    TooLong,
    /// Not three base64url parts with a JSON object as header.
    #[error("the token is malformed")]
    Malformed,
    /// The header has other members than `alg`, `typ` and `kid`, or not all of them.
    #[error("the token's header is not ours")]
    Header,
    /// `typ` is not `at+jwt`.
    #[error("the token is not an access token")]
    Type,
    /// No key has this `kid`.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// `alg` is not the algorithm of the key.
    #[error("the token's algorithm is not its key's")]
    Algorithm,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, of the wrong type, or unknown.
    #[error("the token's claims are malformed")]
    Claims,
    /// Another issuer's token.
    #[error("the token is from another issuer")]
    Issuer,
    /// A token for somebody else, or for another tenant.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `iat` or `auth_time` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Making a token: more than 64 roles or methods, or one that is empty, longer than 64 bytes or
    /// has control characters.
    #[error("the roles or authentication methods do not fit a token")]
    Subject,
    /// Making a token: no randomness.
    #[error("the token could not be named")]
    Entropy(#[from] EntropyError),
    /// Making a token: the cryptographic library failed.
    #[error("the token could not be signed")]
    Signing,
}

/// Whom an access token is made for.
///
/// ```
/// use otp_core::token::Subject;
/// use otp_core::{SessionId, Timestamp, UserId};
/// let (user, session) = (UserId::new("u1")?, SessionId::from_bytes([1; 16]));
/// let subject = Subject::new(&user, session, Timestamp::from_secs(1_700_000_000))
///     .with_roles(&["teacher".to_owned()]);
/// # Ok::<(), otp_core::InvalidUserId>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    user: &'a UserId,
    session: SessionId,
    auth_time: Timestamp,
    until: Option<Timestamp>,
    roles: &'a [String],
    amr: &'a [String],
}

impl<'a> Subject<'a> {
    /// A user, the session, and when they proved who they are.
    #[must_use]
    pub fn new(user: &'a UserId, session: SessionId, auth_time: Timestamp) -> Self {
        Self {
            user,
            session,
            auth_time,
            until: None,
            roles: &[],
            amr: &[],
        }
    }

    /// Sets the roles: at most 64 of at most 64 bytes each.
    #[must_use]
    pub fn with_roles(self, roles: &'a [String]) -> Self {
        Self { roles, ..self }
    }

    /// Sets the authentication methods (RFC 8176), such as `sms` or `otp`.
    #[must_use]
    pub fn with_amr(self, amr: &'a [String]) -> Self {
        Self { amr, ..self }
    }

    /// Sets when the session ends at the latest: no token of it outlives that.
    #[must_use]
    pub fn until(self, end: Timestamp) -> Self {
        Self {
            until: Some(end),
            ..self
        }
    }

    /// Whether roles and methods fit a token.
    pub(crate) fn check(&self) -> Result<(), TokenError> {
        let entry =
            |e: &String| (1..=MAX_ENTRY_LEN).contains(&e.len()) && !e.chars().any(char::is_control);
        let fits = |list: &&[String]| list.len() <= MAX_ENTRIES && list.iter().all(entry);
        let fit = [self.roles, self.amr].iter().all(fits);
        fit.then_some(()).ok_or(TokenError::Subject)
    }
}

impl TokenRules {
    /// Makes a token for `subject`, valid from `now` for [`access_ttl`](Self::access_ttl).
    ///
    /// ```
    /// use otp_core::token::{SigningKey, Subject, TokenKeys, TokenRules};
    /// use otp_core::{SessionId, Timestamp, UserId};
    ///
    /// let rules = TokenRules::new("https://login.example", "https://api.example", "web")?;
    /// let keys = TokenKeys::new(SigningKey::ed25519_generate("t1".parse()?)?)?;
    /// let now = Timestamp::from_secs(1_700_000_000);
    /// let (user, session) = (UserId::new("u1")?, SessionId::random()?);
    /// let token = rules.issue(&keys, &Subject::new(&user, session, now), now)?;
    ///
    /// let claims = rules.check(&keys, token.expose(), now)?;
    /// assert_eq!((claims.user, claims.session), (user, session));
    /// assert!(rules.check(&keys, token.expose(), claims.expires_at).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`TokenError::Subject`] or [`TokenError::TooLong`] for roles that do not fit,
    /// [`TokenError::Entropy`] and [`TokenError::Signing`] when the system fails.
    pub fn issue(
        &self,
        keys: &TokenKeys,
        subject: &Subject<'_>,
        now: Timestamp,
    ) -> Result<AccessToken, TokenError> {
        self.issue_named(keys, subject, &random_bytes()?, now)
    }

    /// As [`issue`](Self::issue), with a `jti` that was drawn before.
    pub(crate) fn issue_named(
        &self,
        keys: &TokenKeys,
        subject: &Subject<'_>,
        name: &[u8; 16],
        now: Timestamp,
    ) -> Result<AccessToken, TokenError> {
        let payload = self.payload(subject, name, now)?;
        let key = keys.signing();
        let mut token = String::with_capacity(key.header().len() + payload.len() * 4 / 3 + 96);
        token.push_str(key.header());
        base64url::push(&mut token, &payload);
        let signature = key.sign(token.as_bytes()).ok_or(TokenError::Signing)?;
        token.push('.');
        token.push_str(&signature);
        let token = AccessToken::new(token);
        if token.expose().len() > MAX_LEN {
            Err(TokenError::TooLong)
        } else {
            Ok(token)
        }
    }

    /// Checks a token: form, key, algorithm, signature, then what it claims, at `now`.
    ///
    /// # Errors
    /// [`TokenError`] says which check failed. Answer every one of them alike.
    pub fn check(
        &self,
        keys: &TokenKeys,
        token: &str,
        now: Timestamp,
    ) -> Result<AccessClaims, TokenError> {
        if token.len() > MAX_LEN {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let header = base64url::decode(header).ok_or(TokenError::Malformed)?;
        let header: WireHeader<'_> = object(&header).ok_or(TokenError::Header)?;
        if header.typ != "at+jwt" {
            return Err(TokenError::Type);
        }
        let key = keys.find(&header.kid).ok_or(TokenError::UnknownKey)?;
        if header.alg != key.algorithm().as_str() {
            return Err(TokenError::Algorithm);
        }
        if !key.verify(message.as_bytes(), signature) {
            return Err(TokenError::Signature);
        }
        let payload = base64url::decode(payload).ok_or(TokenError::Malformed)?;
        // The parser's own error would quote the token, so it is not kept.
        object::<WireClaims<'_>>(&payload)
            .ok_or(TokenError::Claims)?
            .check(self, now)
    }

    fn payload(
        &self,
        subject: &Subject<'_>,
        name: &[u8; 16],
        now: Timestamp,
    ) -> Result<Vec<u8>, TokenError> {
        subject.check()?;
        let end = now + self.access_ttl;
        let end = subject.until.map_or(end, |until| until.min(end));
        let (mut jti, mut sid) = ([0; 22], [0; 22]);
        let claims = WireClaims {
            iss: Cow::Borrowed(&self.issuer),
            aud: Cow::Borrowed(&self.audience),
            sub: Cow::Borrowed(subject.user.as_str()),
            client_id: Cow::Borrowed(&self.client_id),
            tenant: self.tenant.as_deref().map(Cow::Borrowed),
            exp: secs(end),
            iat: secs(now),
            auth_time: secs(subject.auth_time),
            jti: base64url::encode16(name, &mut jti).into(),
            sid: base64url::encode16(subject.session.as_bytes(), &mut sid).into(),
            amr: Cow::Borrowed(subject.amr),
            roles: Cow::Borrowed(subject.roles),
        };
        // A usual token fits: the payload does not grow while it is written.
        let mut payload = Vec::with_capacity(384);
        serde_json::to_writer(&mut payload, &claims).map_err(|_| TokenError::Signing)?;
        Ok(payload)
    }
}

fn secs(at: Timestamp) -> u64 {
    u64::try_from(at.as_secs()).unwrap_or(0)
}
