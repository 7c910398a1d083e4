//! Texts that Fluent's printer cannot stand: it panics when it wants to tell that some of them speak of too much, and
//! bounds how deep it goes into texts that speak of others, but not into calls in calls.

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{
    Attribute, CallArguments, Entry, Expression, InlineExpression as Inline, Pattern,
    PatternElement,
};

/// Whether there is no placeable that stands for another, no call in a call, and no choice by what never changes. What
/// they say can be said without.
pub(super) fn is_printable(resource: &FluentResource) -> bool {
    resource.entries().all(|entry| match entry {
        Entry::Message(message) => {
            message.value.iter().all(pattern) && attributes(&message.attributes)
        }
        Entry::Term(term) => pattern(&term.value) && attributes(&term.attributes),
        _ => true,
    })
}

fn attributes(attributes: &[Attribute<&str>]) -> bool {
    attributes.iter().all(|attribute| pattern(&attribute.value))
}

fn pattern(text: &Pattern<&str>) -> bool {
    text.elements.iter().all(|element| match element {
        PatternElement::TextElement { .. } => true,
        PatternElement::Placeable { expression } => placeable(expression),
    })
}

fn placeable(expression: &Expression<&str>) -> bool {
    match expression {
        Expression::Inline(what) => inline(what),
        Expression::Select { selector, variants } => {
            let changes = !matches!(
                selector,
                Inline::StringLiteral { .. } | Inline::NumberLiteral { .. }
            );
            let mut texts = variants.iter().map(|variant| &variant.value);
            changes && inline(selector) && texts.all(pattern)
        }
    }
}

fn inline(what: &Inline<&str>) -> bool {
    let plain = |arguments: &CallArguments<&str>| arguments.positional.iter().all(is_plain);
    match what {
        Inline::Placeable { .. } => false,
        Inline::FunctionReference { arguments, .. } => plain(arguments),
        Inline::TermReference { arguments, .. } => arguments.iter().all(plain),
        _ => true,
    }
}

/// Whether it can be in a call. What has a name there is a literal.
const fn is_plain(what: &Inline<&str>) -> bool {
    !matches!(
        what,
        Inline::Placeable { .. }
            | Inline::FunctionReference { .. }
            | Inline::TermReference {
                arguments: Some(_),
                ..
            }
    )
}
