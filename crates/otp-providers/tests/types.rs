//! What every type promises: a handle goes to any thread and can be printed, and an error is one for whoever boxes it.
//! It fails by not compiling.

use otp_core::Sender;
use otp_providers::http::{
    Address, HostedProvider, HttpClient, HttpReply, HttpRequest, HttpSender, HttpVerifier,
    Provider, Refusal, Secret, Transport, TransportError,
};
use otp_providers::job::{Job, JobError, JobKeyRefused, JobKeys, SealedJob};
use otp_providers::kafka::{
    Deduplicator, Kafka, KafkaConfigError, KafkaWorkerBuilder, KafkaWorkerError,
};
use otp_providers::messages::{Messages, MessagesBuilder, MessagesError};
use otp_providers::route::{Leg, RouteBuilder, RouteError, Undelivered};
use otp_providers::{ConfigError, KafkaSender, KafkaWorker, Route, Unasked};
use std::error::Error;
use std::fmt::Debug;

const fn handle<T: Debug + Send + Sync + 'static + ?Sized>() {}
const fn error<T: Error + Send + Sync + 'static>() {}
const fn sender<T: Sender>() {}
/// Whatever the provider is.
const fn over_http<P: Provider, H: HostedProvider>() {
    sender::<HttpSender<P>>();
    handle::<HttpVerifier<H>>();
}

macro_rules! every {
    ($promise:ident: $($type:ty),* $(,)?) => { const _: () = { $($promise::<$type>();)* }; };
}

every!(sender: Route, KafkaSender);
every!(handle: KafkaWorker, KafkaWorkerBuilder, Kafka, dyn Deduplicator, RouteBuilder, Leg);
every!(handle: JobKeys, Job, SealedJob, Messages, MessagesBuilder);
every!(handle: Secret, Address, HttpClient, HttpRequest, HttpReply, dyn Provider, dyn HostedProvider, dyn Transport);
every!(error: ConfigError, TransportError, Refusal, Unasked, RouteError, Undelivered, MessagesError);
every!(error: JobError, JobKeyRefused, KafkaConfigError, KafkaWorkerError);

const _: () = over_http::<otp_providers::Twilio, otp_providers::TwilioVerify>();
const _: () = over_http::<otp_providers::Msg91, otp_providers::Msg91Verify>();
const _: () = over_http::<otp_providers::EngageLab, otp_providers::EngageLabVerify>();
