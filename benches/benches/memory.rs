//! What a million outstanding challenges with their limits take: `cargo bench --bench memory`.
//!
//! In a program of its own, because it counts every allocation of the process.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

use otp_benches::{Row, Table, at_once};
use otp_core::policy::Policy;
use otp_core::testing::ManualClock;
use otp_core::{
    Client, Keys, MemoryStore, MemoryUsers, Message, NoAudit, OtpAuth, PhoneNumber, Receipt,
    SendError, Sender, Start, async_trait,
};
use peak_alloc::PeakAlloc;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const CHALLENGES: u32 = 1_000_000;
const NAME: &str = "memory per challenge and its phone's limits";

/// A provider that takes everything and keeps nothing.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Sender for Nowhere {
    fn name(&self) -> &str {
        "nowhere"
    }

    async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // criterion's benches take a filter; so does this one.
    let mut filters = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'));
    if filters.any(|filter| !NAME.contains(filter.as_str())) {
        return;
    }
    // `cargo test --benches` only asks whether it runs.
    let measured = arguments.iter().any(|argument| argument == "--bench");
    let challenges = if measured { CHALLENGES } else { 100 };
    let mut table = Table::default();
    let known = |n| Client::new().with_address(IpAddr::V4(Ipv4Addr::from_bits(0x0A00_0000 + n)));
    let resident_before = resident();
    let (auth, row) = fill(NAME, challenges, |_| Client::new());
    let resident = resident().saturating_sub(resident_before) as f64 / f64::from(challenges);
    table.push(Row {
        raw: format!("resident memory of the process: {resident:.0} bytes"),
        target: "≤ 500 bytes".to_owned(),
        ..row
    });
    drop(auth);
    let (_, row) = fill(
        "the same, each from an address of its own",
        challenges,
        known,
    );
    table.push(row);
    table.print();
}

fn fill(name: &str, challenges: u32, client: impl Fn(u32) -> Client) -> (OtpAuth, Row) {
    let keys = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::builder(MemoryStore::new(), Nowhere, MemoryUsers::new(), keys)
        .clock(ManualClock::default())
        .audit(NoAudit)
        .policy(Policy::standard().for_countries(["IN", "IR"].map(|c| c.parse().unwrap())))
        .build()
        .unwrap();
    // What is made once, at the first use, is not the challenges'.
    at_once(auth.start(Start::new(phone(0)))).unwrap().unwrap();
    let before = ALLOCATED.current_usage();
    for n in 1..=challenges {
        let start = Start::new(phone(n)).with_client(client(n));
        at_once(auth.start(start)).unwrap().unwrap();
    }
    let allocated = ALLOCATED.current_usage().saturating_sub(before);
    let row = Row {
        figure: format!("{name}, {challenges} of them"),
        ours: format!("{:.0} bytes", allocated as f64 / f64::from(challenges)),
        raw: String::new(),
        ratio: String::new(),
        target: String::new(),
    };
    (auth, row)
}

fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+98912{:07}", n + 1_000_000), None).unwrap()
}

/// Bytes, from `/proc`; 0 where there is none.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kib.unwrap_or(0) * 1024
}
