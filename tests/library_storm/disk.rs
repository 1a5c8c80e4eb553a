//! A disk in memory that one writer at a time may use, that can be made read-only, and that a crash can strike.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{Bytes, Status};
use rand_core::RngCore;

use crate::recorder::{Files, Loss, RecordedFile, Recorder};

#[derive(Clone, Default)]
pub(crate) struct Disk {
    recorder: Recorder,
    /// What it held when it was made.
    initial: Arc<Files>,
    is_read_only: Arc<AtomicBool>,
    /// Held by whoever has the base log file open.
    owner: Arc<Mutex<std::sync::Weak<()>>>,
}

#[derive(Clone)]
pub(crate) struct DiskFile {
    inner: RecordedFile,
    _owner: Option<Arc<()>>,
}

impl Disk {
    pub(crate) fn files(&self) -> usize {
        self.recorder.open_names().len()
    }

    /// How many hold it: clones, and files that are open.
    pub(crate) fn references(&self) -> usize {
        self.recorder.references()
    }

    pub(crate) fn protect(&self) {
        self.is_read_only.store(true, Ordering::SeqCst);
    }

    /// The disk that is found after a crash at this moment.
    pub(crate) fn after_crash(&self, loss: Loss, random: &mut impl RngCore) -> Self {
        let files = self.recorder.after_crash(&self.initial, self.recorder.position(), loss, random);
        Self { recorder: Recorder::holding(files.clone()), initial: Arc::new(files), ..Self::default() }
    }

    fn check(&self, access: Access) -> Result<(), Status> {
        let is_refused = access == Access::Write && self.is_read_only.load(Ordering::SeqCst);
        if is_refused { Err(Status::ACCESS_DENIED) } else { Ok(()) }
    }

    fn own(&self, open: impl FnOnce() -> Result<RecordedFile, Status>) -> Result<DiskFile, Status> {
        let mut owner = self.owner.lock().unwrap();
        if owner.upgrade().is_some() {
            return Err(Status::SHARING_VIOLATION);
        }
        let inner = open()?;
        let token = Arc::new(());
        *owner = Arc::downgrade(&token);
        Ok(DiskFile { inner, _owner: Some(token) })
    }
}

impl Storage for Disk {
    type File = DiskFile;

    fn create_base(&self) -> Result<DiskFile, Status> {
        self.own(|| self.recorder.create_base())
    }

    fn open_base(&self, access: Access) -> Result<DiskFile, Status> {
        self.check(access)?;
        self.own(|| self.recorder.open_base(access))
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<DiskFile, Status> {
        self.recorder.create_container(path, size).map(|inner| DiskFile { inner, _owner: None })
    }

    fn open_container(&self, path: &[u16], access: Access) -> Result<DiskFile, Status> {
        self.recorder.open_container(path, access).map(|inner| DiskFile { inner, _owner: None })
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        self.recorder.delete_container(path)
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.recorder.delete_base()
    }
}

impl StorageFile for DiskFile {
    fn size(&self) -> Result<Bytes, Status> {
        self.inner.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        self.inner.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        self.inner.write_at(offset, bytes)
    }

    fn flush(&self) -> Result<(), Status> {
        self.inner.flush()
    }
}
