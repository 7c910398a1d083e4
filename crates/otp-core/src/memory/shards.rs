//! Several locks in place of one, always taken in the same order.

#[cfg(loom)]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
pub(super) use std::sync::{Mutex, MutexGuard};

use std::sync::PoisonError;

/// How many there are; a power of two.
pub(super) const COUNT: usize = if cfg!(loom) { 2 } else { 64 };

/// `COUNT` values, each behind its own lock.
#[derive(Debug)]
pub(super) struct Shards<T>(Vec<Mutex<T>>);

/// Which shard a key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Index(usize);

impl Index {
    /// By the first byte of a key, which is a keyed hash and so spread evenly.
    pub(super) fn of(key: &[u8; 16]) -> Self {
        let [first, ..] = *key;
        Self(usize::from(first) % COUNT)
    }
}

/// Locks that are held together.
#[derive(Debug)]
pub(super) struct Held<'a, T>(Vec<(Index, MutexGuard<'a, T>)>);

impl<T> Shards<T> {
    pub(super) fn new(make: impl Fn() -> T) -> Self {
        Self((0..COUNT).map(|_| Mutex::new(make())).collect())
    }

    /// Locks all of `wanted`, lowest first, so that two callers never wait for each other.
    pub(super) fn lock(&self, wanted: impl IntoIterator<Item = Index>) -> Held<'_, T> {
        let mut wanted: Vec<Index> = wanted.into_iter().collect();
        wanted.sort_unstable();
        wanted.dedup();
        Held(
            wanted
                .into_iter()
                .filter_map(|index| Some((index, lock(self.0.get(index.0)?))))
                .collect(),
        )
    }

    /// Locks one after the other.
    pub(super) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.0.iter().map(lock)
    }
}

impl<T> Held<'_, T> {
    /// The shard at `index`, if it was locked.
    pub(super) fn shard(&mut self, index: Index) -> Option<&mut T> {
        let at = self.0.binary_search_by_key(&index, |(i, _)| *i).ok()?;
        self.0.get_mut(at).map(|(_, guard)| &mut **guard)
    }

    pub(super) fn shards(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().map(|(_, guard)| &mut **guard)
    }
}

/// A panic elsewhere leaves nothing half done here: records are replaced whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
