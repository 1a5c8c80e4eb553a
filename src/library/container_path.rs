//! The paths of containers, as `ClfsAddLogContainer` documents them: absolute, or `%BLF%\…` in or below the folder of
//! the base log file. Folders named `.` or `..` are refused in both.

use alloc::vec::Vec;

use super::handle::LogHandle;
use super::logs::Library;
use super::name::is_same_word;
use super::setting::Setting;
use super::volume::Volume;
use crate::units::Status;
use crate::units::memory::{try_copied, try_push, try_with_capacity};

/// `%BLF%\`
const RELATIVE_PREFIX: [u16; 6] = [0x25, 0x42, 0x4C, 0x46, 0x25, 0x5C];
const DOT: u16 = 0x2E;
const COLON: u16 = 0x3A;

const fn is_separator(unit: u16) -> bool {
    matches!(unit, 0x2F | 0x5C)
}

/// Whether a new container may have this path.
///
/// # Errors
/// `OBJECT_NAME_INVALID`: empty, with a NUL, with `.` or `..` as a component, or relative without the prefix.
pub fn check_container_path(path: &[u16]) -> Result<(), Status> {
    let relative =
        path.split_at_checked(RELATIVE_PREFIX.len()).filter(|(prefix, _)| is_same_word(prefix, &RELATIVE_PREFIX));
    let is_anchored = match relative {
        // An empty component there would make what follows absolute.
        Some((_, rest)) => rest.split(|unit| is_separator(*unit)).all(|name| !name.is_empty()),
        None => is_absolute(path),
    };
    let mut names = path.split(|unit| is_separator(*unit));
    let is_plain = names.clone().all(|name| !matches!(name, [DOT] | [DOT, DOT]));
    let is_file = names.next_back().is_some_and(|name| !name.is_empty());
    if is_anchored && is_plain && is_file && !path.contains(&0) { Ok(()) } else { Err(Status::OBJECT_NAME_INVALID) }
}

impl<S: Setting> Library<S> {
    /// The full path of a container of the handle's log, from the name by which it was added.
    ///
    /// # Errors
    /// As [`Volume::container_path`].
    pub fn container_path(&self, handle: &LogHandle<S>, name: &[u16]) -> Result<Vec<u16>, Status> {
        self.volume().container_path(handle.storage(), name)
    }

    /// The names by which the containers at these paths were added, in any of their spellings.
    ///
    /// # Errors
    /// `OBJECT_NAME_NOT_FOUND`: the log has no container there. `LOG_STATE_INVALID`: it has been closed.
    /// `INSUFFICIENT_RESOURCES`.
    pub fn container_names(&self, handle: &LogHandle<S>, paths: &[Vec<u16>]) -> Result<Vec<Vec<u16>>, Status> {
        let mut names = try_with_capacity(paths.len())?;
        for path in paths {
            try_push(&mut names, self.container_name(handle, path)?)?;
        }
        Ok(names)
    }

    fn container_name(&self, handle: &LogHandle<S>, path: &[u16]) -> Result<Vec<u16>, Status> {
        if handle.log().with(|log| log.has_container(path))? {
            return Ok(try_copied(path)?);
        }
        let wanted = self.container_path(handle, path).map_err(|status| match status {
            Status::OBJECT_NAME_INVALID => Status::OBJECT_NAME_NOT_FOUND,
            other => other,
        })?;
        handle.log().with(|log| {
            for container in log.containers() {
                let path = self.container_path(handle, container.name);
                if path.is_ok_and(|path| self.volume().is_same_path(&path, &wanted)) {
                    return Ok(try_copied(container.name)?);
                }
            }
            Err(Status::OBJECT_NAME_NOT_FOUND)
        })?
    }
}

/// Begins with a separator, or with a drive and one.
fn is_absolute(path: &[u16]) -> bool {
    match path {
        [first, ..] if is_separator(*first) => true,
        [_, COLON, third, ..] => is_separator(*third),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn check(path: &str) -> Result<(), Status> {
        check_container_path(&path.encode_utf16().collect::<Vec<_>>())
    }

    #[test]
    fn absolute_paths_and_those_below_the_base_log_file_are_accepted() {
        for path in ["%BLF%\\c1", "%blf%\\folder\\c1", "\\??\\C:\\logs\\c1", "C:\\c1", "/tmp/c1"] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "c1",
            "folder\\c1",
            "%BLF%",
            "%BLF%\\",
            "%BLF%\\..\\c1",
            "%BLF%\\.\\c1",
            "%BLF%\\\\c1",
            "%BLF%:c1",
            "C:c1",
            "/tmp/../c1",
            "/tmp/",
            "/tmp/c\0",
        ] {
            assert_eq!(check(path), Err(Status::OBJECT_NAME_INVALID), "{path}");
        }
    }
}
