//! Statements per operation, by the server's own statistics. Each is a round trip.

use crate::raw::Raw;
use crate::world::{Server, World};
use otp_benches::{Bench, Crowd, Operation, Row};
use std::collections::BTreeMap;

const TIMES: u32 = 50;
const DATABASES: [&str; 2] = ["ours", "raw"];

/// A statement and how often it comes in one operation.
type Counts = BTreeMap<String, f64>;

pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    // SQLite is in the process: there is neither a server nor a trip to it.
    if world.server == Server::Sqlite {
        return;
    }
    let name = |operation: Operation| {
        let (server, operation) = (world.server.name(), operation.name());
        format!("{server}, statements of one {operation}")
    };
    let chosen: Vec<_> = Operation::ALL
        .into_iter()
        .filter(|operation| bench.chooses(&name(*operation)))
        .collect();
    if chosen.is_empty() {
        return;
    }
    for database in DATABASES {
        drop(world.store(database, 1));
    }
    world.count_statements(&DATABASES);
    for operation in chosen {
        let ours = ours(world, operation);
        let raw = (operation != Operation::Logout).then(|| raw(world, operation));
        if let Some(raw) = &raw {
            assert_eq!(&ours, raw, "the raw statements are not the store's");
        }
        let sum = |counts: &Counts| format!("{:.1}", counts.values().sum::<f64>());
        bench.tell(Row {
            figure: name(operation),
            ours: sum(&ours),
            raw: raw.as_ref().map(sum).unwrap_or_default(),
            ratio: String::new(),
            target: String::new(),
        });
    }
}

fn ours(world: &World<'_>, operation: Operation) -> Counts {
    let store = world.store("ours", 1);
    let mut crowd = Crowd::new(world.runtime, store, TIMES + 1, world.empty("ours"));
    // The first opens the connection and has the statements prepared.
    crowd.counted(operation, 1, || {});
    let mut before = Counts::new();
    crowd.counted(operation, TIMES.into(), || before = counts(world, "ours"));
    since(&before, &counts(world, "ours"))
}

fn raw(world: &World<'_>, operation: Operation) -> Counts {
    let mut raw = Raw::new(world, TIMES + 1);
    let mut sessions = match operation {
        Operation::Refresh => raw.sessions(),
        _ => Vec::new(),
    };
    let steps = raw.prepared(operation, TIMES.into(), &mut sessions);
    let mut connection = world.connect("raw");
    let before = counts(world, "raw");
    for steps in steps {
        world.runtime.block_on(connection.run(steps));
    }
    since(&before, &counts(world, "raw"))
}

fn since(before: &Counts, after: &Counts) -> Counts {
    let each = |(name, count): (&String, &f64)| {
        let new = count - before.get(name).unwrap_or(&0.0);
        (name.clone(), new / f64::from(TIMES))
    };
    after
        .iter()
        .map(each)
        .filter(|(_, new)| *new > 0.0)
        .collect()
}

fn counts(world: &World<'_>, database: &str) -> Counts {
    let mut connection = world.connect(database);
    let ask = world.server.pick(
        "SELECT query, sum(calls)::bigint FROM pg_stat_statements s \
         JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database() \
         WHERE query ~ 'otp_|^BEGIN|^COMMIT|^ROLLBACK' AND query !~ 'pg_stat|TRUNCATE' GROUP BY query",
        "SELECT VARIABLE_NAME, CAST(VARIABLE_VALUE AS SIGNED) FROM information_schema.GLOBAL_STATUS \
         WHERE VARIABLE_NAME IN ('COM_STMT_EXECUTE', 'COM_BEGIN', 'COM_COMMIT', 'COM_ROLLBACK')",
        "",
    );
    let counts = world.runtime.block_on(connection.counts(ask));
    let count = |(name, count)| (name, count as f64);
    counts.into_iter().map(count).collect()
}
