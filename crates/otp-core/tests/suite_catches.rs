//! The suite turns red on stores that are wrong, each in one way, and stays green on the same store without its fault.
#![cfg(feature = "conformance")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod broken;

use broken::{Broken, Fault};
use otp_core::MemoryStore;
use otp_core::conformance::differential::{differential, words};
use otp_core::conformance::run;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

mod without_a_fault {
    use super::{Broken, Fault};

    async fn sound() -> Broken {
        Broken::new(Fault::None)
    }

    otp_core::store_suite!(sound, rounds = 20);
}

/// Fails if the case does not.
fn turns_red(fault: Fault, case: impl FnOnce()) {
    let outcome = catch_unwind(AssertUnwindSafe(case));
    assert!(outcome.is_err(), "the case did not notice: {fault:?}");
}

macro_rules! catches {
    ($($name:ident: $fault:ident by $module:ident::$case:ident $(in $rounds:literal)?;)*) => {$(
        #[test]
        fn $name() {
            turns_red(Fault::$fault, || run(|| {
                let store = Arc::new(Broken::new(Fault::$fault));
                otp_core::conformance::$module::$case(store $(, $rounds)?)
            }));
        }
    )*};
}

// VER-1..4, VER-8, STO-4, STO-7: challenges.
catches! {
    comparing_before_counting: ComparesBeforeCounting by races::parallel_wrong_guesses_count in 100;
    comparing_before_consuming: ComparesBeforeCounting by races::parallel_right_guesses_win_once in 100;
    both_at_once: ComparesBeforeCounting by races::parallel_mixed_guesses_hold in 100;
    consuming_twice: ConsumesTwice by challenges::a_right_code_is_accepted_once;
    consuming_twice_in_parallel: ConsumesTwice by races::parallel_right_guesses_win_once in 1;
    forgetting_the_expiry: ForgetsTheExpiry by challenges::a_code_expires_at_its_instant;
    expiring_late: ExpiresOneMillisecondLate by challenges::a_code_expires_at_its_instant;
    reviving: RevivesWhatAClockLeftBehind by challenges::a_clock_set_back_revives_no_code;
    lengthening_a_life: WrongGuessesLengthenLife by challenges::a_wrong_guess_does_not_move_the_expiry;
    refilling_tries: RefillsTriesOnResend by resends::a_resend_keeps_the_tries;
    refilling_tries_in_parallel: RefillsTriesOnResend by races::parallel_resends_refill_nothing in 50;
    resending_the_dead: ResendsTheDead by resends::a_resend_needs_a_live_challenge;
    forgetting_requests: ForgetsRequests by challenges::a_repeated_request_replays;
    forgetting_requests_in_parallel: ForgetsRequests by races::parallel_retries_open_once in 1;
    another_purpose: IgnoresThePurpose by kinds::a_handle_fits_one_challenge_only;
    another_phone: IgnoresThePhone by kinds::a_handle_fits_one_challenge_only;
    one_namespace: IgnoresThePurpose by kinds::challenges_live_beside_each_other;
    charging_then_storing: ChargesThenStores by cancellation::an_abandoned_start_is_whole;
    storing_after_a_resend: ChargesThenStores by races::parallel_resends_refill_nothing in 100;
    purging_what_counts: PurgesWhatCounts by purge::a_purge_takes_nothing_that_counts;
    purging_without_bound: PurgesWithoutBound by purge::a_purge_of_challenges_is_bounded;
}

// VER-2, VER-4, VER-11, THR-5: what a provider found right.
catches! {
    approving_twice: ApprovesTwice by approvals::parallel_approvals_accept_once in 100;
    approving_any_code: ApprovesAnyCode by approvals::an_approval_needs_its_mark;
    approving_the_expired: ApprovesTheExpired by approvals::an_approval_expires_at_its_instant;
    approving_but_for_the_last_try: ApprovesWhileTriesAreLeft by approvals::an_approval_asks_no_tries;
    approving_at_a_cost: ApprovesAndKeepsTheCost by approvals::an_approval_gives_back_what_the_guess_cost;
    approving_and_keeping_the_member: ApprovesAndKeepsTheCost by approvals::an_approval_takes_its_member_out;
    approving_and_giving_back_all: ApprovesAndGivesBackAll by approvals::an_approval_gives_back_its_own_instant;
    rejecting_and_giving_back: RejectsAndGivesBack by approvals::a_rejected_approval_gives_nothing_back;
    giving_back_in_parallel: RejectsAndGivesBack by approvals::parallel_approvals_accept_once in 1;
    approving_for_another_purpose: IgnoresThePurpose by kinds::a_handle_fits_one_challenge_only;
}

// WHK-2, WHK-3, STO-4, STO-7, STO-8: messages.
catches! {
    believing_the_last: LastReportIsBelieved by deliveries::reports_in_any_order_give_the_highest;
    believing_the_last_in_parallel: LastReportIsBelieved by deliveries::parallel_reports_keep_the_highest in 50;
    dropping_early_reports: DropsEarlyReports by deliveries::a_report_may_come_first;
    keeping_the_first_note: ForgetsToReplaceANote by deliveries::a_note_replaces_the_one_before;
    never_over: NeverOver by deliveries::a_record_is_over_at_its_instant;
    never_over_by_the_newest: NeverOver by deliveries::the_newest_says_how_long;
    one_message_for_all_purposes: IgnoresThePurpose by deliveries::challenges_have_messages_of_their_own;
    one_message_for_all_phones: IgnoresThePhone by deliveries::challenges_have_messages_of_their_own;
    reports_that_end_challenges: ReportsEndChallenges by deliveries::reports_touch_no_challenge;
    mixing_reports_up: MixesReportsUp by deliveries::a_note_replaces_the_one_before;
    purging_messages_that_count: PurgesWhatCounts by purge::a_purge_of_deliveries_is_bounded;
    purging_messages_without_bound: PurgesWithoutBound by purge::a_purge_of_deliveries_is_bounded;
}

// THR-2, THR-3, THR-5, THR-12, THR-13: limits.
catches! {
    one_too_many: AdmitsOneTooMany by windows::a_window_slides_exactly;
    one_too_many_in_parallel: AdmitsOneTooMany by races::parallel_charges_admit_the_quota in 1;
    a_fixed_window: FixedWindow by windows::no_burst_across_an_edge;
    a_rounded_wait: TellsWaitsInSeconds by windows::a_window_slides_exactly;
    charging_on_refusal: ChargesOneByOne by limits::a_refused_charge_charges_nothing;
    counting_what_was_refused: RefusedGuessesCount by limits::a_refused_guess_is_not_counted;
    keeping_the_streak: KeepsTheStreak by counting::a_success_resets_the_streak_alone;
    refilling_the_day: SuccessRefillsTheDay by counting::a_success_resets_the_streak_alone;
    strangers_spending: StrangersSpendTheBudget by counting::a_guess_at_nothing_live_spends_no_budget;
    refunding_twice: RefundsTwice by refunds::a_refund_gives_back_once;
    refunding_the_used: RefundsTheUsed by refunds::a_used_code_is_not_refunded;
    losing_the_code_before: LosesTheCodeBefore by refunds::a_failed_resend_leaves_the_code_before;
}

// THR-11: prices, and what a right code gives back.
catches! {
    ignoring_prices: IgnoresPrices by spending::a_price_is_charged_whole;
    refunding_a_part: RefundsOneOfThePrice by spending::a_refund_gives_back_the_price;
    giving_nothing_back: GivesNothingBack by spending::a_right_code_gives_back_the_oldest;
    giving_nothing_back_of_many: GivesNothingBack by spending::a_right_code_gives_back_of_a_large_quota;
    giving_back_for_nothing: FailuresGiveBack by spending::unverified_messages_stop_no_guess;
}

// TOK-6..9: sessions.
catches! {
    rotating_twice: RotatesTwice by races::parallel_rotations_have_one_leaf in 100;
    never_revoking: NeverRevokesOnReuse by rotation::grace_ends_at_its_instant;
    grace_for_grandparents: GrandparentsHaveGrace by rotation::a_grandparent_is_theft;
    a_moving_end: MovesTheAbsoluteEnd by sessions::a_session_dies_at_its_absolute_end;
    rotating_the_dead: RotatesTheDead by sessions::an_idle_session_dies_at_its_instant;
    strangers_ending: StrangersEndSessions by sessions::a_stranger_ends_nothing;
    ending_one_of_many: EndsOneOfMany by sessions::all_sessions_of_a_user_end_together;
    overwriting: OverwritesSessions by sessions::an_id_is_made_once;
    overwriting_in_parallel: OverwritesSessions by races::parallel_creates_make_one in 1;
    listing_the_dead: ListsTheDead by sessions::an_ended_session_is_dead_at_once;
    purging_live_sessions: PurgesWhatCounts by purge::a_purge_of_sessions_is_bounded;
}

/// FLT-1: random histories notice as well, without a case that was written for the fault.
#[test]
fn histories_notice() {
    for fault in [
        Fault::ConsumesTwice,
        Fault::ForgetsTheExpiry,
        Fault::ExpiresOneMillisecondLate,
        Fault::AdmitsOneTooMany,
        Fault::RefusedGuessesCount,
        Fault::RefillsTriesOnResend,
        Fault::KeepsTheStreak,
        Fault::IgnoresPrices,
        Fault::RefundsOneOfThePrice,
        Fault::GivesNothingBack,
        Fault::FailuresGiveBack,
        Fault::RefundsTwice,
        Fault::IgnoresThePurpose,
        Fault::NeverRevokesOnReuse,
        Fault::GrandparentsHaveGrace,
        Fault::StrangersEndSessions,
        Fault::ApprovesAnyCode,
        Fault::ApprovesTheExpired,
        Fault::ApprovesWhileTriesAreLeft,
        Fault::ApprovesAndKeepsTheCost,
        Fault::RejectsAndGivesBack,
        Fault::LastReportIsBelieved,
        Fault::DropsEarlyReports,
        Fault::ForgetsToReplaceANote,
        Fault::NeverOver,
    ] {
        turns_red(fault, || {
            run(move || async move {
                for seed in 0..200 {
                    let (store, model) = (Broken::new(fault), MemoryStore::new());
                    differential(&store, &model, &words(seed, 150), true).await;
                }
            });
        });
    }
}
