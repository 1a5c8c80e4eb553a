//! One block of a base log file, written again from its parsed model.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::format::block::{self, BlockHeader, BlockKind, HEADER_BYTES};
use clfsmgmt::format::control::{BlockIndex, ControlRecord};
use clfsmgmt::format::metadata::Metadata;
use clfsmgmt::format::truncate::TruncateRecord;
use clfsmgmt::format::violation::Rule;
use clfsmgmt::units::{Lsn, StreamId};

/// The bytes of one block's copy, made anew from the model that they are parsed into; `None` for a blank shadow.
///
/// A copy of the general block is written as a log writes it. The others are put together here: a log writes them only
/// when it is new or extended.
pub fn re_encode(image: &[u8], index: BlockIndex) -> Result<Option<Vec<u8>>, Rule> {
    let mut metadata = Metadata::parse(image).map_err(|violation| violation.rule)?.metadata;
    let descriptor = metadata.control.block(index);
    let start = descriptor.offset as usize;
    let mut block = image[start..start + descriptor.bytes as usize].to_vec();
    if index.is_shadow() && block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let header = block::unseal(&mut block, BlockKind::Metadata).map_err(|(_, rule)| rule)?;
    let record = HEADER_BYTES..block::signatures_offset(header.total_sectors) as usize;
    let parsed = &block[record.clone()];
    let mut made = vec![0; block.len()];
    let dump_count = match index {
        BlockIndex::General | BlockIndex::GeneralShadow => {
            metadata.base = BaseRecord::parse(parsed).map_err(|(_, rule)| rule)?;
            let before = metadata.base.dump_count.checked_sub(1).ok_or(Rule::CopyParity)?;
            if before.is_multiple_of(2) == index.is_shadow() {
                return Err(Rule::CopyParity);
            }
            metadata.base.dump_count = before;
            let place = metadata.next_general(&mut made).map_err(|_| Rule::RecordRoom)?;
            assert_eq!(place, u64::from(descriptor.offset));
            return Ok(Some(made));
        }
        BlockIndex::Control | BlockIndex::ControlShadow => {
            let control = ControlRecord::parse(parsed, image.len() as u64).map_err(|(_, rule)| rule)?;
            control.write(&mut made[record])?;
            control.dump_count
        }
        BlockIndex::Scratch | BlockIndex::ScratchShadow => {
            let truncate = TruncateRecord::parse(parsed).map_err(|(_, rule)| rule)?;
            truncate.write(&mut made[record])?;
            truncate.dump_count
        }
    };
    let [usn, ..] = dump_count.div_ceil(2).to_le_bytes();
    let header = BlockHeader::new(usn, StreamId::PHYSICAL, header.total_sectors, Lsn::INVALID, Lsn::INVALID);
    block::write_header(&mut made, &header)?;
    block::seal(&mut made, BlockKind::Metadata)?;
    Ok(Some(made))
}
