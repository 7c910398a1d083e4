//! The send route beside an echo of the same framework, over TCP: `cargo bench --bench send_route`.
//!
//! One server with both routes and one thread to serve them; the load comes from another thread of this process over
//! connections that are kept alive. The route draws, digests, counts and stores as in production; only the sender
//! does nothing.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod load;
mod servers;

use load::{Connections, cpu_time};
use otp_benches::{Bench, Figure, Side, measured, timed};
use std::net::SocketAddr;
use std::time::Duration;

/// Connections of each side.
const CONNECTIONS: usize = 32;

const ROUND: Duration = Duration::from_millis(30);

fn main() {
    let mut bench = Bench::from_args();
    let axum = [
        "axum, send route",
        "axum, send route, time of the server's processor",
    ];
    compare(&mut bench, servers::axum(), axum, "axum's JSON echo");
    let actix = [
        "actix, send route",
        "actix, send route, time of the server's processor",
    ];
    compare(&mut bench, servers::actix(), actix, "actix's JSON echo");
    bench.finish();
}

fn compare(bench: &mut Bench, server: SocketAddr, names: [&'static str; 2], echo: &'static str) {
    let [rate, processor] = names;
    let figure = Figure::new(rate, echo)
        .rate_at_least(0.5)
        .in_rounds_of(ROUND);
    let side = |path| requests(server, path, |work| timed(work));
    bench.pair(figure, side("/api/v1/auth/send-otp"), side("/echo"));
    // The load's own work on the other side of the socket is not in this one.
    let figure = Figure::new(processor, echo).in_rounds_of(ROUND);
    let side = |path| requests(server, path, cpu_time);
    bench.pair(figure, side("/api/v1/auth/send-otp"), side("/echo"));
}

fn requests(
    server: SocketAddr,
    path: &'static str,
    clock: fn(&mut dyn FnMut()) -> Duration,
) -> Side<'static> {
    let mut connections = Connections::open(server, path, CONNECTIONS);
    measured(move |times| {
        let each = times.div_ceil(CONNECTIONS as u64);
        let took = clock(&mut || connections.request(each));
        took.mul_f64(times as f64 / (each * CONNECTIONS as u64) as f64)
    })
}
