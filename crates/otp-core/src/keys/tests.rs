use proptest::prelude::*;

use super::{CodeBinding, KeyRing, Keys, SecretKey};
use crate::token::{SigningKey, TokenKeys};
use crate::{ChallengeId, PhoneKey};

const PHONE: &str = "+989123456789";

fn secret(seed: u8) -> SecretKey {
    let bytes: Vec<u8> = (0..32_u8)
        .map(|i| i.wrapping_mul(37) ^ seed.wrapping_mul(91))
        .collect();
    SecretKey::from_bytes(&bytes).unwrap()
}

fn tokens() -> TokenKeys {
    TokenKeys::new(SigningKey::hs256("t".parse().unwrap(), secret(9))).unwrap()
}

fn with_peppers(peppers: KeyRing) -> Keys {
    Keys::new(
        secret(1),
        peppers,
        KeyRing::new("r".parse().unwrap(), secret(3)),
        tokens(),
    )
}

fn keys() -> Keys {
    with_peppers(KeyRing::new("p1".parse().unwrap(), secret(2)))
}

fn binding<'a>(challenge: &'a ChallengeId, phone: &'a PhoneKey) -> CodeBinding<'a> {
    CodeBinding {
        tenant: "main",
        challenge,
        phone,
        purpose: "login",
        code: "012345",
    }
}

/// STO-1: another pepper gives another verifier for the same code of the same challenge.
#[test]
fn two_peppers_two_verifiers() {
    let (id, phone) = (
        ChallengeId::from_bytes([1; 16]),
        PhoneKey::from_bytes([2; 16]),
    );
    let binding = binding(&id, &phone);
    let ours = keys().current_code_digest(&binding);
    let theirs = with_peppers(KeyRing::new("p1".parse().unwrap(), secret(7)));
    assert_eq!(ours, keys().current_code_digest(&binding));
    assert_ne!(ours, theirs.current_code_digest(&binding));
}

/// STO-1: every part of the binding changes the digest, and so does moving a byte between parts.
#[test]
fn a_code_digest_is_bound_to_every_part() {
    let (id, phone) = (
        ChallengeId::from_bytes([1; 16]),
        PhoneKey::from_bytes([2; 16]),
    );
    let (id2, phone2) = (
        ChallengeId::from_bytes([3; 16]),
        PhoneKey::from_bytes([4; 16]),
    );
    let base = binding(&id, &phone);
    let variants = [
        base,
        CodeBinding {
            tenant: "other",
            ..base
        },
        CodeBinding {
            challenge: &id2,
            ..base
        },
        CodeBinding {
            phone: &phone2,
            ..base
        },
        CodeBinding {
            purpose: "step_up",
            ..base
        },
        CodeBinding {
            code: "012346",
            ..base
        },
        CodeBinding {
            purpose: "login0",
            code: "12345",
            ..base
        },
        CodeBinding {
            purpose: "",
            code: "login012345",
            ..base
        },
    ];
    let keys = keys();
    let mut digests: Vec<_> = variants
        .iter()
        .map(|v| keys.current_code_digest(v).1)
        .collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), variants.len());
}

/// STO-2: a challenge made before a rotation of the pepper still verifies after it.
#[test]
fn pepper_rotation_mid_flow() {
    let (id, phone) = (
        ChallengeId::from_bytes([1; 16]),
        PhoneKey::from_bytes([2; 16]),
    );
    let binding = binding(&id, &phone);
    let (old_kid, stored) = keys().current_code_digest(&binding);

    let ring = KeyRing::new("p2".parse().unwrap(), secret(5))
        .with_old(old_kid, secret(2))
        .unwrap();
    let rotated = with_peppers(ring);
    assert!(rotated.code_digests(&binding).contains(&(old_kid, stored)));
    assert_eq!(rotated.code_digests(&binding)[0].0.as_str(), "p2");
    assert_ne!(rotated.current_code_digest(&binding).1, stored);

    let dropped = with_peppers(KeyRing::new("p2".parse().unwrap(), secret(5)));
    let kids = dropped
        .code_digests(&binding)
        .into_iter()
        .map(|(kid, _)| kid);
    assert!(!kids.collect::<Vec<_>>().contains(&old_kid));
}

/// STO-5: one number has unrelated keys in two tenants and under two index keys.
#[test]
fn phone_key_differs_per_tenant() {
    let keys = keys();
    assert_eq!(keys.phone_key("a", PHONE), keys.phone_key("a", PHONE));
    assert_ne!(keys.phone_key("a", PHONE), keys.phone_key("b", PHONE));
    assert_ne!(
        keys.phone_key("a+9", "89123456789"),
        keys.phone_key("a", PHONE)
    );
    let other = Keys::generate().unwrap();
    assert_ne!(keys.phone_key("a", PHONE), other.phone_key("a", PHONE));
}

/// STO-6: the same input under two labels gives unrelated values, so no key serves two uses.
#[test]
fn labels_are_apart() {
    let keys = keys();
    let part: &[u8] = PHONE.as_bytes();
    let mut all = vec![
        keys.limit_key(&[part]),
        *keys.derived_challenge_id(&[part]).as_bytes(),
        keys.request_tag(&[part]),
        keys.limit_key(&[b"main", part]),
        *keys.phone_key("main", PHONE).as_bytes(),
    ];
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

#[test]
fn derived_keys_follow_from_the_master_and_are_apart() {
    let (one, again) = (
        Keys::derive(&secret(1), tokens()),
        Keys::derive(&secret(1), tokens()),
    );
    let other = Keys::derive(&secret(2), tokens());
    let (id, phone) = (
        ChallengeId::from_bytes([1; 16]),
        PhoneKey::from_bytes([2; 16]),
    );
    let binding = binding(&id, &phone);
    assert_eq!(one.phone_key("a", PHONE), again.phone_key("a", PHONE));
    assert_eq!(
        one.current_code_digest(&binding),
        again.current_code_digest(&binding)
    );
    assert_ne!(one.phone_key("a", PHONE), other.phone_key("a", PHONE));
    let (ours, theirs) = (
        one.current_code_digest(&binding),
        other.current_code_digest(&binding),
    );
    assert_ne!(ours.0, theirs.0, "two masters do not share a key id");
    assert_ne!(one.index.raw(b"x"), one.peppers.current_key().raw(b"x"));
    assert_ne!(
        one.refresh.current_key().raw(b"x"),
        one.peppers.current_key().raw(b"x")
    );
}

/// RFC 4231 test case 2 shape, against the same key padded by hand: our schedule is HMAC's.
#[test]
fn the_key_schedule_is_that_of_hmac() {
    use hmac::{Hmac, KeyInit, Mac};
    let key = secret(4);
    let mut reference = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    reference.update(b"what do ya want for nothing?");
    let expected: [u8; 32] = reference.finalize().into_bytes().into();
    assert_eq!(
        super::MacKey::new(&key).raw(b"what do ya want for nothing?"),
        expected
    );
}

proptest! {
    /// STO-6: whatever a user types, what becomes part of a store key is 22 characters of base64url.
    #[test]
    fn key_charset_len_prop(tenant in any::<String>(), phone in any::<String>(), parts in any::<Vec<Vec<u8>>>()) {
        let keys = keys();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let texts = [
            keys.phone_key(&tenant, &phone).to_string(),
            keys.derived_challenge_id(&parts).to_string(),
            PhoneKey::from_bytes(keys.limit_key(&parts)).to_string(),
            PhoneKey::from_bytes(keys.request_tag(&parts)).to_string(),
        ];
        for text in texts {
            prop_assert_eq!(text.len(), 22);
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
        }
    }

    /// STO-6: two different lists of parts give two keys, however their bytes are cut.
    #[test]
    fn parts_do_not_run_together(bytes in any::<Vec<u8>>(), cut in any::<proptest::sample::Index>()) {
        let (left, right) = bytes.split_at(cut.index(bytes.len() + 1));
        let keys = keys();
        prop_assert_ne!(keys.limit_key(&[&bytes]), keys.limit_key(&[left, right]));
        if !left.is_empty() {
            prop_assert_ne!(keys.limit_key(&[left, right]), keys.limit_key(&[&[], &bytes]));
        }
    }
}

/// LOG-1: the key schedules that live as long as the keys are wiped with them.
#[test]
fn key_schedules_are_wiped() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    // `Hmac` is made of these and has no marker of its own.
    wiped::<sha2::Sha256>();
}
