//! What happens, as server-sent events (WHATWG HTML section 9.2): exchanges, the faults among them, reloads, tenants that come and go.
//!
//! Nothing is sent to anybody. The exchanges of the journal and the log of what is no exchange are one row, whose numbers follow from
//! theirs. Each subscriber is a place in it, and takes what has come behind it when there is room; what has fallen out by then is told as a
//! gap. So whoever reads slowly costs nothing, and holds up nobody.

use super::problem::Problem;
use super::{Answer, Control};
use crate::journal::{Entry, Journal, Moment};
use crate::scim::ErrorKind;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Request, Response};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// How many events that are no exchange are kept.
const MOST: usize = 1000;

/// How many numbers and bytes go at a time, but for the last event.
const AT_ONCE: (usize, usize) = (64, 256 * 1024);

/// The names of events, but for `gap` and `lagged`, which everybody is told.
const TYPES: [&str; 4] = [EXCHANGE, RELOAD, FAULT, TENANT];
const EXCHANGE: &str = "exchange";
const FAULT: &str = "fault";
pub(super) const RELOAD: &str = "reload";
pub(super) const TENANT: &str = "tenant";

/// The last events that are no exchange.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    events: VecDeque<Arc<Event>>,
    /// How many there ever were.
    count: u64,
}

#[derive(Debug)]
struct Event {
    /// Its place among all that are no exchange, from 1.
    place: u64,
    /// The exchange before it.
    behind: u64,
    name: &'static str,
    tenant: Option<String>,
    data: Value,
}

impl Event {
    /// Its number in the row of events and exchanges.
    fn number(&self) -> u64 {
        self.place + self.behind
    }
}

impl Log {
    /// Adds an event behind the newest exchange.
    pub(super) fn add(
        &self,
        journal: &Journal,
        name: &'static str,
        tenant: Option<&str>,
        data: Value,
    ) {
        {
            // Held, so that nobody is past it when it comes.
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.count += 1;
            let event = Event {
                place: kept.count,
                behind: journal.moment().newest(),
                name,
                tenant: tenant.map(str::to_owned),
                data,
            };
            kept.events.push_back(Arc::new(event));
            if kept.events.len() > MOST {
                kept.events.pop_front();
            }
        }
        journal.nudge();
    }

    /// All of it, and the journal at the same moment.
    fn moment(&self, journal: &Journal) -> Row {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Row {
            events: kept.events.clone(),
            count: kept.count,
            moment: journal.moment(),
        }
    }
}

/// Exchanges and events at one moment.
struct Row {
    events: VecDeque<Arc<Event>>,
    count: u64,
    moment: Moment,
}

impl Row {
    fn newest(&self) -> u64 {
        self.moment.newest() + self.count
    }

    /// How many events there were before the oldest that is kept.
    fn forgotten(&self) -> u64 {
        self.count - self.events.len() as u64
    }

    /// The number of an exchange in the row.
    fn number(&self, exchange: u64) -> u64 {
        let before = self.events.partition_point(|it| it.behind < exchange);
        exchange + self.forgotten() + before as u64
    }

    /// The newest number that fell out; 0 when none did.
    fn fallen(&self) -> u64 {
        let exchange = self.moment.newest_fallen();
        let exchange = if exchange == 0 {
            0
        } else {
            self.number(exchange)
        };
        let event = match self.events.front() {
            // The one before it was not later than it would have been.
            Some(oldest) if self.forgotten() > 0 => oldest.number() - 1,
            _ => 0,
        };
        exchange.max(event)
    }

    /// The last exchange, and how many events there were, up to a number.
    fn split(&self, number: u64) -> (u64, usize) {
        let events = self.events.partition_point(|it| it.number() <= number);
        let exchange = number.saturating_sub(self.forgotten() + events as u64);
        (exchange, events)
    }
}

/// An extension of a response: its body is these events, and goes on as they come.
#[derive(Debug, Clone)]
pub struct Subscription {
    journal: Arc<Journal>,
    log: Arc<Log>,
    tenant: Option<String>,
    /// All when none are named.
    types: Vec<&'static str>,
    after: u64,
    /// Whether anything was taken yet.
    begun: bool,
}

impl Control {
    /// Events from now on, or from where a client says that it was.
    pub(super) fn events(&self, request: &Request<Bytes>) -> Answer {
        let mut subscription = Subscription {
            journal: self.journal.clone(),
            log: self.log.clone(),
            tenant: None,
            types: Vec::new(),
            after: self.log.moment(&self.journal).newest(),
            begun: false,
        };
        let refuse = |detail: String| Problem::new(ErrorKind::BadRequest, detail);
        let query = request.uri().query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "tenant" => subscription.tenant = Some(value.into_owned()),
                "type" => {
                    for word in value.split(',') {
                        let known = TYPES.into_iter().find(|it| *it == word);
                        let known = known.ok_or_else(|| {
                            refuse(format!(
                                "type: expected one of {}, found {word:?}",
                                TYPES.join(", ")
                            ))
                        });
                        subscription.types.push(known?);
                    }
                }
                _ => return Err(refuse(format!("{name}: expected tenant or type"))),
            }
        }
        if let Some(last) = request.headers().get(LAST_EVENT_ID) {
            let number = last.to_str().ok().and_then(|it| it.trim().parse().ok());
            subscription.after = number.ok_or_else(|| {
                refuse("Last-Event-ID: expected the number of an event".to_owned())
            })?;
        }
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static("text/event-stream");
        headers.insert(CONTENT_TYPE, media_type);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(subscription);
        Ok(response)
    }

    pub(super) fn tell(&self, name: &'static str, tenant: Option<&str>, data: Value) {
        self.log.add(&self.journal, name, tenant, data);
    }

    /// Tells that a tenant is there now.
    pub fn made(&self, name: &str) {
        let change = json!({"tenant": name, "change": "made"});
        self.tell(TENANT, Some(name), change);
    }
}

impl Subscription {
    /// What has come since, as text of the stream; empty when nothing has. Ask again when the journal changes.
    pub fn take(&mut self) -> Bytes {
        let mut said = String::new();
        if !self.begun {
            // Something at once, so that whoever connects sees that it works.
            said.push_str(": events of scimulate\n\n");
        }
        let row = self.log.moment(&self.journal);
        // Whoever comes back with a number that was never given has it from another run of the server.
        let from = if self.after > row.newest() {
            row.fallen()
        } else {
            self.after.max(row.fallen())
        };
        if from != self.after {
            let name = if self.begun { "lagged" } else { "gap" };
            let data = json!({"after": self.after, "from": from + 1});
            event(&mut said, name, Some(from), &data);
        }
        self.begun = true;
        self.after = from;
        self.merge(&row, &mut said);
        said.into()
    }

    /// Says exchanges and events in the order of their numbers, as much as goes at once.
    fn merge(&mut self, row: &Row, said: &mut String) {
        let (exchange, first) = row.split(self.after);
        let has_exchanges = self.wants(EXCHANGE) || self.wants(FAULT);
        let tenant = self.tenant.clone();
        let mut entries = row
            .moment
            .entries_of(tenant.as_deref(), exchange)
            .take_while(|_| has_exchanges)
            .peekable();
        let is_asked_for = |it: &&Arc<Event>| {
            let is_its = tenant.is_none() || it.tenant == tenant;
            is_its && self.wants(it.name)
        };
        let events: Vec<_> = row.events.range(first..).filter(is_asked_for).collect();
        let mut events = events.into_iter().peekable();
        for _ in 0..AT_ONCE.0 {
            let entry = entries.peek().map(|it| row.number(it.number));
            let other = events.peek().map(|it| it.number());
            let is_entry = match (entry, other) {
                (None, None) => {
                    self.after = row.newest();
                    return;
                }
                (Some(entry), Some(other)) => entry < other,
                (entry, _) => entry.is_some(),
            };
            if is_entry && let Some(entry) = entries.next() {
                self.after = row.number(entry.number);
                self.exchange(entry, said);
            } else if let Some(it) = events.next() {
                self.after = it.number();
                event(said, it.name, Some(self.after), &it.data);
            }
            if said.len() > AT_ONCE.1 {
                return;
            }
        }
    }

    /// An exchange, and the fault that it met before it. The last of the two has the number: whoever comes back with it has had both.
    fn exchange(&self, entry: &Entry, said: &mut String) {
        let (request, response) = (&entry.exchange.request, &entry.exchange.response);
        let is_whole = self.wants(EXCHANGE);
        if let Some(fault) = entry.fault.as_ref().filter(|_| self.wants(FAULT)) {
            let data = json!({
                "tenant": entry.tenant,
                "fault": fault,
                "exchange": entry.number,
                "method": request.method,
                "path": request.path,
                "status": response.status,
            });
            event(said, FAULT, (!is_whole).then_some(self.after), &data);
        }
        if is_whole {
            event(said, EXCHANGE, Some(self.after), &entry.to_json());
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.types.is_empty() || self.types.contains(&name)
    }
}

fn event(said: &mut String, name: &str, number: Option<u64>, data: &Value) {
    // Writing to a string does not fail.
    let _ = writeln!(said, "event: {name}");
    if let Some(number) = number {
        let _ = writeln!(said, "id: {number}");
    }
    let _ = writeln!(said, "data: {data}\n");
}
