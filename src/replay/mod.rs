//! Replay: a recording answers in place of the service provider, to a client that does not repeat itself to the byte.
//!
//! Three questions, each with a room of its own:
//!
//! - **Do two requests say the same?** The forms of `exchange::canonical`: exact, canonical, intent.
//! - **Is the answer one that could be given now?** `cell` names the parts of the state that a request reads; `history` goes through the
//!   recording once (with what `resource` remembers of each resource) and finds for each exchange the state that it needed and what it wrote.
//!   A replay reaches a state by the writes that it has answered, and an exchange answers only in the state that it was recorded in. So
//!   parallel clients are matched by resource and not by the order of the whole.
//! - **Which answer?** `index`: a look-up by form and state. Equal reads in one state get their answers in recorded order, and the last
//!   one repeats; a write is answered once. `answer` sends it again.
//!
//! Values that a client makes up on each run are known to `volatile`, which lets fresh ones stand for the recorded.
//!
//! What has no answer is a miss, and `miss` says why: what differs from the nearest exchange, or which write is missing.
//!
//! Header fields decide nothing, conditions excepted, so any credentials will do; only an exchange that was refused for having none
//! answers none. It knows no socket, and it makes up no answer. An exchange that ended before its answer was whole answers nothing.

mod answer;
mod cell;
mod differences;
mod history;
mod index;
mod miss;
mod open;
mod partial;
mod resource;
mod stage;
pub mod time;
mod volatile;

use crate::exchange::canonical::{self, Form, Level};
use crate::exchange::redact::Redactor;
use crate::exchange::walk::Schemas;
use crate::exchange::{Body, Ended, Exchange, FolderError, Request, base, coding, folder};
use answer::Answer;
use bytes::Bytes;
use history::{History, State, together, token};
use http::HeaderValue;
use index::{Index, Reached};
use miss::Nearest;
pub use miss::{Kept, Miss};
use open::Open;
pub use partial::Partial;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use stage::Stage;
use volatile::Bindings;
pub use volatile::Volatile;

/// The header of every answer: how well the request matched, and which exchange answers.
pub const MATCH: &str = "scimulate-match";

/// A request under a content coding is read up to so many bytes, or as many as were sent.
const DECODED: usize = 16 * 1024 * 1024;

/// What makes a recorded exchange the answer to a request.
#[derive(Debug, Clone)]
pub struct Matching {
    /// The loosest level.
    pub level: Level,
    /// When an exchange may answer.
    pub order: Order,
    /// Values that the client makes up.
    pub volatile: Volatile,
    /// What was done to the recording, and is done to what a client sends before both are compared.
    pub redactor: Redactor,
}

/// When a recorded exchange may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In the state that it was recorded in.
    Causal,
    /// In any: equal requests get their answers in recorded order, whatever was written between them.
    Strict,
}

impl Default for Matching {
    fn default() -> Self {
        Self {
            level: Level::Intent,
            order: Order::Causal,
            volatile: Volatile::default(),
            redactor: Redactor::default(),
        }
    }
}

/// A recording that answers requests.
#[derive(Debug)]
pub struct Player {
    schemas: Schemas,
    matching: Matching,
    recorded: Vec<Recorded>,
    history: History,
    index: Index,
    unanswered: HashMap<Form, Vec<(u64, Ended)>>,
    open: Open,
    nearest: Nearest,
    reached: Mutex<Reached>,
    bindings: Mutex<Bindings>,
    misses: AtomicU64,
    missed: Mutex<VecDeque<Kept>>,
    refusal: Option<http::StatusCode>,
    /// What a client whose request is not there may do about it.
    advice: Option<String>,
}

#[derive(Debug)]
struct Recorded {
    number: u64,
    request: Request,
    answer: Answer,
    /// Whether it changed something.
    is_write: bool,
}

impl Player {
    /// Reads the folder of a recording, to match it by meaning; the errors are all that there are.
    pub fn load(folder: &Path) -> Result<Self, Vec<FolderError>> {
        Self::load_with(folder, Matching::default())
    }

    /// The same, to match it otherwise.
    pub fn load_with(folder: &Path, matching: Matching) -> Result<Self, Vec<FolderError>> {
        Ok(Self::new(folder::recorded(folder)?, matching))
    }

    /// Makes a player of exchanges with their numbers.
    pub fn new(mut exchanges: Vec<(u64, Exchange)>, matching: Matching) -> Self {
        for (_, exchange) in &exchanges {
            matching.redactor.learn(exchange);
        }
        for (_, exchange) in &mut exchanges {
            // A file written by hand may hold a secret; the incoming request is compared without its own.
            matching.redactor.request(&mut exchange.request);
        }
        let schemas = Schemas::of(exchanges.iter().map(|(_, exchange)| exchange));
        let mut unanswered: HashMap<Form, Vec<_>> = HashMap::new();
        exchanges.retain(|(number, exchange)| match &exchange.ended {
            None => true,
            Some(ended) => {
                let form = Forms::of(&schemas, &exchange.request, false).canonical;
                unanswered
                    .entry(form)
                    .or_default()
                    .push((*number, ended.clone()));
                false
            }
        });
        let history = History::of(&schemas, &mut exchanges);
        let mut index = Index::default();
        let mut nearest = Nearest::default();
        let mut open = Open::of(&exchanges);
        let mut recorded = Vec::with_capacity(exchanges.len());
        for (n, (number, exchange)) in exchanges.into_iter().enumerate() {
            let Exchange {
                mut request,
                response,
                ..
            } = exchange;
            let at = u32::try_from(n).expect("a folder holds fewer files than that");
            let state = match matching.order {
                Order::Causal => history.needs[n],
                Order::Strict => 0,
            };
            let anonymous = response.status == 401 && is_anonymous(&request);
            let forms = Forms::of(&schemas, &request, anonymous);
            open.add(&schemas, &matching.volatile, at, &mut request, &response);
            index.add(forms.exact, state, at);
            index.add(forms.canonical, state, at);
            index.add_form(forms.canonical, at);
            let succeeded = (200..300).contains(&response.status);
            if succeeded && let Some((form, state)) = history.intent(&schemas, &request, n) {
                index.add(form, state, at);
            }
            nearest.add(n, &request);
            recorded.push(Recorded {
                number,
                is_write: succeeded && !cell::is_query(&request),
                request,
                answer: Answer::new(response),
            });
        }
        let reached = Reached::nothing(history.cells.len(), recorded.len());
        Self {
            schemas,
            matching,
            recorded,
            history,
            index,
            unanswered,
            open,
            nearest,
            reached: Mutex::new(reached),
            bindings: Mutex::default(),
            misses: AtomicU64::new(0),
            missed: Mutex::default(),
            refusal: None,
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

    /// The same, with another status for what was not recorded.
    #[must_use]
    pub fn refusing_with(self, status: http::StatusCode) -> Self {
        Self {
            refusal: Some(status),
            ..self
        }
    }

    /// Answers a request whose path still has the path of `base`, the URL under which this player is reached; a miss is counted.
    pub fn answer(&self, base: &str, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        self.play(base, request).unwrap_or_else(|mut miss| {
            if let Some(advice) = &self.advice {
                miss.detail = format!("{}; {advice}", miss.detail);
            }
            let response = miss.response_with(self.refusal, request.method());
            self.count(*miss);
            response
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
    ) -> Result<http::Response<Bytes>, Box<Miss>> {
        let path = request.uri().path();
        let Some(relative) = base::relative_path(path, base) else {
            return Err(Box::new(Miss::outside(request.method(), path, base)));
        };
        let mut sent = self.comparable(relative, base, request);
        let (level, at) = self.find(&mut sent)?;
        let recorded = &self.recorded[at];
        let mut response = match self.renewed(at) {
            Some(renewed) => renewed.render(base, request.method(), recorded.number),
            None => recorded
                .answer
                .render(base, request.method(), recorded.number),
        };
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
        self.matching.redactor.request(&mut sent);
        sent
    }

    /// The exchange that answers, which has written what it writes when this returns.
    fn find(&self, sent: &mut Request) -> Result<(Level, usize), Box<Miss>> {
        let (fresh, translated) = self.translate(sent);
        let forms = [true, false].map(|anonymous| {
            let applies = !anonymous || is_anonymous(sent);
            applies.then(|| Forms::of(&self.schemas, sent, anonymous))
        });
        let cells = cell::reads(&self.schemas, sent, self.history.me.as_ref());
        let cells: Vec<u32> = cells
            .iter()
            .filter_map(|cell| self.history.cells.get(cell).copied())
            .collect();
        let mut reached = self.reached();
        let state = self.state(&reached, &cells);
        let mut found = None;
        for forms in forms.iter().flatten() {
            for (level, form) in [
                (Level::Exact, forms.exact),
                (Level::Canonical, forms.canonical),
            ] {
                // A request with a fresh value is not the recorded one to the letter.
                let is_so_close = level > Level::Exact || !translated;
                if found.is_none() && is_so_close && level <= self.matching.level {
                    found = self.take(&mut reached, (form, state)).map(|at| (level, at));
                }
            }
        }
        if found.is_none() && self.applies_patches() {
            let key = self
                .history
                .intent_now(&self.schemas, sent, &reached.states);
            found = key
                .and_then(|key| self.take(&mut reached, key))
                .map(|at| (Level::Intent, at));
        }
        if found.is_none() && !fresh.is_empty() && self.matching.level >= Level::Canonical {
            found = self
                .made_up(&mut reached, sent, &fresh)
                .map(|at| (Level::Canonical, at));
        }
        let Some((level, at)) = found else {
            let same: Vec<usize> = forms
                .iter()
                .flatten()
                .flat_map(|forms| self.index.of_form(forms.canonical))
                .map(|at| *at as usize)
                .collect();
            let ended = forms.iter().flatten().find_map(|forms| {
                let all = self.unanswered.get(&forms.canonical)?;
                all.last()
            });
            if let (true, Some((number, ended))) = (same.is_empty(), ended) {
                return Err(Box::new(Miss::without_answer(sent, *number, ended)));
            }
            if same.is_empty() || self.matching.level == Level::Exact {
                drop(reached);
                let miss = self.nearest.explain(&self.schemas, sent, &self.recorded);
                return Err(Box::new(miss));
            }
            return Err(Box::new(self.out_of_order(sent, &same, &reached)));
        };
        if self.recorded[at].is_write && self.matching.order == Order::Causal {
            for cell in &self.history.writes[at] {
                reached.states[*cell as usize] ^= token(at);
            }
        }
        Ok((level, at))
    }

    fn take(&self, reached: &mut Reached, key: (Form, State)) -> Option<usize> {
        let once =
            |at: u32| self.matching.order == Order::Causal && self.recorded[at as usize].is_write;
        let at = self.index.take(reached, key, once)?;
        Some(at as usize)
    }

    fn state(&self, reached: &Reached, cells: &[u32]) -> State {
        match self.matching.order {
            Order::Causal => together(cells.iter().copied(), &reached.states),
            Order::Strict => 0,
        }
    }

    /// What a PATCH makes of a resource follows from what the resource is, which is not known where order is all that counts.
    fn applies_patches(&self) -> bool {
        self.matching.level == Level::Intent && self.matching.order == Order::Causal
    }

    fn reached(&self) -> MutexGuard<'_, Reached> {
        // What it holds is right between any two lines.
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests had no recorded answer.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Whether another one is of the same exchanges.
    fn is_of_the_same(&self, other: &Self) -> bool {
        let same = |(one, two): (&Recorded, &Recorded)| {
            one.number == two.number
                && one.request == two.request
                && one.answer.recorded() == two.answer.recorded()
        };
        self.recorded.len() == other.recorded.len()
            && self.recorded.iter().zip(&other.recorded).all(same)
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

/// The forms of a request that need nothing but the request.
#[derive(Clone, Copy)]
struct Forms {
    exact: Form,
    canonical: Form,
}

impl Forms {
    fn of(schemas: &Schemas, request: &Request, anonymous: bool) -> Self {
        let form = |level, mut text: String| {
            if anonymous {
                text.push_str("\nno credentials");
            }
            Form::of(level, &text)
        };
        Self {
            exact: form(Level::Exact, canonical::exact(request)),
            canonical: form(Level::Canonical, canonical::canonical(schemas, request)),
        }
    }
}

fn is_anonymous(request: &Request) -> bool {
    let mut names = request.headers.iter().map(|(name, _)| name);
    !names.any(|name| name.eq_ignore_ascii_case("authorization"))
}
