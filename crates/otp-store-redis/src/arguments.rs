//! What scripts are given: one JSON text. Numbers stay below 10^14, which is what the server's JSON keeps; longer ones
//! travel as text.

use crate::key;
use otp_core::Timestamp;
use otp_core::challenge::{Guess, NewChallenge, Opening};
use otp_core::limit::{Cell, Count, EXACT_QUOTA, Rate};
use serde::Serialize;

/// The year 5138, and windows of 3 000 years. To a script an instant that late is never.
pub(crate) const LARGEST: i64 = 99_999_999_999_999;

const SUB_WINDOWS: i64 = 64;

/// A verb's arguments with the cells that it is about.
#[derive(Serialize)]
pub(crate) struct Arguments<'a, V> {
    pub(crate) now: i64,
    pub(crate) cells: Vec<CellArgument<'a>>,
    #[serde(flatten)]
    pub(crate) verb: V,
}

/// A cell as `tally.lua` takes it.
#[derive(Serialize)]
pub(crate) struct CellArgument<'a> {
    #[serde(rename = "k")]
    kind: &'static str,
    #[serde(rename = "on")]
    counts: &'static str,
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// What one act takes of the quota.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    weight: Option<u32>,
    /// How many charges a right code takes away.
    #[serde(rename = "v", skip_serializing_if = "Option::is_none")]
    verified: Option<u32>,
    #[serde(rename = "r")]
    rates: Vec<(u32, i64, i64)>,
    #[serde(rename = "w")]
    longest: i64,
    #[serde(rename = "l")]
    sub_window: i64,
    #[serde(rename = "q")]
    most: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<&'a serde_json::Value>,
}

impl<'a> CellArgument<'a> {
    /// As `settle.lua` takes it: what is to be undone, and what was there before.
    pub(crate) fn undoing(
        cell: &Cell,
        undo: &'static str,
        was: Option<&'a serde_json::Value>,
    ) -> Self {
        let (undo, plain) = (Some(undo), Self::new(cell));
        Self { undo, was, ..plain }
    }

    pub(crate) fn new(cell: &Cell) -> Self {
        let rates: Vec<_> = cell.rates.iter().map(rate).collect();
        let longest = rates
            .iter()
            .map(|(_, window, _)| *window)
            .max()
            .unwrap_or(1);
        let most = rates.iter().map(|(quota, ..)| *quota).max().unwrap_or(0);
        Self {
            kind: match cell.count {
                Count::Distinct(_) => "m",
                Count::Streak => "s",
                Count::Spend(_) => "w",
                Count::All | Count::WrongGuesses | Count::Rejections | Count::Unverified(_) => {
                    if most > EXACT_QUOTA {
                        "w"
                    } else {
                        "i"
                    }
                }
            },
            counts: match cell.count {
                Count::All | Count::Spend(_) => "all",
                Count::Unverified(_) => "sent",
                Count::Rejections | Count::Distinct(_) => "rejected",
                Count::WrongGuesses | Count::Streak => "wrong",
            },
            member: match cell.count {
                Count::Distinct(member) => Some(format!("{member:x}")),
                _ => None,
            },
            weight: Some(cell.count.weight()).filter(|weight| *weight != 1),
            verified: match cell.count {
                Count::Unverified(more) => Some(more.saturating_add(1)),
                _ => None,
            },
            rates,
            longest,
            sub_window: sub_window(longest),
            most,
            undo: None,
            was: None,
        }
    }
}

fn rate(rate: &Rate) -> (u32, i64, i64) {
    let window = rate.window_millis().min(LARGEST);
    (rate.quota(), window, sub_window(window))
}

/// Rounded up, as the core does.
const fn sub_window(window: i64) -> i64 {
    window / SUB_WINDOWS + (window % SUB_WINDOWS != 0) as i64
}

pub(crate) fn millis(instant: Timestamp) -> i64 {
    instant.as_millis().clamp(-LARGEST, LARGEST)
}

#[derive(Serialize)]
pub(crate) struct OpenArguments<'a> {
    start: bool,
    /// Whether a limit in another slot has refused.
    refused: bool,
    previous_until: i64,
    new: NewRecord<'a>,
}

/// As `challenge.lua` keeps it.
#[derive(Serialize)]
struct NewRecord<'a> {
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(rename = "m")]
    remember_me: bool,
    #[serde(rename = "d")]
    digest: String,
    #[serde(rename = "k")]
    kid: &'a str,
    #[serde(rename = "x")]
    expires_at: i64,
    #[serde(rename = "t")]
    tries: u8,
}

impl<'a> OpenArguments<'a> {
    pub(crate) fn new(new: &'a NewChallenge, refused: bool) -> Self {
        Self {
            start: new.opening == Opening::Start,
            refused,
            previous_until: millis(new.previous_until),
            new: NewRecord {
                request: new.request.map(|request| key::text(&request)),
                channel: new.channel.map(|channel| channel.as_str()),
                remember_me: new.remember_me,
                digest: key::text(&new.digest),
                kid: new.kid.as_str(),
                expires_at: millis(new.expires_at),
                tries: new.tries,
            },
        }
    }
}

#[derive(Serialize)]
pub(crate) struct AttemptArguments<'a> {
    refused: bool,
    digests: Vec<(&'a str, String)>,
}

impl<'a> AttemptArguments<'a> {
    pub(crate) fn new(guess: &Guess<'a>, refused: bool) -> Self {
        Self {
            refused,
            digests: digests(guess),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ApproveArguments<'a> {
    at: i64,
    digests: Vec<(&'a str, String)>,
}

impl<'a> ApproveArguments<'a> {
    pub(crate) fn new(guess: &Guess<'a>, guessed_at: Timestamp) -> Self {
        Self {
            at: millis(guessed_at),
            digests: digests(guess),
        }
    }
}

fn digests<'a>(guess: &Guess<'a>) -> Vec<(&'a str, String)> {
    let digests = guess.digests.iter();
    let told = digests.map(|(kid, digest)| (kid.as_str(), key::text(digest)));
    told.collect()
}

#[derive(Serialize)]
pub(crate) struct WithdrawArguments {
    pub(crate) digest: String,
}

#[derive(Serialize)]
pub(crate) struct ChargeArguments {
    pub(crate) peek: bool,
}

#[derive(Serialize)]
pub(crate) struct SettleArguments {
    pub(crate) at: i64,
}
