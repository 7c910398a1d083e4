//! The memory store against a model that keeps everything and works each answer out anew.
#![cfg(feature = "conformance")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod naive;

use naive::Naive;
use otp_core::MemoryStore;
use otp_core::conformance::differential::differential;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// FLT-1: whatever happens in whatever order, the memory store answers as the model does.
    #[test]
    fn memory_answers_as_the_model(words in prop::collection::vec(any::<u64>(), 0..250)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(differential(&MemoryStore::new(), &Naive::default(), &words, true));
    }
}
