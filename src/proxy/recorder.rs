//! Writes each exchange that the upstream answered into a fixture folder, before its last byte reaches the client.
//!
//! The file is written on the thread that carries the exchange: a fixture is a few kilobytes into the page cache, which costs less than
//! handing it to another thread and back, and there is no queue that could grow. A folder on a slow network disk slows the answers down.
//! An exchange that the upstream never answered, or whose client left before the end, is not recorded; its number stays free.

use super::headers;
use crate::clock;
use crate::exchange::folder::{Folder, FolderError};
use crate::exchange::redact::Redactor;
use crate::exchange::{Body, Exchange, Request, Response, base};
use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Numbers exchanges as they arrive and writes them when they are complete. Clones share the folder and the numbers.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    folder: Folder,
    redactor: Redactor,
    written: AtomicU64,
    losses: AtomicU64,
    observer: Box<dyn Fn(&FolderError) + Send + Sync>,
}

impl Recorder {
    /// Continues the numbering of `folder`. `redactor` replaces what is not to be written. `observer` hears of every exchange that could
    /// not be written; the traffic goes on.
    pub fn new(
        folder: Folder,
        redactor: Redactor,
        observer: impl Fn(&FolderError) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            written: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            folder,
            redactor,
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

    /// What replaces, and counts what it replaced.
    pub fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// How many exchanges could not be written.
    pub fn losses(&self) -> u64 {
        self.0.losses.load(Ordering::Relaxed)
    }

    /// A request has arrived: takes its number and its time.
    pub(super) fn arrival(&self) -> Arrival {
        Arrival {
            recorder: self.clone(),
            number: self.0.folder.next_number(),
            at: clock::now(),
            started: Instant::now(),
        }
    }

    fn write(&self, number: u64, exchange: &Exchange) {
        match self.0.folder.write(number, exchange) {
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
    /// The answer is complete: writes the exchange, secrets replaced.
    pub(super) fn complete(self, response: Response) {
        let Arrival {
            recorder,
            number,
            at,
            started,
        } = self.arrival;
        let mut exchange = Exchange {
            at,
            elapsed: started.elapsed(),
            request: self.request,
            response,
        };
        // What a content coding hides cannot be searched for secrets, so nothing of it is kept.
        for (headers, body) in [
            (&exchange.request.headers, &mut exchange.request.body),
            (&exchange.response.headers, &mut exchange.response.body),
        ] {
            if headers::is_coded(headers) && *body != Body::Empty {
                *body = Body::Cut { kept: Bytes::new() };
            }
        }
        recorder.0.redactor.exchange(&mut exchange);
        recorder.write(number, &exchange);
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
