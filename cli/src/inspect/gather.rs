//! Gathers a [`Listing`] from the parsed metadata, the container files and the opened log.

use clfsmgmt::format::context::{ClientContext, ContainerContext, ContainerState};
use clfsmgmt::format::control::{BlockIndex, ControlRecord};
use clfsmgmt::format::copies::{Copies, CopyState};
use clfsmgmt::format::metadata::Parsed;
use clfsmgmt::log::Log;
use clfsmgmt::units::{Lsn, StreamId};

use super::files::FilesBeside;
use super::guid::Guid;
use super::listing::{Container, Copy, FORM, Listing, Lost, Metadata, Pair, Space, Stream, Whole};
use super::source::Source;

impl Listing {
    /// Lists what was parsed; `log` is the same log opened, or why it could not be.
    pub(super) fn new(source: &Source, parsed: &Parsed, log: &Result<Log<FilesBeside>, String>) -> Self {
        let metadata = &parsed.metadata;
        let (control, base) = (&metadata.control, &metadata.base);
        let physical = base.client(StreamId::PHYSICAL);
        let durable_end = physical.map_or(Lsn::INVALID, |client| client.last);
        let opened = log.as_ref().ok();
        let end = opened
            .and_then(|log| log.stream_information(StreamId::PHYSICAL).ok())
            .map_or(durable_end, |stream| stream.last);
        let containers = base.containers().map(|context| {
            let name = base.container_name(context.physical).unwrap_or_default();
            container(source, context, name, end)
        });
        let mut containers: Vec<_> = containers.collect();
        containers.sort_by_key(|container| container.logical_id);
        let is_physical = |client: &ClientContext| base.is_multiplexed() && client.id == StreamId::PHYSICAL;
        let streams = base.clients().map(|client| Stream {
            id: client.id.0,
            name: String::from_utf16_lossy(base.client_name(client.id).unwrap_or_default()),
            base: client.base,
            last: client.last,
            restart: client.restart,
            archive_tail: client.archive_tail,
            physical_base: client.physical_base,
            has_records: opened
                .and_then(|log| log.stream_information(client.id).ok())
                .map_or(client.base < client.last, |stream| stream.has_records)
                && !is_physical(client),
        });
        let log_id = Guid::new(base.log_id);
        let whole = Whole {
            log_id: log_id.id,
            log_id_time: log_id.time,
            log_id_node: log_id.node,
            multiplexed: base.is_multiplexed(),
            state: base.state.iter_names().map(|(name, _)| word(name)).collect(),
            dump_count: base.dump_count,
            usn: base.usn,
            control: pair(control, BlockIndex::Control, &parsed.control),
            general: pair(control, BlockIndex::General, &parsed.general),
            scratch: pair(control, BlockIndex::Scratch, &parsed.scratch),
            space: space(&containers, end),
            durable_end,
            end,
        };
        Self {
            metadata: Metadata::Read(Box::new(whole)),
            containers,
            streams: streams.collect(),
            error: source.cut().or_else(|| log.as_ref().err().cloned()),
            ..Self::without_metadata(source, String::new())
        }
    }

    /// What can be said when no copy of the metadata is whole.
    pub(super) fn without_metadata(source: &Source, why: String) -> Self {
        Self {
            version: FORM,
            program: concat!("clfsmgmt ", env!("CARGO_PKG_VERSION")),
            path: source.path(),
            writer_has_it_open: source.has_writer(),
            changed_meanwhile: false,
            files: Vec::new(),
            metadata: Metadata::Lost(Lost::default()),
            containers: Vec::new(),
            streams: Vec::new(),
            data_encoding: None,
            records: None,
            history: None,
            broken_chains: None,
            error: Some(why),
        }
    }
}

/// A bit's name as words.
fn word(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

fn pair(control: &ControlRecord, primary: BlockIndex, copies: &Copies) -> Pair {
    let shadow = match primary {
        BlockIndex::Control => BlockIndex::ControlShadow,
        BlockIndex::General => BlockIndex::GeneralShadow,
        _ => BlockIndex::ScratchShadow,
    };
    let is_primary = copies.primary == CopyState::Current;
    let other = if is_primary { copies.shadow } else { copies.primary };
    let why = match other {
        CopyState::Invalid(_) => "the other copy is invalid",
        CopyState::Blank => "the other copy was never written",
        CopyState::Older | CopyState::Current => "its dump count is higher",
    };
    Pair {
        current: if is_primary { "primary" } else { "shadow" },
        why: why.to_owned(),
        primary: copy(control, primary, copies.primary, copies.primary_dump),
        shadow: copy(control, shadow, copies.shadow, copies.shadow_dump),
    }
}

fn copy(control: &ControlRecord, block: BlockIndex, state: CopyState, dump_count: Option<u64>) -> Copy {
    let (state, violation) = match state {
        CopyState::Current => ("current", None),
        CopyState::Older => ("older", None),
        CopyState::Blank => ("blank", None),
        CopyState::Invalid(violation) => ("invalid", Some(violation.to_string())),
    };
    Copy { offset: control.block(block).offset, state, dump_count, violation }
}

fn container(source: &Source, context: &ContainerContext, name: &[u16], end: Lsn) -> Container {
    let (file, file_bytes) = source.container_file(name);
    let state = match context.state {
        ContainerState::ActivePendingDelete => "pending delete",
        _ if context.logical <= end.container() => "active",
        _ => "free",
    };
    Container {
        name: String::from_utf16_lossy(name),
        size: context.size,
        physical_id: context.physical,
        logical_id: context.logical,
        usn: context.usn,
        state,
        state_on_disk: match context.state {
            ContainerState::Initializing => "initializing",
            ContainerState::Inactive => "inactive",
            ContainerState::Active => "active",
            ContainerState::ActivePendingDelete => "pending delete",
            ContainerState::PendingArchive => "pending archive",
            ContainerState::PendingArchiveAndDelete => "pending archive and delete",
        },
        file: file.map(|file| file.display().to_string()),
        file_bytes,
        kernel_pointer: (context.stale_pointer != 0).then(|| format!("{:#x}", context.stale_pointer)),
    }
}

fn space(containers: &[Container], end: Lsn) -> Space {
    let used = |container: &Container| {
        if container.logical_id == end.container() {
            u64::from(end.block_offset()).min(container.size)
        } else if container.state == "free" {
            0
        } else {
            container.size
        }
    };
    let total_bytes = containers.iter().map(|container| container.size).sum();
    let used_bytes = containers.iter().map(used).sum();
    let free = containers.iter().filter(|container| container.state == "free");
    let free_containers = free.count();
    Space {
        total_bytes,
        used_bytes,
        free_bytes: total_bytes.saturating_sub(used_bytes),
        containers: containers.len(),
        used_containers: containers.len().saturating_sub(free_containers),
        free_containers,
    }
}
