//! Container names: `[prefix][number][.extension]`.
//!
//! Without policies `%BLF%\<log>Container00000000000000000001`, as names in the wild are. The name is written into the
//! caller's buffer: creating a container on the log-full path allocates nothing here.

use super::Name;
use crate::engine::Engine;
use crate::units::Status;

/// Decimal digits of a number in a name: as many as the largest 64-bit number has.
const SUFFIX_DIGITS: usize = 20;

/// What a default name has before the log's name, and after it.
const DIRECTORY: &[u8] = b"%BLF%\\";
const CONTAINER: &[u8] = b"Container";

/// A buffer of this many UTF-16 units takes every name whose log name has at most [`Name::UNITS_MAX`] units.
pub const PATH_UNITS_MAX: usize = 576;

const _: () = assert!(PATH_UNITS_MAX > 2 * Name::UNITS_MAX + SUFFIX_DIGITS + 1 + DIRECTORY.len() + CONTAINER.len());

/// Writes into a buffer that may turn out too small.
struct Path<'a> {
    buffer: &'a mut [u16],
    written: usize,
}

impl Path<'_> {
    fn push(&mut self, unit: u16) -> Result<(), Status> {
        // A NUL in an installed name is found here, as documented: at creation.
        let place = self.buffer.get_mut(self.written);
        match place {
            Some(place) if unit != 0 => *place = unit,
            _ => return Err(Status::OBJECT_NAME_INVALID),
        }
        self.written = self.written.saturating_add(1);
        Ok(())
    }

    fn push_units(&mut self, units: &[u16]) -> Result<(), Status> {
        units.iter().try_for_each(|unit| self.push(*unit))
    }

    fn push_ascii(&mut self, text: &[u8]) -> Result<(), Status> {
        text.iter().try_for_each(|byte| self.push(u16::from(*byte)))
    }

    fn push_number(&mut self, number: u64) -> Result<(), Status> {
        let mut digits = [b'0'; SUFFIX_DIGITS];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            let last = rest.checked_rem(10).unwrap_or(0);
            *digit = b'0'.saturating_add(u8::try_from(last).unwrap_or(0));
            rest = rest.checked_div(10).unwrap_or(0);
        }
        self.push_ascii(&digits)
    }
}

impl Engine {
    /// Writes the next container's path into `buffer`; returns its length and its number, which
    /// [`Engine::handle_container_number_tried`] passes.
    ///
    /// # Errors
    /// `OBJECT_NAME_INVALID`: an installed name holds a NUL, or the path is longer than the buffer.
    pub fn write_container_path(&self, log_name: &[u16], buffer: &mut [u16]) -> Result<(usize, u64), Status> {
        let number = self.policies.next_suffix;
        let mut path = Path { buffer, written: 0 };
        if let Some(prefix) = &self.policies.prefix {
            path.push_units(prefix.units())?;
        } else {
            path.push_ascii(DIRECTORY)?;
            path.push_units(log_name)?;
            path.push_ascii(CONTAINER)?;
        }
        path.push_number(number)?;
        match self.policies.extension.as_ref().map(Name::units) {
            None | Some([]) => {}
            Some(extension) => {
                if extension.first() != Some(&u16::from(b'.')) {
                    path.push(u16::from(b'.'))?;
                }
                path.push_units(extension)?;
            }
        }
        Ok((path.written, number))
    }

    /// A container with this number was created, or its file exists already: the number is not used again.
    pub fn handle_container_number_tried(&mut self, number: u64) {
        self.policies.pass_suffix(number);
    }
}
