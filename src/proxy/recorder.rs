//! Writes each exchange that the upstream answered into a fixture folder, before its last byte reaches the client.
//!
//! An answer waits for its file, but not longer than the recorder's patience: a disk that is full, or that hangs, costs exchanges, which are
//! counted and said, and no traffic. An exchange that the upstream never answered, or whose client left before the end, is not recorded; its
//! number stays free.

use super::filing::{Filing, Unfinished};
use super::headers;
use super::losses::{Loss, Losses, Lost, Notice};
use crate::clock;
use crate::exchange::folder::{Folder, FolderError};
use crate::exchange::{Body, Exchange, Request, Response, base, secrets};
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
    written: AtomicU64,
    losses: Losses,
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
    /// Continues the numbering of `folder`. `observer` hears of exchanges that could not be written, though not of each; the traffic goes on.
    pub fn new(folder: Folder, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                folder,
                written: AtomicU64::new(0),
                losses: Losses::default(),
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

    /// A request has arrived: takes its number and its time.
    pub(super) fn arrival(&self) -> Arrival {
        Arrival {
            recorder: self.clone(),
            number: self.shared.folder.next_number(),
            at: clock::now(),
            started: Instant::now(),
        }
    }

    /// Writes an exchange, and waits for that as long as there is patience.
    fn file(self, number: u64, exchange: Exchange) -> impl Future<Output = Filed> + Send + use<> {
        let filing = self.filing.clone();
        let owed = Owed {
            recorder: self,
            is_paid: false,
        };
        async move {
            let patience = filing.patience();
            let filed = filing.run(move || owed.write(number, exchange)).await;
            filed.unwrap_or_else(|unfinished| match unfinished {
                Unfinished::Late => Filed::Later,
                Unfinished::Dropped => Filed::Not(Loss::Slow(patience).to_string()),
            })
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
        prepare(&mut exchange);
        let shared = self.recorder.shared.clone();
        let written = shared.folder.write(number, &exchange);
        self.is_paid = true;
        if let Some(watcher) = &self.recorder.watcher {
            watcher(number, &exchange);
        }
        match written {
            Ok(path) => {
                shared.written.fetch_add(1, Ordering::Relaxed);
                self.recorder.tell(shared.losses.none());
                Filed::As {
                    number,
                    name: name(&path),
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

/// The exchange as it may be written, secrets replaced.
fn prepare(exchange: &mut Exchange) {
    // What a content coding hides cannot be searched for secrets, so nothing of it is kept.
    for (headers, body) in [
        (&exchange.request.headers, &mut exchange.request.body),
        (&exchange.response.headers, &mut exchange.response.body),
    ] {
        if headers::is_coded(headers) && *body != Body::Empty {
            *body = Body::Cut { kept: Bytes::new() };
        }
    }
    secrets::replace(exchange);
}

/// The number and the time of a request that has not been read yet.
pub(super) struct Arrival {
    recorder: Recorder,
    number: u64,
    at: jiff::Timestamp,
    started: Instant,
}

/// An exchange whose answer is not complete.
pub(super) struct Draft {
    arrival: Arrival,
    request: Request,
}

impl Arrival {
    /// The request has been read. `bases` are our own base and the upstream's, which a recording writes `{base}`.
    pub(super) fn request(
        self,
        path: &str,
        head: &Parts,
        fields: &HeaderMap,
        mut body: Body,
        bases: [&str; 2],
    ) -> Draft {
        place_base(&mut body, bases);
        let mut request = Request::new(&head.method, path, head.uri.query(), fields, body);
        request.headers = headers::recorded(fields, bases);
        Draft {
            arrival: self,
            request,
        }
    }
}

impl Draft {
    /// The answer is complete: writes the exchange, secrets replaced. It has been lost when what comes back is dropped and no thread has it.
    pub(super) fn complete(self, response: Response) -> impl Future<Output = Filed> + Send + use<> {
        let Arrival {
            recorder,
            number,
            at,
            started,
        } = self.arrival;
        let exchange = Exchange {
            at,
            elapsed: started.elapsed(),
            ended: None,
            request: self.request,
            response,
        };
        recorder.file(number, exchange)
    }
}

/// The answer as a recording has it.
pub(super) fn recorded_response(
    status: u16,
    fields: &HeaderMap,
    mut body: Body,
    bases: [&str; 2],
) -> Response {
    place_base(&mut body, bases);
    Response {
        status,
        headers: headers::recorded(fields, bases),
        body,
    }
}

fn place_base(body: &mut Body, bases: [&str; 2]) {
    for own in bases {
        base::rewrite_body(body, own, base::PLACEHOLDER);
    }
}
