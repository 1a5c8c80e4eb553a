//! The statuses of the documented interface, by their documented names and values.

use core::fmt;

/// An `NTSTATUS`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(u32);

macro_rules! statuses {
    ($($name:ident = $value:literal, $meaning:literal;)*) => {
        impl Status {
            $(#[doc = concat!("`STATUS_", stringify!($name), "`: ", $meaning, ".")]
            pub const $name: Self = Self($value);)*

            /// Every status of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The documented name without its prefix `STATUS_`; `None` for a status that is not in the table.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// What the status means, in a few words.
            pub const fn meaning(self) -> &'static str {
                match self.0 {
                    $($value => $meaning,)*
                    _ => "a status that is not in the table",
                }
            }
        }
    };
}

statuses! {
    SUCCESS = 0x0000_0000, "the operation succeeded";
    PENDING = 0x0000_0103, "the operation goes on; its completion callback reports the end";
    NO_MORE_ENTRIES = 0x8000_001A, "there are no more entries";
    BUFFER_OVERFLOW = 0x8000_0005, "the buffer holds only part of the data";
    COULD_NOT_RESIZE_LOG = 0x8019_0009, "the log could not be resized to the requested size";
    LOG_NO_RESTART = 0x401A_000C, "the log has no restart area";
    UNSUCCESSFUL = 0xC000_0001, "the operation could not be done";
    NOT_IMPLEMENTED = 0xC000_0002, "the operation is not implemented";
    INVALID_PARAMETER = 0xC000_000D, "an argument is invalid";
    END_OF_FILE = 0xC000_0011, "the end of the log was reached";
    ACCESS_DENIED = 0xC000_0022, "access is denied";
    BUFFER_TOO_SMALL = 0xC000_0023, "the buffer is too small";
    OBJECT_NAME_INVALID = 0xC000_0033, "the name is invalid";
    OBJECT_NAME_NOT_FOUND = 0xC000_0034, "nothing of that name exists";
    OBJECT_NAME_COLLISION = 0xC000_0035, "something of that name exists already";
    OBJECT_PATH_NOT_FOUND = 0xC000_003A, "the path does not exist";
    SHARING_VIOLATION = 0xC000_0043, "the file is open already";
    DELETE_PENDING = 0xC000_0056, "it is to be deleted, and is only still open";
    DISK_FULL = 0xC000_007F, "the disk is full";
    INSUFFICIENT_RESOURCES = 0xC000_009A, "there is not enough memory";
    NOT_SUPPORTED = 0xC000_00BB, "the request is not supported";
    INVALID_PARAMETER_1 = 0xC000_00EF, "the first argument is invalid";
    INVALID_PARAMETER_2 = 0xC000_00F0, "the second argument is invalid";
    INVALID_PARAMETER_3 = 0xC000_00F1, "the third argument is invalid";
    CANCELLED = 0xC000_0120, "the operation was cancelled";
    IO_DEVICE_ERROR = 0xC000_0185, "the device reported an error";
    LOG_FILE_FULL = 0xC000_0188, "the log file is full (the generic status, not CLFS's)";
    LOG_SECTOR_INVALID = 0xC01A_0001, "invalid sector";
    LOG_SECTOR_PARITY_INVALID = 0xC01A_0002, "bad block parity";
    LOG_SECTOR_REMAPPED = 0xC01A_0003, "remapped sector";
    LOG_BLOCK_INCOMPLETE = 0xC01A_0004, "partial block";
    LOG_INVALID_RANGE = 0xC01A_0005, "access outside active range";
    LOG_BLOCKS_EXHAUSTED = 0xC01A_0006, "marshalling buffers exhausted";
    LOG_READ_CONTEXT_INVALID = 0xC01A_0007, "bad read context";
    LOG_RESTART_INVALID = 0xC01A_0008, "bad restart area";
    LOG_BLOCK_VERSION = 0xC01A_0009, "bad block version";
    LOG_BLOCK_INVALID = 0xC01A_000A, "invalid block";
    LOG_READ_MODE_INVALID = 0xC01A_000B, "invalid read mode";
    LOG_METADATA_CORRUPT = 0xC01A_000D, "corrupt metadata";
    LOG_METADATA_INVALID = 0xC01A_000E, "metadata file cannot be created";
    LOG_METADATA_INCONSISTENT = 0xC01A_000F, "inconsistent metadata";
    LOG_RESERVATION_INVALID = 0xC01A_0010, "wrong alloc/free of reservation";
    LOG_CANT_DELETE = 0xC01A_0011, "cannot delete log or container";
    LOG_CONTAINER_LIMIT_EXCEEDED = 0xC01A_0012, "max containers reached";
    LOG_START_OF_LOG = 0xC01A_0013, "before start of log";
    LOG_POLICY_ALREADY_INSTALLED = 0xC01A_0014, "same type present";
    LOG_POLICY_NOT_INSTALLED = 0xC01A_0015, "not installed";
    LOG_POLICY_INVALID = 0xC01A_0016, "installed set invalid";
    LOG_POLICY_CONFLICT = 0xC01A_0017, "a policy prevented the operation";
    LOG_PINNED_ARCHIVE_TAIL = 0xC01A_0018, "pinned by archive tail";
    LOG_RECORD_NONEXISTENT = 0xC01A_0019, "not a record";
    LOG_RECORDS_RESERVED_INVALID = 0xC01A_001A, "reserved record count/adjustment invalid";
    LOG_SPACE_RESERVED_INVALID = 0xC01A_001B, "reserved space/adjustment invalid";
    LOG_TAIL_INVALID = 0xC01A_001C, "new/existing archive tail or base invalid";
    LOG_FULL = 0xC01A_001D, "space exhausted";
    LOG_MULTIPLEXED = 0xC01A_001E, "no direct writes to the physical log";
    LOG_DEDICATED = 0xC01A_001F, "log is dedicated";
    LOG_ARCHIVE_NOT_IN_PROGRESS = 0xC01A_0020, "needs archive context";
    LOG_ARCHIVE_IN_PROGRESS = 0xC01A_0021, "archival running";
    LOG_EPHEMERAL = 0xC01A_0022, "needs non-ephemeral log";
    LOG_NOT_ENOUGH_CONTAINERS = 0xC01A_0023, "fewer than 2 containers";
    LOG_CLIENT_ALREADY_REGISTERED = 0xC01A_0024, "already registered on the stream";
    LOG_CLIENT_NOT_REGISTERED = 0xC01A_0025, "not registered on the stream";
    LOG_FULL_HANDLER_IN_PROGRESS = 0xC01A_0026, "request already made";
    LOG_CONTAINER_READ_FAILED = 0xC01A_0027, "a container could not be read";
    LOG_CONTAINER_WRITE_FAILED = 0xC01A_0028, "a container could not be written";
    LOG_CONTAINER_OPEN_FAILED = 0xC01A_0029, "a container could not be opened";
    LOG_CONTAINER_STATE_INVALID = 0xC01A_002A, "wrong container state for the action";
    LOG_STATE_INVALID = 0xC01A_002B, "wrong log state";
    LOG_PINNED = 0xC01A_002C, "space cannot be reclaimed, log pinned";
    LOG_METADATA_FLUSH_FAILED = 0xC01A_002D, "the metadata could not be flushed";
    LOG_INCONSISTENT_SECURITY = 0xC01A_002E, "log vs. containers";
    LOG_APPENDED_FLUSH_FAILED = 0xC01A_002F, "appended/reserved but flush failed";
    LOG_PINNED_RESERVATION = 0xC01A_0030, "pinned by reservations";
}

impl Status {
    /// The status with this value; callers may pass any.
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// The 32-bit value.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// `NT_SUCCESS`: success and informational severities.
    pub const fn is_success(self) -> bool {
        self.0 < 0x8000_0000
    }

    /// `NT_ERROR`: error severity. A warning is neither a success nor an error.
    pub const fn is_error(self) -> bool {
        self.0 >= 0xC000_0000
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(formatter, "STATUS_{name}"),
            None => write!(formatter, "{:#010X}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_read_as_documented() {
        assert!(Status::PENDING.is_success() && Status::LOG_NO_RESTART.is_success());
        assert!(!Status::COULD_NOT_RESIZE_LOG.is_success() && !Status::COULD_NOT_RESIZE_LOG.is_error());
        assert!(Status::LOG_FULL.is_error());
        assert_eq!(Status::LOG_FULL.raw(), 0xC01A_001D);
        assert_eq!(Status::LOG_FULL.name(), Some("LOG_FULL"));
        for (at, status) in Status::ALL.iter().enumerate() {
            assert!(!Status::ALL.iter().take(at).any(|earlier| earlier == status), "{status} is there twice");
        }
    }
}
