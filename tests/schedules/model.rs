//! A log in memory: containers, tails, and a version.

use real::vec::Vec;

use clfsmgmt::engine::LogView;
use clfsmgmt::manager::ports::ManagedLog;
use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};
use shuttle::sync::{Arc, Mutex};

/// What a log in memory holds.
struct Space {
    version: u64,
    total: u32,
    last: u32,
    /// The container of each stream's tail.
    tails: Vec<u32>,
}

/// A log in memory; clones are the same.
#[derive(Clone)]
pub(crate) struct Model(Arc<Mutex<Space>>);

impl Space {
    fn active(&self) -> u32 {
        self.last + 1 - self.tails.iter().min().unwrap_or(&self.last)
    }

    fn free(&self) -> u32 {
        self.total - self.active()
    }
}

impl Model {
    /// A full log of `total` containers, held by so many streams.
    pub(crate) fn full(total: u32, streams: u8) -> Self {
        let tails = real::vec![0; usize::from(streams)];
        Self(Arc::new(Mutex::new(Space { version: 1, total, last: total - 1, tails })))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Space) -> R) -> R {
        let mut space = self.0.lock().unwrap();
        space.version += 1;
        change(&mut space)
    }

    pub(crate) fn total(&self) -> u32 {
        self.0.lock().unwrap().total
    }

    /// Moves a stream's tail to the container that is being written, and tells nobody.
    pub(crate) fn move_tail(&self, stream: u8) {
        self.change(|space| space.tails[usize::from(stream)] = space.last);
    }

    /// Fills the container that is being written; `false` when there is no other.
    pub(crate) fn write(&self) -> bool {
        self.change(|space| {
            let has_room = space.free() > 0;
            space.last += u32::from(has_room);
            has_room
        })
    }
}

impl ManagedLog for Model {
    fn observe(&self, view: &mut LogView) {
        let space = self.0.lock().unwrap();
        *view = LogView::unknown();
        view.version = space.version;
        view.containers = ContainerCount(space.total);
        view.free_containers = ContainerCount(space.free());
        view.spare_containers = ContainerCount(space.free());
        view.container_size = Bytes(1 << 20);
        view.first_container = space.last + 1 - space.active();
        view.last_container = space.last;
        for (stream, tail) in (0..).zip(&space.tails) {
            view.set_tail(StreamId(stream), Some(Lsn::container_start(*tail)));
        }
    }

    fn add_container(&self, _: &[u16], _: Option<Bytes>) -> Result<(), Status> {
        self.change(|space| space.total += 1);
        Ok(())
    }

    fn remove_container(&self) -> Result<(), Status> {
        self.change(|space| {
            if space.free() == 0 {
                return Err(Status::LOG_CANT_DELETE);
            }
            space.total -= 1;
            Ok(())
        })
    }

    fn with_log_name<R>(&self, use_name: impl FnOnce(&[u16]) -> R) -> R {
        use_name(&[u16::from(b'x')])
    }
}
