//! The sender suite turns red on senders that are wrong, each in one way, and stays green on the same one without.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod naive_sender;

use naive_sender::{Flaw, KEY, Naive};
use otp_core::SendErrorKind as Kind;
use otp_core::conformance::senders::{self, Answer, SenderScene, run};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn scene(flaw: Flaw) -> SenderScene {
    let naive = move |base: &str| Naive {
        base: base.to_owned(),
        flaw,
    };
    SenderScene::new(naive, Answer::new(202, r#"{"id":"m-17"}"#))
        .with_reference("m-17")
        .with_secret(KEY)
        .with_refusal(Answer::new(200, r#"{"error":7}"#), Kind::Unreachable)
}

mod without_a_flaw {
    otp_core::sender_suite!(|| super::scene(super::Flaw::None));
}

macro_rules! catches {
    ($($name:ident: $flaw:ident by $case:ident;)*) => {$(
        #[test]
        fn $name() {
            let case = || run(|| async { senders::$case(&scene(Flaw::$flaw)).await });
            let outcome = catch_unwind(AssertUnwindSafe(case));
            assert!(outcome.is_err(), "the case did not notice: {:?}", Flaw::$flaw);
        }
    )*};
}

// What a provider says.
catches! {
    forgetting_the_reference: ForgetsTheReference by a_taken_message_has_a_receipt;
    forgetting_the_code: ForgetsTheCode by a_message_is_one_post;
    getting: Gets by a_message_is_one_post;
    trusting_the_status: TrustsTheStatus by a_refusal_has_its_class;
    confusing_statuses: ConfusesStatuses by every_status_has_its_class;
    forgetting_the_wait: ForgetsTheWait by the_wait_it_names_is_kept;
}

// WHK-5: what a provider does.
catches! {
    trying_again: TriesAgain by every_status_has_its_class;
    trying_silence_again: TriesSilenceAgain by a_provider_that_hangs_up_counts_as_sent;
    refunding_silence: RefundsSilence by a_silent_provider_counts_as_sent;
    refunding_a_hang_up: RefundsSilence by a_provider_that_hangs_up_counts_as_sent;
    refunding_a_reset: RefundsSilence by a_provider_that_resets_counts_as_sent;
    refunding_what_breaks_off: RefundsWhatBreaksOff by a_success_that_breaks_off_is_taken;
    taking_what_breaks_off: TakesWhatBreaksOff by a_failure_that_breaks_off_is_one;
    taking_without_a_connection: TakesWithoutConnection by nobody_listening_is_transient;
    following_redirects: FollowsRedirects by a_redirect_is_not_followed;
    reading_on: ReadsOn by a_huge_answer_is_not_read_to_its_end;
}

// LOG-1: what the world is told.
catches! {
    an_address_with_the_code: TellsTheCodeInTheAddress by the_address_tells_nothing;
    a_debug_with_the_key: ShowsItsKey by nothing_tells_a_secret;
    an_error_with_the_answer: RepeatsTheAnswer by nothing_tells_a_secret;
    a_trace_of_the_body: TracesTheBody by nothing_tells_a_secret;
    a_log_of_the_body: LogsTheBody by nothing_tells_a_secret;
}
