//! A sender over a bare connection, with one flaw or none.

use otp_core::{Message, Receipt, SendError, SendErrorKind as Kind, Sender, async_trait};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const KEY: &str = "a-key-for-tests"; // scan: allow(made up for this test)
const LIMIT: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    ForgetsTheReference,
    ForgetsTheCode,
    Gets,
    TellsTheCodeInTheAddress,
    TriesAgain,
    TriesSilenceAgain,
    RefundsSilence,
    RefundsWhatBreaksOff,
    TakesWhatBreaksOff,
    TakesWithoutConnection,
    FollowsRedirects,
    ReadsOn,
    TrustsTheStatus,
    ConfusesStatuses,
    ForgetsTheWait,
    ShowsItsKey,
    RepeatsTheAnswer,
    TracesTheBody,
    LogsTheBody,
}

pub(crate) struct Naive {
    pub(crate) base: String,
    pub(crate) flaw: Flaw,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
    whole: bool,
}

enum Failure {
    NotConnected,
    Unanswered,
}

#[async_trait]
impl Sender for Naive {
    fn name(&self) -> &str {
        "naive"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let mut reply = self.post(&self.base, message).await;
        let again = match &reply {
            Ok(reply) => reply.status >= 500 && self.is(Flaw::TriesAgain),
            Err(_) => self.is(Flaw::TriesSilenceAgain),
        };
        if again {
            reply = self.post(&self.base, message).await;
        }
        match reply {
            Ok(reply) if reply.status < 400 && self.is(Flaw::FollowsRedirects) => {
                if let Some(elsewhere) = reply.field("location") {
                    let _ = self.post(elsewhere, message).await;
                }
                self.parse(&reply)
            }
            Ok(reply) => self.parse(&reply),
            Err(Failure::Unanswered) if !self.is(Flaw::RefundsSilence) => Ok(Receipt::default()),
            Err(Failure::NotConnected) if self.is(Flaw::TakesWithoutConnection) => {
                Ok(Receipt::default())
            }
            Err(_) => Err(SendError::new(Kind::Transient)),
        }
    }
}

impl Naive {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    async fn post(&self, base: &str, message: &Message) -> Result<Reply, Failure> {
        let (to, code) = (message.to.expose(), message.code.expose());
        let code = if self.is(Flaw::ForgetsTheCode) {
            ""
        } else {
            code
        };
        let body = format!(r#"{{"to":"{to}","code":"{code}"}}"#);
        if self.is(Flaw::TracesTheBody) {
            tracing::trace!(body, "sending");
        }
        if self.is(Flaw::LogsTheBody) {
            log::debug!("sending {body}");
        }
        let method = if self.is(Flaw::Gets) { "GET" } else { "POST" };
        let query = match self.is(Flaw::TellsTheCodeInTheAddress) {
            true => format!("?code={code}"),
            false => String::new(),
        };
        let length = body.len();
        let request = format!(
            "{method} /send{query} HTTP/1.1\r\nhost: x\r\nx-key: {KEY}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let stream = TcpStream::connect(base.trim_start_matches("http://")).await;
        let mut stream = stream.map_err(|_| Failure::NotConnected)?;
        let written = stream.write_all(request.as_bytes()).await;
        written.map_err(|_| Failure::Unanswered)?;
        self.read(stream).await.ok_or(Failure::Unanswered)
    }

    async fn read(&self, mut stream: TcpStream) -> Option<Reply> {
        let mut bytes = Vec::new();
        let limit = if self.is(Flaw::ReadsOn) {
            usize::MAX
        } else {
            LIMIT
        };
        let reading = async {
            while bytes.len() < limit && !complete(&bytes) {
                if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(1500), reading).await;
        let whole = complete(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some(Reply {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: body.to_owned(),
            whole,
        })
    }

    fn parse(&self, reply: &Reply) -> Result<Receipt, SendError> {
        let json: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let refused = json.get("error").is_some() && !self.is(Flaw::TrustsTheStatus);
        let kind = match reply.status {
            _ if !reply.whole && self.is(Flaw::TakesWhatBreaksOff) => None,
            _ if refused => Some(Kind::Unreachable),
            200..=299 if reply.body.starts_with("<html>") => Some(Kind::Transient),
            200..=299 if json.is_null() && self.is(Flaw::RefundsWhatBreaksOff) => {
                Some(Kind::Transient)
            }
            200..=299 => None,
            _ if self.is(Flaw::ConfusesStatuses) => Some(Kind::Transient),
            402 => Some(Kind::InsufficientCredit),
            408 | 425 | 500.. => Some(Kind::Transient),
            429 => Some(Kind::RateLimited),
            _ => Some(Kind::AuthOrConfig),
        };
        let Some(kind) = kind else {
            let id = json.get("id").and_then(|id| id.as_str());
            let id = id.filter(|_| !self.is(Flaw::ForgetsTheReference));
            return Ok(id.map_or_else(Receipt::default, Receipt::with_reference));
        };
        let mut error = SendError::new(kind);
        if self.is(Flaw::RepeatsTheAnswer) {
            error = error.with_source(reply.body.clone());
        }
        let wait = reply.field("retry-after").and_then(|s| s.parse().ok());
        error.retry_after = wait
            .filter(|_| !self.is(Flaw::ForgetsTheWait))
            .map(Duration::from_secs);
        Err(error)
    }
}

impl Reply {
    fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

fn complete(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let (head, body) = bytes.split_at(end + 4);
    let head = String::from_utf8_lossy(head);
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse() == Ok(body.len()))
}

impl std::fmt::Debug for Naive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = if self.is(Flaw::ShowsItsKey) { KEY } else { "" };
        write!(f, "Naive({key})")
    }
}
