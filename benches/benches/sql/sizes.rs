//! What outstanding challenges take, and whether an operation costs more where there are more of them.

use crate::world::{Server, World};
use otp_benches::{Bench, Crowd, Figure, Operation, Row};
use std::time::Duration;

const CALLERS: usize = 16;
const ROUND: Duration = Duration::from_millis(50);

/// Bytes per challenge.
pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    let server = world.server;
    let name = format!("{}, bytes of a challenge with its limits", server.name());
    if !bench.chooses(&name) {
        return;
    }
    let count: u32 = if bench.is_measured() { 10_000 } else { 10 };
    let store = world.store("ours", 1);
    let mut crowd = Crowd::new(world.runtime, store, count, world.empty("ours"));
    let before = sizes(world);
    crowd.counted(Operation::Start, count.into(), || {});
    let after = sizes(world);
    let each = |n: usize| (after[n] - before[n]) as f64 / f64::from(count);
    bench.tell(Row {
        figure: name,
        ours: match server {
            Server::Sqlite => format!("{:.0}", each(0)),
            _ => format!(
                "{:.0}: {:.0} and {:.0}",
                each(0) + each(1),
                each(0),
                each(1)
            ),
        },
        raw: "with indexes and free room; its phone's and its address's limit".to_owned(),
        ratio: String::new(),
        target: String::new(),
    });
}

/// Of the challenges and of the limits; SQLite's file has both.
fn sizes(world: &World<'_>) -> [i64; 2] {
    let mut connection = world.connect("ours");
    let mut number = |sql: &str| world.runtime.block_on(connection.number(sql));
    ["otp_challenges", "otp_limits"].map(|table| match world.server {
        Server::Postgres => number(&format!("SELECT pg_total_relation_size('{table}')")),
        Server::MariaDb => number(&format!(
            "SELECT CAST(FILE_SIZE AS SIGNED) FROM information_schema.INNODB_SYS_TABLESPACES WHERE NAME = 'ours/{table}'"
        )),
        Server::Sqlite => number(USED_PAGES),
    })
}

/// Pages that were emptied before are used again.
const USED_PAGES: &str = "SELECT (page_count - freelist_count) * page_size \
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size";

/// On Postgres.
pub(crate) fn growth(bench: &mut Bench, world: &World<'_>) {
    let most = std::env::var("OTP_BENCH_CHALLENGES").map_or(1_000_000, |n| n.parse().unwrap());
    let most: u32 = if bench.is_measured() { most } else { 1_000 };
    let fewest = (most / 1_000).max(1);
    for operation in Operation::TIMED {
        for size in [most / 100, most / 10, most] {
            let name = format!("Postgres, {} beside {size} challenges", operation.name());
            if bench.chooses(&name) {
                let side = |database: &str, size| {
                    let store = world.store(database, CALLERS);
                    let fill = filler(world, database, size);
                    // So few that they hardly change how many there are, and enough for a round of a fast machine.
                    let people = (size / 4).max(2_000);
                    Crowd::new(world.runtime, store, people, fill).side(operation, CALLERS)
                };
                let ours = side(&format!("size_{size}"), size);
                let raw = side("size_fewest", fewest);
                let figure = Figure::new(name, "beside a thousandth of the most");
                bench.pair(figure.in_rounds_of(ROUND).at_most(1.1), ours, raw);
            }
        }
    }
}

/// Puts so many challenges with their limits into the tables; later empties the tables and does it again. What a crowd
/// before left there is under other keys, and stays.
fn filler<'r>(world: &World<'r>, database: &str, size: u32) -> impl FnMut() + use<'r> {
    let mut connection = world.connect(database);
    let (mut empty, runtime) = (world.empty(database), world.runtime);
    let count = "SELECT count(*) FROM otp_challenges";
    let mut is_filled = runtime.block_on(connection.number(count)) >= i64::from(size);
    move || {
        if std::mem::take(&mut is_filled) {
            return;
        }
        empty();
        let last = size - 1;
        let texts = [
            format!("{CHALLENGES} FROM generate_series(0, {last}) n"),
            format!(
                "{LIMITS} FROM generate_series(0, {last}) n, (VALUES ('p'), ('a')) AS of(what)"
            ),
            "VACUUM ANALYZE otp_challenges".to_owned(),
            "VACUUM ANALYZE otp_limits".to_owned(),
            "CHECKPOINT".to_owned(),
        ];
        for text in texts {
            runtime.block_on(connection.text(&text)).unwrap();
        }
    }
}

/// They expire in the year 2286.
const CHALLENGES: &str = "INSERT INTO otp_challenges \
    (id, rev, format, phone, purpose, channel, remember_me, digest, kid, issued_at, expires_at, tries_left, forgotten_at) \
    SELECT decode(md5('i' || n), 'hex'), 0, 1, decode(md5('p' || n), 'hex'), 'login', 'sms', 0, \
    decode(md5('d' || n) || md5('e' || n), 'hex'), 'k3Jd0sPq', 1780000000000, 9999999999999, 3, 9999999999999 + n";
const LIMITS: &str = "INSERT INTO otp_limits (cell_key, tally, forgotten_at) \
    SELECT decode(md5(what || n), 'hex'), decode('01008090a0b0c001', 'hex'), 9999999999999 + n";
