//! Looks through the tracked files for what must never be committed (SUP-4).

mod places;
mod secrets;

use crate::{
    runner::{Done, Failure, Outcome},
    workspace::Workspace,
};

/// On the line or the one above, with a reason in its brackets: a published test vector, say.
const ALLOWED: &str = "scan: allow(";

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let names = workspace.tracked()?;
    let mut findings = Vec::new();
    for name in &names {
        if let Some(text) = workspace.text(name)? {
            findings.extend(find(name, &text));
        }
    }
    if findings.is_empty() {
        return Ok(Done::Noted(format!("{} files", names.len())));
    }
    // The place is told, the find is not: this text ends in logs.
    Err(Failure::new(findings.join("\n")))
}

fn find(name: &str, text: &str) -> Vec<String> {
    let mut above = "";
    let mut findings = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let below = lines.peek().map_or("", |(_, below)| below);
        let rule = secrets::find(name, line, below).or_else(|| places::find(name, line));
        if let Some(rule) = rule.filter(|_| !allowed(line) && !allowed(above)) {
            findings.push(format!("{name}:{}: {rule}", index + 1));
        }
        above = line;
    }
    findings
}

fn allowed(line: &str) -> bool {
    let reason = line
        .split_once(ALLOWED)
        .and_then(|(_, rest)| rest.split_once(')'));
    reason.is_some_and(|(reason, _)| !reason.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted() -> String {
        format!("AC{}", "0a".repeat(16))
    }

    /// SUP-4: the place is named, the secret is not repeated.
    #[test]
    fn a_finding_names_file_and_line_and_not_the_secret() {
        let findings = find(
            "a/b.rs",
            &format!("let x = 1;\nlet id = \"{}\";\n", planted()),
        );
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("a/b.rs:2: "));
        assert!(!findings[0].contains(&planted()));
    }

    #[test]
    fn an_allowance_needs_a_reason() {
        let line = format!("let id = \"{}\";", planted());
        assert!(find("a.rs", &format!("// {ALLOWED}a published vector)\n{line}")).is_empty());
        assert!(find("a.rs", &format!("{line} // {ALLOWED}a published vector)")).is_empty());
        assert_eq!(find("a.rs", &format!("// {ALLOWED})\n{line}")).len(), 1);
        assert_eq!(
            find("a.rs", &format!("// {ALLOWED}too far)\n\n{line}")).len(),
            1
        );
    }
}
