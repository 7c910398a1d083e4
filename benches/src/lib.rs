//! What the benches share: two things measured in turns, and the table of their ratios.
//!
//! A machine is never idle: its clock changes, other programs run. A figure of now divided by one of ten seconds ago
//! says little, so [`Bench::pair`] runs ours and the raw thing alternately in rounds of a fraction of a millisecond
//! and takes the median of the rounds' ratios. criterion's figures and the table come from the same rounds.

mod bench;
mod crowd;
mod operation;
mod side;
mod table;

pub use bench::{Bench, Figure};
pub use crowd::{Crowd, Mailbox};
pub use operation::Operation;
pub use side::{Side, callers, measured, prepared, side, timed};
pub use table::{Row, Spread, Table, duration};

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The output of a future that never waits, without the cost of a runtime; `None` if it does wait.
pub fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
