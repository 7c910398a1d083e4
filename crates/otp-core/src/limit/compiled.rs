//! From a policy's limits and one request to the cells that a store charges.

use super::{
    Act, Cell, CellKey, Count, Counts, Dimension, EXACT_QUOTA, Limit, OnExceed, Rate, Refusal,
    strictest,
};
use crate::client::{Client, host_prefix, network_prefix};
use crate::{Keys, PhoneKey, PhoneNumber};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Limits that differ only in their rates, which one log can serve.
#[derive(Clone, Debug)]
struct Group {
    name: Arc<str>,
    act: Act,
    key: Vec<Dimension>,
    counts: Counts,
    on_exceed: OnExceed,
    rates: Arc<[Rate]>,
    tag: [u8; 16],
}

/// All limits of a policy, ready to be looked up by act.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitSet {
    groups: Vec<Group>,
}

/// Whom a request is about: where the values of the dimensions come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) tenant: &'a str,
    pub(crate) phone: Option<(&'a PhoneNumber, PhoneKey)>,
    pub(crate) client: &'a Client,
}

/// The cells of one request, and which limit each stands for.
#[derive(Debug)]
pub(crate) struct RequestCells<'a> {
    pub(crate) cells: Vec<Cell>,
    groups: Vec<&'a Group>,
}

impl LimitSet {
    pub(crate) fn new(limits: &[Limit]) -> Self {
        let mut groups: Vec<(Limit, Vec<Rate>)> = Vec::new();
        for limit in limits {
            let same = |(other, _): &&mut (Limit, Vec<Rate>)| {
                (other.act, &other.key, other.counts, other.on_exceed)
                    == (limit.act, &limit.key, limit.counts, limit.on_exceed)
                    && (other.rate.quota() > EXACT_QUOTA) == (limit.rate.quota() > EXACT_QUOTA)
                    && limit.rate.quota() <= EXACT_QUOTA
            };
            match groups.iter_mut().find(same) {
                Some((_, rates)) => rates.push(limit.rate),
                None => groups.push((limit.clone(), vec![limit.rate])),
            }
        }
        let compile = |(limit, rates): (Limit, Vec<Rate>)| {
            let rates = strictest(rates);
            Group {
                name: limit.name().into(),
                tag: tag(&limit, &rates),
                act: limit.act,
                counts: limit.counts,
                on_exceed: limit.on_exceed,
                rates: rates.into(),
                key: limit.key,
            }
        };
        Self {
            groups: groups.into_iter().map(compile).collect(),
        }
    }

    /// The cells that `act` charges for `subject`.
    pub(crate) fn cells(&self, act: Act, subject: &Subject<'_>) -> RequestCells<'_> {
        self.select(subject, |group| group.act == act || group.act == Act::Any)
    }

    /// The cells that a malformed request costs its sender: only those that need no phone.
    pub(crate) fn cells_of_malformed(&self, act: Act, subject: &Subject<'_>) -> RequestCells<'_> {
        let counts = |group: &Group| {
            group.act == Act::Any || (group.act == act && group.counts == Counts::Failures)
        };
        self.select(subject, |group| {
            counts(group) && group.counts != Counts::DistinctPhones
        })
    }

    /// How the limits count that say nothing of a refusal.
    pub(crate) fn silent(&self) -> impl Iterator<Item = (Count, &[Rate])> {
        self.groups
            .iter()
            .filter(|group| group.on_exceed == OnExceed::Silent)
            .map(|group| (Count::All, &*group.rates))
    }

    fn select(&self, subject: &Subject<'_>, wanted: impl Fn(&Group) -> bool) -> RequestCells<'_> {
        let mut selected = RequestCells {
            cells: Vec::with_capacity(self.groups.len()),
            groups: Vec::with_capacity(self.groups.len()),
        };
        // Several limits are often by the same: a MAC of each is the dearest part of a request to a store in memory.
        let mut seen: Vec<(&[Dimension], [u8; 16])> = Vec::new();
        for group in self.groups.iter().filter(|group| wanted(group)) {
            let found = seen.iter().find(|(key, _)| *key == group.key);
            let whom = found.map(|(_, whom)| *whom).or_else(|| {
                let whom = whom(&group.key, subject)?;
                seen.push((&group.key, whom));
                Some(whom)
            });
            if let Some(cell) = whom.and_then(|whom| group.cell(whom, subject)) {
                selected.cells.push(cell);
                selected.groups.push(group);
            }
        }
        selected
    }
}

impl RequestCells<'_> {
    /// The refusal that lasts longest, with its limit's name; a silent one only where no other refused, for its wait
    /// would tell what it hides.
    pub(crate) fn longest<'r>(&self, refusals: &'r [Refusal]) -> Option<(&'r Refusal, Arc<str>)> {
        let longest = refusals
            .iter()
            .max_by_key(|refusal| (!self.is_silent(refusal), refusal.retry_at))?;
        let group = self.groups.get(longest.cell)?;
        Some((longest, Arc::clone(&group.name)))
    }

    /// Whether every limit that refused says nothing of it to the client.
    pub(crate) fn all_silent(&self, refusals: &[Refusal]) -> bool {
        !refusals.is_empty() && refusals.iter().all(|refusal| self.is_silent(refusal))
    }

    fn is_silent(&self, refusal: &Refusal) -> bool {
        let group = self.groups.get(refusal.cell);
        group.is_some_and(|group| group.on_exceed == OnExceed::Silent)
    }
}

impl Group {
    /// The cell of `subject`, which `whom` stands for, unless the limit counts something that it does not have.
    fn cell(&self, whom: [u8; 16], subject: &Subject<'_>) -> Option<Cell> {
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
            },
            rates: Arc::clone(&self.rates),
        })
    }
}

/// What tells a limit from others of the same key; the stricter rates of one limit share one log, and one tag.
fn tag(limit: &Limit, rates: &[Rate]) -> [u8; 16] {
    let kind = match (limit.counts, limit.on_exceed) {
        (Counts::All, OnExceed::Refuse) => "all",
        (Counts::All, OnExceed::Silent) => "all, silent",
        (Counts::Failures, _) => "failures",
        (Counts::ConsecutiveFailures, _) => "streak",
        (Counts::DistinctPhones, _) => "distinct",
    };
    let large = rates.first().filter(|rate| rate.quota() > EXACT_QUOTA);
    let window = large.map_or(0, Rate::window_millis);
    let named = format!("otp/v1/limit {} {kind} {window}", limit.act.as_str());
    let [tag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
        <[u8; 32]>::from(Sha256::digest(named));
    tag
}

/// A keyed hash of the subject's values in these dimensions, if it has one in each.
fn whom(key: &[Dimension], subject: &Subject<'_>) -> Option<[u8; 16]> {
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
        Dimension::Country => Cow::Owned(country(subject.phone?.0)),
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

/// The region where there is one; ranges of no region, such as satellite phones, by their calling code.
fn country(phone: &PhoneNumber) -> Vec<u8> {
    phone.region().map_or_else(
        || phone.country_code().to_string().into_bytes(),
        |region| region.as_str().as_bytes().to_vec(),
    )
}

fn member(phone: &PhoneKey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *phone.as_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
