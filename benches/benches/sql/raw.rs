//! The statements again, as pgbench would send them: each caller has a connection.

use crate::connection::Step;
use crate::statements::Login;
use crate::world::{Server, World};
use otp_benches::{Operation, Side, callers};
use std::sync::Arc;
use tokio::sync::Mutex;

const DATABASE: &str = "raw";

pub(crate) struct Raw<'w> {
    world: &'w World<'w>,
    people: u64,
    /// How many are in the tables.
    filled: u64,
    empty: Box<dyn FnMut() + 'w>,
}

impl<'w> Raw<'w> {
    pub(crate) fn new(world: &'w World<'_>, people: u32) -> Self {
        drop(world.store(DATABASE, 1));
        let mut empty = world.empty(DATABASE);
        empty();
        Self {
            world,
            people: people.into(),
            filled: 0,
            empty: Box::new(empty),
        }
    }

    /// `count` callers who do this at once.
    pub(crate) fn side(mut self, operation: Operation, count: usize) -> Side<'w> {
        let world = self.world;
        // SQLite has one that writes, here as in the store.
        let connections = world.server.pick(count, count, 1);
        let connections = (0..connections).map(|_| Mutex::new(world.connect(DATABASE)));
        let connections: Arc<[_]> = connections.collect();
        let mut ring = match operation {
            Operation::Refresh => self.sessions(),
            _ => Vec::new(),
        };
        let prepare = move |times| self.prepared(operation, times, &mut ring);
        callers(world.runtime, count, prepare, move |caller, steps| {
            let connections = Arc::clone(&connections);
            async move {
                let own = &connections[caller % connections.len()];
                own.lock().await.run(steps).await;
            }
        })
    }

    /// What each of `times` does, where what it needs is there.
    pub(crate) fn prepared(
        &mut self,
        operation: Operation,
        times: u64,
        sessions: &mut [Login],
    ) -> Vec<Vec<Step>> {
        let server = self.world.server;
        if operation == Operation::Refresh {
            sessions.rotate_left(times as usize % self.people as usize);
            assert!(
                times <= self.people,
                "a session has its turn once in a round"
            );
            let some = sessions.iter_mut().take(times as usize);
            return some.map(|login| login.refresh(server)).collect();
        }
        if self.filled + times > self.people {
            (self.empty)();
            self.filled = 0;
        }
        self.filled += times;
        let logins: Vec<_> = (0..times).map(|_| Login::new()).collect();
        if operation == Operation::Start {
            return logins.iter().map(|login| login.start(server)).collect();
        }
        self.done(logins.iter().map(|login| login.start(server)));
        logins.iter().map(|login| login.verify(server)).collect()
    }

    /// One session of each.
    pub(crate) fn sessions(&self) -> Vec<Login> {
        let logins: Vec<_> = (0..self.people).map(|_| Login::new()).collect();
        let server = self.world.server;
        self.done(logins.iter().map(|login| vec![login.session(server)]));
        logins
    }

    /// In few transactions: nobody measures this.
    fn done(&self, all: impl Iterator<Item = Vec<Step>>) {
        let mut connection = self.world.connect(DATABASE);
        let begin = |server: Server| server.pick("BEGIN", "START TRANSACTION", "BEGIN IMMEDIATE");
        self.world.runtime.block_on(async {
            connection.text(begin(self.world.server)).await.unwrap();
            for steps in all {
                let within = steps.into_iter().filter(|step| !step.values.is_empty());
                connection.run(within.collect()).await;
            }
            connection.text("COMMIT").await.unwrap();
        });
    }
}
