//! Each fuzz target for a moment, so that none of them rots. Who looks for faults lets one run for hours.

use crate::{
    needs,
    runner::{Done, Failure, Outcome},
    task::Task,
    workspace::Workspace,
};

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let target = workspace.target.display().to_string();
    let words = "clippy --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir";
    let lint = Task::cargo(words).argument(target);
    lint.argument("--")
        .argument("-D")
        .argument("warnings")
        .run(&workspace.root)?;
    if needs::find("cargo-fuzz").is_none() {
        let why = "cargo-fuzz is not on PATH: the targets compile, none ran";
        return Ok(Done::LeftOut(why.to_owned()));
    }
    let manifest = workspace.toml(&workspace.root.join("fuzz/Cargo.toml"))?;
    let tasks = tasks(&manifest).ok_or_else(|| Failure::new("fuzz/Cargo.toml names no target"))?;
    for task in &tasks {
        task.run(&workspace.root)?;
    }
    Ok(Done::Noted(format!("{} targets", tasks.len())))
}

fn tasks(manifest: &toml::Table) -> Option<Vec<Task>> {
    let targets = manifest.get("bin")?.as_array()?.iter();
    targets
        .map(|target| {
            let name = target.get("name")?.as_str()?;
            let words = format!("fuzz run {name} -- -max_total_time=10");
            // The sanitizer is a flag of nightly compilers; ours is stable.
            Some(Task::cargo(&words).variable("RUSTC_BOOTSTRAP", "1"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_for_each_target() {
        let manifest = include_str!("../../fuzz/Cargo.toml").parse().unwrap();
        let shown: Vec<_> = tasks(&manifest).unwrap().iter().map(Task::shown).collect();
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/targets"));
        assert_eq!(shown.len(), files.unwrap().count());
        let first = "RUSTC_BOOTSTRAP=1 cargo fuzz run code -- -max_total_time=10";
        assert_eq!(shown[0], first);
        assert!(tasks(&"".parse().unwrap()).is_none());
    }
}
