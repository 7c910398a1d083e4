//! Texts that would exhaust the stack of who reads them.

use crate::{builder, locale};
use otp_providers::messages::{Messages, MessagesError};

fn built(ftl: String) -> Result<Messages, MessagesError> {
    builder("Example").with_ftl(locale("en"), ftl).build()
}

fn deep(open: &str, close: &str, times: usize) -> String {
    let (open, close) = (open.repeat(times), close.repeat(times));
    format!("code = {{ $code }} {{ {open} $code {close} }}\n")
}

/// Fluent's parser calls itself for each of these in another: 100 000 of them would end the process, and a few hundred a
/// thread's stack.
#[test]
fn a_text_that_is_nested_without_end_is_refused() {
    let english = locale("en");
    for (open, close) in [
        ("{", "}"),
        ("{ ", ""),
        ("F(", ")"),
        ("F(\n{", "})"),
        ("$minutes ->\n *[a] {", "}\n"),
        // What is quoted closes nothing, nor does a parenthesis among letters, and no text begins there.
        ("\"}}}}\" ->\n *[a] {", "}\n"),
        ("F({ $minutes ->\n *[a] ) {", "}\n })"),
        ("{\n\"name = }\" ->\n *[a]", "}\n"),
        ("{\nname ->\n *[a]", "}\n"),
    ] {
        for times in [100_000, 31] {
            let refused = built(deep(open, close, times));
            assert!(
                matches!(refused, Err(MessagesError::Excessive(locale)) if locale == english),
                "{open:?} {times} times: {refused:?}",
            );
        }
        // As much as is read, on the stack of a thread, to the end.
        let read = built(deep(open, close, 14));
        assert!(
            !matches!(read, Err(MessagesError::Excessive(_))),
            "{open:?}"
        );
    }
}

/// The printer goes into a hundred others, and no more than that.
#[test]
fn texts_that_speak_of_each_other_are_read() {
    for (open, close) in [("", ""), ("-term(", ")"), ("$minutes ->\n *[a] {", "}\n")] {
        let text = |n: u32| format!("text-{n} = {{ {open} text-{} {close} }}\n", n + 1);
        let texts: String = (0..110).map(text).collect();
        let ftl = "-term = x\ntext-110 = { $code }\ncode = { text-0 } { $code }.\n";
        let refused = built(format!("{texts}{ftl}"));
        let expected = "the text speaks of a variable or a text that there is not";
        assert!(
            refused.is_err_and(|error| error.to_string().contains(expected)),
            "{open}"
        );
    }
}

/// What is long, quotes much or has many texts is no worse for it.
#[test]
fn what_is_many_and_not_deep_is_read() {
    let text = |n: u32| {
        format!(
            "text-{n} =\n  {{ $minutes ->\n [one] {{ \"\" }} ({{ $code }})\n *[other] {{ \"}}\" }} x\n }}\n"
        )
    };
    let texts: String = (0..500).map(text).collect();
    let code = "code = { $code } to enter { $brand }.\n";
    assert!(built(format!("{texts}{code}")).is_ok());
    let choice =
        "  { $minutes ->\n [one] { $code }, { $brand }\n *[other] { $code }; { $brand }\n }\n";
    assert!(built(format!("code =\n{}", choice.repeat(12))).is_ok());
}

#[test]
fn what_is_long_is_refused() {
    let long = |lines| format!("code = {{ $code }}\n{}", "# comment\n".repeat(lines));
    assert!(built(long(6_000)).is_ok());
    assert!(matches!(
        built(long(7_000)),
        Err(MessagesError::Excessive(_))
    ));
}
