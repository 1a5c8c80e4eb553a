//! Numbers and texts in buffers. Nothing here panics: what does not fit, or is not there, is said.

/// What is to be written does not fit into the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// What was read is not such a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Writes from the beginning of a buffer.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    used: usize,
}

impl<'a> Writer<'a> {
    /// Nothing is written yet.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, used: 0 }
    }

    /// How much has been written, in bytes.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Writes these bytes.
    ///
    /// # Errors
    /// They do not fit; nothing of them was written.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let end = self.used.checked_add(bytes.len()).ok_or(Full)?;
        self.buffer.get_mut(self.used..end).ok_or(Full)?.copy_from_slice(bytes);
        self.used = end;
        Ok(())
    }

    /// Writes a number.
    ///
    /// # Errors
    /// It does not fit.
    pub fn u8(&mut self, number: u8) -> Result<(), Full> {
        self.bytes(&[number])
    }

    /// Writes a number.
    ///
    /// # Errors
    /// It does not fit.
    pub fn u16(&mut self, number: u16) -> Result<(), Full> {
        self.bytes(&number.to_le_bytes())
    }

    /// Writes a number.
    ///
    /// # Errors
    /// It does not fit.
    pub fn u64(&mut self, number: u64) -> Result<(), Full> {
        self.bytes(&number.to_le_bytes())
    }

    /// Writes a status.
    ///
    /// # Errors
    /// It does not fit.
    pub fn i32(&mut self, number: i32) -> Result<(), Full> {
        self.bytes(&number.to_le_bytes())
    }
}

/// Reads from the beginning of a buffer.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Nothing is read yet.
    pub fn new(buffer: &'a [u8]) -> Self {
        Self { rest: buffer }
    }

    /// Whether all has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads so many bytes.
    ///
    /// # Errors
    /// There are fewer.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// There are not enough bytes.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    /// Reads a number.
    ///
    /// # Errors
    /// There are not enough bytes.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// Reads a number.
    ///
    /// # Errors
    /// There are not enough bytes.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Reads a status.
    ///
    /// # Errors
    /// There are not enough bytes.
    pub fn i32(&mut self) -> Result<i32, Malformed> {
        Ok(i32::from_le_bytes(self.array()?))
    }
}
