//! Codes that are bound to a page's origin: the last line of a message, as browsers read it.
//!
//! Source: <https://wicg.github.io/sms-one-time-codes/>, "Parsing".

/// What a browser reads out of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OneTimeCode<'a> {
    /// The host of the page that may have it.
    pub host: &'a str,
    /// The code.
    pub code: &'a str,
    /// The host of a frame in that page, if it is meant for one.
    pub embedded_host: Option<&'a str>,
}

/// Reads a message as browsers do; none where they find no code that is bound to an origin.
///
/// ```
/// use otp_providers::messages::one_time_code;
///
/// let read = one_time_code("123456 is your Example code.\n@example.com #123456").ok_or("none")?;
/// assert_eq!((read.host, read.code), ("example.com", "123456"));
/// assert!(one_time_code("123456 is your code @example.com #123456").is_none());
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn one_time_code(message: &str) -> Option<OneTimeCode<'_>> {
    // Every line end is one, however it is written.
    let line = message.rsplit(['\n', '\r']).next()?;
    let (host, rest) = token(line, '@')?;
    let (code, rest) = token(rest.strip_prefix(' ')?, '#')?;
    let embedded_host = rest
        .strip_prefix(' ')
        .and_then(|rest| token(rest, '@'))
        .map(|(host, _)| host);
    Some(OneTimeCode {
        host,
        code,
        embedded_host,
    })
}

/// What follows the marker, up to white space; and the rest.
fn token(text: &str, marker: char) -> Option<(&str, &str)> {
    let text = text.strip_prefix(marker)?;
    let white = |c: char| c.is_ascii_whitespace();
    let (token, rest) = text.split_at(text.find(white).unwrap_or(text.len()));
    (!token.is_empty()).then_some((token, rest))
}
