//! What every type promises: a handle goes to any thread and can be printed, and an error is one for whoever boxes it.
//! It fails by not compiling.
#![cfg(feature = "testing")]

use otp_core::policy::{NumberRefusal, Policy, PolicyBuilder, PolicyError};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::token::{
    InvalidTicket, RefreshTokenError, TokenKeyError, TokenRules, TokenRulesError,
};
use otp_core::verifier::Verifier;
use otp_core::{
    AccessToken, AuditSink, AuthenticateError, BuildError, Builder, CallbackError, ChallengeStore,
    Client, Clock, Code, CodeError, Composite, CountryError, DeliveryListener, DeliveryPoll,
    DeliveryStore, DeliveryWebhook, DirectoryError, DuplicateKeyId, DurableAudit, EntropyError,
    Event, Identity, InvalidId, InvalidKeyId, InvalidLocale, InvalidUserId, KeyProvider, KeyRing,
    Keys, KeysError, Limited, Login, MemoryStore, MemoryUsers, Message, OtpAuth, PhoneError,
    PhoneNumber, RefreshError, RefreshToken, RegionError, RegisterError, RotatingKeys, SecretKey,
    SecretKeyError, SendError, Sender, SessionStore, SigningKey, Start, StartError, Store,
    StoreClock, StoreError, SystemClock, Ticket, TokenError, TokenKeys, TracingAudit,
    UnknownChannel, UserDirectory, Verified, Verify, VerifyError, VerifyingKey,
};
use std::error::Error;
use std::fmt::Debug;

const fn handle<T: Debug + Send + Sync + 'static + ?Sized>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

macro_rules! every {
    ($promise:ident: $($type:ty),* $(,)?) => { const _: () = { $($promise::<$type>();)* }; };
}

every!(handle: OtpAuth, Builder, Policy, PolicyBuilder, MemoryStore, MemoryUsers, Composite<MemoryStore, MemoryStore>);
every!(handle: StoreClock, SystemClock, ManualClock, CapturingSender, TracingAudit, RotatingKeys);
every!(handle: Keys, KeyRing, SecretKey, TokenKeys, SigningKey, VerifyingKey, TokenRules);
every!(handle: AccessToken, RefreshToken, Ticket, Code, PhoneNumber, Client, Message, Event);
every!(handle: Start, Verify, Verified, Login, Identity);
every!(handle: dyn Store, dyn ChallengeStore, dyn DeliveryStore, dyn SessionStore, dyn UserDirectory);
every!(handle: dyn Sender, dyn Verifier, dyn AuditSink, dyn DurableAudit, dyn Clock, dyn KeyProvider);
every!(handle: dyn DeliveryWebhook, dyn DeliveryPoll, dyn DeliveryListener);

every!(error: StartError, VerifyError, RegisterError, RefreshError, AuthenticateError, Limited, BuildError);
every!(error: StoreError, SendError, DirectoryError, CallbackError, PolicyError, NumberRefusal);
every!(error: CodeError, PhoneError, RegionError, CountryError, UnknownChannel, InvalidLocale);
every!(error: InvalidId, InvalidUserId, InvalidKeyId, DuplicateKeyId, KeysError, SecretKeyError, EntropyError);
every!(error: TokenError, TokenKeyError, TokenRulesError, RefreshTokenError, InvalidTicket);

/// What an operation returns can be awaited on any thread of a runtime.
#[test]
fn operations_may_move_between_threads() {
    fn may_move<F: Future + Send>(_: impl Fn(&'static OtpAuth, Start, Verify) -> F) {}
    may_move(|auth, start, _| auth.start(start));
    may_move(|auth, _, verify| auth.verify(verify));
    may_move(|auth, _, _| auth.authenticate("token"));
}
