//! What a block and a record are to the log now.

use std::collections::BTreeMap;

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::units::{Lsn, StreamId};

use super::super::record::RecordState;
use super::scan::Whole;

/// Judges by the metadata and the end that the blocks show; without metadata nothing is known.
pub(super) struct Judge {
    is_multiplexed: bool,
    bases: BTreeMap<StreamId, Lsn>,
    end: Option<Lsn>,
}

/// Where a block is, as far as this alone decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockPlace {
    /// In the part of the log that is in use: the stream's base decides.
    InUse,
    /// Whatever its records are.
    Decided(RecordState),
}

impl Judge {
    pub(super) fn new(base: &BaseRecord, end: Lsn) -> Self {
        let bases = base.clients().map(|client| (client.id, client.base)).collect();
        Self { is_multiplexed: base.is_multiplexed(), bases, end: Some(end) }
    }

    pub(super) fn without_metadata() -> Self {
        Self { is_multiplexed: false, bases: BTreeMap::new(), end: None }
    }

    pub(super) fn place(&self, block: &Whole<'_>) -> BlockPlace {
        let own = block.header.current;
        if u64::from(own.block_offset()) != block.offset {
            return BlockPlace::Decided(RecordState::Misplaced);
        }
        let Some(end) = self.end else { return BlockPlace::Decided(RecordState::Unknown) };
        match own.container().cmp(&block.container.logical) {
            std::cmp::Ordering::Less => BlockPlace::Decided(RecordState::EarlierLap),
            std::cmp::Ordering::Greater => BlockPlace::Decided(RecordState::LaterLap),
            std::cmp::Ordering::Equal if own >= end => BlockPlace::Decided(RecordState::BehindEnd),
            std::cmp::Ordering::Equal => BlockPlace::InUse,
        }
    }

    /// What a record of a block is.
    pub(super) fn record(&self, place: BlockPlace, stream: StreamId, lsn: Lsn) -> RecordState {
        let has_records = !self.is_multiplexed || stream != StreamId::PHYSICAL;
        match (place, self.bases.get(&stream).filter(|_| has_records)) {
            (BlockPlace::Decided(state), _) => state,
            (BlockPlace::InUse, None) => RecordState::NoStream,
            (BlockPlace::InUse, Some(base)) if lsn < *base => RecordState::BelowBase,
            (BlockPlace::InUse, Some(_)) => RecordState::Live,
        }
    }
}
