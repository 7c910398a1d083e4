//! The store suite: what every store must do, as one named test per case. Not covered by semantic versioning. The one
//! for senders is [`senders`].
//!
//! ```
//! use otp_core::MemoryStore;
//!
//! /// Yours connects to a server of the test's own.
//! async fn store() -> MemoryStore {
//!     MemoryStore::new()
//! }
//!
//! // 100 rounds of each race; `store_suite!(store, rounds = 10)` for a store across a network.
//! otp_core::store_suite!(store);
//! ```
//!
//! The factory is called once for each test. It may hand out new databases or handles on a shared one: every case
//! draws its own random keys, and none touches another's records. Cases run on a clock of their own, somewhere in
//! 2026, and purge in 2001. So a store whose server expires records must count from the `now` it is given, not from
//! the server's clock, and no verb but the purges may remove records of other keys by a `now` of its own on a
//! database that is shared.
//!
//! A case fails by panicking. One that does not come to an end fails after [`DEADLINE`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a case fails by panicking"
)]

pub mod approvals;
pub mod cancellation;
pub mod challenges;
pub mod counting;
pub mod deliveries;
pub mod differential;
pub mod kinds;
pub mod limits;
pub mod purge;
pub mod races;
pub mod refunds;
pub mod resends;
pub mod rotation;
pub mod scene;
pub mod senders;
pub mod sessions;
pub mod spending;
pub mod windows;

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a case may take: what is not done by then waits for a lock that nobody gives back.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// Runs one case to its end on a multi-threaded runtime of its own, with every driver that tokio was built with.
///
/// # Panics
/// When the case does, or takes longer than [`DEADLINE`].
pub fn run<F: Future<Output = ()>>(case: impl FnOnce() -> F + Send + 'static) {
    on_a_thread(move || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(4).enable_all().build();
        runtime.expect("a runtime").block_on(case());
    });
}

fn on_a_thread(case: impl FnOnce() + Send + 'static) {
    let (done, ended) = channel();
    // A thread of its own: a deadlocked one cannot be told to stop, but it can be left behind.
    let worker = thread::spawn(move || {
        case();
        let _ = done.send(());
    });
    match ended.recv_timeout(DEADLINE) {
        Err(RecvTimeoutError::Timeout) => panic!("not done after {DEADLINE:?}: a deadlock?"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = worker.join() {
                resume_unwind(panic);
            }
        }
    }
}

/// Expands to one `#[test]` for each case of the store suite; see [`conformance`](crate::conformance).
///
/// The argument is an `async fn() -> impl Store`. `rounds` says how often each race is run. `several_steps` is for a
/// store that is spread over servers and charges limits of other keys than the challenge's phone in steps of their own:
/// it leaves out the two cases in which such a store may refuse, for a moment, more than it must.
#[macro_export]
macro_rules! store_suite {
    ($factory:expr) => {
        $crate::store_suite!($factory, rounds = 100);
    };
    ($factory:expr, rounds = $rounds:expr) => {
        $crate::store_suite!($factory, rounds = $rounds, several_steps);
        $crate::store_cases! { $factory;
            cancellation::an_abandoned_charge_is_whole,
        }
        $crate::store_races! { $factory, $rounds;
            races::parallel_wrong_guesses_count,
        }
    };
    ($factory:expr, rounds = $rounds:expr, several_steps) => {
        $crate::store_cases! { $factory;
            challenges::a_right_code_is_accepted_once,
            challenges::a_wrong_code_after_the_right_one_proves_nothing,
            challenges::three_wrong_guesses_lock,
            challenges::the_last_try_may_be_right,
            challenges::a_code_expires_at_its_instant,
            challenges::a_clock_set_back_revives_no_code,
            challenges::a_wrong_guess_does_not_move_the_expiry,
            challenges::a_guess_at_nothing_is_unknown,
            challenges::a_pepper_is_part_of_the_code,
            challenges::candidates_count_once,
            challenges::a_start_takes_the_place_of_the_one_before,
            challenges::a_start_keeps_nothing_of_the_one_before,
            challenges::a_start_replaces_the_dead,
            challenges::a_repeated_request_replays,
            challenges::only_the_same_request_replays,
            resends::a_resend_keeps_the_tries,
            resends::a_resend_refills_no_budget,
            resends::a_resend_replaces_the_code,
            resends::the_code_before_is_good_until_its_instant,
            resends::a_resend_does_not_lengthen_the_code_before,
            resends::a_guess_counts_on_both_codes,
            resends::a_resend_keeps_what_was_chosen,
            resends::the_code_before_is_accepted_as_it_was,
            resends::a_resend_needs_a_live_challenge,
            kinds::a_handle_fits_one_challenge_only,
            kinds::challenges_live_beside_each_other,
            kinds::challenges_and_sessions_share_no_handle,
            limits::a_refused_charge_charges_nothing,
            limits::an_admitted_charge_charges_each_once,
            limits::no_cells_admit,
            limits::a_refused_start_stores_nothing,
            limits::a_start_charges_every_cell,
            limits::a_refused_guess_is_not_counted,
            limits::verbs_share_a_cell,
            limits::a_home_changes_no_answer,
            windows::a_window_slides_exactly,
            windows::no_burst_across_an_edge,
            windows::one_instant_may_hold_several,
            windows::the_strictest_rate_decides,
            windows::a_large_quota_is_late_at_most,
            windows::a_clock_set_back_admits_no_more,
            windows::the_largest_quota_is_a_quota,
            windows::members_count_once,
            windows::members_are_new_to_a_shorter_window,
            windows::a_member_is_not_forgotten_sooner,
            spending::a_price_is_charged_whole,
            spending::what_is_too_dear_never_passes,
            spending::a_refund_gives_back_the_price,
            spending::a_right_code_gives_back_the_oldest,
            spending::a_right_code_gives_back_of_a_large_quota,
            spending::what_has_left_is_not_given_back,
            spending::unverified_messages_stop_no_guess,
            counting::a_wrong_guess_costs_everywhere,
            counting::a_guess_at_nothing_live_spends_no_budget,
            counting::a_success_is_no_failure,
            counting::a_success_resets_the_streak_alone,
            counting::a_streak_lasts_until_a_success,
            counting::a_day_budget_holds_over_challenges,
            counting::members_count_when_rejected,
            approvals::an_approval_accepts_once,
            approvals::an_approval_needs_its_mark,
            approvals::an_approval_of_nothing_is_unknown,
            approvals::an_approval_expires_at_its_instant,
            approvals::an_approval_asks_no_tries,
            approvals::an_approval_gives_back_what_the_guess_cost,
            approvals::an_approval_gives_back_its_own_instant,
            approvals::an_approval_takes_its_member_out,
            approvals::a_rejected_approval_gives_nothing_back,
            approvals::a_full_limit_refuses_no_approval,
            refunds::a_refund_gives_back_once,
            refunds::a_refund_takes_back_its_own_instant,
            refunds::a_used_code_is_not_refunded,
            refunds::another_code_is_not_refunded,
            refunds::a_failed_resend_leaves_the_code_before,
            refunds::a_code_that_comes_back_expires,
            refunds::a_failed_resend_refills_no_tries,
            refunds::a_refunded_request_is_not_replayed,
            refunds::a_code_that_comes_back_is_as_it_was,
            deliveries::a_message_is_found_as_it_was_noted,
            deliveries::a_note_replaces_the_one_before,
            deliveries::reports_in_any_order_give_the_highest,
            deliveries::a_report_may_come_first,
            deliveries::a_record_is_over_at_its_instant,
            deliveries::the_newest_says_how_long,
            deliveries::challenges_have_messages_of_their_own,
            deliveries::reports_touch_no_challenge,
            sessions::a_session_is_found_as_it_was_made,
            sessions::an_id_is_made_once,
            sessions::an_idle_session_dies_at_its_instant,
            sessions::a_session_dies_at_its_absolute_end,
            sessions::sessions_are_listed_newest_first,
            sessions::an_ended_session_is_dead_at_once,
            sessions::a_stranger_ends_nothing,
            sessions::all_sessions_of_a_user_end_together,
            sessions::a_store_tells_its_time,
            rotation::a_token_is_exchanged_once,
            rotation::the_parent_gets_the_same_successor,
            rotation::grace_ends_at_its_instant,
            rotation::no_grace_is_none,
            rotation::a_grandparent_is_theft,
            rotation::theft_ends_one_family,
            rotation::a_counter_from_the_future_is_nothing,
            rotation::a_refresh_keeps_a_session_alive,
            purge::a_purge_of_challenges_is_bounded,
            purge::a_purge_takes_nothing_that_counts,
            purge::a_purge_of_deliveries_is_bounded,
            purge::a_purge_of_sessions_is_bounded,
            purge::a_purged_session_does_not_come_back,
            cancellation::an_abandoned_guess_is_no_free_guess,
            cancellation::an_abandoned_right_guess_is_used_or_not,
            cancellation::an_abandoned_approval_is_used_or_not,
            cancellation::an_abandoned_start_is_whole,
            cancellation::an_abandoned_rotation_can_be_repeated,
        }
        $crate::store_races! { $factory, $rounds;
            races::parallel_right_guesses_win_once,
            races::parallel_mixed_guesses_hold,
            approvals::parallel_approvals_accept_once,
            deliveries::parallel_reports_keep_the_highest,
            races::parallel_resends_refill_nothing,
            races::parallel_retries_open_once,
            races::parallel_charges_admit_the_quota,
            races::overlapping_cells_do_not_deadlock,
            races::parallel_refunds_give_back_once,
            races::parallel_creates_make_one,
            races::parallel_rotations_have_one_leaf,
            races::a_rotation_brings_no_session_back,
            differential::random_histories_agree_with_memory,
        }
    };
}

/// The cases that are run once; part of [`store_suite`](crate::store_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! store_cases {
    ($factory:expr; $($module:ident::$case:ident,)*) => {$(
        #[test]
        fn $case() {
            $crate::conformance::run(|| async {
                let store = ::std::sync::Arc::new(($factory)().await);
                $crate::conformance::$module::$case(store).await;
            });
        }
    )*};
}

/// The cases that are run in rounds; part of [`store_suite`](crate::store_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! store_races {
    ($factory:expr, $rounds:expr; $($module:ident::$case:ident,)*) => {$(
        #[test]
        fn $case() {
            $crate::conformance::run(|| async {
                let store = ::std::sync::Arc::new(($factory)().await);
                $crate::conformance::$module::$case(store, $rounds).await;
            });
        }
    )*};
}
