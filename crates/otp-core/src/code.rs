//! One-time codes: drawn from the operating system, read strictly, never shown by accident.

mod uniform;

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How many digits a code may have: six at least, for 19.9 bits (NIST SP 800-63B-4 §3.1.3.2).
const DIGITS: RangeInclusive<usize> = 6..=MAX_DIGITS;

const MAX_DIGITS: usize = 10;

/// Longest input looked at, in bytes.
const MAX_INPUT: usize = 32;

/// A one-time code of 6 to 10 ASCII digits.
///
/// A secret: it has no `Display`, no serialisation and no equality (compare its keyed hash), `Debug` shows
/// nothing of it, [`expose`](Self::expose) reads it, and its memory is wiped on drop.
///
/// ```
/// use otp_core::Code;
///
/// let code = Code::draw(6)?;
/// assert_eq!(code.len(), 6);
/// assert_eq!(format!("{code:?}"), "Code([redacted])");
/// assert_eq!(Code::parse("012-345")?.expose(), "012345");
/// # Ok::<(), otp_core::CodeError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Code {
    digits: [u8; MAX_DIGITS],
    len: u8,
}

/// Why there is no code. No text repeats any of the input.
///
/// ```
/// use otp_core::{Code, CodeError};
///
/// assert!(matches!(Code::parse("۱۲۳۴۵۶"), Err(CodeError::NotDigits)));
/// assert!(matches!(Code::draw(4), Err(CodeError::Length)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// More than 32 bytes; nothing else was looked at.
    #[error("the code is longer than 32 bytes")]
    InputTooLong,
    /// Something other than ASCII digits, spaces and hyphens.
    #[error("the code may only have the digits 0 to 9")]
    NotDigits,
    /// Fewer than 6 digits or more than 10.
    #[error("a code has 6 to 10 digits")]
    Length,
    /// The operating system gave no usable randomness.
    #[error("the system's source of randomness failed")]
    Randomness(#[source] Box<dyn Error + Send + Sync>),
}

impl Code {
    /// Draws a code of `digits` digits from the operating system's random source, each of the `10^digits`
    /// equally likely, leading zeros included (NIST SP 800-63B-4 §3.2.12).
    ///
    /// # Errors
    ///
    /// [`CodeError::Length`] for other than 6 to 10 digits, [`CodeError::Randomness`] if the source fails.
    ///
    /// ```
    /// assert_eq!(otp_core::Code::draw(8)?.expose().len(), 8);
    /// # Ok::<(), otp_core::CodeError>(())
    /// ```
    pub fn draw(digits: u8) -> Result<Self, CodeError> {
        if !DIGITS.contains(&usize::from(digits)) {
            return Err(CodeError::Length);
        }
        let mut value = if uniform::fits_u32(digits) {
            uniform::uniform(digits, || SysRng.try_next_u32())
        } else {
            uniform::uniform(digits, || SysRng.try_next_u64())
        }?;
        let code = Self::of_value(value, digits);
        value.zeroize();
        Ok(code)
    }

    /// Reads a code as a person types it: ASCII spaces and hyphens are dropped, then 6 to 10 ASCII digits.
    ///
    /// # Errors
    ///
    /// [`CodeError::InputTooLong`], [`CodeError::NotDigits`] (digits of other scripts too) or [`CodeError::Length`].
    ///
    /// ```
    /// assert_eq!(otp_core::Code::parse(" 012 345 ")?.expose(), "012345");
    /// # Ok::<(), otp_core::CodeError>(())
    /// ```
    pub fn parse(input: &str) -> Result<Self, CodeError> {
        if input.len() > MAX_INPUT {
            return Err(CodeError::InputTooLong);
        }
        let typed = || input.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
        if !typed().all(|byte| byte.is_ascii_digit()) {
            return Err(CodeError::NotDigits);
        }
        let len = typed().count();
        if !DIGITS.contains(&len) {
            return Err(CodeError::Length);
        }
        let mut code = Self {
            digits: [0; MAX_DIGITS],
            len: 0,
        };
        for (slot, byte) in code.digits.iter_mut().zip(typed()) {
            *slot = byte;
            code.len += 1;
        }
        Ok(code)
    }

    /// The digits. Only for the message to the subscriber and for hashing.
    ///
    /// ```
    /// assert_eq!(otp_core::Code::parse("000000")?.expose(), "000000");
    /// # Ok::<(), otp_core::CodeError>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        let digits = self.digits.get(..self.len()).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// The number of digits, 6 to 10.
    ///
    /// ```
    /// assert_eq!(otp_core::Code::parse("123 456 78")?.len(), 8);
    /// # Ok::<(), otp_core::CodeError>(())
    /// ```
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a code has six digits at least"
    )]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    fn of_value(mut value: u64, len: u8) -> Self {
        let mut code = Self {
            digits: [0; MAX_DIGITS],
            len,
        };
        for slot in code.digits.iter_mut().take(usize::from(len)).rev() {
            *slot = b'0' + (value % 10) as u8;
            value /= 10;
        }
        code
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code([redacted])")
    }
}
