//! The store's commands, as the server saw them.

use crate::World;
use futures_util::StreamExt as _;
use otp_benches::{Crowd, Operation};
use redis::Cmd;

/// Where it is listened to.
const DATABASE: u8 = 2;
/// Ends a recording.
const END: &str = "end of the recording";

/// The first key, behind `EVALSHA`, the script and how many keys.
const KEY: usize = 3;

/// Commands of logins, from `start` to the session's first refresh.
pub(crate) struct Recording {
    pub(crate) opens: Vec<Cmd>,
    pub(crate) attempts: Vec<Cmd>,
    pub(crate) creates: Vec<Cmd>,
    /// As words, because the next refresh of a session has the next counter.
    pub(crate) rotations: Vec<Vec<String>>,
}

impl Recording {
    /// Of `count` logins.
    pub(crate) fn of(world: &World<'_>, count: u32) -> Self {
        let (runtime, store) = (world.runtime, world.store(DATABASE));
        let mut crowd = Crowd::new(runtime, store, count, world.empty(DATABASE));
        // Those who tune in late hear `EVAL` for what the server does not know yet.
        crowd.refresh_tokens(1);
        let refresh = || crowd.counted(Operation::Refresh, count.into(), || {});
        let mut heard = heard(world, refresh);
        // The same order of challenges among those that are opened and those that are tried.
        heard.sort_by(|one, other| one[KEY].cmp(&other[KEY]));
        let (challenges, sessions): (Vec<_>, Vec<_>) = heard
            .into_iter()
            .partition(|words| words[KEY].contains(":c:"));
        let (opens, attempts): (Vec<_>, Vec<_>) =
            challenges.into_iter().partition(|words| is_open(words));
        let (rotations, creates): (Vec<_>, Vec<_>) =
            sessions.into_iter().partition(|words| is_rotation(words));
        let commands = |all: Vec<Vec<String>>| all.iter().map(|words| command(words)).collect();
        let recording = Self {
            opens: commands(opens),
            attempts: commands(attempts),
            creates: commands(creates),
            rotations,
        };
        for heard in [&recording.opens, &recording.attempts, &recording.creates] {
            assert_eq!(heard.len(), count as usize);
        }
        assert_eq!(recording.rotations.len(), count as usize);
        recording
    }
}

fn is_open(words: &[String]) -> bool {
    words.iter().any(|word| word.contains("\"new\":"))
}

/// The session is its only key.
fn is_rotation(words: &[String]) -> bool {
    words[KEY - 1] == "1"
}

pub(crate) fn command(words: &[String]) -> Cmd {
    let mut command = redis::cmd(&words[0]);
    command.arg(&words[1..]);
    command
}

/// The scripts that were called from outside while `work` was done.
fn heard(world: &World<'_>, work: impl FnOnce()) -> Vec<Vec<String>> {
    let client = redis::Client::open(world.url(DATABASE)).unwrap();
    let monitor = world.runtime.block_on(client.get_async_monitor()).unwrap();
    let listener = world.runtime.spawn(async move {
        let mut lines = monitor.into_on_message::<String>();
        let mut heard = Vec::new();
        while let Some(line) = lines.next().await {
            if line.contains(END) {
                break;
            }
            let is_from_outside = !line.contains(" lua] ");
            if is_from_outside && line.contains("\"EVALSHA\"") {
                heard.push(words(&line));
            }
        }
        heard
    });
    work();
    let mut connection = world.connection(DATABASE);
    redis::cmd("ECHO").arg(END).exec(&mut connection).unwrap();
    world.runtime.block_on(listener).unwrap()
}

/// The quoted words of a line of `MONITOR`.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, &mut word) {
            ('"', open @ None) => *open = Some(String::new()),
            ('"', open) => words.extend(open.take()),
            ('\\', Some(word)) => word.extend(letters.next()),
            (letter, Some(word)) => word.push(letter),
            (_, None) => {}
        }
    }
    words
}
