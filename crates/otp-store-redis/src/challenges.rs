//! Challenges and limits.

use crate::RedisStore;
use crate::arguments::{
    ApproveArguments, AttemptArguments, OpenArguments, WithdrawArguments, millis,
};
use crate::error::Trouble;
use crate::key::{self, Tag};
use crate::link::Lanes;
use crate::replies::{AttemptReply, OpenReply, WithdrawReply, reply, time};
use crate::script::{APPROVE, ATTEMPT, OPEN, READY, WITHDRAW};
use crate::slots::{Settle, Slots};
use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened, Rejection};
use otp_core::limit::{Cell, Count, Decision};
use otp_core::{Backend, ChallengeStore, Reach, StoreError, Timestamp, async_trait};
use std::sync::Arc;

#[async_trait]
impl ChallengeStore for RedisStore {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let permit = self.lanes.enter()?;
        if !Slots::are_several(&self.lanes, Some(Tag::of_challenge(&new.key)), cells) {
            return open(&self.lanes, new, cells, now).await;
        }
        let (lanes, new, cells) = (Arc::clone(&self.lanes), new.clone(), cells.to_vec());
        let steps = async move { open(&lanes, &new, &cells, now).await };
        self.lanes.whole(permit, steps).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let permit = self.lanes.enter()?;
        if !Slots::are_several(&self.lanes, Some(Tag::of_challenge(guess.key)), cells) {
            return attempt(&self.lanes, guess, cells, now).await;
        }
        let (lanes, cells) = (Arc::clone(&self.lanes), cells.to_vec());
        let (key, digests) = (*guess.key, guess.digests.to_vec());
        let steps = async move { attempt(&lanes, &Guess::new(&key, &digests), &cells, now).await };
        self.lanes.whole(permit, steps).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let permit = self.lanes.enter()?;
        if !Slots::are_several(&self.lanes, Some(Tag::of_challenge(guess.key)), cells) {
            return approve(&self.lanes, guess, guessed_at, cells, now).await;
        }
        let (lanes, cells) = (Arc::clone(&self.lanes), cells.to_vec());
        let (key, digests) = (*guess.key, guess.digests.to_vec());
        let steps = async move {
            let guess = Guess::new(&key, &digests);
            approve(&lanes, &guess, guessed_at, &cells, now).await
        };
        self.lanes.whole(permit, steps).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        let permit = self.lanes.enter()?;
        if !Slots::are_several(&self.lanes, None, cells) {
            return charge(&self.lanes, cells, now).await;
        }
        let (lanes, cells) = (Arc::clone(&self.lanes), cells.to_vec());
        let steps = async move { charge(&lanes, &cells, now).await };
        self.lanes.whole(permit, steps).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let permit = self.lanes.enter()?;
        if !Slots::are_several(&self.lanes, Some(Tag::of_challenge(key)), cells) {
            return refund(&self.lanes, key, digest, cells, now).await;
        }
        let (lanes, cells) = (Arc::clone(&self.lanes), cells.to_vec());
        let (key, digest) = (*key, *digest);
        let steps = async move { refund(&lanes, &key, &digest, &cells, now).await };
        self.lanes.whole(permit, steps).await
    }

    /// Nothing to do: the server removes what can be forgotten by itself.
    async fn purge_challenges(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[async_trait]
impl Backend for RedisStore {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        let _permit = self.lanes.enter()?;
        let replies = self.lanes.ask_masters(redis::cmd("TIME")).await?;
        let times = replies
            .into_iter()
            .map(time)
            .collect::<Result<Vec<_>, _>>()?;
        // A Cluster's masters may differ: every node takes the earliest, and so the same.
        times.into_iter().min().ok_or(Trouble::Reply.into())
    }

    /// On a Cluster each master is asked, and no replica waited for.
    async fn ready(&self) -> Result<(), StoreError> {
        let _permit = self.lanes.enter()?;
        let nothing = vec![key::nothing()];
        if self.lanes.is_cluster {
            let each = READY.on(Vec::new(), nothing).by_text();
            return self.lanes.ask_masters(each).await.map(drop);
        }
        let call = READY.on(nothing, Vec::new());
        self.lanes.write(&call).await.map(drop)
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }
}

async fn open(
    lanes: &Lanes,
    new: &NewChallenge,
    cells: &[Cell],
    now: Timestamp,
) -> Result<Opened, StoreError> {
    let mut slots = Slots::new(lanes, Some(Tag::of_challenge(&new.key)), cells, now);
    slots.charge_others().await?;
    let arguments = OpenArguments::new(new, slots.have_refused());
    let call = slots.call(&OPEN, Some(key::challenge(&new.key)), &slots.own, arguments);
    match reply(slots.own_step(&call).await?)? {
        OpenReply::Stored(state) => Ok(Opened::Stored(state.open_state(slots.next_at())?)),
        OpenReply::Replayed(state) => {
            slots.give_back().await;
            Ok(Opened::Replayed(state.open_state(slots.next_at())?))
        }
        OpenReply::NotLive => {
            slots.give_back().await;
            Ok(Opened::NotLive)
        }
        OpenReply::Refused(refusals) => {
            slots.give_back().await;
            Ok(Opened::Refused(slots.refusals(refusals.at(&slots.own))))
        }
    }
}

async fn attempt(
    lanes: &Lanes,
    guess: &Guess<'_>,
    cells: &[Cell],
    now: Timestamp,
) -> Result<Attempt, StoreError> {
    let mut slots = Slots::new(lanes, Some(Tag::of_challenge(guess.key)), cells, now);
    slots.set_aside(|cell| matches!(cell.count, Count::Unverified(_)));
    slots.charge_others().await?;
    let arguments = AttemptArguments::new(guess, slots.have_refused());
    let record = Some(key::challenge(guess.key));
    let call = slots.call(&ATTEMPT, record, &slots.own, arguments);
    let reply: AttemptReply = reply(slots.own_step(&call).await?)?;
    let attempt = reply.attempt(&slots.own)?;
    let rejection = match attempt {
        Attempt::Refused(own) => {
            slots.give_back().await;
            return Ok(Attempt::Refused(slots.refusals(own.into_iter())));
        }
        Attempt::Rejected { reason, .. } => Some(reason),
        Attempt::Accepted { .. } => None,
    };
    slots.settle(|cell| settled(cell, rejection)).await;
    if rejection.is_none() {
        slots.verified().await;
    }
    Ok(attempt)
}

/// What an outcome leaves of a charge that was made before it was known; the core's `settle`.
fn settled(cell: &Cell, rejection: Option<Rejection>) -> Settle {
    let costs = match cell.count {
        Count::All | Count::Spend(_) => true,
        Count::Rejections | Count::Distinct(_) => rejection.is_some(),
        Count::WrongGuesses | Count::Streak | Count::Unverified(_) => {
            rejection == Some(Rejection::Wrong)
        }
    };
    match (costs, cell.count, rejection) {
        (true, ..) => Settle::Keep,
        (false, Count::Streak, None) => Settle::Reset,
        (false, ..) => Settle::GiveBack,
    }
}

async fn approve(
    lanes: &Lanes,
    guess: &Guess<'_>,
    guessed_at: Timestamp,
    cells: &[Cell],
    now: Timestamp,
) -> Result<Attempt, StoreError> {
    let slots = Slots::new(lanes, Some(Tag::of_challenge(guess.key)), cells, now);
    let arguments = ApproveArguments::new(guess, guessed_at);
    let record = Some(key::challenge(guess.key));
    let call = slots.call(&APPROVE, record, &slots.own, arguments);
    let reply: AttemptReply = reply(lanes.write(&call).await?)?;
    let attempt = reply.attempt(&slots.own)?;
    if matches!(attempt, Attempt::Accepted { .. }) {
        slots.acquit(millis(guessed_at)).await;
    }
    Ok(attempt)
}

async fn charge(lanes: &Lanes, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
    let mut slots = Slots::new(lanes, None, cells, now);
    slots.charge_others().await?;
    if slots.have_refused() {
        slots.give_back().await;
        return Ok(Decision::Refused(slots.refusals(std::iter::empty())));
    }
    Ok(Decision::Admitted)
}

async fn refund(
    lanes: &Lanes,
    key: &ChallengeKey,
    digest: &Digest,
    cells: &[Cell],
    now: Timestamp,
) -> Result<(), StoreError> {
    let slots = Slots::new(lanes, Some(Tag::of_challenge(key)), cells, now);
    let arguments = WithdrawArguments {
        digest: key::text(digest),
    };
    let call = slots.call(&WITHDRAW, Some(key::challenge(key)), &slots.own, arguments);
    let answer: WithdrawReply = reply(lanes.write(&call).await?)?;
    match answer.at {
        Some(at) => slots.refund(at).await,
        None => Ok(()),
    }
}
