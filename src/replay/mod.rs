//! Replay: a recording answers in place of the service provider.
//!
//! A request is matched on method, path, canonical query and canonical body; headers decide nothing, so any credentials will
//! do. Equal requests get their answers in recorded order, and the last one then repeats. It knows no socket, and it makes
//! up no answer: what was not recorded is a 404 that names the nearest exchange. An exchange that ended before its answer was whole answers nothing.

mod answer;
mod miss;
mod partial;

use crate::exchange::redact::Redactor;
use crate::exchange::{
    Body, Ended, Exchange, FolderError, Request, base, canonical, coding, folder,
};
use crate::scim::{ErrorKind, ScimError};
use answer::Answer;
use bytes::Bytes;
use http::HeaderValue;
use miss::Nearest;
pub use partial::Partial;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The header of every answer: how well the request matched, and which exchange answers.
pub const MATCH: &str = "scimulate-match";

/// A request under a content coding is read up to so many bytes, or as many as were sent.
const DECODED: usize = 16 * 1024 * 1024;

/// A recording that answers requests. Requests on several threads wait for nothing but one counter each.
#[derive(Debug)]
pub struct Player {
    recorded: Vec<Recorded>,
    tracks: HashMap<String, Track>,
    unanswered: HashMap<String, Vec<(u64, Ended)>>,
    nearest: Nearest,
    redactor: Redactor,
    misses: AtomicU64,
    /// What a client whose request is not there may do about it.
    advice: Option<String>,
}

#[derive(Debug)]
struct Recorded {
    number: u64,
    request: Request,
    answer: Answer,
}

/// The exchanges whose requests are equal in canonical form, in the order of the recording.
#[derive(Debug, Default)]
struct Track {
    indexes: Vec<usize>,
    asked: AtomicUsize,
}

impl Track {
    fn next(&self) -> usize {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        self.indexes[turn.min(self.indexes.len() - 1)]
    }
}

impl Player {
    /// Reads the folder of a recording; the errors are all that there are.
    pub fn load(folder: &Path) -> Result<Self, Vec<FolderError>> {
        Self::load_redacted(folder, Redactor::default())
    }

    /// The same for a recording that was redacted like this: what a client sends is compared redacted too.
    pub fn load_redacted(folder: &Path, redactor: Redactor) -> Result<Self, Vec<FolderError>> {
        let exchanges = folder::read(folder)?;
        if exchanges.is_empty() {
            return Err(vec![FolderError::Empty {
                path: folder.into(),
            }]);
        }
        Ok(Self::new(exchanges, redactor))
    }

    fn new(exchanges: Vec<(u64, Exchange)>, redactor: Redactor) -> Self {
        for (_, exchange) in &exchanges {
            redactor.learn(exchange);
        }
        let mut tracks: HashMap<String, Track> = HashMap::new();
        let mut unanswered: HashMap<String, Vec<_>> = HashMap::new();
        let mut nearest = Nearest::default();
        let mut recorded = Vec::with_capacity(exchanges.len());
        for (number, mut exchange) in exchanges {
            // A file written by hand may hold a secret; the incoming request is compared without its own.
            redactor.request(&mut exchange.request);
            let key = canonical::key(&exchange.request);
            if let Some(ended) = exchange.ended {
                unanswered.entry(key).or_default().push((number, ended));
                continue;
            }
            let index = recorded.len();
            tracks.entry(key).or_default().indexes.push(index);
            nearest.add(index, &exchange.request);
            recorded.push(Recorded {
                number,
                request: exchange.request,
                answer: Answer::new(exchange.response),
            });
        }
        Self {
            recorded,
            tracks,
            unanswered,
            nearest,
            redactor,
            misses: AtomicU64::new(0),
            advice: None,
        }
    }

    /// The same, which says in every miss what can be done about it.
    #[must_use]
    pub fn advising(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }

    /// Answers a request whose path still has the path of `base`, the URL under which this player is reached; a miss is counted.
    pub fn answer(&self, base: &str, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        self.play(base, request).unwrap_or_else(|mut miss| {
            self.misses.fetch_add(1, Ordering::Relaxed);
            if let Some(advice) = &self.advice {
                miss.detail = format!("{}; {advice}", miss.detail);
            }
            miss.response(request.method())
        })
    }

    /// The recorded answer, or why there is none; what to do about that is for the caller, and it is not counted.
    ///
    /// # Errors
    /// When no recorded exchange answers.
    pub fn play(
        &self,
        base: &str,
        request: &http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Miss> {
        let path = request.uri().path();
        let Some(relative) = base::relative_path(path, base) else {
            let detail = format!("{path} is outside of the SCIM base; ask below {base}");
            return Err(Miss { detail });
        };
        let sent = self.comparable(relative, base, request);
        let key = canonical::key(&sent);
        let Some(track) = self.tracks.get(&key) else {
            let ended = self.unanswered.get(&key).and_then(|all| all.last());
            let detail = match ended {
                Some((number, ended)) => format!(
                    "exchange {number} of the recording asks the same and has no whole answer, for it was ended by {ended}; record it again"
                ),
                None => self.nearest.explain(&sent, &self.recorded),
            };
            return Err(Miss { detail });
        };
        let recorded = &self.recorded[track.next()];
        let level = if is_literally(&sent, &recorded.request) {
            "exact"
        } else {
            "canonical"
        };
        let mut response = recorded
            .answer
            .render(base, request.method(), recorded.number);
        let value = format!("{level}; exchange={}", recorded.number);
        let value = HeaderValue::try_from(value).expect("a level and a number are visible ASCII");
        response.headers_mut().insert(MATCH, value);
        Ok(response)
    }

    /// The request as the recorder would have written it: without secrets, and with `{base}` for our own base.
    fn comparable(&self, relative: &str, base: &str, request: &http::Request<Bytes>) -> Request {
        let mut sent = Request::new(
            request.method(),
            relative,
            request.uri().query(),
            request.headers(),
            Body::Empty,
        );
        let limit = request.body().len().max(DECODED);
        let decoded = coding::decode(request.body(), request.headers(), limit);
        sent.body = if decoded.is_whole {
            Body::read(&decoded.bytes, sent.content_type())
        } else {
            Body::Cut {
                kept: decoded.bytes,
            }
        };
        base::rewrite_body(&mut sent.body, base, base::PLACEHOLDER);
        self.redactor.request(&mut sent);
        sent
    }

    /// How many requests had no recorded answer.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// How many exchanges can be answered with.
    pub fn exchanges(&self) -> usize {
        self.recorded.len()
    }

    /// How many exchanges have no whole answer, and answer nothing.
    pub fn unanswered(&self) -> usize {
        self.unanswered.values().map(Vec::len).sum()
    }
}

/// A request that no recorded exchange answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// What was asked, the nearest exchange and what differs.
    pub detail: String,
}

impl Miss {
    /// The SCIM error that says so.
    pub fn response(&self, method: &http::Method) -> http::Response<Bytes> {
        let error = ScimError::new(ErrorKind::NotFound, self.detail.as_str());
        let mut response = answer::error(&error, method);
        response
            .headers_mut()
            .insert(MATCH, HeaderValue::from_static("none"));
        response
    }
}

fn is_literally(sent: &Request, recorded: &Request) -> bool {
    // As bytes: two JSON objects are equal values in any order of their members.
    let same_body = sent.body.to_bytes() == recorded.body.to_bytes();
    sent.path == recorded.path && sent.query == recorded.query && same_body
}
