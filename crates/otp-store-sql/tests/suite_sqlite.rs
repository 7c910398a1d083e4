//! The store suite on SQLite: a file of its own for each case.
#![cfg(all(feature = "sqlite", feature = "migrate"))]

mod common;

use otp_store_sql::SqlStore;

async fn store() -> SqlStore {
    common::sqlite().await
}

otp_core::store_suite!(store, rounds = 20);
