//! Runs steps in order, one line each, and stops at the first that fails.

use std::{
    fmt,
    process::ExitCode,
    time::{Duration, Instant},
};

use crate::{task::Task, workspace::Workspace};

pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Workspace) -> Outcome,
}

pub(crate) type Outcome = Result<Done, Failure>;

#[derive(Debug)]
pub(crate) enum Done {
    Passed,
    /// Passed, and there is something to tell.
    Noted(String),
    /// Not run, and why.
    LeftOut(String),
}

#[derive(Debug)]
pub(crate) struct Failure {
    reason: String,
    repeat: Option<String>,
}

impl Failure {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            repeat: None,
        }
    }

    /// Names the command that shows the failure again, or that mends it.
    pub(crate) fn repeat(self, command: impl Into<String>) -> Self {
        Self {
            repeat: Some(command.into()),
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.repeat {
            Some(command) => write!(f, "\n  by hand: {command}"),
            None => Ok(()),
        }
    }
}

pub(crate) fn run(command: &str, steps: &[&Step], workspace: &Workspace) -> ExitCode {
    let start = now();
    eprintln!("{}", room(workspace));
    let mut left_out = Vec::new();
    for step in steps {
        let began = now();
        let outcome = (step.run)(workspace);
        report(step.name, began.elapsed(), &outcome);
        match outcome {
            Ok(Done::LeftOut(_)) => left_out.push(step.name),
            Ok(Done::Passed | Done::Noted(_)) => {}
            Err(failure) => {
                eprintln!("\n{failure}\n  again:   cargo xtask {}", step.name);
                eprintln!("  {}", room(workspace));
                return ExitCode::FAILURE;
            }
        }
    }
    eprintln!(
        "{}",
        summary(command, steps.len(), &left_out, start.elapsed())
    );
    ExitCode::SUCCESS
}

/// A full disk makes a compiler fail in ways that do not name it.
fn room(workspace: &Workspace) -> String {
    let free = Task::new("df", "--output=avail --block-size=1M .").output(&workspace.root);
    let free = free.ok();
    match free.as_deref().and_then(|text| text.lines().nth(1)) {
        Some(free) => format!("disk: {} MiB free", free.trim()),
        None => "disk: df does not say how much is free".to_owned(),
    }
}

fn report(name: &str, took: Duration, outcome: &Outcome) {
    let (word, note) = match outcome {
        Ok(Done::Passed) => ("ok", ""),
        Ok(Done::Noted(note)) => ("ok", note.as_str()),
        Ok(Done::LeftOut(why)) => ("left out", why.as_str()),
        Err(_) => ("FAILED", ""),
    };
    let line = format!("{word:<9}{name:<15}{:>7.1} s  {note}", took.as_secs_f64());
    eprintln!("{}", line.trim_end());
}

fn summary(command: &str, steps: usize, left_out: &[&str], took: Duration) -> String {
    let passed = steps - left_out.len();
    let mut line = format!("{command}: {passed} passed in {:.0} s", took.as_secs_f64());
    if !left_out.is_empty() {
        line = format!("{line}; left out: {}", left_out.join(", "));
    }
    line
}

#[expect(
    clippy::disallowed_methods,
    reason = "a step is timed by the real clock, and only here"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_what_was_left_out() {
        let line = summary("ci", 3, &["deny"], Duration::from_secs(61));
        assert_eq!(line, "ci: 2 passed in 61 s; left out: deny");
    }

    #[test]
    fn a_failure_carries_its_command() {
        let failure = Failure::new("no").repeat("cargo fmt");
        assert_eq!(failure.to_string(), "no\n  by hand: cargo fmt");
    }
}
