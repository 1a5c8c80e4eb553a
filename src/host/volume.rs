//! From the names of logs to files, and what handles are known by.
//!
//! A path is one of the operating system's. On Unix a path without `/` may have `\` between its components, as names
//! in code that was written for Windows do; a path with `/` is taken as it is.

use std::path::Path;
use std::string::String;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::Vec;

use super::files::FileStorage;
use super::process::forks;
use crate::library::{HandleObject, Volume};
use crate::units::Status;
use crate::units::memory::{try_push, try_with_capacity};

/// Addresses of handles are multiples of this, as those of objects would be.
const ADDRESS_STEP: u64 = 16;
/// The first one. No program has memory down there.
const ADDRESS_FIRST: u64 = 0x1_0000;

/// Above all addresses: by which process a handle was made.
const MARK_SHIFT: u32 = 56;

/// The mark of handles that a process makes after so many forks: those of its parent are others.
const fn handle_mark(forks: u32) -> u8 {
    forks.to_le_bytes()[0]
}

/// What a handle is known by: a number that is never used again.
#[derive(Debug)]
pub struct HostObject(u64);

impl HandleObject for HostObject {
    fn address(&self) -> u64 {
        self.0
    }
}

/// The folders that the operating system shows.
#[derive(Debug)]
pub struct HostVolume {
    next_address: AtomicU64,
}

impl Default for HostVolume {
    fn default() -> Self {
        Self { next_address: AtomicU64::new(u64::from(handle_mark(forks())) << MARK_SHIFT | ADDRESS_FIRST) }
    }
}

impl Volume for HostVolume {
    type Storage = FileStorage;
    type Object = HostObject;

    fn storage(&self, path: &[u16]) -> Result<FileStorage, Status> {
        let mut file = path_text(path)?;
        file.push_str(".blf");
        Ok(FileStorage::new(file))
    }

    fn base_path(&self, storage: &FileStorage, _: &[u16]) -> Result<Vec<u16>, Status> {
        absolute(storage.base_path())
    }

    fn container_path(&self, storage: &FileStorage, path: &[u16]) -> Result<Vec<u16>, Status> {
        absolute(&storage.container_path(path)?)
    }

    fn object(&self, _: &FileStorage) -> Result<HostObject, Status> {
        Ok(HostObject(self.next_address.fetch_add(ADDRESS_STEP, Ordering::Relaxed)))
    }

    fn first_generation(&self) -> u32 {
        u32::from(handle_mark(forks())) << (MARK_SHIFT - 32)
    }

    fn new_identity(&self) -> [u8; 16] {
        *uuid::Uuid::new_v4().as_bytes()
    }

    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        if cfg!(windows) && crate::library::is_same_word(one, other) {
            return true;
        }
        // Compared by components: `a//b` and `a/./b` are one path.
        match (path_text(one), path_text(other)) {
            (Ok(one), Ok(other)) => Path::new(&one) == Path::new(&other),
            _ => false,
        }
    }
}

/// The full path, UTF-16.
fn absolute(path: &Path) -> Result<Vec<u16>, Status> {
    let path = std::path::absolute(path).map_err(|_| Status::OBJECT_NAME_INVALID)?;
    let text = path.to_str().ok_or(Status::OBJECT_NAME_INVALID)?;
    let mut units = try_with_capacity(text.len())?;
    for unit in text.encode_utf16() {
        try_push(&mut units, unit)?;
    }
    Ok(units)
}

/// The path, as the operating system writes it.
fn path_text(path: &[u16]) -> Result<String, Status> {
    let text = String::from_utf16(path).map_err(|_| Status::OBJECT_NAME_INVALID)?;
    if text.contains('\0') {
        return Err(Status::OBJECT_NAME_INVALID);
    }
    if cfg!(unix) && !text.contains('/') { Ok(text.replace('\\', "/")) } else { Ok(text) }
}
