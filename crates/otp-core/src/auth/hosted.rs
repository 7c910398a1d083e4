//! Trying a code that a provider made and checks.

use super::carrier::{self, MARK};
use super::verify::{Miss, Proof, Try};
use super::{Moment, OtpAuth};
use crate::challenge::{Attempt, Guess, Rejection};
use crate::{Checked, Code, Outcome, SendError, StoreError, StoreErrorKind, Verifier};

impl OtpAuth {
    /// Counts a try as a failure, has the provider check it, and records an approval before anybody learns of it. Three
    /// store round trips. An error is that the provider did not answer: the try stays counted.
    pub(super) async fn check(
        &self,
        moment: &Moment,
        tried: &Try<'_>,
        verifier: &dyn Verifier,
        code: &Code,
    ) -> Result<Result<Proof, Miss>, SendError> {
        let Moment { now, keys } = moment;
        let challenges = &self.0.challenges;
        let subject = moment.subject(self, Some(tried.known), tried.client);
        let cells = self.cells_of_guess(moment, tried, &subject).await;
        let settled = |attempt| Ok(self.settled(moment, tried, &cells, attempt));

        // With nothing to compare, what lives answers that the code is wrong: then, and only then, the provider is asked.
        let counted = Guess::new(&tried.key, &[]);
        let tries_left = match challenges.attempt(&counted, &cells.cells, *now).await {
            Ok(Attempt::Rejected {
                reason: Rejection::Wrong,
                tries_left,
                ..
            }) => tries_left,
            Ok(Attempt::Accepted { .. }) => return settled(Err(broken())),
            refused => return settled(refused),
        };
        let rejected = |reason| Attempt::Rejected {
            reason,
            tries_left,
            proved: false,
        };

        // The policy's risk is that of codes as long as it says.
        if code.len() < usize::from(self.0.policy.code().digits) {
            return settled(Ok(rejected(Rejection::Wrong)));
        }
        let delivery = match self.0.deliveries.delivery(&tried.key, *now).await {
            Ok(delivery) => delivery.filter(|known| known.sent.provider == verifier.name()),
            Err(error) => return settled(Err(error)),
        };
        let Some(reference) = delivery.and_then(|known| known.sent.reference) else {
            return settled(Ok(rejected(Rejection::Unknown)));
        };
        let checked = verifier.check(&reference, tried.known.phone, code).await;
        match checked.inspect_err(|error| {
            carrier::tell(verifier.name(), error);
            self.tell_tried(moment, tried, Outcome::NotChecked(error.kind));
        })? {
            Checked::Approved => {
                let digests = keys.code_digests(&self.binding(&tried.key, MARK));
                let guess = Guess::new(&tried.key, &digests);
                // The provider took its time: the challenge may be over by now.
                let answered = self.0.clock.now();
                let approved = challenges.approve(&guess, *now, &cells.cells, answered);
                settled(approved.await)
            }
            Checked::Wrong => settled(Ok(rejected(Rejection::Wrong))),
            Checked::Unknown => settled(Ok(rejected(Rejection::Expired))),
            Checked::TooMany => settled(Ok(rejected(Rejection::Locked))),
        }
    }
}

/// Of a store that accepts where nothing could match.
const fn broken() -> StoreError {
    StoreError::new("challenges", StoreErrorKind::Corrupt)
}
