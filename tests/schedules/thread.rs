//! What the sources of `host` find in `std::thread`: shuttle's, and what that lacks.

use real::io;
use real::string::String;
use real::sync::Arc;
use real::sync::atomic::{AtomicBool, Ordering};

pub use shuttle::thread::{Thread, ThreadId, current};

/// A thread with a name.
#[derive(Default)]
pub struct Builder(shuttle::thread::Builder);

/// A thread that was started.
pub struct JoinHandle<T> {
    inner: shuttle::thread::JoinHandle<T>,
    is_finished: Arc<AtomicBool>,
}

impl Builder {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn name(self, name: String) -> Self {
        Self(self.0.name(name))
    }

    pub fn spawn<T: Send + 'static>(self, run: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
        let is_finished = Arc::new(AtomicBool::new(false));
        let ends = is_finished.clone();
        let inner = self.0.spawn(move || {
            let result = run();
            ends.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(JoinHandle { inner, is_finished })
    }
}

impl<T> JoinHandle<T> {
    pub fn thread(&self) -> &Thread {
        self.inner.thread()
    }

    pub fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Relaxed)
    }

    pub fn join(self) -> real::thread::Result<T> {
        self.inner.join()
    }
}
