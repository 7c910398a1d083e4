//! Cells that lie in other slots than the verb's own record: charged first, each slot in its own step, and settled
//! once the outcome is known.
//!
//! When the verb's own step fails and it is not known whether it happened, what was charged elsewhere stays charged: one
//! too many may be refused, none is admitted. What certainly did not happen costs nothing, or a master that is down
//! would use up the limits of all the others. On one server everything is one step, and there is nothing here to do.

use crate::arguments::{Arguments, CellArgument, ChargeArguments, SettleArguments, millis};
use crate::error::did_not_happen;
use crate::key::{self, Tag};
use crate::link::Lanes;
use crate::replies::{ChargeReply, SettleReply, reply};
use crate::script::{CHARGE, Call, SETTLE, Script};
use otp_core::limit::{Cell, Count, Refusal};
use otp_core::{StoreError, Timestamp};
use redis::Value;
use serde::Serialize;

/// What becomes of a charge in another slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settle {
    Keep,
    GiveBack,
    Reset,
}

/// The cells of one verb by slots.
pub(crate) struct Slots<'a> {
    lanes: &'a Lanes,
    cells: &'a [Cell],
    now: i64,
    /// Positions of the cells that the verb's own script handles.
    pub(crate) own: Vec<usize>,
    others: Vec<Other>,
    /// Cells in other slots that are charged nothing, and of which a success takes.
    aside: Vec<usize>,
}

/// The cells of one other slot.
struct Other {
    places: Vec<usize>,
    /// What charging them replaced, if they were charged.
    charged: Option<Vec<serde_json::Value>>,
    refusals: Vec<Refusal>,
    next_at: i64,
}

impl<'a> Slots<'a> {
    /// Whether a verb that begins at `own` needs more than one step.
    pub(crate) fn are_several(lanes: &Lanes, own: Option<Tag>, cells: &[Cell]) -> bool {
        let own = own.or_else(|| cells.first().map(Tag::of_cell));
        lanes.is_cluster && cells.iter().any(|cell| Some(Tag::of_cell(cell)) != own)
    }

    pub(crate) fn new(
        lanes: &'a Lanes,
        own: Option<Tag>,
        cells: &'a [Cell],
        now: Timestamp,
    ) -> Self {
        let mut slots = Self {
            lanes,
            cells,
            now: millis(now),
            own: Vec::new(),
            others: Vec::new(),
            aside: Vec::new(),
        };
        let mut tags: Vec<Tag> = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            let tag = Tag::of_cell(cell);
            if own.is_some() && (!lanes.is_cluster || own == Some(tag)) {
                slots.own.push(place);
                continue;
            }
            let known = tags.iter().position(|t| *t == tag || !lanes.is_cluster);
            match known.and_then(|index| slots.others.get_mut(index)) {
                Some(other) => other.places.push(place),
                None => {
                    tags.push(tag);
                    slots.others.push(Other::new(place));
                }
            }
        }
        slots
    }

    /// Leaves these cells of other slots alone until [`verified`](Self::verified).
    pub(crate) fn set_aside(&mut self, which: impl Fn(&Cell) -> bool) {
        let cells = self.cells;
        let aside = |place: &usize| cells.get(*place).is_some_and(&which);
        for other in &mut self.others {
            self.aside.extend(other.places.iter().filter(|p| aside(p)));
            other.places.retain(|place| !aside(place));
        }
        self.others.retain(|other| !other.places.is_empty());
    }

    /// Takes from the cells that were set aside what a success takes. It stands whatever becomes of this.
    pub(crate) async fn verified(&self) {
        for place in &self.aside {
            let cell = self.cells.get(*place);
            let arguments = cell.map(|cell| CellArgument::undoing(cell, "verified", None));
            let arguments = arguments.into_iter().collect();
            if let Err(error) = self.settle_one(&[*place], arguments, self.now).await {
                tracing::warn!(target: "otp", %error, "a success took nothing from a limit in another slot");
            }
        }
    }

    /// Charges all that admit until one refuses; what comes behind that one is only asked.
    pub(crate) async fn charge_others(&mut self) -> Result<(), StoreError> {
        let charged = self.charge_each().await;
        if charged.is_err() {
            // The verb's own step is not begun.
            self.give_back().await;
        }
        charged
    }

    /// The verb's own step.
    pub(crate) async fn own_step(&mut self, call: &Call) -> Result<Value, StoreError> {
        let reply = self.lanes.write(call).await;
        if reply.as_ref().is_err_and(did_not_happen) {
            self.give_back().await;
        }
        reply
    }

    async fn charge_each(&mut self) -> Result<(), StoreError> {
        let mut peek = false;
        for index in 0..self.others.len() {
            let Some(places) = self.others.get(index).map(|other| other.places.clone()) else {
                break;
            };
            let call = self.call(&CHARGE, None, &places, ChargeArguments { peek });
            let answer: ChargeReply = reply(self.lanes.write(&call).await?)?;
            if let Some(other) = self.others.get_mut(index) {
                other.refusals = answer.refusals.at(&places).collect();
                other.next_at = answer.next;
                other.charged = Some(answer.was).filter(|_| !peek && other.refusals.is_empty());
                peek |= !other.refusals.is_empty();
            }
        }
        Ok(())
    }

    pub(crate) fn have_refused(&self) -> bool {
        self.others.iter().any(|other| !other.refusals.is_empty())
    }

    /// The refusals of the other slots and of the own one, in the order of the cells.
    pub(crate) fn refusals(&self, own: impl Iterator<Item = Refusal>) -> Vec<Refusal> {
        let others = self
            .others
            .iter()
            .flat_map(|other| other.refusals.iter().copied());
        let mut all: Vec<_> = others.chain(own).collect();
        all.sort_by_key(|refusal| refusal.cell);
        all
    }

    /// From when the cells of the other slots all admit.
    pub(crate) fn next_at(&self) -> i64 {
        self.others
            .iter()
            .map(|other| other.next_at)
            .max()
            .unwrap_or(self.now)
    }

    /// Gives all back.
    pub(crate) async fn give_back(&mut self) {
        self.settle(|_| Settle::GiveBack).await;
    }

    /// Does with each charge what the outcome asks for. The outcome stands whatever becomes of this: a charge that
    /// cannot be given back stays.
    pub(crate) async fn settle(&mut self, how: impl Fn(&Cell) -> Settle) {
        for index in 0..self.others.len() {
            let Some(Other {
                places,
                charged: Some(was),
                ..
            }) = self.others.get(index)
            else {
                continue;
            };
            let (mut changed, mut arguments) = (Vec::new(), Vec::new());
            for (place, was) in places.iter().zip(was) {
                let Some(cell) = self.cells.get(*place) else {
                    continue;
                };
                let undo = match how(cell) {
                    Settle::Keep => continue,
                    Settle::GiveBack => "give_back",
                    Settle::Reset => "reset",
                };
                changed.push(*place);
                arguments.push(CellArgument::undoing(cell, undo, Some(was)));
            }
            if changed.is_empty() {
                continue;
            }
            match self.settle_one(&changed, arguments, self.now).await {
                Ok(next_at) => {
                    if let Some(other) = self.others.get_mut(index) {
                        other.next_at = next_at;
                    }
                }
                Err(error) => {
                    tracing::warn!(target: "otp", %error, "a charge in another slot was not given back")
                }
            }
        }
    }

    /// Takes back what was charged at `at`.
    pub(crate) async fn refund(&self, at: i64) -> Result<(), StoreError> {
        for other in &self.others {
            self.undo(&other.places, "refund", at).await?;
        }
        Ok(())
    }

    /// Takes back what a guess at `at` was charged as a failure. As with `settle`, the outcome stands whatever becomes
    /// of it.
    pub(crate) async fn acquit(&self, at: i64) {
        for other in &self.others {
            let counts_failures = |place: &&usize| {
                self.cells
                    .get(**place)
                    .is_some_and(|cell| !matches!(cell.count, Count::All | Count::Spend(_)))
            };
            let places: Vec<usize> = other
                .places
                .iter()
                .filter(counts_failures)
                .copied()
                .collect();
            if places.is_empty() {
                continue;
            }
            if let Err(error) = self.undo(&places, "acquit", at).await {
                tracing::warn!(target: "otp", %error, "a charge in another slot was not given back");
            }
        }
    }

    async fn undo(&self, places: &[usize], undo: &'static str, at: i64) -> Result<i64, StoreError> {
        let cells = places.iter().filter_map(|place| self.cells.get(*place));
        let arguments = cells
            .map(|cell| CellArgument::undoing(cell, undo, None))
            .collect();
        self.settle_one(places, arguments, at).await
    }

    async fn settle_one(
        &self,
        places: &[usize],
        cells: Vec<CellArgument<'_>>,
        at: i64,
    ) -> Result<i64, StoreError> {
        let arguments = Arguments {
            now: self.now,
            cells,
            verb: SettleArguments { at },
        };
        let call = SETTLE.on(self.keys(None, places), vec![json(&arguments)]);
        let answer: SettleReply = reply(self.lanes.write(&call).await?)?;
        Ok(answer.next)
    }

    /// A script on these cells, behind the key of a record if there is one.
    pub(crate) fn call(
        &self,
        script: &'static Script,
        record: Option<String>,
        places: &[usize],
        verb: impl Serialize,
    ) -> Call {
        let cells = places.iter().filter_map(|place| self.cells.get(*place));
        let arguments = Arguments {
            now: self.now,
            cells: cells.map(CellArgument::new).collect(),
            verb,
        };
        script.on(self.keys(record, places), vec![json(&arguments)])
    }

    fn keys(&self, record: Option<String>, places: &[usize]) -> Vec<String> {
        let cells = places.iter().filter_map(|place| self.cells.get(*place));
        record.into_iter().chain(cells.map(key::cell)).collect()
    }
}

impl Other {
    fn new(place: usize) -> Self {
        Self {
            places: vec![place],
            charged: None,
            refusals: Vec::new(),
            next_at: 0,
        }
    }
}

/// Maps with text keys and finite numbers only: it cannot fail.
fn json(arguments: &impl Serialize) -> String {
    serde_json::to_string(arguments).unwrap_or_default()
}
