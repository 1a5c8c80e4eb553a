//! The port to where logs are kept: from names to storages.

use alloc::vec::Vec;

use super::name::EXTENSION;
use crate::log::storage::Storage;
use crate::units::Status;
use crate::units::memory::{try_copied, try_extend};

/// Makes the storage of a log from its name. Plugged in by `host` (folders) or by the kernel (NT paths).
pub trait Volume {
    /// A log's files.
    type Storage: Storage + Clone;
    /// What a handle is known by outside: a `FILE_OBJECT` in the kernel, a made-up address elsewhere.
    type Object: HandleObject;

    /// The storage of the log whose base log file is `path` plus `.blf`. UTF-16; no file is touched.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: no path of this platform. `INSUFFICIENT_RESOURCES`.
    fn storage(&self, path: &[u16]) -> Result<Self::Storage, Status>;

    /// The full path of a log's base log file, by which it is known that the log was copied or moved.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`, `INSUFFICIENT_RESOURCES`.
    fn base_path(&self, _storage: &Self::Storage, path: &[u16]) -> Result<Vec<u16>, Status> {
        let mut full = try_copied(path)?;
        try_extend(&mut full, &EXTENSION)?;
        Ok(full)
    }

    /// The full path of a container: what `%BLF%\\…` stands for, or the path itself in the form that others have.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: no path of a container. `INSUFFICIENT_RESOURCES`.
    fn container_path(&self, storage: &Self::Storage, path: &[u16]) -> Result<Vec<u16>, Status>;

    /// A handle's object, for a log that exists.
    ///
    /// # Errors
    /// What the storage reported.
    fn object(&self, storage: &Self::Storage) -> Result<Self::Object, Status>;

    /// The generation that comes before that of the first handle of a kind, so that handles of another process that
    /// this one has inherited name nothing here.
    fn first_generation(&self) -> u32 {
        0
    }

    /// A new identity for a log: 16 bytes, unique in the world.
    fn new_identity(&self) -> [u8; 16];

    /// Whether two paths name the same file, as far as names show: file names are compared as the platform does.
    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool;
}

/// What an open handle is known by outside. Dropped when the handle is not used any more.
pub trait HandleObject {
    /// Its address: not 0, and no other object's as long as this one exists.
    fn address(&self) -> u64;
}
