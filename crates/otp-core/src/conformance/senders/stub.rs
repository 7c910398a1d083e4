//! A provider on the loopback: keeps each request, and answers what it was told to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const HEAD_END: &[u8] = b"\r\n\r\n";
/// The most that is written to one that reads on, in bytes; the buffers of a connection hold far less.
pub(super) const FLOOD: usize = 64 << 20;

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

/// What the stub does with a request that it has read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Then {
    /// Answers.
    Answer(Answer),
    /// Writes these bytes, and spaces after them for as long as somebody reads.
    Endless(Vec<u8>),
    /// Writes these bytes, and closes the connection.
    BytesAndEnd(Vec<u8>),
    /// Keeps the connection open and says nothing.
    Silence,
    /// Closes the connection.
    HangUp,
    /// Resets the connection.
    Reset,
}

/// A request as it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// `POST` and the like.
    pub method: String,
    /// The path and the query.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The provider. It ends with the runtime that it was started on.
#[derive(Debug)]
pub struct Stub {
    base: String,
    kept: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    seen: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    endless: AtomicUsize,
}

impl Answer {
    /// An answer with this body.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    /// The bytes of a message that promises a body of `length`.
    pub(super) fn promising(&self, length: usize) -> Vec<u8> {
        let Self {
            status, headers, ..
        } = self;
        let head = format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {length}\r\n\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

impl Received {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Stub {
    /// A stub that does the same with every request.
    ///
    /// # Panics
    /// When the loopback has no free port.
    pub async fn start(then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let kept = Arc::new(Kept::default());
        let keeper = kept.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                keeper.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, then.clone(), keeper.clone()));
            }
        });
        Self {
            base: format!("http://{address}"),
            kept,
        }
    }

    /// A stub that gives everybody this answer.
    pub async fn answering(answer: Answer) -> Self {
        Self::start(Then::Answer(answer)).await
    }

    /// Where it is, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Every request so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Received> {
        let seen = &self.kept.seen;
        seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.kept.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of endless answers were written.
    pub(super) fn endless(&self) -> usize {
        self.kept.endless.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, then: Then, kept: Arc<Kept>) {
    while let Some(request) = read(&mut stream).await {
        let seen = &kept.seen;
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        let (bytes, ends) = match &then {
            Then::Answer(answer) => (answer.promising(answer.body.len()), false),
            Then::BytesAndEnd(bytes) => (bytes.clone(), true),
            Then::Endless(bytes) => return flood(stream, bytes, &kept.endless).await,
            Then::Silence => std::future::pending().await,
            Then::HangUp => return,
            Then::Reset => {
                stream.set_zero_linger().expect("a connection");
                return;
            }
        };
        if stream.write_all(&bytes).await.is_err() || ends {
            return;
        }
    }
}

async fn flood(mut stream: TcpStream, head: &[u8], written: &AtomicUsize) {
    let spaces = [b' '; 1 << 14];
    let mut bytes = head;
    while written.load(Ordering::SeqCst) < FLOOD && stream.write_all(bytes).await.is_ok() {
        written.fetch_add(bytes.len(), Ordering::SeqCst);
        bytes = &spaces;
    }
    // Whoever read all of it waits for the rest.
    let _ = stream.read(&mut [0]).await;
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = whole(&bytes) {
            return Some(request);
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The request, once all of it is there.
fn whole(bytes: &[u8]) -> Option<Received> {
    let end = bytes.windows(4).position(|four| four == HEAD_END)?;
    let (head, body) = (&bytes[..end], &bytes[end + HEAD_END.len()..]);
    let head = String::from_utf8_lossy(head).into_owned();
    let (line, fields) = head.split_once("\r\n").unwrap_or((&head, ""));
    let mut words = line.split(' ').map(str::to_owned);
    let headers = fields.lines().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    let request = Received {
        method: words.next()?,
        target: words.next()?,
        headers: headers.collect(),
        body: body.to_vec(),
    };
    let complete = match request.header("transfer-encoding") {
        Some(_) => body.ends_with(b"0\r\n\r\n"),
        None => body.len() >= request.header("content-length").map_or(0, length),
    };
    complete.then_some(request)
}

fn length(value: &str) -> usize {
    value.parse().expect("a content-length")
}
