//! The companion driver's device, and the one call of Windows that std does not have. The only unsafe code beside `services`.
//!
//! A request that is not answered in time ends the program: the driver hangs, and whoever waits for the outcome must know.

use std::fs::{File, OpenOptions};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Nothing that scenarios ask for takes so long.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(90);

/// The device, open.
#[derive(Debug)]
pub(crate) struct Device {
    file: File,
    /// Since when a request has been waiting, and its control code.
    waiting: Arc<Mutex<Option<(Instant, u32)>>>,
}

impl Device {
    /// Opens it.
    ///
    /// # Errors
    /// It is not there, or this is no Windows.
    pub(crate) fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(clfs_client_interface::PATH)?;
        let waiting = Arc::default();
        let watched = Arc::clone(&waiting);
        std::thread::spawn(move || watch(&watched));
        Ok(Self { file, waiting })
    }

    /// Makes a request; how much of `output` was written.
    ///
    /// # Errors
    /// The driver did not understand it, or is gone.
    pub(crate) fn request(&self, code: u32, input: &[u8], output: &mut [u8]) -> io::Result<usize> {
        self.wait_since(Some((Instant::now(), code)));
        let answered = control::request(&self.file, code, input, output);
        self.wait_since(None);
        answered
    }

    fn wait_since(&self, since: Option<(Instant, u32)>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// Goes on as long as the device is open.
fn watch(waiting: &Arc<Mutex<Option<(Instant, u32)>>>) {
    while Arc::strong_count(waiting) > 1 {
        std::thread::sleep(Duration::from_millis(500));
        let since = *waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((begin, code)) = since.filter(|(begin, _)| begin.elapsed() > ANSWER_TIME_MAX) {
            println!("Bail out! No answer to control code {code:#x} for {} s", begin.elapsed().as_secs());
            std::process::exit(3);
        }
    }
}

#[cfg(windows)]
#[expect(unsafe_code, reason = "std has no DeviceIoControl")]
mod control {
    use std::ffi::c_void;
    use std::fs::File;
    use std::io;
    use std::os::windows::io::{AsRawHandle, RawHandle};

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn DeviceIoControl(
            device: RawHandle,
            code: u32,
            input: *const c_void,
            input_length: u32,
            output: *mut c_void,
            output_length: u32,
            returned: *mut u32,
            overlapped: *mut c_void,
        ) -> i32;
    }

    pub(super) fn request(file: &File, code: u32, input: &[u8], output: &mut [u8]) -> io::Result<usize> {
        let too_long = |_| io::Error::from(io::ErrorKind::InvalidInput);
        let input_length = u32::try_from(input.len()).map_err(too_long)?;
        let output_length = u32::try_from(output.len()).map_err(too_long)?;
        let mut returned = 0;
        // SAFETY: the handle is open as long as `file` is borrowed, and was opened without FILE_FLAG_OVERLAPPED, so the call
        // is over when it returns and NULL is right for the last argument; both buffers are borrowed for as long, with
        // these very lengths, `output` and `returned` exclusively.
        let is_done = unsafe {
            DeviceIoControl(
                file.as_raw_handle(),
                code,
                input.as_ptr().cast(),
                input_length,
                output.as_mut_ptr().cast(),
                output_length,
                &raw mut returned,
                std::ptr::null_mut(),
            )
        };
        if is_done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(output.len().min(usize::try_from(returned).unwrap_or(usize::MAX)))
    }
}

#[cfg(not(windows))]
mod control {
    use std::fs::File;
    use std::io;

    pub(super) fn request(_file: &File, _code: u32, _input: &[u8], _output: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
