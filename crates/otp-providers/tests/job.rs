//! Jobs: what is sealed opens whole or not at all.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::{Channel, Code, Message, PhoneNumber, Purpose, SecretKey, Timestamp};
use otp_providers::job::{JobError, JobKeyRefused, JobKeys};
use proptest::prelude::*;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const LIFE: Duration = Duration::from_secs(300);
const NUMBER: &str = "+919876543210";
const CODE: &str = "04213799";

/// Another key for each seed.
fn key(seed: u8) -> SecretKey {
    let bytes: Vec<u8> = (0..32_u8)
        .map(|n| n.wrapping_mul(n).wrapping_mul(37) ^ seed)
        .collect();
    SecretKey::from_bytes(&bytes).unwrap()
}

fn keys(kid: &str, seed: u8) -> JobKeys {
    JobKeys::new(kid.parse().unwrap(), &key(seed)).unwrap()
}

fn message(code: &str) -> Message {
    let to = PhoneNumber::parse(NUMBER, None).unwrap();
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    Message::new(to, Code::parse(code).unwrap(), id, LIFE)
}

#[test]
fn what_was_sealed_comes_back() {
    let channels = [Channel::Sms, Channel::WhatsApp, Channel::Voice];
    let purposes = [
        Purpose::Login,
        Purpose::StepUp,
        Purpose::ChangePhone,
        Purpose::Registration,
    ];
    for number in [NUMBER, "+4915123456789", "+6590123456"] {
        for (channel, purpose) in channels.into_iter().flat_map(|c| purposes.map(|p| (c, p))) {
            for (code, locale) in [("000000", None), ("0421379999", Some("uzb-Cyrl-860"))] {
                let mut message = message(code);
                message.to = PhoneNumber::parse(number, None).unwrap();
                message.channel = channel;
                message.purpose = purpose;
                message.locale = locale.map(|locale| locale.parse().unwrap());
                let sealed = keys("a-key-of-sixteen", 1).seal(&message, NOW).unwrap();
                let job = keys("a-key-of-sixteen", 1).open(sealed.as_bytes()).unwrap();
                let opened = job.message(NOW).unwrap();
                assert_eq!((opened.to.expose(), opened.code.expose()), (number, code));
                assert_eq!((opened.channel, opened.purpose), (channel, purpose));
                assert_eq!(opened.locale, message.locale);
                assert_eq!(opened.challenge_id, message.challenge_id);
                assert_eq!((job.id(), opened.expires_in), (sealed.id(), LIFE));
            }
        }
    }
}

/// WHK-6: the validity is what is left, and at its end there is nothing to send.
#[test]
fn the_message_has_what_is_left_of_its_life() {
    let sealed = keys("k", 1).seal(&message(CODE), NOW).unwrap();
    let job = keys("k", 1).open(sealed.as_bytes()).unwrap();
    let last = NOW + LIFE - Duration::from_millis(1);
    assert_eq!(job.expires_at(), NOW + LIFE);
    assert_eq!(
        job.message(last).unwrap().expires_in,
        Duration::from_millis(1)
    );
    for late in [NOW + LIFE, NOW + LIFE * 2] {
        assert!(job.message(late).is_none());
    }
}

/// A worker knows the same message from the next code, and from the same code over another channel.
#[test]
fn the_generation_says_which_message_it_is() {
    let keys = keys("k", 1);
    let id = |message: &Message| *keys.seal(message, NOW).unwrap().id();
    let first = id(&message("123456"));
    let later = keys.seal(&message("123456"), NOW + LIFE).unwrap();
    assert_eq!(first, *later.id());
    assert_ne!(first, id(&message("123457")));
    let mut spoken = message("123456");
    spoken.channel = Channel::Voice;
    assert_ne!(first, id(&spoken));
    let mut other = message("123456");
    other.challenge_id = "AAECAwQFBgcICQoLDA0OEA".parse().unwrap();
    assert_ne!(first.generation(), id(&other).generation());
    let under_another_key = self::keys("k", 2).seal(&message("123456"), NOW).unwrap();
    assert_ne!(first.generation(), under_another_key.id().generation());
}

#[test]
fn an_old_key_opens_and_the_new_one_seals() {
    let (old, new) = (keys("old", 1), keys("new", 2));
    let both = keys("new", 2)
        .with_old("old".parse().unwrap(), &key(1))
        .unwrap();
    let before = old.seal(&message(CODE), NOW).unwrap();
    let after = both.seal(&message(CODE), NOW).unwrap();
    assert!(both.open(before.as_bytes()).is_ok());
    assert!(new.open(after.as_bytes()).is_ok());
    let unknown = [new.open(before.as_bytes()), old.open(after.as_bytes())];
    assert!(
        unknown
            .iter()
            .all(|r| r.as_ref().err() == Some(&JobError::UnknownKey))
    );
    let twice = both.with_old("new".parse().unwrap(), &key(3));
    assert_eq!(
        twice.err(),
        Some(JobKeyRefused::Duplicate("new".parse().unwrap()))
    );
}

#[test]
fn another_key_of_the_same_id_does_not_open_it() {
    let sealed = keys("k", 1).seal(&message(CODE), NOW).unwrap();
    assert_eq!(
        keys("k", 2).open(sealed.as_bytes()).err(),
        Some(JobError::Altered)
    );
}

/// WHK-8: no life is extended, and nothing moves from one job to another.
#[test]
fn a_header_does_not_fit_another_letter() {
    let keys = keys("k", 1);
    let mut longer = message(CODE);
    longer.expires_in = LIFE * 2;
    let (short, long) = (
        keys.seal(&message(CODE), NOW).unwrap(),
        keys.seal(&longer, NOW).unwrap(),
    );
    let (short, long) = (short.as_bytes(), long.as_bytes());
    assert_eq!(short.len(), long.len());
    let header = 2 + 1 + 8 + 16 + 16;
    let forged = [&long[..header], &short[header..]].concat();
    assert_eq!(keys.open(&forged).err(), Some(JobError::Altered));
}

#[test]
fn jobs_of_all_messages_have_one_size() {
    let keys = keys("k", 1);
    let mut long = message("0123456789");
    long.channel = Channel::WhatsApp;
    long.purpose = Purpose::ChangePhone;
    long.locale = Some("uzb-Cyrl-860".parse().unwrap());
    let sizes = [message("123456"), long].map(|m| keys.seal(&m, NOW).unwrap().as_bytes().len());
    assert_eq!(sizes[0], sizes[1]);
}

/// WHK-8, LOG-1: neither the bytes nor any `Debug` have the number or the code; the same message never looks the same.
#[test]
fn a_job_shows_nothing() {
    let keys = keys("k", 1);
    let sealed = keys.seal(&message(CODE), NOW).unwrap();
    assert_ne!(
        sealed.as_bytes(),
        keys.seal(&message(CODE), NOW).unwrap().as_bytes()
    );
    let job = keys.open(sealed.as_bytes()).unwrap();
    let told = format!(
        "{sealed:?} {job:?} {keys:?} {} {:?}",
        sealed.id(),
        keys.open(b"")
    );
    let bytes = String::from_utf8_lossy(sealed.as_bytes());
    for secret in [CODE, "9876543210"] {
        assert!(!told.contains(secret) && !bytes.contains(secret));
    }
}

#[test]
fn what_is_no_job_is_told_apart() {
    let keys = keys("k", 1);
    let sealed = keys.seal(&message(CODE), NOW).unwrap();
    let sealed = sealed.as_bytes();
    let mut newer = sealed.to_vec();
    newer[0] = 2;
    assert_eq!(keys.open(&newer).err(), Some(JobError::UnknownVersion));
    for end in 0..sealed.len() {
        assert_eq!(
            keys.open(&sealed[..end]).err(),
            Some(JobError::Malformed),
            "{end}"
        );
    }
    let longer = [sealed, &[0]].concat();
    assert_eq!(keys.open(&longer).err(), Some(JobError::Malformed));
}

proptest! {
    /// WHK-8: whichever bit is flipped, the job does not open.
    #[test]
    fn one_bit_flip_prop(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let keys = keys("k", 1).with_old("j".parse().unwrap(), &key(2)).unwrap();
        let mut bytes = keys.seal(&message(CODE), NOW).unwrap().as_bytes().to_vec();
        *at.get_mut(&mut bytes) ^= 1 << bit;
        prop_assert!(keys.open(&bytes).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), head in 0..4_u8, length in 0..20_u8) {
        let keys = keys("k", 1);
        prop_assert!(keys.open(&bytes).is_err());
        let begun = [&[head, length][..], b"k", &bytes].concat();
        prop_assert!(keys.open(&begun).is_err());
    }
}
