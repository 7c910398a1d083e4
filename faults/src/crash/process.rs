//! The process that is killed, from outside.

use super::Matrix;
use crate::history::{Call, Entry, Signed, Tag};
use crate::node::adopted;
use crate::pause;
use crate::site::Held;
use otp_core::Timestamp;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a process said before its end.
pub(super) struct Told {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) sent: u32,
    pub(super) done: Option<String>,
}

impl Matrix<'_> {
    /// A call in a process of its own, which is killed at `point` if it comes to that.
    pub(super) async fn call(&mut self, point: u32, call: &str, arguments: &[&str]) -> Told {
        let mut lines = vec![
            adopted(),
            self.url.to_owned(),
            self.points.to_owned(),
            point.to_string(),
            call.to_owned(),
        ];
        lines.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let start = pause::now();
        let mut command = Command::new(self.program);
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = child.spawn().expect("a process");
        let mut input = child.stdin.take().expect("its input");
        input
            .write_all(lines.join("\n").as_bytes())
            .expect("its input");
        drop(input);
        let output = child.wait_with_output().expect("its end");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let done = text
            .lines()
            .find_map(|line| line.strip_prefix("done "))
            .map(str::to_owned);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let killed = output.status.code().is_none();
        assert!(killed || done.is_some(), "{call}: {text}{complaint}");
        self.killed += u32::from(killed);
        let sent = text
            .lines()
            .filter(|line| line.starts_with("sent "))
            .count();
        let sent = u32::try_from(sent).unwrap_or(u32::MAX);
        Told {
            start,
            end: pause::now(),
            sent,
            done,
        }
    }

    pub(super) fn note(&self, told: &Told, call: Call) {
        let Told {
            start, end, sent, ..
        } = *told;
        let entry = Entry {
            start,
            end,
            node: 1,
            call,
            sent,
        };
        self.site.written().entries.push(entry);
    }

    pub(super) fn login(&self, line: &str) -> Held {
        let words: Vec<_> = line.split(' ').collect();
        let [session, user, token] = words.as_slice() else {
            panic!("not a login");
        };
        Held {
            session: session.parse().expect("a session"),
            user: user.parse().expect("a user"),
            tokens: vec![(*token).to_owned()],
        }
    }

    pub(super) fn signed(&self, held: &Held) -> Signed {
        let token = held
            .tokens
            .first()
            .map_or(Tag(u64::MAX), |token| self.site.tag(token));
        Signed {
            session: held.session,
            token,
        }
    }
}
