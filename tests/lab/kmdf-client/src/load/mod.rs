//! A load: many logs, streams and clients, appended to at once, with random behaviour; every client's state is checked.
//!
//! One at a time. All its memory is taken when it begins, and stays until it is forgotten. It runs in threads of its own: the
//! director makes and ends everything, appenders fill the logs and ask for space, the attendant does what clients have put
//! off. The rules that must hold are in [`rules`]; what breaks them has a number ([`violation`]): a report's
//! `first_violation` is the first one's, with the status that belongs to it above bit 32.
//!
//! # Invariants
//! * [`WORLD`] is NULL or a world that stays as long as somebody [`visit`]s it.

mod appender;
mod attendant;
mod behaviour;
mod callbacks;
mod clock;
mod counts;
mod director;
mod log_calls;
mod member;
mod name;
mod random;
mod rules;
mod statuses;
mod violation;
mod world;

use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use clfs_client_interface::{Load, LoadReport};
use wdk_sys::NTSTATUS;

use self::counts::Stage;
use self::world::World;
use crate::session::lock::Lock;
use crate::session::shared::Shared;
use crate::session::time::sleep;
use crate::thread::{Body, Thread};

/// The world of the load that there is.
static WORLD: AtomicPtr<World> = AtomicPtr::new(null_mut());
/// Who looks at it.
static VISITS: AtomicUsize = AtomicUsize::new(0);
/// Callbacks that came when there was none any more, since the last one began.
static TOO_LATE: AtomicU64 = AtomicU64::new(0);
/// What keeps it.
static PRESENT: Lock<Option<Present>> = Lock::new(None);

struct Present {
    world: Shared<World>,
    director: Thread,
}

/// Begins a load. What an earlier one has told is forgotten. IRQL `PASSIVE_LEVEL`; requests come one at a time.
///
/// The answer says whether it begins at all; whether its logs could be made, the report says.
pub(crate) fn start(load: &Load) -> NTSTATUS {
    match report().state {
        1 => return statuses::DEVICE_BUSY,
        _ => stop(),
    }
    // What comes late by now is of a load that has ended: it is told until here, and not of the next one.
    TOO_LATE.store(0, Ordering::Relaxed);
    begin(load).err().unwrap_or(statuses::SUCCESS)
}

fn begin(load: &Load) -> Result<(), NTSTATUS> {
    let world = Shared::new(World::new(load)?).map_err(|_| statuses::INSUFFICIENT_RESOURCES)?;
    world.counts.enter(Stage::Running, statuses::SUCCESS);
    WORLD.store((&raw const *world).cast_mut(), Ordering::Release);
    match Thread::start::<Director>(0) {
        Ok(director) => {
            *PRESENT.lock() = Some(Present { world, director });
            Ok(())
        }
        Err(status) => {
            retire();
            Err(status)
        }
    }
}

/// How the load goes; when there is none all 0, but for the callbacks that came too late.
pub(crate) fn report() -> LoadReport {
    let late = TOO_LATE.load(Ordering::Relaxed);
    let mut report = visit(|world| Some(world.counts.report())).unwrap_or_default();
    report.violations = report.violations.saturating_add(late);
    report
}

/// Ends the load, waits for its end, and forgets it. IRQL `PASSIVE_LEVEL`, and in none of its own threads.
pub(crate) fn stop() {
    let Some(Present { world, director }) = PRESENT.lock().take() else {
        return;
    };
    world.is_stopped.store(true, Ordering::Release);
    // Waits.
    drop(director);
    retire();
}

/// Lets nobody look at the world any more, and waits for those who do.
fn retire() {
    WORLD.store(null_mut(), Ordering::SeqCst);
    while VISITS.load(Ordering::SeqCst) != 0 {
        sleep(1);
    }
}

/// Shows the world to `action`, if there is one.
fn visit<R>(action: impl FnOnce(&'static World) -> Option<R>) -> Option<R> {
    VISITS.fetch_add(1, Ordering::SeqCst);
    let world = WORLD.load(Ordering::SeqCst);
    // SAFETY: NULL, or a world that stays until nobody visits it: `retire` waits, and its owner waits for `retire`. No
    // reference leaves `action`: nothing that it returns holds one, and it keeps none.
    let world = unsafe { world.as_ref() };
    let result = world.and_then(action);
    VISITS.fetch_sub(1, Ordering::SeqCst);
    result
}

/// The director's thread.
struct Director;

impl Body for Director {
    fn run(_: usize) {
        visit(|world| {
            director::run(world);
            Some(())
        });
    }
}
