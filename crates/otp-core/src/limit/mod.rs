//! Limits: quotas over exact sliding windows, as data.
//!
//! A [`Limit`] is what a policy says; a [`Cell`] is what a store is asked to charge for one request; a [`Tally`] is
//! what it remembers. The arithmetic is in pure functions here, and every store does what they do.

mod cell;
mod compiled;
mod data;
mod group;
mod rate;
mod tally;

pub use cell::{
    Cell, CellKey, Charged, Count, Decision, Refusal, charge, next_admission, refund, refusals,
    refusals_of_guess,
};
pub(crate) use compiled::{Asked, LimitSet, RequestCells};
pub use data::{Act, Counts, Dimension, Limit, OnExceed};
pub(crate) use group::Subject;
pub use rate::Rate;
pub(crate) use rate::strictest;
pub use tally::{EXACT_QUOTA, Tally};
