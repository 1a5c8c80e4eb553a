//! What differs between operating systems: reading and writing at an offset, and what an error means.

use std::fs::File;
use std::io::{self, ErrorKind};

use crate::units::Status;

#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
pub(super) fn write_all_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        let length = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[length..];
        offset += length as u64;
    }
    Ok(())
}

#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let length = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if length == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        bytes = &bytes[length..];
        offset += length as u64;
    }
    Ok(())
}

pub(super) fn status_of(error: &io::Error) -> Status {
    match error.kind() {
        ErrorKind::NotFound => Status::OBJECT_NAME_NOT_FOUND,
        ErrorKind::AlreadyExists => Status::OBJECT_NAME_COLLISION,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Status::ACCESS_DENIED,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Status::DISK_FULL,
        ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Status::OBJECT_PATH_NOT_FOUND,
        ErrorKind::UnexpectedEof => Status::END_OF_FILE,
        ErrorKind::OutOfMemory => Status::INSUFFICIENT_RESOURCES,
        _ => Status::IO_DEVICE_ERROR,
    }
}
