//! What tests do over and over: ask for messages, guess, refresh.

use super::{HOUR, World, from_ip, phone, wrong};
use otp_core::challenge::Rejection;
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::{
    ChallengeId, Client, Code, Limited, Outcome, PhoneNumber, RefreshError, RefreshToken,
    Refreshed, Start, StartError, Started, Verify, VerifyError,
};
use std::time::Duration;

pub(crate) const WRONG: Outcome = Outcome::Rejected(Rejection::Wrong);

/// One guess at phone 1, from an address of its own.
pub(crate) async fn guess(
    world: &World,
    n: u32,
    id: ChallengeId,
    code: Code,
) -> Result<(), Limited> {
    let ip = format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255);
    let verify = Verify::new(phone(1), Some(id), code).with_client(from_ip(&ip));
    match world.auth.verify(verify).await {
        Err(VerifyError::Limited(limited)) => Err(limited),
        Err(VerifyError::Rejected { .. }) => Ok(()),
        other => panic!("{other:?}"),
    }
}

/// How many guesses were compared with a live code since the last look.
pub(crate) fn evaluated(world: &World) -> usize {
    let happened = world.happened();
    happened
        .iter()
        .filter(|(_, outcome)| *outcome == WRONG)
        .count()
}

/// Guesses until a limit refuses, an hour between challenges; says how many were compared and what refused.
pub(crate) async fn guess_all_day(world: &World) -> (usize, Limited) {
    world.happened();
    for n in 0.. {
        let (id, code) = world.started(&phone(1)).await;
        for k in 0..3 {
            if let Err(limited) = guess(world, 3 * n + k, id, wrong(&code, k.into())).await {
                return (evaluated(world), limited);
            }
        }
        world.clock.advance(HOUR);
    }
    unreachable!()
}

pub(crate) fn send(key: &[Dimension], quota: u32, window: Duration) -> Limit {
    Limit::new(Act::Send, key.iter().copied(), quota, window)
}

pub(crate) async fn ask(
    world: &World,
    phone: &PhoneNumber,
    client: Client,
) -> Result<Started, StartError> {
    world
        .auth
        .start(Start::new(phone.clone()).with_client(client))
        .await
}

pub(crate) fn wait(refused: Result<Started, StartError>) -> Duration {
    match refused {
        Err(StartError::Limited(limited)) => limited.retry_after,
        other => panic!("a limit should refuse: {other:?}"),
    }
}

pub(crate) async fn refresh(
    world: &World,
    token: &RefreshToken,
) -> Result<Refreshed, RefreshError> {
    world.auth.refresh(token.expose(), &Client::new()).await
}

pub(crate) fn dead<T: std::fmt::Debug>(result: &Result<T, RefreshError>) -> bool {
    matches!(result, Err(RefreshError::Rejected))
}
