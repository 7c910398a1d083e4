//! What the index key and the peppers make. One label per use, so no output serves two uses.

use super::mac::MacKey;
use super::{KeyId, Keys};
use crate::{ChallengeId, MessageKey, PhoneKey, UserId};

const PHONE: &str = "otp/v1/phone";
const OWNER: &str = "otp/v1/owner";
const LIMIT: &str = "otp/v1/limit";
const CHALLENGE: &str = "otp/v1/challenge-id";
const REQUEST: &str = "otp/v1/request";
const MESSAGE: &str = "otp/v1/message";
const CODE: &str = "otp/v1/code";

/// All that a code is bound to: it opens this challenge, for this phone, tenant and purpose only.
#[derive(Clone, Copy)]
pub(crate) struct CodeBinding<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) challenge: &'a ChallengeId,
    pub(crate) phone: &'a PhoneKey,
    pub(crate) purpose: &'a str,
    pub(crate) code: &'a str,
}

impl Keys {
    /// What stands for a phone number in keys, indexes and limits.
    pub(crate) fn phone_key(&self, tenant: &str, e164: &str) -> PhoneKey {
        PhoneKey::from_bytes(
            self.index
                .digest16(PHONE, &[tenant.as_bytes(), e164.as_bytes()]),
        )
    }

    /// What stands for a user among the sessions of a store that several tenants share.
    pub(crate) fn owner(&self, tenant: &str, user: &UserId) -> UserId {
        let parts = [tenant.as_bytes(), user.as_str().as_bytes()];
        UserId::from_bytes(&self.index.digest16(OWNER, &parts))
    }

    /// The key of a limit cell: whatever the parts hold, 16 bytes come out.
    pub(crate) fn limit_key(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.index.digest16(LIMIT, parts)
    }

    /// A challenge id that follows from its parts: an idempotent start repeats it.
    pub(crate) fn derived_challenge_id(&self, parts: &[&[u8]]) -> ChallengeId {
        ChallengeId::from_bytes(self.index.digest16(CHALLENGE, parts))
    }

    /// What tells a client's retry from a new request.
    pub(crate) fn request_tag(&self, parts: &[&[u8]]) -> [u8; 16] {
        self.index.digest16(REQUEST, parts)
    }

    /// What stands for a provider's message: webhooks find it by that alone.
    pub(crate) fn message_key(&self, provider: &str, reference: &str) -> MessageKey {
        let parts = [provider.as_bytes(), reference.as_bytes()];
        MessageKey::from_bytes(self.index.digest16(MESSAGE, &parts))
    }

    /// The digest to store for a code, and the pepper that made it.
    pub(crate) fn current_code_digest(&self, binding: &CodeBinding<'_>) -> (KeyId, [u8; 32]) {
        (
            self.peppers.current(),
            digest(self.peppers.current_key(), binding),
        )
    }

    /// The digests under every pepper, the current one first: a guess for a store that compares.
    pub(crate) fn code_digests(&self, binding: &CodeBinding<'_>) -> Vec<(KeyId, [u8; 32])> {
        self.peppers
            .iter()
            .map(|(kid, pepper)| (*kid, digest(pepper, binding)))
            .collect()
    }
}

fn digest(pepper: &MacKey, binding: &CodeBinding<'_>) -> [u8; 32] {
    let CodeBinding {
        tenant,
        challenge,
        phone,
        purpose,
        code,
    } = binding;
    let phone = phone.as_bytes().as_slice();
    let parts = [
        tenant.as_bytes(),
        challenge.as_bytes(),
        phone,
        purpose.as_bytes(),
        code.as_bytes(),
    ];
    pepper.digest(CODE, &parts)
}
