//! Predicates across the parts of a log, for those who ask whether a log is right, not only whether it can be read.
//!
//! Reading accepts a log whose older copy is torn, as a crash leaves it; checking does not.

use super::base_record::client_slot;
use super::block::{self, BlockHeader, BlockKind};
use super::bytes::u32_at;
use super::context::ClientContext;
use super::control::BlockIndex;
use super::copies::{Copies, CopyState};
use super::metadata::{Metadata, Parsed};
use super::record::Records;
use super::violation::{Place, Rule, Violation};
use crate::units::{Lsn, StreamId};

/// Whether this may be a block's first sector, by either of two fields that are the same in every block.
pub fn is_block_start(first_sector: &[u8]) -> bool {
    first_sector.starts_with(&block::VERSION) || u32_at(first_sector, block::RECORDS_OFFSET) == Some(block::FIRST_PART)
}

/// Reads a base log file and checks every predicate, in both copies.
///
/// # Errors
/// The first violation.
pub fn check_metadata(image: &[u8]) -> Result<Parsed, Violation> {
    let parsed = Metadata::parse(image)?;
    for copies in [&parsed.control, &parsed.general, &parsed.scratch] {
        check_copies(copies)?;
    }
    let metadata = &parsed.metadata;
    let block = match parsed.general.primary {
        CopyState::Current => BlockIndex::General,
        _ => BlockIndex::GeneralShadow,
    };
    let general = u64::from(metadata.control.block(block).offset);
    for client in metadata.base.clients() {
        let offset = general.saturating_add(client_slot(client.id));
        if !metadata.base.is_multiplexed() && client.id != StreamId::PHYSICAL {
            return Err(Rule::DedicatedClients.in_base(offset));
        }
        if !is_ordered(client) {
            return Err(Rule::LsnOrder.in_base(offset));
        }
        let mut containers = metadata.base.containers();
        let base = client.base.container();
        if client.base < client.last && !containers.any(|container| container.logical == base) {
            return Err(Rule::LsnContainer.in_base(offset));
        }
    }
    Ok(parsed)
}

fn check_copies(copies: &Copies) -> Result<(), Violation> {
    match (copies.primary, copies.shadow) {
        (CopyState::Invalid(violation), _) | (_, CopyState::Invalid(violation)) => Err(violation),
        _ => Ok(()),
    }
}

/// Base, restart and last LSN in order, each that is not `INVALID`.
fn is_ordered(client: &ClientContext) -> bool {
    let order = [client.base, client.restart, client.last];
    let mut before = Lsn::NULL;
    order.into_iter().filter(|lsn| lsn.is_valid()).all(|lsn| {
        let is_after = before <= lsn;
        before = lsn;
        is_after
    })
}

/// Unseals a data block and checks its header, its place and all its records.
///
/// `place` and `offset` say where the block was read, `position` what its LSN must be.
///
/// # Errors
/// The first violation; the block is as it was if it could not be unsealed.
pub fn check_data_block(sealed: &mut [u8], place: Place, offset: u64, position: Lsn) -> Result<BlockHeader, Violation> {
    let at = |(part, rule): (usize, Rule)| Violation {
        place,
        offset: offset.saturating_add(u64::try_from(part).unwrap_or(0)),
        rule,
    };
    let header = block::unseal(sealed, BlockKind::Data).map_err(at)?;
    if header.current != position {
        return Err(at((block::CURRENT_OFFSET, Rule::BlockPosition)));
    }
    if header.next.is_valid() && header.next <= header.current {
        return Err(at((block::NEXT_OFFSET, Rule::BlockNext)));
    }
    if header.stream > StreamId::MAX {
        return Err(at((block::STREAM_OFFSET, Rule::BlockStream)));
    }
    for record in Records::new(sealed, &header) {
        record.map_err(at)?;
    }
    Ok(header)
}
