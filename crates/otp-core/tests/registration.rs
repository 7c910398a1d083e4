//! Sign-up: made at once, made with a ticket, or refused.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{
    MILLI, MINUTE, World, agreed, built, device, is_rejected, phone, signed_in, ticket, wrong,
};
use otp_core::policy::SignUp;
use otp_core::{
    Action, ChallengeId, Client, Consent, Outcome, PhoneNumber, Profile, Register, RegisterError,
    Ticket, UserDirectory, Verify, VerifyError,
};

fn with_tickets() -> World {
    built(|p| p.sign_up(SignUp::Ticket))
}

async fn ticket_of(world: &World, phone: &PhoneNumber, client: &Client) -> Ticket {
    let (id, code) = world.started(phone).await;
    let verify = Verify::new(phone.clone(), Some(id), code).with_client(client.clone());
    ticket(world.auth.verify(verify).await.unwrap())
}

async fn register(
    world: &World,
    phone: &PhoneNumber,
    ticket: &Ticket,
    client: &Client,
) -> Result<otp_core::Login, RegisterError> {
    let register = Register::new(phone.clone(), ticket.clone(), agreed());
    world
        .auth
        .register(register.with_client(client.clone()))
        .await
}

/// VER-10: the ticket stands between a right code and a user; with it the user is made and signed in.
#[tokio::test]
async fn a_ticket_makes_the_user() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    let resolved = world.users.users().resolve(&phone(1)).await.unwrap();
    assert_eq!(resolved, otp_core::Resolved::New);
    world.happened();
    let login = register(&world, &phone(1), &ticket, &Client::new())
        .await
        .unwrap();
    assert!(login.is_new_user);
    assert_eq!(world.happened(), [(Action::Register, Outcome::Done)]);
    world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    world.clock.advance(MINUTE);
    let (id, code) = world.started(&phone(1)).await;
    let again = signed_in(world.verify(&phone(1), id, &code).await.unwrap());
    assert!(!again.is_new_user);
    assert_eq!(again.user.id, login.user.id);
}

/// VER-10: without a consent nothing is registered and the ticket stays good; with one it is in the user's profile.
#[tokio::test]
async fn consent_is_required_and_recorded() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    world.store.calls();
    let bare = Register::new(phone(1), ticket.clone(), Profile::default());
    let refused = world.auth.register(bare).await;
    assert!(matches!(refused, Err(RegisterError::ConsentRequired)));
    assert!(world.store.calls().is_empty());
    let login = register(&world, &phone(1), &ticket, &Client::new())
        .await
        .unwrap();
    let kept = world.auth.user(&login.user.id).await.unwrap().unwrap();
    assert_eq!(kept.profile, agreed());
    let consent = Consent::new("terms-in", "3");
    assert_eq!(kept.profile.consent, Some(consent));
}

/// VER-10.
#[tokio::test]
async fn register_without_ticket_401() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    let forged = [
        Ticket::draw(ChallengeId::random().unwrap()).unwrap(),
        Ticket::draw(ticket.challenge_id()).unwrap(),
    ];
    for forged in forged {
        let refused = register(&world, &phone(1), &forged, &Client::new()).await;
        assert!(matches!(refused, Err(RegisterError::TicketUnknown)));
    }
    assert!(
        register(&world, &phone(1), &ticket, &Client::new())
            .await
            .is_ok()
    );
}

/// VER-10, STO-7: a login challenge's id with its code in it is no ticket.
#[tokio::test]
async fn a_login_challenge_is_no_ticket() {
    let world = with_tickets();
    let (id, code) = world.started(&phone(1)).await;
    let ticket = Ticket::draw(id).unwrap();
    let refused = register(&world, &phone(1), &ticket, &Client::new()).await;
    assert!(matches!(refused, Err(RegisterError::TicketUnknown)));
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
}

/// VER-10, STO-7: a ticket's id opens no login.
#[tokio::test]
async fn a_ticket_is_no_login_challenge() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    let id = ticket.challenge_id();
    assert!(is_rejected(
        &world.verify(&phone(1), id, &world.code()).await
    ));
    let resent = world.resend(&phone(1), id).await;
    assert!(matches!(resent, Err(otp_core::StartError::NotLive)));
}

/// VER-10.
#[tokio::test]
async fn ticket_twice_fails() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    register(&world, &phone(1), &ticket, &Client::new())
        .await
        .unwrap();
    let again = register(&world, &phone(1), &ticket, &Client::new()).await;
    assert!(matches!(again, Err(RegisterError::TicketSpent)));
    let forged = Ticket::draw(ticket.challenge_id()).unwrap();
    let forged = register(&world, &phone(1), &forged, &Client::new()).await;
    assert!(
        matches!(forged, Err(RegisterError::TicketUnknown)),
        "only its owner hears of it"
    );
}

/// VER-2, VER-10: 32 registrations with one ticket make one user and one session.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_registrations() {
    let world = std::sync::Arc::new(with_tickets());
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    let tries = (0..32).map(|_| {
        let (world, ticket) = (world.clone(), ticket.clone());
        tokio::spawn(async move { register(&world, &phone(1), &ticket, &Client::new()).await })
    });
    let tries: Vec<_> = tries.collect();
    let mut user = None;
    for tried in tries {
        match tried.await.unwrap() {
            Ok(login) => assert!(user.replace(login.user.id).is_none(), "two sessions"),
            Err(error) => assert!(matches!(error, RegisterError::TicketSpent)),
        }
    }
    assert_eq!(world.auth.sessions(&user.unwrap()).await.unwrap().len(), 1);
}

/// VER-10.
#[tokio::test]
async fn ticket_other_phone_fails() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    let refused = register(&world, &phone(2), &ticket, &Client::new()).await;
    assert!(matches!(refused, Err(RegisterError::TicketUnknown)));
    assert!(
        register(&world, &phone(1), &ticket, &Client::new())
            .await
            .is_ok()
    );
}

/// VER-10: a ticket is bound to the device that verified, and to none where there was none.
#[tokio::test]
async fn ticket_other_device_fails() {
    for (verified, registers) in [
        (device("a"), device("b")),
        (device("a"), Client::new()),
        (Client::new(), device("a")),
    ] {
        let world = with_tickets();
        let ticket = ticket_of(&world, &phone(1), &verified).await;
        let refused = register(&world, &phone(1), &ticket, &registers).await;
        assert!(
            matches!(refused, Err(RegisterError::TicketUnknown)),
            "{verified:?} {registers:?}"
        );
        assert!(
            register(&world, &phone(1), &ticket, &verified)
                .await
                .is_ok()
        );
    }
}

/// VER-4, VER-10: ten minutes, and at the end of them it is over; its owner is told so.
#[tokio::test]
async fn ticket_expires() {
    for (age, good) in [(10 * MINUTE - MILLI, true), (10 * MINUTE, false)] {
        let world = with_tickets();
        let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
        world.clock.advance(age);
        match register(&world, &phone(1), &ticket, &Client::new()).await {
            Ok(_) => assert!(good),
            Err(RegisterError::TicketExpired) => assert!(!good),
            Err(other) => panic!("{other}"),
        }
    }
}

/// VER-1, VER-10: a ticket stands as many guesses as a code.
#[tokio::test]
async fn ticket_guesses_are_counted() {
    let world = with_tickets();
    let ticket = ticket_of(&world, &phone(1), &Client::new()).await;
    for _ in 0..3 {
        let forged = Ticket::draw(ticket.challenge_id()).unwrap();
        assert!(
            register(&world, &phone(1), &forged, &Client::new())
                .await
                .is_err()
        );
    }
    let locked = register(&world, &phone(1), &ticket, &Client::new()).await;
    assert!(matches!(locked, Err(RegisterError::TicketUnknown)));
}

/// THR-16: a closed registration shows itself only after the right code.
#[tokio::test]
async fn deny_is_seen_after_the_right_code() {
    let world = built(|p| p.sign_up(SignUp::Deny));
    let (id, code) = world.started(&phone(1)).await;
    let guess = world.verify(&phone(1), id, &wrong(&code, 0)).await;
    assert!(matches!(
        guess,
        Err(VerifyError::Rejected {
            tries_left: None,
            ..
        })
    ));
    let closed = world.verify(&phone(1), id, &code).await;
    assert!(matches!(closed, Err(VerifyError::RegistrationClosed)));
    let resolved = world.users.users().resolve(&phone(1)).await.unwrap();
    assert_eq!(resolved, otp_core::Resolved::New);
    assert!(
        is_rejected(&world.verify(&phone(1), id, &code).await),
        "and the code is used up"
    );

    world
        .users
        .users()
        .create(&phone(2), &Profile::default())
        .await
        .unwrap();
    assert!(!world.login(&phone(2)).await.is_new_user);
}

/// Two tickets of one person: the second signs in the user that the first made.
#[tokio::test]
async fn two_tickets_one_user() {
    let world = with_tickets();
    let first = ticket_of(&world, &phone(1), &Client::new()).await;
    world.clock.advance(MINUTE);
    let second = ticket_of(&world, &phone(1), &Client::new()).await;
    let made = register(&world, &phone(1), &second, &Client::new())
        .await
        .unwrap();
    let found = register(&world, &phone(1), &first, &Client::new())
        .await
        .unwrap();
    assert!(made.is_new_user && !found.is_new_user);
    assert_eq!(made.user.id, found.user.id);
    assert_ne!(made.session, found.session);
}
