//! One of the two things that are compared.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Runs one thing some number of times and says how long that took.
pub struct Side<'a>(Box<dyn FnMut(u64) -> Duration + 'a>);

/// A thing that takes its time itself, given how often it is to run.
pub fn measured<'a>(run: impl FnMut(u64) -> Duration + 'a) -> Side<'a> {
    Side(Box::new(run))
}

/// A thing that needs nothing prepared.
pub fn side<'a, O>(mut routine: impl FnMut() -> O + 'a) -> Side<'a> {
    Side(Box::new(move |times| {
        timed(|| {
            for _ in 0..times {
                black_box(routine());
            }
        })
    }))
}

/// A thing whose input is made beforehand, outside of the time that is measured. Dropping what it returns counts.
pub fn prepared<'a, I, O>(
    mut prepare: impl FnMut() -> I + 'a,
    mut routine: impl FnMut(I) -> O + 'a,
) -> Side<'a> {
    Side(Box::new(move |times| {
        let inputs: Vec<I> = (0..times).map(|_| prepare()).collect();
        timed(|| {
            for input in inputs {
                black_box(routine(input));
            }
        })
    }))
}

impl Side<'_> {
    pub(crate) fn run(&mut self, times: u64) -> Duration {
        (self.0)(times)
    }

    /// How many times make a round of about `length`.
    pub(crate) fn times_within(&mut self, length: Duration) -> u64 {
        let mut times = 1;
        loop {
            let took = self.run(times);
            if took >= length || times >= 1 << 20 {
                let per_run = took.as_secs_f64() / times as f64;
                return ((length.as_secs_f64() / per_run) as u64).clamp(1, 1 << 20);
            }
            times *= 2;
        }
    }
}

/// How long `work` takes.
#[expect(
    clippy::disallowed_methods,
    reason = "elapsed time is what a bench is about"
)]
pub fn timed<O>(work: impl FnOnce() -> O) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

impl fmt::Debug for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Side(..)")
    }
}
