//! The class of a failure as a label.

use otp_core::SendErrorKind;

pub(crate) const fn class(kind: SendErrorKind) -> &'static str {
    use SendErrorKind::*;
    match kind {
        InvalidNumber => "invalid_number",
        Unreachable => "unreachable",
        RateLimited => "rate_limited",
        AuthOrConfig => "auth_or_config",
        InsufficientCredit => "insufficient_credit",
        TemplateProblem => "template_problem",
        Transient => "transient",
        _ => "other",
    }
}
