//! `start` and `verify` on memory, under the standard policy with all its limits.

use crate::world::World;
use aws_lc_rs::signature::Ed25519KeyPair;
use hmac::{Hmac, KeyInit, Mac};
use otp_benches::{Bench, Figure, at_once, prepared, side};
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::Sha256;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Mutex;

pub(crate) fn run(bench: &mut Bench) {
    let mut world = World::new();
    let ours = prepared(
        || world.ask(),
        |(auth, start)| at_once(auth.start(start)).unwrap().unwrap(),
    );
    let figure = Figure::new("start, memory", "2 OS draws, 3 HMACs, 3 map entries");
    bench.pair(figure, ours, side(least_start()));

    let mut world = World::new();
    // What is signed: the access token without its signature and the dot before that.
    let signed = world.login().tokens.access.expose().rfind('.').unwrap();
    let message = vec![b'x'; signed];
    let pair = Ed25519KeyPair::generate().unwrap();
    let ours = prepared(
        || world.answer(),
        |(auth, verify)| at_once(auth.verify(verify)).unwrap().unwrap(),
    );
    let figure = Figure::new("verify, memory", "its Ed25519 signature").at_most(1.4);
    bench.pair(
        figure,
        ours,
        side(|| pair.try_sign(black_box(&message)).unwrap()),
    );
}

/// A code and an id; the phone's key, the code's digest and the address's key; a challenge and two counts.
fn least_start() -> impl FnMut() {
    let mac: Hmac<Sha256> = Hmac::new_from_slice(&[7; 32]).unwrap();
    let hmac = move |bytes: &[u8]| -> [u8; 32] {
        let mut mac = mac.clone();
        mac.update(black_box(bytes));
        mac.finalize().into_bytes().into()
    };
    let challenges: Mutex<HashMap<[u8; 16], [u8; 160]>> = Mutex::default();
    let counts: Mutex<HashMap<[u8; 32], Vec<i64>>> = Mutex::default();
    move || {
        let mut id = [0; 16];
        SysRng.try_fill_bytes(&mut id).unwrap();
        black_box(SysRng.try_next_u32().unwrap());
        black_box((hmac(&[0; 64]), hmac(&[0; 111])));
        let mut limit = hmac(&id);
        let mut challenges = challenges.lock().unwrap();
        let mut counts = counts.lock().unwrap();
        if challenges.len() == 10_000 {
            challenges.clear();
            counts.clear();
        }
        challenges.insert(id, [0; 160]);
        for tag in [0, 1] {
            limit[0] ^= tag;
            counts.entry(limit).or_default().push(7);
        }
    }
}
