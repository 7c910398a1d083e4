//! What a limit must satisfy.

use super::{PolicyError, Prices, floor};
use crate::limit::{Act, Counts, Dimension, EXACT_QUOTA, Limit, OnExceed};
use std::time::Duration;

pub(super) fn limit(limit: &Limit, prices: Option<&Prices>) -> Result<(), PolicyError> {
    let problem = shape(limit)
        .or_else(|| counting(limit))
        .or_else(|| telling(limit))
        .or_else(|| spending(limit, prices));
    problem.map_or(Ok(()), |problem| {
        let limit = limit.name();
        Err(PolicyError::Limit { limit, problem })
    })
}

fn by_phone(limit: &Limit) -> bool {
    limit.key.contains(&Dimension::Phone)
}

fn shape(limit: &Limit) -> Option<&'static str> {
    let (verify, send) = (limit.act == Act::Verify, limit.act == Act::Send);
    let needs_phone =
        |d: &Dimension| matches!(d, Dimension::Phone | Dimension::Country | Dimension::Prefix);
    match () {
        () if limit.key.is_empty() => Some("has no key"),
        () if limit.rate.quota() == 0 => Some("admits nothing"),
        () if limit.rate.window() < Duration::from_secs(1) => Some("has a window below one second"),
        () if limit.rate.window() > 400 * floor::DAY => Some("has a window above 400 days"),
        () if !verify && !send && limit.key.iter().any(needs_phone) => {
            Some("has no phone to go by")
        }
        () => None,
    }
}

fn counting(limit: &Limit) -> Option<&'static str> {
    let (verify, send) = (limit.act == Act::Verify, limit.act == Act::Send);
    match limit.counts {
        Counts::Failures if !verify => Some("counts failures of something that is not verify"),
        Counts::ConsecutiveFailures if !verify || limit.key != [Dimension::Phone] => {
            Some("counts consecutive failures of something else than verify by phone")
        }
        Counts::DistinctPhones if by_phone(limit) || !(verify || send) => {
            Some("cannot count distinct phones")
        }
        Counts::DistinctPhones if limit.rate.quota() > EXACT_QUOTA => {
            Some("counts more than 100 distinct phones")
        }
        Counts::Unverified if !send => Some("counts unverified messages of something but send"),
        _ if limit.gives_back > 0 && limit.counts != Counts::Unverified => {
            Some("gives back what only a limit of unverified messages can")
        }
        _ => None,
    }
}

fn telling(limit: &Limit) -> Option<&'static str> {
    let send = limit.act == Act::Send;
    let exempt = limit.exempt_known;
    match limit.on_exceed {
        _ if exempt && (!send || by_phone(limit) || limit.counts == Counts::Spend) => Some(
            "can exempt known numbers only for send, not by phone, and not from what it spends",
        ),
        OnExceed::Refuse if exempt => {
            Some("would tell by its refusal which numbers are known: it must be silent or report")
        }
        OnExceed::Silent if !(send && (exempt || by_phone(limit))) => {
            Some("can be silent only for send by phone, or where it exempts known numbers")
        }
        OnExceed::Report if !send => Some("can be only reported for send alone"),
        _ => None,
    }
}

fn spending(limit: &Limit, prices: Option<&Prices>) -> Option<&'static str> {
    if limit.counts != Counts::Spend {
        return None;
    }
    let Some(prices) = prices else {
        return Some("counts what messages cost, and the policy has no prices");
    };
    match () {
        () if limit.act != Act::Send => Some("counts what something but send costs"),
        () if limit.rate.quota() <= EXACT_QUOTA => {
            Some("counts what messages cost, and so needs a quota above 100")
        }
        () if limit.on_exceed == OnExceed::Silent => {
            Some("counts what messages cost, and cannot be silent")
        }
        () if prices.all().any(|price| price > limit.rate.quota()) => {
            Some("has a quota below the price of one message")
        }
        () => None,
    }
}
