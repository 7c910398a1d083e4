//! Pairs under criterion.

use crate::Side;
use crate::table::{Row, Spread, Table, duration};
use criterion::Criterion;
use std::time::Duration;

/// What is compared with what.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Ours.
    pub name: &'static str,
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
    pub const fn new(name: &'static str, raw: &'static str) -> Self {
        Self {
            name,
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
        }
    }

    /// Measures both sides in turns.
    pub fn pair(&mut self, figure: Figure, mut ours: Side<'_>, mut raw: Side<'_>) {
        let mut rounds = Vec::new();
        let mut times = None;
        let mut group = self.criterion.benchmark_group(figure.name);
        for (name, is_ours) in [("ours", true), (figure.raw, false)] {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|wanted| {
                    let calibrated = || {
                        (
                            ours.times_within(figure.round),
                            raw.times_within(figure.round),
                        )
                    };
                    let times = *times.get_or_insert_with(calibrated);
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
            self.table.push(row(&figure, &rounds));
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

fn row(figure: &Figure, rounds: &[Round]) -> Row {
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
        figure: figure.name.to_owned(),
        ours: shown(of(|round| round.ours)),
        raw: format!("{}: {}", figure.raw, shown(of(|round| round.raw))),
        ratio: ratio.to_string(),
        target: target.unwrap_or_default(),
    }
}
