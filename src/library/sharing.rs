//! Who may open a stream beside whom: access and sharing between the handles of one stream, as files have it.

use crate::units::StreamId;

/// Reading, writing, deleting: what a handle may do, or lets others do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Reading records.
    pub read: bool,
    /// Appending, and whatever else changes the log.
    pub write: bool,
    /// Marking the stream for deletion.
    pub delete: bool,
}

impl Rights {
    /// All three.
    pub const ALL: Self = Self { read: true, write: true, delete: true };

    const fn is_none(self) -> bool {
        !(self.read || self.write || self.delete)
    }

    /// Whether everything in `wanted` is in here.
    const fn covers(self, wanted: Self) -> bool {
        (self.read || !wanted.read) && (self.write || !wanted.write) && (self.delete || !wanted.delete)
    }
}

/// What a handle does with its stream, and what it lets others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) stream: StreamId,
    pub(super) access: Rights,
    pub(super) share: Rights,
    /// `CLFS_FLAG_IGNORE_SHARE_ACCESS`: neither bound by others nor binding them.
    pub(super) ignores_sharing: bool,
}

impl Claim {
    /// Whether both may be open at once. A handle without any right, which only looks at attributes, conflicts
    /// with none.
    pub(super) fn allows(self, other: Self) -> bool {
        self.stream != other.stream
            || self.ignores_sharing
            || other.ignores_sharing
            || self.access.is_none()
            || other.access.is_none()
            || (self.share.covers(other.access) && other.share.covers(self.access))
    }
}
