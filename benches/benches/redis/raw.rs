//! The recorded commands again, through the client crate alone: one connection that all callers share, as the store
//! has it, and arguments that were prepared.

use crate::World;
use crate::recording::{Recording, command};
use otp_benches::{Operation, Side, callers};
use redis::aio::MultiplexedConnection;
use redis::{Cmd, Value};
use std::ops::Range;
use std::sync::Arc;

const DATABASE: u8 = 1;

pub(crate) fn side<'w>(
    world: &'w World<'_>,
    recording: &Arc<Recording>,
    operation: Operation,
    count: usize,
) -> Side<'w> {
    let client = redis::Client::open(world.url(DATABASE)).unwrap();
    let connect = client.get_multiplexed_async_connection();
    let raw = Raw {
        world,
        recording: Arc::clone(recording),
        connection: world.runtime.block_on(connect).unwrap(),
        next: 0,
        empty: Box::new(world.empty(DATABASE)),
    };
    match operation {
        Operation::Start => raw.start(count),
        Operation::Verify => raw.verify(count),
        _ => raw.refresh(count),
    }
}

struct Raw<'w> {
    world: &'w World<'w>,
    recording: Arc<Recording>,
    connection: MultiplexedConnection,
    next: usize,
    empty: Box<dyn FnMut() + 'w>,
}

impl<'w> Raw<'w> {
    fn start(mut self, count: usize) -> Side<'w> {
        let (runtime, connection) = (self.world.runtime, self.connection.clone());
        let prepare = move |times| {
            let next = self.next(times);
            self.recording.opens[next].to_vec()
        };
        callers(runtime, count, prepare, move |_, open| {
            answered(connection.clone(), open, "stored")
        })
    }

    fn verify(mut self, count: usize) -> Side<'w> {
        let (runtime, connection) = (self.world.runtime, self.connection.clone());
        let prepare = move |times| {
            let next = self.next(times);
            self.pipelined(&self.recording.opens[next.clone()]);
            let attempts = self.recording.attempts[next.clone()].to_vec();
            let creates = self.recording.creates[next].to_vec();
            attempts.into_iter().zip(creates).collect()
        };
        callers(runtime, count, prepare, move |_, (attempt, create)| {
            let connection = connection.clone();
            async move {
                answered(connection.clone(), attempt, "accepted").await;
                answered(connection, create, "").await;
            }
        })
    }

    fn refresh(mut self, count: usize) -> Side<'w> {
        let (runtime, connection) = (self.world.runtime, self.connection.clone());
        (self.empty)();
        self.pipelined(&self.recording.creates);
        let mut rotations = self.recording.rotations.clone();
        let prepare = move |times| {
            // Sessions stay: what comes again is the next turn of the first.
            self.empty = Box::new(|| {});
            let next = self.next(times);
            rotations[next]
                .iter_mut()
                .map(|words| turned(words))
                .collect()
        };
        callers(runtime, count, prepare, move |_, rotation| {
            answered(connection.clone(), rotation, "rotated")
        })
    }

    /// Positions in the recording; from its end back to its beginning, and an empty database.
    fn next(&mut self, times: u64) -> Range<usize> {
        let (times, all) = (times as usize, self.recording.opens.len());
        assert!(times <= all, "a recording is too short");
        if self.next == 0 || all - self.next < times {
            (self.empty)();
            self.next = 0;
        }
        let first = self.next;
        self.next += times;
        first..self.next
    }

    fn pipelined(&self, commands: &[Cmd]) {
        let mut connection = self.world.connection(DATABASE);
        for some in commands.chunks(1_000) {
            let mut pipeline = redis::pipe();
            for command in some {
                pipeline.add_command(command.clone());
            }
            let _: Vec<Value> = pipeline.query(&mut connection).unwrap();
        }
    }
}

/// The rotation as it is now, and its words moved on to the session's next.
fn turned(words: &mut [String]) -> Cmd {
    let turn = command(words);
    let count = words[6].parse::<u64>().unwrap() + 1;
    (words[5], words[6]) = (words[6].clone(), count.to_string());
    turn
}

async fn answered(mut connection: MultiplexedConnection, command: Cmd, outcome: &'static str) {
    let reply: Value = command.query_async(&mut connection).await.unwrap();
    let is = |word: &Value| match word {
        Value::BulkString(text) => text
            .windows(outcome.len().max(1))
            .any(|part| part == outcome.as_bytes()),
        _ => false,
    };
    let as_hoped = match &reply {
        Value::Array(words) => words.first().is_some_and(is),
        Value::Int(count) => *count == 1,
        word => is(word),
    };
    assert!(as_hoped, "{reply:?}");
}
