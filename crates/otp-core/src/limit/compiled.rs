//! From a policy's limits and one request to the cells that a store charges.

use super::group::{Group, Subject, differ_in_rate, share_a_log, whom};
use super::{Act, Cell, Count, Counts, Dimension, Limit, OnExceed, Rate, Refusal, strictest};
use crate::policy::Prices;
use std::sync::Arc;

/// All limits of a policy, ready to be looked up by act.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitSet {
    groups: Vec<Group>,
    prices: Option<Prices>,
}

/// Which limits of `send` a message is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All that refuse.
    All,
    /// Without those that leave known numbers alone.
    OfKnown,
    /// As for a known number, but what stays behind costs nothing.
    Withheld,
    /// Those that count what a test number and its client do: nothing is sent.
    Test,
}

/// The cells of one request, and which limit each stands for.
#[derive(Debug)]
pub(crate) struct RequestCells<'a> {
    pub(crate) cells: Vec<Cell>,
    groups: Vec<&'a Group>,
}

impl LimitSet {
    pub(crate) fn new(limits: &[Limit], prices: Option<&Prices>) -> Self {
        let mut alike: Vec<(&Limit, Vec<Rate>)> = Vec::new();
        for limit in limits {
            match alike
                .iter_mut()
                .find(|(other, _)| differ_in_rate(other, limit))
            {
                Some((_, rates)) => rates.push(limit.rate),
                None => alike.push((limit, vec![limit.rate])),
            }
        }
        let groups = alike.into_iter().flat_map(|(limit, rates)| {
            let (logged, others): (Vec<_>, Vec<_>) = strictest(rates)
                .into_iter()
                .partition(|rate| share_a_log(limit, rate));
            let logged = Some(logged).filter(|rates| !rates.is_empty());
            let each = others.into_iter().map(|rate| vec![rate]);
            let all = logged.into_iter().chain(each);
            all.map(|rates| Group::new(limit, rates))
        });
        Self {
            groups: groups.collect(),
            prices: prices.cloned(),
        }
    }

    /// The cells that a refresh charges for `subject`.
    pub(crate) fn of_refresh(&self, subject: &Subject<'_>) -> RequestCells<'_> {
        self.select(subject, |group| group.acts(Act::Refresh))
    }

    /// The cells that a message charges.
    pub(crate) fn of_send(&self, subject: &Subject<'_>, asked: Asked) -> RequestCells<'_> {
        self.select(subject, |group| {
            let stays = match asked {
                Asked::All => true,
                Asked::OfKnown => !group.exempt_known,
                Asked::Withheld => !group.exempt_known && group.counts != Counts::Spend,
                Asked::Test => !group.exempt_known && !group.is_about_messages(),
            };
            group.acts(Act::Send) && group.on_exceed != OnExceed::Report && stays
        })
    }

    /// The cells of limits that refuse nobody.
    pub(crate) fn of_report(&self, subject: &Subject<'_>, known: bool) -> RequestCells<'_> {
        self.select(subject, |group| {
            group.on_exceed == OnExceed::Report && !(known && group.exempt_known)
        })
    }

    /// The cells that a guess charges; `sent` are those of its message that a right one takes charges from.
    pub(crate) fn of_guess(&self, subject: &Subject<'_>, sent: Option<Asked>) -> RequestCells<'_> {
        self.select(subject, |group| {
            let sent = match sent {
                Some(Asked::All) => true,
                Some(_) => !group.exempt_known,
                None => false,
            };
            group.acts(Act::Verify) || (sent && group.counts == Counts::Unverified)
        })
    }

    /// Whether any limit leaves known numbers alone.
    pub(crate) fn exempts_known(&self) -> bool {
        self.groups.iter().any(|group| group.exempt_known)
    }

    /// Whether any limit does whose charges a right code takes away.
    pub(crate) fn gives_back_by_known(&self) -> bool {
        let gives_back = |group: &Group| group.exempt_known && group.counts == Counts::Unverified;
        self.groups.iter().any(gives_back)
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

    /// Whether a limit says nothing of a number's own traffic.
    pub(crate) fn hides_traffic(&self) -> bool {
        let hides = |group: &Group| group.on_exceed == OnExceed::Silent && !group.exempt_known;
        self.groups.iter().any(hides)
    }

    /// How the limits of a number count whose first wait everybody is told, because the real one would tell something:
    /// of its traffic, or whether it is known.
    pub(crate) fn told_as_first(&self) -> impl Iterator<Item = (Count, &[Rate])> {
        let of_known = self.exempts_known();
        let told = move |group: &&Group| match group.on_exceed {
            _ if group.exempt_known || group.counts != Counts::All => false,
            OnExceed::Silent => true,
            OnExceed::Refuse => {
                of_known && group.key == [Dimension::Phone] && group.acts(Act::Send)
            }
            OnExceed::Report => false,
        };
        let groups = self.groups.iter().filter(told);
        groups.map(|group| (Count::All, &*group.rates))
    }

    fn select(&self, subject: &Subject<'_>, wanted: impl Fn(&Group) -> bool) -> RequestCells<'_> {
        let mut selected = RequestCells {
            cells: Vec::with_capacity(self.groups.len()),
            groups: Vec::with_capacity(self.groups.len()),
        };
        let phone = subject.phone.map(|(phone, _)| phone);
        let price = phone.and_then(|phone| Some(self.prices.as_ref()?.of(phone)));
        // Several limits are often by the same: a MAC of each is the dearest part of a request to a store in memory.
        let mut seen: Vec<(&[Dimension], [u8; 16])> = Vec::new();
        for group in self.groups.iter().filter(|group| wanted(group)) {
            let found = seen.iter().find(|(key, _)| *key == group.key);
            let whom = found.map(|(_, whom)| *whom).or_else(|| {
                let whom = whom(&group.key, subject)?;
                seen.push((&group.key, whom));
                Some(whom)
            });
            if let Some(cell) = whom.and_then(|whom| group.cell(whom, subject, price)) {
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
        let group = self.group(longest)?;
        Some((longest, Arc::clone(&group.name)))
    }

    /// Whether every limit that refused says nothing of it to the client.
    pub(crate) fn all_silent(&self, refusals: &[Refusal]) -> bool {
        !refusals.is_empty() && refusals.iter().all(|refusal| self.is_silent(refusal))
    }

    /// Whether only limits refused that would have let a known number pass.
    pub(crate) fn all_exempt(&self, refusals: &[Refusal]) -> bool {
        let exempts = |refusal| self.group(refusal).is_some_and(|group| group.exempt_known);
        !refusals.is_empty() && refusals.iter().all(exempts)
    }

    /// The name of the spend cap that refused, if one did.
    pub(crate) fn spend_cap(&self, refusals: &[Refusal]) -> Option<Arc<str>> {
        let mut groups = refusals.iter().filter_map(|refusal| self.group(refusal));
        let cap = groups.find(|group| group.counts == Counts::Spend)?;
        Some(Arc::clone(&cap.name))
    }

    fn is_silent(&self, refusal: &Refusal) -> bool {
        let group = self.group(refusal);
        group.is_some_and(|group| group.on_exceed == OnExceed::Silent)
    }

    fn group(&self, refusal: &Refusal) -> Option<&Group> {
        self.groups.get(refusal.cell).copied()
    }
}
