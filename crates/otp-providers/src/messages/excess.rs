//! Texts that would exhaust the stack of who reads them: Fluent's parser calls itself for each brace and parenthesis in
//! another, and needs up to 9 KB each time.

const LONGEST: usize = 64 * 1024;
/// How deep braces may lie in each other; a choice in a choice has three.
const DEEPEST: usize = 30;
/// How many parentheses a text may open; what they enclose is not asked.
const MOST_PARENTHESES: usize = 30;

/// Whether it is short, and no text of it is deeper than a stack. What is counted is never less than what there is.
pub(super) fn is_readable(ftl: &str) -> bool {
    let (mut depth, mut parentheses) = (0, 0);
    let mut lines = ftl.split('\n');
    ftl.len() <= LONGEST
        && lines.all(|line| {
            if begins_text(line) {
                (depth, parentheses) = (0, 0);
            }
            parentheses += line.matches('(').count();
            deepest(line, &mut depth) <= DEEPEST && parentheses <= MOST_PARENTHESES
        })
}

/// The depth that the line comes to. After a quotation mark a brace may be a quoted one, which closes nothing.
fn deepest(line: &str, depth: &mut usize) -> usize {
    let (mut quoted, mut deepest) = (false, *depth);
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = true,
            b'{' => *depth += 1,
            b'}' if !quoted => *depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(*depth);
    }
    deepest
}

/// Whether this line is `name =` from the margin on: nothing that is still open goes on with that.
fn begins_text(line: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let rest = line.trim_start_matches(of_name);
    rest.len() < line.len() && rest.trim_start_matches(' ').starts_with('=')
}
