//! Scenario files loaded again: when they change, when folders have others, at SIGHUP, when the control API asks. The new world takes the
//! old one's place, or the old one stays and the reasons are said. One thread does it all, one thing after the other.

use super::exit::{Exit, Failure, say};
use super::scenarios;
use crate::control::{Control, Outcome, Reloaded, Source};
use crate::scenario::watch::Watcher;
use crate::scenario::{self, Diagnostic, ReadError, Scenario};
use crate::service::{self, Renewal, Tenant, Tenants};
use clap::{Args, ValueEnum};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::{fs, io, thread};

#[derive(Debug, Args)]
pub(super) struct WatchOptions {
    /// How changes of scenario files and folders are noticed; `off` leaves it to SIGHUP and `POST /reload`
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        default_value = "auto",
        env = "SCIMULATE_WATCH"
    )]
    watch: Watch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Watch {
    /// As the system tells, or else by looking
    Auto,
    /// By looking four times a second, where the system tells nothing: network drives, some containers
    Poll,
    /// Not at all
    Off,
}

/// Something to do.
enum Task {
    /// A file or a folder has changed.
    Changed(PathBuf),
    /// Everything, or the scenario of one tenant; who asks is told when it is done.
    Asked(Option<String>, Option<Sender<Vec<Reloaded>>>),
}

/// What was named on the command line, and what became of each scenario file in it.
pub(super) struct Files {
    named: Vec<PathBuf>,
    all: BTreeMap<PathBuf, File>,
    /// Those of the start, in their order.
    first: Vec<PathBuf>,
    watcher: Option<Watcher>,
    tasks: Receiver<Task>,
    sender: Sender<Task>,
}

/// A scenario file.
struct File {
    tenant: String,
    /// Of what it and the files that it names held when it was last loaded.
    digest: Option<u64>,
    names: Vec<PathBuf>,
    state: State,
}

enum State {
    Served,
    /// Why it is not served, as it was said.
    Waiting(Vec<String>),
    /// Its tenant was dropped by a client, and stays so as long as the file is there.
    Dropped,
}

/// How the control API asks.
#[derive(Debug)]
struct Desk(Sender<Task>);

impl Source for Desk {
    fn reload(&self, tenant: Option<&str>) -> Vec<Reloaded> {
        let (reply, done) = mpsc::channel();
        let asked = Task::Asked(tenant.map(str::to_owned), Some(reply));
        let done = self.0.send(asked).ok().and_then(|()| done.recv().ok());
        done.unwrap_or_else(|| {
            let reason = "reloads have ended by a defect; start the server again".to_owned();
            let name = tenant.unwrap_or("scimulate").to_owned();
            let outcome = Outcome::Failed(vec![reason]);
            vec![Reloaded { name, outcome }]
        })
    }
}

/// Why a scenario cannot be served.
enum Trouble {
    Unreadable(ReadError),
    Invalid(Vec<Diagnostic>),
    NotAdded(String),
}

impl Trouble {
    /// For the terminal.
    fn messages(&self) -> Vec<String> {
        match self {
            Self::Invalid(diagnostics) => diagnostics.iter().map(Diagnostic::coloured).collect(),
            Self::NotAdded(reason) => vec![format!("warning: {reason}")],
            Self::Unreadable(error) => vec![error.to_string()],
        }
    }

    /// As text.
    fn plain(&self) -> Vec<String> {
        match self {
            Self::Unreadable(error) => vec![error.to_string()],
            Self::Invalid(diagnostics) => diagnostics.iter().map(ToString::to_string).collect(),
            Self::NotAdded(reason) => vec![reason.clone()],
        }
    }
}

impl Files {
    /// The scenario files that were named, each fit to be a tenant beside the others. Watching begins here, before the first reading, so
    /// that no change falls between.
    pub(super) fn find(named: &[PathBuf], options: &WatchOptions) -> Result<Self, Failure> {
        let first = scenarios::files(named)?;
        let mut clashes = scenarios::clashes(&first, scenarios::are_several(named));
        if !clashes.is_empty() {
            return Err(Failure::new(Exit::Usage, clashes.remove(0).1));
        }
        let (sender, tasks) = mpsc::channel();
        let folders = named.iter().filter(|path| path.is_dir());
        let watched: Vec<_> = first.iter().chain(folders).cloned().collect();
        let changed = sender.clone();
        let on_change = move |path: &Path| {
            // The receiver is gone only when the program ends.
            let _ = changed.send(Task::Changed(path.to_owned()));
        };
        let watcher = match options.watch {
            _ if watched.is_empty() => None,
            Watch::Off => None,
            Watch::Auto => Some(Watcher::start(watched, on_change)),
            Watch::Poll => Some(Watcher::polling(watched, on_change)),
        };
        let watcher = watcher.transpose();
        let watcher = watcher.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        if let Some(reason) = watcher.as_ref().and_then(Watcher::fallback) {
            anstream::eprintln!(
                "note: {reason}; scenario files are looked at four times a second instead"
            );
        }
        Ok(Self {
            named: named.to_vec(),
            all: BTreeMap::new(),
            first,
            watcher,
            tasks,
            sender,
        })
    }

    /// Those of the start.
    pub(super) fn first(&self) -> &[PathBuf] {
        &self.first
    }

    /// Whether each is served at `/NAME/scim/v2`. A folder may have more files tomorrow, so this is not asked of their number.
    pub(super) fn are_several(&self) -> bool {
        scenarios::are_several(&self.named)
    }

    /// Whether changes are noticed.
    pub(super) fn are_watched(&self) -> bool {
        self.watcher.is_some()
    }

    /// How the control API asks for a reload.
    pub(super) fn source(&self) -> Arc<dyn Source> {
        Arc::new(Desk(self.sender.clone()))
    }

    /// Loads the files of the start.
    pub(super) fn load(&mut self) -> Result<Vec<(Scenario, Tenant)>, Failure> {
        let (mut loaded, mut wrong) = (Vec::new(), Vec::new());
        for path in self.first.clone() {
            let mut file = File::new(&path);
            match self.read(&path, &mut file) {
                Ok(one) => loaded.push(one),
                Err(trouble) => wrong.append(&mut trouble.messages()),
            }
            file.state = State::Served;
            self.all.insert(path, file);
        }
        if wrong.is_empty() {
            Ok(loaded)
        } else {
            Err(Failure::several(Exit::Invalid, wrong))
        }
    }

    /// Follows what happens, on a thread of its own, as long as the program runs.
    ///
    /// # Errors
    /// When SIGHUP cannot be had.
    pub(super) fn follow(
        self,
        tenants: Arc<Tenants>,
        control: Option<Arc<Control>>,
    ) -> Result<(), Failure> {
        on_hangup(self.sender.clone()).map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot wait for SIGHUP: {error}"))
        })?;
        let mut follower = Follower {
            files: self,
            tenants,
            control,
        };
        thread::spawn(move || {
            while let Ok(task) = follower.files.tasks.recv() {
                follower.perform(task);
            }
        });
        Ok(())
    }

    /// A scenario and its tenant, or everything that is wrong with it. Warnings are said either way.
    fn read(&self, path: &Path, file: &mut File) -> Result<(Scenario, Tenant), Trouble> {
        // Until it can be read, it is not as it was.
        file.digest = None;
        let text = scenario::read(path).map_err(Trouble::Unreadable)?;
        let loaded = service::load(path, &text);
        let named = loaded.files.iter();
        file.digest = Some(digest(&text, named.map(|it| it.bytes.as_slice())));
        file.names = loaded.files.iter().map(|it| it.path.clone()).collect();
        if let Some(watcher) = &self.watcher {
            watcher.follow(path, loaded.files);
        }
        let Some(tenant) = loaded.tenant else {
            return Err(Trouble::Invalid(loaded.diagnostics));
        };
        for warning in &loaded.diagnostics {
            say(&warning.coloured());
        }
        Ok(tenant)
    }
}

impl File {
    fn new(path: &Path) -> Self {
        Self {
            tenant: scenarios::name(path),
            digest: None,
            names: Vec::new(),
            state: State::Waiting(Vec::new()),
        }
    }

    /// Whether it and what it names hold what they held when it was last loaded.
    fn is_as_loaded(&self, path: &Path) -> bool {
        let Ok(text) = fs::read_to_string(path) else {
            return false;
        };
        let named: Vec<_> = self
            .names
            .iter()
            .map(|it| fs::read(it).unwrap_or_default())
            .collect();
        self.digest == Some(digest(&text, named.iter().map(Vec::as_slice)))
    }
}

fn digest<'b>(text: &str, named: impl Iterator<Item = &'b [u8]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    named.for_each(|bytes| bytes.hash(&mut hasher));
    hasher.finish()
}

/// The thread's.
struct Follower {
    files: Files,
    tenants: Arc<Tenants>,
    control: Option<Arc<Control>>,
}

impl Follower {
    fn perform(&mut self, task: Task) {
        match task {
            Task::Changed(path) if self.files.all.contains_key(&path) => {
                self.load_again(&path, false);
            }
            Task::Changed(folder) => {
                if self.files.named.contains(&folder) {
                    self.list_again(&folder, false);
                }
            }
            Task::Asked(tenant, reply) => {
                let done = match tenant {
                    None => self.everything(),
                    Some(name) => self.one(&name),
                };
                if let Some(reply) = reply {
                    // Who asked may have gone.
                    let _ = reply.send(done);
                }
            }
        }
    }

    fn everything(&mut self) -> Vec<Reloaded> {
        let before: Vec<PathBuf> = self.files.all.keys().cloned().collect();
        let mut done = Vec::new();
        for named in self.files.named.clone() {
            if named.is_dir() {
                done.append(&mut self.list_again(&named, true));
            }
        }
        done.extend(before.iter().filter_map(|path| self.load_again(path, true)));
        if self.files.all.is_empty() {
            anstream::eprintln!("nothing is loaded again: no scenario file is served");
        }
        done
    }

    fn one(&mut self, name: &str) -> Vec<Reloaded> {
        let is_served = |file: &File| matches!(file.state, State::Served);
        let of_name = self.files.all.iter().filter(|(_, it)| it.tenant == name);
        let path = of_name
            .max_by_key(|(_, file)| is_served(file))
            .map(|it| it.0.clone());
        let done = path.and_then(|path| self.load_again(&path, true));
        done.into_iter().collect()
    }

    /// Finds which files of a folder are new, and which are gone. On the word of the watcher, a file is gone only if both see it so: it may
    /// be missing for a moment while it is saved.
    fn list_again(&mut self, folder: &Path, asked: bool) -> Vec<Reloaded> {
        let present = match scenario::files_in(folder) {
            Ok(present) => present,
            Err(error) => {
                let reason = format!("cannot read {}: {error}", folder.display());
                say(&reason);
                let name = folder.display().to_string();
                let outcome = Outcome::Failed(vec![reason]);
                return vec![Reloaded { name, outcome }];
            }
        };
        let seen = match &self.files.watcher {
            Some(watcher) if !asked => watcher.scenarios(folder),
            _ => BTreeSet::new(),
        };
        let is_gone = |path: &&PathBuf| {
            path.parent() == Some(folder) && !present.contains(path) && !seen.contains(*path)
        };
        let known = self.files.all.keys();
        let gone: Vec<PathBuf> = known.filter(is_gone).cloned().collect();
        let mut done: Vec<_> = gone.iter().filter_map(|path| self.remove(path)).collect();
        for path in present {
            if !self.files.all.contains_key(&path) {
                if let Some(watcher) = &self.files.watcher {
                    watcher.add(&path);
                }
                self.files.all.insert(path.clone(), File::new(&path));
                done.extend(self.load_again(&path, true));
            }
        }
        if !gone.is_empty() {
            // A name may be free now.
            let waiting = self.files.all.iter();
            let waiting = waiting.filter(|(_, it)| matches!(it.state, State::Waiting(_)));
            let waiting: Vec<PathBuf> = waiting.map(|(path, _)| path.clone()).collect();
            for path in waiting {
                self.load_again(&path, true);
            }
        }
        done
    }

    /// A file is gone, and its tenant with it.
    fn remove(&mut self, path: &Path) -> Option<Reloaded> {
        let file = self.files.all.remove(path)?;
        if let Some(watcher) = &self.files.watcher {
            watcher.remove(path);
        }
        let source = path.display().to_string();
        if let Some(control) = &self.control {
            control.waits(&source, None);
        }
        if !matches!(file.state, State::Served) || !self.tenants.remove_of_file(&file.tenant) {
            return None;
        }
        if let Some(control) = &self.control {
            control.dropped(&file.tenant);
        }
        anstream::eprintln!("dropped `{}`: {source} is gone", file.tenant);
        Some(Reloaded {
            name: file.tenant,
            outcome: Outcome::Dropped,
        })
    }

    /// Loads a file again, if it holds something else or somebody has asked. What was not served is, if it can be.
    fn load_again(&mut self, path: &Path, asked: bool) -> Option<Reloaded> {
        let mut file = self.files.all.remove(path)?;
        let outcome = self.try_again(path, &mut file, asked);
        let name = match &file.state {
            State::Waiting(_) => path.display().to_string(),
            _ => file.tenant.clone(),
        };
        self.files.all.insert(path.to_owned(), file);
        Some(Reloaded {
            name,
            outcome: outcome?,
        })
    }

    fn try_again(&self, path: &Path, file: &mut File, asked: bool) -> Option<Outcome> {
        if matches!(file.state, State::Served) && !self.tenants.follows(&file.tenant) {
            file.state = State::Dropped;
        }
        if matches!(file.state, State::Dropped) || !asked && file.is_as_loaded(path) {
            return None;
        }
        let read = self.files.read(path, file);
        if let Err(Trouble::Unreadable(ReadError::Io { source, .. })) = &read
            && !asked
            && source.kind() == io::ErrorKind::NotFound
        {
            // It is on its way back, and is told then.
            return None;
        }
        let is_served = matches!(file.state, State::Served);
        let put = read.and_then(|(_, tenant)| {
            if is_served {
                return Ok(self.tenants.reload(tenant).map(Outcome::Renewed));
            }
            let added = self.tenants.add(tenant);
            let added = added.map_err(|error| Trouble::NotAdded(error.to_string()))?;
            anstream::eprintln!("serving {} at {added}", path.display());
            Ok(Some(Outcome::Added))
        });
        match put {
            Ok(outcome) => {
                if let Some(control) = &self.control {
                    control.waits(&path.display().to_string(), None);
                    control.reloaded(&file.tenant, Ok(()));
                    if !is_served {
                        control.made(&file.tenant);
                    }
                }
                if let Some(Outcome::Renewed(renewal)) = &outcome {
                    tell(path, renewal);
                }
                file.state = State::Served;
                outcome
            }
            Err(trouble) => Some(self.failed(path, file, &trouble)),
        }
    }

    fn failed(&self, path: &Path, file: &mut File, trouble: &Trouble) -> Outcome {
        let reasons = trouble.plain();
        let shown = path.display();
        if let State::Waiting(before) = &mut file.state {
            if let Some(control) = &self.control {
                control.waits(&shown.to_string(), Some(reasons.clone()));
            }
            if *before != reasons {
                trouble.messages().iter().for_each(|it| say(it));
                anstream::eprintln!("{shown} is not served until that is mended");
                before.clone_from(&reasons);
            }
        } else {
            if let Some(control) = &self.control {
                control.reloaded(&file.tenant, Err(reasons.clone()));
            }
            trouble.messages().iter().for_each(|it| say(it));
            anstream::eprintln!("{shown} is not loaded; the directory stays as it was");
        }
        Outcome::Failed(reasons)
    }
}

/// What was renewed, and what became of the rest.
fn tell(path: &Path, renewal: &Renewal) {
    let mut said = format!("reloaded {}: renewed {}", path.display(), renewal.renewed);
    for (number, what) in [
        (renewal.kept, "kept"),
        (renewal.dropped, "dropped"),
        (renewal.lost.len(), "could not keep"),
    ] {
        if number > 0 {
            let _ = write!(said, ", {what} {number} made at run time");
        }
    }
    anstream::eprintln!("{said}");
    for reason in &renewal.lost {
        anstream::eprintln!("warning: a resource made at run time could not be kept: {reason}");
    }
}

/// Asks for everything at each SIGHUP.
#[cfg(unix)]
fn on_hangup(tasks: Sender<Task>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let entered = runtime.enter();
    // Before anybody is told that the program is ready.
    let mut hangups = signal(SignalKind::hangup())?;
    drop(entered);
    thread::spawn(move || {
        runtime.block_on(async {
            while hangups.recv().await.is_some() && tasks.send(Task::Asked(None, None)).is_ok() {}
        });
    });
    Ok(())
}

/// There is no such signal.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "it is one elsewhere")]
fn on_hangup(_: Sender<Task>) -> io::Result<()> {
    Ok(())
}
