//! The file of a directory, read and followed, and the cycles that come of it.

use super::super::exit::{Exit, Failure, say};
use super::super::listen::stop_signal;
use super::said::{Voice, size};
use super::unreadable;
use crate::idp::directory::{self, Directory};
use crate::idp::push::{Push, Report};
use crate::idp::state::StateError;
use crate::scenario::watch::Watcher;
use crate::scenario::{self, NamedFile};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Where the directory is, and how its changes are told.
pub(in crate::cli) struct Source {
    path: PathBuf,
    watcher: Option<Watcher>,
    changes: UnboundedReceiver<()>,
}

/// What runs.
pub(in crate::cli) struct Job {
    pub(in crate::cli) source: Source,
    pub(in crate::cli) directory: Directory,
    pub(in crate::cli) push: Push,
    pub(in crate::cli) voice: Arc<Voice>,
    pub(in crate::cli) once: bool,
}

impl Source {
    /// Watching begins here, before the first reading, so that no change falls between.
    pub(in crate::cli) fn new(path: PathBuf, is_followed: bool) -> Result<Self, Failure> {
        let (changed, changes) = unbounded_channel();
        let watcher = is_followed.then(|| {
            Watcher::start(vec![path.clone()], move |_| {
                // The receiver is gone only when the program ends.
                let _ = changed.send(());
            })
        });
        let watcher = watcher.transpose();
        let watcher = watcher.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        if let Some(reason) = watcher.as_ref().and_then(Watcher::fallback) {
            anstream::eprintln!(
                "note: {reason}; the directory is looked at four times a second instead"
            );
        }
        Ok(Self {
            path,
            watcher,
            changes,
        })
    }

    /// The directory as it is now.
    ///
    /// # Errors
    /// When it cannot be read, or something is wrong with it, which has been said.
    pub(in crate::cli) fn read(&mut self, voice: &Voice) -> Result<Directory, Failure> {
        let text = scenario::read(&self.path).map_err(|error| {
            let exit = match error {
                scenario::ReadError::Io { .. } => Exit::Failed,
                scenario::ReadError::NotText { .. } => Exit::Invalid,
            };
            Failure::new(exit, error.to_string())
        })?;
        let loaded = directory::load(&self.path, &text);
        self.follow(loaded.files);
        let Some(directory) = loaded.directory else {
            voice.wrong(&loaded.diagnostics);
            let errors = loaded.diagnostics.iter().filter(|it| it.is_error()).count();
            let s = if errors == 1 { "" } else { "s" };
            let path = self.path.display();
            let detail =
                format!("{path} has {errors} error{s}; nothing is pushed until that is mended");
            return Err(Failure::new(Exit::Invalid, detail));
        };
        for warning in &loaded.diagnostics {
            say(&warning.coloured());
        }
        Ok(directory)
    }

    fn follow(&self, files: Vec<NamedFile>) {
        if let Some(watcher) = &self.watcher {
            watcher.follow(&self.path, files);
        }
    }
}

impl Job {
    /// One cycle; or as many as there are reasons for, until SIGINT or SIGTERM.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(in crate::cli) fn run(self) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot wait for answers: {error}"))
        })?;
        let ended = runtime.block_on(self.work());
        // What is looked up in the background is nobody's business any more.
        runtime.shutdown_background();
        ended
    }

    async fn work(mut self) -> Result<Exit, Failure> {
        let stop = stop_signal().map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot wait for signals: {error}"))
        })?;
        let mut stop = std::pin::pin!(stop);
        loop {
            // To stop in the middle is what the state is made for; but not all was pushed that was asked for.
            let report = tokio::select! {
                report = self.push.cycle(&self.directory) => report,
                () = &mut stop => return Ok(if self.once { Exit::No } else { Exit::Done }),
            };
            let report = report.map_err(|error: StateError| unreadable(&error))?;
            self.voice.end(&report);
            if self.once {
                return Ok(exit(&report));
            }
            loop {
                tokio::select! {
                    () = &mut stop => return Ok(Exit::Done),
                    () = due(&self.push) => break,
                    _ = self.source.changes.recv() => {
                        match self.source.read(&self.voice) {
                            Ok(directory) => {
                                let now = size(&directory);
                                self.voice.note(&format!("{} has changed: {now}", self.source.path.display()));
                                self.directory = directory;
                                break;
                            }
                            // What was read before stays what is wanted.
                            Err(failure) => failure.print(),
                        }
                    }
                }
            }
        }
    }
}

/// Completes when the next cycle begins by itself.
async fn due(push: &Push) {
    match push.next_cycle() {
        None => std::future::pending().await,
        Some(at) => {
            let left = at.duration_since(push.pace().now());
            let left = Duration::try_from(left).unwrap_or_default();
            push.pace().wait(left).await;
        }
    }
}

fn exit(report: &Report) -> Exit {
    if report.is_good() {
        Exit::Done
    } else if report.is_unreachable() {
        Exit::Failed
    } else {
        Exit::No
    }
}
