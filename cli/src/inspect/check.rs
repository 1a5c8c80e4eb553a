//! `--check`: every predicate of the format, group after group, over the whole log.
//!
//! A group that holds is one line with what was counted. The first predicate that does not hold ends the check, with
//! its file and its offset there; only the file of a free container, which no record needs, is named behind the others.
//! What a log no longer uses is not looked at: containers before its tail, and what is behind its end, but for blocks
//! that say that something before them is missing.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use clfsmgmt::format::attributes::FileAttributes;
use clfsmgmt::format::base_record::BaseRecord;
use clfsmgmt::format::check::check_metadata;
use clfsmgmt::format::context::ClientContext;
use clfsmgmt::format::control::BlockIndex;
use clfsmgmt::format::copies::{Copies, CopyState};
use clfsmgmt::format::metadata::Parsed;
use clfsmgmt::format::violation::Rule;
use clfsmgmt::log::storage::{Access, Storage};
use clfsmgmt::units::{Lsn, StreamId};

use super::blocks::{Container, Walk};
use super::claims::{self, Claim};
use super::files::LookedAt;
use super::source::Source;
use super::{FINE, UNSOUND};
use crate::quantity::{bytes, counted};

/// Where `rgClients` and `rgContainers` are in a general block.
const CLIENT_SLOTS: u64 = 0x1A8;
const CONTAINER_SLOTS: u64 = 0x398;
/// Containers of a multiplexed log are multiples of this.
const MULTIPLEXED_UNIT: u64 = 1024 * 1024;

/// Checks a log and prints what was found; returns the exit code.
///
/// # Errors
/// It is no base log file; `out` cannot be written.
pub(super) fn run(source: &Source, out: &mut impl Write) -> Result<u8> {
    source.check_kind()?;
    if source.has_writer() == Some(true) {
        writeln!(out, "a writer has it open: what it writes meanwhile may not hold")?;
    }
    let parsed = match check_metadata(source.image()) {
        Ok(parsed) => parsed,
        Err(violation) => {
            writeln!(out, "{} (does not hold)", source.describe(&violation))?;
            return Ok(UNSOUND);
        }
    };
    let checked = Checked { source, parsed: &parsed, base: &parsed.metadata.base };
    match checked.groups(out) {
        Ok(()) => Ok(FINE),
        Err(Stop::Fault(fault)) => {
            writeln!(out, "{fault} (does not hold)")?;
            Ok(UNSOUND)
        }
        Err(Stop::Output(error)) => Err(error.into()),
    }
}

/// Why the check ends early.
enum Stop {
    /// A predicate does not hold: its place and what it says.
    Fault(String),
    /// The report cannot be written.
    Output(std::io::Error),
}

impl From<String> for Stop {
    fn from(fault: String) -> Self {
        Self::Fault(fault)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

/// A log whose metadata are right.
struct Checked<'a> {
    source: &'a Source,
    parsed: &'a Parsed,
    base: &'a BaseRecord,
}

impl Checked<'_> {
    fn groups(&self, out: &mut impl Write) -> Result<(), Stop> {
        self.report_metadata(out)?;
        let containers = self.containers()?;
        let size = containers.values().next().map_or(0, |first| first.size);
        let number = counted(containers.len() as u64, "container");
        let missing = containers.values().find_map(|container| container.file.as_ref().err());
        let files = if missing.is_none() { "their files and their order" } else { "their order" };
        writeln!(out, "{number} of {}, {files} … ok", bytes(size))?;
        let mut claims = claims::of(self.base);
        let end = self.walk(&containers, &mut claims, out)?;
        if let Some(claim) = claims.iter().find(|claim| !claim.holds) {
            return Err(self.in_client(claim.stream, claim.what).into());
        }
        let streams = counted(self.base.clients().count() as u64, "stream");
        let named = counted(claims.len() as u64, "record");
        writeln!(out, "{streams}, LSNs in order, {named} where the metadata say … ok")?;
        writeln!(out, "the log opens and ends at {end} … ok")?;
        missing.map_or(Ok(()), |fault| Err(Stop::Fault(fault.clone())))
    }

    /// Walks the blocks up to the durable end, opens the log, and walks on to the end that it finds.
    fn walk(
        &self,
        containers: &BTreeMap<u32, Container>,
        claims: &mut [Claim],
        out: &mut impl Write,
    ) -> Result<Lsn, Stop> {
        let client = self.base.client(StreamId::PHYSICAL);
        let durable_end = client.map_or(Lsn::NULL, |client| client.last);
        let first = self.first_wanted(durable_end);
        let last = containers.last_key_value();
        let next = last.map_or(0, |(last, _)| last.saturating_add(1));
        if !containers.contains_key(&durable_end.container()) && durable_end != Lsn::container_start(next) {
            let text = "the end of the log is in a container";
            return Err(self.in_client(StreamId::PHYSICAL, text).into());
        }
        let is_multiplexed = self.base.is_multiplexed();
        let mut walk = Walk::new(containers, is_multiplexed, self.base.usn, (first, durable_end))?;
        let mut see = |stream, at, record: &_| claims::settle(claims, stream, at, record);
        walk.advance(durable_end, &mut see)?;
        let log = self.source.open_log()?;
        let end = log.stream_information(StreamId::PHYSICAL);
        let end = end.map_or(durable_end, |stream| stream.last);
        walk.advance(end, &mut see)?;
        walk.look_behind(end)?;
        self.check_ends(end)?;
        let active = containers.range(first..=end.container()).count();
        writeln!(
            out,
            "{} in {}, {} … ok",
            counted(walk.blocks, "block"),
            counted(active as u64, "active container"),
            counted(walk.records, "record")
        )?;
        if is_multiplexed {
            let pages = counted(walk.owner_pages, "owner page");
            writeln!(out, "{pages} as the blocks lie … ok")?;
        }
        Ok(end)
    }

    /// No stream is ahead of the log.
    fn check_ends(&self, end: Lsn) -> Result<(), String> {
        let is_virtual = |client: &&ClientContext| !self.base.is_multiplexed() || client.id != StreamId::PHYSICAL;
        let ahead =
            self.base.clients().filter(is_virtual).find(|client| client.last > end || client.base > client.last);
        ahead.map_or(Ok(()), |client| Err(self.in_client(client.id, Rule::LsnEnd.text())))
    }

    fn report_metadata(&self, out: &mut impl Write) -> Result<(), Stop> {
        let Parsed { control, general, scratch, .. } = self.parsed;
        let written = |copies: &Copies| {
            let states = [copies.primary, copies.shadow];
            states.iter().filter(|state| **state != CopyState::Blank).count() as u64
        };
        let blocks = [control, general, scratch].into_iter().map(written).sum();
        let symbols = self.base.symbols.len() as u64;
        writeln!(out, "{}, {} … ok", counted(blocks, "metadata block"), counted(symbols, "symbol"))?;
        Ok(())
    }

    /// Opens the containers and checks what is said of them.
    fn containers(&self) -> Result<BTreeMap<u32, Container>, String> {
        let mut containers = BTreeMap::new();
        for context in self.base.containers() {
            let raw = self.base.container_name(context.physical).unwrap_or_default();
            let name = String::from_utf16_lossy(raw);
            if self.base.is_multiplexed() && !context.size.is_multiple_of(MULTIPLEXED_UNIT) {
                let text = "a container of a multiplexed log is a multiple of 1 MiB";
                return Err(self.in_general(CONTAINER_SLOTS, context.physical, text));
            }
            let file = self.container_file(&name, raw, context.size);
            let container = Container { name, size: context.size, usn: context.usn, file };
            containers.insert(context.logical, container);
        }
        let ids = containers.keys().zip(containers.keys().skip(1));
        if let Some((_, hole)) = ids.into_iter().find(|(one, next)| **one + 1 != **next) {
            let after = self.base.containers().find(|container| container.logical == *hole);
            let slot = after.map_or(0, |container| container.physical);
            return Err(self.in_general(CONTAINER_SLOTS, slot, "logical ids follow each other"));
        }
        Ok(containers)
    }

    /// A container's file, or what is wrong with it.
    fn container_file(&self, name: &str, raw: &[u16], wanted: u64) -> Result<LookedAt, String> {
        match self.source.container_file(raw).1 {
            None => return Err(format!("container {name} at 0x0: the file is there")),
            Some(size) if size < wanted => {
                return Err(format!("container {name} at {size:#x}: the file has {}", bytes(wanted)));
            }
            Some(_) => {}
        }
        let file = self.source.storage().open_container(raw, Access::Read);
        file.map_err(|status| {
            let why = self.source.explain_status(status);
            format!("container {name} at 0x0: the file can be read: {why}")
        })
    }

    /// The container of the oldest record that anything wants, or that of the end.
    fn first_wanted(&self, end: Lsn) -> u32 {
        let archived = self.base.clients().filter(|client| client.attributes.contains(FileAttributes::ARCHIVE));
        let is_virtual = |client: &&ClientContext| !self.base.is_multiplexed() || client.id != StreamId::PHYSICAL;
        let tails = self.base.clients().filter(is_virtual).filter(|client| client.base < client.last);
        let lowest = self.base.containers().map(|container| container.logical).min().unwrap_or(0);
        tails
            .map(|client| client.base)
            .chain(archived.map(|client| client.archive_tail))
            .map(Lsn::container)
            .fold(end.container(), u32::min)
            .max(lowest)
    }

    fn in_client(&self, stream: StreamId, text: &str) -> String {
        self.in_general(CLIENT_SLOTS, stream.0.into(), text)
    }

    /// A fault in what a slot of the current general block names.
    fn in_general(&self, slots: u64, slot: u32, text: &str) -> String {
        let (block, name) = match self.parsed.general.primary {
            CopyState::Current => (BlockIndex::General, "general block"),
            _ => (BlockIndex::GeneralShadow, "general shadow"),
        };
        let start = u64::from(self.parsed.metadata.control.block(block).offset);
        let offset = start + slots + 4 * u64::from(slot);
        format!("{}: {name} at {offset:#x}: {text}", self.source.path())
    }
}
