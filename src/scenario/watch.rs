//! Tells when a file has other bytes than before, whichever way an editor saves.
//!
//! It watches folders, because a save by rename (vim, VS Code) and a swapped link (Kubernetes) leave the old file as it was.
//! Events are a reason to look and nothing more. It does not read scenarios: what has changed, the caller finds out.

use super::NamedFile;
use notify::{EventKind, RecursiveMode, Watcher as _, event::AccessKind, event::AccessMode};
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{fs, io};

/// A save is many events. It is over when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(50);
/// In a folder that is never quiet, a look is taken this often all the same; so it is where no events arrive.
const PATIENCE: Duration = Duration::from_millis(250);

/// Why changes are not seen as they happen.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system's limit on watches.
    #[error(
        "cannot watch {}: the system has no watches left ({source}); close programs that watch many files, or raise the limit \
         with `sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`",
        folder.display()
    )]
    NoWatchesLeft {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        source: notify::Error,
    },
    /// The system's limit on open files.
    #[error("cannot watch {}: too many files are open ({source}); close some, or raise the limit with `ulimit -n 65536`", folder.display())]
    TooManyFiles {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        source: notify::Error,
    },
    /// Anything else.
    #[error("cannot watch {}: {source}; check that the folder exists and may be read", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        source: notify::Error,
    },
    /// The system has no thread left.
    #[error("cannot watch: no thread could be started ({0}); raise the limit with `ulimit -u`")]
    Thread(io::Error),
}

impl WatchError {
    fn new(folder: &Path, source: notify::Error) -> Self {
        // The numbers are the same on Linux, macOS and the BSDs.
        const ENOSPC: i32 = 28;
        const EMFILE: i32 = 24;
        let folder = folder.to_path_buf();
        let code = match &source.kind {
            notify::ErrorKind::MaxFilesWatch => Some(ENOSPC),
            notify::ErrorKind::Io(error) => error.raw_os_error(),
            _ => None,
        };
        match code {
            Some(ENOSPC) => Self::NoWatchesLeft { folder, source },
            Some(EMFILE) => Self::TooManyFiles { folder, source },
            _ => Self::Folder { folder, source },
        }
    }
}

/// Watches until it is dropped. After that, no call is made.
#[derive(Debug)]
pub struct Watcher {
    fallback: Option<WatchError>,
    named: NamedFiles,
    stopped: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Calls `on_change`, on a thread of its own, each time one of `paths` has other bytes than before. What the files hold
    /// now is where it starts from, so start it before reading them. Where the system gives no events, it looks four times
    /// a second, and [`Watcher::fallback`] says why.
    pub fn start(
        paths: Vec<PathBuf>,
        on_change: impl Fn(&Path) + Send + 'static,
    ) -> Result<Self, WatchError> {
        Self::run(paths, on_change, Events::subscribe)
    }

    /// The same without events: for file systems that send none (network, some containers).
    pub fn polling(
        paths: Vec<PathBuf>,
        on_change: impl Fn(&Path) + Send + 'static,
    ) -> Result<Self, WatchError> {
        Self::run(paths, on_change, |_, _| Ok(Events::none()))
    }

    /// From now on a change of one of `files` counts as a change of `path`, which names them. It starts from what they held when
    /// `path` was read.
    pub fn follow(&self, path: &Path, files: Vec<NamedFile>) {
        let files = files.into_iter().map(|it| File {
            path: it.path,
            seen: Some(fingerprint(&it.bytes)),
            was_empty: false,
        });
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.insert(path.to_owned(), files.collect());
        drop(named);
        // The thread looks at once, and finds folders that it does not watch yet.
        let _ = self.wake.try_send(());
    }

    /// Why it looks at intervals, if it was meant to wait for events.
    pub fn fallback(&self) -> Option<&WatchError> {
        self.fallback.as_ref()
    }

    fn run(
        paths: Vec<PathBuf>,
        on_change: impl Fn(&Path) + Send + 'static,
        subscribe: impl FnOnce(SyncSender<()>, &[PathBuf]) -> Result<Events, WatchError>,
    ) -> Result<Self, WatchError> {
        // One place is enough: a second event adds nothing to "look again".
        let (wake, woken) = sync_channel(1);
        // Subscribing comes first, so that no change falls between it and the first look.
        let (events, fallback) = match subscribe(wake.clone(), &paths) {
            Ok(events) => (events, None),
            Err(error) => (Events::none(), Some(error)),
        };
        let stopped = Arc::new(AtomicBool::new(false));
        let named = NamedFiles::default();
        let mut watch = Watch {
            files: paths.into_iter().map(File::new).collect(),
            named: Arc::clone(&named),
            events,
            woken,
            stopped: Arc::clone(&stopped),
        };
        let thread = thread::Builder::new()
            .name("watch".into())
            .spawn(move || watch.run(&on_change))
            .map_err(WatchError::Thread)?;
        Ok(Self {
            fallback,
            named,
            stopped,
            wake,
            thread: Some(thread),
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // If it is full, the thread wakes anyway.
        let _ = self.wake.try_send(());
        if let Some(thread) = self.thread.take() {
            // Dropped by its own callback, it ends when that returns.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// By file that is watched: the files that it names.
type NamedFiles = Arc<Mutex<HashMap<PathBuf, Vec<File>>>>;

/// What the thread has.
struct Watch {
    files: Vec<File>,
    named: NamedFiles,
    events: Events,
    woken: Receiver<()>,
    stopped: Arc<AtomicBool>,
}

impl Watch {
    fn run(&mut self, on_change: &impl Fn(&Path)) {
        let mut unsure = false;
        loop {
            let look_anyway = unsure || self.events.native.is_none();
            if !look_anyway {
                if self.woken.recv().is_err() {
                    return;
                }
                self.settle();
            } else if self.woken.recv_timeout(PATIENCE).is_ok() {
                self.settle();
            }
            // A link may lead to another folder now.
            self.events.follow(self.files.iter().map(|file| &file.path));
            unsure = false;
            for file in &mut self.files {
                let mut look = file.look();
                if let Some(named) = self
                    .named
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_mut(&file.path)
                {
                    self.events.follow(named.iter().map(|file| &file.path));
                    look = named.iter_mut().map(File::look).fold(look, Look::or);
                }
                match look {
                    _ if self.stopped.load(Ordering::Acquire) => break,
                    Look::Same => {}
                    Look::Unsure => unsure = true,
                    Look::Changed => on_change(&file.path),
                }
            }
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// Waits until the folder is quiet, and not for ever.
    fn settle(&self) {
        let start = Instant::now();
        while let Some(left) = PATIENCE.checked_sub(start.elapsed()) {
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
            if let Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) =
                self.woken.recv_timeout(left.min(QUIET))
            {
                return;
            }
        }
    }
}

/// A file, and what it held when last seen.
#[derive(Debug)]
struct File {
    path: PathBuf,
    seen: Option<Fingerprint>,
    /// It was empty at the last look, which is how a save in place begins.
    was_empty: bool,
}

/// Length and hash of the bytes.
type Fingerprint = (usize, u64);

enum Look {
    Same,
    Unsure,
    Changed,
}

impl Look {
    /// What two files come to that are looked at together.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Changed, _) | (_, Self::Changed) => Self::Changed,
            (Self::Unsure, _) | (_, Self::Unsure) => Self::Unsure,
            (Self::Same, Self::Same) => Self::Same,
        }
    }
}

impl File {
    fn new(path: PathBuf) -> Self {
        let seen = fs::read(&path).ok().map(|bytes| fingerprint(&bytes));
        Self {
            path,
            seen,
            was_empty: false,
        }
    }

    fn look(&mut self) -> Look {
        // A file that is not there is most likely on its way back: saves by rename and by deletion pass through this.
        let Ok(bytes) = fs::read(&self.path) else {
            return Look::Same;
        };
        let now = Some(fingerprint(&bytes));
        if now == self.seen {
            self.was_empty = false;
            return Look::Same;
        }
        if bytes.is_empty() && !self.was_empty {
            self.was_empty = true;
            return Look::Unsure;
        }
        self.was_empty = false;
        self.seen = now;
        Look::Changed
    }
}

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    (bytes.len(), hasher.finish())
}

/// The system's events for a set of folders.
struct Events {
    native: Option<notify::RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl Events {
    fn none() -> Self {
        Self {
            native: None,
            folders: BTreeSet::new(),
        }
    }

    fn subscribe(wake: SyncSender<()>, paths: &[PathBuf]) -> Result<Self, WatchError> {
        let on_event = move |event: notify::Result<notify::Event>| {
            // Looking is an access too, and must not lead to another look. An error means that events were lost.
            let is_change = event.map_or(true, |event| match event.kind {
                EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
                _ => true,
            });
            if is_change {
                let _ = wake.try_send(());
            }
        };
        let first = paths.first().map(|path| folder(path)).unwrap_or_default();
        let native = notify::recommended_watcher(on_event)
            .map_err(|error| WatchError::new(&first, error))?;
        let mut events = Self {
            native: Some(native),
            folders: BTreeSet::new(),
        };
        for folder in paths.iter().flat_map(|path| folders(path)) {
            events.add(folder)?;
        }
        Ok(events)
    }

    fn add(&mut self, folder: PathBuf) -> Result<(), WatchError> {
        if let Some(native) = &mut self.native
            && !self.folders.contains(&folder)
        {
            native
                .watch(&folder, RecursiveMode::NonRecursive)
                .map_err(|error| WatchError::new(&folder, error))?;
            self.folders.insert(folder);
        }
        Ok(())
    }

    fn follow<'p>(&mut self, paths: impl Iterator<Item = &'p PathBuf>) {
        for folder in paths.flat_map(|path| folders(path)) {
            // The folder that holds the link is watched, and that is where the next swap will happen.
            let _ = self.add(folder);
        }
    }
}

/// The folder of a file, and the one that its links lead to.
fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder(path)];
    if let Ok(target) = path.canonicalize() {
        folders.push(folder(&target));
    }
    folders
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: notify::ErrorKind, advice: &str) {
        let error = WatchError::new(Path::new("scenarios"), notify::Error::new(kind));
        let message = error.to_string();
        assert!(message.starts_with("cannot watch scenarios: "), "{message}");
        assert!(message.contains(advice), "{message}");
    }

    #[test]
    fn a_limit_of_the_system_comes_with_advice() {
        let of_system = |code| notify::ErrorKind::Io(io::Error::from_raw_os_error(code));
        check(
            notify::ErrorKind::MaxFilesWatch,
            "fs.inotify.max_user_watches",
        );
        check(of_system(28), "fs.inotify.max_user_watches");
        check(of_system(24), "ulimit -n");
        check(of_system(13), "check that the folder exists");
        check(
            notify::ErrorKind::PathNotFound,
            "check that the folder exists",
        );
    }
}
