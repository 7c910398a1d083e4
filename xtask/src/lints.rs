//! The lint gate (SUP-2): no member leaves the workspace's lints, and those keep their teeth.

use toml::{Table, Value};

use crate::{
    runner::{Done, Failure, Outcome},
    workspace::Workspace,
};

/// Each table and key of the root manifest, and the levels that will do.
const LEVELS: &[(&str, &str, &[&str])] = &[
    ("rust", "unsafe_code", &["forbid"]),
    ("clippy", "unwrap_used", &["deny", "forbid"]),
    ("clippy", "expect_used", &["deny", "forbid"]),
    ("clippy", "panic", &["deny", "forbid"]),
    ("clippy", "indexing_slicing", &["deny", "forbid"]),
    ("clippy", "disallowed_methods", &["deny", "forbid"]),
    ("clippy", "print_stdout", &["deny", "forbid"]),
];

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut faults = root_faults(&workspace.toml(&workspace.root.join("Cargo.toml"))?);
    for member in &workspace.members {
        if !inherits(&workspace.toml(&member.manifest)?) {
            faults.push(format!(
                "{}: its manifest lacks `[lints] workspace = true`",
                member.name
            ));
        }
    }
    if faults.is_empty() {
        return Ok(Done::Passed);
    }
    Err(Failure::new(faults.join("\n")))
}

fn inherits(manifest: &Table) -> bool {
    at(manifest, &["lints", "workspace"]) == Some(&Value::Boolean(true))
}

fn root_faults(manifest: &Table) -> Vec<String> {
    let mut faults: Vec<String> = LEVELS
        .iter()
        .filter(|(group, lint, wanted)| {
            !level(manifest, group, lint).is_some_and(|l| wanted.contains(&l))
        })
        .map(|(group, lint, wanted)| {
            format!(
                "workspace.lints.{group}.{lint} must be {}",
                wanted.join(" or ")
            )
        })
        .collect();
    if at(manifest, &["profile", "release", "overflow-checks"]) != Some(&Value::Boolean(true)) {
        faults.push("profile.release.overflow-checks must be true".to_owned());
    }
    faults
}

/// `lint = "deny"` and `lint = { level = "deny", … }` say the same.
fn level<'a>(manifest: &'a Table, group: &str, lint: &str) -> Option<&'a str> {
    let value = at(manifest, &["workspace", "lints", group, lint])?;
    value.as_str().or_else(|| value.get("level")?.as_str())
}

fn at<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter()
        .try_fold(table.get(*first)?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = include_str!("../../Cargo.toml");

    /// SUP-2.
    #[test]
    fn our_root_manifest_passes_and_a_weaker_one_does_not() {
        assert_eq!(root_faults(&ROOT.parse().unwrap()), Vec::<String>::new());
        for (strong, weak) in [
            ("unsafe_code = \"forbid\"", "unsafe_code = \"deny\""),
            ("unwrap_used = \"deny\"", "unwrap_used = \"warn\""),
            ("panic = \"deny\"", ""),
            ("overflow-checks = true", "overflow-checks = false"),
        ] {
            assert!(ROOT.contains(strong), "{strong}");
            let weakened = ROOT.replace(strong, weak).parse().unwrap();
            assert_eq!(root_faults(&weakened).len(), 1, "{weak}");
        }
    }

    #[test]
    fn a_level_may_stand_in_a_table() {
        let manifest = "[workspace.lints.rust]\nunsafe_code = { level = \"forbid\", priority = 1 }";
        assert_eq!(
            level(&manifest.parse().unwrap(), "rust", "unsafe_code"),
            Some("forbid")
        );
    }

    #[test]
    fn a_member_inherits_or_not() {
        assert!(inherits(&"[lints]\nworkspace = true".parse().unwrap()));
        assert!(!inherits(
            &"[lints.rust]\nunsafe_code = \"allow\"".parse().unwrap()
        ));
    }
}
