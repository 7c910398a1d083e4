//! One child process: no stdin, its command line printable for a person to repeat.

use std::{
    env,
    ffi::OsString,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use crate::runner::Failure;

#[derive(Debug, Clone)]
pub(crate) struct Task {
    program: String,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl Task {
    /// `words` is split at white space: no argument of ours holds any.
    pub(crate) fn new(program: &str, words: &str) -> Self {
        Self {
            program: program.to_owned(),
            arguments: words.split_whitespace().map(str::to_owned).collect(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn cargo(words: &str) -> Self {
        Self::new("cargo", words)
    }

    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn variable(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// This program with the whole of `task` as its arguments, as `sudo` takes them.
    pub(crate) fn then(mut self, task: &Self) -> Self {
        self.arguments.push(task.program.clone());
        self.arguments.extend(task.arguments.iter().cloned());
        self.variables.extend(task.variables.iter().cloned());
        self
    }

    /// Runs with the terminal's output; a failure names the command.
    pub(crate) fn run(&self, directory: &Path) -> Result<(), Failure> {
        let status = self
            .command(directory)
            .status()
            .map_err(|e| self.not_started(&e))?;
        self.expect_success(status)
    }

    /// Runs and returns what it wrote; its complaints go to the terminal.
    pub(crate) fn output(&self, directory: &Path) -> Result<String, Failure> {
        let output = self
            .command(directory)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| self.not_started(&e))?;
        self.expect_success(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The line to type in a shell.
    pub(crate) fn shown(&self) -> String {
        let variables = self
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={}", quoted(value)));
        let words = self.arguments.iter().map(|argument| quoted(argument));
        variables
            .chain([self.program.clone()])
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(self.resolved());
        command
            .args(&self.arguments)
            .current_dir(directory)
            .stdin(Stdio::null());
        // What `cargo run` told this process about itself would make build scripts run again.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }

    fn resolved(&self) -> OsString {
        // The cargo that runs us, which need not be the first on PATH.
        let running = env::var_os("CARGO").filter(|_| self.program == "cargo");
        running.unwrap_or_else(|| OsString::from(&self.program))
    }

    fn expect_success(&self, status: ExitStatus) -> Result<(), Failure> {
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("{} ended with {status}", self.program)).repeat(self.shown()))
    }

    fn not_started(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{} did not start: {error}", self.program)).repeat(self.shown())
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shown_line_can_be_typed() {
        let task = Task::cargo("doc --no-deps").variable("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            task.shown(),
            "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps"
        );
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn a_failing_child_is_a_failure_with_its_command() {
        let failure = Task::new("false", "").run(Path::new(".")).unwrap_err();
        assert!(failure.to_string().ends_with("by hand: false"), "{failure}");
        assert!(
            Task::new("no-such-program-here", "")
                .run(Path::new("."))
                .is_err()
        );
    }
}
