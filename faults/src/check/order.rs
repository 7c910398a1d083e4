//! Whether some legal order of overlapping calls explains their answers (Wing and Gong's search, with Lowe's memory
//! of where it has been).

use otp_core::Timestamp;
use std::collections::HashSet;
use std::hash::Hash;

/// A call as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<C> {
    pub(crate) start: Timestamp,
    /// None where it may take effect at any time after its start.
    pub(crate) end: Option<Timestamp>,
    /// Whether it may as well not have happened.
    pub(crate) optional: bool,
    pub(crate) call: C,
}

/// More calls on one key than the search can mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Whether the calls have a legal order, where `next` gives the states that a call may lead to: none if it cannot be
/// answered so in this state.
pub(crate) fn has_order<C, S: Clone + Eq + Hash>(
    steps: &[Step<C>],
    initial: S,
    next: impl Fn(&S, &C) -> Vec<S>,
) -> Result<bool, TooMany> {
    if steps.len() > 128 {
        return Err(TooMany);
    }
    let mut seen = HashSet::new();
    let mut open = vec![(0_u128, initial)];
    while let Some((done, state)) = open.pop() {
        if steps
            .iter()
            .enumerate()
            .all(|(at, step)| step.optional || is_done(done, at))
        {
            return Ok(true);
        }
        if !seen.insert((done, state.clone())) {
            continue;
        }
        // None may go before a call that was answered before it was made.
        let waits_for = steps
            .iter()
            .enumerate()
            .filter(|(at, step)| !step.optional && !is_done(done, *at));
        let horizon = waits_for.filter_map(|(_, step)| step.end).min();
        for (at, step) in steps.iter().enumerate().rev() {
            if is_done(done, at) || horizon.is_some_and(|horizon| horizon < step.start) {
                continue;
            }
            let after = done | 1 << at;
            open.extend(
                next(&state, &step.call)
                    .into_iter()
                    .map(|state| (after, state)),
            );
        }
    }
    Ok(false)
}

const fn is_done(done: u128, at: usize) -> bool {
    done >> at & 1 == 1
}
