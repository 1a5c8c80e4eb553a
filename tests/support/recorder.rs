//! A storage that remembers every write and flush, so that a test can ask what the disk may hold after a crash.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::cast_possible_truncation, reason = "test data")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{Bytes, Status};
use rand_core::RngCore;

pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(Clone, Debug)]
enum Operation {
    Create {
        file: String,
        size: usize,
    },
    Write {
        file: String,
        offset: usize,
        bytes: Vec<u8>,
    },
    Flush {
        file: String,
    },
    /// A flush that failed: what waited for it never reaches the disk, and no later flush knows of it.
    Drop {
        file: String,
    },
    Delete {
        file: String,
    },
}

#[derive(Debug, Default)]
struct Recording {
    files: Files,
    operations: Vec<Operation>,
    fails_next_flush: bool,
}

/// What a crash does to writes that were not flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    Everything,
    Nothing,
    /// Each sector survives or not, by itself: cuts within writes and any reordering of them.
    Sectors,
    /// Each whole write survives or not.
    Writes,
}

#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Recording>>);

const BASE: &str = "base";

impl Recorder {
    pub fn holding(files: Files) -> Self {
        Self(Arc::new(Mutex::new(Recording { files, ..Recording::default() })))
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap()
    }

    /// The files that exist.
    pub fn open_names(&self) -> Vec<String> {
        self.lock().files.keys().cloned().collect()
    }

    /// The bytes of a file as they are without a crash.
    pub fn contents(&self, file: &str) -> Vec<u8> {
        self.lock().files[file].clone()
    }

    /// How many hold it: clones, and files that are open.
    pub fn references(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// The next flush of any file fails, and drops what it was for; reading still shows it.
    pub fn fail_next_flush(&self) {
        self.lock().fails_next_flush = true;
    }

    /// How many operations the disk has seen.
    pub fn position(&self) -> usize {
        self.lock().operations.len()
    }

    /// What the disk may hold after a crash behind the first `cut` operations.
    pub fn after_crash(&self, initial: &Files, cut: usize, loss: Loss, random: &mut impl RngCore) -> Files {
        let recording = self.lock();
        let mut files = initial.clone();
        let mut pending: Vec<(String, usize, Vec<u8>)> = Vec::new();
        for operation in &recording.operations[..cut] {
            match operation {
                Operation::Create { file, size } => {
                    files.insert(file.clone(), vec![0; *size]);
                }
                Operation::Delete { file } => {
                    files.remove(file);
                    pending.retain(|(name, ..)| name != file);
                }
                Operation::Drop { file } => pending.retain(|(name, ..)| name != file),
                Operation::Write { file, offset, bytes } => pending.push((file.clone(), *offset, bytes.clone())),
                Operation::Flush { file } => {
                    for (_, offset, bytes) in pending.extract_if(.., |(name, ..)| name == file) {
                        put(files.get_mut(file).unwrap(), offset, &bytes);
                    }
                }
            }
        }
        for (file, offset, bytes) in pending {
            let survives = random.next_u32().is_multiple_of(2);
            for (index, sector) in bytes.chunks(512).enumerate() {
                let keep = match loss {
                    Loss::Everything => false,
                    Loss::Nothing => true,
                    Loss::Sectors => random.next_u32().is_multiple_of(2),
                    Loss::Writes => survives,
                };
                if keep {
                    put(files.get_mut(&file).unwrap(), offset + index * 512, sector);
                }
            }
        }
        files
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}

#[derive(Clone, Debug)]
pub struct RecordedFile {
    recorder: Recorder,
    name: String,
}

impl Recorder {
    fn create(&self, name: String, size: usize) -> Result<RecordedFile, Status> {
        let mut recording = self.lock();
        if recording.files.contains_key(&name) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        recording.files.insert(name.clone(), vec![0; size]);
        recording.operations.push(Operation::Create { file: name.clone(), size });
        Ok(RecordedFile { recorder: self.clone(), name })
    }

    fn open(&self, name: String) -> Result<RecordedFile, Status> {
        if !self.lock().files.contains_key(&name) {
            return Err(Status::OBJECT_NAME_NOT_FOUND);
        }
        Ok(RecordedFile { recorder: self.clone(), name })
    }

    fn delete(&self, name: &str) {
        let mut recording = self.lock();
        if recording.files.remove(name).is_some() {
            recording.operations.push(Operation::Delete { file: name.to_owned() });
        }
    }
}

impl Storage for Recorder {
    type File = RecordedFile;

    fn create_base(&self) -> Result<RecordedFile, Status> {
        self.create(BASE.to_owned(), 0)
    }

    fn open_base(&self, _: Access) -> Result<RecordedFile, Status> {
        self.open(BASE.to_owned())
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<RecordedFile, Status> {
        self.create(String::from_utf16_lossy(path), size.0 as usize)
    }

    fn open_container(&self, path: &[u16], _: Access) -> Result<RecordedFile, Status> {
        self.open(String::from_utf16_lossy(path))
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        self.delete(&String::from_utf16_lossy(path));
        Ok(())
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.delete(BASE);
        Ok(())
    }
}

impl StorageFile for RecordedFile {
    fn size(&self) -> Result<Bytes, Status> {
        Ok(Bytes(self.recorder.lock().files[&self.name].len() as u64))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        let recording = self.recorder.lock();
        let content = recording.files[&self.name].get(offset as usize..).unwrap_or_default();
        buffer.copy_from_slice(content.get(..buffer.len()).ok_or(Status::END_OF_FILE)?);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        let mut recording = self.recorder.lock();
        put(recording.files.get_mut(&self.name).unwrap(), offset as usize, bytes);
        let operation = Operation::Write { file: self.name.clone(), offset: offset as usize, bytes: bytes.to_vec() };
        recording.operations.push(operation);
        Ok(())
    }

    fn flush(&self) -> Result<(), Status> {
        let mut recording = self.recorder.lock();
        let file = self.name.clone();
        if core::mem::take(&mut recording.fails_next_flush) {
            recording.operations.push(Operation::Drop { file });
            return Err(Status::IO_DEVICE_ERROR);
        }
        recording.operations.push(Operation::Flush { file });
        Ok(())
    }
}
