//! Commands per operation, by the server's own statistics.

use crate::World;
use otp_benches::{Bench, Crowd, Operation, Row};
use std::collections::BTreeMap;

const TIMES: u32 = 100;

pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    let name = |operation: Operation| format!("Redis, commands of one {}", operation.name());
    for operation in Operation::ALL {
        if bench.chooses(&name(operation)) {
            let (ours, inside) = counted(world, operation);
            bench.tell(Row {
                figure: name(operation),
                ours,
                raw: format!("inside of its script: {inside}"),
                ratio: String::new(),
                target: match operation {
                    Operation::Verify => "2",
                    _ => "1",
                }
                .to_owned(),
            });
        }
    }
}

/// What came from outside, and what the scripts did.
fn counted(world: &World<'_>, operation: Operation) -> (String, String) {
    let people = TIMES + 1;
    let mut crowd = Crowd::new(world.runtime, world.store(0), people, world.empty(0));
    // The first one teaches the server the scripts.
    crowd.counted(operation, 1, || {});
    let mut server = world.connection(0);
    crowd.counted(operation, TIMES.into(), || {
        let mut reset = redis::cmd("CONFIG");
        reset.arg("RESETSTAT").exec(&mut server).unwrap();
    });
    let mut ask = redis::cmd("INFO");
    let info: String = ask.arg("commandstats").query(&mut server).unwrap();
    let mut calls = BTreeMap::new();
    for line in info
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_"))
    {
        let (command, rest) = line.split_once(":calls=").unwrap();
        let count: f64 = rest.split_once(',').unwrap().0.parse().unwrap();
        calls.insert(command.to_owned(), count / f64::from(TIMES));
    }
    calls.remove("config|resetstat");
    let shown = |(command, calls): (String, f64)| format!("{calls:.2} {command}");
    let is_outer = |(command, _): &(String, f64)| command.starts_with("eval");
    let (outer, inner): (Vec<_>, Vec<_>) = calls.into_iter().partition(is_outer);
    let listed = |some: Vec<_>| some.into_iter().map(shown).collect::<Vec<_>>().join(", ");
    (listed(outer), listed(inner))
}
