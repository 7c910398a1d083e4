//! A file holds one idea: about 200 lines of code, told above 300, refused above 400.

use crate::{
    runner::{Done, Failure, Outcome},
    workspace::Workspace,
};

const TELL: usize = 300;
const REFUSE: usize = 400;

pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut long = Vec::new();
    for name in workspace
        .tracked()?
        .iter()
        .filter(|name| name.ends_with(".rs"))
    {
        let lines = workspace.text(name)?.map_or(0, |text| code_lines(&text));
        if lines > TELL {
            long.push((lines, name.clone()));
        }
    }
    long.sort_by(|a, b| b.cmp(a));
    let listed: Vec<String> = long
        .iter()
        .map(|(lines, name)| format!("{lines} {name}"))
        .collect();
    match long.first() {
        None => Ok(Done::Passed),
        Some((longest, _)) if *longest > REFUSE => Err(Failure::new(format!(
            "a file has more than {REFUSE} lines of code; these have more than {TELL}:\n  {}",
            listed.join("\n  ")
        ))),
        Some(_) => Ok(Done::Noted(format!(
            "above {TELL} lines: {}",
            listed.join(", ")
        ))),
    }
}

/// Neither blank nor comment, up to a test module at the end.
fn code_lines(text: &str) -> usize {
    let mut lines = text.lines().map(str::trim).peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.starts_with("mod ")) {
            break;
        }
        if !line.is_empty() && !line.starts_with("//") {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blanks_and_the_test_module_do_not_count() {
        let text = "//! Doc.\n\n/// Doc.\nfn a() {\n    // why\n    b();\n}\n\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(code_lines(text), 3);
    }

    #[test]
    fn a_test_only_import_hides_nothing() {
        assert_eq!(code_lines("#[cfg(test)]\nuse a::b;\nfn c() {}\n"), 3);
    }
}
