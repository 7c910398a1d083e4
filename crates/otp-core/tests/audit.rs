//! What is told of what happened: to the audit, to the log, to the metrics.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{
    HOUR, MINUTE, World, agreed, built, device, from_ip, is_rejected, phone, signed_in, standard,
    ticket, wrong,
};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::{Binding, SignUp};
use otp_core::{ChallengeId, Client, Event, Purpose, Register, Resend, Start, Ticket, Verify};

type Told = (&'static str, &'static str, &'static str);

/// What was told since the last look: action, outcome, name.
fn told(world: &World) -> Vec<Told> {
    let events = world.events.take();
    let one = |e: &Event| (e.action.as_str(), e.outcome.as_str(), e.name());
    events.iter().map(one).collect()
}

/// LOG-3: each outcome of sending has its event, one, with who and from where.
#[tokio::test]
async fn event_coverage_table_send() {
    let world = standard();
    let client = || from_ip("192.0.2.1").with_device_info("Pixel 9");
    let start = || {
        Start::new(phone(1))
            .with_client(client())
            .with_idempotency_key("k")
    };
    let id = world.auth.start(start()).await.unwrap().challenge_id;
    let event = world.events.take().pop().unwrap();
    assert_eq!((event.name(), event.challenge), ("otp_sent", Some(id)));
    assert_eq!(event.masked_phone.as_deref(), Some("+91*****0001"));
    assert_eq!(event.address, client().address());
    assert_eq!(event.device_info.as_deref(), Some("Pixel 9"));
    assert_eq!(event.purpose, Some(Purpose::Login));
    assert!(event.phone.is_some() && event.user.is_none() && event.session.is_none());
    world.auth.start(start()).await.unwrap();
    assert_eq!(told(&world), [("send", "replayed", "otp_not_sent")]);
    let _ = world.auth.start(Start::new(phone(1))).await;
    assert_eq!(
        told(&world),
        [("send", "limited", "excess_rate_limit_exceeded")]
    );
    let _ = world.resend(&phone(1), id).await;
    assert_eq!(
        told(&world),
        [("resend", "limited", "excess_rate_limit_exceeded")]
    );
    let _ = world.auth.resend(Resend::new(phone(2), Some(id))).await;
    assert_eq!(told(&world), [("resend", "not_live", "otp_not_sent")]);
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    assert_eq!(told(&world), [("resend", "done", "otp_sent")]);
    world.sender.refuse(true);
    let _ = world.auth.start(Start::new(phone(2))).await;
    assert_eq!(
        told(&world),
        [("send", "not_delivered", "otp_delivery_fail")]
    );
    world.store.fail(&["open"]);
    let _ = world.auth.start(Start::new(phone(2))).await;
    assert_eq!(
        told(&world),
        [("send", "store_failed", "sys_monitor_error")]
    );
}

/// LOG-8: bound to phones a challenge has one id for ever. It is in no event: rows that were erased would be known by
/// it from the next one.
#[tokio::test]
async fn no_event_names_a_phone_for_ever() {
    let world = built(|policy| policy.binding(Binding::Phone));
    let (id, code) = world.started(&phone(1)).await;
    assert!(is_rejected(
        &world.verify(&phone(1), id, &wrong(&code, 0)).await
    ));
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    let events = world.events.take();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.challenge.is_none()));
}

/// LOG-3, VER-7: five refusals that are one answer outside are five here.
#[tokio::test]
async fn event_coverage_table_verify() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    told(&world);
    let last = async |phone, id, code: &otp_core::Code| {
        let _ = world.verify(&phone, id, code).await;
        let mut told = told(&world);
        assert_eq!(told.len(), 1, "{told:?}");
        told.pop().unwrap()
    };
    let fail = |outcome| ("verify", outcome, "authn_login_fail");
    let nothing = ChallengeId::random().unwrap();
    assert_eq!(last(phone(1), nothing, &code).await, fail("unknown"));
    assert_eq!(last(phone(2), id, &code).await, fail("unknown"));
    assert_eq!(last(phone(1), id, &wrong(&code, 0)).await, fail("wrong"));
    let done = ("verify", "done", "authn_login_success");
    assert_eq!(last(phone(1), id, &code).await, done);
    assert_eq!(last(phone(1), id, &code).await, fail("used"));
    world.clock.advance(HOUR);
    world.users.users().disable(&phone(1), true);
    let (id, code) = world.started(&phone(1)).await;
    told(&world);
    assert_eq!(last(phone(1), id, &code).await, fail("disabled"));
    let (id, code) = world.started(&phone(3)).await;
    told(&world);
    for n in 0..3 {
        assert_eq!(last(phone(3), id, &wrong(&code, n)).await, fail("wrong"));
    }
    assert_eq!(
        last(phone(3), id, &code).await,
        ("verify", "locked", "authn_login_fail_max")
    );
    let (id, code) = world.started(&phone(4)).await;
    world.clock.advance(5 * MINUTE);
    told(&world);
    assert_eq!(last(phone(4), id, &code).await, fail("expired"));
    for verb in ["attempt", "create"] {
        let (id, code) = world.started(&phone(5)).await;
        told(&world);
        world.store.fail(&[verb]);
        let down = ("verify", "store_failed", "sys_monitor_error");
        assert_eq!(last(phone(5), id, &code).await, down);
        world.store.fail(&[]);
        world.clock.advance(MINUTE);
    }
}

/// LOG-3: limits, step-ups, sign-up.
#[tokio::test]
async fn event_coverage_table_more() {
    let limit = Limit::new(Act::Verify, [Dimension::Device], 1, HOUR);
    let world = built(|p| p.sign_up(SignUp::Deny).limit(limit));
    let (id, code) = world.started(&phone(1)).await;
    told(&world);
    let verify = || Verify::new(phone(1), Some(id), code.clone()).with_client(device("d"));
    let _ = world.auth.verify(verify()).await;
    assert_eq!(
        told(&world),
        [("verify", "registration_closed", "authn_login_fail")]
    );
    let _ = world.auth.verify(verify()).await;
    assert_eq!(
        told(&world),
        [("verify", "limited", "excess_rate_limit_exceeded")]
    );

    let world = built(|p| p.sign_up(SignUp::Ticket));
    let start = Start::new(phone(1)).with_purpose(Purpose::ChangePhone);
    let id = world.auth.start(start).await.unwrap().challenge_id;
    told(&world);
    let confirm = Verify::new(phone(1), Some(id), world.code());
    world
        .auth
        .confirm(confirm, Purpose::ChangePhone)
        .await
        .unwrap();
    let confirmed = ("verify", "done", "authn_phone_confirmed");
    assert_eq!(told(&world), [confirmed], "nobody signed in");
    world.clock.advance(MINUTE);
    let (id, code) = world.started(&phone(1)).await;
    told(&world);
    let ticket = ticket(world.verify(&phone(1), id, &code).await.unwrap());
    let required = (
        "verify",
        "registration_required",
        "user_registration_required",
    );
    assert_eq!(told(&world), [required]);
    let forged = Ticket::draw(ticket.challenge_id()).unwrap();
    let _ = world
        .auth
        .register(Register::new(phone(1), forged, agreed()))
        .await;
    assert_eq!(
        told(&world),
        [("register", "wrong", "user_registration_fail")]
    );
    let login = world
        .auth
        .register(Register::new(phone(1), ticket, agreed()))
        .await
        .unwrap();
    let event = world.events.take().pop().unwrap();
    assert_eq!(
        (event.name(), event.session),
        ("user_created", Some(login.session))
    );
    world
        .auth
        .reject_input(Act::Verify, &from_ip("192.0.2.1"))
        .await
        .unwrap();
    world
        .auth
        .reject_input(Act::Send, &Client::new())
        .await
        .unwrap();
    let malformed = ("malformed", "done", "input_validation_fail");
    assert_eq!(told(&world), [malformed, malformed]);
}

/// LOG-3: each outcome after the login.
#[tokio::test]
async fn event_coverage_table_sessions() {
    let world = built(|p| p.check_sessions(true));
    let login = world.login(&phone(1)).await;
    let token = login.tokens.refresh.expose();
    told(&world);
    let refresh = async |token: &str| {
        let _ = world.auth.refresh(token, &Client::new()).await;
        told(&world)
    };
    assert_eq!(
        refresh(token).await,
        [("refresh", "done", "authn_token_created")]
    );
    assert_eq!(
        refresh("x").await,
        [("refresh", "invalid_token", "authn_token_invalid")]
    );
    world.store.fail(&["rotate"]);
    assert_eq!(
        refresh(token).await,
        [("refresh", "store_failed", "sys_monitor_error")]
    );
    world.store.fail(&[]);
    world.users.fail(true);
    assert_eq!(
        refresh(token).await,
        [("refresh", "directory_failed", "sys_monitor_error")]
    );
    world.users.fail(false);
    world.users.users().disable(&phone(1), true);
    world.store.fail(&["revoke"]);
    let (closed, down) = (
        ("refresh", "disabled", "authn_token_invalid"),
        ("refresh", "store_failed", "sys_monitor_error"),
    );
    assert_eq!(refresh(token).await, [closed, down]);
    world.store.fail(&[]);
    world.users.users().disable(&phone(1), false);
    world.clock.advance(MINUTE);
    assert_eq!(
        refresh(token).await,
        [("refresh", "reused", "authn_token_reuse")]
    );
    assert_eq!(
        refresh(token).await,
        [("refresh", "invalid_token", "authn_token_invalid")]
    );
    for token in ["x", login.tokens.access.expose()] {
        assert!(world.auth.authenticate(token).await.is_err());
        let refused = ("authenticate", "invalid_token", "authn_token_invalid");
        assert_eq!(told(&world), [refused]);
    }
    world.auth.logout(&login.session).await.unwrap();
    assert_eq!(told(&world), [("logout", "done", "authn_token_revoked")]);
}

/// LOG-3: a sign-in says who, in which session, over which channel.
#[tokio::test]
async fn a_login_names_user_and_session() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    let login = signed_in(world.verify(&phone(1), id, &code).await.unwrap());
    let event = world.events.take().pop().unwrap();
    assert_eq!(
        (event.user, event.session),
        (Some(login.user.id), Some(login.session))
    );
    assert_eq!(event.channel, Some(otp_core::Channel::Sms));
}
