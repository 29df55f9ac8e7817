//! A recording that is edited while it answers: read again when a file of its folder has changed. A broken file leaves the one before answering.

use super::exit::{Failure, say};
use crate::replay::{Player, Stage};
use notify::{RecursiveMode, Watcher as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// A save is many events. It is over when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(100);

/// Follows the changes of a folder until it is dropped.
pub(super) struct Edited {
    /// Its end is the end of the thread that it tells.
    _watcher: notify::RecommendedWatcher,
}

impl Edited {
    /// Begins to follow; `None`, and a warning, where the system tells no changes.
    pub(super) fn follow(
        folder: &Path,
        stage: Arc<Stage>,
        read: impl Fn() -> Result<Player, Failure> + Send + 'static,
    ) -> Option<Self> {
        let (events, changes) = channel();
        let on_event = move |event: notify::Result<notify::Event>| {
            // Reading the files is an event too, and no change.
            let is_change = event.as_ref().is_ok_and(|event| !event.kind.is_access());
            if is_change {
                // Nobody listens any more when the program ends.
                let _ = events.send(());
            }
        };
        let begun = notify::recommended_watcher(on_event).and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        let watcher = match begun {
            Ok(watcher) => watcher,
            Err(error) => {
                say(&format!(
                    "warning: changes of {} are not seen ({error}); start again after an edit",
                    folder.display()
                ));
                return None;
            }
        };
        std::thread::spawn(move || {
            while changes.recv().is_ok() {
                loop {
                    match changes.recv_timeout(QUIET) {
                        Ok(()) => {}
                        Err(RecvTimeoutError::Timeout) => break,
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
                match read() {
                    Ok(player) => {
                        let exchanges = player.exchanges();
                        if stage.give(player) {
                            anstream::eprintln!(
                                "read the recording again: {exchanges} exchanges, from the beginning"
                            );
                        }
                    }
                    Err(failure) => {
                        failure.print();
                        say("warning: the recording as it was before goes on answering");
                    }
                }
            }
        });
        Some(Self { _watcher: watcher })
    }
}
