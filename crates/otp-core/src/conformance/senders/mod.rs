//! The sender suite: what every sender over HTTP must do, as one named test per case, against a provider that answers
//! what it is told to. Not covered by semantic versioning.
//!
//! ```
//! use otp_core::conformance::senders::{Answer, SenderScene};
//! # use otp_core::{Message, Receipt, SendError, Sender, async_trait};
//! # #[derive(Debug)]
//! # struct Pigeon;
//! # impl Pigeon { fn new(_base: &str, _key: &str) -> Self { Self } }
//! # #[async_trait]
//! # impl Sender for Pigeon {
//! #     fn name(&self) -> &str { "pigeon" }
//! #     async fn send(&self, _: &Message) -> Result<Receipt, SendError> { Ok(Receipt::default()) }
//! # }
//!
//! /// Yours POSTs to the address that it is given, and gives up after half a second or so.
//! fn scene() -> SenderScene {
//!     SenderScene::new(
//!         |base| Pigeon::new(base, "a-key-for-tests"),
//!         Answer::new(202, r#"{"id": "m-17"}"#),
//!     )
//!     .with_reference("m-17")
//!     .with_secret("a-key-for-tests")
//! }
//!
//! otp_core::sender_suite!(scene);
//! ```
//!
//! What is expected of every status, with a page of HTML for a body, is the table of [`SenderScene::new`]; a provider
//! that means something else by a status says so with [`SenderScene::with_status`].
//!
//! Each case runs on a thread of its own and hears what is logged there, through `tracing` and through `log`, at TRACE.

mod cases;
mod faults;
mod hearing;
mod stub;

pub use cases::*;
pub use faults::*;
pub use stub::{Answer, Received, Stub, Then};

use crate::{Channel, Code, Message, PhoneNumber, SendErrorKind, Sender};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How long a sender may take: the caller waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

type Factory = Arc<dyn Fn(&str) -> Arc<dyn Sender> + Send + Sync>;

/// A sender and what its provider's API is like.
#[derive(Clone)]
pub struct SenderScene {
    make: Factory,
    message: Message,
    taken: Answer,
    reference: Option<String>,
    secrets: Vec<String>,
    statuses: Vec<(u16, Option<SendErrorKind>)>,
    refusals: Vec<(Answer, SendErrorKind)>,
    code_in_address: bool,
}

impl SenderScene {
    /// `make` is given the stub's address, such as `http://127.0.0.1:4711`, without a slash at its end; `taken` is what
    /// the provider says to a message that it took.
    ///
    /// | status, with a page for a body | expected |
    /// |---|---|
    /// | 200, 408, 425, 500, 502, 503, 504 | `Transient` |
    /// | 301, 302, 303, 307, 308, 400, 401, 403, 404 | `AuthOrConfig` |
    /// | 402 | `InsufficientCredit` |
    /// | 429 | `RateLimited` |
    #[must_use]
    pub fn new<S: Sender>(make: impl Fn(&str) -> S + Send + Sync + 'static, taken: Answer) -> Self {
        use SendErrorKind::{AuthOrConfig, InsufficientCredit, RateLimited, Transient};
        let transient = [200, 408, 425, 500, 502, 503, 504].map(|s| (s, Some(Transient)));
        let operator = [301, 302, 303, 307, 308, 400, 401, 403, 404];
        let operator = operator.map(|s| (s, Some(AuthOrConfig)));
        let rest = [(402, Some(InsufficientCredit)), (429, Some(RateLimited))];
        Self {
            make: Arc::new(move |base| Arc::new(make(base))),
            message: message(),
            taken,
            reference: None,
            secrets: Vec::new(),
            statuses: transient.into_iter().chain(operator).chain(rest).collect(),
            refusals: Vec::new(),
            code_in_address: false,
        }
    }

    /// Sends over this channel; [`Channel::Sms`] otherwise.
    #[must_use]
    pub fn with_channel(mut self, channel: Channel) -> Self {
        self.message.channel = channel;
        self
    }

    /// Sends to this number, for a provider that serves one country.
    #[must_use]
    pub fn with_number(mut self, number: PhoneNumber) -> Self {
        self.message.to = number;
        self
    }

    /// The reference that the receipt for `taken` holds; none otherwise.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Something that no `Debug`, error or log line may hold.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// What this status means with a page of HTML for a body; none for taken.
    #[must_use]
    pub fn with_status(mut self, status: u16, kind: impl Into<Option<SendErrorKind>>) -> Self {
        self.statuses.retain(|(known, _)| *known != status);
        self.statuses.push((status, kind.into()));
        self
    }

    /// An answer by which the provider refuses a message, with a status of 200 where it does so.
    #[must_use]
    pub fn with_refusal(mut self, answer: Answer, kind: SendErrorKind) -> Self {
        self.refusals.push((answer, kind));
        self
    }

    /// Allows the code and the number in the address, where proxies log them, for a provider that has no other way.
    #[must_use]
    pub const fn allow_code_in_address(mut self) -> Self {
        self.code_in_address = true;
        self
    }
}

impl fmt::Debug for SenderScene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SenderScene")
    }
}

/// A login code for an Indian mobile, good for five minutes.
fn message() -> Message {
    let to = PhoneNumber::parse("+919876543210", None).expect("a number");
    // As long as every provider takes it, so that an address in memory does not look like it.
    let code = Code::parse("04213795").expect("a code");
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().expect("an id");
    Message::new(to, code, id, Duration::from_secs(300))
}

/// Runs one case on a thread of its own.
///
/// # Panics
/// When the case does, or takes longer than [`DEADLINE`](super::DEADLINE).
pub fn run<F: Future<Output = ()>>(case: impl FnOnce() -> F + Send + 'static) {
    super::on_a_thread(move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build();
        runtime.expect("a runtime").block_on(case());
    });
}

/// Expands to one `#[test]` for each case of the sender suite; see [`senders`](crate::conformance::senders).
///
/// The argument is a `fn() -> SenderScene`.
#[macro_export]
macro_rules! sender_suite {
    ($scene:expr) => {
        $crate::sender_cases! { $scene;
            a_taken_message_has_a_receipt,
            a_message_is_one_post,
            the_address_tells_nothing,
            every_status_has_its_class,
            a_refusal_has_its_class,
            the_wait_it_names_is_kept,
            a_success_that_breaks_off_is_taken,
            a_failure_that_breaks_off_is_one,
            a_silent_provider_counts_as_sent,
            a_provider_that_hangs_up_counts_as_sent,
            a_provider_that_resets_counts_as_sent,
            nobody_listening_is_transient,
            a_redirect_is_not_followed,
            a_huge_answer_is_not_read_to_its_end,
            nothing_tells_a_secret,
        }
    };
}

/// The cases of [`sender_suite`](crate::sender_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! sender_cases {
    ($scene:expr; $($case:ident,)*) => {$(
        #[test]
        fn $case() {
            $crate::conformance::senders::run(|| async {
                $crate::conformance::senders::$case(&($scene)()).await;
            });
        }
    )*};
}
