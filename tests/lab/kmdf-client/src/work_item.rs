//! Work that is done later, in work items of the control device.
//!
//! [`enqueue`] may be called from inside any callback; the job runs in a worker thread of the system. [`wait`] returns
//! when all that was queued has run, also what it queued itself. The framework's work items are made when they are first
//! needed, used again, and deleted by [`end`].
//!
//! # Invariants
//! * A place is EMPTY (no work item), BUSY (somebody prepares it, or its job is queued or runs), or IDLE (its item rests).
//! * Only who has made a place BUSY writes its job and context; the callback reads them before the job begins, and makes
//!   it IDLE after the job's end.
//! * A place's item changes only while it is BUSY: when it is made, and in `end`.

use core::ffi::c_void;
use core::mem::transmute;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use wdk_sys::{
    _WDF_EXECUTION_LEVEL, _WDF_SYNCHRONIZATION_SCOPE, NTSTATUS, STATUS_DEVICE_NOT_READY, STATUS_INSUFFICIENT_RESOURCES,
    WDF_OBJECT_ATTRIBUTES, WDF_WORKITEM_CONFIG, WDFWORKITEM, call_unsafe_wdf_function_binding,
};

use crate::device::control_device;
use crate::status::{size_of_structure, succeeded};

/// What is done later, with the number that was given to [`enqueue`]. Runs at IRQL `PASSIVE_LEVEL`.
pub(crate) type Job = fn(context: usize);

/// Jobs that are queued or run at once, at most.
pub(crate) const PLACES: usize = 64;

const EMPTY: u8 = 0;
const BUSY: u8 = 1;
const IDLE: u8 = 2;

struct Place {
    state: AtomicU8,
    /// A `WDFWORKITEM`, or null.
    item: AtomicPtr<c_void>,
    /// A [`Job`], or null.
    job: AtomicPtr<()>,
    context: AtomicUsize,
}

static ALL: [Place; PLACES] = [const {
    Place {
        state: AtomicU8::new(EMPTY),
        item: AtomicPtr::new(null_mut()),
        job: AtomicPtr::new(null_mut()),
        context: AtomicUsize::new(0),
    }
}; PLACES];

/// Does this later. IRQL <= `DISPATCH_LEVEL`.
///
/// # Errors
/// `INSUFFICIENT_RESOURCES`: too much is queued; or what the framework answered. The job does not run then.
pub(crate) fn enqueue(job: Job, context: usize) -> Result<(), NTSTATUS> {
    let place = take(IDLE).or_else(|| take(EMPTY)).ok_or(STATUS_INSUFFICIENT_RESOURCES)?;
    let item = match place.item() {
        Some(item) => item,
        None => create().inspect_err(|_| place.state.store(EMPTY, Ordering::Release))?,
    };
    place.item.store(item.cast(), Ordering::Relaxed);
    #[expect(clippy::as_conversions, reason = "the only way from a function to an address")]
    place.job.store(job as *mut (), Ordering::Relaxed);
    place.context.store(context, Ordering::Release);
    // SAFETY: an item of ours, which rests: this place was not BUSY before.
    unsafe { call_unsafe_wdf_function_binding!(WdfWorkItemEnqueue, item) };
    Ok(())
}

/// Waits until nothing is queued and nothing runs, in whatever order it was queued. Not by a job. IRQL `PASSIVE_LEVEL`.
pub(crate) fn wait() {
    // What runs may queue more, in a place that was passed already.
    while ALL.iter().any(|place| place.state.load(Ordering::Acquire) == BUSY) {
        for item in ALL.iter().filter_map(Place::item) {
            // SAFETY: an item of ours; IRQL PASSIVE_LEVEL, and not inside its own callback, as asked for.
            unsafe { call_unsafe_wdf_function_binding!(WdfWorkItemFlush, item) };
        }
    }
}

/// Waits, and deletes the framework's work items. Nobody queues any more. IRQL `PASSIVE_LEVEL`.
pub(crate) fn end() {
    wait();
    while let Some(place) = take(IDLE) {
        if let Some(item) = place.item() {
            place.item.store(null_mut(), Ordering::Relaxed);
            // SAFETY: an item of ours. Its callback may be about to return: waits for that.
            unsafe { call_unsafe_wdf_function_binding!(WdfWorkItemFlush, item) };
            // SAFETY: an item of ours that rests, and is no longer known to anybody.
            unsafe { call_unsafe_wdf_function_binding!(WdfObjectDelete, item.cast()) };
        }
        place.state.store(EMPTY, Ordering::Release);
    }
}

/// A place of this state, made BUSY.
fn take(state: u8) -> Option<&'static Place> {
    ALL.iter().find(|place| place.state.compare_exchange(state, BUSY, Ordering::AcqRel, Ordering::Relaxed).is_ok())
}

impl Place {
    fn item(&self) -> Option<WDFWORKITEM> {
        let item = self.item.load(Ordering::Acquire);
        (!item.is_null()).then(|| item.cast())
    }
}

/// A work item of the control device.
fn create() -> Result<WDFWORKITEM, NTSTATUS> {
    let device = control_device().ok_or(STATUS_DEVICE_NOT_READY)?;
    let mut config = WDF_WORKITEM_CONFIG {
        Size: size_of_structure::<WDF_WORKITEM_CONFIG>(),
        EvtWorkItemFunc: Some(run),
        // Beside the requests, and beside one another.
        AutomaticSerialization: 0,
    };
    let mut attributes = WDF_OBJECT_ATTRIBUTES {
        Size: size_of_structure::<WDF_OBJECT_ATTRIBUTES>(),
        ExecutionLevel: _WDF_EXECUTION_LEVEL::WdfExecutionLevelInheritFromParent,
        SynchronizationScope: _WDF_SYNCHRONIZATION_SCOPE::WdfSynchronizationScopeInheritFromParent,
        ParentObject: device.cast(),
        ..WDF_OBJECT_ATTRIBUTES::default()
    };
    let mut item: WDFWORKITEM = null_mut();
    // SAFETY: the parent is the control device; the pointers are to locals, and the structures have their sizes.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(WdfWorkItemCreate, &raw mut config, &raw mut attributes, &raw mut item)
    };
    succeeded(status).map(|()| item)
}

/// The framework's callback: does the job of the item's place.
extern "C" fn run(item: WDFWORKITEM) {
    let Some(place) = ALL.iter().find(|place| place.item() == Some(item)) else { return };
    let context = place.context.load(Ordering::Acquire);
    let job = place.job.load(Ordering::Relaxed);
    if !job.is_null() {
        // SAFETY: not null, so it is what `enqueue` has stored, a `Job`.
        let job: Job = unsafe { transmute(job) };
        job(context);
    }
    place.state.store(IDLE, Ordering::Release);
}
