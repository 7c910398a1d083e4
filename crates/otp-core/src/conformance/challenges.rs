//! One challenge: what is accepted, and why the rest is not.

use super::scene::{
    LIFE, MS, RIGHT, Scene, T, WRONG, digest, drain, kid, random, rejection, secs, ten,
};
use crate::challenge::{Attempt, Guess, NewChallenge, Opened, Rejection};
use crate::{Channel, KeyId, Store};
use std::sync::Arc;

/// VER-3: the right code is accepted, with what was chosen for it, and never again.
pub async fn a_right_code_is_accepted_once<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let new = NewChallenge {
        channel: Some(Channel::Voice),
        remember_me: true,
        ..scene.start(RIGHT, T)
    };
    let opened = scene.open(&new, &[], T).await;
    let Opened::Stored(state) = opened else {
        panic!("{opened:?}")
    };
    assert_eq!(
        (state.channel, state.expires_at),
        (Channel::Voice, T + LIFE)
    );
    let accepted = Attempt::Accepted {
        channel: Channel::Voice,
        remember_me: true,
    };
    assert_eq!(scene.guess(RIGHT, &[], T + MS).await, accepted);
    for after in [MS, secs(60), LIFE - MS, LIFE] {
        let used = Attempt::Rejected {
            reason: Rejection::Used,
            tries_left: 0,
            proved: true,
        };
        assert_eq!(scene.guess(RIGHT, &[], T + after).await, used, "{after:?}");
    }
}

/// VER-3: after the right code a wrong one is told as used, and proves nothing.
pub async fn a_wrong_code_after_the_right_one_proves_nothing<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
    let used = Attempt::Rejected {
        reason: Rejection::Used,
        tries_left: 0,
        proved: false,
    };
    assert_eq!(scene.guess(WRONG, &[], T).await, used);
}

/// VER-1: each wrong guess costs one, and when none is left the right code is not looked at.
pub async fn three_wrong_guesses_lock<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    for left in [2, 1, 0] {
        assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, left));
    }
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Locked, 0));
    let locked = Attempt::Rejected {
        reason: Rejection::Locked,
        tries_left: 0,
        proved: false,
    };
    assert_eq!(scene.guess(RIGHT, &[], T).await, locked);
}

/// VER-1: the last guess is as good as the first.
pub async fn the_last_try_may_be_right<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.rejected(WRONG, T).await;
    scene.rejected(WRONG, T).await;
    scene.accepted(RIGHT, T).await;
}

/// VER-4, STO-4: accepted one millisecond before the expiry, and not at it, whatever the store still holds.
pub async fn a_code_expires_at_its_instant<S: Store>(store: Arc<S>) {
    let in_time = Scene::new(&store);
    in_time.opened(RIGHT, T).await;
    in_time.accepted(RIGHT, T + LIFE - MS).await;

    let late = Scene::new(&store);
    late.opened(RIGHT, T).await;
    for after in [LIFE, LIFE + MS, LIFE + secs(599)] {
        let expired = Attempt::Rejected {
            reason: Rejection::Expired,
            tries_left: 0,
            proved: true,
        };
        assert_eq!(late.guess(RIGHT, &[], T + after).await, expired);
        assert_eq!(
            late.rejected(WRONG, T + after).await,
            (Rejection::Expired, 0)
        );
    }
}

/// R11, VER-4, STO-4: no code is issued for more than ten minutes; one that has more left, and a minute for nodes that
/// differ, is from before a clock was set back. It is expired until its own time comes again.
pub async fn a_clock_set_back_revives_no_code<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    for back in [secs(361), secs(3_600), secs(86_400)] {
        let early = T - back;
        assert_eq!(scene.rejected(RIGHT, early).await, (Rejection::Expired, 0));
        let resent = scene.open(&scene.resend(WRONG, early), &[], early).await;
        assert_eq!(resent, Opened::NotLive);
        let approved = scene.approve(RIGHT, early, &[], early).await;
        assert_eq!(rejection(&approved), Some(Rejection::Expired));
    }
    scene.accepted(RIGHT, T - secs(360)).await;
}

/// VER-8: a wrong guess does not make a code live longer.
pub async fn a_wrong_guess_does_not_move_the_expiry<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.rejected(WRONG, T + LIFE - MS).await;
    assert_eq!(
        scene.rejected(RIGHT, T + LIFE).await,
        (Rejection::Expired, 0)
    );
}

/// VER-9: a guess at nothing is answered like any other, and leaves nothing behind.
pub async fn a_guess_at_nothing_is_unknown<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    assert_eq!(scene.rejected(RIGHT, T).await, (Rejection::Unknown, 0));
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// STO-2: a code is compared under the pepper it was made with, wherever that stands among those in use.
pub async fn a_pepper_is_part_of_the_code<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let other: KeyId = "other".parse().unwrap();
    let try_with = async |digests: &[(KeyId, _)]| {
        let guess = Guess::new(&scene.key, digests);
        store.attempt(&guess, &[], T).await.unwrap()
    };
    let foreign = try_with(&[(other, digest(RIGHT)), (kid(), digest(WRONG))]).await;
    assert!(
        matches!(
            foreign,
            Attempt::Rejected {
                reason: Rejection::Wrong,
                ..
            }
        ),
        "{foreign:?}"
    );
    let second = try_with(&[(other, digest(WRONG)), (kid(), digest(RIGHT))]).await;
    assert!(matches!(second, Attempt::Accepted { .. }), "{second:?}");
}

/// VER-1: one guess with several candidates is one guess.
pub async fn candidates_count_once<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let other: KeyId = "other".parse().unwrap();
    let digests = [(kid(), digest(WRONG)), (other, digest(WRONG))];
    let guess = Guess::new(&scene.key, &digests);
    store.attempt(&guess, &[], T).await.unwrap();
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 1));
}

/// VER-8: where a phone has one challenge, a new one takes the old one's place, with guesses of its own; the code
/// before it is dead.
pub async fn a_start_takes_the_place_of_the_one_before<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(1, T).await;
    scene.rejected(WRONG, T).await;
    scene.opened(2, T).await;
    assert_eq!(scene.rejected(1, T).await, (Rejection::Wrong, 2));
    scene.accepted(2, T).await;

    scene.opened(3, T + MS).await;
    scene.accepted(3, T + MS).await;
}

/// VER-8: of the challenge whose place it takes a start keeps neither channel, session length nor request.
pub async fn a_start_keeps_nothing_of_the_one_before<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let first = NewChallenge {
        request: Some([7; 16]),
        channel: Some(Channel::Voice),
        remember_me: true,
        ..scene.start(1, T)
    };
    scene.open(&first, &[], T).await;
    scene.opened(2, T).await;
    let again = scene
        .open(
            &NewChallenge {
                digest: digest(3),
                ..first
            },
            &[],
            T,
        )
        .await;
    assert!(matches!(again, Opened::Stored(_)), "{again:?}");
    scene.opened(4, T).await;
    let accepted = Attempt::Accepted {
        channel: Channel::Sms,
        remember_me: false,
    };
    assert_eq!(scene.guess(4, &[], T).await, accepted);
}

/// VER-8: a start replaces what is locked or expired as well, and says so with its own expiry.
pub async fn a_start_replaces_the_dead<S: Store>(store: Arc<S>) {
    let locked = Scene::new(&store);
    locked.opened(1, T).await;
    for _ in 0..3 {
        locked.rejected(WRONG, T).await;
    }
    locked.opened(2, T).await;
    locked.accepted(2, T).await;

    let expired = Scene::new(&store);
    expired.opened(1, T).await;
    expired.opened(2, T + LIFE).await;
    expired.accepted(2, T + LIFE + LIFE - MS).await;
}

/// THR-12: a retried request finds what it had opened: nothing is charged, and the first code stays.
pub async fn a_repeated_request_replays<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [ten()];
    let start = |code, at| NewChallenge {
        request: Some([7; 16]),
        channel: Some(Channel::Voice),
        ..scene.start(code, at)
    };
    let first = scene.open(&start(1, T), &cells, T).await;
    assert!(matches!(first, Opened::Stored(_)), "{first:?}");
    for later in [MS, LIFE - MS] {
        let again = scene.open(&start(2, T + later), &cells, T + later).await;
        let Opened::Replayed(state) = again else {
            panic!("{again:?}")
        };
        assert_eq!(
            (state.channel, state.expires_at),
            (Channel::Voice, T + LIFE)
        );
    }
    assert_eq!(scene.rejected(2, T + MS).await, (Rejection::Wrong, 2));
    scene.accepted(1, T + MS).await;
    assert_eq!(drain(&*store, &cells[0], T + MS).await, 9);
}

/// THR-12: another request, one without a tag, or the same after the expiry, is a new one.
pub async fn only_the_same_request_replays<S: Store>(store: Arc<S>) {
    let cells = [ten()];
    let scene = Scene::new(&store);
    let tag = random();
    let requests = [
        (Some(tag), T),
        (None, T),
        (Some(random()), T),
        (Some(tag), T + LIFE),
    ];
    for (code, (request, at)) in (1..).zip(requests) {
        let new = NewChallenge {
            request,
            ..scene.start(code, at)
        };
        let opened = scene.open(&new, &cells, at).await;
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    }
    let untagged = Scene::new(&store);
    untagged.opened(1, T).await;
    untagged.opened(2, T).await;
    untagged.accepted(2, T).await;
    assert_eq!(drain(&*store, &cells[0], T + LIFE).await, 6);
}
