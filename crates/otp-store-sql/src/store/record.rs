//! A challenge as a row.

use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::{Columns, Row};
use otp_core::Timestamp;
use otp_core::challenge::{ChallengeKey, ChallengeRecord, IssuedCode, PreviousCode};

/// What this version writes, and all that it reads (FLT-9).
const FORMAT: i64 = 1;

/// A row that was found and locked.
pub(super) struct Stored {
    /// Grows with every write: the predicate that the next one must meet.
    pub(super) rev: i64,
    pub(super) record: ChallengeRecord,
}

impl Stored {
    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        let mut columns = row.columns();
        let rev = columns.int()?;
        if columns.int()? != FORMAT {
            return Err(Fault::corrupt("a challenge of another version"));
        }
        let request = columns.opt_bytes()?.map(fixed).transpose()?;
        let channel = known(columns.text()?.parse())?;
        let remember_me = columns.int()? != 0;
        let current = IssuedCode {
            request,
            channel,
            remember_me,
            digest: columns.array()?,
            kid: known(columns.text()?.parse())?,
            issued_at: Timestamp::from_millis(columns.int()?),
            expires_at: Timestamp::from_millis(columns.int()?),
            tries_left: small(columns.int()?)?,
        };
        let previous = previous(&mut columns)?;
        let used_at = columns.opt_int()?.map(Timestamp::from_millis);
        let record = ChallengeRecord {
            current,
            previous,
            used_at,
        };
        Ok(Self { rev, record })
    }
}

/// All of its columns are there, or it is not.
fn previous(columns: &mut Columns<'_>) -> Result<Option<Box<PreviousCode>>, Fault> {
    let (digest, kid) = (columns.opt_bytes()?, columns.opt_text()?);
    let (issued, expires) = (columns.opt_int()?, columns.opt_int()?);
    let tries = columns.opt_int()?;
    let (request, channel) = (columns.opt_bytes()?, columns.opt_text()?);
    let (remember_me, until) = (columns.opt_int()?, columns.opt_int()?);
    let Some(digest) = digest else {
        return Ok(None);
    };
    let there = |found: Option<i64>| found.ok_or_else(|| Fault::corrupt("half a code"));
    Ok(Some(Box::new(PreviousCode {
        code: IssuedCode {
            request: request.map(fixed).transpose()?,
            channel: known(channel.unwrap_or_default().parse())?,
            remember_me: there(remember_me)? != 0,
            digest: fixed(digest)?,
            kid: known(kid.unwrap_or_default().parse())?,
            issued_at: Timestamp::from_millis(there(issued)?),
            expires_at: Timestamp::from_millis(there(expires)?),
            tries_left: small(there(tries)?)?,
        },
        valid_until: Timestamp::from_millis(there(until)?),
    })))
}

/// What names a row.
pub(super) fn key(key: &ChallengeKey) -> Vec<Value> {
    args![
        key.id.as_bytes(),
        key.phone.as_bytes(),
        key.purpose.as_str()
    ]
}

/// The row's values at revision `rev`, what names it last.
pub(super) fn values(named: &ChallengeKey, record: &ChallengeRecord, rev: i64) -> Vec<Value> {
    let current = &record.current;
    let mut values = args![
        rev,
        FORMAT,
        current.request.map(|tag| tag.to_vec()),
        current.channel.as_str(),
        current.remember_me,
        &current.digest,
        current.kid.as_str(),
        current.issued_at.as_millis(),
        current.expires_at.as_millis(),
        i64::from(current.tries_left),
    ];
    let previous = record.previous.as_deref();
    let code = previous.map(|previous| &previous.code);
    values.extend(args![
        code.map(|code| code.digest.to_vec()),
        code.map(|code| code.kid.as_str().to_owned()),
        code.map(|code| code.issued_at.as_millis()),
        code.map(|code| code.expires_at.as_millis()),
        code.map(|code| i64::from(code.tries_left)),
        code.and_then(|code| code.request.map(|tag| tag.to_vec())),
        code.map(|code| code.channel.as_str().to_owned()),
        code.map(|code| i64::from(code.remember_me)),
        previous.map(|previous| previous.valid_until.as_millis()),
        record.used_at.map(Timestamp::as_millis),
        record.forgotten_at().as_millis(),
    ]);
    values.extend(key(named));
    values
}

pub(super) fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Fault> {
    bytes
        .try_into()
        .map_err(|_| Fault::corrupt("bytes of another length"))
}

fn small(value: i64) -> Result<u8, Fault> {
    value
        .try_into()
        .map_err(|_| Fault::corrupt("a number out of range"))
}

pub(super) fn known<T, E>(parsed: Result<T, E>) -> Result<T, Fault> {
    parsed.map_err(|_| Fault::corrupt("a name that is not known here"))
}
