//! Operations per second at one caller and at many, beside the same commands from a bare client.

use crate::World;
use crate::raw;
use crate::recording::Recording;
use otp_benches::{Bench, Crowd, Figure, Operation};
use std::sync::Arc;
use std::time::Duration;

/// So many log in, then both databases are emptied and filled again.
const PEOPLE: u32 = 20_000;
const CALLERS: [usize; 2] = [1, 50];
const ROUND: Duration = Duration::from_millis(100);
const RAW: &str = "EVALSHA by a bare client";

pub(crate) fn run(bench: &mut Bench, world: &World<'_>) {
    let figures =
        CALLERS.map(|callers| Operation::TIMED.map(|one| (figure(one, callers), one, callers)));
    let mut figures = figures.into_iter().flatten().collect::<Vec<_>>();
    figures.retain(|(figure, ..)| bench.chooses(&figure.name));
    if figures.is_empty() {
        return;
    }
    let people = if bench.is_measured() { PEOPLE } else { 200 };
    let recording = Arc::new(Recording::of(world, people));
    for (figure, operation, callers) in figures {
        let crowd = Crowd::new(world.runtime, world.store(0), people, world.empty(0));
        let raw = raw::side(world, &recording, operation, callers);
        let ours = crowd.side(operation, callers);
        bench.pair(figure, ours, raw);
    }
}

fn figure(operation: Operation, callers: usize) -> Figure {
    let name = format!("Redis, {}, {}", operation.name(), many(callers));
    let figure = Figure::new(name, RAW).in_rounds_of(ROUND).rate();
    match (operation, callers) {
        (Operation::Start | Operation::Verify, 50) => figure.rate_at_least(0.85),
        _ => figure,
    }
}

fn many(callers: usize) -> String {
    match callers {
        1 => "1 caller".to_owned(),
        many => format!("{many} callers"),
    }
}
