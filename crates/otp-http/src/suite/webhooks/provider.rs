//! Two providers: one that signs, in a way that keeps nobody out but shows who checks, and one that does not.

use otp_core::{
    Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, SendErrorKind, Timestamp,
};
use std::fmt::Write as _;

pub(crate) const SIGNATURE: &str = "X-Suite-Signature";
pub(crate) const TOKEN: &str = "made-up-token-of-the-suite";
pub(crate) const WORD: &str = "made-up-word-of-the-suite";

/// What the scripted provider signs with: the offset of FNV-1a, and another.
const OFFSETS: [u64; 2] = [0xcbf2_9ce4_8422_2325, 0x5eed];

/// Changes with every byte; that is all that the suite needs of it.
pub(crate) fn signature(body: &[u8]) -> String {
    let fnv = |offset: u64| {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        body.iter().fold(offset, step)
    };
    OFFSETS.iter().fold(String::new(), |mut hex, offset| {
        let _ = write!(hex, "{:016x}", fnv(*offset));
        hex
    })
}

/// Reports of the suite's sender, signed.
#[derive(Debug)]
pub(crate) struct Signing;

impl DeliveryWebhook for Signing {
    fn provider(&self) -> &str {
        "capturing"
    }

    fn token(&self) -> Option<&str> {
        None
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        let given = callback.header(SIGNATURE);
        if given != Some(&signature(callback.body)) {
            return Err(CallbackError::Forged);
        }
        reports(callback.body)
    }

    fn handshake(&self, callback: &Callback<'_>) -> Result<String, CallbackError> {
        let parts = || callback.query.split('&');
        let value = |name: &str| parts().find_map(|part| part.strip_prefix(name));
        if value("word=") != Some(WORD) {
            return Err(CallbackError::Forged);
        }
        Ok(value("echo=").unwrap_or_default().to_owned())
    }
}

/// Another provider, known by what stands in the path.
#[derive(Debug)]
pub(crate) struct Tokened;

impl DeliveryWebhook for Tokened {
    fn provider(&self) -> &str {
        "tokened"
    }

    fn token(&self) -> Option<&str> {
        Some(TOKEN)
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        match callback.body {
            [] => reports(callback.query.replace('+', " ").as_bytes()),
            body => reports(body),
        }
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

/// `NAME STATE`, a line for each message.
fn reports(body: &[u8]) -> Result<Vec<Report>, CallbackError> {
    let text = std::str::from_utf8(body).map_err(|_| CallbackError::Malformed)?;
    let lines = text.lines().filter(|line| !line.is_empty());
    let report = |line: &str| {
        let (name, state) = line.split_once(' ')?;
        Some(match DeliveryState::named(state)? {
            DeliveryState::Failed => Report::failed(name, SendErrorKind::Unreachable),
            state => Report::new(name, state),
        })
    };
    let reports: Option<Vec<_>> = lines.map(report).collect();
    reports.ok_or(CallbackError::Malformed)
}
