//! Predicates across the parts of a log, for those who ask whether a log is right, not only whether it can be read, and
//! whether it may be written.
//!
//! Reading accepts a log whose older copy is torn, as a crash leaves it; checking does not.

use super::base_record::{LogState, STATE_OFFSET, client_slot, container_slot};
use super::block::{self, BlockHeader, BlockKind};
use super::bytes::u32_at;
use super::context::ClientContext;
use super::context::ContainerState::{Initializing, PendingArchive, PendingArchiveAndDelete};
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
    let general = general_offset(metadata);
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

/// What must hold beyond the format for a log to be written: everything of it is understood.
///
/// # Errors
/// The first rule that is broken; its place is in the copy that counts.
pub fn check_writable(metadata: &Metadata) -> Result<(), Violation> {
    let base = &metadata.base;
    let at = |offset: u64| general_offset(metadata).saturating_add(offset);
    let shut = LogState::PENDING_DELETE | LogState::SHUTDOWN | LogState::SECURE;
    if base.state.intersects(shut) {
        return Err(Rule::LogOpen.in_base(at(STATE_OFFSET)));
    }
    for container in base.containers() {
        let (Initializing | PendingArchive | PendingArchiveAndDelete) = container.state else {
            continue;
        };
        return Err(Rule::ContainerIdle.in_base(at(container_slot(container.physical))));
    }
    Ok(())
}

/// Whether every stream lies before the log's end.
///
/// # Errors
/// The first stream that does not.
pub fn check_streams(metadata: &Metadata, end: Lsn) -> Result<(), Violation> {
    for client in metadata.base.clients() {
        // The physical log of a multiplexed one has no records; what is said of it follows from the others.
        let is_physical = metadata.base.is_multiplexed() && client.id == StreamId::PHYSICAL;
        if !is_physical && (client.base > client.last || client.last > end) {
            let offset = general_offset(metadata).saturating_add(client_slot(client.id));
            return Err(Rule::LsnEnd.in_base(offset));
        }
    }
    Ok(())
}

/// Where the general block is that counts: the dump count says which.
fn general_offset(metadata: &Metadata) -> u64 {
    let is_shadow = metadata.base.dump_count.is_multiple_of(2);
    let block = if is_shadow { BlockIndex::GeneralShadow } else { BlockIndex::General };
    u64::from(metadata.control.block(block).offset)
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
    let is_changed = block::forget_digests_of_changed(sealed);
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
    if is_changed { Err(at((block::BLOCK_DIGEST_OFFSET, Rule::Digest))) } else { Ok(header) }
}
