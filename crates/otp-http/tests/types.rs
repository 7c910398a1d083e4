//! What every type promises: a handle goes to any thread and can be printed, and an error is one for whoever boxes it.
//! It fails by not compiling.

use otp_http::{
    Api, CurrentUser, Headers, InvalidNetwork, Request, Response, Routes, RoutesError,
    TrustedProxies,
};
use std::error::Error;
use std::fmt::Debug;

const fn handle<T: Debug + Send + Sync + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

const _: () = {
    handle::<Api>();
    handle::<CurrentUser>();
    handle::<Headers>();
    handle::<Request>();
    handle::<Response>();
    handle::<Routes>();
    handle::<TrustedProxies>();
    error::<InvalidNetwork>();
    error::<RoutesError>();
};

/// The answer to a request can be awaited on any thread of a runtime.
#[test]
fn answers_may_move_between_threads() {
    fn may_move<F: Future + Send>(_: impl Fn(&'static Api, Request) -> F) {}
    may_move(|api, request| api.handle(request));
}
