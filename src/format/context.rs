//! What the base record keeps of a client (a stream) and of a container.
//!
//! Contexts are decoded by value, with node type and size. The places where old drivers left kernel pointers are kept
//! as numbers, so that a log re-encodes identically; nothing ever follows them, and writers clear them.

use super::attributes::FileAttributes;
use super::bytes::{put, u8_at, u16_at, u32_at, u64_at};
use super::violation::Rule;
use crate::units::{Lsn, StreamId, Time, index};

/// The size of a client context.
pub const CLIENT_BYTES: usize = index(CLIENT_SIZE);
/// The size of a container context.
pub const CONTAINER_BYTES: usize = index(CONTAINER_SIZE);
/// All container sizes are multiples of this: 512 KiB.
pub const CONTAINER_UNIT: u64 = 512 * 1024;
/// Those of a multiplexed log are multiples of this: 1 MiB.
pub const MULTIPLEXED_CONTAINER_UNIT: u64 = 2 * CONTAINER_UNIT;
/// The largest container: an LSN's block offset has 32 bits.
pub const CONTAINER_SIZE_MAX: u64 = 1 << 32;

const CLIENT_NODE: u32 = 0xC1FD_F007;
const CONTAINER_NODE: u32 = 0xC1FD_F008;
const CLIENT_SIZE: u32 = 0x88;
const CONTAINER_SIZE: u32 = 0x30;

/// A stream's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientContext {
    /// The stream; also the slot in the base record.
    pub id: StreamId,
    /// File attributes.
    pub attributes: FileAttributes,
    /// 40,000 for client 0, 0 for virtual clients in every known log.
    pub flush_threshold: u32,
    /// 0 in every known log.
    pub shadow_sectors: u32,
    /// 0 in every known log.
    pub undo_commitment: u64,
    /// 0 in every known log.
    pub created: Time,
    /// 0 in every known log.
    pub accessed: Time,
    /// 0 in every known log.
    pub written: Time,
    /// The last owner page, or `INVALID`.
    pub owner_page: Lsn,
    /// The archive tail; the base LSN when not archiving.
    pub archive_tail: Lsn,
    /// The first LSN in use.
    pub base: Lsn,
    /// The end of the stream: where the next block is written.
    pub last: Lsn,
    /// The latest restart record, or `INVALID`.
    pub restart: Lsn,
    /// The physical LSN of the base; `INVALID` for client 0.
    pub physical_base: Lsn,
    /// 0 in every known log.
    pub unused: [u64; 2],
    /// 0 in every known log.
    pub state: u8,
    /// A field of the running system, kept only to re-encode identically.
    pub security_context: u64,
}

impl ClientContext {
    /// A stream without records, at the null LSN.
    pub const fn new(id: StreamId) -> Self {
        Self {
            id,
            attributes: FileAttributes::empty(),
            // What Windows writes.
            flush_threshold: if id.0 == 0 { 40_000 } else { 0 },
            shadow_sectors: 0,
            undo_commitment: 0,
            created: Time(0),
            accessed: Time(0),
            written: Time(0),
            owner_page: Lsn::INVALID,
            archive_tail: Lsn::NULL,
            base: Lsn::NULL,
            last: Lsn::NULL,
            restart: Lsn::INVALID,
            physical_base: Lsn::INVALID,
            unused: [0; 2],
            state: 0,
            security_context: 0,
        }
    }

    /// Reads a context from its bytes.
    ///
    /// # Errors
    /// The offset in the context and the rule that is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, (usize, Rule)> {
        check_node(bytes, CLIENT_NODE, CLIENT_SIZE)?;
        Self::read(bytes).ok_or((4, Rule::ContextSize))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let lsn = |offset| u64_at(bytes, offset).map(Lsn::from_raw);
        let time = |offset| u64_at(bytes, offset).map(Time);
        Some(Self {
            id: StreamId(u8_at(bytes, 8)?),
            attributes: FileAttributes::from_disk(u16_at(bytes, 10)?),
            flush_threshold: u32_at(bytes, 12)?,
            shadow_sectors: u32_at(bytes, 16)?,
            undo_commitment: u64_at(bytes, 24)?,
            created: time(32)?,
            accessed: time(40)?,
            written: time(48)?,
            owner_page: lsn(56)?,
            archive_tail: lsn(64)?,
            base: lsn(72)?,
            last: lsn(80)?,
            restart: lsn(88)?,
            physical_base: lsn(96)?,
            unused: [u64_at(bytes, 104)?, u64_at(bytes, 112)?],
            state: u8_at(bytes, 120)?,
            security_context: u64_at(bytes, 128)?,
        })
    }

    /// Writes the context over `bytes`, padding included; `None` if there is no room.
    pub(super) fn write(&self, bytes: &mut [u8]) -> Option<()> {
        bytes.get_mut(..CLIENT_BYTES)?.fill(0);
        put(bytes, 0, &CLIENT_NODE.to_le_bytes())?;
        put(bytes, 4, &CLIENT_SIZE.to_le_bytes())?;
        put(bytes, 8, &[self.id.0])?;
        put(bytes, 10, &self.attributes.to_disk())?;
        put(bytes, 12, &self.flush_threshold.to_le_bytes())?;
        put(bytes, 16, &self.shadow_sectors.to_le_bytes())?;
        let [first_unused, second_unused] = self.unused;
        let numbers = [
            self.undo_commitment,
            self.created.0,
            self.accessed.0,
            self.written.0,
            self.owner_page.raw(),
            self.archive_tail.raw(),
            self.base.raw(),
            self.last.raw(),
            self.restart.raw(),
            self.physical_base.raw(),
            first_unused,
            second_unused,
        ];
        for (number, place) in numbers.iter().zip((24..).step_by(8)) {
            put(bytes, place, &number.to_le_bytes())?;
        }
        put(bytes, 120, &[self.state])?;
        put(bytes, 128, &self.security_context.to_le_bytes())
    }
}

/// What a container is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerState {
    /// Being made.
    Initializing,
    /// The state of every container seen, in use or not.
    Inactive,
    /// Holds part of the active log.
    Active,
    /// Goes when the active log has left it.
    ActivePendingDelete,
    /// Waits to be archived.
    PendingArchive,
    /// Waits to be archived, then goes.
    PendingArchiveAndDelete,
}

impl ContainerState {
    /// The number on disk.
    pub const fn number(self) -> u16 {
        match self {
            Self::Initializing => 1,
            Self::Inactive => 2,
            Self::Active => 4,
            Self::ActivePendingDelete => 8,
            Self::PendingArchive => 0x10,
            Self::PendingArchiveAndDelete => 0x20,
        }
    }

    const fn from_number(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Initializing,
            2 => Self::Inactive,
            4 => Self::Active,
            8 => Self::ActivePendingDelete,
            0x10 => Self::PendingArchive,
            0x20 => Self::PendingArchiveAndDelete,
            _ => return None,
        })
    }
}

/// A container's place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerContext {
    /// The file's size.
    pub size: u64,
    /// The physical id; also the slot in the base record.
    pub physical: u32,
    /// The id in LSNs: it grows when the container is recycled.
    pub logical: u32,
    /// A field of the running system; old drivers left a kernel pointer. Kept only to re-encode identically.
    pub stale_pointer: u64,
    /// The lowest USN of the blocks in the container; of all of them while the log's own is 1.
    pub usn: u8,
    /// What it is doing.
    pub state: ContainerState,
    /// The upper half of the state word; seen once as 0x20, unexplained.
    pub state_high: u16,
    /// 0 in every known log.
    pub previous_offset: u32,
    /// 0 in every known log.
    pub next_offset: u32,
}

impl ContainerContext {
    /// A container that is not in use yet.
    pub const fn new(size: u64, physical: u32, logical: u32, usn: u8) -> Self {
        Self {
            size,
            physical,
            logical,
            stale_pointer: 0,
            usn,
            state: ContainerState::Inactive,
            state_high: 0,
            previous_offset: 0,
            next_offset: 0,
        }
    }

    /// Whether a container may have this size.
    pub const fn is_size_valid(size: u64) -> bool {
        size != 0 && size.is_multiple_of(CONTAINER_UNIT) && size <= CONTAINER_SIZE_MAX
    }

    /// Reads a context from its bytes.
    ///
    /// # Errors
    /// The offset in the context and the rule that is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, (usize, Rule)> {
        check_node(bytes, CONTAINER_NODE, CONTAINER_SIZE)?;
        let state = u16_at(bytes, 36).and_then(ContainerState::from_number);
        let state = state.ok_or((36, Rule::ContainerState))?;
        let context = Self::read(bytes, state).ok_or((4, Rule::ContextSize))?;
        if !Self::is_size_valid(context.size) {
            return Err((8, Rule::ContainerSize));
        }
        Ok(context)
    }

    fn read(bytes: &[u8], state: ContainerState) -> Option<Self> {
        Some(Self {
            size: u64_at(bytes, 8)?,
            physical: u32_at(bytes, 16)?,
            logical: u32_at(bytes, 20)?,
            stale_pointer: u64_at(bytes, 24)?,
            usn: u8_at(bytes, 32)?,
            state,
            state_high: u16_at(bytes, 38)?,
            previous_offset: u32_at(bytes, 40)?,
            next_offset: u32_at(bytes, 44)?,
        })
    }

    /// Writes the context over `bytes`, padding included; `None` if there is no room.
    pub(super) fn write(&self, bytes: &mut [u8]) -> Option<()> {
        bytes.get_mut(..CONTAINER_BYTES)?.fill(0);
        put(bytes, 0, &CONTAINER_NODE.to_le_bytes())?;
        put(bytes, 4, &CONTAINER_SIZE.to_le_bytes())?;
        put(bytes, 8, &self.size.to_le_bytes())?;
        put(bytes, 16, &self.physical.to_le_bytes())?;
        put(bytes, 20, &self.logical.to_le_bytes())?;
        put(bytes, 24, &self.stale_pointer.to_le_bytes())?;
        put(bytes, 32, &[self.usn])?;
        put(bytes, 36, &self.state.number().to_le_bytes())?;
        put(bytes, 38, &self.state_high.to_le_bytes())?;
        put(bytes, 40, &self.previous_offset.to_le_bytes())?;
        put(bytes, 44, &self.next_offset.to_le_bytes())
    }
}

fn check_node(bytes: &[u8], node: u32, size: u32) -> Result<(), (usize, Rule)> {
    if u32_at(bytes, 0) != Some(node) {
        return Err((0, Rule::ContextType));
    }
    if u32_at(bytes, 4) != Some(size) {
        return Err((4, Rule::ContextSize));
    }
    Ok(())
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// A stream.
    Client(ClientContext),
    /// A container.
    Container(ContainerContext),
}

impl Context {
    /// The size on disk.
    pub const fn encoded_bytes(&self) -> usize {
        match self {
            Self::Client(_) => CLIENT_BYTES,
            Self::Container(_) => CONTAINER_BYTES,
        }
    }

    pub(super) fn write(&self, bytes: &mut [u8]) -> Option<()> {
        match self {
            Self::Client(client) => client.write(bytes),
            Self::Container(container) => container.write(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_context_comes_back() {
        let mut client = ClientContext::new(StreamId(5));
        client.attributes = FileAttributes::HIDDEN | FileAttributes::from_disk(0x8000);
        client.base = Lsn::from_raw(0x200);
        client.physical_base = Lsn::from_raw(0x600);
        client.unused = [1, 2];
        client.state = 7;
        client.security_context = 0xFFFF_8000_1234_5678;
        let mut bytes = [0xAA; CLIENT_BYTES];
        client.write(&mut bytes).unwrap();
        assert_eq!(ClientContext::parse(&bytes), Ok(client));
        let mut container = ContainerContext::new(CONTAINER_UNIT, 3, 9, 2);
        container.state = ContainerState::Active;
        container.state_high = 0x20;
        container.stale_pointer = 0xFFFF_8000_1234_5678;
        let mut bytes = [0xAA; CONTAINER_BYTES];
        container.write(&mut bytes).unwrap();
        assert_eq!(ContainerContext::parse(&bytes), Ok(container));
    }

    #[test]
    fn a_context_of_the_wrong_type_size_or_state_is_refused() {
        let mut bytes = [0; CONTAINER_BYTES];
        ContainerContext::new(CONTAINER_UNIT, 0, 0, 1).write(&mut bytes).unwrap();
        assert_eq!(ClientContext::parse(&bytes), Err((0, Rule::ContextType)));
        let short = &bytes[..40];
        assert_eq!(ContainerContext::parse(short), Err((4, Rule::ContextSize)));
        for (place, rule) in
            [(0, Rule::ContextType), (4, Rule::ContextSize), (8, Rule::ContainerSize), (36, Rule::ContainerState)]
        {
            let mut spoilt = bytes;
            spoilt[place] = 3;
            assert_eq!(ContainerContext::parse(&spoilt), Err((place, rule)));
        }
    }
}
