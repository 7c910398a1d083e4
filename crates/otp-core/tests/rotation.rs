//! New keys while people are signing in.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{HOUR, MINUTE, Setup, agreed, is_rejected, phone, ticket, wrong};
use otp_core::policy::{Policy, SignUp};
use otp_core::token::{SigningKey, TokenKeys};
use otp_core::{Client, KeyRing, Keys, Register, RotatingKeys, SecretKey};

/// One key of each kind, made from a number, so that the same one can be made again.
fn secret(n: u8) -> SecretKey {
    let bytes: Vec<u8> = (0..32_u8)
        .map(|i| i.wrapping_mul(151).wrapping_add(n).rotate_left(3) ^ i.wrapping_mul(i))
        .collect();
    SecretKey::from_bytes(&bytes).unwrap()
}

fn ring(current: u8, old: &[u8]) -> KeyRing {
    let name = |n: u8| format!("k{n}").parse().unwrap();
    old.iter()
        .fold(KeyRing::new(name(current), secret(current)), |ring, n| {
            ring.with_old(name(*n), secret(*n)).unwrap()
        })
}

/// Keys of the generation `current` that still know those of the `old` ones.
fn keys(current: u8, old: &[u8]) -> Keys {
    let signing = |n: u8| SigningKey::hs256(format!("t{n}").parse().unwrap(), secret(100 + n));
    let tokens = old
        .iter()
        .fold(TokenKeys::new(signing(current)).unwrap(), |tokens, n| {
            tokens.with_old(signing(*n).verifying()).unwrap()
        });
    Keys::new(secret(200), ring(current, old), ring(current, old), tokens)
}

/// STO-2, TOK-14: a code, a ticket, a refresh and an access token that were out when the keys changed stay good, and
/// what is made afterwards is made with the new keys.
#[tokio::test]
async fn pepper_rotation_mid_flow() {
    let policy = Policy::builder().sign_up(SignUp::Ticket).build().unwrap();
    let setup = Setup::new(policy);
    let rotating = RotatingKeys::new(keys(1, &[]));
    let world = setup.node_with(setup.store.clone(), rotating.clone());

    let (id, code) = world.started(&phone(1)).await;
    assert!(is_rejected(
        &world.verify(&phone(1), id, &wrong(&code, 0)).await
    ));
    rotating.replace(keys(2, &[1]));
    assert!(is_rejected(
        &world.verify(&phone(1), id, &wrong(&code, 1)).await
    ));
    let ticket = ticket(world.verify(&phone(1), id, &code).await.unwrap());

    rotating.replace(keys(3, &[2, 1]));
    let register = Register::new(phone(1), ticket, agreed());
    let login = world.auth.register(register).await.unwrap();

    rotating.replace(keys(4, &[3]));
    world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    let next = world
        .auth
        .refresh(login.tokens.refresh.expose(), &Client::new())
        .await
        .unwrap();
    assert!(next.tokens.access.expose() != login.tokens.access.expose());

    rotating.replace(keys(5, &[4]));
    assert!(
        world
            .auth
            .authenticate(login.tokens.access.expose())
            .await
            .is_err()
    );
    world
        .auth
        .authenticate(next.tokens.access.expose())
        .await
        .unwrap();
    world.clock.advance(HOUR);
    assert!(
        world
            .auth
            .refresh(next.tokens.refresh.expose(), &Client::new())
            .await
            .is_ok()
    );
}

/// STO-2: a pepper that was dropped takes its codes with it, and their guesses still cost.
#[tokio::test]
async fn a_dropped_pepper() {
    let setup = Setup::new(Policy::standard());
    let rotating = RotatingKeys::new(keys(1, &[]));
    let world = setup.node_with(setup.store.clone(), rotating.clone());
    let (id, code) = world.started(&phone(1)).await;
    rotating.replace(keys(2, &[]));
    assert!(is_rejected(&world.verify(&phone(1), id, &code).await));
    rotating.replace(keys(2, &[1]));
    for n in 0..2 {
        assert!(is_rejected(
            &world.verify(&phone(1), id, &wrong(&code, n)).await
        ));
    }
    assert!(
        is_rejected(&world.verify(&phone(1), id, &code).await),
        "three were counted"
    );
}

/// STO-2: limits go on across a rotation: the index key stays.
#[tokio::test]
async fn limits_survive_rotation() {
    let setup = Setup::new(Policy::standard());
    let rotating = RotatingKeys::new(keys(1, &[]));
    let world = setup.node_with(setup.store.clone(), rotating.clone());
    world.start(&phone(1)).await;
    rotating.replace(keys(2, &[1]));
    assert!(
        world
            .auth
            .start(otp_core::Start::new(phone(1)))
            .await
            .is_err()
    );
    world.clock.advance(MINUTE);
    world.start(&phone(1)).await;
}

/// STO-1, STO-2: two peppers are two verifiers: a dump of one deployment's store is nothing in another.
#[tokio::test]
async fn two_peppers_two_verifiers() {
    let setup = Setup::new(Policy::standard());
    let one = setup.node_with(setup.store.clone(), std::sync::Arc::new(keys(1, &[])));
    let two = setup.node_with(setup.store.clone(), std::sync::Arc::new(keys(2, &[])));
    let (id, code) = one.started(&phone(1)).await;
    assert!(is_rejected(&two.verify(&phone(1), id, &code).await));
    assert!(one.verify(&phone(1), id, &code).await.is_ok());
}

/// TOK-14: the key set that is published has public members only, and old keys while they verify.
#[tokio::test]
async fn jwks_no_private_member() {
    let ed = |n: u8| SigningKey::ed25519_generate(format!("e{n}").parse().unwrap()).unwrap();
    let old = ed(1);
    let tokens = TokenKeys::new(ed(2))
        .unwrap()
        .with_old(old.verifying())
        .unwrap();
    let keys = Keys::new(secret(1), ring(1, &[]), ring(1, &[]), tokens);
    let setup = Setup::new(Policy::standard());
    let world = setup.node_with(setup.store.clone(), std::sync::Arc::new(keys));
    let jwks = world.auth.jwks();
    let published = jwks["keys"].as_array().unwrap();
    assert_eq!(published.len(), 2);
    for key in published {
        let members: Vec<_> = key
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert!(
            !members.iter().any(|m| ["d", "k", "p", "q"].contains(m)),
            "{members:?}"
        );
    }
    let symmetric = setup.node_with(setup.store.clone(), std::sync::Arc::new(self::keys(1, &[])));
    assert_eq!(symmetric.auth.jwks()["keys"].as_array().unwrap().len(), 0);
}
