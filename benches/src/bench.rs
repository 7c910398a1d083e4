//! Pairs under criterion.

use crate::Side;
use crate::side::Account;
use crate::table::{Row, Spread, Table, duration};
use criterion::Criterion;
use std::time::Duration;

/// What is compared with what.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Ours.
    pub name: String,
    /// The least that would do the same.
    pub raw: &'static str,
    /// The most that the ratio should be; of rates the least.
    pub target: Option<f64>,
    /// How many operations one run of either side is.
    pub operations: u32,
    /// How long a round is: long against the clock's own cost, short against what disturbs a machine.
    pub round: Duration,
    /// Whether operations per second are told instead of the time of one, and their ratio.
    pub is_rate: bool,
}

impl Figure {
    /// A figure without a target.
    #[must_use]
    pub fn new(name: impl Into<String>, raw: &'static str) -> Self {
        Self {
            name: name.into(),
            raw,
            target: None,
            operations: 1,
            round: Duration::from_micros(200),
            is_rate: false,
        }
    }

    /// Tells operations per second; their ratio should be this at least.
    #[must_use]
    pub const fn rate_at_least(mut self, ratio: f64) -> Self {
        self.target = Some(ratio);
        self.rate()
    }

    /// Tells operations per second.
    #[must_use]
    pub const fn rate(mut self) -> Self {
        self.is_rate = true;
        self
    }

    /// Sets how long a round is.
    #[must_use]
    pub const fn in_rounds_of(mut self, length: Duration) -> Self {
        self.round = length;
        self
    }

    /// Sets the most that the ratio should be.
    #[must_use]
    pub const fn at_most(mut self, ratio: f64) -> Self {
        self.target = Some(ratio);
        self
    }

    /// Sets how many operations one run of either side is.
    #[must_use]
    pub const fn of(mut self, operations: u32) -> Self {
        self.operations = operations;
        self
    }
}

/// criterion, and the table that is printed after it.
#[expect(missing_debug_implementations, reason = "criterion's has none")]
pub struct Bench {
    criterion: Criterion,
    table: Table,
    arguments: Vec<String>,
}

/// Seconds per operation of both sides in one round.
struct Round {
    ours: f64,
    raw: f64,
}

impl Bench {
    /// Reads criterion's arguments.
    #[must_use]
    pub fn from_args() -> Self {
        let criterion = Criterion::default()
            .sample_size(30)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .configure_from_args();
        Self {
            criterion,
            table: Table::default(),
            arguments: std::env::args().skip(1).collect(),
        }
    }

    /// Whether anything is measured; without `cargo bench` all that is asked is whether it runs.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.arguments.iter().any(|argument| argument == "--bench")
    }

    /// Whether the command line chose this figure: what is costly to set up need not be for others.
    #[must_use]
    pub fn chooses(&self, name: &str) -> bool {
        let words = self.arguments.iter().filter(|word| !word.starts_with('-'));
        let mut filters = words.peekable();
        filters.peek().is_none() || filters.any(|filter| name.contains(filter.as_str()))
    }

    /// Adds what was not measured by time.
    pub fn tell(&mut self, row: Row) {
        self.table.push(row);
    }

    /// Measures both sides in turns.
    pub fn pair(&mut self, figure: Figure, mut ours: Side<'_>, mut raw: Side<'_>) {
        let mut rounds = Vec::new();
        let mut times = None;
        // Where it is only asked whether it runs, a glance is enough.
        let length = match self.is_measured() {
            true => figure.round,
            false => figure.round.min(Duration::from_millis(1)),
        };
        let mut group = self.criterion.benchmark_group(&figure.name);
        for (name, is_ours) in [("ours", true), (figure.raw, false)] {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|wanted| {
                    let mut calibrated = || {
                        let times = (ours.times_within(length), raw.times_within(length));
                        drop((ours.settle(), raw.settle()));
                        times
                    };
                    let times = *times.get_or_insert_with(&mut calibrated);
                    let own = if is_ours { times.0 } else { times.1 };
                    let first = rounds.len();
                    for _ in 0..wanted.div_ceil(own) {
                        let even = rounds.len() % 2 == 0;
                        rounds.push(round(&mut ours, &mut raw, times, even));
                    }
                    let new = rounds.get(first..).unwrap_or_default();
                    let seconds = |round: &Round| if is_ours { round.ours } else { round.raw };
                    let mean = new.iter().map(seconds).sum::<f64>() / new.len() as f64;
                    Duration::from_secs_f64(mean * wanted as f64)
                });
            });
        }
        group.finish();
        // Nothing was measured where the command line chose other figures.
        if !rounds.is_empty() {
            let accounts = [ours.settle(), raw.settle()];
            self.table.push(row(&figure, &rounds, accounts));
        }
    }

    /// criterion's last word, then the table.
    pub fn finish(self) {
        self.criterion.final_summary();
        self.table.print();
    }
}

/// Which one goes first alternates, so that neither has the warmer caches.
fn round(ours: &mut Side<'_>, raw: &mut Side<'_>, times: (u64, u64), ours_first: bool) -> Round {
    let per = |took: Duration, times: u64| took.as_secs_f64() / times as f64;
    if ours_first {
        let ours = per(ours.run(times.0), times.0);
        let raw = per(raw.run(times.1), times.1);
        Round { ours, raw }
    } else {
        let raw = per(raw.run(times.1), times.1);
        let ours = per(ours.run(times.0), times.0);
        Round { ours, raw }
    }
}

fn row(figure: &Figure, rounds: &[Round], [ours, raw]: [Account; 2]) -> Row {
    let of = |value: fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
    let shown = |seconds: Spread| {
        let seconds = seconds.median / f64::from(figure.operations);
        if figure.is_rate {
            format!("{:.0}/s", 1.0 / seconds)
        } else {
            duration(seconds)
        }
    };
    let (ratio, sign) = if figure.is_rate {
        (of(|round| round.raw / round.ours), '≥')
    } else {
        (of(|round| round.ours / round.raw), '≤')
    };
    let target = figure.target.map(|target| format!("{sign} {target}"));
    Row {
        figure: figure.name.clone(),
        ours: shown(of(|round| round.ours)) + &tail(ours),
        raw: format!(
            "{}: {}{}",
            figure.raw,
            shown(of(|round| round.raw)),
            tail(raw)
        ),
        ratio: ratio.to_string(),
        target: target.unwrap_or_default(),
    }
}

/// The median, the ninety-ninth percentile and the client's own work, where every run was looked at alone.
fn tail(account: Account) -> String {
    let mut latencies = account.latencies;
    latencies.sort();
    let at = |percent: usize| latencies.get(latencies.len() * percent / 100);
    let (Some(half), Some(most)) = (at(50), at(99)) else {
        return String::new();
    };
    let client = account.processors.as_secs_f64() / latencies.len() as f64;
    let [half, most, client] = [half.as_secs_f64(), most.as_secs_f64(), client].map(duration);
    format!("; p50 {half}, p99 {most}, client {client}")
}
