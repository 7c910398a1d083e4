//! Refresh tokens and registration tickets, and that no kind passes for another.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

mod jwt;

use jwt::{NOW, b64, hs_secret, kid, rules, session, unb64};
use otp_core::token::{Subject, TokenKeys};
use otp_core::{
    ChallengeId, KeyRing, Keys, RefreshToken, SecretKey, SessionId, SigningKey, Ticket, UserId,
};
use proptest::prelude::*;
use proptest::sample::Index;

const OTHER_SECRET: &[u8; 32] = b"\x11\xf2\x5d\x90\x3b\xe8\x47\x6c\x02\xd9\xa5\x7e\x38\xcb\x14\x86\
    \x6f\xb1\x29\x53\xde\x0a\x97\x40\xc8\x75\xea\x1b\x62\x9d\x34\xff";

fn keys_with(refresh: KeyRing) -> Keys {
    let tokens = TokenKeys::new(SigningKey::hs256(kid("t"), hs_secret())).unwrap();
    Keys::new(
        hs_secret(),
        KeyRing::new(kid("p"), hs_secret()),
        refresh,
        tokens,
    )
}

fn keys() -> Keys {
    keys_with(KeyRing::new(kid("r1"), hs_secret()))
}

fn user() -> UserId {
    UserId::new("b7d0").unwrap()
}

fn mint(device: Option<&str>) -> String {
    RefreshToken::mint(&keys(), "main", device, &user(), session(), 41)
        .expose()
        .to_owned()
}

fn open(device: Option<&str>, token: &str) -> Option<(SessionId, u64)> {
    RefreshToken::open(&keys(), "main", device, token)
        .ok()
        .map(|t| (t.session, t.counter))
}

#[test]
fn a_token_carries_its_session_and_counter() {
    for counter in [0, 1, 41, u64::MAX] {
        let token = RefreshToken::mint(&keys(), "main", None, &user(), session(), counter);
        assert_eq!(open(None, token.expose()), Some((session(), counter)));
    }
    assert!(mint(None).len() <= 110);
    let longest = UserId::new("u".repeat(UserId::MAX_LEN)).unwrap();
    let token = RefreshToken::mint(&keys(), "main", None, &longest, session(), 1);
    let opened = RefreshToken::open(&keys(), "main", None, token.expose());
    assert_eq!(opened.unwrap().user, longest);
}

/// TOK-5: what the grace window needs: the same arguments give the same token.
#[test]
fn minting_is_deterministic() {
    assert_eq!(mint(None), mint(None));
    assert_ne!(mint(None), mint(Some("a")));
}

/// TOK-5: a bound token is good on its own device, an unbound one whatever device is named.
#[test]
fn refresh_other_device_fails() {
    let bound = mint(Some("phone-1"));
    assert!(open(Some("phone-1"), &bound).is_some());
    for other in [None, Some("phone-2"), Some(""), Some("phone-1 ")] {
        assert!(open(other, &bound).is_none(), "{other:?}");
    }
    let unbound = mint(None);
    assert!(open(None, &unbound).is_some() && open(Some("phone-1"), &unbound).is_some());
    let empty = mint(Some(""));
    assert!(open(Some(""), &empty).is_some() && open(None, &empty).is_none());
}

/// TOK-5: a bound token cannot be made an unbound one, nor the reverse.
#[test]
fn the_binding_is_part_of_the_token() {
    for device in [None, Some(""), Some("phone-1")] {
        let mut bytes = unb64(&mint(device));
        bytes[1] ^= 1;
        for shown in [None, Some(""), Some("phone-1")] {
            assert!(open(shown, &b64(&bytes)).is_none());
        }
    }
}

/// TOK-5: a token of one tenant is nothing to another, also where tenant and device run together.
#[test]
fn other_tenants_and_other_keys_are_refused() {
    let keys = keys();
    let token = RefreshToken::mint(&keys, "main", Some("1"), &user(), session(), 1);
    for (tenant, device) in [("other", "1"), ("", "main1"), ("main1", ""), ("mai", "n1")] {
        let opened = RefreshToken::open(&keys, tenant, Some(device), token.expose());
        assert!(opened.is_err(), "{tenant} {device}");
    }
    let theirs = keys_with(KeyRing::new(
        kid("r1"),
        SecretKey::from_bytes(OTHER_SECRET).unwrap(),
    ));
    assert!(RefreshToken::open(&theirs, "main", Some("1"), token.expose()).is_err());
}

/// TOK-14: after a rotation old refresh tokens still open, and new ones name the new key.
#[test]
fn rotate_keys_no_logout() {
    let other = || SecretKey::from_bytes(OTHER_SECRET).unwrap();
    let early = mint(None);
    let ring = KeyRing::new(kid("r2"), other())
        .with_old(kid("r1"), hs_secret())
        .unwrap();
    let rotated = keys_with(ring);
    assert!(RefreshToken::open(&rotated, "main", None, &early).is_ok());
    let late = RefreshToken::mint(&rotated, "main", None, &user(), session(), 42);
    assert!(open(None, late.expose()).is_none());
    let dropped = keys_with(KeyRing::new(kid("r2"), other()));
    assert!(RefreshToken::open(&dropped, "main", None, late.expose()).is_ok());
    assert!(RefreshToken::open(&dropped, "main", None, &early).is_err());
}

/// TOK-5: any flipped bit refuses the token. All of them, not a sample.
#[test]
fn every_bit_counts() {
    for device in [None, Some("phone-1")] {
        let bytes = unb64(&mint(device));
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(open(device, &b64(&flipped)).is_none(), "bit {at}");
        }
    }
}

#[test]
fn a_token_has_one_spelling() {
    let token = mint(None);
    let standard = token.replace('-', "+").replace('_', "/");
    let mut spellings = vec![
        format!("{token}="),
        format!("{token}=="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}A"),
        format!("{token}AAAA"),
        token[..token.len() - 1].to_owned(),
        token.to_ascii_lowercase(),
        String::new(),
        "A".repeat(4096),
    ];
    spellings.extend((standard != token).then_some(standard));
    for wrong in spellings {
        assert!(open(None, &wrong).is_none(), "{wrong}");
    }
}

proptest! {
    /// TOK-5: for any session, counter, tenant and device, any flipped bit refuses the token.
    #[test]
    fn bit_flip_prop(
        session in any::<[u8; 16]>(), counter in any::<u64>(), tenant in any::<String>(),
        device in any::<Option<String>>(), at in any::<Index>(),
    ) {
        let (keys, session) = (keys(), SessionId::from_bytes(session));
        let token = RefreshToken::mint(&keys, &tenant, device.as_deref(), &user(), session, counter);
        let opened = RefreshToken::open(&keys, &tenant, device.as_deref(), token.expose());
        prop_assert_eq!(opened.map(|t| (t.session, t.counter, t.bound)), Ok((session, counter, device.is_some())));
        let mut bytes = unb64(token.expose());
        let at = at.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert!(RefreshToken::open(&keys, &tenant, device.as_deref(), &b64(bytes)).is_err());
    }

    /// Arbitrary text is refused, and never panics.
    #[test]
    fn noise_is_refused(text in any::<String>(), base64 in "[A-Za-z0-9_-]{0,140}") {
        for text in [&text, &base64] {
            prop_assert!(open(None, text).is_none());
            prop_assert!(rules().check(keys().tokens(), text, NOW).is_err());
            prop_assert!(Ticket::parse(text).is_err());
        }
    }
}

#[test]
fn tickets_are_fresh_and_have_one_spelling() {
    let id = ChallengeId::from_bytes([9; 16]);
    let (one, two) = (Ticket::draw(id).unwrap(), Ticket::draw(id).unwrap());
    assert_ne!(one.expose(), two.expose());
    let text = one.expose();
    assert_eq!(text.len(), 66);
    assert_eq!(Ticket::parse(text).unwrap().challenge_id(), id);
    let (head, secret) = text.split_once('.').unwrap();
    let wrong = [
        String::new(),
        ".".into(),
        head.into(),
        format!("{head}."),
        format!(".{secret}"),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}."),
        format!("{text}.x"),
        format!("{head}..{secret}"),
        format!("{head}{secret}"),
        format!("{secret}.{head}"),
        format!("{head}.{}", &secret[1..]),
        format!("{head}.{secret}A"),
        format!("{text}\n"),
    ];
    for text in wrong {
        assert!(Ticket::parse(&text).is_err(), "{text:?}");
    }
}

/// STO-7: a handle of one kind is nothing to the parser of every other kind.
#[test]
fn cross_kind_handle_matrix_all_rejected() {
    let keys = keys();
    let id = ChallengeId::from_bytes([7; 16]);
    let (rules, user) = (rules(), UserId::new("u1").unwrap());
    let access = rules
        .issue(keys.tokens(), &Subject::new(&user, session(), NOW), NOW)
        .unwrap();
    let handles = [
        ("access", access.expose().to_owned()),
        ("refresh", mint(None)),
        ("ticket", Ticket::draw(id).unwrap().expose().to_owned()),
        ("challenge", id.to_string()),
    ];
    for (kind, text) in &handles {
        let accepted = [
            ("access", rules.check(keys.tokens(), text, NOW).is_ok()),
            ("refresh", open(None, text).is_some()),
            ("ticket", Ticket::parse(text).is_ok()),
            ("challenge", text.parse::<ChallengeId>().is_ok()),
        ];
        for (parser, accepted) in accepted {
            assert_eq!(accepted, parser == *kind, "{kind} shown as {parser}");
        }
    }
}
