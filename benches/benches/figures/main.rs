//! What one operation costs beside the raw thing that it cannot do without: `cargo bench --bench figures`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on stops"
)]

mod lifecycle;
mod limiter;
mod primitives;
mod tokens;
mod world;

fn main() {
    let mut bench = otp_benches::Bench::from_args();
    primitives::run(&mut bench);
    limiter::run(&mut bench);
    lifecycle::run(&mut bench);
    tokens::run(&mut bench);
    bench.finish();
}
