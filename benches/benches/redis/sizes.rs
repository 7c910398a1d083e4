//! What outstanding challenges take, and whether an operation costs more where there are more of them.

use crate::World;
use otp_benches::{Bench, Crowd, Figure, Operation, Row};
use redis::{Connection, Script};
use std::time::Duration;

const CALLERS: usize = 50;
const ROUND: Duration = Duration::from_millis(10);
/// Databases of the challenges that are more than the fewest.
const LARGER: [u8; 3] = [4, 5, 6];
const FEWEST: u8 = 3;

pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    memory(bench, world);
    growth(bench, world);
}

fn memory(bench: &mut Bench, world: &World<'_>) {
    let name = "Redis, bytes of a challenge and its phone's limits";
    if !bench.chooses(name) {
        return;
    }
    let count = if bench.is_measured() { 10_000 } else { 10 };
    let mut crowd = Crowd::new(world.runtime, world.store(0), count, world.empty(0));
    let before = used(world);
    crowd.counted(Operation::Start, count.into(), || {});
    let after = used(world);
    let bytes = |pattern| of_keys(&mut world.connection(0), pattern) / f64::from(count);
    let (challenge, phone) = (bytes("otp:*:c:*"), bytes("otp:*}:l:*"));
    bench.tell(Row {
        figure: name.to_owned(),
        ours: format!("{:.0}: {challenge:.0} and {phone:.0}", challenge + phone),
        raw: format!(
            "its address's limit: {:.0}; used_memory, all of it: {:.0}",
            bytes("otp:*}:l"),
            (after - before) / f64::from(count)
        ),
        ratio: String::new(),
        target: "≤ 600".to_owned(),
    });
}

/// `MEMORY USAGE` of these keys.
fn of_keys(connection: &mut Connection, pattern: &str) -> f64 {
    let keys: Vec<String> = {
        let mut scan = redis::cmd("SCAN");
        scan.cursor_arg(0)
            .arg("MATCH")
            .arg(pattern)
            .arg("COUNT")
            .arg(1_000);
        scan.iter(connection).unwrap().map(Result::unwrap).collect()
    };
    let mut total = 0;
    for some in keys.chunks(1_000) {
        let mut pipeline = redis::pipe();
        for key in some {
            pipeline
                .cmd("MEMORY")
                .arg("USAGE")
                .arg(key)
                .arg("SAMPLES")
                .arg(0);
        }
        let bytes: Vec<u64> = pipeline.query(connection).unwrap();
        total += bytes.iter().sum::<u64>();
    }
    total as f64
}

fn used(world: &World<'_>) -> f64 {
    world
        .server
        .info("memory", "used_memory")
        .unwrap()
        .parse()
        .unwrap()
}

fn growth(bench: &mut Bench, world: &World<'_>) {
    let most = std::env::var("OTP_BENCH_CHALLENGES").map_or(1_000_000, |n| n.parse().unwrap());
    let most: u32 = if bench.is_measured() { most } else { 100 };
    let fewest = (most / 1_000).max(1);
    for operation in Operation::TIMED {
        for (database, size) in LARGER.into_iter().zip([most / 100, most / 10, most]) {
            let name = format!("Redis, {} beside {size} challenges", operation.name());
            if bench.chooses(&name) {
                let side = |database, size| {
                    let (store, fill) = (world.store(database), filler(world, database, size));
                    // So few that they hardly change how many there are, and enough for a round of a fast machine.
                    let people = (size / 4).max(2_000);
                    Crowd::new(world.runtime, store, people, fill).side(operation, CALLERS)
                };
                let (ours, raw) = (side(database, size), side(FEWEST, fewest));
                let figure = Figure::new(name, "beside a thousandth of the most");
                bench.pair(figure.in_rounds_of(ROUND).at_most(1.1), ours, raw);
            }
        }
    }
}

/// Empties a database and puts so many challenges into it, copies of a real one with its phone's and its address's
/// limit.
fn filler(world: &World<'_>, database: u8, size: u32) -> impl FnMut() + use<> {
    let mut crowd = Crowd::new(
        world.runtime,
        world.store(database),
        1,
        world.empty(database),
    );
    crowd.counted(Operation::Start, 1, || {});
    let mut connection = world.connection(database);
    let mut sample = |pattern| -> String {
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg(pattern)
            .query(&mut connection)
            .unwrap();
        redis::cmd("GET")
            .arg(&keys[0])
            .query(&mut connection)
            .unwrap()
    };
    let samples = ["otp:*:c:*", "otp:*}:l:*", "otp:*}:l"].map(&mut sample);
    let script = Script::new(COPY);
    move || {
        redis::cmd("FLUSHDB").exec(&mut connection).unwrap();
        for first in (0..size).step_by(FILLED_AT_ONCE) {
            let last = (first + FILLED_AT_ONCE as u32).min(size) - 1;
            let mut call = script.prepare_invoke();
            call.arg(first).arg(last).arg(&samples);
            call.invoke::<()>(&mut connection).unwrap();
        }
    }
}

const FILLED_AT_ONCE: usize = 10_000;

/// Keys as long as real ones.
const COPY: &str = "
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local id = string.format('%022d', n)
  redis.call('SET', 'otp:{' .. id .. '}:c:l:' .. id, ARGV[3], 'PX', 86400000)
  redis.call('SET', 'otp:{' .. id .. '}:l:' .. id, ARGV[4], 'PX', 86400000)
  redis.call('SET', 'otp:{' .. id .. '}:l', ARGV[5], 'PX', 86400000)
end";
