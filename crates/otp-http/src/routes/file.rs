//! A route table as data.

use super::{Endpoint, Routes};
use serde::{Deserialize, Deserializer, de};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RoutesFile {
    base: String,
    send: Vec<String>,
    resend: Vec<String>,
    verify: Vec<String>,
    complete_registration: Vec<String>,
    refresh: Vec<String>,
    logout: Vec<String>,
    me: Vec<String>,
    sessions: Vec<String>,
    session: Vec<String>,
    health: Vec<String>,
    jwks: Vec<String>,
    webhooks: Vec<String>,
}

impl Default for RoutesFile {
    fn default() -> Self {
        Self {
            base: Routes::default().base,
            send: Vec::new(),
            resend: Vec::new(),
            verify: Vec::new(),
            complete_registration: Vec::new(),
            refresh: Vec::new(),
            logout: Vec::new(),
            me: Vec::new(),
            sessions: Vec::new(),
            session: Vec::new(),
            health: Vec::new(),
            jwks: Vec::new(),
            webhooks: Vec::new(),
        }
    }
}

/// Checked: what is read can be served.
impl<'de> Deserialize<'de> for Routes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = RoutesFile::deserialize(deserializer)?;
        let named = [
            (Endpoint::Send, file.send),
            (Endpoint::Resend, file.resend),
            (Endpoint::Verify, file.verify),
            (Endpoint::Register, file.complete_registration),
            (Endpoint::Refresh, file.refresh),
            (Endpoint::Logout, file.logout),
            (Endpoint::Me, file.me),
            (Endpoint::Sessions, file.sessions),
            (Endpoint::Session, file.session),
            (Endpoint::Health, file.health),
            (Endpoint::Jwks, file.jwks),
            (Endpoint::Webhook, file.webhooks),
        ];
        let mut routes = Self::new().with_base(file.base);
        for (endpoint, paths) in named {
            for path in paths {
                routes = routes.with(endpoint, path);
            }
        }
        routes.check().map_err(de::Error::custom)?;
        Ok(routes)
    }
}
