//! One limit, compiled: what tells its cells from others, and whose each is.

use super::{Act, Cell, CellKey, Count, Counts, Dimension, EXACT_QUOTA, Limit, OnExceed, Rate};
use crate::client::{Client, host_prefix, network_prefix};
use crate::{Keys, PhoneKey, PhoneNumber};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Limits that differ only in their rates, which one log can serve.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: Arc<str>,
    pub(super) act: Act,
    pub(super) key: Vec<Dimension>,
    pub(super) counts: Counts,
    pub(super) gives_back: u32,
    pub(super) on_exceed: OnExceed,
    pub(super) exempt_known: bool,
    pub(super) rates: Arc<[Rate]>,
    pub(super) tag: [u8; 16],
}

/// Whom a request is about: where the values of the dimensions come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) tenant: &'a str,
    pub(crate) phone: Option<(&'a PhoneNumber, PhoneKey)>,
    pub(crate) client: &'a Client,
}

impl Group {
    pub(super) fn new(limit: &Limit, rates: Vec<Rate>) -> Self {
        Self {
            name: limit.name().into(),
            act: limit.act,
            key: limit.key.clone(),
            counts: limit.counts,
            gives_back: limit.gives_back,
            on_exceed: limit.on_exceed,
            exempt_known: limit.exempt_known,
            tag: tag(limit, &rates),
            rates: rates.into(),
        }
    }

    /// Whether it counts what our messages cost or lead to, or is shared by strangers: a number that is sent none has no
    /// part in it.
    pub(super) fn is_about_messages(&self) -> bool {
        let own = [
            Dimension::Phone,
            Dimension::Address,
            Dimension::Network,
            Dimension::Device,
        ];
        let of_messages = matches!(self.counts, Counts::Spend | Counts::Unverified);
        of_messages || !self.key.iter().any(|dimension| own.contains(dimension))
    }

    pub(super) fn acts(&self, act: Act) -> bool {
        self.act == act || self.act == Act::Any
    }

    /// The cell of `subject`, which `whom` stands for, unless the limit counts something that it does not have.
    pub(super) fn cell(
        &self,
        whom: [u8; 16],
        subject: &Subject<'_>,
        price: Option<u32>,
    ) -> Option<Cell> {
        let about_phone = self.key.contains(&Dimension::Phone);
        let phone = subject.phone.map(|(_, key)| key);
        // `whom` cannot be told from random bytes, so neither can this, and no two limits meet in it.
        let mut key = whom;
        for (byte, tag) in key.iter_mut().zip(self.tag) {
            *byte ^= tag;
        }
        Some(Cell {
            key: CellKey::from_bytes(key),
            home: phone.filter(|_| self.key == [Dimension::Phone]),
            count: match self.counts {
                Counts::All => Count::All,
                Counts::Failures if about_phone => Count::WrongGuesses,
                Counts::Failures => Count::Rejections,
                Counts::ConsecutiveFailures => Count::Streak,
                Counts::DistinctPhones => Count::Distinct(member(&phone?)),
                Counts::Spend => Count::Spend(price?),
                Counts::Unverified => Count::Unverified(self.gives_back),
            },
            rates: Arc::clone(&self.rates),
        })
    }
}

/// Whether two limits are one, with two rates.
pub(super) fn differ_in_rate(one: &Limit, other: &Limit) -> bool {
    let kind = |limit: &Limit| (limit.act, limit.counts, limit.gives_back);
    let way = |limit: &Limit| (limit.on_exceed, limit.exempt_known);
    one.key == other.key && kind(one) == kind(other) && way(one) == way(other)
}

/// Whether one log of instants can serve this rate beside others. What a right code takes away is each window's own.
pub(super) fn share_a_log(limit: &Limit, rate: &Rate) -> bool {
    let own = matches!(limit.counts, Counts::Spend | Counts::Unverified);
    rate.quota() <= EXACT_QUOTA && !own
}

/// What tells a limit from others of the same key; the stricter rates of one limit share one log, and one tag.
fn tag(limit: &Limit, rates: &[Rate]) -> [u8; 16] {
    let kind: Cow<'_, str> = match limit.counts {
        Counts::All => "all".into(),
        Counts::Failures => "failures".into(),
        Counts::ConsecutiveFailures => "streak".into(),
        Counts::DistinctPhones => "distinct".into(),
        Counts::Spend => "spend".into(),
        Counts::Unverified => format!("unverified {}", limit.gives_back).into(),
    };
    let way = match limit.on_exceed {
        OnExceed::Refuse => "",
        OnExceed::Silent => ", silent",
        OnExceed::Report => ", report",
    };
    let whose = if limit.exempt_known { ", unknown" } else { "" };
    let own = rates.first().filter(|rate| !share_a_log(limit, rate));
    let window = own.map_or(0, Rate::window_millis);
    let named = format!(
        "otp/v1/limit {} {kind}{way}{whose} {window}",
        limit.act.as_str()
    );
    let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        <[u8; 32]>::from(Sha256::digest(named));
    tag
}

/// A keyed hash of the subject's values in these dimensions, if it has one in each.
pub(super) fn whom(key: &[Dimension], subject: &Subject<'_>) -> Option<[u8; 16]> {
    if key == [Dimension::Phone] {
        // It is one already, of tenant and number.
        return subject.phone.map(|(_, key)| *key.as_bytes());
    }
    // The tenant is part of every key but the global one's: tenants share nothing else.
    let tenant = if key.contains(&Dimension::Global) {
        ""
    } else {
        subject.tenant
    };
    let mut parts: Vec<Cow<'_, [u8]>> = Vec::with_capacity(2 * key.len() + 1);
    parts.push(Cow::Borrowed(tenant.as_bytes()));
    for dimension in key {
        parts.push(Cow::Borrowed(dimension.as_str().as_bytes()));
        parts.push(value(*dimension, subject)?);
    }
    let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
    Some(subject.keys.limit_key(&parts))
}

fn value<'a>(dimension: Dimension, subject: &Subject<'a>) -> Option<Cow<'a, [u8]>> {
    let address = subject.client.address();
    Some(match dimension {
        Dimension::Phone => Cow::Owned(subject.phone?.1.as_bytes().to_vec()),
        Dimension::Address => octets(host_prefix(address?)),
        Dimension::Network => octets(network_prefix(address?)),
        Dimension::Device => Cow::Borrowed(subject.client.device_id()?.as_bytes()),
        Dimension::Country => Cow::Owned(subject.phone?.0.country().to_string().into_bytes()),
        Dimension::Prefix => Cow::Borrowed(subject.phone?.0.subscriber_block().as_bytes()),
        Dimension::Tenant | Dimension::Global => Cow::Borrowed(&[]),
    })
}

fn octets(address: IpAddr) -> Cow<'static, [u8]> {
    match address {
        IpAddr::V4(v4) => Cow::Owned(v4.octets().to_vec()),
        IpAddr::V6(v6) => Cow::Owned(v6.octets().to_vec()),
    }
}

fn member(phone: &PhoneKey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *phone.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
