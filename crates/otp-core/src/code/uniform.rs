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

#[cfg(test)]
mod tests {
    use super::*;

    /// GEN-1: the words past the last whole bucket are refused; the next word is taken instead.
    #[test]
    fn gen_rejects_biased_tail() {
        for digits in 6..=9 {
            let space = space(digits).unwrap();
            let first_refused = u32::try_from((1 << 32) / space * space).unwrap();
            let refused = [first_refused, first_refused + 1, u32::MAX];
            for tail in refused {
                assert_eq!(draw(digits, &[tail, 0]), Ok(0), "{digits} digits");
                assert_eq!(
                    draw(digits, &[tail, tail, first_refused - 1]),
                    Ok(space - 1)
                );
                assert_eq!(draw::<u32>(digits, &[tail]), Err(()));
            }
        }
    }

    /// GEN-1: the same for ten digits, which need words of 64 bits.
    #[test]
    fn gen_rejects_biased_tail_of_ten_digits() {
        let space = 10_u64.pow(10);
        let first_refused = u64::MAX / space * space;
        assert_eq!(draw(10, &[first_refused, 0]), Ok(0));
        assert_eq!(draw(10, &[u64::MAX, first_refused - 1]), Ok(space - 1));
        assert!(!fits_u32(10) && fits_u32(9));
        assert_eq!(draw::<u32>(10, &[0]), Err(()));
    }

    /// GEN-1: every value has the same number of words: its first and last word give it, their neighbours do not.
    #[test]
    fn buckets_have_one_size() {
        let bucket = (1_u64 << 32) / 1_000_000;
        for value in [0, 1, 499_999, 999_998, 999_999] {
            let first = u32::try_from(value * bucket).unwrap();
            let last = u32::try_from(value * bucket + bucket - 1).unwrap();
            assert_eq!(
                (draw(6, &[first]), draw(6, &[last])),
                (Ok(value), Ok(value))
            );
        }
    }

    /// GEN-1: a source that fails, or gives nothing but refused words, is an error and no endless loop.
    #[test]
    fn a_broken_source_is_an_error() {
        let failing = uniform(6, || Err::<u32, _>(std::io::Error::other("no entropy")));
        assert!(matches!(failing, Err(CodeError::Randomness(_))));
        let stuck = uniform(6, || Ok::<_, std::io::Error>(u32::MAX));
        assert!(matches!(stuck, Err(CodeError::Randomness(_))));
    }

    fn draw<W: Word + Copy>(digits: u8, script: &[W]) -> Result<u64, ()> {
        let mut words = script.iter().copied();
        uniform(digits, || words.next().ok_or("the script is over")).map_err(|_| ())
    }
}
