//! The store suite on Postgres: one server, one database, all cases beside each other.
#![cfg(all(feature = "postgres", feature = "migrate"))]

mod common;

use otp_store_sql::SqlStore;
use std::sync::OnceLock;

async fn store() -> SqlStore {
    static URL: OnceLock<String> = OnceLock::new();
    common::shared(URL.get_or_init(common::postgres_database)).await
}

otp_core::store_suite!(store, rounds = 20);
