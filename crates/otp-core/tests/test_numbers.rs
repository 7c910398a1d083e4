//! GEN-5: numbers that are sent nothing and have one code, until they end.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{
    DAY, HOUR, MILLI, MINUTE, SECOND, Setup, World, agreed, is_rejected, opened, phone, refresh,
    send, signed_in, ticket, wrong,
};
use otp_core::limit::{Act, Counts, Dimension, Limit};
use otp_core::policy::{NumberRefusal, Policy, PolicyBuilder, Prices, SignUp};
use otp_core::verifier::{Checked, Request, Verifier};
use otp_core::{
    Action, BuildError, Builder, Clock as _, Code, OtpAuth, Outcome, PhoneNumber, Purpose, Receipt,
    Register, RegisterError, SendError, Start, StartError, TestNumber, Timestamp, Tokens, Verified,
    Verify, VerifyError, async_trait,
};
use std::sync::Arc;
use std::time::Duration;

const ENDS: Duration = Duration::from_secs(30 * 86_400);

/// Of the ones that America keeps for films; the tests' policy is not asked whether it is open.
fn reviewer() -> PhoneNumber {
    PhoneNumber::parse("+12025550123", None).unwrap()
}

fn american(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+120255501{n:02}"), None).unwrap()
}

fn fixed() -> Code {
    Code::parse("402813").unwrap()
}

fn number(setup: &Setup) -> TestNumber {
    TestNumber::new(reviewer(), fixed(), setup.clock.now() + ENDS)
}

fn declared(setup: &Setup, builder: Builder) -> Builder {
    let builder = builder.clock(setup.clock.clone());
    let builder = builder.audit(setup.events.clone());
    builder
        .policy(opened(setup.policy.clone()))
        .test_number(number(setup))
}

fn world(policy: Policy) -> World {
    let setup = Setup::new(policy);
    let (store, keys) = (setup.store.clone(), setup.keys.clone());
    let builder = OtpAuth::builder(store, setup.sender.clone(), setup.users.clone(), keys);
    World {
        auth: declared(&setup, builder).build().unwrap(),
        ..setup.node()
    }
}

fn built(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> World {
    world(change(Policy::builder()).build().unwrap())
}

/// It signs in with its own code, without a message, each time in a challenge of its own that is good once; and every use
/// is told of.
#[tokio::test]
async fn it_signs_in_without_a_message() {
    let world = world(Policy::standard());
    let used = [
        (Action::Send, Outcome::TestNumber),
        (Action::Verify, Outcome::TestNumber),
        (Action::Verify, Outcome::Done),
    ];
    for n in 0..3 {
        let id = world.start(&reviewer()).await.challenge_id;
        let login = signed_in(world.verify(&reviewer(), id, &fixed()).await.unwrap());
        assert_eq!(login.is_new_user, n == 0);
        assert_eq!(world.happened(), used);
        assert!(is_rejected(&world.verify(&reviewer(), id, &fixed()).await));
        world.happened();
        world.clock.advance(HOUR);
    }
    assert_eq!(world.sent(), 0);
    let (id, code) = world.started(&phone(1)).await;
    assert!(is_rejected(
        &world.verify(&phone(1), id, &wrong(&code, 0)).await
    ));
    assert!(
        world.verify(&phone(1), id, &code).await.is_ok(),
        "others are sent codes"
    );
}

/// Where it ends it is a number like any other: it is sent a code, and its own opens nothing, also not in a challenge
/// from before.
#[tokio::test]
async fn test_number_expires() {
    let world = world(Policy::standard());
    world.clock.advance(ENDS - SECOND);
    let started = world.start(&reviewer()).await;
    assert_eq!(started.expires_in, SECOND);
    world.clock.advance(SECOND - MILLI);
    let id = started.challenge_id;
    assert!(world.verify(&reviewer(), id, &fixed()).await.is_ok());

    let world = self::world(Policy::standard());
    world.clock.advance(ENDS - SECOND);
    let id = world.start(&reviewer()).await.challenge_id;
    world.clock.advance(SECOND);
    assert!(is_rejected(&world.verify(&reviewer(), id, &fixed()).await));
    world.clock.advance(HOUR);
    let (mut id, mut code) = world.started(&reviewer()).await;
    if code.expose() == fixed().expose() {
        world.clock.advance(HOUR);
        (id, code) = world.started(&reviewer()).await;
    }
    assert!(is_rejected(&world.verify(&reviewer(), id, &fixed()).await));
    assert!(world.verify(&reviewer(), id, &code).await.is_ok());
}

/// Its user has no role, whatever the host says, at login and at refresh; in a session from before too.
#[tokio::test]
async fn it_has_no_roles() {
    let setup = Setup::new(Policy::standard());
    let undeclared = setup.node();
    let login = undeclared.login(&reviewer()).await;
    let users = setup.users.users();
    users.grant(reviewer(), "admin");
    let roles = async |world: &World, login: &Tokens| {
        let token = login.access.expose();
        world.auth.authenticate(token).await.unwrap().roles
    };

    let (store, keys) = (setup.store.clone(), setup.keys.clone());
    let builder = OtpAuth::builder(store, setup.sender.clone(), setup.users.clone(), keys);
    let world = World {
        auth: declared(&setup, builder).build().unwrap(),
        ..setup.node()
    };
    let before = refresh(&world, &login.tokens.refresh).await.unwrap();
    assert!(before.user.roles.is_empty());
    assert!(roles(&world, &before.tokens).await.is_empty());
    world.clock.advance(HOUR);
    let id = world.start(&reviewer()).await.challenge_id;
    let login = signed_in(world.verify(&reviewer(), id, &fixed()).await.unwrap());
    assert!(login.user.roles.is_empty() && roles(&world, &login.tokens).await.is_empty());
    let shown = world.auth.user(&login.user.id).await.unwrap().unwrap();
    assert!(shown.roles.is_empty());
    let refreshed = refresh(&world, &login.tokens.refresh).await.unwrap();
    assert!(roles(&world, &refreshed.tokens).await.is_empty());

    users.grant(phone(1), "admin");
    let other = world.login(&phone(1)).await;
    assert_eq!(roles(&world, &other.tokens).await, ["admin"]);
}

/// Neither a session nor a ticket outlives it.
#[tokio::test]
async fn nothing_of_it_outlives_it() {
    let world = world(Policy::standard());
    world.clock.advance(ENDS - MINUTE);
    let id = world.start(&reviewer()).await.challenge_id;
    let login = signed_in(world.verify(&reviewer(), id, &fixed()).await.unwrap());
    assert_eq!(login.tokens.access_expires_in, MINUTE);
    assert_eq!(login.tokens.refresh_expires_in, MINUTE);
    world.clock.advance(MINUTE);
    assert!(refresh(&world, &login.tokens.refresh).await.is_err());

    let world = built(|policy| policy.sign_up(SignUp::Ticket));
    world.clock.advance(ENDS - MINUTE);
    let id = world.start(&reviewer()).await.challenge_id;
    let verified = world.verify(&reviewer(), id, &fixed()).await.unwrap();
    let Verified::RegistrationRequired { expires_in, .. } = &verified else {
        panic!("{verified:?}")
    };
    assert_eq!(*expires_in, MINUTE);
    let register = Register::new(reviewer(), ticket(verified), agreed());
    world.clock.advance(MINUTE);
    let registered = world.auth.register(register).await;
    assert!(matches!(registered, Err(RegisterError::TicketExpired)));
}

/// THR-3, THR-6: the tries and limits of every number are its own too.
#[tokio::test]
async fn its_limits_are_those_of_a_number() {
    let world = world(Policy::standard());
    let id = world.start(&reviewer()).await.challenge_id;
    let again = world.auth.start(Start::new(reviewer())).await;
    assert!(matches!(again, Err(StartError::Limited(_))), "{again:?}");
    for n in 0..3 {
        let guessed = world.verify(&reviewer(), id, &wrong(&fixed(), n)).await;
        assert!(is_rejected(&guessed));
    }
    assert!(
        is_rejected(&world.verify(&reviewer(), id, &fixed()).await),
        "locked"
    );
    let mut guesses = 3;
    let refused = 'day: loop {
        world.clock.advance(HOUR);
        let id = world.start(&reviewer()).await.challenge_id;
        for n in 0..3 {
            match world.verify(&reviewer(), id, &wrong(&fixed(), n)).await {
                Err(VerifyError::Limited(limited)) => break 'day limited,
                other => assert!(is_rejected(&other), "{other:?}"),
            }
            guesses += 1;
        }
    };
    assert_eq!(guesses, 20);
    assert!(refused.retry_after > Duration::ZERO);
}

/// What it does costs others nothing: no message is sent, so no spend, no country and no prefix is charged.
#[tokio::test]
async fn it_uses_up_nothing_of_others() {
    let shared = [Dimension::Country, Dimension::Prefix, Dimension::Global];
    let world = built(|policy| {
        let prices = Prices::new("USD", 100);
        let spend = Limit::new(Act::Send, [Dimension::Global], 200, DAY).counting(Counts::Spend);
        let unverified = Limit::new(Act::Send, [Dimension::Global], 2, DAY);
        let unverified = unverified.counting(Counts::Unverified).giving_back(1);
        let limits = shared.map(|dimension| send(&[dimension], 2, DAY));
        let limits = limits.into_iter().chain([spend, unverified]);
        limits.fold(policy.prices(prices), PolicyBuilder::limit)
    });
    for n in 0..4 {
        let id = world.start(&reviewer()).await.challenge_id;
        let code = if n == 0 { fixed() } else { wrong(&fixed(), n) };
        assert_eq!(world.verify(&reviewer(), id, &code).await.is_ok(), n == 0);
        world.clock.advance(HOUR);
    }
    for n in 0..2 {
        world.start(&american(n)).await;
    }
    let third = world.auth.start(Start::new(american(2))).await;
    assert!(matches!(third, Err(StartError::Limited(_))), "{third:?}");
}

/// THR-11: that its code was right says nothing of the messages that others did not answer.
#[tokio::test]
async fn its_right_code_gives_back_nothing() {
    let unverified = Limit::new(Act::Send, [Dimension::Global], 2, DAY);
    let unverified = unverified.counting(Counts::Unverified).giving_back(1);
    let world = built(|policy| policy.limit(unverified));
    for n in 0..2 {
        world.start(&american(n)).await;
    }
    let id = world.start(&reviewer()).await.challenge_id;
    assert!(world.verify(&reviewer(), id, &fixed()).await.is_ok());
    let third = world.auth.start(Start::new(american(2))).await;
    assert!(matches!(third, Err(StartError::Limited(_))), "{third:?}");
}

/// It need not be of an open country. Nobody's account can be moved to it: for that it is a number like any other.
#[tokio::test]
async fn it_opens_no_change_of_number() {
    let india = Policy::standard().for_countries(["IN".parse().unwrap()]);
    let world = world(india);
    assert_eq!(
        world.start(&reviewer()).await.expires_in,
        world.auth.policy().code().lifetime
    );
    world.clock.advance(HOUR);
    let start = |purpose| Start::new(reviewer()).with_purpose(purpose);
    let id = world
        .auth
        .start(start(Purpose::StepUp))
        .await
        .unwrap()
        .challenge_id;
    let verify = Verify::new(reviewer(), Some(id), fixed());
    assert!(world.auth.confirm(verify, Purpose::StepUp).await.is_ok());
    world.clock.advance(HOUR);
    let moved = world.auth.start(start(Purpose::ChangePhone)).await;
    let refused = matches!(
        moved,
        Err(StartError::NumberRefused(NumberRefusal::Country))
    );
    assert!(refused, "{moved:?}");

    let world = self::world(Policy::standard());
    let id = world
        .auth
        .start(start(Purpose::ChangePhone))
        .await
        .unwrap()
        .challenge_id;
    assert_eq!(world.sent(), 1);
    if world.code().expose() != fixed().expose() {
        let verify = Verify::new(reviewer(), Some(id), fixed());
        assert!(is_rejected(
            &world.auth.confirm(verify, Purpose::ChangePhone).await
        ));
    }
}

/// Takes nothing, and knows no code.
#[derive(Debug)]
struct Untouched;

#[async_trait]
impl Verifier for Untouched {
    fn name(&self) -> &str {
        "untouched"
    }

    async fn start(&self, _: &Request) -> Result<Receipt, SendError> {
        panic!("a message for a test number")
    }

    async fn check(&self, _: &str, _: &PhoneNumber, _: &Code) -> Result<Checked, SendError> {
        panic!("a test number's code is ours")
    }
}

/// VER-11: where a provider makes the codes it is not asked.
#[tokio::test]
async fn a_provider_is_not_asked() {
    let setup = Setup::new(Policy::standard());
    let (store, keys) = (setup.store.clone(), setup.keys.clone());
    let builder = OtpAuth::hosted(store, Untouched, setup.users.clone(), keys);
    let world = World {
        auth: declared(&setup, builder).build().unwrap(),
        ..setup.node()
    };
    let id = world.start(&reviewer()).await.challenge_id;
    assert!(is_rejected(
        &world.verify(&reviewer(), id, &wrong(&fixed(), 0)).await
    ));
    assert!(world.verify(&reviewer(), id, &fixed()).await.is_ok());
}

/// What could be guessed, would never end or says two things does not build; one that has ended does, so that a server
/// starts again.
#[test]
fn what_does_not_build() {
    let setup = Setup::new(Policy::standard());
    let now = setup.clock.now();
    let build = |policy: Policy, numbers: Vec<TestNumber>| {
        let (store, keys) = (setup.store.clone(), setup.keys.clone());
        let builder = OtpAuth::builder(store, setup.sender.clone(), setup.users.clone(), keys);
        let builder = builder.policy(opened(policy)).clock(setup.clock.clone());
        numbers
            .into_iter()
            .fold(builder, Builder::test_number)
            .build()
    };
    let one = |code: &str, ends: Timestamp| {
        let code = Code::parse(code).unwrap();
        vec![TestNumber::new(reviewer(), code, ends)]
    };
    for code in ["000000", "777777", "123456", "456789", "987654"] {
        let refused = build(Policy::standard(), one(code, now + DAY)).unwrap_err();
        assert_eq!(refused, BuildError::TestNumberCode, "{code}");
    }
    let eight = Policy::builder().code_digits(8).build().unwrap();
    let refused = build(eight.clone(), one("402813", now + DAY)).unwrap_err();
    assert_eq!(refused, BuildError::TestNumberCode);
    assert!(build(eight, one("40281356", now + DAY)).is_ok());
    let year = now + 366 * DAY;
    assert!(build(Policy::standard(), one("402813", year)).is_ok());
    let refused = build(Policy::standard(), one("402813", year + MILLI)).unwrap_err();
    assert_eq!(refused, BuildError::TestNumberTooLong);
    let twice = vec![number(&setup), number(&setup)];
    let refused = build(Policy::standard(), twice).unwrap_err();
    assert_eq!(refused, BuildError::TestNumberTwice);
    assert!(build(Policy::standard(), one("402813", now)).is_ok());
    assert!(
        build(
            Policy::standard(),
            one("402813", Timestamp::from_millis(i64::MIN))
        )
        .is_ok()
    );
}

/// LOG-1: neither its code nor its number is shown.
#[test]
fn nothing_of_it_is_shown() {
    let setup = Setup::new(Policy::standard());
    let shown = format!("{:?}", Arc::new(number(&setup)));
    assert!(
        !shown.contains("402813") && !shown.contains("550123"),
        "{shown}"
    );
}
