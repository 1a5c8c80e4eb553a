//! The base record: the log's identity, its streams and its containers.
//!
//! The model holds the symbols in the order of the symbol zone, which is their order of creation; hash tables, slots,
//! counts and the zone's size are computed when it is written (`base_image`). A log may have more containers than its
//! general block has room for: `metadata` then plans an extension.

use alloc::vec::Vec;

use super::block::HEADER_BYTES;
use super::context::{ClientContext, ContainerContext, Context};
pub use super::log_state::LogState;
use super::symbol::{Symbol, is_same_name};
use super::violation::Rule;
use crate::units::memory::{take_at, try_push};
use crate::units::{CONTAINERS_MAX, Lsn, Status, StreamId, StreamSet, index};

/// The size of the base record before the symbol zone.
pub const BASE_HEADER_BYTES: usize = 0x1338;
/// Where the record has a slot for each stream.
pub(super) const CLIENT_SLOTS: usize = 0x138;
/// Where a general block has its first slot of a container, and the log's state.
const CONTAINER_SLOTS_IN_BLOCK: u64 = 0x398;
pub(super) const STATE_OFFSET: u64 = 0x13A2;

/// The USN of a log before its first lap has ended.
pub const FIRST_LAP: u8 = 1;

/// A log's identity, streams and containers.
///
/// # Invariants
/// Those of the rules that [`BaseRecord::check`] asks hold after every operation here; a caller who changes ids or
/// sizes through the `_mut` accessors is stopped when the record is written.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(any(feature = "host", test), derive(Clone))]
pub struct BaseRecord {
    /// Which version of the record this is.
    pub dump_count: u64,
    /// The log's GUID.
    pub log_id: [u8; 16],
    /// 0 in every known log, whatever its containers; its meaning is not settled.
    pub next_container: u32,
    /// Above every client's id.
    pub next_client: u8,
    /// 0 in every known log.
    pub free_containers: u32,
    /// 0 in every known log.
    pub free_bytes: u32,
    /// 0 in every known log.
    pub busy_bytes: u32,
    /// 0 in every known log, despite the format's name for it.
    pub sector_bytes: u32,
    /// Ours, 0 where nothing is said: which write left the log closed ([`BaseRecord::is_closed`]).
    pub closed: u16,
    /// The lap: the USN of blocks that are written now.
    pub usn: u8,
    /// The log's state.
    pub state: LogState,
    /// The streams and containers, in the order of the symbol zone.
    pub symbols: Vec<Symbol>,
}

impl BaseRecord {
    /// The record of a log without streams and containers; it can be written once client 0 is added.
    pub const fn new(log_id: [u8; 16], state: LogState) -> Self {
        Self {
            dump_count: 0,
            log_id,
            next_container: 0,
            next_client: 0,
            free_containers: 0,
            free_bytes: 0,
            busy_bytes: 0,
            sector_bytes: 0,
            closed: 0,
            usn: FIRST_LAP,
            state,
            symbols: Vec::new(),
        }
    }

    /// Whether the log was closed by the write that these are of: nothing was written to its containers since.
    ///
    /// The mark names its write, so that it means nothing in a copy that somebody wrote who does not know it.
    pub fn is_closed(&self) -> bool {
        self.closed == closed_by(self.dump_count)
    }

    /// Says whether the next write leaves the log closed.
    pub fn note_closed(&mut self, is_closed: bool) {
        self.closed = if is_closed { closed_by(self.dump_count.saturating_add(1)) } else { 0 };
    }

    /// Whether the log has virtual streams.
    pub const fn is_multiplexed(&self) -> bool {
        self.state.contains(LogState::MULTIPLEXED)
    }

    /// The streams, in order of creation.
    pub fn clients(&self) -> impl Iterator<Item = &ClientContext> + Clone {
        self.symbols.iter().filter_map(as_client)
    }

    /// The streams, to be changed.
    pub fn clients_mut(&mut self) -> impl Iterator<Item = &mut ClientContext> {
        self.symbols.iter_mut().filter_map(as_client_mut)
    }

    /// A stream.
    pub fn client(&self, id: StreamId) -> Option<&ClientContext> {
        self.clients().find(|client| client.id == id)
    }

    /// A stream, to be changed.
    pub fn client_mut(&mut self, id: StreamId) -> Option<&mut ClientContext> {
        self.clients_mut().find(|client| client.id == id)
    }

    /// A stream's name.
    pub fn client_name(&self, id: StreamId) -> Option<&[u16]> {
        let is_it = |symbol: &&Symbol| as_client(symbol).is_some_and(|client| client.id == id);
        self.symbols.iter().find(is_it).map(|symbol| &*symbol.name)
    }

    /// The stream of this name, whatever its case.
    pub fn client_named(&self, name: &[u16]) -> Option<&ClientContext> {
        let is_it = |symbol: &&Symbol| matches!(symbol.context, Context::Client(_)) && is_same_name(&symbol.name, name);
        self.symbols.iter().find(is_it).and_then(as_client)
    }

    /// The containers, in order of creation.
    pub fn containers(&self) -> impl Iterator<Item = &ContainerContext> + Clone {
        self.symbols.iter().filter_map(as_container)
    }

    /// The containers, to be changed.
    pub fn containers_mut(&mut self) -> impl Iterator<Item = &mut ContainerContext> {
        self.symbols.iter_mut().filter_map(as_container_mut)
    }

    /// A container by its physical id.
    pub fn container(&self, physical: u32) -> Option<&ContainerContext> {
        self.containers().find(|container| container.physical == physical)
    }

    /// A container's name.
    pub fn container_name(&self, physical: u32) -> Option<&[u16]> {
        let is_it = |symbol: &&Symbol| as_container(symbol).is_some_and(|container| container.physical == physical);
        self.symbols.iter().find(is_it).map(|symbol| &*symbol.name)
    }

    /// The container of this name, whatever its case.
    pub fn container_named(&self, name: &[u16]) -> Option<&ContainerContext> {
        let is_it =
            |symbol: &&Symbol| matches!(symbol.context, Context::Container(_)) && is_same_name(&symbol.name, name);
        self.symbols.iter().find(is_it).and_then(as_container)
    }

    /// The lowest stream id that is free.
    pub fn free_client_id(&self) -> Option<StreamId> {
        (0..=StreamId::MAX.0).map(StreamId).find(|id| self.client(*id).is_none())
    }

    /// The lowest physical container id that is free.
    pub fn free_container_id(&self) -> Option<u32> {
        let mut used = IdSet::default();
        for container in self.containers() {
            used.insert(container.physical);
        }
        used.lowest_absent()
    }

    /// Adds a stream.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID` for an empty name or one with a NUL, `OBJECT_NAME_COLLISION` for a name in use,
    /// `INVALID_PARAMETER` for an id that is in use or above 96, or `INSUFFICIENT_RESOURCES`; nothing has changed.
    pub fn add_client(&mut self, name: &[u16], context: ClientContext) -> Result<(), Status> {
        check_name(name)?;
        if self.client_named(name).is_some() {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        let id = context.id;
        if id > StreamId::MAX || self.client(id).is_some() {
            return Err(Status::INVALID_PARAMETER);
        }
        let symbol = Symbol::new(name, Context::Client(context))?;
        try_push(&mut self.symbols, symbol)?;
        self.next_client = self.next_client.max(id.0.saturating_add(1));
        Ok(())
    }

    /// Adds a container.
    ///
    /// # Errors
    /// `LOG_CONTAINER_LIMIT_EXCEEDED` for the 1,025th container, `OBJECT_NAME_INVALID` or `OBJECT_NAME_COLLISION` for
    /// its name, `INVALID_PARAMETER` for an id in use or out of range or a size that is not the log's, or
    /// `INSUFFICIENT_RESOURCES`; nothing has changed.
    pub fn add_container(&mut self, name: &[u16], context: ContainerContext) -> Result<(), Status> {
        check_name(name)?;
        if self.free_container_id().is_none() {
            return Err(Status::LOG_CONTAINER_LIMIT_EXCEEDED);
        }
        if self.container_named(name).is_some() {
            return Err(Status::OBJECT_NAME_COLLISION);
        }
        let is_taken = |other: &ContainerContext| {
            other.physical == context.physical || other.logical == context.logical || other.size != context.size
        };
        if context.physical >= CONTAINERS_MAX.0
            || context.logical > Lsn::CONTAINER_MAX
            || !ContainerContext::is_size_valid(context.size)
            || self.containers().any(is_taken)
        {
            return Err(Status::INVALID_PARAMETER);
        }
        let symbol = Symbol::new(name, Context::Container(context))?;
        Ok(try_push(&mut self.symbols, symbol)?)
    }

    /// Removes a stream and returns it with its name; its id may be used again.
    pub fn remove_client(&mut self, id: StreamId) -> Option<Symbol> {
        let is_it = |symbol: &Symbol| as_client(symbol).is_some_and(|client| client.id == id);
        let place = self.symbols.iter().position(is_it)?;
        take_at(&mut self.symbols, place)
    }

    /// Removes a container and returns it with its name; its physical id may be used again.
    pub fn remove_container(&mut self, physical: u32) -> Option<Symbol> {
        let is_it = |symbol: &Symbol| as_container(symbol).is_some_and(|container| container.physical == physical);
        let place = self.symbols.iter().position(is_it)?;
        take_at(&mut self.symbols, place)
    }

    /// Clears the fields of a running system, where old drivers left kernel pointers; writers do this once on open.
    pub fn clear_stale_pointers(&mut self) {
        for symbol in &mut self.symbols {
            match &mut symbol.context {
                Context::Client(client) => client.security_context = 0,
                Context::Container(container) => container.stale_pointer = 0,
            }
        }
    }

    /// Checks what must hold of the model as a whole; asked alike after reading and before writing.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), Rule> {
        self.check_clients()?;
        self.check_containers()
    }

    fn check_clients(&self) -> Result<(), Rule> {
        let mut seen = StreamSet::EMPTY;
        for client in self.clients() {
            if client.id > StreamId::MAX || seen.contains(client.id) {
                return Err(Rule::ClientSlot);
            }
            if client.id.0 >= self.next_client {
                return Err(Rule::NextClient);
            }
            seen.insert(client.id);
        }
        if !seen.contains(StreamId::PHYSICAL) {
            return Err(Rule::ClientZero);
        }
        if self.next_client > StreamId::MAX.0.saturating_add(1) {
            return Err(Rule::NextClient);
        }
        Ok(())
    }

    fn check_containers(&self) -> Result<(), Rule> {
        let Some(first) = self.containers().next() else {
            return Ok(());
        };
        let lowest = self.containers().map(|container| container.logical).min();
        let (mut physical, mut logical) = (IdSet::default(), IdSet::default());
        for container in self.containers() {
            if container.physical >= CONTAINERS_MAX.0 || !physical.insert(container.physical) {
                return Err(Rule::ContainerSlot);
            }
            if container.logical > Lsn::CONTAINER_MAX {
                return Err(Rule::ContainerId);
            }
            let size = container.size;
            if !ContainerContext::is_size_valid(size) || size != first.size {
                return Err(Rule::ContainerSize);
            }
            let behind = container.logical.saturating_sub(lowest.unwrap_or(0));
            let is_new = if behind < CONTAINERS_MAX.0 {
                logical.insert(behind)
            } else {
                // No log of ours has ids so far apart.
                let same = |other: &&ContainerContext| other.logical == container.logical;
                self.containers().filter(same).nth(1).is_none()
            };
            if !is_new {
                return Err(Rule::QueueUnique);
            }
        }
        Ok(())
    }
}

/// Numbers below 1,024: physical ids of containers.
#[derive(Default)]
pub struct IdSet([u64; 16]);

const _: () = assert!(16 * 64 == CONTAINERS_MAX.0);

impl IdSet {
    /// Puts a number in; whether it was not there yet.
    pub fn insert(&mut self, number: u32) -> bool {
        let bit = 1_u64.checked_shl(number & 63).unwrap_or(0);
        let Some(word) = self.0.get_mut(index(number >> 6)) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// The lowest number that is not there.
    fn lowest_absent(&self) -> Option<u32> {
        let words = (0..).step_by(64).zip(self.0);
        let mut with_room = words.filter(|(_, word)| *word != u64::MAX);
        let (first, word) = with_room.next()?;
        word.trailing_ones().checked_add(first)
    }
}

/// Where a stream's slot is in a general block.
pub fn client_slot(id: StreamId) -> u64 {
    const BEFORE: usize = HEADER_BYTES.saturating_add(CLIENT_SLOTS);
    u64::from(id.0).saturating_mul(4).saturating_add(u64::try_from(BEFORE).unwrap_or(u64::MAX))
}

/// Where a container's slot is in a general block.
pub(super) fn container_slot(physical: u32) -> u64 {
    u64::from(physical).saturating_mul(4).saturating_add(CONTAINER_SLOTS_IN_BLOCK)
}

/// Its low 15 bits, and a bit that makes it a mark.
fn closed_by(dump_count: u64) -> u16 {
    const MARK: u16 = 0x8000;
    u16::try_from(dump_count & 0x7FFF).unwrap_or(0) | MARK
}

fn check_name(name: &[u16]) -> Result<(), Status> {
    if name.is_empty() || name.contains(&0) {
        return Err(Status::OBJECT_NAME_INVALID);
    }
    Ok(())
}

const fn as_client(symbol: &Symbol) -> Option<&ClientContext> {
    match &symbol.context {
        Context::Client(client) => Some(client),
        Context::Container(_) => None,
    }
}

const fn as_client_mut(symbol: &mut Symbol) -> Option<&mut ClientContext> {
    match &mut symbol.context {
        Context::Client(client) => Some(client),
        Context::Container(_) => None,
    }
}

const fn as_container(symbol: &Symbol) -> Option<&ContainerContext> {
    match &symbol.context {
        Context::Container(container) => Some(container),
        Context::Client(_) => None,
    }
}

const fn as_container_mut(symbol: &mut Symbol) -> Option<&mut ContainerContext> {
    match &mut symbol.context {
        Context::Container(container) => Some(container),
        Context::Client(_) => None,
    }
}
