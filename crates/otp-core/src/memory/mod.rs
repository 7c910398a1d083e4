//! The store and the user directory of a single process.

mod challenges;
mod deliveries;
mod sessions;
mod shards;
mod uniform;
mod users;

pub use users::MemoryUsers;

use challenges::Shard;
use deliveries::Deliveries;
use sessions::Sessions;
use shards::Shards;

const STORE: &str = "memory";

/// Challenges, limits, messages and sessions in this process's memory: for development, tests, and a server that runs
/// alone.
///
/// It is bounded: when it is full of what has not expired it refuses with
/// [`Unavailable`](crate::StoreErrorKind::Unavailable) and forgets nothing that counts. Expired records leave by
/// themselves. All of it is gone with the process; [`reach`](crate::Backend::reach) says that no other sees it.
///
/// ```
/// use otp_core::MemoryStore;
///
/// let store = MemoryStore::new();
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    shards: Shards<Shard>,
    sessions: shards::Mutex<Sessions>,
    most_sessions: usize,
    deliveries: shards::Mutex<Deliveries>,
}

impl MemoryStore {
    /// Room for about a million outstanding challenges with their limits, as many messages that are tracked, and as many
    /// sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1 << 20)
    }

    /// Room for about `most` outstanding challenges, four times as many limits, `most` messages that are tracked with as
    /// many reports, and `most` sessions. A challenge with its phone's limits takes less than 500 bytes.
    #[must_use]
    pub fn with_capacity(most: usize) -> Self {
        let per_shard = most.div_ceil(shards::COUNT).max(1);
        Self {
            shards: Shards::new(|| Shard::new(per_shard)),
            sessions: shards::Mutex::new(Sessions::default()),
            most_sessions: most.max(1),
            deliveries: shards::Mutex::new(Deliveries::default()),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}
