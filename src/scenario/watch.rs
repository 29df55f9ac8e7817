//! Tells when a file has other bytes than before, whichever way an editor saves, and when a folder has other scenarios.
//!
//! It watches folders, because a save by rename (vim, VS Code) and a swapped link (Kubernetes) leave the old file as it was.
//! Events are a reason to look and nothing more. It does not read scenarios: what has changed, the caller finds out.

use super::{NamedFile, files_in};
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    watched: Watched,
    stopped: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Calls `on_change`, on a thread of its own, each time one of `paths` has other bytes than before, or other scenarios if it is a
    /// folder. What they hold now is where it starts from, so start it before reading them. Where the system gives no events, it looks four times
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

    /// From now on `path` is watched too. What it holds now is where it starts from.
    pub fn add(&self, path: &Path) {
        let place = Place {
            file: File::new(path.to_owned()),
            named: Vec::new(),
        };
        self.watched().entry(path.to_owned()).or_insert(place);
        self.look();
    }

    /// From now on `path` is not watched, nor what it names.
    pub fn remove(&self, path: &Path) {
        self.watched().remove(path);
    }

    /// From now on a change of one of `files` counts as a change of `path`, which names them. It starts from what they held when
    /// `path` was read.
    pub fn follow(&self, path: &Path, files: Vec<NamedFile>) {
        let files = files.into_iter().map(|it| File {
            path: it.path,
            seen: Some(Content::of(&it.bytes)),
            is_doubtful: false,
        });
        if let Some(place) = self.watched().get_mut(path) {
            place.named = files.collect();
        }
        self.look();
    }

    /// The scenarios of a folder when it was last told, or when the watching began: one that is missing for a moment, as while an editor
    /// saves it, is among them.
    pub fn scenarios(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let watched = self.watched();
        let seen = watched.get(folder).and_then(|it| it.file.seen.as_ref());
        match seen {
            Some(Content::Folder(scenarios)) => scenarios.clone(),
            _ => BTreeSet::new(),
        }
    }

    fn watched(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Place>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread looks at once, and finds folders that it does not watch yet.
    fn look(&self) {
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
        let places = paths.into_iter().map(|path| {
            let (file, named) = (File::new(path.clone()), Vec::new());
            (path, Place { file, named })
        });
        let watched = Watched::new(Mutex::new(places.collect()));
        let mut watch = Watch {
            watched: Arc::clone(&watched),
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
            watched,
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

/// All that is watched, by its path.
type Watched = Arc<Mutex<BTreeMap<PathBuf, Place>>>;

/// A file or a folder that is watched, with the files that it names.
#[derive(Debug)]
struct Place {
    file: File,
    named: Vec<File>,
}

impl Place {
    fn files(&self) -> impl Iterator<Item = &File> {
        std::iter::once(&self.file).chain(&self.named)
    }

    fn look(&mut self) -> Look {
        let all = std::iter::once(&mut self.file).chain(&mut self.named);
        all.map(File::look).fold(Look::Same, Look::or)
    }
}

/// What the thread has.
struct Watch {
    watched: Watched,
    events: Events,
    woken: Receiver<()>,
    stopped: Arc<AtomicBool>,
}

impl Watch {
    fn run(&mut self, on_change: &impl Fn(&Path)) {
        let mut unsure = false;
        loop {
            if unsure || self.events.are_missing() {
                if self.woken.recv_timeout(PATIENCE).is_ok() {
                    self.settle();
                }
            } else {
                if self.woken.recv().is_err() {
                    return;
                }
                self.settle();
            }
            let (changed, is_unsure) = self.look();
            unsure = is_unsure;
            for path in changed {
                if self.stopped.load(Ordering::Acquire) {
                    return;
                }
                on_change(&path);
            }
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
        }
    }

    /// What has changed, and whether there is something to look at again soon.
    fn look(&mut self) -> (Vec<PathBuf>, bool) {
        let (mut changed, mut unsure) = (Vec::new(), false);
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        // A link may lead to another folder now, and a folder may be another of the same name. Watching comes before looking.
        let files = watched.values().flat_map(Place::files);
        self.events.follow(files.map(|file| file.path.as_path()));
        for (path, place) in watched.iter_mut() {
            match place.look() {
                Look::Same => {}
                Look::Unsure => unsure = true,
                Look::Changed => changed.push(path.clone()),
            }
        }
        (changed, unsure)
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

/// A file or a folder, and what it held when last seen.
#[derive(Debug)]
struct File {
    path: PathBuf,
    seen: Option<Content>,
    /// At the last look it was as it is while somebody saves.
    is_doubtful: bool,
}

/// What a path holds.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    /// Length and hash of the bytes.
    Bytes(usize, u64),
    /// The scenarios that are in it.
    Folder(BTreeSet<PathBuf>),
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self::Bytes(bytes.len(), hasher.finish())
    }

    fn read(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(files_in(path)?.into_iter().collect()));
        }
        fs::read(path).map(|bytes| Self::of(&bytes))
    }

    /// Whether this may be the middle of a save: a file that is empty, a folder without what it had.
    fn is_doubtful_after(&self, seen: Option<&Self>) -> bool {
        match (self, seen) {
            (Self::Bytes(length, _), _) => *length == 0,
            (Self::Folder(now), Some(Self::Folder(seen))) => !seen.is_subset(now),
            (Self::Folder(_), _) => false,
        }
    }
}

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
        Self {
            seen: Content::read(&path).ok(),
            path,
            is_doubtful: false,
        }
    }

    fn look(&mut self) -> Look {
        // A file that is not there is most likely on its way back: saves by rename and by deletion pass through this.
        let Ok(now) = Content::read(&self.path) else {
            return Look::Same;
        };
        let was_doubtful = std::mem::take(&mut self.is_doubtful);
        if self.seen.as_ref() == Some(&now) {
            return Look::Same;
        }
        if now.is_doubtful_after(self.seen.as_ref()) && !was_doubtful {
            self.is_doubtful = true;
            return Look::Unsure;
        }
        self.seen = Some(now);
        Look::Changed
    }
}

/// The system's events for a set of folders.
struct Events {
    native: Option<notify::RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    /// Something was removed or renamed, which may have been a folder that is watched.
    moved: Arc<AtomicBool>,
    /// Some folder is not watched: it is not there, say.
    incomplete: bool,
}

impl Events {
    fn none() -> Self {
        Self {
            native: None,
            folders: BTreeSet::new(),
            moved: Arc::default(),
            incomplete: false,
        }
    }

    fn subscribe(wake: SyncSender<()>, paths: &[PathBuf]) -> Result<Self, WatchError> {
        let moved = Arc::new(AtomicBool::new(false));
        let has_moved = Arc::clone(&moved);
        let on_event = move |event: notify::Result<notify::Event>| {
            // Looking is an access too, and must not lead to another look. An error means that events were lost.
            let is_change = event.map_or(true, |event| match event.kind {
                EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
                EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                    has_moved.store(true, Ordering::Release);
                    true
                }
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
            moved,
            ..Self::none()
        };
        for folder in paths.iter().flat_map(|path| folders(path)) {
            events.add(folder)?;
        }
        Ok(events)
    }

    /// Whether a look must be taken without being told.
    fn are_missing(&self) -> bool {
        self.native.is_none() || self.incomplete
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

    /// Watches the folders of these paths, and no others.
    fn follow<'p>(&mut self, paths: impl Iterator<Item = &'p Path>) {
        let wanted: BTreeSet<PathBuf> = paths.flat_map(folders).collect();
        // What the system watches is the folder that had the name, wherever it is now.
        let all_anew = self.moved.swap(false, Ordering::AcqRel);
        if let Some(native) = &mut self.native {
            self.folders.retain(|folder| {
                let stays = wanted.contains(folder) && !all_anew;
                if !stays {
                    // One that is gone is not watched any more.
                    let _ = native.unwatch(folder);
                }
                stays
            });
        }
        self.incomplete = false;
        for folder in wanted {
            self.incomplete |= self.add(folder).is_err();
        }
    }
}

/// The folder of a path, the one that its links lead to, and itself if it is one.
fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder(path)];
    if let Ok(target) = path.canonicalize() {
        folders.push(folder(&target));
        if target.is_dir() {
            folders.extend([path.to_owned(), target]);
        }
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
