//! The commands of this workspace: `cargo xtask test`, `cargo xtask ci`, or one step by its name.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod cargo;
mod errors;
mod features;
mod fuzz;
mod lints;
mod needs;
mod runner;
mod scan;
mod sizes;
mod steps;
mod task;
mod trees;
mod versions;
mod workspace;

use std::{env, process::ExitCode};

use crate::{runner::Step, workspace::Workspace};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [command] = arguments.as_slice() else {
        return usage();
    };
    let steps: Vec<&Step> = match command.as_str() {
        "ci" => steps::CHECKS.iter().chain(steps::TESTS).collect(),
        "test" => steps::TESTS.iter().collect(),
        name => steps::named(name).into_iter().collect(),
    };
    if steps.is_empty() {
        return usage();
    }
    match Workspace::load() {
        Ok(workspace) => runner::run(command, &steps, &workspace),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: cargo xtask ci | test | STEP\n\nsteps, in the order of ci:");
    for step in steps::CHECKS.iter().chain(steps::TESTS) {
        eprintln!("  {:<15} {}", step.name, step.about);
    }
    ExitCode::from(2)
}
