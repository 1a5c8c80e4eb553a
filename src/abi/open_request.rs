//! The numbers of `ClfsCreateLogFile`.

use crate::format::attributes::FileAttributes;
use crate::units::Status;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const MAXIMUM_ALLOWED: u32 = 0x0200_0000;
const DELETE: u32 = 0x0001_0000;
const FILE_READ_DATA: u32 = 0x0001;
const FILE_WRITE_DATA: u32 = 0x0002;
const FILE_APPEND_DATA: u32 = 0x0004;

const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_WRITE: u32 = 2;
const FILE_SHARE_DELETE: u32 = 4;

/// `CREATE_NEW`.
pub const CREATE_NEW: u32 = 1;
/// `OPEN_EXISTING`.
pub const OPEN_EXISTING: u32 = 3;
/// `OPEN_ALWAYS`.
pub const OPEN_ALWAYS: u32 = 4;

/// What `fFlagsAndAttributes` may say.
const ATTRIBUTES: FileAttributes = FileAttributes::READONLY
    .union(FileAttributes::ARCHIVE)
    .union(FileAttributes::NORMAL)
    .union(FileAttributes::DEDICATED);

const CLFS_FLAG_REENTRANT_FILE_SYSTEM: u32 = 0x08;
const CLFS_FLAG_NON_REENTRANT_FILTER: u32 = 0x10;
const CLFS_FLAG_REENTRANT_FILTER: u32 = 0x20;
const CLFS_FLAG_IGNORE_SHARE_ACCESS: u32 = 0x40;
const CLFS_FLAG_MINIFILTER_LEVEL: u32 = 0x100;
const CLFS_FLAG_HIDDEN_SYSTEM_LOG: u32 = 0x200;

/// Files are reached by their names, so from the top of the stack of file systems: never below one of its filters.
const BELOW_A_FILTER: u32 = CLFS_FLAG_NON_REENTRANT_FILTER | CLFS_FLAG_MINIFILTER_LEVEL;
/// What `fLogOptionFlag` may say.
const OPTION_FLAGS: u32 = BELOW_A_FILTER
    | CLFS_FLAG_REENTRANT_FILE_SYSTEM
    | CLFS_FLAG_REENTRANT_FILTER
    | CLFS_FLAG_IGNORE_SHARE_ACCESS
    | CLFS_FLAG_HIDDEN_SYSTEM_LOG;

const FILE_SYNCHRONOUS_IO_ALERT: u32 = 0x10;
const FILE_SYNCHRONOUS_IO_NONALERT: u32 = 0x20;

/// Reading, writing, deleting, in this order.
pub type RightNumbers = [bool; 3];

/// What an `ACCESS_MASK` asks for. Rights that have no meaning for a log are passed over.
pub const fn parse_access(mask: u32) -> RightNumbers {
    let all = mask & (GENERIC_ALL | MAXIMUM_ALLOWED) != 0;
    [
        all || mask & (GENERIC_READ | FILE_READ_DATA) != 0,
        all || mask & (GENERIC_WRITE | FILE_WRITE_DATA | FILE_APPEND_DATA) != 0,
        all || mask & DELETE != 0,
    ]
}

/// What a share mode allows.
///
/// # Errors
/// `INVALID_PARAMETER`: a bit that is none.
pub const fn parse_share(mode: u32) -> Result<RightNumbers, Status> {
    if mode & !(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE) != 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    Ok([mode & FILE_SHARE_READ != 0, mode & FILE_SHARE_WRITE != 0, mode & FILE_SHARE_DELETE != 0])
}

/// What `fFlagsAndAttributes` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogAttributes {
    /// `FILE_ATTRIBUTE_READONLY`: the handle is for reading, whatever access it asks for.
    pub is_read_only: bool,
    /// `FILE_ATTRIBUTE_ARCHIVE`: a new log keeps records until they are archived.
    pub is_archived: bool,
    /// `FILE_ATTRIBUTE_DEDICATED`: the name must be that of a dedicated log.
    pub is_dedicated: bool,
}

impl LogAttributes {
    /// From `fFlagsAndAttributes`.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: an attribute that logs do not have.
    pub const fn parse(attributes: u32) -> Result<Self, Status> {
        let attributes = FileAttributes::from_bits_retain(attributes);
        if !ATTRIBUTES.contains(attributes) {
            return Err(Status::INVALID_PARAMETER);
        }
        Ok(Self {
            is_read_only: attributes.contains(FileAttributes::READONLY),
            is_archived: attributes.contains(FileAttributes::ARCHIVE),
            is_dedicated: attributes.contains(FileAttributes::DEDICATED),
        })
    }
}

/// Whether `fLogOptionFlag` has `CLFS_FLAG_IGNORE_SHARE_ACCESS`. Those that say how the caller stands to the file
/// system make no difference, where they ask for nothing else.
///
/// # Errors
/// `INVALID_PARAMETER`: a flag that is none of opening. `NOT_SUPPORTED`: one that asks for a target below a filter.
pub const fn parse_option_flag(option_flag: u32) -> Result<bool, Status> {
    if option_flag & !OPTION_FLAGS != 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    if option_flag & BELOW_A_FILTER != 0 {
        return Err(Status::NOT_SUPPORTED);
    }
    Ok(option_flag & CLFS_FLAG_IGNORE_SHARE_ACCESS != 0)
}

/// Checks `fCreateOptions`, which make no difference: all work is synchronous.
///
/// # Errors
/// `INVALID_PARAMETER`: synchronous in both ways, alertable and not.
pub const fn check_create_options(options: u32) -> Result<(), Status> {
    const BOTH: u32 = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
    if options & BOTH == BOTH { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
}
