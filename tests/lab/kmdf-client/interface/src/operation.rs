//! One call of one routine, with all its arguments.

use crate::Routine;
use crate::wire::{Full, Malformed, Reader, Writer};

/// What the routine acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Subject {
    /// NULL, or nothing.
    #[default]
    Null,
    /// What is kept in this slot; the [`Routine`] says of which kind. Of a client that was deregistered the old cookie.
    Slot(u16),
    /// This very value, as a client's cookie. Of any other kind: refused, the driver follows no pointer that was made up.
    Raw(u64),
}

/// A number among the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// This one: a size, a count, a status, an LSN, a slot.
    Number(u64),
    /// The target LSN of the callback in which (or later than which) the operation is done, and so many containers more.
    Target(i16),
    /// The base LSN of the log in this slot when the operation is done, moved up by so many containers.
    Base(u16, i16),
    /// Its last LSN, likewise.
    Last(u16, i16),
}

impl Default for Operand {
    fn default() -> Self {
        Self::Number(0)
    }
}

/// How the routine is called: the bits of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Manner(pub u8);

impl Manner {
    /// As it comes.
    pub const PLAIN: Self = Self(0);
    /// Between `KeEnterGuardedRegion` and `KeLeaveGuardedRegion`: all APCs are disabled, no file work can be done here.
    pub const GUARDED: Self = Self(1);
    /// Between `KeEnterCriticalRegion` and `KeLeaveCriticalRegion`.
    pub const CRITICAL: Self = Self(2);
    /// With a top-level request set, as in a thread that is inside a file system.
    pub const TOP_LEVEL: Self = Self(4);
    /// All bits.
    const ALL: u8 = Self::GUARDED.0 | Self::CRITICAL.0 | Self::TOP_LEVEL.0;
}

/// One call of one routine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Which.
    pub routine: Routine,
    /// How.
    pub manner: Manner,
    /// On what.
    pub subject: Subject,
    /// The other arguments; [`crate::verbs`] says which is which.
    pub numbers: [Operand; Self::NUMBERS],
    text: [u8; Self::TEXT],
    text_length: u8,
}

impl Operation {
    /// Arguments of one operation.
    pub const NUMBERS: usize = 8;
    /// Longest text, in bytes of UTF-8.
    pub const TEXT: usize = 255;

    /// On this subject, without arguments.
    pub fn new(routine: Routine, subject: Subject) -> Self {
        let numbers = [Operand::Number(0); Self::NUMBERS];
        Self { routine, manner: Manner::PLAIN, subject, numbers, text: [0; Self::TEXT], text_length: 0 }
    }

    /// The text among the arguments: a name or path.
    pub fn text(&self) -> &str {
        self.text.get(..usize::from(self.text_length)).and_then(|t| str::from_utf8(t).ok()).unwrap_or_default()
    }

    /// Sets the text.
    ///
    /// # Errors
    /// It has more than [`Self::TEXT`] bytes.
    pub fn set_text(&mut self, text: &str) -> Result<(), Full> {
        self.text.get_mut(..text.len()).ok_or(Full)?.copy_from_slice(text.as_bytes());
        self.text_length = u8::try_from(text.len()).map_err(|_| Full)?;
        Ok(())
    }

    /// Writes the record.
    ///
    /// # Errors
    /// It does not fit.
    pub fn write(&self, to: &mut Writer<'_>) -> Result<(), Full> {
        to.u16(self.routine.code())?;
        to.u8(self.manner.0)?;
        let (kind, value) = match self.subject {
            Subject::Null => (0, 0),
            Subject::Slot(slot) => (1, u64::from(slot)),
            Subject::Raw(value) => (2, value),
        };
        to.u8(kind)?;
        to.u64(value)?;
        for operand in self.numbers {
            let (kind, containers, value) = match operand {
                Operand::Number(value) => (0, 0, value),
                Operand::Target(containers) => (1, containers, 0),
                Operand::Base(log, containers) => (2, containers, u64::from(log)),
                Operand::Last(log, containers) => (3, containers, u64::from(log)),
            };
            to.u8(kind)?;
            to.bytes(&containers.to_le_bytes())?;
            to.u64(value)?;
        }
        to.u8(self.text_length)?;
        to.bytes(self.text().as_bytes())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// It is no such record.
    pub fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let routine = Routine::of_code(from.u16()?).ok_or(Malformed)?;
        let manner = Manner(from.u8()?);
        if manner.0 > Manner::ALL {
            return Err(Malformed);
        }
        let subject = match (from.u8()?, from.u64()?) {
            (0, 0) => Subject::Null,
            (1, slot) => Subject::Slot(u16::try_from(slot).map_err(|_| Malformed)?),
            (2, value) => Subject::Raw(value),
            _ => return Err(Malformed),
        };
        let mut operation = Self { manner, ..Self::new(routine, subject) };
        for operand in &mut operation.numbers {
            let kind = from.u8()?;
            let containers = i16::from_le_bytes(from.bytes(2)?.try_into().map_err(|_| Malformed)?);
            let value = from.u64()?;
            *operand = match (kind, u16::try_from(value)) {
                (0, _) => Operand::Number(value),
                (1, _) => Operand::Target(containers),
                (2, Ok(log)) => Operand::Base(log, containers),
                (3, Ok(log)) => Operand::Last(log, containers),
                _ => return Err(Malformed),
            };
        }
        let length = from.u8()?;
        let text = str::from_utf8(from.bytes(usize::from(length))?).map_err(|_| Malformed)?;
        operation.set_text(text).map_err(|_| Malformed)?;
        Ok(operation)
    }
}
