//! How much a log has written, and how often it has waited for the disk.

/// What was written since the log was opened. Bytes of records include their blocks' headers and padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoStatistics {
    /// Flushes of containers that ended well.
    pub flushes: u64,
    /// Bytes written into containers, without owner pages.
    pub data_bytes: u64,
    /// Flushes of the base log file that ended well.
    pub metadata_flushes: u64,
    /// Bytes written into the base log file.
    pub metadata_bytes: u64,
}

impl IoStatistics {
    pub(super) fn note_data(&mut self, bytes: usize) {
        self.data_bytes = self.data_bytes.saturating_add(wide(bytes));
    }

    pub(super) const fn note_flush(&mut self) {
        self.flushes = self.flushes.saturating_add(1);
    }

    pub(super) fn note_metadata(&mut self, bytes: usize) {
        self.metadata_flushes = self.metadata_flushes.saturating_add(1);
        self.metadata_bytes = self.metadata_bytes.saturating_add(wide(bytes));
    }
}

fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
