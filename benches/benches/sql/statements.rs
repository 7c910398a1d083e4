//! The store's statements, and logins to bind to them.

use crate::connection::{Step, Value};
use crate::world::Server;
use rand::TryRng;
use rand::rngs::SysRng;
use std::fmt::Write as _;

/// An instant: what is stored of it takes as long as any.
const NOW: i64 = 1_780_000_000_000;
const CHALLENGE: &str = "rev, format, request, channel, remember_me, digest, kid, issued_at, expires_at, tries_left, \
    prev_digest, prev_kid, prev_issued_at, prev_expires_at, prev_tries_left, prev_request, \
    prev_channel, prev_remember_me, prev_until, used_at, forgotten_at";
const NAMED: &str = " WHERE id = ? AND phone = ? AND purpose = ?";
const SESSION: &str = "id, format, user_id, counter, created_at, rotated_at, idle_expires_at, expires_at, idle_ms, amr, \
    device_info";

/// The values of one login.
#[derive(Clone)]
pub(crate) struct Login {
    id: [u8; 16],
    phone: [u8; 16],
    digest: [u8; 32],
    session: [u8; 16],
    /// Sorted, as they are locked.
    sent: [[u8; 16]; 2],
    tried: [[u8; 16]; 4],
    pub(crate) turns: i64,
}

impl Login {
    pub(crate) fn new() -> Self {
        let (mut sent, mut tried): ([[u8; 16]; 2], [[u8; 16]; 4]) = (random(), random());
        sent.sort();
        tried.sort();
        let ([id, phone, session, half], [other, ..]): ([_; 4], [[u8; 16]; 1]) =
            (random(), random());
        let digest = [half, other].concat().try_into().unwrap();
        Self {
            id,
            phone,
            digest,
            session,
            sent,
            tried,
            turns: 0,
        }
    }

    /// What `start` does.
    pub(crate) fn start(&self, server: Server) -> Vec<Step> {
        let tally = vec![1, 0, 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0x01];
        let values = challenge_values(self, 0, None);
        let insert = format!(
            "INSERT INTO otp_challenges ({CHALLENGE}, id, phone, purpose) VALUES ({}){}",
            marks(24),
            server.pick(
                " ON CONFLICT DO NOTHING",
                " ON DUPLICATE KEY UPDATE rev = otp_challenges.rev + 1",
                " ON CONFLICT DO NOTHING",
            )
        );
        let mut steps = locked(server, &self.sent);
        steps.push(find_challenge(self, server));
        steps.push(written(server, &self.sent, &tally, NOW));
        steps.push(changes(server, &insert, values, Some(1)));
        in_transaction(server, steps)
    }

    /// What `verify` does with the right code: the guess, then the session.
    pub(crate) fn verify(&self, server: Server) -> Vec<Step> {
        let set: Vec<_> = CHALLENGE
            .split(", ")
            .map(|name| format!("{name} = ?"))
            .collect();
        let update = format!(
            "UPDATE otp_challenges SET {}{NAMED} AND rev = ?",
            set.join(", ")
        );
        let mut values = challenge_values(self, 1, Some(NOW));
        values.push(Value::Int(Some(0)));
        let mut steps = locked(server, &self.tried);
        steps.push(find_challenge(self, server));
        if server != Server::MariaDb {
            steps.push(written(server, &self.tried, &[], 0));
        }
        steps.push(changes(server, &update, values, Some(1)));
        let mut steps = in_transaction(server, steps);
        steps.push(self.session(server));
        steps
    }

    /// The session that begins.
    pub(crate) fn session(&self, server: Server) -> Step {
        let insert = format!(
            "INSERT INTO otp_sessions ({SESSION}) VALUES ({})",
            marks(11)
        );
        let int = |value| Value::Int(Some(value));
        let values = vec![
            bytes(&self.session),
            int(1),
            Value::Text(Some("k3Jd0sPq7rTvXyZ1aBcDeF")),
            int(0),
            int(NOW),
            int(NOW),
            int(NOW + 86_400_000),
            int(NOW + 7 * 86_400_000),
            int(86_400_000),
            Value::Text(Some("otp\nsms")),
            Value::Text(Some("Firefox on Linux")),
        ];
        changes(server, &insert, values, Some(1))
    }

    /// What `refresh` does, for the next turn.
    pub(crate) fn refresh(&mut self, server: Server) -> Vec<Step> {
        let (int, session) = (|value| Value::Int(Some(value)), bytes(&self.session));
        let (now, counter) = (NOW + 1_000 + self.turns, self.turns);
        self.turns += 1;
        if server == Server::MariaDb {
            let lock = format!("SELECT {SESSION} FROM otp_sessions WHERE id = ? FOR UPDATE");
            let rotate = "UPDATE otp_sessions SET counter = ?, rotated_at = ?, idle_expires_at = ? \
                          WHERE id = ? AND counter = ?";
            let values = vec![
                int(counter + 1),
                int(now),
                int(now + 86_400_000),
                session.clone(),
                int(counter),
            ];
            let steps = vec![
                answers(server, &lock, vec![session], Some(1)),
                changes(server, rotate, values, Some(1)),
            ];
            return in_transaction(server, steps);
        }
        let claim = format!(
            "UPDATE otp_sessions SET counter = counter + 1, rotated_at = ?, idle_expires_at = {}(? + idle_ms, \
             expires_at) WHERE id = ? AND counter = ? AND format = 1 AND counter < 9223372036854775807 \
             AND idle_expires_at > ? AND expires_at > ? RETURNING {SESSION}",
            server.pick("LEAST", "", "MIN")
        );
        let values = vec![
            int(now),
            int(now),
            session,
            int(counter),
            int(now),
            int(now),
        ];
        vec![answers(server, &claim, values, Some(1))]
    }
}

/// Reads and locks the limits.
fn locked(server: Server, keys: &[[u8; 16]]) -> Vec<Step> {
    let (count, values) = (keys.len(), || keys.iter().map(|key| bytes(key)).collect());
    let seed = format!(
        "INSERT INTO otp_limits (cell_key, tally, forgotten_at) VALUES {} \
         ON DUPLICATE KEY UPDATE forgotten_at = otp_limits.forgotten_at",
        vec!["(?, '', 0)"; count].join(", ")
    );
    let select = format!(
        "SELECT cell_key, tally FROM otp_limits WHERE cell_key IN ({}){}",
        marks(count),
        server.pick(" ORDER BY cell_key FOR UPDATE", "", "")
    );
    let mut steps = Vec::new();
    if server == Server::MariaDb {
        steps.push(changes(server, &seed, values(), None));
    }
    steps.push(answers(server, &select, values(), None));
    steps
}

/// Writes limits that were not there, or only just.
fn written(server: Server, keys: &[[u8; 16]], tally: &[u8], forgotten_at: i64) -> Step {
    let rows = vec!["(?, ?, ?)"; keys.len()].join(", ");
    let absent = " ON CONFLICT DO NOTHING";
    let tail = server.pick(
        absent,
        " ON DUPLICATE KEY UPDATE tally = VALUES(tally), forgotten_at = VALUES(forgotten_at)",
        absent,
    );
    let insert =
        format!("INSERT INTO otp_limits (cell_key, tally, forgotten_at) VALUES {rows}{tail}");
    let row = |key: &[u8; 16]| {
        [
            bytes(key),
            Value::Bytes(Some(tally.to_vec())),
            Value::Int(Some(forgotten_at)),
        ]
    };
    changes(server, &insert, keys.iter().flat_map(row).collect(), None)
}

fn find_challenge(login: &Login, server: Server) -> Step {
    let lock = server.pick(" FOR UPDATE", " FOR UPDATE", "");
    let select = format!("SELECT {CHALLENGE} FROM otp_challenges{NAMED}{lock}");
    answers(server, &select, named(login), None)
}

fn challenge_values(login: &Login, rev: i64, used_at: Option<i64>) -> Vec<Value> {
    let int = |value| Value::Int(Some(value));
    let mut values = vec![
        int(rev),
        int(1),
        Value::Bytes(None),
        Value::Text(Some("sms")),
        int(0),
        bytes(&login.digest),
        Value::Text(Some("k3Jd0sPq")),
        int(NOW),
        int(NOW + 300_000),
        int(3 - rev),
        Value::Bytes(None),
        Value::Text(None),
        Value::Int(None),
        Value::Int(None),
        Value::Int(None),
        Value::Bytes(None),
        Value::Text(None),
        Value::Int(None),
        Value::Int(None),
        Value::Int(used_at),
        int(NOW + 900_000),
    ];
    values.extend(named(login));
    values
}

fn named(login: &Login) -> Vec<Value> {
    vec![
        bytes(&login.id),
        bytes(&login.phone),
        Value::Text(Some("login")),
    ]
}

fn in_transaction(server: Server, steps: Vec<Step>) -> Vec<Step> {
    let begin = server.pick("BEGIN", "START TRANSACTION", "BEGIN IMMEDIATE");
    let mut all = vec![changes(server, begin, Vec::new(), None)];
    all.extend(steps);
    all.push(changes(server, "COMMIT", Vec::new(), None));
    all
}

fn answers(server: Server, sql: &str, values: Vec<Value>, meets: Option<u64>) -> Step {
    let step = changes(server, sql, values, meets);
    Step {
        answers: true,
        ..step
    }
}

fn changes(server: Server, sql: &str, values: Vec<Value>, meets: Option<u64>) -> Step {
    Step {
        sql: numbered(server, sql).into(),
        values,
        meets,
        answers: false,
    }
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn numbered(server: Server, sql: &str) -> String {
    if server != Server::Postgres {
        return sql.to_owned();
    }
    let mut pieces = sql.split('?');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for (n, piece) in pieces.enumerate() {
        write!(text, "${}{piece}", n + 1).unwrap();
    }
    text
}

fn bytes(of: &[u8]) -> Value {
    Value::Bytes(Some(of.to_vec()))
}

fn random<const N: usize>() -> [[u8; 16]; N] {
    let mut bytes = [[0; 16]; N];
    SysRng.try_fill_bytes(bytes.as_flattened_mut()).unwrap();
    bytes
}
