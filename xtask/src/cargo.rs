//! The steps that are one call of cargo.

use std::env;

use crate::{
    needs,
    runner::{Done, Outcome},
    task::Task,
    workspace::Workspace,
};

pub(crate) fn fmt(workspace: &Workspace) -> Outcome {
    // The fuzz targets are a workspace of their own.
    Task::cargo("fmt --check --manifest-path fuzz/Cargo.toml").run(&workspace.root)?;
    passed(workspace, &Task::cargo("fmt --all --check"))
}

pub(crate) fn clippy(workspace: &Workspace) -> Outcome {
    // --locked: a Cargo.lock that lags behind a manifest stops here.
    let words = "clippy --locked --workspace --all-targets --all-features -- -D warnings";
    passed(workspace, &Task::cargo(words))
}

pub(crate) fn doc(workspace: &Workspace) -> Outcome {
    let task = Task::cargo("doc --no-deps --workspace --all-features");
    passed(workspace, &task.variable("RUSTDOCFLAGS", "-D warnings"))
}

pub(crate) fn deny(workspace: &Workspace) -> Outcome {
    if needs::find("cargo-deny").is_none() {
        return left_out("cargo-deny is not on PATH");
    }
    passed(
        workspace,
        &Task::cargo("deny --all-features check bans licenses sources"),
    )
}

pub(crate) fn advisories(workspace: &Workspace) -> Outcome {
    if needs::find("cargo-deny").is_none() {
        return left_out("cargo-deny is not on PATH");
    }
    let database = "https://github.com/RustSec/advisory-db";
    let probe = Task::new("timeout", "20 git ls-remote --quiet").argument(database);
    let probe = probe.argument("HEAD").variable("GIT_TERMINAL_PROMPT", "0");
    if probe.output(&workspace.root).is_err() {
        return left_out("the advisory database cannot be reached from here");
    }
    passed(
        workspace,
        &Task::cargo("deny --all-features check advisories"),
    )
}

pub(crate) fn machete(workspace: &Workspace) -> Outcome {
    if needs::find("cargo-machete").is_none() {
        return left_out("cargo-machete is not on PATH");
    }
    passed(workspace, &Task::cargo("machete"))
}

pub(crate) fn loom(workspace: &Workspace) -> Outcome {
    let file = "crates/otp-core/tests/loom.rs";
    if !workspace.root.join(file).exists() {
        return left_out("crates/otp-core/tests/loom.rs does not exist");
    }
    // In a directory of its own: the flag would rebuild everything, each way.
    let target = workspace.target.join("loom").display().to_string();
    let flags = env::var("RUSTFLAGS").unwrap_or_default();
    let task = Task::cargo("test -p otp-core --test loom --release --target-dir")
        .argument(target)
        .variable("RUSTFLAGS", format!("{flags} --cfg loom").trim());
    passed(workspace, &task)
}

pub(crate) fn test_bare(workspace: &Workspace) -> Outcome {
    passed(workspace, &Task::cargo("test -p otp-core --no-fail-fast"))
}

pub(crate) fn test_workspace(workspace: &Workspace) -> Outcome {
    passed(
        workspace,
        &Task::cargo("test --workspace --all-features --no-fail-fast"),
    )
}

fn passed(workspace: &Workspace, task: &Task) -> Outcome {
    task.run(&workspace.root)?;
    Ok(Done::Passed)
}

fn left_out(why: &str) -> Outcome {
    Ok(Done::LeftOut(why.to_owned()))
}
