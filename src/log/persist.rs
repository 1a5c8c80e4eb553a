//! The one place that writes metadata.
//!
//! The model is brought up to date first. What the metadata say of the records is never ahead of what is durable: the
//! end of the log is the flushed one.

use super::base_file::WriteFailure;
use super::physical_log::Log;
use super::ring::Container;
use super::storage::Storage;
use super::stream::Stream;
use crate::format::context::{ClientContext, ContainerContext, ContainerState};
use crate::units::{CONTAINERS_MAX, Lsn, Status, StreamId, index};

const PLACES: usize = index(CONTAINERS_MAX.0);

impl<S: Storage> Log<S> {
    /// Writes the metadata and makes them durable. A failure stops the log.
    pub(super) fn persist(&mut self) -> Result<(), Status> {
        self.persist_as(false)
    }

    /// As [`Log::persist`]; the metadata say that nothing is written any more until the log was opened again.
    pub(super) fn persist_closed(&mut self) -> Result<(), Status> {
        self.persist_as(true)
    }

    fn persist_as(&mut self, is_closed: bool) -> Result<(), Status> {
        self.update_model();
        self.base.record_mut().note_closed(is_closed);
        let written = self.base.write(&mut self.io);
        written.map_err(|_| self.condition.stop(Status::LOG_METADATA_FLUSH_FAILED))
    }

    /// As [`Log::persist`], for metadata that have grown. If there is no room for them, `undo` takes back in memory
    /// what they have grown by, the disk gets what it had, and the log goes on.
    pub(super) fn persist_or(&mut self, undo: impl FnOnce(&mut Self)) -> Result<(), Status> {
        self.update_model();
        match self.base.write(&mut self.io) {
            Ok(()) => Ok(()),
            Err(WriteFailure::Unknown) => Err(self.condition.stop(Status::LOG_METADATA_FLUSH_FAILED)),
            Err(WriteFailure::Refused(status)) => {
                undo(self);
                self.persist()?;
                Err(status)
            }
        }
    }

    fn update_model(&mut self) {
        let flushed = self.head.flushed();
        let is_multiplexed = self.is_multiplexed();
        let lowest = self.streams.iter().filter_map(Stream::tail).min();
        let record = self.base.record_mut();
        record.note_closed(false);
        record.usn = self.ring.lap();
        for stream in self.streams.iter() {
            if let Some(context) = record.client_mut(stream.id) {
                if is_multiplexed && stream.id == StreamId::PHYSICAL {
                    context.base = lowest.map_or(flushed, |tail| Lsn::container_start(tail.container())).min(flushed);
                    context.archive_tail = stream.archive_tail.map_or(context.base, |tail| tail.min(flushed));
                    context.last = flushed;
                } else {
                    write_stream(stream, flushed, is_multiplexed, context);
                }
            }
        }
        // Where in the ring each container is, so that each is looked at once.
        let mut places = [0_u16; PLACES];
        for (container, nth) in self.ring.iter().zip(0_u16..) {
            if let Some(place) = places.get_mut(index(container.physical)) {
                *place = nth;
            }
        }
        let first = self.ring.first();
        for context in record.containers_mut() {
            let place = places.get(index(context.physical)).copied().unwrap_or(0);
            let container = self.ring.get(first.saturating_add(u32::from(place)));
            if let Some(container) = container.filter(|found| found.physical == context.physical) {
                write_container(container, context);
            }
        }
    }
}

fn write_stream(stream: &Stream, flushed: Lsn, is_multiplexed: bool, context: &mut ClientContext) {
    // A stream all of whose records are unflushed must come back empty, and not behind the recovered end.
    context.base = stream.base.min(flushed);
    context.last = match (is_multiplexed, stream.has_records) {
        (false, _) => flushed,
        (true, true) => context.base.max(stream.written_end.min(flushed)),
        (true, false) => context.base,
    };
    context.restart = stream.restart;
    context.archive_tail = stream.archive_tail.map_or(context.base, |tail| tail.min(flushed));
    // A place behind the durable end may hold something else after a crash.
    let is_durable = context.base == stream.base && stream.base_position < flushed;
    context.physical_base = if is_durable { stream.base_position } else { Lsn::INVALID };
}

fn write_container<F>(container: &Container<F>, context: &mut ContainerContext) {
    context.logical = container.logical;
    context.usn = container.usn;
    // Windows writes `Inactive` even for the container in use, and so does this.
    context.state =
        if container.is_pending_delete { ContainerState::ActivePendingDelete } else { ContainerState::Inactive };
}
