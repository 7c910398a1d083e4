//! What the SQL store costs beside the same statements sent by a bare client: `cargo bench --bench sql`.
//!
//! Throwaway servers, on each of which ours and the raw thing have a database of their own. The raw statements are
//! written out in `statements.rs`; that they are the store's, Postgres says itself.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on stops"
)]

mod connection;
mod counts;
mod raw;
mod sizes;
mod speed;
mod statements;
mod world;

use otp_benches::Bench;
use tokio::runtime::Runtime;
use world::{Server, World};

fn main() {
    let mut bench = Bench::from_args();
    let runtime = Runtime::new().unwrap();
    let worlds = Server::ALL.map(|server| World::new(server, &runtime));
    for world in &worlds {
        speed::run(&mut bench, world);
        sizes::run(&mut bench, world);
    }
    for server in Server::ALL {
        counts::run(&mut bench, &World::new(server, &runtime));
    }
    sizes::growth(&mut bench, &worlds[0]);
    bench.finish();
}
