//! A tally as bytes: a format byte, a kind byte, and variable-length numbers.
//!
//! Instants are kept as differences, so that the usual limit of a phone takes some 10 to 30 bytes. No bytes at all are
//! the tally of a row that was only seeded.

use crate::fault::Fault;
use otp_core::limit::{Cell, Tally};

/// What this version writes, and all that it reads.
const FORMAT: u8 = 1;

const INSTANTS: u8 = 0;
const MEMBERS: u8 = 1;
const SUB_WINDOWS: u8 = 2;
const STREAK: u8 = 3;

/// The bytes of `tally`.
pub(super) fn encode(tally: &Tally) -> Result<Vec<u8>, Fault> {
    let mut out = vec![FORMAT];
    let mut before = 0;
    let mut step = |out: &mut Vec<u8>, value: i64| {
        put_signed(out, value.wrapping_sub(before));
        before = value;
    };
    match tally {
        Tally::Instants(log) => {
            out.push(INSTANTS);
            log.iter().for_each(|at| step(&mut out, *at));
        }
        Tally::Members(seen) => {
            out.push(MEMBERS);
            for (member, at) in seen {
                out.extend_from_slice(&member.to_be_bytes());
                step(&mut out, *at);
            }
        }
        Tally::SubWindows(buckets) => {
            out.push(SUB_WINDOWS);
            for (index, count) in buckets {
                step(&mut out, *index);
                put(&mut out, u64::from(*count));
            }
        }
        Tally::Streak { failures, last } => {
            out.push(STREAK);
            put(&mut out, u64::from(*failures));
            put_signed(&mut out, *last);
        }
        _ => return Err(Fault::corrupt("a tally of a kind that is not known here")),
    }
    Ok(out)
}

/// The tally of `cell` that was stored as `bytes`. Bytes of another version are a fault, never a fresh tally: that
/// would refill a budget.
pub(super) fn decode(bytes: &[u8], cell: &Cell) -> Result<Tally, Fault> {
    match bytes {
        [] => Ok(Tally::empty(cell.count, &cell.rates)),
        [FORMAT, kind, rest @ ..] => {
            read(*kind, rest).ok_or_else(|| Fault::corrupt("a tally that cannot be read"))
        }
        _ => Err(Fault::corrupt("a tally of another version")),
    }
}

fn read(kind: u8, bytes: &[u8]) -> Option<Tally> {
    let mut input = Input { bytes, before: 0 };
    let mut tally = match kind {
        INSTANTS => Tally::Instants(Vec::new()),
        MEMBERS => Tally::Members(Vec::new()),
        SUB_WINDOWS => Tally::SubWindows(Vec::new()),
        STREAK => Tally::Streak {
            failures: input.small()?,
            last: input.signed()?,
        },
        _ => return None,
    };
    while !input.bytes.is_empty() {
        match &mut tally {
            Tally::Instants(log) => log.push(input.step()?),
            Tally::Members(seen) => seen.push((input.fixed()?, input.step()?)),
            Tally::SubWindows(buckets) => buckets.push((input.step()?, input.small()?)),
            _ => return None,
        }
    }
    Some(tally)
}

/// LEB128: seven bits a byte, the lowest first.
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    out.push(low_bits(value));
}

fn low_bits(value: u64) -> u8 {
    u8::try_from(value & 0x7f).unwrap_or(0)
}

/// Zigzag: small numbers of either sign stay small.
fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

struct Input<'a> {
    bytes: &'a [u8],
    before: i64,
}

impl Input<'_> {
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    fn step(&mut self) -> Option<i64> {
        self.before = self.before.wrapping_add(self.signed()?);
        Some(self.before)
    }

    fn small(&mut self) -> Option<u32> {
        self.unsigned()?.try_into().ok()
    }

    fn fixed(&mut self) -> Option<u64> {
        let (head, rest) = self.bytes.split_first_chunk::<8>()?;
        self.bytes = rest;
        Some(u64::from_be_bytes(*head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::limit::{CellKey, Count, Rate};
    use proptest::prelude::*;
    use std::time::Duration;

    fn cell() -> Cell {
        let rates = [Rate::new(3, Duration::from_secs(60))];
        Cell::new(CellKey::from_bytes([1; 16]), Count::All, rates)
    }

    fn tallies() -> impl Strategy<Value = Tally> {
        prop_oneof![
            proptest::collection::vec(any::<i64>(), 0..100).prop_map(Tally::Instants),
            proptest::collection::vec(any::<(u64, i64)>(), 0..50).prop_map(Tally::Members),
            proptest::collection::vec(any::<(i64, u32)>(), 0..64).prop_map(Tally::SubWindows),
            any::<(u32, i64)>().prop_map(|(failures, last)| Tally::Streak { failures, last }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tally in tallies()) {
            let bytes = encode(&tally).unwrap();
            prop_assert_eq!(decode(&bytes, &cell()).unwrap(), tally);
        }

        /// FLT-9: whatever lies in the column, reading it does not panic.
        #[test]
        fn any_bytes_are_a_tally_or_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(&bytes, &cell());
        }
    }

    /// FLT-9, THR-15: a newer node's record is a failure, not an empty budget.
    #[test]
    fn another_version_is_a_fault() {
        assert!(decode(&[2, INSTANTS, 4], &cell()).is_err());
        assert!(decode(&[FORMAT], &cell()).is_err());
        assert!(decode(&[FORMAT, 9], &cell()).is_err());
        assert_eq!(decode(&[], &cell()).unwrap(), Tally::Instants(Vec::new()));
    }
}
