//! The port on the base routines of a `clfs.sys` that somebody else wrote, and what is plugged in besides.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::manager::ports::{ClientCallbacks, Platform};
use crate::units::{Bytes, ContainerCount, Lsn, Status};

/// The identity of a physical log: `CLFS_INFORMATION.Identity`.
pub type LogIdentity = [u8; 16];

/// Names a log file object among those that are valid: its address, which is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectId(pub u64);

/// From a log's or a stream's base to its next LSN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The base.
    pub base: Lsn,
    /// The next LSN.
    pub last: Lsn,
}

/// What can be asked of a physical log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogInformation {
    /// Tells it from other logs.
    pub identity: LogIdentity,
    /// Whether it is one stream.
    pub is_dedicated: bool,
    /// All containers.
    pub containers: ContainerCount,
    /// Those outside the active log.
    pub free_containers: ContainerCount,
    /// The size of every container.
    pub container_size: Bytes,
    /// Room for records and reservations.
    pub available: Bytes,
    /// What reservations claim.
    pub reserved: Bytes,
    /// The archive tail of a log that is archived.
    pub archive_tail: Option<Lsn>,
    /// All of it.
    pub extent: Extent,
}

/// The base routines, as far as management calls them. They may be called on any thread.
pub trait Clfs: Clone {
    /// A log file object. Whoever has a reference to one has it from a caller who passes it in a call that lasts, or
    /// from a [`Clfs::Handle`]: the object is valid, whoever closes it meanwhile.
    type Object;
    /// Keeps an object valid. Dropped as the last reference it closes the log, so it is dropped with no lock held.
    type Handle: Deref<Target = Self::Object>;
    /// In whose name files are created and deleted.
    type Security;

    /// The object's name, as long as it is valid.
    fn id(object: &Self::Object) -> ObjectId;

    /// Keeps the object valid beyond the call that passes it.
    ///
    /// # Errors
    /// `INVALID_PARAMETER_1`: there is none.
    fn reference(&self, object: &Self::Object) -> Result<Self::Handle, Status>;

    /// What the physical log is now. Takes no memory and touches no file of ours.
    ///
    /// # Errors
    /// What the routine reported; `UNSUCCESSFUL` when it wrote less.
    fn log_information(&self, object: &Self::Object) -> Result<LogInformation, Status>;

    /// Where the stream is now that the object is open on. Takes no memory and touches no file of ours.
    ///
    /// # Errors
    /// As [`Clfs::log_information`].
    fn stream_extent(&self, object: &Self::Object) -> Result<Extent, Status>;

    /// The number of the stream that the object is open on.
    ///
    /// # Errors
    /// As [`Clfs::log_information`].
    fn stream_number(&self, object: &Self::Object) -> Result<u8, Status>;

    /// Calls `use_path` with the path of the base log file.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the routine reported.
    fn with_base_path<R>(&self, object: &Self::Object, use_path: impl FnOnce(&[u16]) -> R) -> Result<R, Status>;

    /// Creates a container of this size and joins it to the log.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, `OBJECT_NAME_INVALID` for a path that is too long, or what the routine reported.
    fn add_container(&self, object: &Self::Object, path: &[u16], size: Bytes) -> Result<(), Status>;

    /// The names of the containers outside the active log that would be written last, at most so many; the very last
    /// at the end.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the routines reported.
    fn last_free_containers(&self, object: &Self::Object, most: usize) -> Result<Vec<Vec<u16>>, Status>;

    /// Removes the container of this name, and its file.
    ///
    /// # Errors
    /// As [`Clfs::add_container`].
    fn remove_container(&self, object: &Self::Object, path: &[u16]) -> Result<(), Status>;

    /// The running thread's security.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES`, or what the system said.
    fn capture_security() -> Result<Self::Security, Status>;

    /// Runs `action` in the name of whoever that security is.
    ///
    /// # Errors
    /// The action's, or what the system said.
    fn act_as<R>(security: &Self::Security, action: impl FnOnce() -> Result<R, Status>) -> Result<R, Status>;
}

/// What the layer is plugged into.
pub trait Setting: Sized {
    /// Locks, shared references, workers.
    type Platform: Platform;
    /// The base routines.
    type Clfs: Clfs;
    /// A registered client.
    type Callbacks: ClientCallbacks;
}

pub(super) type Shared<S, T> = <<S as Setting>::Platform as Platform>::Shared<T>;
pub(super) type Lock<S, T> = <<S as Setting>::Platform as Platform>::Lock<T>;
pub(super) type Object<S> = <<S as Setting>::Clfs as Clfs>::Object;
