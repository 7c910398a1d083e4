//! I5 and I6.

use crate::history::*;
use otp_faults::history::{Call, ChallengeLoss, Refusal, Reply, SessionLoss, Tag};

#[test]
fn i5_a_token_has_one_successor() {
    signed_in()
        .then(next(0))
        .then(refresh(0, Reply::Done(Tag(7))))
        .violates("I5");
    let at_once = signed_in().at(100, 200, next(0));
    at_once
        .clone()
        .at(100, 200, refresh(0, Reply::Done(Tag(7))))
        .violates("I5");
    at_once.at(100, 200, next(0)).holds();
    // Two leaves: both are taken after they were replaced.
    signed_in()
        .then(next(0))
        .then(next(1))
        .then(next(0))
        .violates("order");
}

#[test]
fn i5_what_is_over_stays_over() {
    signed_in().then(log_out()).then(next(0)).violates("I5");
    signed_in().then(log_out()).then(look(true)).violates("I5");
    let reused = refresh(0, Reply::Refused(Refusal::Reused));
    let reused = signed_in().then(next(0)).then(next(1)).then(reused);
    reused
        .clone()
        .then(refresh(2, Reply::Refused(Refusal::Dead)))
        .holds();
    reused.then(next(2)).violates("I5");
    let lost = |sessions| {
        signed_in()
            .then(log_out())
            .loses(40, 50, ChallengeLoss::Dead, sessions)
    };
    lost(SessionLoss::Back).at(60, 70, look(true)).holds();
    lost(SessionLoss::Kept)
        .at(60, 70, look(true))
        .violates("I5");
    lost(SessionLoss::Unanswered)
        .at(60, 70, look(true))
        .violates("I5");
}

#[test]
fn i5_only_what_failed_is_undone() {
    let failed = Call::Logout {
        session: S,
        reply: Reply::Failed,
    };
    let seen = signed_in().then(failed).then(look(false));
    let lost = |sessions| {
        seen.clone()
            .loses(60, 70, ChallengeLoss::Dead, sessions)
            .at(80, 90, look(true))
    };
    lost(SessionLoss::Unanswered).holds();
    lost(SessionLoss::Kept).violates("order");
}

#[test]
fn i6_what_was_answered_is_there() {
    signed_in().then(look(false)).violates("I6");
    signed_in()
        .then(refresh(0, Reply::Refused(Refusal::Dead)))
        .violates("I6");
    let lost = |sessions| signed_in().loses(30, 40, ChallengeLoss::Dead, sessions);
    lost(SessionLoss::Back).at(50, 60, look(false)).holds();
    lost(SessionLoss::Unanswered)
        .at(50, 60, look(false))
        .violates("I6");
    // Before the loss it must have been there.
    lost(SessionLoss::Back)
        .at(25, 28, look(false))
        .violates("I6");
}
