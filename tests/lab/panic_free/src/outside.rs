//! The ports, plugged into nothing: whatever comes from outside is anything at all.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ops::Deref;
use core::ptr::{NonNull, null_mut};

use crate::foreign::{Clfs, Extent, LogInformation, ObjectId};
use crate::library::{HandleObject, Volume};
use crate::log::storage::{Access, Storage, StorageFile};
use crate::manager::{Completion, LogKey};
use crate::manager::ports::{ClientCallbacks, Gate, Guarded, Platform};
use crate::units::memory::{OutOfMemory, try_push};
use crate::units::{Bytes, ContainerCount, Lsn, Status, Time};

use crate::any;

struct NoMemory;

#[global_allocator]
static ALLOCATOR: NoMemory = NoMemory;

// SAFETY: the image is only looked at, never run; the optimiser does not know where the memory comes from.
unsafe impl GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        any((layout, null_mut())).1
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        any((memory, layout));
    }
}

/// A status, or none.
pub fn any_result<T>(value: T) -> Result<T, Status> {
    let status = any(Status::SUCCESS);
    if status.is_success() { Ok(value) } else { Err(status) }
}

#[derive(Clone)]
pub struct Disk;

#[derive(Clone)]
pub struct File(u64);

impl StorageFile for File {
    fn size(&self) -> Result<Bytes, Status> {
        any_result(Bytes(any(self.0)))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Status> {
        any((self.0, offset, buffer.as_mut_ptr(), buffer.len()));
        any_result(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Status> {
        any((self.0, offset, bytes.as_ptr(), bytes.len()));
        any_result(())
    }

    fn flush(&self) -> Result<(), Status> {
        any_result(())
    }
}

impl Storage for Disk {
    type File = File;

    fn create_base(&self) -> Result<File, Status> {
        any_result(File(any(0)))
    }

    fn open_base(&self, access: Access) -> Result<File, Status> {
        any(access);
        any_result(File(any(0)))
    }

    fn create_container(&self, path: &[u16], size: Bytes) -> Result<File, Status> {
        any((path, size));
        any_result(File(any(0)))
    }

    fn open_container(&self, path: &[u16], access: Access) -> Result<File, Status> {
        any((path, access));
        any_result(File(any(0)))
    }

    fn delete_container(&self, path: &[u16]) -> Result<(), Status> {
        any(path);
        any_result(())
    }

    fn delete_base(&self) -> Result<(), Status> {
        any_result(())
    }
}

pub struct System;

pub type Setting = (Machine, System, Client);

pub struct Address(u64);

impl HandleObject for Address {
    fn address(&self) -> u64 {
        any(self.0)
    }
}

impl Volume for System {
    type Storage = Disk;
    type Object = Address;

    fn storage(&self, path: &[u16]) -> Result<Disk, Status> {
        any(path);
        any_result(Disk)
    }

    fn container_path(&self, storage: &Disk, path: &[u16]) -> Result<Vec<u16>, Status> {
        any((storage, path));
        any_result(Vec::new())
    }

    fn object(&self, storage: &Disk) -> Result<Address, Status> {
        any(storage);
        any_result(Address(any(0)))
    }

    fn new_identity(&self) -> [u8; 16] {
        any([0; 16])
    }

    fn is_same_path(&self, one: &[u16], other: &[u16]) -> bool {
        any((one, other));
        any(false)
    }
}

#[derive(Clone)]
pub struct Routines;

pub struct Object(u64);

pub struct Handle(Object);

impl Deref for Handle {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        any(self.0.0);
    }
}

pub struct Owner(u64);

impl Clfs for Routines {
    type Object = Object;
    type Handle = Handle;
    type Security = Owner;

    fn id(object: &Object) -> ObjectId {
        ObjectId(any(object.0))
    }

    fn reference(&self, object: &Object) -> Result<Handle, Status> {
        any_result(Handle(Object(object.0)))
    }

    fn log_information(&self, object: &Object) -> Result<LogInformation, Status> {
        any(object.0);
        any_result(LogInformation {
            identity: any([0; 16]),
            is_dedicated: any(true),
            containers: ContainerCount(any(0)),
            free_containers: ContainerCount(any(0)),
            container_size: Bytes(any(0)),
            available: Bytes(any(0)),
            reserved: Bytes(any(0)),
            archive_tail: any(None),
            extent: any(Extent { base: Lsn::NULL, last: Lsn::NULL }),
        })
    }

    fn stream_extent(&self, object: &Object) -> Result<Extent, Status> {
        any(object.0);
        any_result(any(Extent { base: Lsn::NULL, last: Lsn::NULL }))
    }

    fn stream_number(&self, object: &Object) -> Result<u8, Status> {
        any(object.0);
        any_result(any(0))
    }

    fn with_base_path<R>(&self, object: &Object, use_path: impl FnOnce(&[u16]) -> R) -> Result<R, Status> {
        any(object.0);
        any_result(())?;
        Ok(use_path(any(&[])))
    }

    fn add_container(&self, object: &Object, path: &[u16], size: Bytes) -> Result<(), Status> {
        any((object.0, path, size));
        any_result(())
    }

    fn last_free_containers(&self, object: &Object, most: usize) -> Result<Vec<Vec<u16>>, Status> {
        any((object.0, most));
        any_result(any(Vec::new()))
    }

    fn remove_container(&self, object: &Object, path: &[u16]) -> Result<(), Status> {
        any((object.0, path));
        any_result(())
    }

    fn capture_security() -> Result<Owner, Status> {
        any_result(Owner(any(0)))
    }

    fn act_as<R>(security: &Owner, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status> {
        any(security.0);
        any_result(())?;
        action()
    }
}

pub struct Client(u64);

impl ClientCallbacks for Client {
    fn advance_tail(&self, target: Lsn) -> Status {
        any((self.0, target));
        any(Status::SUCCESS)
    }

    fn log_growth_complete(&self, status: Status, is_pinned: bool) {
        any((self.0, status, is_pinned));
    }

    fn log_unpinned(&self) {
        any(self.0);
    }
}

pub struct Lock<T>(UnsafeCell<T>);

impl<T> Guarded<T> for Lock<T> {
    fn with<R>(&self, action: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: the image is only looked at, never run.
        action(unsafe { &mut *any(self.0.get()) })
    }
}

pub struct Shared<T>(NonNull<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(any(self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `share` made it; the image is only looked at, never run.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if any(true) {
            // SAFETY: `share` took it out of a vector of one element; the image is only looked at, never run.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

pub struct Place;

impl Gate for Place {
    fn turn(&self) -> u64 {
        any(0)
    }

    fn wait(&self, turn: u64) {
        any(turn);
    }

    fn open(&self) {
        any(());
    }
}

pub struct Machine;

impl Platform for Machine {
    type Lock<T> = Lock<T>;
    type Shared<T> = Shared<T>;
    type Gate = Place;
    type Thread = u64;

    fn lock<T>(value: T) -> Lock<T> {
        Lock(UnsafeCell::new(value))
    }

    fn share<T>(value: T) -> Result<Shared<T>, OutOfMemory> {
        let mut one = Vec::new();
        try_push(&mut one, value)?;
        Ok(Shared(NonNull::new(any(one.leak().as_mut_ptr())).ok_or(OutOfMemory)?))
    }

    fn gate() -> Place {
        Place
    }

    fn current_thread() -> u64 {
        any(0)
    }

    fn inside_completion<R>(completion: Completion, action: impl FnOnce() -> R) -> R {
        any(completion);
        action()
    }

    fn completion() -> Option<Completion> {
        any(None)
    }

    fn now(&self) -> Time {
        Time(any(0))
    }

    fn monotonic_nanoseconds(&self) -> u64 {
        any(0)
    }

    fn reserve_work(&self) -> Result<(), OutOfMemory> {
        if any(true) { Ok(()) } else { Err(OutOfMemory) }
    }

    fn release_work(&self) {
        any(());
    }

    fn queue_drain(&self, log: LogKey) {
        any(log);
    }

    fn enter_client(&self) {}

    fn leave_client(&self) {}
}

/// Where text goes.
pub struct Text;

impl core::fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> core::fmt::Result {
        if any(part).is_empty() { Err(core::fmt::Error) } else { Ok(()) }
    }
}
