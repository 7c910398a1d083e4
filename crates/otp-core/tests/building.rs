//! What an `OtpAuth` refuses to be built from.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Probe, SECOND, opened};
use otp_core::policy::Policy;
use otp_core::testing::CapturingSender;
use otp_core::token::TokenRulesError;
use otp_core::{BuildError, Builder, Keys, MemoryStore, MemoryUsers, OtpAuth};
use std::sync::Arc;

fn builder() -> Builder {
    closed().policy(opened(Policy::standard()))
}

fn closed() -> Builder {
    let keys = Arc::new(Keys::generate().unwrap());
    OtpAuth::builder(
        MemoryStore::new(),
        CapturingSender::new(),
        MemoryUsers::new(),
        keys,
    )
}

/// THR-11: nothing is open that was not named, and the error says what to write.
#[test]
fn no_country_is_open_by_default() {
    let error = closed().build().unwrap_err();
    assert_eq!(error, BuildError::NoCountries);
    assert!(error.to_string().contains("countries = [\"IN\"]"));
    let none = Policy::standard().for_countries([]);
    assert_eq!(
        closed().policy(none).build().unwrap_err(),
        BuildError::NoCountries
    );
    let one = Policy::standard().for_countries(["IN".parse().unwrap()]);
    assert!(closed().policy(one).build().is_ok());
}

/// FLT-10: a store that one process sees is refused where several nodes serve.
#[test]
fn memory_store_refuses_cluster_flag() {
    assert_eq!(
        builder().several_nodes().build().unwrap_err(),
        BuildError::StoreNotShared
    );
    assert!(builder().build().is_ok());
    let keys = Arc::new(Keys::generate().unwrap());
    let shared = Probe::shared(MemoryStore::new());
    let auth = OtpAuth::builder(shared, CapturingSender::new(), MemoryUsers::new(), keys);
    let auth = auth.policy(opened(Policy::standard()));
    assert!(auth.several_nodes().build().is_ok());
}

/// TOK-2, TOK-3: names and leeway of tokens are checked.
#[test]
fn names_and_leeway() {
    assert_eq!(
        builder().tenant("").build().unwrap_err(),
        BuildError::Tenant
    );
    assert_eq!(
        builder().tenant("x".repeat(65)).build().unwrap_err(),
        BuildError::Tenant
    );
    for odd in [
        " ",
        "a ",
        " a",
        "a\t",
        "\u{a0}a",
        "a\u{3000}",
        "a\0",
        "a\nb",
        "a\u{85}b",
    ] {
        let refused = builder().tenant(odd).build();
        assert_eq!(refused.unwrap_err(), BuildError::Tenant, "{odd:?}");
    }
    for fair in ["é".repeat(64), "two words".to_owned(), "تهران".to_owned()] {
        assert!(builder().tenant(&fair).build().is_ok(), "{fair}");
    }
    for (built, which) in [
        (builder().issuer(""), "issuer"),
        (builder().audience("two words"), "audience"),
        (builder().client_id("x".repeat(257)), "client id"),
    ] {
        let error = BuildError::Tokens(TokenRulesError::Name(which));
        assert_eq!(built.build().unwrap_err(), error);
    }
    assert!(builder().leeway(30 * SECOND).build().is_ok());
    let wide = builder().leeway(31 * SECOND).build().unwrap_err();
    assert_eq!(wide, BuildError::Tokens(TokenRulesError::Leeway));
}
