//! From a request that arrived, and what was answered, to an entry of the journal. Without a journal nothing of it is done.

use crate::clock;
use crate::exchange::{Body, Exchange, Request, Response, header_pairs};
use crate::faults::FAULT;
use crate::journal::Journal;
use crate::scim::{Leniencies, Leniency};
use crate::service::{self, Tenant};
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;

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
        let (uri, headers) = (request.uri(), request.headers());
        let path = match service::below(base, uri.path()) {
            Some("") => "/",
            Some(below) => below,
            None => uri.path(),
        };
        let mut sent = Request::new(request.method(), path, uri.query(), headers, Body::Empty);
        sent.body = body.map_or(Body::Cut { kept: Bytes::new() }, |body| {
            self.journal.body(body, sent.content_type())
        });
        let mut answer = Response {
            status: response.status().as_u16(),
            headers: header_pairs(response.headers()),
            body: Body::Empty,
        };
        answer.body = self.journal.body(response.body(), answer.content_type());
        let exchange = Exchange {
            at: self.at,
            elapsed: self.began.elapsed(),
            request: sent,
            response: answer,
        };
        let (leniencies, fault) = told(response.headers());
        self.journal.add(&tenant.name, exchange, leniencies, fault);
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
