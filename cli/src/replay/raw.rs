//! The measure: the same bytes, made durable at the same moments, in preallocated files with nothing between.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::payload;
use super::simulation::Written;

/// Bytes that are gathered before they are written, as the log gathers them in its blocks.
const BUFFER_BYTES: usize = 64 * 1024;

/// Files that are written round and round, and removed in the end.
struct Ring {
    files: Vec<(PathBuf, File)>,
    current: usize,
    offset: u64,
    file_bytes: u64,
}

impl Ring {
    fn create(folder: &Path, files: u32, file_bytes: u64) -> io::Result<Self> {
        let mut ring = Self { files: Vec::new(), current: 0, offset: 0, file_bytes };
        let zeros = vec![0; 1 << 20];
        for number in 0..files {
            let path = folder.join(format!("raw-{number:04}.tmp"));
            let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
            ring.files.push((path, file));
            let Some((_, file)) = ring.files.last() else {
                continue;
            };
            let mut offset = 0;
            while offset < file_bytes {
                let length = zeros.len().min(usize::try_from(file_bytes - offset).unwrap_or(usize::MAX));
                file.write_all_at(&zeros[..length], offset)?;
                offset += length as u64;
            }
            file.sync_data()?;
        }
        Ok(ring)
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = usize::try_from(self.file_bytes - self.offset).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            if let Some((_, file)) = self.files.get(self.current) {
                file.write_all_at(now, self.offset)?;
            }
            self.offset += now.len() as u64;
            bytes = later;
            if self.offset == self.file_bytes {
                self.flush()?;
                self.current = (self.current + 1) % self.files.len();
                self.offset = 0;
            }
        }
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.files.get(self.current).map_or(Ok(()), |(_, file)| file.sync_data())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        for (path, _) in &self.files {
            // Left over files of a measurement are a nuisance, not an error.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Writes what the replay wrote, and says how long that took.
///
/// # Errors
/// The files cannot be created or written.
pub(super) fn measure(folder: &Path, files: u32, file_bytes: u64, written: &[Written]) -> io::Result<Duration> {
    let mut ring = Ring::create(folder, files.max(1), file_bytes)?;
    let mut buffer = Vec::with_capacity(2 * BUFFER_BYTES);
    let mut record = Vec::new();
    let mut number = 0;
    let started = Instant::now();
    for written in written {
        match written {
            Written::Record(bytes) => {
                payload::fill(&mut record, number, usize::try_from(*bytes).unwrap_or(0));
                number += 1;
                buffer.extend_from_slice(&record);
                if buffer.len() >= BUFFER_BYTES {
                    ring.write(&buffer)?;
                    buffer.clear();
                }
            }
            Written::Flush => {
                ring.write(&buffer)?;
                buffer.clear();
                ring.flush()?;
            }
        }
    }
    ring.write(&buffer)?;
    ring.flush()?;
    Ok(started.elapsed())
}
