//! From the names of logs to their files, and the file objects that handles are known by.

use alloc::vec::Vec;

use super::files::KernelStorage;
use super::identity::new_identity;
use super::objects::LogFileObject;
use super::paths;
use crate::library::{Volume, is_same_word};
use crate::units::Status;
use crate::units::memory::{try_extend, try_with_capacity};

/// `.blf`
const EXTENSION: [u16; 4] = [0x2E, 0x62, 0x6C, 0x66];
/// `\??\`, which may be left out before a drive.
const DOS_DEVICES: [u16; 4] = [0x5C, 0x3F, 0x3F, 0x5C];

/// The system's volumes. Its routines are for IRQL `PASSIVE_LEVEL`, with APCs enabled.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelVolume(());

impl Volume for KernelVolume {
    type Storage = KernelStorage;
    type Object = LogFileObject;

    fn storage(&self, path: &[u16]) -> Result<KernelStorage, Status> {
        let mut file: Vec<u16> = try_with_capacity(path.len().saturating_add(EXTENSION.len()))?;
        try_extend(&mut file, path)?;
        try_extend(&mut file, &EXTENSION)?;
        KernelStorage::new(&file)
    }

    fn container_path(&self, storage: &KernelStorage, path: &[u16]) -> Result<Vec<u16>, Status> {
        paths::container(storage.base_path(), path)
    }

    fn object(&self, storage: &KernelStorage) -> Result<LogFileObject, Status> {
        LogFileObject::open(storage)
    }

    fn new_identity(&self) -> [u8; 16] {
        new_identity()
    }

    /// By ASCII letters. Of two spellings that differ in others, the file system lets only one write: the second
    /// opening ends with a sharing violation.
    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        is_same_word(below_devices(one), below_devices(other))
    }
}

fn below_devices(path: &[u16]) -> &[u16] {
    path.strip_prefix(DOS_DEVICES.as_slice()).unwrap_or(path)
}
