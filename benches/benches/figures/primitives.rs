//! Codes, digests and phone numbers.

use crate::world;
use hmac::{Hmac, KeyInit, Mac};
use otp_benches::{Bench, Figure, at_once, prepared, side};
use otp_core::token::{SigningKey, TokenKeys};
use otp_core::{
    ChallengeId, Code, KeyRing, Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber, Purpose,
    SecretKey, Verify,
};
use rand::TryRng;
use rand::rngs::SysRng;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use sha2::Sha256;
use std::hint::black_box;
use std::sync::Arc;

pub(crate) fn run(bench: &mut Bench) {
    codes(bench);
    digests(bench);
    phones(bench);
}

fn codes(bench: &mut Bench) {
    let figure = Figure::new("draw a code of 6 digits", "one OS random word");
    let ours = side(|| Code::draw(6).unwrap());
    bench.pair(figure, ours, side(|| SysRng.try_next_u32().unwrap()));
}

/// As many as make the rest of `confirm` vanish beside their digests.
const PEPPERS: u32 = 1000;

/// Digests cannot be asked for from outside of `otp-core`. But a guess is digested once per pepper, so `confirm` under
/// a thousand of them, at a challenge that is not there, is a thousand digests and as many comparisons in constant time.
fn digests(bench: &mut Bench) {
    let kid = |n: u32| format!("p{n}").parse().unwrap();
    let secret = || SecretKey::generate().unwrap();
    let ring = |size| {
        (1..size).fold(KeyRing::new(kid(0), secret()), |ring, n| {
            ring.with_old(kid(n), secret()).unwrap()
        })
    };
    let signing = SigningKey::ed25519_generate(kid(0)).unwrap();
    let tokens = TokenKeys::new(signing).unwrap();
    let keys = Keys::new(secret(), ring(PEPPERS), ring(1), tokens);
    let auth = OtpAuth::builder(
        MemoryStore::new(),
        world::Mailbox::default(),
        MemoryUsers::new(),
        Arc::new(keys),
    );
    let auth = auth.policy(world::policy()).build().unwrap();
    let phone = world::phones(1).remove(0);
    let code = Code::parse("123456").unwrap();
    let verify = || {
        Verify::new(
            phone.clone(),
            Some(ChallengeId::from_bytes([7; 16])),
            code.clone(),
        )
    };
    let confirm = |verify| at_once(auth.confirm(verify, Purpose::StepUp)).unwrap();
    assert!(confirm(verify()).is_err());

    let macs: Vec<Hmac<Sha256>> = (0..PEPPERS)
        .map(|n| Hmac::new_from_slice(&n.to_be_bytes()).unwrap())
        .collect();
    // Label, tenant, id, phone key, purpose and code, each behind its length.
    let message = [0_u8; 6 * 8 + 11 + 7 + 16 + 16 + 7 + 6];
    let hmacs = move || {
        for mac in &macs {
            let mut mac = mac.clone();
            mac.update(black_box(&message));
            black_box(mac.finalize());
        }
    };
    let figure = Figure::new("digest of a code", "HMAC-SHA-256 of as many bytes").of(PEPPERS);
    bench.pair(figure, prepared(verify, confirm), side(hmacs));
}

const SPELLINGS: [&str; 6] = [
    "+989123456789",
    "+98 912 345 6789",
    "+919876543210",
    "+1 (201) 555-0123",
    "0044 7400 123456",
    "+49 1512 3456789",
];

fn phones(bench: &mut Bench) {
    let mut spelling = SPELLINGS.iter().cycle();
    let mut ours = || PhoneNumber::parse(spelling.next().unwrap(), None).unwrap();
    let mut canonical = ["+989123456789", "+919876543210", "+447400123456"]
        .iter()
        .cycle();
    let mut ours_canonical = || PhoneNumber::parse(canonical.next().unwrap(), None).unwrap();
    let written = || {
        let mut inputs = SPELLINGS
            .map(|spelling| spelling.replace("0044", "+44"))
            .into_iter()
            .cycle();
        move || inputs.next().unwrap()
    };
    let parse = |input: String| PHONE_NUMBER_UTIL.parse(input.as_str(), None).unwrap();
    let figure = Figure::new("read a phone number", "rlibphonenumber's parse alone");
    bench.pair(figure, side(&mut ours), prepared(written(), parse));

    let validated = move |input: String| {
        let parsed = parse(input);
        assert!(PHONE_NUMBER_UTIL.is_valid_number(&parsed));
        parsed.format_as(PhoneNumberFormat::E164).into_owned()
    };
    let figure = Figure::new(
        "read a phone number, as above",
        "rlibphonenumber's parse, validity and E.164",
    );
    bench.pair(figure, side(&mut ours), prepared(written(), validated));

    let mut inputs = ["+989123456789", "+919876543210", "+447400123456"]
        .iter()
        .cycle();
    let validated = move || validated((*inputs.next().unwrap()).to_owned());
    let figure = Figure::new(
        "read a number in E.164",
        "rlibphonenumber's parse, validity and E.164",
    );
    bench.pair(figure, side(&mut ours_canonical), side(validated));
}
