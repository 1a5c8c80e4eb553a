//! All that a load consists of. Its memory is taken when it begins and given back when it is forgotten: a callback that
//! comes too late finds its client, and is a violation.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use clfs_client_interface::{Load, Shape};
use wdk_sys::NTSTATUS;

use super::counts::Counts;
use super::random::Random;
use super::rules::State;
use super::statuses;
use crate::session::lock::Lock;

/// Most clients of one load: what a callback's data can name.
const CLIENTS: usize = 0xFFFF;
/// The longest record; a longer one than what an area's block takes would be refused.
const RECORD: usize = 12 * 1024;
/// Most threads that append.
pub(super) const THREADS: u16 = 8;

/// A log.
pub(super) struct Log {
    /// Whether it has several streams.
    pub(super) is_multiplexed: bool,
    /// Its streams' places.
    pub(super) streams: core::ops::Range<usize>,
}

/// A stream. Of a dedicated log the only one, and it is the log.
pub(super) struct Stream {
    /// The log's place.
    pub(super) log: usize,
    /// Its place among the log's streams.
    pub(super) number: usize,
    /// Its clients' places.
    pub(super) clients: core::ops::Range<usize>,
    /// Its log file object, and its marshalling area; NULL while they are not open.
    pub(super) file: AtomicPtr<c_void>,
    pub(super) area: AtomicPtr<c_void>,
    /// 1 + the place of the client whose completion is waited for before anything is appended here.
    pub(super) waits_for: AtomicU32,
    /// How often its base has been moved to its end; above bit 32, how many are doing so.
    pub(super) emptied: AtomicU64,
}

/// A client.
pub(super) struct Client {
    /// Its stream's place.
    pub(super) stream: usize,
    pub(super) state: Lock<State>,
}

// SAFETY: what keeps a lock from being sent is its mutex, which holds its own address once it is used. A client is put into
// its world before that, and a world does not move: it is a block of pool (`Shared`), its clients another one.
unsafe impl Send for Client {}

/// All that a load consists of.
pub(super) struct World {
    pub(super) load: Load,
    pub(super) counts: Counts,
    pub(super) logs: Vec<Log>,
    pub(super) streams: Vec<Stream>,
    pub(super) clients: Vec<Client>,
    /// What is appended, or the beginning of it. Not on the stack of those who append: CLFS needs that.
    pub(super) record: Vec<u8>,
    /// Milliseconds, as the attendant has last looked at the clock.
    pub(super) now: AtomicU64,
    /// It is to end now.
    pub(super) is_stopped: AtomicBool,
    /// Nothing is appended any more; who is asked answers at once.
    pub(super) is_ending: AtomicBool,
    /// Every request is over; the attendant goes.
    pub(super) is_quiet: AtomicBool,
}

fn no_memory<T>(_: T) -> NTSTATUS {
    statuses::INSUFFICIENT_RESOURCES
}

impl World {
    /// The world of a load: nothing is open yet.
    ///
    /// # Errors
    /// `INVALID_PARAMETER`: no logs, or more than there is room for. `INSUFFICIENT_RESOURCES`.
    pub(super) fn new(load: &Load) -> Result<Self, NTSTATUS> {
        let mut world = Self {
            load: *load,
            counts: Counts::new(),
            logs: Vec::new(),
            streams: Vec::new(),
            clients: Vec::new(),
            record: Vec::new(),
            now: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            is_quiet: AtomicBool::new(false),
        };
        world.reserve()?;
        for shape in load.shapes {
            for _ in 0..shape.logs {
                world.add_log(shape);
            }
        }
        Ok(world)
    }

    fn reserve(&mut self) -> Result<(), NTSTATUS> {
        let [mut logs, mut streams, mut clients] = [0_usize; 3];
        for Shape { logs: of_shape, streams: of_log, clients: of_stream } in self.load.shapes {
            let shape_streams = usize::from(of_shape).saturating_mul(usize::from(of_log));
            logs = logs.saturating_add(of_shape.into());
            streams = streams.saturating_add(shape_streams);
            clients = clients.saturating_add(shape_streams.saturating_mul(usize::from(of_stream)));
        }
        if clients == 0 || clients > CLIENTS || self.load.threads == 0 || self.load.threads > THREADS {
            return Err(statuses::INVALID_PARAMETER);
        }
        self.logs.try_reserve_exact(logs).map_err(no_memory)?;
        self.streams.try_reserve_exact(streams).map_err(no_memory)?;
        self.clients.try_reserve_exact(clients).map_err(no_memory)?;
        self.record.try_reserve_exact(RECORD).map_err(no_memory)?;
        self.record.resize(RECORD, b'a');
        Ok(())
    }

    /// There is room for it.
    fn add_log(&mut self, shape: Shape) {
        let log = self.logs.len();
        let first = self.streams.len();
        for number in 0..usize::from(shape.streams) {
            let (stream, first_client) = (self.streams.len(), self.clients.len());
            for _ in 0..shape.clients {
                let nth = u64::try_from(self.clients.len()).unwrap_or_default();
                let state = Lock::new(State::new(Random::new(self.load.seed, nth)));
                self.clients.push(Client { stream, state });
            }
            self.streams.push(Stream {
                log,
                number,
                clients: first_client..self.clients.len(),
                file: AtomicPtr::new(null_mut()),
                area: AtomicPtr::new(null_mut()),
                waits_for: AtomicU32::new(0),
                emptied: AtomicU64::new(0),
            });
        }
        self.logs.push(Log { is_multiplexed: shape.streams > 1, streams: first..self.streams.len() });
    }

    /// The client in this place, and its stream.
    pub(super) fn client(&self, place: usize) -> Option<(&Client, &Stream)> {
        let client = self.clients.get(place)?;
        Some((client, self.streams.get(client.stream)?))
    }

    /// How many clients the log of this stream has.
    pub(super) fn clients_of_log(&self, stream: &Stream) -> u64 {
        let streams = self.logs.get(stream.log).map_or(1, |log| log.streams.len());
        u64::try_from(streams.saturating_mul(stream.clients.len())).unwrap_or(u64::MAX)
    }

    /// Whether it is to end.
    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }
}

impl Stream {
    /// Whether nothing is to be appended here until a completion has come.
    pub(super) fn is_waiting(&self) -> bool {
        self.waits_for.load(Ordering::Acquire) != 0
    }

    /// Waits for the completion of this client.
    pub(super) fn wait_for(&self, client: usize) {
        self.waits_for.store(number_of(client), Ordering::Release);
    }

    /// Whatever was waited for of this client has come, or will not come.
    pub(super) fn go_on_after(&self, client: usize) {
        let _ = self.waits_for.compare_exchange(number_of(client), 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

fn number_of(client: usize) -> u32 {
    u32::try_from(client.saturating_add(1)).unwrap_or(u32::MAX)
}
