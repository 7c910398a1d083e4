//! The scripts, put together from their parts. `EVALSHA` sends 40 letters; where the server does not know them (a
//! restart, a promotion, `SCRIPT FLUSH`) it has done nothing, and the text follows.

use redis::Cmd;
use std::sync::LazyLock;

macro_rules! script {
    ($($part:literal),*) => {
        LazyLock::new(|| Script::new(concat!($(include_str!(concat!("lua/", $part, ".lua"))),*)))
    };
}

pub(crate) static OPEN: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "epoch",
    "challenge",
    "open"
);
pub(crate) static ATTEMPT: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "verified",
    "epoch",
    "challenge",
    "attempt"
);
pub(crate) static APPROVE: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "refund_one",
    "verified",
    "acquit",
    "epoch",
    "challenge",
    "approve"
);
pub(crate) static WITHDRAW: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "refund_one",
    "epoch",
    "challenge",
    "withdraw"
);
pub(crate) static CHARGE: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "charge"
);
pub(crate) static SETTLE: LazyLock<Script> = script!(
    "expiry",
    "foreign",
    "tally",
    "charge_one",
    "cells",
    "refund_one",
    "verified",
    "acquit",
    "settle"
);
pub(crate) static READY: LazyLock<Script> = script!("ready");
pub(crate) static NOTE: LazyLock<Script> = script!("expiry", "epoch", "note");
pub(crate) static NOTED: LazyLock<Script> = script!("epoch", "noted");
pub(crate) static REPORT: LazyLock<Script> = script!("expiry", "report");
pub(crate) static CREATE: LazyLock<Script> = script!("expiry", "enrol", "create");
pub(crate) static ENROL: LazyLock<Script> = script!("expiry", "enrol", "enrol_one");
pub(crate) static ROTATE: LazyLock<Script> = script!("expiry", "foreign", "rotate");
pub(crate) static REVOKE: LazyLock<Script> = script!("foreign", "revoke");
pub(crate) static REVOKE_ALL: LazyLock<Script> = script!("foreign", "revoke_all");
pub(crate) static FIND: LazyLock<Script> = script!("foreign", "find");

#[derive(Debug)]
pub(crate) struct Script {
    text: &'static str,
    sha: String,
}

/// A script with what it works on.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    script: &'static Script,
    keys: Vec<String>,
    arguments: Vec<String>,
}

impl Script {
    fn new(text: &'static str) -> Self {
        let sha = redis::Script::new(text).get_hash().to_owned();
        Self { text, sha }
    }

    pub(crate) const fn on(&'static self, keys: Vec<String>, arguments: Vec<String>) -> Call {
        Call {
            script: self,
            keys,
            arguments,
        }
    }
}

impl Call {
    pub(crate) fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", &self.script.sha)
    }

    pub(crate) fn by_text(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, verb: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(verb);
        command
            .arg(script)
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.arguments);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// FLT-2: each part can be read at a glance, and says which of the core's functions it restates.
    #[test]
    fn parts_are_short_and_say_what_they_are() {
        let parts = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lua");
        for part in fs::read_dir(parts).unwrap() {
            let path = part.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("-- "), "{path:?}");
            assert!(text.lines().count() <= 40, "{path:?}");
        }
    }

    /// A key that is not given to a script is another slot's.
    #[test]
    fn no_script_makes_up_a_key() {
        for script in [&OPEN, &ATTEMPT, &APPROVE, &WITHDRAW, &CHARGE, &SETTLE] {
            assert!(!script.text.contains("otp:"), "{}", script.text);
        }
        for script in [&READY, &NOTE, &NOTED, &REPORT] {
            assert!(!script.text.contains("otp:"), "{}", script.text);
        }
        for script in [&CREATE, &ENROL, &ROTATE, &REVOKE, &REVOKE_ALL, &FIND] {
            assert!(!script.text.contains("otp:"), "{}", script.text);
        }
    }
}
