//! Writes each exchange into a fixture folder, before the last byte of its answer reaches the client.
//!
//! An answer waits for its file, but not longer than the recorder's patience: a disk that is full, or that hangs, costs exchanges, which are
//! counted and said, and no traffic.

use super::filing::{Filing, Unfinished};
use super::losses::{Loss, Losses, Lost, Notice};
use super::tally::{Seen, Tally};
use crate::exchange::Exchange;
use crate::exchange::folder::{Folder, FolderError};
use crate::exchange::redact::Redactor;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long an answer waits for its file where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(5);

/// Numbers exchanges as they arrive and writes them when they are complete. Clones share the folder and the numbers.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
    filing: Arc<Filing>,
    watcher: Option<Watcher>,
}

/// What is shown each exchange with its number.
type Watcher = Arc<dyn Fn(u64, &Exchange) + Send + Sync>;

struct Shared {
    folder: Folder,
    redactor: Redactor,
    written: AtomicU64,
    losses: Losses,
    tally: Tally,
    observer: Box<dyn Fn(&Notice) + Send + Sync>,
}

/// What became of an exchange on its way to the disk; the answer has it as an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// It is in a file.
    As {
        /// Its number.
        number: u64,
        /// The name of the file.
        name: String,
    },
    /// It is not known yet, as the answer still streams, or the disk is slow.
    Later,
    /// It is not recorded, for this reason.
    Not(String),
}

impl Recorder {
    /// Continues the numbering of `folder`. `redactor` replaces what is not to be written. `observer` hears of exchanges that could not be written, though not of each; the traffic goes on.
    pub fn new(
        folder: Folder,
        redactor: Redactor,
        observer: impl Fn(&Notice) + Send + Sync + 'static,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                folder,
                redactor,
                written: AtomicU64::new(0),
                losses: Losses::default(),
                tally: Tally::default(),
                observer: Box::new(observer),
            }),
            filing: Arc::new(Filing::new(PATIENCE)),
            watcher: None,
        }
    }

    /// The same, and `watcher` is shown each exchange as it is recorded, secrets replaced, on the thread that writes it.
    #[must_use]
    pub fn watched(self, watcher: impl Fn(u64, &Exchange) + Send + Sync + 'static) -> Self {
        Self {
            watcher: Some(Arc::new(watcher)),
            ..self
        }
    }

    /// The same, with answers that wait so long for their files.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self {
            filing: Arc::new(Filing::new(patience)),
            ..self
        }
    }

    /// How many exchanges were written.
    pub fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    /// What was seen in them.
    pub fn seen(&self) -> Seen {
        self.shared.tally.seen()
    }

    /// What replaces, and counts what it replaced.
    pub fn redactor(&self) -> &Redactor {
        &self.shared.redactor
    }

    /// How many exchanges could not be written.
    pub fn losses(&self) -> u64 {
        self.shared.losses.count()
    }

    /// What could not be written; `None` when everything was.
    pub fn lost(&self) -> Option<Lost> {
        self.shared.losses.lost()
    }

    /// How many answers went on before their files were written.
    pub fn late(&self) -> u64 {
        self.filing.late()
    }

    /// Ends the recording, when no request is under way: waits for what is still being written, and forces everything to the disk if it is
    /// to be so. What a disk that hangs still has not taken is lost.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn close(&self) -> Result<(), FolderError> {
        match self.filing.settle() {
            0 => self.shared.folder.close(),
            // Nor would it take anything else.
            left => {
                for _ in 0..left {
                    self.lose(&Loss::Unfinished);
                }
                Ok(())
            }
        }
    }

    /// The number of a request that arrives now.
    pub(super) fn next_number(&self) -> u64 {
        self.shared.folder.next_number()
    }

    /// Writes an exchange, and waits for that as long as there is patience.
    /// It is lost when what comes back is dropped and no thread has it.
    pub(super) fn file<E>(
        &self,
        number: u64,
        exchange: E,
    ) -> impl Future<Output = Filed> + Send + use<E>
    where
        E: FnOnce() -> Exchange + Send + 'static,
    {
        let (filing, owed) = (self.filing.clone(), self.owed());
        async move {
            let patience = filing.patience();
            let filed = filing.run(move || owed.write(number, exchange())).await;
            filed.unwrap_or_else(|unfinished| match unfinished {
                Unfinished::Late => Filed::Later,
                Unfinished::Dropped => Filed::Not(Loss::Slow(patience).to_string()),
            })
        }
    }

    /// Writes an exchange for which nobody waits.
    pub(super) fn leave(&self, number: u64, exchange: impl FnOnce() -> Exchange + Send + 'static) {
        let owed = self.owed();
        self.filing.detach(move || {
            owed.write(number, exchange());
        });
    }

    fn owed(&self) -> Owed {
        Owed {
            recorder: self.clone(),
            is_paid: false,
        }
    }

    fn lose(&self, loss: &Loss) {
        self.tell(self.shared.losses.add(loss));
    }

    fn tell(&self, notice: Option<Notice>) {
        if let Some(notice) = notice {
            (self.shared.observer)(&notice);
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("losses", &self.losses())
            .finish_non_exhaustive()
    }
}

/// An exchange that is owed to the folder: one that is dropped before it is written is lost.
struct Owed {
    recorder: Recorder,
    is_paid: bool,
}

impl Owed {
    fn write(mut self, number: u64, mut exchange: Exchange) -> Filed {
        self.recorder.shared.redactor.exchange(&mut exchange);
        let shared = self.recorder.shared.clone();
        let written = shared.folder.write(number, &exchange);
        self.is_paid = true;
        if let Some(watcher) = &self.recorder.watcher {
            watcher(number, &exchange);
        }
        match written {
            Ok(file) => {
                shared.written.fetch_add(1, Ordering::Relaxed);
                shared.tally.add(&exchange, file.bytes);
                self.recorder.tell(shared.losses.none());
                Filed::As {
                    number,
                    name: name(&file.path),
                }
            }
            Err(error) => {
                let loss = Loss::from(error);
                self.recorder.lose(&loss);
                Filed::Not(loss.to_string())
            }
        }
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if !self.is_paid {
            self.recorder.lose(&if std::thread::panicking() {
                Loss::Defect
            } else {
                Loss::Slow(self.recorder.filing.patience())
            });
        }
    }
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
