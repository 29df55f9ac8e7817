//! The proof: the requests of a recording, in their order, to the scenario's own service, and what it answers otherwise.
//!
//! It runs in memory; the clock goes as it went when the recording was made.

use super::binding::Binding;
use super::verdict;
use crate::clock::Clock;
use crate::exchange::base::{PLACEHOLDER, rewrite_body, rewrite_headers};
use crate::exchange::difference::{self, Finding, Rule};
use crate::exchange::entities::Entities;
use crate::exchange::walk;
use crate::exchange::{Body, Exchange, Request, Response, header_pairs};
use crate::scenario::Diagnostic;
use crate::service::{self, LENIENT, Tenant};
use bytes::Bytes;
use std::cmp::Reverse;
use std::path::Path;

/// Where the service would be; nobody sees it.
const BASE: &str = "http://localhost/scim/v2";

/// A recording, understood once.
#[derive(Debug)]
pub(super) struct Recorded {
    /// Those that have an answer.
    pub(super) exchanges: Vec<(u64, Exchange)>,
    pub(super) entities: Entities,
}

/// What came of one request.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// In the recording.
    pub(super) number: u64,
    /// `GET /Users/{user#1}`
    pub(super) asked: String,
    /// The answer, with the ids that were recorded.
    pub(super) answer: Response,
    /// What in it is otherwise.
    pub(super) findings: Vec<Finding>,
    /// Departures from the letter that the service accepted.
    pub(super) lenient: Vec<String>,
}

/// A whole run.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) steps: Vec<Step>,
}

impl Recorded {
    pub(super) fn new(exchanges: &[(u64, Exchange)]) -> Self {
        let answered = |it: &&(u64, Exchange)| it.1.response.status != 0 && it.1.ended.is_none();
        let exchanges: Vec<_> = exchanges.iter().filter(answered).cloned().collect();
        let entities = Entities::of(exchanges.iter().map(|(_, it)| it));
        Self {
            exchanges,
            entities,
        }
    }
}

impl Run {
    pub(super) fn explained(&self) -> usize {
        self.steps.iter().filter(|it| it.is_explained()).count()
    }

    /// How many exchanges are explained; of the others how few have another status, how few lack something, and how little is wrong in
    /// all: more is better.
    pub(super) fn score(&self) -> (usize, Reverse<usize>, Reverse<usize>, Reverse<usize>) {
        let having = |bad: fn(Rule) -> bool| {
            let bad = |it: &&Step| it.findings.iter().any(|it| bad(it.rule));
            Reverse(self.steps.iter().filter(bad).count())
        };
        let wrong = self.steps.iter().map(|it| it.findings.len()).sum();
        let another = having(|rule| rule == Rule::Status);
        let lacking = having(|rule| rule != Rule::Added);
        (self.explained(), another, lacking, Reverse(wrong))
    }
}

impl Step {
    pub(super) fn is_explained(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Runs the recording against the scenario of this text. What `before` answered to the letter is not compared again.
pub(super) fn run(
    recorded: &Recorded,
    text: &str,
    before: Option<&Run>,
) -> Result<Run, Vec<Diagnostic>> {
    let loaded = service::load(Path::new("distilled.ron"), text);
    let Some((mut scenario, _)) = loaded.tenant else {
        return Err(loaded.diagnostics);
    };
    if let Some((_, first)) = recorded.exchanges.first() {
        scenario.clock = Clock::Fixed(first.at);
    }
    let tenant = Tenant::build(&scenario)?;
    let schemas = recorded.entities.schemas();
    let mut binding = Binding::default();
    let mut steps = Vec::with_capacity(recorded.exchanges.len());
    for (at, (number, exchange)) in recorded.exchanges.iter().enumerate() {
        // A recording whose files were put in another order may go back in time; the clock does not.
        let _ = tenant.directory.advance_to(exchange.at);
        let (mut answer, lenient) = ask(&tenant, &binding.to_live(schemas, &exchange.request));
        binding.learn(schemas, exchange, &answer);
        binding.to_recorded(schemas, &exchange.request.path, &mut answer);
        let known = before.map(|run| &run.steps[at]);
        if let Some(known) = known.filter(|it| it.answer == answer) {
            steps.push(known.clone());
            continue;
        }
        let live = Exchange {
            response: answer,
            ..exchange.clone()
        };
        let compared =
            difference::compare_pair(&recorded.entities, (*number, exchange), (*number, &live));
        let counts = |it: &Finding| verdict::counts(it, exchange, &live.response);
        steps.push(Step {
            number: *number,
            asked: compared.asked,
            findings: compared.findings.into_iter().filter(counts).collect(),
            answer: live.response,
            lenient,
        });
    }
    Ok(Run { steps })
}

/// What the service answers, as a recorder would write it, and the departures that it accepted.
fn ask(tenant: &Tenant, request: &Request) -> (Response, Vec<String>) {
    let Some(request) = built(request) else {
        return (Response::none(), Vec::new());
    };
    let Ok(answer) = service::answer(tenant, BASE, &request) else {
        return (Response::none(), Vec::new());
    };
    let (head, bytes) = answer.into_parts();
    let lenient = head.headers.get(LENIENT).and_then(|it| it.to_str().ok());
    let lenient = lenient.into_iter().flat_map(|it| it.split(", "));
    let lenient = lenient.map(str::to_owned).collect();
    let mut response = Response {
        status: head.status.as_u16(),
        headers: header_pairs(&head.headers),
        body: Body::Empty,
    };
    response.body = Body::read(&bytes, response.content_type());
    rewrite_headers(&mut response.headers, BASE, PLACEHOLDER);
    rewrite_body(&mut response.body, BASE, PLACEHOLDER);
    (response, lenient)
}

fn built(request: &Request) -> Option<http::Request<Bytes>> {
    let mut request = request.clone();
    rewrite_headers(&mut request.headers, PLACEHOLDER, BASE);
    rewrite_body(&mut request.body, PLACEHOLDER, BASE);
    let root = BASE.strip_prefix("http://localhost")?;
    let mut target = format!("{root}{}", request.path);
    if !request.query.is_empty() {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&request.query);
        target = format!("{target}?{}", query.finish());
    }
    let mut built = http::Request::builder()
        .method(request.method.as_str())
        .uri(target);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    built.body(request.body.to_bytes()).ok()
}

/// Whether a path is that of a discovery document (RFC 7644 section 4).
pub(super) fn is_discovery(path: &str) -> bool {
    walk::is_discovery(path.split('/').nth(1).unwrap_or_default())
}
