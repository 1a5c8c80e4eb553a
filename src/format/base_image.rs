//! The base record's bytes: header, slots, hash tables, symbol zone.
//!
//! A reader follows only the slots. Their symbols are sorted by place first and each is read within the room before
//! its neighbour, so that no byte belongs to two of them and reading takes one pass whatever the offsets say. The
//! hash tables are then walked without recursion: every symbol is reached exactly once, from the bucket of its hash.

use alloc::vec::Vec;

use super::base_record::{BASE_HEADER_BYTES, BaseRecord, CLIENT_SLOTS, LogState};
use super::bytes::{array_at, put, u8_at, u16_at, u32_at, u64_at};
use super::context::Context;
use super::symbol::{ABOVE_OFFSET, BELOW_OFFSET, BUCKETS, Links, SYMBOL_HEADER_BYTES, Symbol, Table, bucket};
use super::violation::Rule;
use crate::units::memory::{try_push, try_with_capacity};
use crate::units::order::sort_by_key;
use crate::units::{CONTAINERS_MAX, StreamId, index};

const CLIENT_TABLE: usize = 0x18;
const CONTAINER_TABLE: usize = 0x70;
const SECURITY_TABLE: usize = 0xC8;
const TABLE_BYTES: usize = 88;
const NEXT_CONTAINER: usize = 0x120;
const NEXT_CLIENT: usize = 0x124;
const FREE_CONTAINERS: usize = 0x128;
const ACTIVE_CONTAINERS: usize = 0x12C;
const FREE_BYTES: usize = 0x130;
const BUSY_BYTES: usize = 0x134;
const CONTAINER_SLOTS: usize = 0x328;
const ZONE_BYTES: usize = 0x1328;
const SECTOR_BYTES_FIELD: usize = 0x132C;
const CLOSED: usize = 0x1330;
const STATE: usize = 0x1332;
const USN: usize = 0x1333;
const CLIENT_COUNT: usize = 0x1334;

const _: () = assert!(CLIENT_SLOTS + 4 * StreamId::SLOTS == CONTAINER_SLOTS);
const _: () = assert!(CONTAINER_SLOTS + 4 * index(CONTAINERS_MAX.0) == ZONE_BYTES);

type Broken = (usize, Rule);

/// A used slot: where it is, and where it says that its symbol begins.
#[derive(Clone, Copy)]
struct Slot {
    table: Table,
    number: u32,
    place: usize,
    start: usize,
}

/// A symbol's links, and whether a walk has come by.
struct Node {
    start: usize,
    links: Links,
    is_reached: bool,
}

impl BaseRecord {
    /// Reads the record; `record` ends where the block's signature array begins.
    ///
    /// # Errors
    /// The offset in the record and the rule that is broken.
    pub fn parse(record: &[u8]) -> Result<Self, (usize, Rule)> {
        let mut parsed = read_header(record).ok_or((0, Rule::RecordRoom))?;
        let zone = u32_at(record, ZONE_BYTES).map(index);
        let end = zone.and_then(|zone| zone.checked_add(BASE_HEADER_BYTES));
        let used = end.and_then(|end| record.get(..end));
        let used = used.ok_or((ZONE_BYTES, Rule::ZoneBound))?;
        let security = used.get(SECURITY_TABLE..NEXT_CONTAINER);
        if security.is_none_or(|table| table.iter().any(|byte| *byte != 0)) {
            return Err((SECURITY_TABLE, Rule::SharedSecurity));
        }
        let slots = read_slots(used)?;
        let mut nodes = read_symbols(used, &slots, &mut parsed.symbols)?;
        for (table, place) in [(Table::Clients, CLIENT_TABLE), (Table::Containers, CONTAINER_TABLE)] {
            walk_table(used, place, table, &parsed.symbols, &mut nodes)?;
        }
        if let Some(node) = nodes.iter().find(|node| !node.is_reached) {
            return Err((node.start, Rule::SymbolTree));
        }
        check_counts(used, &parsed)?;
        parsed.check().map_err(|rule| (place_of(rule), rule))?;
        Ok(parsed)
    }

    /// The record's size; `None` if there is no such number.
    pub fn encoded_bytes(&self) -> Option<usize> {
        self.symbols.iter().try_fold(BASE_HEADER_BYTES, |sum, symbol| sum.checked_add(symbol.encoded_bytes()?))
    }

    /// Writes the record over `record`, which is zero and ends where the block's signature array begins.
    ///
    /// # Errors
    /// There is no room, or a rule that [`BaseRecord::parse`] asks is broken; `record` is then worthless.
    pub fn write(&self, record: &mut [u8]) -> Result<(), Rule> {
        self.check()?;
        self.fill_header(record).ok_or(Rule::RecordRoom)?;
        let mut start = BASE_HEADER_BYTES;
        for symbol in &self.symbols {
            let end = symbol.write(record, start).ok_or(Rule::ZoneBound)?;
            let (table, slots, slot) = match &symbol.context {
                Context::Client(client) => (CLIENT_TABLE, CLIENT_SLOTS, u32::from(client.id.0)),
                Context::Container(container) => (CONTAINER_TABLE, CONTAINER_SLOTS, container.physical),
            };
            fill_slot(record, slots, slot, start).ok_or(Rule::RecordRoom)?;
            link(record, table, symbol.hash(), start).ok_or(Rule::SymbolTree)?;
            start = end;
        }
        let zone = start.saturating_sub(BASE_HEADER_BYTES);
        let zone = u32::try_from(zone).map_err(|_| Rule::ZoneBound)?;
        put(record, ZONE_BYTES, &zone.to_le_bytes()).ok_or(Rule::RecordRoom)
    }

    fn fill_header(&self, record: &mut [u8]) -> Option<()> {
        put(record, 0, &self.dump_count.to_le_bytes())?;
        put(record, 8, &self.log_id)?;
        put(record, NEXT_CONTAINER, &self.next_container.to_le_bytes())?;
        put(record, NEXT_CLIENT, &[self.next_client])?;
        put(record, FREE_CONTAINERS, &self.free_containers.to_le_bytes())?;
        let containers = u32::try_from(self.containers().count()).ok()?;
        put(record, ACTIVE_CONTAINERS, &containers.to_le_bytes())?;
        put(record, FREE_BYTES, &self.free_bytes.to_le_bytes())?;
        put(record, BUSY_BYTES, &self.busy_bytes.to_le_bytes())?;
        put(record, SECTOR_BYTES_FIELD, &self.sector_bytes.to_le_bytes())?;
        put(record, CLOSED, &self.closed.to_le_bytes())?;
        put(record, STATE, &[self.state.bits(), self.usn])?;
        let clients = u8::try_from(self.clients().count()).ok()?;
        put(record, CLIENT_COUNT, &[clients])
    }
}

fn read_header(record: &[u8]) -> Option<BaseRecord> {
    record.get(..BASE_HEADER_BYTES)?;
    Some(BaseRecord {
        dump_count: u64_at(record, 0)?,
        log_id: array_at(record, 8)?,
        next_container: u32_at(record, NEXT_CONTAINER)?,
        next_client: u8_at(record, NEXT_CLIENT)?,
        free_containers: u32_at(record, FREE_CONTAINERS)?,
        free_bytes: u32_at(record, FREE_BYTES)?,
        busy_bytes: u32_at(record, BUSY_BYTES)?,
        sector_bytes: u32_at(record, SECTOR_BYTES_FIELD)?,
        closed: u16_at(record, CLOSED)?,
        usn: u8_at(record, USN)?,
        state: LogState::from_bits_retain(u8_at(record, STATE)?),
        symbols: Vec::new(),
    })
}

/// The used slots of both arrays, sorted by where their symbols begin.
fn read_slots(used: &[u8]) -> Result<Vec<Slot>, Broken> {
    let mut slots = Vec::new();
    let arrays = [(Table::Clients, CLIENT_SLOTS, CONTAINER_SLOTS), (Table::Containers, CONTAINER_SLOTS, ZONE_BYTES)];
    for (table, from, to) in arrays {
        for (place, number) in (from..to).step_by(4).zip(0..) {
            let context = u32_at(used, place).map_or(0, index);
            if context == 0 {
                continue;
            }
            let start = context
                .checked_sub(SYMBOL_HEADER_BYTES)
                .filter(|start| *start >= BASE_HEADER_BYTES)
                .filter(|start| start.is_multiple_of(8) && context < used.len())
                .ok_or((place, Rule::SymbolPlace))?;
            let slot = Slot { table, number, place, start };
            try_push(&mut slots, slot).map_err(|error| (place, error.into()))?;
        }
    }
    sort_by_key(&mut slots, |slot| slot.start);
    Ok(slots)
}

/// Reads every slot's symbol, each within the room before its neighbour.
fn read_symbols(used: &[u8], slots: &[Slot], symbols: &mut Vec<Symbol>) -> Result<Vec<Node>, Broken> {
    let out_of_memory = |_| (BASE_HEADER_BYTES, Rule::Memory);
    let mut nodes = try_with_capacity(slots.len()).map_err(out_of_memory)?;
    let ends = slots.iter().skip(1).map(|slot| slot.start);
    for (slot, end) in slots.iter().zip(ends.chain([used.len()])) {
        let room = end.saturating_sub(slot.start);
        if room == 0 {
            return Err((slot.place, Rule::SymbolOverlap));
        }
        let (symbol, links) = Symbol::parse(used, slot.start, room, slot.table)?;
        match &symbol.context {
            Context::Client(client) if u32::from(client.id.0) != slot.number => {
                return Err((slot.place, Rule::ClientSlot));
            }
            Context::Container(container) if container.physical != slot.number => {
                return Err((slot.place, Rule::ContainerSlot));
            }
            _ => {}
        }
        let node = Node { start: slot.start, links, is_reached: false };
        try_push(symbols, symbol).map_err(out_of_memory)?;
        try_push(&mut nodes, node).map_err(out_of_memory)?;
    }
    Ok(nodes)
}

/// Walks one hash table; each node is taken from the list at most once, so the walk ends.
fn walk_table(
    used: &[u8],
    table_place: usize,
    table: Table,
    symbols: &[Symbol],
    nodes: &mut [Node],
) -> Result<(), Broken> {
    let mut open: Vec<(u64, usize)> = Vec::new();
    let places = table_place..table_place.saturating_add(TABLE_BYTES);
    for (place, number) in places.step_by(8).zip(0..BUCKETS) {
        let out_of_memory = |_| (place, Rule::Memory);
        let root = u64_at(used, place).unwrap_or(0);
        try_push(&mut open, (root, place)).map_err(out_of_memory)?;
        while let Some((link, from)) = open.pop() {
            if link == 0 {
                continue;
            }
            let found =
                usize::try_from(link).ok().and_then(|start| nodes.binary_search_by_key(&start, |node| node.start).ok());
            let found = found.ok_or((from, Rule::SymbolPlace))?;
            let reached = nodes.get_mut(found).zip(symbols.get(found));
            let (node, symbol) = reached.ok_or((from, Rule::SymbolPlace))?;
            if core::mem::replace(&mut node.is_reached, true) {
                return Err((from, Rule::SymbolTree));
            }
            if symbol.table() != table {
                return Err((from, Rule::SymbolKind));
            }
            if bucket(symbol.hash()) != number {
                return Err((from, Rule::SymbolBucket));
            }
            let below = (node.links.below, node.start.saturating_add(BELOW_OFFSET));
            let above = (node.links.above, node.start.saturating_add(ABOVE_OFFSET));
            try_push(&mut open, below).map_err(out_of_memory)?;
            try_push(&mut open, above).map_err(out_of_memory)?;
        }
    }
    Ok(())
}

fn check_counts(used: &[u8], parsed: &BaseRecord) -> Result<(), Broken> {
    let clients = u8_at(used, CLIENT_COUNT).map(usize::from);
    if clients != Some(parsed.clients().count()) {
        return Err((CLIENT_COUNT, Rule::ClientCount));
    }
    let containers = u32_at(used, ACTIVE_CONTAINERS).map(index);
    if containers != Some(parsed.containers().count()) {
        return Err((ACTIVE_CONTAINERS, Rule::ContainerCount));
    }
    Ok(())
}

/// Where a rule about the whole model is broken.
const fn place_of(rule: Rule) -> usize {
    match rule {
        Rule::NextClient => NEXT_CLIENT,
        Rule::ClientZero | Rule::ClientSlot => CLIENT_SLOTS,
        _ => CONTAINER_SLOTS,
    }
}

fn fill_slot(record: &mut [u8], slots: usize, slot: u32, start: usize) -> Option<()> {
    let place = index(slot).checked_mul(4)?.checked_add(slots)?;
    let context = u32::try_from(start.checked_add(SYMBOL_HEADER_BYTES)?).ok()?;
    put(record, place, &context.to_le_bytes())
}

/// Hangs the symbol at `start` into its bucket's tree, in the image itself, so that writing needs no memory.
///
/// The smaller hash goes to offset 24, as in every log with a collision; what is not smaller goes to offset 16.
fn link(record: &mut [u8], table: usize, hash: u32, start: usize) -> Option<()> {
    let mut place = index(bucket(hash)).checked_mul(8)?.checked_add(table)?;
    loop {
        let next = usize::try_from(u64_at(record, place)?).ok()?;
        if next == 0 {
            return put(record, place, &u64::try_from(start).ok()?.to_le_bytes());
        }
        let side = if hash < u32_at(record, next.checked_add(8)?)? { ABOVE_OFFSET } else { BELOW_OFFSET };
        place = next.checked_add(side)?;
    }
}
