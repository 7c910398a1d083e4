//! A code that a provider found right: the challenge around it is accepted once, and the guess was no failure.
//!
//! Here [`RIGHT`] stands for the mark of a challenge whose code a provider makes. What a user types is never that, so
//! each guess is counted as a wrong one before the provider is asked.

use super::counting::{left, one_of_each};
use super::races::together;
use super::scene::{
    LIFE, MS, RIGHT, Scene, T, TRIES, WRONG, cell, charge, digest, drain, is_accepted, kid,
    refused_until, rejection, secs,
};
use crate::challenge::{Attempt, Guess, NewChallenge, Rejection};
use crate::limit::{Cell, Count, Decision};
use crate::{Channel, KeyId, Store};
use std::sync::Arc;

const fn not(reason: Rejection) -> Attempt {
    Attempt::Rejected {
        reason,
        tries_left: 0,
        proved: false,
    }
}

/// VER-2: the challenge is accepted as it was asked for, once, and used after that.
pub async fn an_approval_accepts_once<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let new = NewChallenge {
        channel: Some(Channel::Voice),
        remember_me: true,
        ..scene.start(RIGHT, T)
    };
    scene.open(&new, &[], T).await;
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 2));
    let accepted = Attempt::Accepted {
        channel: Channel::Voice,
        remember_me: true,
    };
    assert_eq!(scene.approve(RIGHT, T, &[], T + MS).await, accepted);
    for _ in 0..2 {
        let again = scene.approve(RIGHT, T, &[], T + MS).await;
        assert_eq!(again, not(Rejection::Used));
    }
    scene.refund(RIGHT, &[], T + MS).await;
    assert_eq!(scene.rejected(RIGHT, T + MS).await, (Rejection::Used, 0));
}

/// VER-11: nobody approves a challenge whose code is ours, nor one of another pepper, nor the code before; and it stays
/// as it was.
pub async fn an_approval_needs_its_mark<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    let resend = NewChallenge {
        previous_until: T + LIFE,
        ..scene.resend(2, T)
    };
    scene.open(&resend, &[], T).await;
    let other: KeyId = "other".parse().unwrap();
    let approve_with = async |digests: &[(KeyId, _)]| {
        let guess = Guess::new(&scene.key, digests);
        store.approve(&guess, T, &[], T).await.unwrap()
    };
    for digests in [
        vec![],
        vec![(kid(), digest(WRONG))],
        vec![(kid(), digest(1))],
        vec![(other, digest(2)), (kid(), digest(WRONG))],
    ] {
        assert_eq!(approve_with(&digests).await, not(Rejection::Unknown));
    }
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 2));
    let found = approve_with(&[(other, digest(WRONG)), (kid(), digest(2))]).await;
    assert!(is_accepted(&found), "{found:?}");
}

/// VER-9: there is nothing to approve where nothing is, and nothing comes of it.
pub async fn an_approval_of_nothing_is_unknown<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [cell(Count::All, &[(1, secs(60))])];
    let approved = scene.approve(RIGHT, T, &cells, T).await;
    assert_eq!(approved, not(Rejection::Unknown));
    assert_eq!(drain(&*store, &cells[0], T).await, 1);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// VER-4: approved one millisecond before the expiry, and not at it.
pub async fn an_approval_expires_at_its_instant<S: Store>(store: Arc<S>) {
    let [in_time, late] = [(); 2].map(|()| Scene::new(&store));
    for scene in [&in_time, &late] {
        scene.opened(RIGHT, T).await;
        scene.rejected(WRONG, T).await;
    }
    let approved = in_time.approve(RIGHT, T, &[], T + LIFE - MS).await;
    assert!(is_accepted(&approved), "{approved:?}");
    for after in [LIFE, LIFE + MS, LIFE + secs(599)] {
        let approved = late.approve(RIGHT, T, &[], T + after).await;
        assert_eq!(approved, not(Rejection::Expired));
    }
}

/// VER-1: the last guess may be the right one: it was counted, and an approval counts no other.
pub async fn an_approval_asks_no_tries<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    for _ in 0..TRIES {
        scene.rejected(WRONG, T).await;
    }
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Locked, 0));
    let approved = scene.approve(RIGHT, T, &[], T).await;
    assert!(is_accepted(&approved), "{approved:?}");
}

/// THR-5: what the guess was charged as a failure comes back, and the failures in a row end; what every act costs stays.
pub async fn an_approval_gives_back_what_the_guess_cost<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let each = one_of_each();
    let large = cell(Count::WrongGuesses, &[(200, secs(86_400))]);
    let home = Cell {
        home: Some(scene.key.phone),
        ..cell(Count::WrongGuesses, &[(10, secs(86_400))])
    };
    let cells = [&each[..], &[large.clone(), home.clone()]].concat();
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &cells, T).await;
    let at_nothing = Scene::new(&store).guess(WRONG, &cells, T + secs(1)).await;
    assert_eq!(rejection(&at_nothing), Some(Rejection::Unknown));
    scene.guess(WRONG, &cells, T + secs(2)).await;
    let approved = scene.approve(RIGHT, T + secs(2), &cells, T + secs(3)).await;
    assert!(is_accepted(&approved), "{approved:?}");
    assert_eq!(drain(&*store, &large, T + LIFE).await, 199);
    assert_eq!(drain(&*store, &home, T + LIFE).await, 9);
    assert_eq!(left(&*store, &each).await, [7, 9, 8, 10]);
}

/// THR-13: the room that it leaves is that of its own guess, and no other's.
pub async fn an_approval_gives_back_its_own_instant<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [cell(Count::WrongGuesses, &[(2, secs(60))])];
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &cells, T).await;
    scene.guess(WRONG, &cells, T + secs(20)).await;
    scene
        .approve(RIGHT, T + secs(20), &cells, T + secs(30))
        .await;
    let now = T + secs(40);
    assert_eq!(refused_until(&*store, &cells[0], now).await, None);
    let full = refused_until(&*store, &cells[0], now).await;
    assert_eq!(full, Some(T + secs(60)));
}

/// THR-10: a phone that was seen at the guess, and not after it, was not guessed at.
pub async fn an_approval_takes_its_member_out<S: Store>(store: Arc<S>) {
    let key = cell(Count::Distinct(0), &[(1, secs(3_600))]);
    let seen = |member| {
        [Cell {
            count: Count::Distinct(member),
            ..key.clone()
        }]
    };
    let [again, last] = [(); 2].map(|()| Scene::new(&store));
    again.opened(RIGHT, T).await;
    last.opened(RIGHT, T).await;
    again.guess(WRONG, &seen(7), T).await;
    again.guess(WRONG, &seen(7), T + secs(1)).await;
    again.approve(RIGHT, T, &seen(7), T + secs(2)).await;
    let refused = refused_until(&*store, &seen(8)[0], T + secs(3)).await;
    assert_eq!(refused, Some(T + secs(3_601)), "it was seen again");
    last.approve(RIGHT, T + secs(1), &seen(7), T + secs(2))
        .await;
    assert_eq!(
        charge(&*store, &seen(8), T + secs(3)).await,
        Decision::Admitted
    );
}

/// THR-12: only an approval that accepts gives back, and so once.
pub async fn a_rejected_approval_gives_nothing_back<S: Store>(store: Arc<S>) {
    let cells = one_of_each();
    let [own, used, late] = [(); 3].map(|()| Scene::new(&store));
    for scene in [&own, &used, &late] {
        scene.opened(RIGHT, T).await;
        scene.guess(WRONG, &cells, T).await;
    }
    for (scene, code, at) in [
        (&own, WRONG, T),
        (&late, RIGHT, T + LIFE),
        (&used, RIGHT, T),
        (&used, RIGHT, T),
    ] {
        scene.approve(code, T, &cells, at).await;
    }
    for scene in [&own, &late] {
        scene.guess(WRONG, &cells, T).await;
    }
    assert_eq!(used.rejected(RIGHT, T).await, (Rejection::Used, 0));
    used.approve(RIGHT, T, &cells, T).await;
    assert_eq!(left(&*store, &cells).await, [5, 6, 6, 8]);
}

/// THR-3: a limit that the guess itself filled refuses no approval: it is no guess.
pub async fn a_full_limit_refuses_no_approval<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [
        cell(Count::WrongGuesses, &[(1, secs(60))]),
        cell(Count::Streak, &[(1, secs(60))]),
        cell(Count::All, &[(1, secs(60))]),
    ];
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &cells, T).await;
    let refused = scene.guess(WRONG, &cells, T).await;
    assert!(matches!(refused, Attempt::Refused(_)), "{refused:?}");
    let approved = scene.approve(RIGHT, T, &cells, T).await;
    assert!(is_accepted(&approved), "{approved:?}");
    for (cell, admitted) in cells.iter().zip([1, 1, 0]) {
        assert_eq!(drain(&*store, cell, T).await, admitted, "{cell:?}");
    }
}

/// VER-2: of 32 approvals at once exactly one is accepted, and one guess is given back.
pub async fn parallel_approvals_accept_once<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        let budget = [cell(Count::WrongGuesses, &[(10, secs(60))])];
        scene.opened(RIGHT, T).await;
        for _ in 0..2 {
            scene.guess(WRONG, &budget, T).await;
        }
        let attempts = together(32, |_| {
            let (scene, budget) = (scene.clone(), budget.clone());
            async move { scene.approve(RIGHT, T, &budget, T).await }
        })
        .await;
        let accepted = attempts.iter().filter(|attempt| is_accepted(attempt));
        assert_eq!(accepted.count(), 1);
        let used = |attempt: &&Attempt| rejection(attempt) == Some(Rejection::Used);
        assert_eq!(attempts.iter().filter(used).count(), 31);
        assert_eq!(drain(&*store, &budget[0], T).await, 9);
    }
}
