//! A uniform number below a power of ten, from a source of uniform words.

use std::error::Error;

use super::CodeError;

/// Each draw is accepted with more than nine chances in ten: this many refusals in a row are a broken source.
const MAX_DRAWS: usize = 64;

/// A machine word of a random source.
pub(super) trait Word: Into<u64> {
    /// The largest value of a word.
    const MAX: u64;
}

impl Word for u32 {
    const MAX: u64 = u32::MAX as u64;
}

impl Word for u64 {
    const MAX: u64 = u64::MAX;
}

/// Whether all codes of so many digits can be told apart by a `u32`.
pub(super) fn fits_u32(digits: u8) -> bool {
    space(digits).is_some_and(|space| space <= <u32 as Word>::MAX)
}

/// A value below `10^digits`, each equally likely. The words are cut into that many buckets of the same size;
/// a word past the last bucket is refused and another drawn, so none is favoured.
pub(super) fn uniform<W: Word, E: Into<Box<dyn Error + Send + Sync>>>(
    digits: u8,
    mut next: impl FnMut() -> Result<W, E>,
) -> Result<u64, CodeError> {
    let space = space(digits).ok_or(CodeError::Length)?;
    let bucket = bucket::<W>(space).ok_or(CodeError::Length)?;
    for _ in 0..MAX_DRAWS {
        let word: u64 = next()
            .map_err(|source| CodeError::Randomness(source.into()))?
            .into();
        match word.checked_div(bucket) {
            Some(value) if value < space => return Ok(value),
            _ => {}
        }
    }
    Err(CodeError::Randomness("no word was accepted".into()))
}

fn space(digits: u8) -> Option<u64> {
    10_u64.checked_pow(u32::from(digits))
}

/// Words per value, rounded down; `None` where there are fewer words than values.
fn bucket<W: Word>(space: u64) -> Option<u64> {
    let words = u128::from(W::MAX) + 1;
    u64::try_from(words.checked_div(u128::from(space))?)
        .ok()
        .filter(|bucket| *bucket > 0)
}
