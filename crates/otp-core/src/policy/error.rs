//! Why a policy does not build.

/// A policy that does not build, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Codes have 6 to 10 digits (NIST SP 800-63B-4 §3.1.3.2).
    #[error("a code has 6 to 10 digits, not {0}")]
    Digits(u8),
    /// Codes live 1 to 600 seconds (NIST SP 800-63B-4 §3.1.3.2).
    #[error("a code lives between 1 second and 10 minutes")]
    CodeLifetime,
    /// Challenges stand 1 to 10 guesses.
    #[error("a challenge stands 1 to 10 guesses, not {0}")]
    Tries(u8),
    /// A replaced code cannot outlive its lifetime.
    #[error("a replaced code cannot stay good for longer than a code lives")]
    PreviousCode,
    /// At least one channel is needed.
    #[error("a policy allows at least one channel")]
    NoChannel,
    /// A fallback that cannot work.
    #[error("the fallback {0}")]
    Fallback(&'static str),
    /// Access tokens live 1 second to 1 hour.
    #[error("an access token lives between 1 second and 1 hour")]
    AccessLifetime,
    /// The grace of a refresh token is at most a minute.
    #[error("a refresh token's grace is at most 60 seconds")]
    Grace,
    /// Sessions: 0 < idle ≤ absolute ≤ 30 days, and the remembered one is not the shorter.
    #[error(
        "a session needs 0 < idle ≤ absolute ≤ 30 days, and a remembered one is not the shorter"
    )]
    SessionLength,
    /// A limit that cannot work.
    #[error("the limit «{limit}» {problem}")]
    Limit {
        /// Which.
        limit: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Open to every country without a reason.
    #[error(
        "to open every country needs accept_risk with a reason: whoever owns an expensive range anywhere can have \
         messages sent to it"
    )]
    EveryCountryNeedsReason,
    /// Numbers whose owners earn on what is sent to them were opened without a reason.
    #[error("to open numbers of the kind {} needs accept_risk with a reason: their owners earn on messages", .0.as_str())]
    KindNeedsReason(crate::NumberKind),
    /// No kind of number was left.
    #[error("number_types opens at least one kind of number")]
    NoNumberType,
    /// Messages cost something, in a currency.
    #[error(
        "prices are whole thousandths of a currency that has a name, above 0, by countries such as IN or +882"
    )]
    Prices,
    /// Guesses left would tell what a silent limit hides.
    #[error("a policy with a silent limit cannot tell how many guesses are left")]
    SilentTells,
    /// Something of the floor was left out without a reason.
    #[error("leaving out the floor of {0:?} needs accept_risk with a reason")]
    FloorNeedsReason(super::Floor),
    /// An attacker's chance is above 1 % per phone and year.
    #[error(
        "an attacker's chance is {per_year:.4} per phone and year; above 0.01 it needs accept_risk with a reason"
    )]
    TooRisky {
        /// The chance.
        per_year: f64,
    },
    /// A reason of a few words is needed.
    #[error("accept_risk needs a reason of at least 10 characters")]
    EmptyReason,
}
