//! An HTTP/1.1 client that sends what it is told, byte for byte.

use serde_json::Value;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Where the suite's servers mount the API.
pub const MOUNT: &str = "/api/v1/auth";

/// Longer than any case takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request to be.
#[derive(Clone, Debug)]
#[must_use]
pub struct Call {
    method: String,
    target: String,
    fields: String,
    body: Vec<u8>,
}

impl Call {
    /// A request for `target` as it stands.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            fields: String::new(),
            body: Vec::new(),
        }
    }

    /// `GET` of one of the API's routes.
    pub fn get(route: &str) -> Self {
        Self::new("GET", format!("{MOUNT}/{route}"))
    }

    /// `POST` of JSON to one of the API's routes.
    pub fn post(route: &str, body: &Value) -> Self {
        Self::new("POST", format!("{MOUNT}/{route}")).json(body.to_string())
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let _ = write!(self.fields, "{name}: {value}\r\n");
        self
    }

    /// Shows an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// A body that says of itself that it is JSON.
    pub fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    /// A body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Length", &length)
    }

    /// What goes over the wire.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let Self {
            method,
            target,
            fields,
            body,
        } = self;
        let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header fields, names in lower case, sorted; without `date`.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The value of a header field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.fields.iter().filter(|(own, _)| own == name);
        lines.next().map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A member of the body that is text; empty if there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }

    /// The last part of the problem's type.
    #[must_use]
    pub fn problem(&self) -> String {
        let kind = self.text("type");
        let slug = kind.strip_prefix("urn:otp:problem:");
        slug.unwrap_or_default().to_owned()
    }
}

/// A connection that stays.
#[derive(Debug)]
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The socket's own.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address)
            .await
            .map(|stream| Self(BufReader::new(stream)))
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// The socket's own.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes).await
    }

    /// Reads one reply; the one to a `HEAD` has no body.
    ///
    /// # Errors
    /// The socket's own, or that the server took too long.
    pub async fn read(&mut self, to_head: bool) -> io::Result<Reply> {
        tokio::time::timeout(PATIENCE, self.read_reply(to_head)).await?
    }

    async fn read_reply(&mut self, to_head: bool) -> io::Result<Reply> {
        let (status, fields) = self.read_head().await?;
        let mut reply = Reply {
            status,
            fields,
            body: Vec::new(),
        };
        let length = reply.field("content-length").map(str::parse::<u64>);
        match length {
            _ if to_head || status == 204 => {}
            Some(Ok(length)) => {
                let mut body = (&mut self.0).take(length);
                body.read_to_end(&mut reply.body).await?;
            }
            _ => {
                self.0.read_to_end(&mut reply.body).await?;
            }
        }
        Ok(reply)
    }

    async fn read_head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut fields = Vec::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            fields.push((name.to_lowercase(), value.trim().to_owned()));
        }
        fields.retain(|(name, _)| name != "date");
        fields.sort();
        Ok((status, fields))
    }
}

/// One exchange on a connection of its own.
///
/// # Errors
/// The socket's own.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<Reply> {
    let mut connection = Connection::open(address).await?;
    let written = connection.write(bytes).await;
    // A server that refuses a long body need not have read it: its answer is there, and the rest goes nowhere.
    let reply = connection.read(bytes.starts_with(b"HEAD ")).await;
    reply.map_err(|unread| written.err().unwrap_or(unread))
}
