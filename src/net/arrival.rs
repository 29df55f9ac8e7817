//! From a request that arrived, and what was answered, to an entry of the journal, which is made when somebody looks at it. Without
//! a journal nothing of it is done.

use crate::clock;
use crate::exchange::{Body, Exchange, Request, Response, header_pairs};
use crate::faults::FAULT;
use crate::journal::{Bounds, Journal, Told};
use crate::scim::{Leniencies, Leniency};
use crate::service::{self, Tenant};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A request that has arrived, to be kept with its answer.
pub(super) struct Arrival {
    journal: Arc<Journal>,
    at: Timestamp,
    began: Instant,
}

impl Arrival {
    pub(super) fn now(journal: Arc<Journal>) -> Self {
        Self {
            journal,
            at: clock::now(),
            began: Instant::now(),
        }
    }

    /// Keeps the exchange. A body that was not read to its end is `None`; `base` is the path of the tenant's base.
    pub(super) fn answered<B>(
        self,
        tenant: &Tenant,
        base: &str,
        request: &http::Request<B>,
        body: Option<&Bytes>,
        response: &http::Response<Bytes>,
    ) {
        let path = match service::within(base, request.uri().path()) {
            Some("") => "/".to_owned(),
            Some(below) => below.to_owned(),
            None => request.uri().path().to_owned(),
        };
        let heard = Heard {
            at: self.at,
            elapsed: self.began.elapsed(),
            method: request.method().clone(),
            path,
            uri: request.uri().clone(),
            sent: (request.headers().clone(), body.cloned()),
            status: response.status().as_u16(),
            answered: (response.headers().clone(), response.body().clone()),
        };
        let (bounds, bytes) = (self.journal.bounds(), heard.weight());
        self.journal
            .keep(&tenant.name, bytes, move || heard.read(bounds));
    }
}

/// An exchange as it was heard.
struct Heard {
    at: Timestamp,
    elapsed: Duration,
    method: Method,
    /// Below the base of the tenant.
    path: String,
    uri: Uri,
    /// A body that was not read to its end is `None`.
    sent: (HeaderMap, Option<Bytes>),
    status: u16,
    answered: (HeaderMap, Bytes),
}

impl Heard {
    /// The memory that it takes, whether it is read or not. Read, a body of JSON takes several times its text.
    fn weight(&self) -> usize {
        const EACH: usize = 1024;
        const JSON: usize = 8;
        let text = |headers: &HeaderMap| -> usize {
            let each = headers.iter();
            each.map(|(name, value)| 128 + 2 * (name.as_str().len() + value.len()))
                .sum()
        };
        let sent = self.sent.1.as_ref().map_or(0, Bytes::len);
        EACH + text(&self.sent.0)
            + text(&self.answered.0)
            + 4 * self.uri.path_and_query().map_or(0, |it| it.as_str().len())
            + JSON * (sent + self.answered.1.len())
    }

    fn read(self, bounds: Bounds) -> Told {
        let (headers, body) = self.sent;
        let mut sent = Request::new(
            &self.method,
            self.path,
            self.uri.query(),
            &headers,
            Body::Empty,
        );
        sent.body = body.map_or(Body::Cut { kept: Bytes::new() }, |body| {
            bounds.kept(&body, sent.content_type())
        });
        let (headers, body) = self.answered;
        let mut answer = Response {
            status: self.status,
            headers: header_pairs(&headers),
            body: Body::Empty,
        };
        answer.body = bounds.kept(&body, answer.content_type());
        let (leniencies, fault) = told(&headers);
        Told {
            exchange: Exchange {
                at: self.at,
                elapsed: self.elapsed,
                ended: None,
                request: sent,
                response: answer,
            },
            leniencies,
            fault,
        }
    }
}

/// What an answer says of itself: the leniencies that it needed, and the fault that it is.
fn told(headers: &HeaderMap) -> (Leniencies, Option<String>) {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let names = value(service::LENIENT).unwrap_or_default().split(", ");
    let leniencies = names
        .filter_map(Leniency::named)
        .fold(Leniencies::NONE, Leniencies::with);
    (leniencies, value(FAULT).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::told;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn an_answer_tells_its_leniencies_and_its_fault() {
        let mut headers = HeaderMap::new();
        assert_eq!(told(&headers).0.names().count(), 0);
        assert_eq!(told(&headers).1, None);
        headers.insert(
            "scimulate-lenient",
            HeaderValue::from_static("boolean_text, path_as_key"),
        );
        headers.insert("scimulate-fault", HeaderValue::from_static("busy"));
        let (leniencies, fault) = told(&headers);
        let names: Vec<_> = leniencies.names().collect();
        assert_eq!(names, ["boolean_text", "path_as_key"]);
        assert_eq!(fault.as_deref(), Some("busy"));
    }
}
