//! The texts of errors (C-GOOD-ERR): they begin in lower case and end without a full stop, for they become parts of
//! other texts.

use crate::{
    runner::{Done, Failure, Outcome},
    workspace::Workspace,
};

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut faults = Vec::new();
    for name in workspace.tracked()?.iter().filter(|name| is_library(name)) {
        let text = workspace.text(name)?.unwrap_or_default();
        faults.extend(bad(&text).map(|bad| format!("{name}: {bad:?}")));
    }
    if faults.is_empty() {
        return Ok(Done::Passed);
    }
    Err(Failure::new(format!(
        "texts of errors begin in lower case and end without a full stop:\n  {}",
        faults.join("\n  ")
    )))
}

fn is_library(name: &str) -> bool {
    name.starts_with("crates/") && name.contains("/src/") && name.ends_with(".rs")
}

/// What stands in `#[error("…")]` and should not stand so.
fn bad(source: &str) -> impl Iterator<Item = &str> {
    let attributes = source.split("#[error(").skip(1);
    let texts =
        attributes.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    texts.filter(|text| {
        let mut letters = text.chars();
        let (first, second) = (letters.next(), letters.next());
        // `HTTP` is no word that begins in upper case.
        let is_capital = |letter: Option<char>| letter.is_some_and(char::is_uppercase);
        (is_capital(first) && !is_capital(second)) || text.ends_with('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_or_a_full_stop_is_found() {
        let source = r#"
            #[error("it failed")] #[error(transparent)] #[error("HTTP status {0}")]
            #[error("It failed")]
            #[error(
                "it failed."
            )]
        "#;
        assert_eq!(bad(source).collect::<Vec<_>>(), ["It failed", "it failed."]);
    }
}
