//! Kernel drivers as services: the calls of the service manager, which std does not have. The only unsafe code besides
//! `device`.

#![cfg_attr(windows, expect(unsafe_code, reason = "std has no service manager"))]

use std::io;

/// What a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Stopped,
    StartPending,
    StopPending,
    Running,
    /// Another of the documented ones.
    Other(u32),
}

impl State {
    fn of(number: u32) -> Self {
        match number {
            1 => Self::Stopped,
            2 => Self::StartPending,
            3 => Self::StopPending,
            4 => Self::Running,
            other => Self::Other(other),
        }
    }
}

#[cfg(windows)]
mod calls {
    use std::ffi::c_void;
    use std::io;
    use std::ptr::{null, null_mut};

    /// Connect and query, which everybody may; what is done with a service needs more rights on that.
    const MANAGER_ACCESS: u32 = 0x0001;
    /// `SERVICE_QUERY_STATUS | SERVICE_START | SERVICE_STOP`.
    const SERVICE_ACCESS: u32 = 0x0004 | 0x0010 | 0x0020;
    const CONTROL_STOP: u32 = 1;

    #[repr(C)]
    #[derive(Default)]
    struct ServiceStatus {
        service_type: u32,
        current_state: u32,
        controls_accepted: u32,
        exit_code: u32,
        specific_exit_code: u32,
        check_point: u32,
        wait_hint: u32,
    }

    #[link(name = "advapi32")]
    unsafe extern "system" {
        fn OpenSCManagerW(machine: *const u16, database: *const u16, access: u32) -> *mut c_void;
        fn OpenServiceW(manager: *mut c_void, name: *const u16, access: u32) -> *mut c_void;
        fn StartServiceW(service: *mut c_void, count: u32, arguments: *const *const u16) -> i32;
        fn ControlService(service: *mut c_void, control: u32, status: *mut ServiceStatus) -> i32;
        fn QueryServiceStatus(service: *mut c_void, status: *mut ServiceStatus) -> i32;
        fn CloseServiceHandle(handle: *mut c_void) -> i32;
    }

    fn done(answer: i32) -> io::Result<()> {
        if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// A handle of the service manager.
    #[derive(Debug)]
    struct Handle(*mut c_void);

    // SAFETY: a handle is valid in every thread of the process, and closed once, when it is dropped.
    unsafe impl Send for Handle {}

    impl Handle {
        fn of(handle: *mut c_void) -> io::Result<Self> {
            if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self(handle)) }
        }
    }

    impl Drop for Handle {
        fn drop(&mut self) {
            // SAFETY: open, and used for the last time. What it answers helps nobody.
            let _ = unsafe { CloseServiceHandle(self.0) };
        }
    }

    /// A service that exists.
    #[derive(Debug)]
    pub(crate) struct Service(Handle);

    impl Service {
        /// Opens it.
        ///
        /// # Errors
        /// It does not exist, or is not ours to start and stop.
        pub(crate) fn open(name: &str) -> io::Result<Self> {
            // SAFETY: this machine and its active database.
            let manager = Handle::of(unsafe { OpenSCManagerW(null(), null(), MANAGER_ACCESS) })?;
            let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
            // SAFETY: an open manager, and a name that ends with 0.
            let service = unsafe { OpenServiceW(manager.0, name.as_ptr(), SERVICE_ACCESS) };
            Handle::of(service).map(Self)
        }

        /// Starts it; its driver has been loaded when this returns, or not.
        ///
        /// # Errors
        /// It was not loaded.
        pub(crate) fn start(&self) -> io::Result<()> {
            // SAFETY: an open service; no arguments.
            done(unsafe { StartServiceW(self.0.0, 0, null_mut()) })
        }

        /// Tells it to stop.
        ///
        /// # Errors
        /// It refuses, or does not run.
        pub(crate) fn stop(&self) -> io::Result<()> {
            let mut status = ServiceStatus::default();
            // SAFETY: an open service; the status is a local of the documented form.
            done(unsafe { ControlService(self.0.0, CONTROL_STOP, &raw mut status) })
        }

        /// What it does.
        ///
        /// # Errors
        /// The manager does not say.
        pub(crate) fn state(&self) -> io::Result<super::State> {
            let mut status = ServiceStatus::default();
            // SAFETY: as above.
            done(unsafe { QueryServiceStatus(self.0.0, &raw mut status) })?;
            Ok(super::State::of(status.current_state))
        }
    }
}

#[cfg(not(windows))]
mod calls {
    use std::io;

    /// There are none here.
    #[derive(Debug)]
    pub(crate) struct Service;

    impl Service {
        pub(crate) fn open(_name: &str) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        #[expect(clippy::unused_self, reason = "as on Windows")]
        pub(crate) fn start(&self) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        #[expect(clippy::unused_self, reason = "as on Windows")]
        pub(crate) fn stop(&self) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Windows")]
        pub(crate) fn state(&self) -> io::Result<super::State> {
            Ok(super::State::of(0))
        }
    }
}

pub(crate) use calls::Service;

impl Service {
    /// Waits until it is so.
    ///
    /// # Errors
    /// It is not, after so long.
    pub(crate) fn wait_for(&self, state: State, time: std::time::Duration) -> io::Result<()> {
        let end = std::time::Instant::now() + time;
        loop {
            let now = self.state()?;
            if now == state {
                return Ok(());
            }
            if std::time::Instant::now() > end {
                return Err(io::Error::other(format!("it is {now:?}, not {state:?}, after {} s", time.as_secs())));
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
