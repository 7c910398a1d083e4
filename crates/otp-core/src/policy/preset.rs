//! The presets that ship.

use super::floor::{DAY, HOUR};
use super::{
    Binding, CodeRules, NumberRules, Policy, PolicyBuilder, SessionLength, SessionRules, SignUp,
};
use crate::Channel;
use crate::limit::{Act, Counts, Dimension, Limit};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

impl PolicyBuilder {
    /// See [`Policy::standard`].
    pub fn standard() -> Self {
        let send = |quota, window| Limit::new(Act::Send, [Dimension::Phone], quota, window);
        Self {
            code: CodeRules {
                digits: 6,
                lifetime: 5 * MINUTE,
                tries: 3,
                previous_valid_for: Duration::ZERO,
            },
            binding: Binding::Challenge,
            sign_up: SignUp::Auto,
            channels: vec![Channel::Sms, Channel::WhatsApp, Channel::Voice],
            default_region: None,
            default_locale: None,
            numbers: NumberRules::default(),
            prices: None,
            tell_tries_left: false,
            session: SessionRules {
                access: 15 * MINUTE,
                grace: Duration::from_secs(10),
                ordinary: SessionLength::new(DAY, 7 * DAY),
                remembered: SessionLength::new(7 * DAY, 30 * DAY),
                checked: false,
            },
            // The first two are a cooldown of 30 seconds that doubles: 30 after the first, 60 after the second.
            limits: vec![
                send(1, MINUTE / 2),
                send(2, 3 * MINUTE / 2),
                send(3, 10 * MINUTE),
                send(5, HOUR),
            ],
            without_floor: Vec::new(),
            accepted_risk: None,
            fallback: None,
        }
    }

    /// See [`Policy::strict`].
    pub fn strict() -> Self {
        let mut strict = Self::standard()
            .code_digits(8)
            .limit(Limit::new(Act::Verify, [Dimension::Phone], 10, DAY).counting(Counts::Failures));
        strict.session.checked = true;
        strict.session.access = 5 * MINUTE;
        strict
    }
}

/// The presets are constants, and a test builds each.
#[expect(clippy::expect_used, reason = "no input of anybody's reaches it")]
pub(super) fn built(preset: PolicyBuilder) -> Policy {
    preset.build().expect("a preset builds")
}
