//! Points on the wire: before and after each piece that goes to the server or comes from it, so that a node can also
//! be killed in the middle of a store's verb.

use super::points::Fuse;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// The same URL through a proxy in this process, which dies with it.
///
/// # Panics
/// When the URL has no address of this machine, or no port can be opened.
pub(super) fn through(url: &str, fuse: &Arc<Fuse>) -> String {
    let host = "127.0.0.1:";
    let (head, rest) = url.split_once(host).expect("an address of this machine");
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (port, tail) = rest.split_at(digits);
    let server: SocketAddr = format!("{host}{port}").parse().expect("an address");
    let listener = TcpListener::bind((server.ip(), 0)).expect("a port");
    let address = listener.local_addr().expect("its address");
    let fuse = Arc::clone(fuse);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let there = TcpStream::connect(server).expect("the server");
            let copies = (client.try_clone(), there.try_clone());
            let (Ok(back), Ok(answers)) = copies else {
                return;
            };
            let (one, two) = (Arc::clone(&fuse), Arc::clone(&fuse));
            thread::spawn(move || pump(client, there, &one));
            thread::spawn(move || pump(answers, back, &two));
        }
    });
    format!("{head}{address}{tail}")
}

fn pump(mut from: TcpStream, mut to: TcpStream, fuse: &Fuse) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let piece = buffer.get(..length).unwrap_or_default();
        fuse.point();
        if to.write_all(piece).is_err() {
            break;
        }
        fuse.point();
    }
    let _ = to.shutdown(Shutdown::Both);
}
