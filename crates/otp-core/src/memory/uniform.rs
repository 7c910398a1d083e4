//! Maps whose keys are random bytes or keyed hashes: hashing them once more would make nothing more even.
//!
//! Nobody outside chooses such a key, so nobody can fill one bucket (the reason why maps usually hash with a secret).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type UniformMap<K, V> = HashMap<K, V, BuildHasherDefault<Last8>>;

/// The last eight bytes of what is hashed; the first ones choose the shard.
#[derive(Debug, Default)]
pub(super) struct Last8(u64);

impl Hasher for Last8 {
    fn write(&mut self, bytes: &[u8]) {
        let last = bytes
            .last_chunk()
            .map_or(0, |last| u64::from_le_bytes(*last));
        self.0 = self.0.rotate_left(1) ^ last;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
