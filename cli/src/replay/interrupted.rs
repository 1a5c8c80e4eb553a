//! A replay that is interrupted (Ctrl-C, or told to end) leaves no folder behind. A hangup is left as it is: `nohup`
//! ignores it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

/// The folders to remove. Several only where several replays run in one process.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// As long as this lives the folder is removed with everything in it when the process is interrupted.
pub(super) struct RemovedOnInterruption(PathBuf);

impl RemovedOnInterruption {
    pub(super) fn new(folder: &Path) -> Self {
        #[cfg(unix)]
        {
            static WATCH: Once = Once::new();
            // Without it the folder stays, as it would have.
            WATCH.call_once(|| drop(watch()));
        }
        folders().push(folder.to_path_buf());
        Self(folder.to_path_buf())
    }
}

impl Drop for RemovedOnInterruption {
    fn drop(&mut self) {
        folders().retain(|folder| *folder != self.0);
    }
}

fn folders() -> std::sync::MutexGuard<'static, Vec<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn watch() -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("interruption".into()).spawn(move || {
        for signal in signals.forever() {
            for folder in folders().iter() {
                remove(folder);
            }
            // The process ends as one that does not look at signals does.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Until nothing is made in it any more: the replay goes on meanwhile.
#[cfg(unix)]
fn remove(folder: &Path) {
    let is_gone = || matches!(folder.try_exists(), Ok(false));
    for _ in 0..100 {
        let _ = std::fs::remove_dir_all(folder);
        if is_gone() {
            return;
        }
    }
}
