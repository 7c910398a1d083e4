//! I1 to I4.

use crate::history::*;
use otp_core::ChallengeId;
use otp_core::challenge::Rejection;
use otp_faults::history::{Call, ChallengeLoss, Refusal, Reply, SessionLoss, Shown, Signed, Tag};

#[test]
fn an_ordinary_history_holds() {
    let used = || not(Shown::Code(0), Rejection::Used);
    let history = started()
        .then(wrong())
        .then(wrong())
        .then(right(S))
        .then(used());
    let history = history
        .then(next(0))
        .then(next(0))
        .then(next(1))
        .then(look(true))
        .then(log_out());
    history
        .then(look(false))
        .then(refresh(2, Reply::Refused(Refusal::Dead)))
        .holds();
}

#[test]
fn i1_a_challenge_signs_in_once() {
    started().then(right(S)).then(right(OTHER)).violates("I1");
    let other = ChallengeId::from_bytes([9; 16]);
    let again = signed_in().then(Call::Start {
        phone: 1,
        reply: Reply::Done(other),
    });
    let signed = Reply::Done(Signed {
        session: S,
        token: Tag(0),
    });
    again
        .then(Call::Guess {
            challenge: other,
            shown: Shown::Code(0),
            reply: signed,
        })
        .violates("I1");
}

#[test]
fn i1_nor_after_a_loss() {
    let lost = |challenges| {
        started()
            .then(right(S))
            .loses(30, 40, challenges, SessionLoss::Back)
    };
    lost(ChallengeLoss::Dead)
        .at(50, 60, right(OTHER))
        .violates("I1");
    lost(ChallengeLoss::Back)
        .at(50, 60, right(OTHER))
        .violates("I1");
    lost(ChallengeLoss::Dead)
        .at(50, 60, not(Shown::Code(0), Rejection::Unknown))
        .holds();
}

#[test]
fn i2_wrong_guesses_are_counted() {
    let three = || started().then(wrong()).then(wrong()).then(wrong());
    three().then(not(Shown::Wrong, Rejection::Locked)).holds();
    three().then(wrong()).violates("I2");
    let lost = |challenges| {
        three()
            .loses(50, 60, challenges, SessionLoss::Back)
            .at(70, 80, wrong())
    };
    lost(ChallengeLoss::Back).holds();
    lost(ChallengeLoss::Dead).violates("I2");
}

/// A guess that was counted and not answered leaves fewer; the right code is not accepted when none is left.
#[test]
fn i2_an_order_counts_what_was_answered() {
    started()
        .then(wrong())
        .then(wrong())
        .then(wrong())
        .then(right(S))
        .violates("order");
    let failed = started()
        .then(guess(Shown::Wrong, Reply::Failed))
        .then(wrong())
        .then(wrong());
    failed
        .clone()
        .then(not(Shown::Wrong, Rejection::Locked))
        .holds();
    failed.then(right(S)).holds();
    started()
        .then(wrong())
        .then(not(Shown::Wrong, Rejection::Locked))
        .violates("order");
}

#[test]
fn i3_nothing_is_accepted_late() {
    started().at(2_000, 2_010, right(S)).holds();
    started().at(2_011, 2_020, right(S)).violates("I3");
    let again = started().at(1_000, 1_010, resend(Reply::Done(1)));
    let second = guess(
        Shown::Code(1),
        Reply::Done(Signed {
            session: S,
            token: Tag(0),
        }),
    );
    again.clone().at(3_000, 3_010, second.clone()).holds();
    again.at(3_010, 3_020, second).violates("I3");
    started()
        .at(100, 110, not(Shown::Wrong, Rejection::Expired))
        .violates("order");
}

#[test]
fn i4_nothing_else_is_accepted() {
    let signed = || {
        Reply::Done(Signed {
            session: S,
            token: Tag(0),
        })
    };
    for shown in [
        Shown::Wrong,
        Shown::Foreign,
        Shown::OtherPhone,
        Shown::OtherPurpose,
    ] {
        started().then(guess(shown, signed())).violates("I4");
    }
    started()
        .then(not(Shown::OtherPhone, Rejection::Unknown))
        .then(right(S))
        .holds();
    // A code that a resend has replaced, and one that was right and called wrong.
    started()
        .then(resend(Reply::Done(1)))
        .then(right(S))
        .violates("order");
    started()
        .then(not(Shown::Code(0), Rejection::Wrong))
        .violates("order");
}
