//! What a provider says: that a code was right, and what became of a message.

use super::super::scene::{kid, secs};
use super::history::{History, Word};
use super::step::Step;
use crate::{Channel, DeliveryState, Sent};

impl History {
    /// Mostly of the last guess at this challenge, and with what that cost.
    pub(super) fn approve(&self, word: &mut Word) -> Step {
        let phone = word.pick(&self.phones);
        let digest = match (word.below(6), phone.sent.last()) {
            (1.., Some((sent, _))) => *sent,
            _ => super::super::scene::digest(word.below(5) as u8),
        };
        let (guessed_at, cells) = match (word.below(4), &phone.guessed) {
            (1.., Some((at, cells))) => (*at, cells.clone()),
            _ => (self.now, self.some_cells(word, 6)),
        };
        Step::Approve {
            key: phone.key,
            digests: vec![(kid(), digest)],
            guessed_at,
            cells,
        }
    }

    pub(super) fn message(&self, word: &mut Word) -> Step {
        let (key, message) = (word.pick(&self.phones).key, *word.pick(&self.messages));
        let until = self.now + *word.pick(&[secs(0), secs(10), secs(300)]);
        match word.below(5) {
            0 => {
                let sent = Sent::new(
                    "a provider",
                    *word.pick(&[Channel::Sms, Channel::Voice]),
                    self.now,
                );
                let sent = match word.below(4) {
                    0 => sent,
                    _ => sent.named(message.to_string(), message),
                };
                Step::Note { key, sent, until }
            }
            1 | 2 => Step::Report {
                message,
                state: *word.pick(&DeliveryState::ALL),
                until,
            },
            _ => Step::Delivery { key },
        }
    }
}
