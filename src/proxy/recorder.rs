//! Writes each exchange into a fixture folder, before the last byte of its answer reaches the client.
//!
//! The file is written on the thread that carries the exchange: a fixture is a few kilobytes into the page cache, which costs less than
//! handing it to another thread and back, and there is no queue that could grow. A folder on a slow network disk slows the answers down.

use crate::exchange::folder::{Folder, FolderError};
use crate::exchange::{Exchange, secrets};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers exchanges as they arrive and writes them when they have ended. Clones share the folder and the numbers.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    folder: Folder,
    written: AtomicU64,
    losses: AtomicU64,
    observer: Box<dyn Fn(&FolderError) + Send + Sync>,
}

impl Recorder {
    /// Continues the numbering of `folder`. `observer` hears of every exchange that could not be written; the traffic goes on.
    pub fn new(folder: Folder, observer: impl Fn(&FolderError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            written: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            folder,
            observer: Box::new(observer),
        }))
    }

    /// How many exchanges were written.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Ends the recording, whose exchanges are forced to the disk if it is to be so.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn close(&self) -> Result<(), FolderError> {
        self.0.folder.close()
    }

    /// How many exchanges could not be written.
    pub fn losses(&self) -> u64 {
        self.0.losses.load(Ordering::Relaxed)
    }

    /// The number of a request that arrives now.
    pub(super) fn next_number(&self) -> u64 {
        self.0.folder.next_number()
    }

    /// Writes an exchange, secrets replaced.
    pub(super) fn write(&self, number: u64, mut exchange: Exchange) {
        secrets::replace(&mut exchange);
        match self.0.folder.write(number, &exchange) {
            Ok(_) => {
                self.0.written.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                self.0.losses.fetch_add(1, Ordering::Relaxed);
                (self.0.observer)(&error);
            }
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
