//! Each library must build without features and with each of them alone.

use crate::{
    runner::{Done, Outcome},
    task::Task,
    workspace::{Member, Workspace},
};

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let tasks: Vec<Task> = workspace.libraries().flat_map(tasks).collect();
    for task in &tasks {
        task.run(&workspace.root)?;
    }
    Ok(Done::Noted(format!("{} combinations", tasks.len())))
}

fn tasks(library: &Member) -> Vec<Task> {
    let bare = format!("clippy --quiet -p {} --no-default-features", library.name);
    let alone = library
        .features
        .iter()
        .map(|feature| format!("{bare} --features {feature}"));
    [bare.clone()]
        .into_iter()
        .chain(alone)
        .map(|words| Task::cargo(&format!("{words} -- -D warnings")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_bare_and_one_for_each_feature() {
        let library = Member {
            name: "a".into(),
            manifest: "a/Cargo.toml".into(),
            features: vec!["x".into(), "y".into()],
        };
        let shown: Vec<_> = tasks(&library).iter().map(Task::shown).collect();
        assert_eq!(shown.len(), 3);
        assert_eq!(
            shown[0],
            "cargo clippy --quiet -p a --no-default-features -- -D warnings"
        );
        assert!(shown[2].contains("--features y --"));
    }
}
