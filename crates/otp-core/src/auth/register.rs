//! Completing a registration with a ticket.

use super::verify::{Miss, Try, ticket_secret};
use super::{Login, OtpAuth, Register, RegisterError};
use crate::challenge::{ChallengeKey, Rejection};
use crate::{Action, Created, Event, Outcome, Purpose};

impl OtpAuth {
    /// Makes the user of a verified number and signs them in. The ticket is good once, for the phone and the device
    /// that verified the code. One store round trip for the ticket, one for the session.
    ///
    /// # Errors
    /// [`RegisterError`]. A missing consent is found before the ticket is spent.
    pub async fn register(&self, register: Register) -> Result<Login, RegisterError> {
        if register.profile.consent.is_none() {
            return Err(RegisterError::ConsentRequired);
        }
        let moment = self.moment();
        let known = moment.know(self, &register.phone);
        let key = ChallengeKey {
            id: register.ticket.challenge_id(),
            phone: known.key,
            purpose: Purpose::Registration,
        };
        let secret = ticket_secret(&register.ticket, &register.client);
        let client = &register.client;
        let tried = Try {
            key,
            secret: &secret,
            known: &known,
            client,
            action: Action::Register,
        };
        let proof = self
            .attempt(&moment, &tried)
            .await
            .map_err(RegisterError::from)?;
        let created = self
            .0
            .users
            .create(&register.phone, &register.profile)
            .await;
        let Created { user, created } = created.inspect_err(|_| {
            let event = Event::new(moment.now, Action::Register, Outcome::DirectoryFailed)
                .by_client(client);
            self.record(event.about_phone(known.phone, known.key));
        })?;
        let login = self.sign_in(&moment, &known, client, proof, user, created);
        Ok(login.await?)
    }
}

impl From<Miss> for RegisterError {
    fn from(miss: Miss) -> Self {
        match miss {
            Miss::Limited(limited) => Self::Limited(limited),
            Miss::Store(error) => Self::Store(error),
            Miss::Rejected {
                reason: Rejection::Used,
                proved: true,
                ..
            } => Self::TicketSpent,
            Miss::Rejected {
                reason: Rejection::Expired,
                proved: true,
                ..
            } => Self::TicketExpired,
            Miss::Rejected { .. } => Self::TicketUnknown,
        }
    }
}
