//! A network that misbehaves on demand, between a client and a server on the loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What happens to the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// They pass.
    #[default]
    None,
    /// Each piece is late by this much.
    Delay(Duration),
    /// They vanish, both ways; connections stay open.
    BlackHole,
    /// Connections are closed, and new ones too.
    Reset,
    /// After so many more bytes from the server its connection is closed.
    CutAfter(usize),
    /// Requests arrive and are carried out; the connection is closed in place of the reply.
    DropReply,
}

/// A TCP proxy on the loopback.
///
/// ```no_run
/// use otp_testkit::{Fault, Proxy, Redis};
///
/// let redis = Redis::start();
/// let proxy = Proxy::to(redis.port());
/// println!("redis://{}", proxy.address());
/// proxy.set(Fault::BlackHole);
/// proxy.set(Fault::None);
/// ```
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    fault: Mutex<Fault>,
    changed: Condvar,
    closed: AtomicBool,
    port: AtomicU16,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A proxy to this port of 127.0.0.1; no fault yet.
    ///
    /// # Panics
    /// When no port can be opened.
    #[must_use]
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port for the proxy");
        let address = listener.local_addr().expect("the proxy's address");
        let state = Arc::new(State::default());
        state.port.store(port, Ordering::SeqCst);
        let accepting = Arc::clone(&state);
        thread::spawn(move || accept(&listener, &accepting));
        Self { address, state }
    }

    /// `127.0.0.1:…`
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// New connections go to this port of 127.0.0.1 from now on, as to an address that moves with the master.
    pub fn lead_to(&self, port: u16) {
        self.state.port.store(port, Ordering::SeqCst);
    }

    /// From now on, for connections that are open as well.
    pub fn set(&self, fault: Fault) {
        *lock(&self.state.fault) = fault;
        self.state.changed.notify_all();
        if fault == Fault::Reset {
            self.state.close_all();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::SeqCst);
        self.set(Fault::Reset);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn close_all(&self) {
        for stream in lock(&self.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// What is to become of this piece; waits where the fault is that it is late.
    fn judge(&self, length: usize, from_server: bool) -> Verdict {
        let mut fault = lock(&self.fault);
        match &mut *fault {
            Fault::None => Verdict::Pass(length),
            Fault::Delay(by) => {
                let by = *by;
                // Ends early when the fault ends.
                let waited = self
                    .changed
                    .wait_timeout_while(fault, by, |f| *f == Fault::Delay(by));
                drop(waited);
                Verdict::Pass(length)
            }
            Fault::BlackHole => Verdict::Pass(0),
            Fault::Reset => Verdict::Close(0),
            Fault::DropReply if from_server => Verdict::Close(0),
            Fault::CutAfter(left) if from_server && length >= *left => Verdict::Close(*left),
            Fault::CutAfter(left) if from_server => {
                *left -= length;
                Verdict::Pass(length)
            }
            Fault::CutAfter(_) | Fault::DropReply => Verdict::Pass(length),
        }
    }
}

enum Verdict {
    Pass(usize),
    Close(usize),
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for client in listener.incoming() {
        if state.closed.load(Ordering::SeqCst) {
            return;
        }
        let port = state.port.load(Ordering::SeqCst);
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        let (Ok(client), Ok(server)) = (client, server) else {
            continue;
        };
        if *lock(&state.fault) == Fault::Reset {
            continue;
        }
        let copies = (client.try_clone(), server.try_clone());
        let (Ok(client_too), Ok(server_too)) = copies else {
            continue;
        };
        lock(&state.open).extend(
            [client.try_clone(), server.try_clone()]
                .into_iter()
                .flatten(),
        );
        for (from, to, from_server) in [(client, server_too, false), (server, client_too, true)] {
            let state = Arc::clone(state);
            thread::spawn(move || pump(from, to, &state, from_server));
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, state: &State, from_server: bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let (passes, ends) = match state.judge(length, from_server) {
            Verdict::Pass(passes) => (passes, false),
            Verdict::Close(passes) => (passes, true),
        };
        let piece = buffer.get(..passes).unwrap_or_default();
        if to.write_all(piece).is_err() || ends {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
