//! Objects by addresses that somebody else made: compared, never dereferenced.
//!
//! Here because both `library` and `foreign` look their objects up like this.

use alloc::vec::Vec;

use super::ports::{Guarded, Platform};
use crate::units::memory::{OutOfMemory, take_at, try_insert};

/// An address, and what it names.
type Named<P, T> = (u64, <P as Platform>::Shared<T>);

/// Values by addresses that somebody else made, sorted by address.
pub struct AddressMap<P: Platform, T> {
    entries: P::Lock<Vec<Named<P, T>>>,
}

impl<P: Platform, T> Default for AddressMap<P, T> {
    fn default() -> Self {
        Self { entries: P::lock(Vec::new()) }
    }
}

impl<P: Platform, T> AddressMap<P, T> {
    /// Takes `value` in; what the address named before is returned.
    ///
    /// # Errors
    /// There is no memory.
    pub fn insert(&self, address: u64, value: P::Shared<T>) -> Result<Option<P::Shared<T>>, OutOfMemory> {
        self.entries.with(|entries| match entries.binary_search_by_key(&address, |entry| entry.0) {
            Ok(index) => Ok(entries.get_mut(index).map(|entry| core::mem::replace(&mut entry.1, value))),
            Err(index) => {
                try_insert(entries, index, (address, value))?;
                Ok(None)
            }
        })
    }

    /// The value that `address` names.
    pub fn find(&self, address: u64) -> Option<P::Shared<T>> {
        self.entries.with(|entries| {
            let index = entries.binary_search_by_key(&address, |entry| entry.0).ok()?;
            entries.get(index).map(|entry| entry.1.clone())
        })
    }

    /// Takes the value out.
    pub fn remove(&self, address: u64) -> Option<P::Shared<T>> {
        self.entries.with(|entries| {
            let index = entries.binary_search_by_key(&address, |entry| entry.0).ok()?;
            take_at(entries, index).map(|entry| entry.1)
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.with(|entries| entries.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
