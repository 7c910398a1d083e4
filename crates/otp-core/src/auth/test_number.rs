//! Numbers that are sent nothing and have one code: for whoever reviews or tests an app and has no phone of ours.

use super::{BuildError, Moment, OtpAuth};
use crate::{Code, PhoneNumber, Purpose, Timestamp, User};
use std::fmt;
use std::time::Duration;

/// How far ahead a test number may end: 366 days.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// A number that is never sent a message and whose code is always the same, until it ends. An app store's reviewer and an
/// end-to-end test sign in with one.
///
/// Whoever knows the code is its user. That is worth little: the tries and the limits of every number hold for it, the
/// tokens of its user carry no roles, no session outlives it, and the audit is told each time that it is used. It opens
/// no change of number ([`Purpose::ChangePhone`]), so that nobody's account comes to hang on it. Where it ends it is a
/// number like any other.
///
/// Use a number that nobody has, such as the American ones from 555-0100 to 555-0199, which are kept for films. It need
/// not be of an open country.
///
/// ```
/// use otp_core::{Code, PhoneNumber, TestNumber, Timestamp};
///
/// let phone = PhoneNumber::parse("+1 202 555 0123", None)?;
/// let code = Code::draw(6)?; // from where your secrets are
/// let number = TestNumber::new(phone, code, Timestamp::from_secs(1_800_000_000));
/// assert!(!format!("{number:?}").contains("5550123"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TestNumber {
    phone: PhoneNumber,
    code: Code,
    expires_at: Timestamp,
}

impl TestNumber {
    /// The number `phone` with this code, up to `expires_at`.
    #[must_use]
    pub const fn new(phone: PhoneNumber, code: Code, expires_at: Timestamp) -> Self {
        Self {
            phone,
            code,
            expires_at,
        }
    }

    /// The number.
    #[must_use]
    pub const fn phone(&self) -> &PhoneNumber {
        &self.phone
    }

    /// From when on it is a number like any other.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Its code, at every request.
    pub(super) fn code(&self) -> Code {
        self.code.clone()
    }

    /// The end of what lasts until `end` for others.
    pub(super) fn end(&self, end: Timestamp) -> Timestamp {
        end.min(self.expires_at)
    }
}

impl fmt::Debug for TestNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestNumber")
            .field("phone", &self.phone.masked())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl OtpAuth {
    /// What is set for `phone`, if it is a test number now and for this purpose.
    pub(super) fn test_number(
        &self,
        moment: &Moment,
        phone: &PhoneNumber,
        purpose: Purpose,
    ) -> Option<&TestNumber> {
        let declared = self.declared(moment.now, phone);
        declared.filter(|_| purpose != Purpose::ChangePhone)
    }

    /// When something that lasts until `end` for others ends for `phone`.
    pub(super) fn end_for(
        &self,
        moment: &Moment,
        phone: &PhoneNumber,
        end: Timestamp,
    ) -> Timestamp {
        let declared = self.declared(moment.now, phone);
        declared.map_or(end, |number| number.end(end))
    }

    /// A user as the host has them, without roles if their number is a test number: its code is no secret.
    pub(super) fn without_test_roles(&self, now: Timestamp, mut user: User) -> User {
        if self.declared(now, &user.phone).is_some() {
            user.roles.clear();
        }
        user
    }

    fn declared(&self, now: Timestamp, phone: &PhoneNumber) -> Option<&TestNumber> {
        let mut numbers = self.0.test_numbers.iter();
        numbers.find(|number| number.phone == *phone && now < number.expires_at)
    }
}

/// Refuses what could be guessed, or would never end.
pub(super) fn check(numbers: &[TestNumber], digits: u8, now: Timestamp) -> Result<(), BuildError> {
    for (index, number) in numbers.iter().enumerate() {
        let before = numbers.iter().take(index);
        match () {
            () if before.into_iter().any(|other| other.phone == number.phone) => {
                return Err(BuildError::TestNumberTwice);
            }
            () if number.code.len() < usize::from(digits) || is_guessed(&number.code) => {
                return Err(BuildError::TestNumberCode);
            }
            () if number.expires_at > now + LONGEST => return Err(BuildError::TestNumberTooLong),
            // One that has ended must not keep a server from starting again.
            () => announce(number, now),
        }
    }
    Ok(())
}

/// Whether a code is among the first that anybody would try: one step from each digit to the next, as in 000000, 123456
/// and 987654.
fn is_guessed(code: &Code) -> bool {
    let digits = code.expose().as_bytes();
    let mut steps = digits.windows(2).map(|pair| match pair {
        [one, next] => next.wrapping_sub(*one),
        _ => 0,
    });
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

fn announce(number: &TestNumber, now: Timestamp) {
    let days = number.expires_at.since(now).as_secs() / 86_400;
    tracing::warn!(
        target: "otp",
        phone = number.phone.masked(),
        days,
        ended = now >= number.expires_at,
        "a test number: whoever knows its code signs in as its user",
    );
}
