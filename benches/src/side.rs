//! One of the two things that are compared.

use std::fmt;
use std::hint::black_box;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Runs one thing some number of times and says how long that took.
pub struct Side<'a> {
    run: Box<dyn FnMut(u64) -> Duration + 'a>,
    account: Arc<Mutex<Account>>,
}

/// What callers took since they were asked for it last.
#[derive(Default)]
pub(crate) struct Account {
    /// Each run alone.
    pub(crate) latencies: Vec<Duration>,
    /// Time of the processors in this process; the servers' is not in it.
    pub(crate) processors: Duration,
}

/// A thing that takes its time itself, given how often it is to run.
pub fn measured<'a>(run: impl FnMut(u64) -> Duration + 'a) -> Side<'a> {
    Side {
        run: Box::new(run),
        account: Arc::default(),
    }
}

/// A thing that needs nothing prepared.
pub fn side<'a, O>(mut routine: impl FnMut() -> O + 'a) -> Side<'a> {
    measured(move |times| {
        timed(|| {
            for _ in 0..times {
                black_box(routine());
            }
        })
    })
}

/// A thing whose input is made beforehand, outside of the time that is measured. Dropping what it returns counts.
pub fn prepared<'a, I, O>(
    mut prepare: impl FnMut() -> I + 'a,
    mut routine: impl FnMut(I) -> O + 'a,
) -> Side<'a> {
    measured(move |times| {
        let inputs: Vec<I> = (0..times).map(|_| prepare()).collect();
        timed(|| {
            for input in inputs {
                black_box(routine(input));
            }
        })
    })
}

/// A thing that many callers do at once, each the next as soon as its last is done; the inputs are made beforehand. A
/// caller is told its number, so that it can have a connection of its own.
pub fn callers<'a, I, F>(
    runtime: &'a Runtime,
    count: usize,
    mut prepare: impl FnMut(u64) -> Vec<I> + 'a,
    act: impl Fn(usize, I) -> F + Clone + Send + Sync + 'static,
) -> Side<'a>
where
    I: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let account: Arc<Mutex<Account>> = Arc::default();
    let all = Arc::clone(&account);
    let run = move |times| {
        let inputs = Arc::new(Mutex::new(prepare(times).into_iter()));
        let before = processors();
        timed(|| {
            let mut under_way = JoinSet::new();
            for caller in 0..count {
                let (inputs, act) = (Arc::clone(&inputs), act.clone());
                let each = async move {
                    let mut own = Vec::new();
                    loop {
                        let input = lock(&inputs).next();
                        let Some(input) = input else { return own };
                        own.push(awaited(act(caller, input)).await);
                    }
                };
                under_way.spawn_on(each, runtime.handle());
            }
            let own = runtime.block_on(under_way.join_all());
            let mut account = lock(&all);
            account.latencies.extend(own.into_iter().flatten());
            account.processors += processors().saturating_sub(before);
        })
    };
    let run = Box::new(run);
    Side { run, account }
}

/// What all threads of this process have taken of the processors.
fn processors() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Side<'_> {
    pub(crate) fn run(&mut self, times: u64) -> Duration {
        (self.run)(times)
    }

    pub(crate) fn settle(&mut self) -> Account {
        std::mem::take(&mut *lock(&self.account))
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

#[expect(
    clippy::disallowed_methods,
    reason = "elapsed time is what a bench is about"
)]
async fn awaited(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

impl fmt::Debug for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Side(..)")
    }
}
