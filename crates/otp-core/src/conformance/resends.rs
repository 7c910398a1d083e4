//! Another code for a challenge that lives.

use super::scene::{LIFE, MS, RIGHT, Scene, T, TRIES, WRONG, drain, secs, ten};
use crate::challenge::{Attempt, NewChallenge, Opened, Rejection};
use crate::limit::Count;
use crate::{Channel, Store};
use std::sync::Arc;

/// VER-8: a resend, however often, leaves the guesses that were left.
pub async fn a_resend_keeps_the_tries<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    for (code, left) in [(2, 2), (3, 1), (4, 0)] {
        let more = NewChallenge {
            tries: TRIES + 7,
            ..scene.resend(code, T)
        };
        let opened = scene.open(&more, &[], T).await;
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
        assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, left));
    }
    assert_eq!(scene.rejected(4, T).await, (Rejection::Locked, 0));
}

/// VER-8: wrong guesses stay counted against the phone over every resend and every new challenge.
pub async fn a_resend_refills_no_budget<S: Store>(store: Arc<S>) {
    let budget = [super::scene::cell(
        Count::WrongGuesses,
        &[(5, secs(86_400))],
    )];
    let first = Scene::new(&store);
    let mut evaluated = 0;
    for round in 0..4_u8 {
        let scene = Scene::new(&store).at(crate::challenge::ChallengeKey {
            phone: first.key.phone,
            ..Scene::new(&store).key
        });
        scene.opened(1, T).await;
        for guess in 0..4 {
            scene.open(&scene.resend(2 + guess, T), &[], T).await;
            let attempt = scene.guess(WRONG, &budget, T).await;
            evaluated += u32::from(super::scene::rejection(&attempt) == Some(Rejection::Wrong));
        }
        let expected = [3, 5, 5, 5][usize::from(round)];
        assert_eq!(evaluated, expected, "after {} challenges", round + 1);
    }
}

/// VER-3: the new code counts; the one before it does not, unless the policy says for how long.
pub async fn a_resend_replaces_the_code<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    scene.resent(2, T).await;
    assert_eq!(scene.rejected(1, T).await, (Rejection::Wrong, 2));
    scene.accepted(2, T).await;
    assert_eq!(scene.rejected(1, T).await, (Rejection::Used, 0));
}

/// VER-4: the code before is accepted until the very instant that was set, and not at it.
pub async fn the_code_before_is_good_until_its_instant<S: Store>(store: Arc<S>) {
    for (after, good) in [(secs(29), true), (secs(30) - MS, true), (secs(30), false)] {
        let scene = Scene::new(&store);
        scene.opened(1, T).await;
        let resend = NewChallenge {
            previous_until: T + secs(30),
            ..scene.resend(2, T)
        };
        scene.open(&resend, &[], T).await;
        if good {
            scene.accepted(1, T + after).await;
            assert_eq!(scene.rejected(2, T + after).await, (Rejection::Used, 0));
        } else {
            assert_eq!(scene.rejected(1, T + after).await, (Rejection::Wrong, 2));
            scene.accepted(2, T + after).await;
        }
    }
}

/// VER-4: no resend makes the code before it live longer than it would have.
pub async fn a_resend_does_not_lengthen_the_code_before<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    let at = T + LIFE - secs(1);
    let resend = NewChallenge {
        previous_until: at + secs(30),
        ..scene.resend(2, at)
    };
    scene.open(&resend, &[], at).await;
    assert_eq!(scene.rejected(1, T + LIFE).await, (Rejection::Wrong, 2));
    scene.accepted(2, at + LIFE - MS).await;
}

/// VER-1: a guess at two live codes is counted on both; a code two resends back is dead.
pub async fn a_guess_counts_on_both_codes<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    for code in [2, 3] {
        let resend = NewChallenge {
            previous_until: T + secs(30),
            ..scene.resend(code, T)
        };
        scene.open(&resend, &[], T).await;
    }
    assert_eq!(scene.rejected(1, T).await, (Rejection::Wrong, 2));
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 1));
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 0));
    assert_eq!(scene.rejected(2, T).await, (Rejection::Locked, 0));
    assert_eq!(scene.rejected(3, T).await, (Rejection::Locked, 0));
}

/// VER-8: a resend keeps the session length that was chosen, and the channel unless it names another.
pub async fn a_resend_keeps_what_was_chosen<S: Store>(store: Arc<S>) {
    for (wanted, channel) in [
        (None, Channel::Voice),
        (Some(Channel::WhatsApp), Channel::WhatsApp),
    ] {
        let scene = Scene::new(&store);
        let new = NewChallenge {
            channel: Some(Channel::Voice),
            remember_me: true,
            ..scene.start(1, T)
        };
        scene.open(&new, &[], T).await;
        let resend = NewChallenge {
            channel: wanted,
            ..scene.resend(RIGHT, T + MS)
        };
        let opened = scene.open(&resend, &[], T + MS).await;
        let Opened::Stored(state) = opened else {
            panic!("{opened:?}")
        };
        assert_eq!((state.channel, state.expires_at), (channel, T + MS + LIFE));
        let accepted = Attempt::Accepted {
            channel,
            remember_me: true,
        };
        assert_eq!(scene.guess(RIGHT, &[], T + MS).await, accepted);
    }
}

/// VER-8, THR-12: what is unknown, used, expired or locked gets no other code, and nothing is charged for asking.
pub async fn a_resend_needs_a_live_challenge<S: Store>(store: Arc<S>) {
    let [unknown, used, expired, locked] = std::array::from_fn(|_| Scene::new(&store));
    for scene in [&used, &expired, &locked] {
        scene.opened(1, T).await;
    }
    used.accepted(1, T).await;
    for _ in 0..TRIES {
        locked.rejected(WRONG, T).await;
    }
    let cells = [ten()];
    for (scene, at) in [(unknown, T), (used, T), (expired, T + LIFE), (locked, T)] {
        let opened = scene.open(&scene.resend(2, at), &cells, at).await;
        assert_eq!(opened, Opened::NotLive);
        let attempt = scene.guess(2, &[], at).await;
        assert!(!super::scene::is_accepted(&attempt), "{attempt:?}");
    }
    assert_eq!(drain(&*store, &cells[0], T + LIFE).await, 10);
}

/// VER-8: the code before, while it is still good, is accepted as it was sent and with what was chosen with it.
pub async fn the_code_before_is_accepted_as_it_was<S: Store>(store: Arc<S>) {
    for (code, channel, remember_me) in [(1, Channel::Voice, true), (2, Channel::Sms, false)] {
        let scene = Scene::new(&store);
        let start = |code, channel, remember_me| NewChallenge {
            channel: Some(channel),
            remember_me,
            previous_until: T + secs(30),
            ..scene.start(code, T)
        };
        scene.open(&start(1, Channel::Voice, true), &[], T).await;
        scene.open(&start(2, Channel::Sms, false), &[], T).await;
        let accepted = Attempt::Accepted {
            channel,
            remember_me,
        };
        assert_eq!(scene.guess(code, &[], T).await, accepted);
    }
}
