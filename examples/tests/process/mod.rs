//! A built example as a process of its own, and a receiver of the codes that it posts.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a message may take, on a slow machine, through whatever stands in between.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running example. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    /// What it printed before it said where it listens.
    pub(crate) said: String,
    client: reqwest::Client,
}

/// An answer: status and JSON, or null.
pub(crate) type Answer = (u16, Value);

/// Cargo builds the examples before the tests, beside them: `target/debug/deps/test` and `target/debug/examples/`.
fn program(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let program = profile.join("examples").join(example);
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "first: cargo build --workspace --examples"
    );
    program
}

pub(crate) fn command(example: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program(example));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    command
        .current_dir(root)
        .env_clear()
        .env("OTP_ADDR", "127.0.0.1:0");
    command.envs(variables.iter().copied());
    command
}

/// Runs an example that refuses to start; gives its exit code and what it said.
pub(crate) fn refused(example: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = command(example, variables);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let pid = child.id().to_string();
    let (tell, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    let ended = ended.recv_timeout(Duration::from_secs(30));
    if ended.is_err() {
        let _ = Command::new("kill").arg(pid).status();
    }
    assert!(ended.is_ok(), "it was not refused: {variables:?}");
    let output = ended.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

impl Server {
    /// Starts an example on a free port; it says on which.
    pub(crate) fn start(example: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = command(example, variables);
        command.stderr(Stdio::null());
        Self::run(command)
    }

    /// The same, of a command whose errors go where the caller wants them.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        let url = lines.find_map(|line| {
            let line = line.unwrap();
            let url = line.strip_prefix("Listening on ");
            let url = url.and_then(|url| url.split("/  (").next());
            said += &format!("{line}\n");
            url.map(str::to_owned)
        });
        // What follows is read, so that the example never waits for its terminal.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            url: url.unwrap(),
            said,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.client.post(format!("{}{path}", self.url)), Some(body))
            .await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        let get = self.client.get(format!("{}{path}", self.url));
        self.send(get.bearer_auth(token), None).await
    }

    /// A file of the page, with its header fields.
    pub(crate) async fn file(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    async fn send(&self, request: reqwest::RequestBuilder, body: Option<Value>) -> Answer {
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Asks the process to end, and waits for it.
    pub(crate) fn stop(self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.wait()
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// How much of its memory is in use, in kilobytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let number = line.unwrap().split_whitespace().nth(1);
        number.unwrap().parse().unwrap()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes what the example posts, and answers 200.
pub(crate) struct Phones {
    pub(crate) url: String,
    messages: UnboundedReceiver<(String, Value)>,
}

impl Phones {
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/codes", listener.local_addr().unwrap());
        let (sender, messages) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(receive(stream, sender.clone()));
            }
        });
        Self { url, messages }
    }

    /// The next message; it has come before `send` is answered.
    pub(crate) fn next(&mut self) -> (String, Value) {
        self.messages.try_recv().unwrap()
    }

    /// The next message, whenever it comes.
    pub(crate) async fn wait(&mut self) -> (String, Value) {
        let next = tokio::time::timeout(PATIENCE, self.messages.recv());
        next.await.unwrap().unwrap()
    }

    /// No message has come that was not looked at.
    pub(crate) fn is_quiet(&self) -> bool {
        self.messages.is_empty()
    }

    pub(crate) fn code(&mut self) -> String {
        let (_, message) = self.next();
        message
            .get("code")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    }
}

async fn receive(mut stream: TcpStream, messages: UnboundedSender<(String, Value)>) {
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let Ok(json) = serde_json::from_str(body) else {
            continue;
        };
        messages.send((head.to_owned(), json)).unwrap();
        bytes.clear();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
    }
}

/// An address that is taken for as long as the listener lives.
pub(crate) fn taken() -> (std::net::TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

/// Everything that an example prints until it ends by itself.
pub(crate) fn printed(example: &str) -> String {
    let mut child = command(example, &[])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(child.wait().unwrap().success());
    text
}
