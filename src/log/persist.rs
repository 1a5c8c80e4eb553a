//! The one place that writes metadata.
//!
//! The model is brought up to date and one copy of the general block is written and flushed; the other copy stays as
//! it was, so that a torn write loses nothing. What the metadata say of the records is never ahead of what is durable:
//! the end of the log is the flushed one.

use super::Log;
use super::storage::{Storage, StorageFile};
use super::stream::Stream;
use crate::format::context::{ClientContext, ContainerContext, ContainerState};
use crate::units::{CONTAINERS_MAX, Lsn, Status, StreamId, index};

const PLACES: usize = index(CONTAINERS_MAX.0);

impl<S: Storage> Log<S> {
    /// Writes the metadata and makes them durable.
    ///
    /// A failure stops the log: which copy the disk holds is not known.
    pub(super) fn persist(&mut self) -> Result<(), Status> {
        self.update_model();
        self.write_general().map_err(|_| self.stop(Status::LOG_METADATA_FLUSH_FAILED))
    }

    fn write_general(&mut self) -> Result<(), Status> {
        if self.metadata.needs_extension() {
            return self.extend();
        }
        let offset = self.metadata.next_general(&mut self.metadata_buffer)?;
        self.base_file.write_at(offset, &self.metadata_buffer)?;
        self.base_file.flush()?;
        self.io.note_metadata(self.metadata_buffer.len());
        Ok(())
    }

    /// Writes larger general blocks; until the control copy that names them is durable, the old ones count.
    fn extend(&mut self) -> Result<(), Status> {
        let extension = self.metadata.plan_extension()?;
        for write in &extension.writes {
            self.base_file.write_at(write.offset, &write.bytes)?;
            self.base_file.flush()?;
            self.io.note_metadata(write.bytes.len());
        }
        self.metadata.finish_extension(extension);
        Ok(())
    }

    fn update_model(&mut self) {
        let flushed = self.flushed;
        let is_multiplexed = self.layout.is_multiplexed;
        let lowest = self.open_streams().filter_map(Stream::tail).min();
        for stream in self.streams.iter().flatten() {
            if let Some(context) = self.metadata.base.client_mut(stream.id) {
                if is_multiplexed && stream.id == StreamId::PHYSICAL {
                    context.base = lowest.map_or(flushed, |tail| Lsn::container_start(tail.container())).min(flushed);
                    context.archive_tail = context.base;
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
        for context in self.metadata.base.containers_mut() {
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

fn write_container<F>(container: &super::ring::Container<F>, context: &mut ContainerContext) {
    context.logical = container.logical;
    context.usn = container.usn;
    // Windows writes `Inactive` even for the container in use, and so does this.
    context.state =
        if container.is_pending_delete { ContainerState::ActivePendingDelete } else { ContainerState::Inactive };
}
