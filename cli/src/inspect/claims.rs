//! What the metadata say of records: that they are there, and what they are.

use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::format::record::{RecordHeader, RecordKind};
use clfsmgmt::units::{Lsn, StreamId};

/// A record that the metadata name.
pub(super) struct Claim {
    pub(super) stream: StreamId,
    lsn: Lsn,
    /// Where it must lie.
    position: Option<Lsn>,
    kind: RecordKind,
    /// What must hold.
    pub(super) what: &'static str,
    pub(super) holds: bool,
}

/// The records that the streams' contexts name: restart areas, and bases by their physical place.
pub(super) fn of(base: &BaseRecord) -> Vec<Claim> {
    let mut claims = Vec::new();
    for client in base.clients() {
        let claim = |lsn, position, kind, what| Claim { stream: client.id, lsn, position, kind, what, holds: false };
        if client.restart != Lsn::INVALID {
            let what = "the restart LSN is a restart record's";
            claims.push(claim(client.restart, None, RecordKind::RESTART, what));
        }
        if client.physical_base != Lsn::INVALID && client.id != StreamId::PHYSICAL {
            let what = "the physical base is where the base LSN's record lies";
            let position = Some(client.physical_base);
            claims.push(claim(client.base, position, RecordKind::all(), what));
        }
    }
    claims
}

/// Marks the claims that the record in the block at `at` meets.
pub(super) fn settle(claims: &mut [Claim], stream: StreamId, at: Lsn, record: &RecordHeader) {
    let lsn = record.lsn;
    let position = at.with_record(lsn.record());
    for claim in claims.iter_mut().filter(|claim| claim.stream == stream && claim.lsn == lsn) {
        let is_placed = claim.position.is_none_or(|claimed| claimed == position);
        claim.holds = is_placed && record.kind.intersects(claim.kind);
    }
}
