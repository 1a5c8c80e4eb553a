//! A volume of storages in memory, by path, and objects that can be refused.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use clfsmgmt::library::{HandleObject, Volume};
use clfsmgmt::log::storage::Storage;
use clfsmgmt::units::Status;

/// What happens first.
type First = Box<dyn FnOnce() + Send>;

/// Clones are the same volume.
#[derive(Clone, Default)]
pub struct MemoryVolume<T> {
    pub storages: Arc<Mutex<BTreeMap<Vec<u16>, T>>>,
    addresses: Arc<AtomicU64>,
    objects: Arc<AtomicUsize>,
    refusals: Arc<Mutex<Vec<First>>>,
    before_storage: Arc<Mutex<Option<First>>>,
}

pub struct MemoryObject {
    address: u64,
    objects: Arc<AtomicUsize>,
}

impl Drop for MemoryObject {
    fn drop(&mut self) {
        self.objects.fetch_sub(1, Ordering::SeqCst);
    }
}

impl HandleObject for MemoryObject {
    fn address(&self) -> u64 {
        self.address
    }
}

impl<T> MemoryVolume<T> {
    /// The next handle gets no object, once `first` has run.
    pub fn refuse_object(&self, first: impl FnOnce() + Send + 'static) {
        self.refusals.lock().unwrap().push(Box::new(first));
    }

    /// Before the next storage is given out, `first` runs.
    pub fn before_storage(&self, first: impl FnOnce() + Send + 'static) {
        *self.before_storage.lock().unwrap() = Some(Box::new(first));
    }

    /// How many objects of handles exist.
    pub fn objects(&self) -> usize {
        self.objects.load(Ordering::SeqCst)
    }

    /// How many storages `is_used`.
    pub fn count(&self, is_used: impl Fn(&T) -> bool) -> usize {
        self.storages.lock().unwrap().values().filter(|storage| is_used(storage)).count()
    }
}

impl<T: Storage + Clone + Default> Volume for MemoryVolume<T> {
    type Storage = T;
    type Object = MemoryObject;

    fn storage(&self, path: &[u16]) -> Result<T, Status> {
        let first = self.before_storage.lock().unwrap().take();
        if let Some(first) = first {
            first();
        }
        Ok(self.storages.lock().unwrap().entry(path.to_vec()).or_default().clone())
    }

    fn container_path(&self, _: &T, path: &[u16]) -> Result<Vec<u16>, Status> {
        Ok(path.to_vec())
    }

    fn object(&self, _: &T) -> Result<MemoryObject, Status> {
        let refusal = self.refusals.lock().unwrap().pop();
        if let Some(first) = refusal {
            first();
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        self.objects.fetch_add(1, Ordering::SeqCst);
        let address = 16 + self.addresses.fetch_add(16, Ordering::SeqCst);
        Ok(MemoryObject { address, objects: Arc::clone(&self.objects) })
    }

    fn new_identity(&self) -> [u8; 16] {
        [9; 16]
    }

    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        one == other
    }
}
