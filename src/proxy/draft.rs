//! An exchange under way, as far as a recording will know it. It is recorded however it ends: one that is dropped was left by its client.

use super::headers;
use super::recorder::{Filed, Recorder};
use crate::clock;
use crate::exchange::{Body, Ended, Exchange, Request, Response, Side, base, coding};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use std::future::Future;
use std::time::{Duration, Instant};

/// An exchange whose answer is not whole.
pub(super) struct Draft {
    /// `None` when it is recorded.
    begun: Option<Box<Begun>>,
}

struct Begun {
    recorder: Recorder,
    number: u64,
    at: jiff::Timestamp,
    started: Instant,
    /// Our own base and the upstream's, which a recording writes `{base}`.
    bases: [String; 2],
    asked: Asked,
    sent: Content,
    answer: Option<(StatusCode, HeaderMap)>,
    came: Content,
}

/// The head of a request.
pub(super) struct Asked {
    pub(super) method: Method,
    /// Below our own base.
    pub(super) path: String,
    pub(super) query: Option<String>,
    /// As they came.
    pub(super) fields: HeaderMap,
}

/// What is known of the content of a message.
struct Content {
    pieces: Vec<Bytes>,
    length: usize,
    /// How much of it a recording keeps.
    limit: usize,
    is_whole: bool,
}

impl Draft {
    /// A request has arrived, of which nothing but the head was read; `limit` is how much of a body is kept.
    pub(super) fn begin(recorder: &Recorder, asked: Asked, bases: [&str; 2], limit: usize) -> Self {
        let content = || Content {
            pieces: Vec::new(),
            length: 0,
            limit,
            is_whole: false,
        };
        Self {
            begun: Some(Box::new(Begun {
                number: recorder.next_number(),
                recorder: recorder.clone(),
                at: clock::now(),
                started: Instant::now(),
                bases: bases.map(str::to_owned),
                asked,
                sent: content(),
                answer: None,
                came: content(),
            })),
        }
    }

    /// A piece of the request's content has come.
    pub(super) fn sent(&mut self, piece: &Bytes) {
        self.with(|begun| begun.sent.add(piece));
    }

    /// All of the request's content has come.
    pub(super) fn all_is_sent(&mut self) {
        self.with(|begun| begun.sent.is_whole = true);
    }

    /// The head of the answer has come.
    pub(super) fn answered(&mut self, status: StatusCode, fields: &HeaderMap) {
        self.with(|begun| begun.answer = Some((status, fields.clone())));
    }

    /// A piece of the answer's content has come.
    pub(super) fn came(&mut self, piece: &Bytes) {
        self.with(|begun| begun.came.add(piece));
    }

    /// The answer is whole.
    pub(super) fn complete(mut self) -> impl Future<Output = Filed> + Send + use<> {
        let mut begun = self.take();
        begun.came.is_whole = true;
        begun.file(None)
    }

    /// The exchange ended before that.
    pub(super) fn ended(
        mut self,
        by: Side,
        why: String,
    ) -> impl Future<Output = Filed> + Send + use<> {
        self.take().file(Some(Ended { by, why }))
    }

    fn take(&mut self) -> Begun {
        let begun = self.begun.take();
        *begun.expect("it is taken once, when a draft is given away")
    }

    fn with(&mut self, work: impl FnOnce(&mut Begun)) {
        if let Some(begun) = &mut self.begun {
            work(begun);
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(begun) = self.begun.take() else {
            return;
        };
        let until = match (&begun.answer, begun.sent.is_whole) {
            (Some(_), _) => "the answer was whole",
            (None, true) => "the answer came",
            (None, false) => "its request was whole",
        };
        let why = format!("it left, or this proxy stopped, before {until}");
        begun.leave(Ended {
            by: Side::Client,
            why,
        });
    }
}

impl Begun {
    fn file(self, ended: Option<Ended>) -> impl Future<Output = Filed> + Send + use<> {
        let elapsed = self.started.elapsed();
        let (recorder, number) = (self.recorder.clone(), self.number);
        recorder.file(number, move || self.exchange(elapsed, ended))
    }

    fn leave(self, ended: Ended) {
        let elapsed = self.started.elapsed();
        let (recorder, number) = (self.recorder.clone(), self.number);
        recorder.leave(number, move || self.exchange(elapsed, Some(ended)));
    }

    /// As a recording has it, but for the secrets.
    fn exchange(self, elapsed: Duration, ended: Option<Ended>) -> Exchange {
        let bases = [self.bases[0].as_str(), self.bases[1].as_str()];
        let Asked {
            method,
            path,
            query,
            fields,
        } = self.asked;
        let sent = self.sent.read(&fields, bases);
        let mut request = Request::new(&method, path, query.as_deref(), &HeaderMap::new(), sent);
        request.headers = headers::recorded(&fields, bases);
        let response = match self.answer {
            Some((status, fields)) => Response {
                status: status.as_u16(),
                headers: headers::recorded(&fields, bases),
                body: self.came.read(&fields, bases),
            },
            None => Response::none(),
        };
        Exchange {
            at: self.at,
            elapsed,
            ended,
            request,
            response,
        }
    }
}

impl Content {
    fn add(&mut self, piece: &Bytes) {
        // One byte more than is kept says that there is more.
        if self.length <= self.limit {
            self.length += piece.len();
            self.pieces.push(piece.clone());
        }
    }

    /// Without its codings, for what they hide could not be searched for secrets.
    fn read(self, fields: &HeaderMap, bases: [&str; 2]) -> Body {
        let bytes = match <[Bytes; 1]>::try_from(self.pieces) {
            Ok([only]) => only,
            Err(pieces) => pieces.concat().into(),
        };
        let decoded = coding::decode(&bytes, fields, self.limit);
        let mut body = if self.is_whole && decoded.is_whole {
            let media_type = fields.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
            Body::read(&decoded.bytes, media_type)
        } else {
            Body::Cut {
                kept: decoded.bytes,
            }
        };
        for own in bases {
            base::rewrite_body(&mut body, own, base::PLACEHOLDER);
        }
        body
    }
}
