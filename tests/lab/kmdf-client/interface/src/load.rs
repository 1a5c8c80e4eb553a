//! A load: many logs, streams and clients, appended to at once until they are full, with random behaviour.

use crate::wire::{Full, Malformed, Reader, Writer};

/// So many logs of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Shape {
    /// Logs; 0: none of this kind.
    pub logs: u16,
    /// Streams of each log; 1: the logs are dedicated.
    pub streams: u16,
    /// Clients of each stream.
    pub clients: u16,
}

/// What load is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The logs, of two kinds at the same time.
    pub shapes: [Shape; 2],
    /// Threads that append.
    pub threads: u16,
    /// How long.
    pub milliseconds: u64,
    /// Of the random behaviour.
    pub seed: u64,
    /// Where the logs are: an existing folder, as an NT path of ASCII characters.
    folder: [u8; Self::FOLDER],
    folder_length: u8,
}

impl Load {
    /// Longest folder, in bytes.
    pub const FOLDER: usize = 200;

    /// A load in this folder, of no logs yet.
    ///
    /// # Errors
    /// Its name is too long.
    pub fn new(folder: &str) -> Result<Self, Full> {
        let mut bytes = [0; Self::FOLDER];
        bytes.get_mut(..folder.len()).ok_or(Full)?.copy_from_slice(folder.as_bytes());
        let folder_length = u8::try_from(folder.len()).map_err(|_| Full)?;
        let shapes = [Shape::default(); 2];
        Ok(Self { shapes, threads: 1, milliseconds: 0, seed: 1, folder: bytes, folder_length })
    }

    /// Where the logs are.
    pub fn folder(&self) -> &str {
        self.folder.get(..usize::from(self.folder_length)).and_then(|t| str::from_utf8(t).ok()).unwrap_or_default()
    }

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        for shape in self.shapes {
            [shape.logs, shape.streams, shape.clients].into_iter().try_for_each(|number| to.u16(number))?;
        }
        to.u16(self.threads)?;
        to.u64(self.milliseconds)?;
        to.u64(self.seed)?;
        to.u8(self.folder_length)?;
        to.bytes(self.folder().as_bytes())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut shapes = [Shape::default(); 2];
        for shape in &mut shapes {
            *shape = Shape { logs: from.u16()?, streams: from.u16()?, clients: from.u16()? };
        }
        let (threads, milliseconds, seed) = (from.u16()?, from.u64()?, from.u64()?);
        let length = from.u8()?;
        let folder = str::from_utf8(from.bytes(usize::from(length))?).map_err(|_| Malformed)?;
        let empty = Self::new(folder).map_err(|_| Malformed)?;
        Ok(Self { shapes, threads, milliseconds, seed, ..empty })
    }
}

/// How a load goes. Everything but `state` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LoadReport {
    /// 0 none yet, 1 running, 2 over, 3 it could not begin (`status` says why).
    pub state: u64,
    /// Why it could not begin, as the bits of an `NTSTATUS`.
    pub status: u64,
    /// Records appended.
    pub appends: u64,
    /// Appends that met a full log.
    pub full: u64,
    /// Calls of `ClfsMgmtHandleLogFileFull` that answered SUCCESS.
    pub succeeded_at_once: u64,
    /// Those that answered PENDING.
    pub pending: u64,
    /// Those that answered `LOG_FULL_HANDLER_IN_PROGRESS`.
    pub in_progress: u64,
    /// Completions.
    pub completions: u64,
    /// Completions that said the log is pinned.
    pub pinned: u64,
    /// Times that a client was asked to move its tail.
    pub asks: u64,
    /// Times that a client was told the log is no longer pinned.
    pub unpinned: u64,
    /// Registrations and deregistrations while the load ran.
    pub registrations: u64,
    /// Anything that must never happen: a completion without a pending request, a second one, none at all; a callback after
    /// deregistration returned; "unpinned" that nothing announced; a status that no document names.
    pub violations: u64,
    /// Which of these came first: see the driver's `load` module. Above bit 32 the status that belongs to it.
    pub first_violation: u64,
}

impl LoadReport {
    fn numbers(&self) -> [u64; 14] {
        [
            self.state,
            self.status,
            self.appends,
            self.full,
            self.succeeded_at_once,
            self.pending,
            self.in_progress,
            self.completions,
            self.pinned,
            self.asks,
            self.unpinned,
            self.registrations,
            self.violations,
            self.first_violation,
        ]
    }

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        self.numbers().into_iter().try_for_each(|number| to.u64(number))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            state: from.u64()?,
            status: from.u64()?,
            appends: from.u64()?,
            full: from.u64()?,
            succeeded_at_once: from.u64()?,
            pending: from.u64()?,
            in_progress: from.u64()?,
            completions: from.u64()?,
            pinned: from.u64()?,
            asks: from.u64()?,
            unpinned: from.u64()?,
            registrations: from.u64()?,
            violations: from.u64()?,
            first_violation: from.u64()?,
        })
    }
}
