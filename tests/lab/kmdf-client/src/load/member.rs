//! What is done for one client: the routines that it calls, each with what the rules say of its answer.
//!
//! No lock is held while a routine is called.

use core::ffi::c_void;
use core::ptr::{NonNull, null_mut, with_exposed_provenance_mut, without_provenance_mut};
use core::sync::atomic::Ordering;

use wdk_sys::_CLFS_MGMT_POLICY_TYPE::{ClfsMgmtPolicyLogTail, ClfsMgmtPolicyMaximumSize};
use wdk_sys::ntddk::{
    ClfsMgmtDeregisterManagedClient, ClfsMgmtHandleLogFileFull, ClfsMgmtRegisterManagedClient,
    ClfsMgmtTailAdvanceFailure,
};
use wdk_sys::{CLFS_MGMT_CLIENT_REGISTRATION, CLFS_MGMT_CLIENT_REGISTRATION_VERSION, NTSTATUS};

use super::callbacks::{self, Address};
use super::rules::{Phase, State, Task};
use super::violation::Violation;
use super::world::{Client, Stream, World};
use super::{log_calls, statuses};

/// A raised count of those who empty a stream, in [`Stream::emptied`].
const EMPTYING: u64 = 1 << 32;

/// A client in its place in the world.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) world: &'static World,
    pub(super) place: usize,
    pub(super) client: &'static Client,
    pub(super) stream: &'static Stream,
}

impl Member {
    /// The client in this place.
    pub(super) fn of(world: &'static World, place: usize) -> Option<Self> {
        let (client, stream) = world.client(place)?;
        Some(Self { world, place, client, stream })
    }

    /// What `action` does with its state.
    pub(super) fn with<R>(&self, action: impl FnOnce(&mut State) -> R) -> R {
        action(&mut self.client.state.lock())
    }

    fn file(&self) -> Option<NonNull<c_void>> {
        NonNull::new(self.stream.file.load(Ordering::Acquire))
    }

    /// Registers it, if it is away.
    pub(super) fn register(&self) {
        let Some((file, generation)) = self.file().zip(self.with(State::come)) else {
            return;
        };
        let data = |role| without_provenance_mut(Address { place: self.place, generation, role }.number());
        let mut registration = CLFS_MGMT_CLIENT_REGISTRATION {
            Version: CLFS_MGMT_CLIENT_REGISTRATION_VERSION,
            AdvanceTailCallback: Some(callbacks::advance_tail),
            AdvanceTailCallbackData: data(callbacks::ADVANCE_TAIL),
            LogGrowthCompleteCallback: Some(callbacks::growth_complete),
            LogGrowthCompleteCallbackData: data(callbacks::GROWTH_COMPLETE),
            LogUnpinnedCallback: Some(callbacks::unpinned),
            LogUnpinnedCallbackData: data(callbacks::UNPINNED),
        };
        let mut cookie = null_mut();
        // SAFETY: the log is open until every client is gone; both records are locals, which are copied or written
        // before the call returns; the data are never followed.
        let status =
            unsafe { ClfsMgmtRegisterManagedClient(file.as_ptr().cast(), &raw mut registration, &raw mut cookie) };
        let is_registered = status == statuses::SUCCESS;
        self.with(|state| state.came(is_registered.then(|| cookie.expose_provenance())));
        self.world.counts.registrations.add();
        if !is_registered {
            self.world.counts.violate(Violation::RegisterStatus, status);
        }
    }

    /// Deregisters it, if it is there; then this is due.
    pub(super) fn deregister(&self, due: Option<(u64, Task)>) {
        let Some(cookie) = self.with(State::leave) else {
            return;
        };
        // SAFETY: a cookie is a value; a stale one is refused.
        let status = unsafe { ClfsMgmtDeregisterManagedClient(with_exposed_provenance_mut(cookie)) };
        self.with(|state| state.left(due));
        self.stream.go_on_after(self.place);
        self.world.counts.registrations.add();
        if status != statuses::SUCCESS {
            self.world.counts.violate(Violation::DeregisterStatus, status);
        }
    }

    /// Asks for space, if it is registered.
    pub(super) fn request(&self) -> Option<NTSTATUS> {
        let call = self.with(State::begin_call)?;
        // SAFETY: a cookie is a value; a stale one is refused.
        let status = unsafe { ClfsMgmtHandleLogFileFull(with_exposed_provenance_mut(call.cookie)) };
        let outcome = self.with(|state| state.end_call(call, status));
        let counts = &self.world.counts;
        counts.check(outcome, status);
        match status {
            statuses::SUCCESS => counts.succeeded_at_once.add(),
            statuses::PENDING => counts.pending.add(),
            statuses::IN_PROGRESS => counts.in_progress.add(),
            _ => {}
        }
        Some(status)
    }

    /// Refuses what it was asked, if it is registered.
    pub(super) fn refuse(&self, reason: NTSTATUS) {
        let Some(cookie) = self.with(|state| {
            state.ask = None;
            (state.phase == Phase::Here).then_some(state.cookie)
        }) else {
            return;
        };
        // SAFETY: a cookie is a value; a stale one is refused.
        let status = unsafe { ClfsMgmtTailAdvanceFailure(with_exposed_provenance_mut(cookie), reason) };
        let has_gone = self.with(|state| state.phase != Phase::Here || state.cookie != cookie);
        if status != statuses::SUCCESS && !has_gone {
            self.world.counts.violate(Violation::FailureStatus, status);
        }
    }

    /// Moves the tail of its stream to the target, or to the end of the stream if that comes first. Others may do the
    /// same at that time, and get further.
    pub(super) fn advance(&self, target: u64) {
        // The ask is over as soon as the base is there, and the next one may come before the routine has returned.
        self.with(|state| state.ask = None);
        let Some((base, last)) = self.bounds() else {
            return;
        };
        let target = target.min(last);
        if target <= base {
            return;
        }
        let is_emptying = target == last;
        if is_emptying {
            self.stream.emptied.fetch_add(EMPTYING, Ordering::AcqRel);
        }
        let area = self.stream.area.load(Ordering::Acquire);
        // SAFETY: areas are deleted when every client and thread is gone.
        let status = unsafe { log_calls::advance(area, target) };
        if is_emptying {
            self.stream.emptied.fetch_sub(EMPTYING - 1, Ordering::AcqRel);
        }
        if status != statuses::SUCCESS && status != statuses::LOG_START_OF_LOG {
            self.world.counts.violate(Violation::AdvanceStatus, status);
        }
    }

    /// Whether an earlier ask may be over, though this client has done nothing for it: its stream's base is there, or was
    /// at its end meanwhile.
    pub(super) fn may_be_over(&self, target: u64, emptied: u64) -> bool {
        let now = self.stream.emptied.load(Ordering::Acquire);
        let is_past = self.bounds().is_none_or(|(base, last)| base >= target || base == last);
        is_past || now >= EMPTYING || now != emptied
    }

    /// The base and the end of its stream.
    fn bounds(&self) -> Option<(u64, u64)> {
        // SAFETY: logs are closed when every client and thread is gone.
        let bounds = unsafe { log_calls::bounds(self.file()?.as_ptr()) };
        bounds.inspect_err(|status| self.world.counts.violate(Violation::QueryStatus, *status)).ok()
    }

    /// Asks for a policy that is installed.
    pub(super) fn query(&self, is_maximum: bool) {
        let policy = if is_maximum { ClfsMgmtPolicyMaximumSize } else { ClfsMgmtPolicyLogTail };
        let Some(file) = self.file() else {
            return;
        };
        // SAFETY: logs are closed when every client and thread is gone.
        let status = unsafe { log_calls::query_policy(file.as_ptr(), policy) };
        if status != statuses::SUCCESS {
            self.world.counts.violate(Violation::QueryStatus, status);
        }
    }

    /// This is to be done in so many milliseconds.
    pub(super) fn schedule(&self, milliseconds: u64, task: Task) {
        let at = self.world.now.load(Ordering::Relaxed).saturating_add(milliseconds);
        self.with(|state| state.due = Some((at, task)));
    }
}
