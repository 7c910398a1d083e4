//! Who may report, and how they are told from anybody.

use crate::client_address::Networks;
use otp_core::{CallbackError, DeliveryWebhook};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The webhooks of an API; none unless the host adds one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Webhooks(Vec<Source>);

/// A provider, and where its requests come from if that is known.
#[derive(Clone, Debug)]
struct Source {
    webhook: Arc<dyn DeliveryWebhook>,
    networks: Option<Networks>,
}

impl Webhooks {
    pub(crate) fn add(&mut self, webhook: Arc<dyn DeliveryWebhook>, networks: Option<Networks>) {
        self.0.push(Source { webhook, networks });
    }

    /// Whether one of them has the name in this segment of a path.
    pub(crate) fn name(&self, segment: &str) -> bool {
        self.0
            .iter()
            .any(|source| source.token_in(segment).is_some())
    }

    /// Whether this segment has the token of one of them, or names one that has none.
    pub(crate) fn open_to(&self, segment: &str) -> bool {
        self.0.iter().any(|source| source.shown(segment))
    }

    /// What `ask` makes of the one that this segment names, if the request comes from where it should and has its
    /// token. Of several, as while a provider's key is changed, the first that does not find it forged.
    pub(crate) fn first<'a, T>(
        &'a self,
        segment: &str,
        address: Option<IpAddr>,
        ask: impl Fn(&'a dyn DeliveryWebhook) -> Result<T, CallbackError>,
    ) -> Result<T, CallbackError> {
        let sent = self.0.iter().filter(|source| source.sent(segment, address));
        let mut answers = sent.map(|source| ask(&*source.webhook));
        let believed = answers.find(|answer| !matches!(answer, Err(CallbackError::Forged)));
        believed.unwrap_or(Err(CallbackError::Forged))
    }
}

impl Source {
    /// What a path's segment has behind the provider's name: `NAME`, or `NAME.TOKEN` for those with a token.
    fn token_in<'a>(&self, segment: &'a str) -> Option<&'a str> {
        let rest = segment.strip_prefix(self.webhook.provider())?;
        match (rest.strip_prefix('.'), self.webhook.token()) {
            (Some(token), Some(_)) => Some(token),
            _ => rest.is_empty().then_some(""),
        }
    }

    fn sent(&self, segment: &str, address: Option<IpAddr>) -> bool {
        let from_there = self.networks.as_ref().is_none_or(|networks| {
            address.is_some_and(|address| networks.contain(address.to_canonical()))
        });
        from_there && self.shown(segment)
    }

    /// Whether this segment names it and has its token, if it has one.
    fn shown(&self, segment: &str) -> bool {
        let Some(given) = self.token_in(segment) else {
            return false;
        };
        self.webhook.token().is_none_or(|token| {
            // An empty one would let everybody in.
            !token.is_empty() && token.as_bytes().ct_eq(given.as_bytes()).into()
        })
    }
}
