//! The access token of a request (RFC 6750 §2.1). It is read from `Authorization` and from nowhere else: a token in a
//! query string ends up in logs and histories.

use crate::Headers;

/// The token of the one `Authorization` line; none if there is no such line, several, another scheme, or anything
/// that is not one space and a `token68` (RFC 9110 §11.2).
pub(crate) fn token(headers: &Headers) -> Option<&str> {
    let line = headers.only("authorization")?;
    let (scheme, token) = line.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && is_token68(token)).then_some(token)
}

fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    !body.is_empty() && body.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let table = [
            ("Bearer abc.def-_~+/", Some("abc.def-_~+/")),
            ("bearer abc==", Some("abc==")),
            ("BEARER abc", Some("abc")),
            ("Bearer  abc", None),
            ("Bearer\tabc", None),
            ("Bearer abc ", None),
            ("Bearer abc def", None),
            ("Bearer a=b", None),
            ("Bearer =", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("Bearer \"abc\"", None),
            ("Bearer abc,def", None),
            ("Bearer abç", None),
            ("Basic abc", None),
            ("abc", None),
            ("", None),
        ];
        for (line, expected) in table {
            let mut headers = Headers::new();
            headers.push("AUTHORIZATION", line);
            assert_eq!(token(&headers), expected, "{line:?}");
        }
    }

    #[test]
    fn several_lines_are_none() {
        let mut headers = Headers::new();
        headers.push("authorization", "Bearer abc");
        headers.push("Authorization", "Bearer abc");
        assert_eq!(token(&headers), None);
        assert_eq!(token(&Headers::new()), None);
    }
}
