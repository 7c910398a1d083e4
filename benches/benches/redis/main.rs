//! What the Redis store costs beside the same scripts sent by a bare client: `cargo bench --bench redis`.
//!
//! One throwaway server, whose databases 0 and 1 are ours and the raw thing's. The raw commands are those that the
//! store sent when it was listened to (`MONITOR`), so they are the same scripts with arguments as real ones.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on stops"
)]

mod counts;
mod raw;
mod recording;
mod sizes;
mod speed;

use otp_benches::Bench;
use otp_store_redis::RedisStore;
use otp_testkit::Redis;
use std::cell::LazyCell;
use std::time::Duration;
use tokio::runtime::Runtime;

fn main() {
    let mut bench = Bench::from_args();
    let runtime = Runtime::new().unwrap();
    let world = World {
        server: LazyCell::new(Redis::start),
        runtime: &runtime,
    };
    speed::run(&mut bench, &world);
    counts::run(&mut bench, &world);
    sizes::run(&mut bench, &world);
    bench.finish();
}

/// A server, started for the first figure that is chosen, and what talks to it.
struct World<'r> {
    server: LazyCell<Redis>,
    runtime: &'r Runtime,
}

impl<'r> World<'r> {
    fn url(&self, database: u8) -> String {
        format!("{}/{database}", self.server.url())
    }

    fn store(&self, database: u8) -> RedisStore {
        // The default is for users who wait; a machine that is shared may be slower.
        let builder = RedisStore::builder(&self.url(database));
        let builder = builder.with_operation_timeout(Duration::from_secs(10));
        self.runtime.block_on(builder.connect()).unwrap()
    }

    /// A connection of its own for what is not measured.
    fn connection(&self, database: u8) -> redis::Connection {
        let client = redis::Client::open(self.url(database)).unwrap();
        client.get_connection().unwrap()
    }

    fn empty(&self, database: u8) -> impl FnMut() + use<> {
        let mut connection = self.connection(database);
        move || redis::cmd("FLUSHDB").exec(&mut connection).unwrap()
    }
}
