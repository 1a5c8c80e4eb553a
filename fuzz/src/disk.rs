//! A log's files in memory. Pages are shared until they are written and zero ones are none, so that a copy of a log,
//! and its untouched containers, cost nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use clfsmgmt::log::storage::{Access, Storage, StorageFile};
use clfsmgmt::units::{Bytes, Status};

const PAGE: usize = 4096;

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pages: Vec<Option<Rc<[u8; PAGE]>>>,
    size: usize,
}

impl Content {
    /// So many zeros.
    pub fn zeros(size: usize) -> Self {
        Self { pages: vec![None; size.div_ceil(PAGE)], size }
    }

    /// Its length.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Cuts it off, or makes it longer.
    pub fn resize(&mut self, size: usize) {
        if size < self.size && size % PAGE != 0 {
            let rest = vec![0; (PAGE - size % PAGE).min(self.size - size)];
            self.write(size, &rest);
        }
        self.pages.resize(size.div_ceil(PAGE), None);
        self.size = size;
    }

    /// Fills `buffer`; `false` if the file ends before.
    pub fn read(&self, mut at: usize, mut buffer: &mut [u8]) -> bool {
        if at.checked_add(buffer.len()).is_none_or(|end| end > self.size) {
            return false;
        }
        while !buffer.is_empty() {
            let (page, inside) = (at / PAGE, at % PAGE);
            let length = buffer.len().min(PAGE - inside);
            let (now, rest) = buffer.split_at_mut(length);
            match &self.pages[page] {
                Some(bytes) => now.copy_from_slice(&bytes[inside..inside + length]),
                None => now.fill(0),
            }
            buffer = rest;
            at += length;
        }
        true
    }

    /// Writes, and makes the file longer where it ends before.
    pub fn write(&mut self, mut at: usize, mut bytes: &[u8]) {
        if at + bytes.len() > self.size {
            self.size = at + bytes.len();
            self.pages.resize(self.size.div_ceil(PAGE), None);
        }
        while !bytes.is_empty() {
            let (page, inside) = (at / PAGE, at % PAGE);
            let (now, rest) = bytes.split_at(bytes.len().min(PAGE - inside));
            let place = self.pages[page].get_or_insert_with(|| Rc::new([0; PAGE]));
            Rc::make_mut(place)[inside..inside + now.len()].copy_from_slice(now);
            bytes = rest;
            at += now.len();
        }
    }

    /// All of it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.size];
        self.read(0, &mut bytes);
        bytes
    }
}

/// The base log file, under the empty name, and its containers.
pub type Files = BTreeMap<Vec<u16>, Content>;

/// A disk with one log, and how often it was written.
#[derive(Clone, Debug, Default)]
pub struct Disk(Rc<RefCell<(Files, u64)>>);

impl Disk {
    pub fn holding(files: Files) -> Self {
        Self(Rc::new(RefCell::new((files, 0))))
    }

    /// The files as they are.
    pub fn files(&self) -> Files {
        self.0.borrow().0.clone()
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.0.borrow().1
    }

    fn create(&self, name: &[u16], size: usize) -> Result<File, Status> {
        let mut disk = self.0.borrow_mut();
        if disk.0.contains_key(name) {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        disk.0.insert(name.to_vec(), Content::zeros(size));
        Ok(File { disk: self.clone(), name: name.into() })
    }

    fn open(&self, name: &[u16]) -> Result<File, Status> {
        if !self.0.borrow().0.contains_key(name) {
            return Err(Status::OBJECT_NAME_NOT_FOUND);
        }
        Ok(File { disk: self.clone(), name: name.into() })
    }
}

#[derive(Clone, Debug)]
pub struct File {
    disk: Disk,
    name: Rc<[u16]>,
}

impl Storage for Disk {
    type File = File;

    fn create_base(&self) -> Result<File, Status> {
        self.create(&[], 0)
    }

    fn open_base(&self, _: Access) -> Result<File, Status> {
        self.open(&[])
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<File, Status> {
        self.create(path, usize::try_from(size.0).unwrap())
    }

    fn open_container(&self, path: &[u16], _: Access) -> Result<File, Status> {
        if path.is_empty() { Err(Status::LOG_CONTAINER_OPEN_FAILED) } else { self.open(path) }
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        self.0.borrow_mut().0.remove(path);
        Ok(())
    }

    fn delete_base(&self) -> Result<(), Status> {
        self.0.borrow_mut().0.remove(&[][..]);
        Ok(())
    }
}

impl StorageFile for File {
    fn size(&self) -> Result<Bytes, Status> {
        let disk = self.disk.0.borrow();
        disk.0.get(&*self.name).map(|file| Bytes(file.size() as u64)).ok_or(Status::IO_DEVICE_ERROR)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        let disk = self.disk.0.borrow();
        let file = disk.0.get(&*self.name).ok_or(Status::IO_DEVICE_ERROR)?;
        let at = usize::try_from(offset).map_err(|_| Status::END_OF_FILE)?;
        if file.read(at, buffer) { Ok(()) } else { Err(Status::END_OF_FILE) }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        let mut disk = self.disk.0.borrow_mut();
        disk.1 += 1;
        let file = disk.0.get_mut(&*self.name).ok_or(Status::IO_DEVICE_ERROR)?;
        file.write(usize::try_from(offset).unwrap(), bytes);
        Ok(())
    }

    fn flush(&self) -> Result<(), Status> {
        Ok(())
    }
}
