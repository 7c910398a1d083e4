//! Refresh tokens: `{user, session, counter}` under a MAC, opaque to clients (RFC 9700 §4.14.2).
//!
//! `base64url(version ‖ bound ‖ kid length ‖ kid ‖ user length ‖ user ‖ session ‖ counter ‖ mac)`. The store keeps
//! the counter and no token, and no token follows from the counter without the key. The user is in it so that the
//! host's directory can be asked before anything is rotated.

use zeroize::Zeroizing;

use super::secret::RefreshToken;
use crate::base64url;
use crate::keys::{KeyId, Keys, MacKey, equal};
use crate::{SessionId, UserId};

const LABEL: &str = "otp/v1/refresh";
const VERSION: u8 = 1;
/// Longer than any token we make; what is longer is not looked at.
const MAX_LEN: usize = 280;

/// The text is not a refresh token of ours, or not for this tenant or device. One answer for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid refresh token")]
#[non_exhaustive]
pub struct RefreshTokenError;

/// What a refresh token says, once its MAC was found right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedRefreshToken {
    /// Whose session it is.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// The session's counter when the token was made.
    pub counter: u64,
    /// Whether it is good on one device only.
    pub bound: bool,
}

impl RefreshToken {
    /// The token of a session at a counter. The same arguments give the same token: a retried
    /// rotation returns the same successor although the store keeps none.
    ///
    /// With a `device` the token is good on that device only.
    ///
    /// The lifecycle does this by itself; a token alone is worth nothing without its session in the store.
    ///
    /// ```
    /// use otp_core::{Keys, RefreshToken, SessionId, UserId};
    /// let keys = Keys::generate()?;
    /// let (user, session) = (UserId::new("u1")?, SessionId::random()?);
    /// let token = RefreshToken::mint(&keys, "main", Some("phone-1"), &user, session, 3);
    /// let opened = RefreshToken::open(&keys, "main", Some("phone-1"), token.expose());
    /// assert_eq!(opened.map(|token| (token.session, token.counter)), Ok((session, 3)));
    /// assert!(RefreshToken::open(&keys, "main", Some("phone-2"), token.expose()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn mint(
        keys: &Keys,
        tenant: &str,
        device: Option<&str>,
        user: &UserId,
        session: SessionId,
        counter: u64,
    ) -> Self {
        let ring = keys.refresh_ring();
        let kid = ring.current();
        let mut token = Zeroizing::new(Vec::with_capacity(128));
        token.extend([VERSION, u8::from(device.is_some()), kid.len()]);
        token.extend(kid.as_str().as_bytes());
        token.push(user.len());
        token.extend(user.as_str().as_bytes());
        token.extend(session.as_bytes());
        token.extend(counter.to_be_bytes());
        let mac = mac(ring.current_key(), tenant, device, &token);
        token.extend(mac);
        Self::new(base64url::encode(&token))
    }

    /// The user, session and counter of a token, if it was made with one of our keys for this tenant and,
    /// where it is bound to a device, for this one. A token that is not bound ignores `device`.
    ///
    /// Whether the counter is still the session's is for the store to say.
    ///
    /// # Errors
    /// [`RefreshTokenError`] for everything else, in any other spelling too.
    pub fn open(
        keys: &Keys,
        tenant: &str,
        device: Option<&str>,
        token: &str,
    ) -> Result<OpenedRefreshToken, RefreshTokenError> {
        parse(token)
            .and_then(|parts| parts.authenticate(keys, tenant, device))
            .ok_or(RefreshTokenError)
    }
}

/// A token taken apart; nothing of it is true before [`authenticate`](Parts::authenticate).
struct Parts {
    bytes: Zeroizing<Vec<u8>>,
    kid: KeyId,
    says: OpenedRefreshToken,
}

const MAC_LEN: usize = 32;

fn parse(token: &str) -> Option<Parts> {
    if token.len() > MAX_LEN {
        return None;
    }
    let bytes = Zeroizing::new(base64url::decode(token)?);
    let ([version, bound, kid_len], rest) = bytes.split_first_chunk::<3>()?;
    let bound = match (*version, *bound) {
        (VERSION, 0) => false,
        (VERSION, 1) => true,
        _ => return None,
    };
    let (kid, rest) = text(*kid_len, rest)?;
    let ([user_len], rest) = rest.split_first_chunk::<1>()?;
    let (user, rest) = text(*user_len, rest)?;
    let (session, rest) = rest.split_first_chunk::<16>()?;
    let (counter, mac) = rest.split_first_chunk::<8>()?;
    if mac.len() != MAC_LEN {
        return None;
    }
    let says = OpenedRefreshToken {
        user: UserId::new(user).ok()?,
        session: SessionId::from_bytes(*session),
        counter: u64::from_be_bytes(*counter),
        bound,
    };
    let kid = kid.parse().ok()?;
    Some(Parts { bytes, kid, says })
}

fn text(len: u8, bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (text, rest) = bytes.split_at_checked(usize::from(len))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

impl Parts {
    fn authenticate(
        self,
        keys: &Keys,
        tenant: &str,
        device: Option<&str>,
    ) -> Option<OpenedRefreshToken> {
        let device = match (self.says.bound, device) {
            (true, None) => return None,
            (true, device) => device,
            (false, _) => None,
        };
        let key = keys.refresh_ring().find(self.kid)?;
        let (body, shown) = self.bytes.split_last_chunk::<MAC_LEN>()?;
        equal(&mac(key, tenant, device, body), shown).then_some(self.says)
    }
}

/// `body` says whether a device is bound, so an absent one and an empty one cannot be confused.
fn mac(key: &MacKey, tenant: &str, device: Option<&str>, body: &[u8]) -> [u8; MAC_LEN] {
    key.digest(
        LABEL,
        &[
            tenant.as_bytes(),
            device.unwrap_or_default().as_bytes(),
            body,
        ],
    )
}
