//! What every type promises: a handle goes to any thread and can be printed, without a password or key in it, and an
//! error is one for whoever boxes it.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]

use otp_core::{DurableAudit, Store, UserDirectory};
use otp_store_sql::{
    AuditKeys, AuditReport, Database, KeyRefused, SqlAudit, SqlOptions, SqlStore, SqlUsers,
    UserKeys, VerifyError,
};
use std::error::Error;
use std::fmt::Debug;

const fn handle<T: Debug + Send + Sync + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}
const fn store<T: Store>() {}
const fn users<T: UserDirectory>() {}
const fn audit<T: DurableAudit>() {}

const _: () = {
    handle::<Database>();
    handle::<SqlOptions>();
    handle::<UserKeys>();
    handle::<AuditKeys>();
    handle::<AuditReport>();
    store::<SqlStore>();
    users::<SqlUsers>();
    audit::<SqlAudit>();
    error::<KeyRefused>();
    error::<VerifyError>();
};

#[test]
fn options_show_no_password() {
    let options = SqlOptions::from("postgres://user:not-a-password@127.0.0.1/otp");
    let shown = format!("{options:?}");
    assert!(!shown.contains("not-a-password"), "{shown}");
}
