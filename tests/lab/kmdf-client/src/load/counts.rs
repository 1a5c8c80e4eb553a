//! What a load counts, by whichever thread it happens on.

use core::sync::atomic::{AtomicU64, Ordering};

use clfs_client_interface::LoadReport;
use wdk_sys::NTSTATUS;

use super::violation::Violation;

/// Where a load is: the `state` of its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It runs; its logs are being made, used or closed.
    Running,
    /// It is over.
    Over,
    /// It could not begin.
    Failed,
}

impl Stage {
    fn number(self) -> u64 {
        match self {
            Self::Running => 1,
            Self::Over => 2,
            Self::Failed => 3,
        }
    }
}

/// A number that many threads raise.
#[derive(Debug)]
pub(super) struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a load counts.
#[derive(Debug)]
pub(super) struct Counts {
    state: AtomicU64,
    status: AtomicU64,
    first_violation: AtomicU64,
    pub(super) appends: Count,
    pub(super) full: Count,
    pub(super) succeeded_at_once: Count,
    pub(super) pending: Count,
    pub(super) in_progress: Count,
    pub(super) completions: Count,
    pub(super) pinned: Count,
    pub(super) asks: Count,
    pub(super) unpinned: Count,
    pub(super) registrations: Count,
    violations: Count,
}

fn bits(status: NTSTATUS) -> u64 {
    u64::from(status.cast_unsigned())
}

impl Counts {
    pub(super) const fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            status: AtomicU64::new(0),
            first_violation: AtomicU64::new(0),
            appends: Count::new(),
            full: Count::new(),
            succeeded_at_once: Count::new(),
            pending: Count::new(),
            in_progress: Count::new(),
            completions: Count::new(),
            pinned: Count::new(),
            asks: Count::new(),
            unpinned: Count::new(),
            registrations: Count::new(),
            violations: Count::new(),
        }
    }

    /// The load has come so far; `status` says why it could not begin.
    pub(super) fn enter(&self, stage: Stage, status: NTSTATUS) {
        self.status.store(bits(status), Ordering::Relaxed);
        self.state.store(stage.number(), Ordering::Release);
    }

    /// This has happened, with this status.
    pub(super) fn violate(&self, violation: Violation, status: NTSTATUS) {
        let number = violation.number() | (bits(status) << 32);
        // Only the first one is kept.
        let _ = self.first_violation.compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
        self.violations.add();
    }

    /// Notes what a rule says.
    pub(super) fn check(&self, outcome: Result<(), Violation>, status: NTSTATUS) {
        if let Err(violation) = outcome {
            self.violate(violation, status);
        }
    }

    /// As a report.
    pub(super) fn report(&self) -> LoadReport {
        LoadReport {
            state: self.state.load(Ordering::Acquire),
            status: self.status.load(Ordering::Relaxed),
            appends: self.appends.get(),
            full: self.full.get(),
            succeeded_at_once: self.succeeded_at_once.get(),
            pending: self.pending.get(),
            in_progress: self.in_progress.get(),
            completions: self.completions.get(),
            pinned: self.pinned.get(),
            asks: self.asks.get(),
            unpinned: self.unpinned.get(),
            registrations: self.registrations.get(),
            violations: self.violations.get(),
            first_violation: self.first_violation.load(Ordering::Relaxed),
        }
    }
}
