//! Which path serves which endpoint.

#[cfg(feature = "serde")]
mod file;
mod table;

pub(crate) use table::{Route, Table};

/// The endpoints of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Send,
    Resend,
    Verify,
    Register,
    Refresh,
    Logout,
    Me,
    Sessions,
    Session,
    Health,
    Jwks,
    Webhook,
    Handshake,
}

impl Endpoint {
    const ALL: [Self; 13] = [
        Self::Send,
        Self::Resend,
        Self::Verify,
        Self::Register,
        Self::Refresh,
        Self::Logout,
        Self::Me,
        Self::Sessions,
        Self::Session,
        Self::Health,
        Self::Jwks,
        Self::Webhook,
        Self::Handshake,
    ];

    const fn default_path(self) -> &'static str {
        match self {
            Self::Send => "send-otp",
            Self::Resend => "resend-otp",
            Self::Verify => "verify-otp",
            Self::Register => "complete-registration",
            Self::Refresh => "refresh-token",
            Self::Logout => "logout",
            Self::Me => "me",
            Self::Sessions => "sessions",
            Self::Session => "sessions/{id}",
            Self::Health => "health",
            Self::Jwks => "jwks.json",
            Self::Webhook | Self::Handshake => "webhooks/{id}",
        }
    }

    pub(crate) const fn is_for_providers(self) -> bool {
        matches!(self, Self::Webhook | Self::Handshake)
    }

    /// Whether the paths of this endpoint have an `{id}`.
    const fn has_id(self) -> bool {
        matches!(self, Self::Session) || self.is_for_providers()
    }

    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Send
            | Self::Resend
            | Self::Verify
            | Self::Register
            | Self::Refresh
            | Self::Logout
            | Self::Webhook => "POST",
            Self::Me | Self::Sessions | Self::Health | Self::Jwks | Self::Handshake => "GET",
            Self::Session => "DELETE",
        }
    }
}

/// Which path, below the place where the API is mounted, serves which endpoint.
///
/// The first path that is named for an endpoint replaces its default; more can be added, and all serve. A leading or
/// trailing slash makes no difference, here and in requests.
///
/// | endpoint | default |
/// |---|---|
/// | send, resend | `send-otp`, `resend-otp` |
/// | verify, complete registration | `verify-otp`, `complete-registration` |
/// | refresh, logout | `refresh-token`, `logout` |
/// | me, sessions, one session | `me`, `sessions`, `sessions/{id}` |
/// | health, keys | `health`, `jwks.json` |
/// | providers' reports | `webhooks/{id}` |
///
/// With the feature `serde` it is data too, one list of paths for each endpoint that differs:
///
/// ```toml
/// [routes]
/// base = "/api/v1/usr"
/// send = ["otp"]
/// verify = ["otp/verify"]
/// ```
///
/// ```
/// use otp_http::Routes;
///
/// let routes = Routes::new().with_base("/api/v1/usr").with_send("otp").with_verify("otp/verify");
/// assert_eq!(routes.base(), "/api/v1/usr");
/// assert!(routes.check().is_ok());
/// assert!(Routes::new().with_send("verify-otp").check().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    base: String,
    paths: Vec<(Endpoint, String)>,
}

/// Why a route table cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoutesError {
    /// A path has one or more segments of letters, digits and `-`, `.`, `_`, `~`, and at most 128 characters.
    #[error("this is no path for a route: {0:?}")]
    Path(String),
    /// The paths of one session and of providers' reports, and no others, have one segment `{{id}}`.
    #[error(
        "the paths of one session and of webhooks, and no others, have one segment {{id}}: {0:?}"
    )]
    Id(String),
    /// Two endpoints, or one twice, at the same path with the same method.
    #[error("two routes have this path: {0:?}")]
    Collision(String),
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            base: "/api/v1/auth".to_owned(),
            paths: Vec::new(),
        }
    }
}

macro_rules! with_path {
    ($($(#[$doc:meta])* $name:ident => $endpoint:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, path: impl Into<String>) -> Self {
            self.with(Endpoint::$endpoint, path.into())
        }
    )*};
}

impl Routes {
    /// The default paths, below `/api/v1/auth`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where the server mounts the API. The API itself does not read it: requests come to it with the path below.
    #[must_use]
    pub fn with_base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    with_path! {
        /// Serves "send a code" here.
        with_send => Send;
        /// Serves "send another code" here.
        with_resend => Resend;
        /// Serves "verify a code" here.
        with_verify => Verify;
        /// Serves "complete the registration" here.
        with_complete_registration => Register;
        /// Serves "exchange a refresh token" here.
        with_refresh => Refresh;
        /// Serves "sign out" here.
        with_logout => Logout;
        /// Serves "who am I" here.
        with_me => Me;
        /// Serves the list of the user's sessions here.
        with_sessions => Sessions;
        /// Serves "end one session" here; one segment of the path is `{id}`.
        with_session => Session;
        /// Serves the health check here.
        with_health => Health;
        /// Serves the public keys of access tokens here.
        with_jwks => Jwks;
        /// Takes providers' reports here, once there is a [webhook](crate::Api::with_webhook); one segment of the path
        /// is `{id}`, where the provider is named.
        with_webhooks => Webhook;
    }

    fn with(mut self, endpoint: Endpoint, path: String) -> Self {
        self.paths.push((endpoint, path));
        self
    }

    /// Where the server is to mount the API: empty for the root, otherwise with a leading slash and without a
    /// trailing one.
    #[must_use]
    pub fn base(&self) -> &str {
        self.base.trim_end_matches('/')
    }

    /// Whether the table can be served.
    ///
    /// # Errors
    /// [`RoutesError`] says what does not hold.
    pub fn check(&self) -> Result<(), RoutesError> {
        Table::new(self).map(|_| ())
    }

    /// The paths of an endpoint: the named ones, or else the default.
    fn paths_of(&self, endpoint: Endpoint) -> Vec<&str> {
        // Providers ask where they report.
        let of_endpoint = match endpoint {
            Endpoint::Handshake => Endpoint::Webhook,
            endpoint => endpoint,
        };
        let named = self.paths.iter().filter(|(of, _)| *of == of_endpoint);
        let named: Vec<_> = named.map(|(_, path)| path.as_str()).collect();
        if named.is_empty() {
            vec![endpoint.default_path()]
        } else {
            named
        }
    }
}
