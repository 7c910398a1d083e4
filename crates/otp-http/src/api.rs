//! The one entry.

use crate::client_address::Networks;
use crate::endpoints::{self, Answer, Call};
use crate::problem::{Kind, Problem};
use crate::routes::{Endpoint, Route, Routes, RoutesError, Table};
use crate::webhooks::Webhooks;
use crate::{
    BODY_LIMIT, Body, Headers, InvalidNetwork, Request, Response, TrustedProxies,
    WEBHOOK_BODY_LIMIT, guard,
};
use otp_core::limit::Act;
use otp_core::{Client, DeliveryWebhook, Identity, OtpAuth};
use std::sync::Arc;

/// The HTTP API of an [`OtpAuth`]. Cheap to clone.
///
/// ```
/// use otp_core::testing::CapturingSender;
/// use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
/// use otp_core::policy::Policy;
/// use otp_http::{Api, Request, Routes, TrustedProxies};
/// use std::sync::Arc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = OtpAuth::builder(
///     MemoryStore::new(),
///     CapturingSender::new(),
///     MemoryUsers::new(),
///     Arc::new(Keys::generate()?),
/// )
/// .policy(Policy::standard().for_countries(["IN".parse()?]))
/// .build()?;
/// let api = Api::new(auth)
///     .with_routes(Routes::new().with_send("request-otp"))?
///     .with_trusted_proxies(TrustedProxies::new(["10.0.0.0/8"])?);
///
/// let reply = api.handle(Request::new("GET", "/health")).await;
/// assert_eq!((reply.status, reply.body.as_slice()), (200, &br#"{"status":"ok"}"#[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Api {
    auth: OtpAuth,
    table: Arc<Table>,
    proxies: Arc<TrustedProxies>,
    webhooks: Arc<Webhooks>,
}

/// Who makes a request: a user with a verified phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser(pub Identity);

impl Api {
    /// The API with the default routes, for clients that reach it without proxies.
    #[must_use]
    pub fn new(auth: OtpAuth) -> Self {
        Self {
            auth,
            table: Arc::default(),
            proxies: Arc::new(TrustedProxies::none()),
            webhooks: Arc::default(),
        }
    }

    /// Sets which path serves which endpoint.
    ///
    /// # Errors
    /// [`RoutesError`] if the routes cannot be served.
    pub fn with_routes(mut self, routes: Routes) -> Result<Self, RoutesError> {
        self.table = Arc::new(Table::new(&routes)?);
        Ok(self)
    }

    /// Sets the proxies whose word about their clients is taken.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = Arc::new(proxies);
        self
    }

    /// Takes what this provider reports of its messages, at `webhooks/NAME`, or `webhooks/NAME.TOKEN` where the webhook
    /// has a token. Without any webhook there are no such paths.
    ///
    /// ```
    /// use otp_core::DeliveryWebhook;
    /// use otp_http::Api;
    ///
    /// /// The second provider does not sign: its reports are believed from its own addresses alone.
    /// fn reporting(
    ///     api: Api,
    ///     signs: impl DeliveryWebhook,
    ///     does_not: impl DeliveryWebhook,
    /// ) -> Result<Api, otp_http::InvalidNetwork> {
    ///     api.with_webhook(signs).with_webhook_from(does_not, ["119.8.170.74/32"])
    /// }
    /// ```
    #[must_use]
    pub fn with_webhook(mut self, webhook: impl DeliveryWebhook) -> Self {
        Arc::make_mut(&mut self.webhooks).add(Arc::new(webhook), None);
        self
    }

    /// As [`with_webhook`](Self::with_webhook), and only from these addresses and networks (`119.8.170.74/32`), as the
    /// [proxies](Self::with_trusted_proxies) tell them. Requests from elsewhere are refused like unsigned ones.
    ///
    /// # Errors
    /// [`InvalidNetwork`] for the first text that is neither an address nor a network.
    pub fn with_webhook_from<T: AsRef<str>>(
        mut self,
        webhook: impl DeliveryWebhook,
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidNetwork> {
        let networks = Networks::new(networks)?;
        Arc::make_mut(&mut self.webhooks).add(Arc::new(webhook), Some(networks));
        Ok(self)
    }

    /// How many bytes the body of a request for this path may have: [`WEBHOOK_BODY_LIMIT`] where a provider may report,
    /// if the path has the webhook's token or none is needed, and [`BODY_LIMIT`] everywhere else. An adapter reads no
    /// more: what it keeps of a body, it keeps for anybody.
    #[must_use]
    pub fn body_limit(&self, path: &str) -> usize {
        let route = self.table.find(path, "POST", &self.webhooks);
        route.map_or(BODY_LIMIT, |route| self.limit_of(&route))
    }

    fn limit_of(&self, route: &Route<'_>) -> usize {
        match route.endpoint.is_for_providers() && self.webhooks.open_to(route.id) {
            true => WEBHOOK_BODY_LIMIT,
            false => BODY_LIMIT,
        }
    }

    /// Answers a request. Every reply is complete; a refusal is a problem document (RFC 9457).
    ///
    /// What is wrong is looked for in this order: path (404), method (405), media type (415), size (413), time (408),
    /// JSON (400), fields (422), and then what the endpoint itself finds. A HEAD is answered as a GET: the server leaves
    /// the body out and tells its length (RFC 9110 §9.3.2).
    pub async fn handle(&self, request: Request) -> Response {
        let answer = self.answer(&request).await;
        answer.unwrap_or_else(Problem::into_response)
    }

    /// Who makes a request, by its bearer token; or the reply that refuses it.
    ///
    /// # Errors
    /// The reply to send: 401, or 503 when the store cannot be asked.
    pub async fn authenticate(&self, headers: &Headers) -> Result<CurrentUser, Response> {
        let identity = guard::authenticate(&self.auth, headers).await;
        identity.map(CurrentUser).map_err(Problem::into_response)
    }

    /// As [`authenticate`](Self::authenticate), for users with this role.
    ///
    /// # Errors
    /// The reply to send: 401, 403 without the role, or 503.
    pub async fn authorize(&self, headers: &Headers, role: &str) -> Result<CurrentUser, Response> {
        let user = self.authenticate(headers).await?;
        if user.0.has_role(role) {
            return Ok(user);
        }
        let problem = Problem::new(Kind::Forbidden, "You may not do this.");
        Err(problem.into_response())
    }

    async fn answer(&self, request: &Request) -> Answer {
        let route = self
            .table
            .find(&request.path, &request.method, &self.webhooks)?;
        let Route { endpoint, id } = route;
        let address = self.proxies.client_address(request.peer, &request.headers);
        let call = Call {
            auth: &self.auth,
            headers: &request.headers,
            body: usable_body(request, endpoint, self.limit_of(&route))?,
            query: &request.query,
            webhooks: &self.webhooks,
            client: address.map_or_else(Client::new, |address| Client::new().with_address(address)),
            id,
        };
        let answer = call.run(endpoint).await;
        match (&answer, act(endpoint)) {
            // Requests that cannot be read cost their sender what others cost; nothing else was charged for them.
            (Err(problem), Some(act)) if problem.is_bad_input() => {
                let counted = self.auth.reject_input(act, &call.client).await;
                counted.map_err(|limited| Problem::limited(&limited))?;
                answer
            }
            _ => answer,
        }
    }
}

impl Call<'_> {
    async fn run(&self, endpoint: Endpoint) -> Answer {
        match endpoint {
            Endpoint::Send => endpoints::send(self).await,
            Endpoint::Resend => endpoints::resend(self).await,
            Endpoint::Verify => endpoints::verify(self).await,
            Endpoint::Register => endpoints::register(self).await,
            Endpoint::Refresh => endpoints::refresh(self).await,
            Endpoint::Logout => endpoints::logout(self).await,
            Endpoint::Me => endpoints::me(self).await,
            Endpoint::Sessions => endpoints::sessions(self).await,
            Endpoint::Session => endpoints::revoke(self).await,
            Endpoint::Health => endpoints::health(self).await,
            Endpoint::Jwks => endpoints::jwks(self),
            Endpoint::Webhook => endpoints::webhook(self).await,
            Endpoint::Handshake => endpoints::handshake(self).await,
        }
    }
}

/// The limits that a request to this endpoint counts against.
const fn act(endpoint: Endpoint) -> Option<Act> {
    match endpoint {
        Endpoint::Send | Endpoint::Resend => Some(Act::Send),
        Endpoint::Verify | Endpoint::Register => Some(Act::Verify),
        Endpoint::Refresh => Some(Act::Refresh),
        _ => None,
    }
}

fn usable_body(request: &Request, endpoint: Endpoint, limit: usize) -> Result<&[u8], Problem> {
    let too_large = match limit {
        BODY_LIMIT => "The body is larger than 4096 bytes.",
        _ => "The body is larger than 3 MiB.",
    };
    // Providers send what they like.
    let is_empty = matches!(&request.body, Body::Complete(body) if body.is_empty());
    let any = is_empty || endpoint.is_for_providers();
    if request.method == "POST" && !any && !is_json(&request.headers) {
        let detail = "The body must be sent as application/json.";
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    match &request.body {
        Body::Complete(body) if body.len() <= limit => Ok(body),
        Body::Complete(_) | Body::TooLarge => Err(Problem::new(Kind::PayloadTooLarge, too_large)),
        Body::TimedOut => Err(Problem::new(
            Kind::RequestTimeout,
            "The body did not come in time.",
        )),
        Body::Broken => Err(Problem::new(
            Kind::MalformedJson,
            "The body is not complete.",
        )),
    }
}

fn is_json(headers: &Headers) -> bool {
    let line = headers.only("content-type").unwrap_or_default();
    let media_type = line.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
