//! CLFS management, in the open: the part of the Common Log File System that keeps a log from running out of space.
//!
//! It grows a log by policy, asks registered clients to move their tails when it may not grow, completes their requests
//! for space exactly once, and says who pins the log. The log below it is in Microsoft's on-disk format, over ordinary
//! files; in drivers, either that or somebody else's `clfs.sys`.
//!
//! # A log that never runs out of space
//!
#![cfg_attr(feature = "host", doc = "```")]
#![cfg_attr(not(feature = "host"), doc = "```ignore")]
//! use std::sync::{Arc, Mutex};
//!
//! use clfsmgmt::engine::policy::{Existing, Policy};
//! use clfsmgmt::host::{FileStorage, HostClock, LogHost};
//! use clfsmgmt::log::{Admission, BlockLimit, Log, LogOptions, RecordParts};
//! use clfsmgmt::manager::{GrowthPlace, RequestOutcome, ports::ClientCallbacks};
//! use clfsmgmt::units::{Bytes, ContainerCount, Lsn, Status, StreamId};
//!
//! /// Notes where the tail is to move to. Callbacks run on worker threads.
//! struct Client(Arc<Mutex<Lsn>>);
//!
//! impl ClientCallbacks for Client {
//!     fn advance_tail(&self, target: Lsn) -> Status {
//!         *self.0.lock().unwrap() = target;
//!         Status::PENDING
//!     }
//!     fn log_growth_complete(&self, _status: Status, _is_pinned: bool) {}
//!     fn log_unpinned(&self) {}
//! }
//!
//! let folder = tempfile::tempdir().unwrap();
//! let path = folder.path().join("example.blf");
//! let name: Vec<u16> = path.to_string_lossy().encode_utf16().collect();
//! let options = LogOptions {
//!     is_multiplexed: false,
//!     is_archived: false,
//!     log_id: *b"unique in world!",
//!     name: &name,
//!     block_limit: BlockLimit::DEFAULT,
//! };
//! let host = LogHost::start(HostClock::System).unwrap();
//! let log = host.manage(Log::create(FileStorage::new(&path), &options)?)?;
//!
//! // At most four containers; two at first.
//! let (manager, key) = log.management();
//! manager.install_policy(key, Policy::MaximumSize(ContainerCount(4)), Existing::Keep)?;
//! manager.install_policy(key, Policy::NewContainerSize(Bytes(512 * 1024)), Existing::Keep)?;
//! manager.set_log_size(key, 2)?;
//! let target = Arc::new(Mutex::new(Lsn::NULL));
//! let client = manager.register(key, StreamId::PHYSICAL, Client(Arc::clone(&target)))?;
//!
//! // Four megabytes into two.
//! let record = RecordParts { data: &[&[7; 4096]], undo_next: Lsn::INVALID, previous: Lsn::INVALID };
//! for _ in 0..1_000 {
//!     while let Err(status) = log.append(StreamId::PHYSICAL, &record, Admission::Free) {
//!         assert_eq!(status, Status::LOG_FULL);
//!         // It grows, and returns SUCCESS; at its maximum it asks for the tail.
//!         if manager.handle_log_full(client, GrowthPlace::Inline) == Ok(RequestOutcome::Pending) {
//!             host.wait_idle();
//!             log.advance_base(StreamId::PHYSICAL, *target.lock().unwrap())?;
//!             host.wait_idle();
//!         }
//!     }
//! }
//! assert_eq!(log.with(Log::space)?.total_containers, ContainerCount(4));
//! # Ok::<(), Status>(())
//! ```
//!
//! `examples/rust/bounded_log.rs` goes on from here: it opens the log again and reads it back.
//!
//! # Layers
//!
//! The folder tree is the design; a layer uses only layers further down this list (`tests/house/layering.rs` checks
//! it).
//!
//! | layer | verb | what it holds |
//! |---|---|---|
//! | `exports` | ENTERS | the C interface: management, the base interface, interposed routines, driver entry |
//! | `host` | PLUGS IN | the ports on std: files, threads, time |
//! | `kernel` | PLUGS IN | the ports on Windows kernel routines; the only place that names the WDK |
//! | [`foreign`] | JOINS | somebody else's logs and their manager, over a safe port on their base routines |
//! | `library` | JOINS | a log and its manager: open logs, streams, marshalling areas |
//! | [`manager`] | ACTS | the table of logs, locking, the one drain loop, the ports |
//! | [`log`] | KEEPS | a CLFS log, over a `Storage` port |
//! | [`format`] | SPELLS | the bytes of a CLFS log: parsed once into a validated model, and written back |
//! | [`abi`] | SPEAKS C | C-layout records and the status table, to and from the engine's types |
//! | [`engine`] | DECIDES | one log's policies, clients and space requests: pure |
//! | [`units`] | MEASURES | LSNs, sizes, counts, statuses and fallible memory |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | none | the layers from `library` down: `no_std`, memory only where its lack can be reported |
//! | `host` | `host`, and the C interface over it (`libclfsmgmt`) |
//! | `driver` | `kernel`, and the C interface over it; with one of the next two, not with `host` |
//! | `open-clfs` | the base interface over a log of our own: the open `clfs.sys` |
//! | `interposed` | management over somebody else's `clfs.sys`: `clfsmgmt.sys` |
//! | `cli` (default) | the program, with `host` |
#![no_std]
// `tests/run no-oom` only: there the compiler's own library lacks whatever takes memory infallibly.
#![cfg_attr(no_global_oom_handling, feature(vec_push_within_capacity))]
#![warn(missing_docs)]
// No panic that a caller, a file or a policy can reach, in whatever ships in drivers; `host` opts out.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

extern crate alloc;
#[cfg(any(feature = "host", test))]
extern crate std;

pub mod abi;
pub mod engine;
#[cfg(any(feature = "driver", feature = "host"))]
pub mod exports;
pub mod foreign;
pub mod format;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "driver")]
pub mod kernel;
pub mod library;
pub mod log;
pub mod manager;
pub mod units;
