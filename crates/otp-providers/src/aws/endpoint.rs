//! What both services of AWS are set up with.

use super::sigv4::{self, Scope};
use super::{AwsCredentials, AwsCredentialsProvider};
use crate::ConfigError;
use crate::http::{Address, HttpRequest};
use otp_core::Timestamp;
use std::sync::Arc;

/// One service in one region, and who asks it.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) base: Address,
    region: String,
    service: &'static str,
    credentials: Arc<dyn AwsCredentialsProvider>,
}

impl Endpoint {
    pub(super) fn new(
        service: &'static str,
        region: String,
        credentials: impl AwsCredentialsProvider,
    ) -> Result<Self, ConfigError> {
        let takes = "a region is written as us-east-1";
        let region = ConfigError::unless(region, takes, |region| {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            region.bytes().all(fits)
        })?;
        Ok(Self {
            base: Address::parse(&format!("https://{service}.{region}.amazonaws.com/"))?,
            region,
            service,
            credentials: Arc::new(credentials),
        })
    }

    /// The signature is over a bare host.
    pub(super) fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        let bare = self.base.path() == "/" && !self.base.expose().contains(['?', '#', '@']);
        if bare {
            Ok(self)
        } else {
            let takes = "an endpoint of AWS is a scheme, a host and a port";
            Err(ConfigError::Field(takes))
        }
    }

    pub(super) fn signed(&self, request: HttpRequest, now: Timestamp) -> HttpRequest {
        let scope = Scope {
            region: &self.region,
            service: self.service,
        };
        let credentials: AwsCredentials = self.credentials.credentials();
        sigv4::sign(request, &scope, &credentials, now)
    }
}
