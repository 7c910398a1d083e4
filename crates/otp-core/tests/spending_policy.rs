//! Countries, kinds of numbers, prices and the limits of spending: as data, and as TOML.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use otp_core::limit::{Act, Counts, Dimension, Limit, OnExceed};
use otp_core::policy::{Policy, PolicyBuilder, PolicyError, Prices};
use otp_core::{Country, NumberKind, PhoneNumber};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn country(text: &str) -> Country {
    text.parse().unwrap()
}

fn refused(builder: PolicyBuilder) -> PolicyError {
    builder.build().unwrap_err()
}

fn problem(builder: PolicyBuilder) -> &'static str {
    match refused(builder) {
        PolicyError::Limit { problem, .. } => problem,
        other => panic!("no limit was refused: {other}"),
    }
}

/// THR-11: a country is a region, or a code that no region owns; a shared code opens nothing by mistake.
#[test]
fn countries_are_named_exactly() {
    for text in ["IN", "in", "US", "+882", "+881", "+979"] {
        assert!(text.parse::<Country>().is_ok(), "{text}");
    }
    for text in [
        "+1", "+91", "91", "+", "", "XX", "+0", "+999", "IND", "any", "+00882",
    ] {
        assert!(text.parse::<Country>().is_err(), "{text}");
    }
    assert_eq!(country("in").to_string(), "IN");
    assert_eq!(country("+882").to_string(), "+882");
}

/// THR-11: what is dangerous needs a reason.
#[test]
fn danger_needs_a_reason() {
    let open = || Policy::builder().open_to_every_country();
    assert_eq!(refused(open()), PolicyError::EveryCountryNeedsReason);
    let policy = open().accept_risk("the provider caps what we spend");
    assert!(policy.build().unwrap().countries().contains(country("LV")));
    for kind in [
        NumberKind::PremiumRate,
        NumberKind::SharedCost,
        NumberKind::Personal,
    ] {
        let kinds = || Policy::builder().number_types([NumberKind::Mobile, kind]);
        assert_eq!(refused(kinds()), PolicyError::KindNeedsReason(kind));
        assert!(kinds().accept_risk("asked for by the bank").build().is_ok());
    }
    let kinds = [NumberKind::Mobile, NumberKind::Voip, NumberKind::FixedLine];
    let policy = Policy::builder().number_types(kinds).build().unwrap();
    assert_eq!(policy.number_types(), Some(&kinds[..]));
    let none = Policy::builder().number_types([]);
    assert_eq!(refused(none), PolicyError::NoNumberType);
}

/// THR-11, THR-14: a spend cap has prices, a quota above 100, and room for one message.
#[test]
fn a_spend_cap_is_checked() {
    let cap =
        |quota| Limit::new(Act::Send, [Dimension::Global], quota, DAY).counting(Counts::Spend);
    let prices = || {
        Prices::new("USD", 50)
            .with(country("IN"), 2)
            .with(country("+882"), 900)
    };
    let with = |limit| Policy::builder().prices(prices()).limit(limit);
    assert!(with(cap(900)).build().is_ok());
    assert!(problem(Policy::builder().limit(cap(900))).contains("no prices"));
    assert!(problem(with(cap(899))).contains("below the price"));
    let cheap = Policy::builder()
        .prices(Prices::new("USD", 1))
        .limit(cap(100));
    assert!(problem(cheap).contains("above 100"));
    let verify = Limit::new(Act::Verify, [Dimension::Global], 900, DAY).counting(Counts::Spend);
    assert!(problem(with(verify)).contains("something but send"));
    let free = [
        Prices::new("USD", 0),
        Prices::new(" ", 1),
        prices().with(country("IN"), 0),
    ];
    for prices in free {
        assert_eq!(
            refused(Policy::builder().prices(prices)),
            PolicyError::Prices
        );
    }
    let policy = with(cap(900)).build().unwrap();
    let price = |text: &str| {
        policy
            .prices()
            .unwrap()
            .of(&PhoneNumber::parse(text, None).unwrap())
    };
    assert_eq!([price("+919876543210"), price("+989123456789")], [2, 50]);
}

/// THR-11, THR-16: who is exempt, what is silent and what is only reported fit together, or the policy does not build.
#[test]
fn ways_of_refusing_are_checked() {
    let send = || Limit::new(Act::Send, [Dimension::Prefix], 5, DAY);
    let verify = || Limit::new(Act::Verify, [Dimension::Address], 5, DAY);
    let with = |limit| Policy::builder().limit(limit);
    assert!(problem(with(send().exempting_known())).contains("would tell"));
    for way in [OnExceed::Silent, OnExceed::Report] {
        assert!(
            with(send().exempting_known().on_exceed(way))
                .build()
                .is_ok()
        );
    }
    let by_phone = Limit::new(Act::Send, [Dimension::Phone], 5, DAY).exempting_known();
    assert!(problem(with(by_phone.on_exceed(OnExceed::Silent))).contains("not by phone"));
    assert!(problem(with(verify().on_exceed(OnExceed::Report))).contains("for send alone"));
    assert!(problem(with(send().on_exceed(OnExceed::Silent))).contains("can be silent only"));
    assert!(problem(with(verify().giving_back(1))).contains("unverified"));
    let mut plain = send();
    plain.gives_back = 1;
    assert!(problem(with(plain)).contains("gives back"));
    // Nothing is hidden of a number's own traffic, so that how many guesses are left may be told.
    let exempt = send().exempting_known().on_exceed(OnExceed::Silent);
    assert!(with(exempt).tell_tries_left(true).build().is_ok());
}

/// THR-3, THR-11: a limit that is only reported protects nobody: the floor refuses as ever, and the computed risk does
/// not count on it.
#[test]
fn reported_limits_protect_nobody() {
    let reported = Limit::new(Act::Send, [Dimension::Phone], 1, DAY).on_exceed(OnExceed::Report);
    let policy = Policy::builder().limits([reported]).build().unwrap();
    assert_eq!(
        policy.risk(),
        Policy::builder().limits([]).build().unwrap().risk()
    );
    let floor = policy
        .limits()
        .iter()
        .filter(|limit| limit.key == [Dimension::Phone]);
    let refuses = floor.filter(|limit| limit.on_exceed == OnExceed::Refuse);
    assert_eq!(refuses.count(), 3);
}

#[cfg(feature = "serde")]
const FILE: &str = r#"
    countries = ["IN", "+882"]
    number_types = ["mobile", "fixed_line_or_mobile"]

    [prices]
    currency = "USD"
    default = 50
    IN = 2
    "+882" = 900

    [[limit]]
    act = "send"
    key = ["global"]
    quota = 200_000
    window = "1d"
    counts = "spend"

    [[limit]]
    act = "send"
    key = ["prefix"]
    quota = 20
    window = "1h"
    counts = "unverified"
    gives_back = 4
    on_exceed = "silent"
    exempt_known = true

    [[limit]]
    act = "send"
    key = ["country"]
    quota = 500
    window = "1h"
    on_exceed = "report"
"#;

/// THR-11: all of it can be written in a file.
#[test]
#[cfg(feature = "serde")]
fn a_policy_file_says_it_all() {
    let policy: Policy = toml::from_str(FILE).unwrap();
    assert!(policy.countries().contains(country("+882")));
    assert!(!policy.countries().contains(country("US")));
    let kinds = [NumberKind::Mobile, NumberKind::FixedLineOrMobile];
    assert_eq!(policy.number_types(), Some(&kinds[..]));
    assert_eq!(policy.prices().unwrap().currency(), "USD");
    let [spend, unverified, reported, ..] = policy.limits() else {
        panic!("three limits, and the floor")
    };
    assert_eq!((spend.counts, spend.rate.quota()), (Counts::Spend, 200_000));
    assert_eq!(
        (unverified.counts, unverified.gives_back),
        (Counts::Unverified, 4)
    );
    assert!(unverified.exempt_known);
    assert_eq!(reported.on_exceed, OnExceed::Report);
}

/// THR-11: a typing error opens nothing and prices nothing.
#[test]
#[cfg(feature = "serde")]
fn typing_errors_are_found() {
    for (wrong, says) in [
        ("countries = [\"+1\"]", "unknown country"),
        ("countries = \"IN\"", "countries are a list"),
        ("countries = \"any\"", "accept_risk"),
        ("number_types = [\"premium\"]", "premium"),
        (
            "[prices]\ncurrency = \"USD\"\ndefault = 5\nIND = 2",
            "by countries",
        ),
        ("[prices]\ncurrency = \"USD\"", "default"),
    ] {
        let error = toml::from_str::<Policy>(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{wrong}: {error}");
    }
    let any = "countries = \"any\"\naccept_risk = \"the provider caps what we spend\"";
    assert!(
        toml::from_str::<Policy>(any)
            .unwrap()
            .countries()
            .contains(country("LV"))
    );
}
