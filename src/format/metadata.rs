//! The base log file as a whole: three records, each in two copies.
//!
//! Writers alternate: the dump count rises by one; an odd one goes to the primary block, an even one to the shadow. So
//! a torn write leaves the other copy. Both copies are checked alike, and a copy on the wrong side is invalid:
//! otherwise the next write could overwrite the only good one.

use alloc::vec::Vec;

use super::base_record::{BaseRecord, LogState};
use super::block::{self, BlockHeader, BlockKind};
use super::control::{BlockIndex, ControlRecord, Descriptor, FRESH_BLOCKS};
use super::copies::{self, Copies};
use super::truncate::TruncateRecord;
use super::violation::{Rule, Violation};
use crate::units::memory::{try_extend, try_zeroed};
use crate::units::{Lsn, SECTOR_BYTES, Status, StreamId, index};

/// The size of a new base log file.
pub const FRESH_BYTES: usize = 0x1_0000;

/// No base log file is larger, or grows to be: one with 1,024 containers and 96 streams of usual names is far below.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a base log file says.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(any(feature = "host", test), derive(Clone))]
pub struct Metadata {
    /// Where the blocks are.
    pub control: ControlRecord,
    /// Streams and containers.
    pub base: BaseRecord,
    /// Without use so far.
    pub truncate: TruncateRecord,
}

/// A base log file that was read: its contents, and how its copies are.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(any(feature = "host", test), derive(Clone))]
pub struct Parsed {
    /// The current contents.
    pub metadata: Metadata,
    /// The copies of the control block.
    pub control: Copies,
    /// The copies of the general block.
    pub general: Copies,
    /// The copies of the scratch block.
    pub scratch: Copies,
}

/// Bytes to be written to the base log file.
#[derive(Debug, PartialEq, Eq)]
pub struct Write {
    /// The offset in the file.
    pub offset: u64,
    /// What goes there.
    pub bytes: Vec<u8>,
}

impl Metadata {
    /// The metadata of a new log; it can be written once client 0 is added to `base`.
    pub const fn new(log_id: [u8; 16], state: LogState) -> Self {
        let mut base = BaseRecord::new(log_id, state);
        // A new file gets both copies: number 1 in the primary block, number 2 in the shadow.
        base.dump_count = 2;
        Self { control: ControlRecord::new(), base, truncate: TruncateRecord::new() }
    }

    /// Reads a base log file.
    ///
    /// # Errors
    /// The first rule that is broken in a record of which no copy is valid; its primary copy's, if both are not.
    pub fn parse(image: &[u8]) -> Result<Parsed, Violation> {
        let [first, second, ..] = FRESH_BLOCKS;
        let (control, control_copies) = copies::read(image, [first, second], |record| {
            let control = ControlRecord::parse(record, file_bytes(image))?;
            Ok((control.dump_count, control))
        })?;
        let general = [BlockIndex::General, BlockIndex::GeneralShadow];
        let (base, general) = copies::read(image, general.map(|i| control.block(i)), |record| {
            let base = BaseRecord::parse(record)?;
            Ok((base.dump_count, base))
        })?;
        let scratch = [BlockIndex::Scratch, BlockIndex::ScratchShadow];
        let (truncate, scratch) = copies::read(image, scratch.map(|i| control.block(i)), |record| {
            let truncate = TruncateRecord::parse(record)?;
            Ok((truncate.dump_count, truncate))
        })?;
        Ok(Parsed { metadata: Self { control, base, truncate }, control: control_copies, general, scratch })
    }

    /// The 65,536 bytes of a new log, both general copies included; the next write is number 3.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` if there is no memory or no room for the streams and containers, or
    /// `LOG_METADATA_INVALID` if a rule is broken, such as "client 0 exists".
    pub fn fresh_image(&self) -> Result<Vec<u8>, Status> {
        let mut image = try_zeroed(FRESH_BYTES)?;
        let mut buffer = Vec::new();
        for (block, dump_count) in [
            (BlockIndex::Control, 1),
            (BlockIndex::General, 1),
            (BlockIndex::GeneralShadow, 2),
            (BlockIndex::Scratch, 1),
        ] {
            self.encode(block, dump_count, &mut buffer).map_err(not_encoded)?;
            let place = index(self.control.block(block).offset);
            super::bytes::put(&mut image, place, &buffer).ok_or(Status::LOG_METADATA_INVALID)?;
        }
        Ok(image)
    }

    /// Encodes the next copy of the general block into `buffer` and returns where in the file it goes.
    ///
    /// The buffer is emptied first and keeps its room, so that repeated writes allocate nothing. After a write that
    /// failed there must be none until the file was read again: it would go to the copy that is still good.
    ///
    /// # Errors
    /// `INSUFFICIENT_RESOURCES` if there is no memory or no room ([`Metadata::needs_extension`] tells before), or
    /// `LOG_METADATA_INVALID` if a rule is broken; the metadata are as before.
    pub fn next_general(&mut self, buffer: &mut Vec<u8>) -> Result<u64, Status> {
        let dump_count = self.base.dump_count.checked_add(1);
        let dump_count = dump_count.ok_or(Status::LOG_METADATA_INVALID)?;
        let block = if dump_count.is_multiple_of(2) { BlockIndex::GeneralShadow } else { BlockIndex::General };
        self.encode(block, dump_count, buffer).map_err(not_encoded)?;
        self.base.dump_count = dump_count;
        Ok(u64::from(self.control.block(block).offset))
    }

    /// Whether streams and containers have outgrown the general block.
    pub fn needs_extension(&self) -> bool {
        let room = general_room(self.control.block(BlockIndex::General));
        self.base.encoded_bytes().is_none_or(|needed| needed > room)
    }

    fn encode(&self, block: BlockIndex, dump_count: u64, buffer: &mut Vec<u8>) -> Result<(), Rule> {
        let descriptor = self.control.block(block);
        match block {
            BlockIndex::Control | BlockIndex::ControlShadow => {
                encode_with(descriptor, dump_count, buffer, |record| self.control.write(record))
            }
            BlockIndex::General | BlockIndex::GeneralShadow => {
                encode_general(&self.base, descriptor, dump_count, buffer)
            }
            BlockIndex::Scratch | BlockIndex::ScratchShadow => {
                encode_with(descriptor, dump_count, buffer, |record| self.truncate.write(record))
            }
        }
    }
}

/// The room for a record in a block.
fn general_room(descriptor: Descriptor) -> usize {
    descriptor.sectors().map_or(0, block::record_room)
}

fn file_bytes(image: &[u8]) -> u64 {
    u64::try_from(image.len()).unwrap_or(u64::MAX)
}

pub(super) fn encode_general(
    base: &BaseRecord,
    descriptor: Descriptor,
    dump_count: u64,
    buffer: &mut Vec<u8>,
) -> Result<(), Rule> {
    encode_with(descriptor, dump_count, buffer, |record| base.write(record))
}

/// Encodes a metadata block: the record by `write`, then its dump count, header, signatures, checksum.
pub(super) fn encode_with(
    descriptor: Descriptor,
    dump_count: u64,
    buffer: &mut Vec<u8>,
    write: impl FnOnce(&mut [u8]) -> Result<(), Rule>,
) -> Result<(), Rule> {
    let sectors = descriptor.sectors().ok_or(Rule::DescriptorSize)?;
    buffer.clear();
    buffer.try_reserve(index(descriptor.bytes)).map_err(|_| Rule::Memory)?;
    for _ in 0..sectors {
        try_extend(buffer, &[0; SECTOR_BYTES])?;
    }
    let end = index(block::signatures_offset(sectors));
    let record = buffer.get_mut(block::HEADER_BYTES..end);
    let record = record.ok_or(Rule::RecordRoom)?;
    write(record)?;
    super::bytes::put(record, 0, &dump_count.to_le_bytes()).ok_or(Rule::RecordRoom)?;
    let usn = copies::usn_of(dump_count);
    let header = BlockHeader::new(usn, StreamId::PHYSICAL, sectors, Lsn::INVALID, Lsn::INVALID);
    block::write_header(buffer, &header)?;
    block::seal(buffer, BlockKind::Metadata)
}

/// The status of metadata that cannot be encoded.
pub(super) const fn not_encoded(rule: Rule) -> Status {
    match rule {
        Rule::Memory | Rule::ZoneBound | Rule::RecordRoom => Status::INSUFFICIENT_RESOURCES,
        _ => Status::LOG_METADATA_INVALID,
    }
}
