//! Operations per second at one caller and at many, beside the same statements from bare clients.

use crate::raw::Raw;
use crate::world::{Server, World};
use otp_benches::{Bench, Crowd, Figure, Operation};
use std::time::Duration;

/// So many log in, then both databases are emptied and filled again.
const PEOPLE: u32 = 10_000;
const CALLERS: [usize; 2] = [1, 16];
const ROUND: Duration = Duration::from_millis(100);
const RAW: &str = "the statements by bare clients";

pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    let people = if bench.is_measured() { PEOPLE } else { 200 };
    for callers in CALLERS {
        for operation in Operation::TIMED {
            let figure = figure(world.server, operation, callers);
            if bench.chooses(&figure.name) {
                let store = world.store("ours", callers);
                let crowd = Crowd::new(world.runtime, store, people, world.empty("ours"));
                let raw = Raw::new(world, people).side(operation, callers);
                bench.pair(figure, crowd.side(operation, callers), raw);
            }
        }
    }
}

fn figure(server: Server, operation: Operation, callers: usize) -> Figure {
    let many = match callers {
        1 => "1 caller".to_owned(),
        many => format!("{many} callers"),
    };
    let name = format!("{}, {}, {many}", server.name(), operation.name());
    let figure = Figure::new(name, RAW).in_rounds_of(ROUND).rate();
    match (server, callers) {
        (Server::Postgres, 16) => figure.rate_at_least(0.8),
        _ => figure,
    }
}
