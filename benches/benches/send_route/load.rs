//! The load: as little work per request as HTTP allows, because it shares the machine with the server.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Every number asks once, whichever side and server it is for.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Connections that are kept alive.
pub(crate) struct Connections {
    runtime: Runtime,
    path: &'static str,
    streams: Vec<TcpStream>,
}

impl Connections {
    pub(crate) fn open(server: SocketAddr, path: &'static str, count: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let open = async || {
            let stream = TcpStream::connect(server).await.unwrap();
            stream.set_nodelay(true).unwrap();
            stream
        };
        let streams = (0..count).map(|_| runtime.block_on(open())).collect();
        Self {
            runtime,
            path,
            streams,
        }
    }

    /// `each` requests over every connection, one after the other on each.
    pub(crate) fn request(&mut self, each: u64) {
        let path = self.path;
        let streams = self.streams.drain(..);
        let mut users: JoinSet<TcpStream> = JoinSet::new();
        for mut stream in streams {
            users.spawn_on(
                async move {
                    let mut reply = [0; 2048];
                    for _ in 0..each {
                        stream.write_all(&request(path)).await.unwrap();
                        read(&mut stream, &mut reply).await;
                    }
                    stream
                },
                self.runtime.handle(),
            );
        }
        self.streams = self.runtime.block_on(users.join_all());
    }
}

fn request(path: &str) -> Vec<u8> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let body = format!(r#"{{"phone_number":"+98912{number:07}"}}"#);
    let length = body.len();
    let head = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length:";
    format!("POST {path} HTTP/1.1\r\n{head} {length}\r\n\r\n{body}").into_bytes()
}

/// Reads one whole reply, which must be a 200.
async fn read(stream: &mut TcpStream, buffer: &mut [u8; 2048]) {
    let mut filled = 0;
    loop {
        let read = stream
            .read(buffer.get_mut(filled..).unwrap())
            .await
            .unwrap();
        assert!(read > 0, "the server hung up");
        filled += read;
        let text = std::str::from_utf8(buffer.get(..filled).unwrap()).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head)
        {
            return;
        }
    }
}

fn length(head: &str) -> usize {
    let named = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().unwrap())
    };
    head.lines().find_map(named).unwrap()
}

/// What `work` takes of the time of all threads but this one, which are the server's.
pub(crate) fn cpu_time(work: &mut dyn FnMut()) -> Duration {
    let before = others();
    work();
    others().saturating_sub(before)
}

/// From the scheduler's own account, in nanoseconds.
fn others() -> Duration {
    let own = fs::read_link("/proc/thread-self").unwrap();
    let own = own.file_name().unwrap();
    let tasks = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|task| task.unwrap());
    let spent = tasks.filter(|task| task.file_name() != own).map(|task| {
        let account = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let nanos = account
            .split_whitespace()
            .next()
            .and_then(|nanos| nanos.parse().ok());
        Duration::from_nanos(nanos.unwrap_or(0))
    });
    spent.sum()
}
