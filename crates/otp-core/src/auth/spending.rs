//! What keeps others from spending our money: whom a code is sent to at all, and what is told when it is not.

use super::start::Issue;
use super::{Limited, Moment, OtpAuth, StartError};
use crate::limit::{Asked, Decision, Refusal, RequestCells, Subject};
use crate::{Outcome, PhoneNumber};

impl OtpAuth {
    /// Refuses a number that the policy sends no code, before anything is looked up or counted.
    pub(super) fn admit_number(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
    ) -> Result<(), StartError> {
        let admitted = self
            .0
            .policy
            .numbers()
            .admit(issue.known.phone, issue.channel);
        admitted.map_err(|reason| {
            self.tell(moment, issue, Outcome::NumberRefused(reason));
            reason.into()
        })
    }

    /// Which limits a message to `phone` is charged to; the directory is asked where it `matters`. One that cannot
    /// answer knows nobody: the stricter of the two.
    pub(super) async fn asked(&self, matters: bool, phone: &PhoneNumber) -> Asked {
        if !matters {
            return Asked::All;
        }
        match self.0.users.knows(phone).await {
            Ok(true) => Asked::OfKnown,
            Ok(false) | Err(_) => Asked::All,
        }
    }

    /// Charges the limits that refuse nobody for a message that was sent. What they would have refused is for the audit;
    /// the message goes well whatever becomes of this.
    pub(super) async fn report(
        &self,
        moment: &Moment,
        subject: &Subject<'_>,
        asked: Asked,
    ) -> Option<Outcome> {
        let known = asked != Asked::All;
        let cells = self.0.policy.compiled().of_report(subject, known);
        if cells.cells.is_empty() {
            return None;
        }
        match self.0.challenges.charge(&cells.cells, moment.now).await {
            Ok(Decision::Admitted) => None,
            Ok(Decision::Refused(refusals)) => {
                let limited = self.limited(&cells, &refusals, moment.now);
                Some(Outcome::WouldRefuse(limited.limit))
            }
            Err(error) => Some(Outcome::StoreFailed(error.kind)),
        }
    }

    /// Tells the audit of a refusal.
    pub(super) fn tell_limited(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        cells: &RequestCells<'_>,
        refusals: &[Refusal],
    ) -> Limited {
        let limited = self.limited(cells, refusals, moment.now);
        self.tell(moment, issue, refusal(cells, refusals, &limited));
        limited
    }
}

/// What the audit is told of a refusal: a spend cap is an alarm of its own, whatever refused beside it.
pub(super) fn refusal(
    cells: &RequestCells<'_>,
    refusals: &[Refusal],
    limited: &Limited,
) -> Outcome {
    match cells.spend_cap(refusals) {
        Some(cap) => Outcome::SpendCapReached(cap),
        None => Outcome::Limited(limited.limit.clone()),
    }
}
