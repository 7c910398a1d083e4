//! The table at the end.

use std::fmt;

/// One line: ours, the raw thing, and how they compare.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub figure: String,
    /// Ours.
    pub ours: String,
    /// The raw thing, named.
    pub raw: String,
    /// Ours divided by raw.
    pub ratio: String,
    /// What it should be.
    pub target: String,
}

/// Lines in the form of a Markdown table.
#[derive(Debug, Default)]
pub struct Table(Vec<Row>);

impl Table {
    /// Adds a line.
    pub fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    /// Prints them.
    #[expect(clippy::print_stdout, reason = "the table is what a bench is run for")]
    pub fn print(&self) {
        println!(
            "\n| figure | ours | raw | ratio, median (quartiles) | target |\n|---|--:|--:|--:|--:|"
        );
        for row in &self.0 {
            let Row {
                figure,
                ours,
                raw,
                ratio,
                target,
            } = row;
            println!("| {figure} | {ours} | {raw} | {ratio} | {target} |");
        }
    }
}

/// The middle of many measurements, and between what half of them lie.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Half of them are below.
    pub median: f64,
    /// A quarter of them is below.
    pub low: f64,
    /// A quarter of them is above.
    pub high: f64,
}

impl Spread {
    /// Of these; of none it is nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: usize| {
            let index = sorted.len() * quarter / 4;
            sorted.get(index).copied().unwrap_or(f64::NAN)
        };
        Self {
            median: at(2),
            low: at(1),
            high: at(3),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, low, high } = self;
        write!(f, "{median:.2} ({low:.2}–{high:.2})")
    }
}

/// Seconds in the unit that suits them.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if seconds < 1e-6 {
        format!("{:.0} ns", seconds * 1e9)
    } else if seconds < 1e-3 {
        format!("{:.2} µs", seconds * 1e6)
    } else {
        format!("{:.2} ms", seconds * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_quartiles() {
        let spread = Spread::of((0..=100).rev().map(f64::from));
        assert_eq!(spread.to_string(), "50.00 (25.00–75.00)");
        assert!(Spread::of([]).median.is_nan());
    }
}
