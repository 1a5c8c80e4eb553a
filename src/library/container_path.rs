//! The paths of containers, as `ClfsAddLogContainer` documents them: absolute, or `%BLF%\…` in or below the folder of
//! the base log file. Folders named `.` or `..` are refused in both.

use super::name::is_same_word;
use crate::units::Status;

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
