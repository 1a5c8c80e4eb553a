//! Whether a writer has a log open, asked without a lock: taking one, for however short a time, could keep one out.
//!
//! Linux lists the locks of all processes. Elsewhere there is nothing to ask, and the answer is "not known".

use std::path::Path;

/// Whether somebody holds the lock of writers on a base log file.
pub(super) fn has_open(base: &Path) -> Option<bool> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(base).ok()?;
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let name = name_of(file.dev(), file.ino());
        let inode = name.rsplit(':').next().unwrap_or_default();
        let held = locks.lines().filter_map(writers_file).filter(|held| held.ends_with(&format!(":{inode}")));
        let held: Vec<&str> = held.collect();
        // Some file systems show another device than the list: then the inode may be another file's.
        if held.contains(&&*name) { Some(true) } else { held.is_empty().then_some(false) }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = base;
        None
    }
}

/// A file's name in the list of locks: the device's major and minor number in hexadecimal, and the inode.
#[cfg(target_os = "linux")]
fn name_of(device: u64, inode: u64) -> String {
    // As glibc's `major` and `minor` do.
    let major = (device >> 8) & 0xFFF | (device >> 32) & !0xFFF;
    let minor = device & 0xFF | (device >> 12) & !0xFF;
    format!("{major:02x}:{minor:02x}:{inode}")
}

/// The file of a line of the list, if it is a writer's lock that is held and not waited for.
#[cfg(target_os = "linux")]
fn writers_file(line: &str) -> Option<&str> {
    let mut fields = line.split_whitespace().skip(1);
    let is_writers = fields.next() == Some("FLOCK") && fields.nth(1) == Some("WRITE");
    fields.nth(1).filter(|_| is_writers)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_held_lock_of_a_writer_on_this_file_counts() {
        let name = name_of(0xFE00, 5_415_003);
        assert_eq!(name, "fe:00:5415003");
        assert_eq!(writers_file("1: FLOCK  ADVISORY  WRITE 24331 fe:00:5415003 0 EOF"), Some(&*name));
        for line in [
            "1: FLOCK  ADVISORY  READ 24331 fe:00:5415003 0 EOF",
            "1: -> FLOCK  ADVISORY  WRITE 24331 fe:00:5415003 0 EOF",
            "2: POSIX  ADVISORY  WRITE 24331 fe:00:5415003 0 EOF",
            "",
        ] {
            assert_eq!(writers_file(line), None, "{line}");
        }
    }

    #[test]
    fn a_file_that_is_locked_by_this_process_is_seen() {
        let file = tempfile::NamedTempFile::new().unwrap();
        if has_open(file.path()) == Some(false) {
            file.as_file().lock().unwrap();
            assert_eq!(has_open(file.path()), Some(true));
        }
    }
}
