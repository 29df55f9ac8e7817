//! The way of one request, top to bottom: bounded, answered, kept in the journal, shielded, spoilt if a fault says so, logged.

use super::access_log::{AccessLog, Line};
use super::arrival::Arrival;
use super::connection::{Origin, Scheme};
use super::fault::{self, Broken, Spoilt};
use super::socket::Ending;
use super::stream::{self, Streamed};
use super::{Backend, Function, Limits, Reply, Tls};
use crate::faults::{FAULT, Wire};
use crate::journal::Journal;
use crate::proxy::{self, Filed};
use crate::replay::MATCH;
use crate::scim::{ErrorKind, ScimError};
use crate::service::{self, BASE_PATH, Tenants};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

/// The body of an answer: whole, going on, passing through, or spoilt.
pub(super) type Body = Either<Either<Full<Bytes>, Streamed>, Either<proxy::Body, Spoilt>>;

/// What every request of a server needs.
pub(super) struct Shared {
    pub(super) backend: Backend,
    pub(super) tls: Option<Tls>,
    pub(super) limits: Limits,
    pub(super) log: AccessLog,
    pub(super) journal: Option<Arc<Journal>>,
    /// The address that stands in for a missing `Host`.
    pub(super) address: SocketAddr,
    /// Changes once the server stops.
    pub(super) stopping: watch::Receiver<()>,
}

/// An answer, and whose it is.
struct Answered {
    response: Response<Body>,
    tenant: Option<Arc<service::Tenant>>,
}

/// Answers `request`, or says that its connection ends; `ending` is how it then does.
pub(super) async fn answer(
    shared: Arc<Shared>,
    from: Origin,
    request: Request<Incoming>,
    ending: Ending,
) -> Result<Response<Body>, Broken> {
    let began = Instant::now();
    let line = shared.log.line(&request);
    let is_head = request.method() == Method::HEAD;
    // Over HTTP/2 the connection is that of other requests too.
    let ending = (request.version() < Version::HTTP_2).then_some(ending);
    // A request that panics is a defect of ours, and must not take its connection and its neighbours with it.
    let answered = AssertUnwindSafe(dispatch(&shared, from, request))
        .catch_unwind()
        .await;
    let Answered { response, tenant } = answered.unwrap_or_else(|_| {
        let detail = "this is a defect of scimulate; please report the request and the panic that was printed";
        refuse(&shared, &ScimError::new(ErrorKind::Internal, detail))
    });
    let (mut head, body) = response.into_parts();
    let wire: Option<Wire> = head.extensions.remove();
    let logged = Logged {
        log: &shared.log,
        line,
        status: wire
            .is_none_or(|it| it.sends_an_answer())
            .then_some(head.status),
        fault: head.headers.get(FAULT).cloned(),
        recorded: recorded(&shared.backend, &head),
        tenant,
        began,
    };
    let response = Response::from_parts(head, body);
    let response = if is_head {
        without_content(response)
    } else {
        response
    };
    let Some(wire) = wire else {
        return Ok(response);
    };
    let spoilt = fault::carry_out(wire, response, shared.stopping.clone(), ending).await;
    drop(logged);
    spoilt
}

/// The answer to HEAD, with the length of the content that is not there (RFC 9110 section 9.3.2): over HTTP/2 the library sends what it is
/// given, which is an error of the protocol.
fn without_content(mut response: Response<Body>) -> Response<Body> {
    if response.body().is_end_stream() {
        return response;
    }
    if let Some(length) = response.body().size_hint().exact()
        && !response.headers().contains_key(CONTENT_LENGTH)
    {
        let length = HeaderValue::from(length);
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response.map(|_| Either::Left(Either::Left(Full::default())))
}

/// Logs an exchange when its answer goes out, and when its client does not wait for that.
struct Logged<'a> {
    log: &'a AccessLog,
    line: Option<Line>,
    status: Option<StatusCode>,
    fault: Option<HeaderValue>,
    recorded: Option<String>,
    tenant: Option<Arc<service::Tenant>>,
    began: Instant,
}

impl Drop for Logged<'_> {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        let fault = self.fault.as_ref().and_then(|name| name.to_str().ok());
        let tenant = self.tenant.as_ref().map(|tenant| tenant.name.as_str());
        let ended = line.ended(self.status, self.began.elapsed(), tenant, fault);
        self.log.write(ended.recorded(self.recorded.take()));
    }
}

/// Where an answer is recorded, or else which recorded exchange it is.
fn recorded(backend: &Backend, head: &http::response::Parts) -> Option<String> {
    let matched = || Some(head.headers.get(MATCH)?.to_str().ok()?.to_owned());
    let filed = || match head.extensions.get() {
        Some(Filed::As { name, .. }) => name.clone(),
        Some(Filed::Later) => "recorded later".to_owned(),
        Some(Filed::Not(reason)) => format!("not recorded: {reason}"),
        None => "not recorded: it did not reach the upstream".to_owned(),
    };
    match backend {
        Backend::Proxy(_) => Some(filed()),
        Backend::Replay(_) => matched(),
        Backend::Completed(_) => matched()
            .filter(|matched| !matched.starts_with("forwarded"))
            .or_else(|| Some(filed())),
        Backend::Service(_) | Backend::Function(_) => None,
    }
}

async fn dispatch(shared: &Shared, from: Origin, mut request: Request<Incoming>) -> Answered {
    let Origin { scheme, client } = from;
    let authority = authority(&request, shared.address);
    if shared.tls.is_some() && scheme == Scheme::Http {
        let detail = format!("TLS is spoken here; the URL begins with https://{authority}/");
        return refuse(shared, &ScimError::new(ErrorKind::BadRequest, detail));
    }
    let root = format!("{}://{authority}", scheme.as_str());
    if let (Some(client), Backend::Proxy(_) | Backend::Completed(_)) = (client, &shared.backend) {
        request.extensions_mut().insert(proxy::Client(client));
    }
    match &shared.backend {
        Backend::Proxy(proxy) => {
            let response = proxy.answer(&format!("{root}{BASE_PATH}"), request).await;
            Answered {
                response: response.map(|body| Either::Right(Either::Left(body))),
                tenant: None,
            }
        }
        Backend::Replay(stage) => {
            let (head, body) = request.into_parts();
            match collect(shared, &head.headers, body, None).await {
                Err(error) => refuse(shared, &error),
                Ok(bytes) => {
                    let request = Request::from_parts(head, bytes);
                    whole(stage.answer(&format!("{root}{BASE_PATH}"), &request))
                }
            }
        }
        Backend::Completed(completed) => {
            let (base, limits) = (format!("{root}{BASE_PATH}"), &shared.limits);
            let answer = completed.answer(&base, request, limits.body, limits.body_deadline);
            match answer.await {
                Err(error) => refuse(shared, &error),
                Ok(response) => Answered {
                    response,
                    tenant: None,
                },
            }
        }
        Backend::Function(function) => call(shared, function.clone(), request).await,
        Backend::Service(tenants) => serve(shared, tenants, &root, request).await,
    }
}

/// The way through a function, on a thread of its own: it may read or write a whole directory.
async fn call(
    shared: &Shared,
    function: Arc<dyn Function>,
    request: Request<Incoming>,
) -> Answered {
    let (head, body) = request.into_parts();
    let bytes = match collect(shared, &head.headers, body, None).await {
        Ok(bytes) => bytes,
        Err(error) => return refuse(shared, &error),
    };
    let request = Arc::new(Request::from_parts(head, bytes));
    let began = tokio::time::Instant::now();
    loop {
        let (asked, about) = (function.clone(), request.clone());
        let answered = tokio::task::spawn_blocking(move || asked.answer(&about)).await;
        let reply = match answered.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(reply) => reply,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => {
                let detail = "the server stops";
                return refuse(shared, &ScimError::new(ErrorKind::Unavailable, detail));
            }
        };
        match reply {
            Reply::Now(response) => return whole(response),
            Reply::Stream {
                response,
                feed,
                changed,
            } => {
                return Answered {
                    response: stream::open(response, feed, changed, shared.stopping.clone()),
                    tenant: None,
                };
            }
            Reply::Unless {
                response,
                mut changed,
                at_most,
            } => {
                let mut stopping = shared.stopping.clone();
                let changed = tokio::select! {
                    changed = changed.changed() => changed.is_ok(),
                    () = tokio::time::sleep_until(began + at_most) => false,
                    _ = stopping.changed() => false,
                };
                if !changed {
                    return whole(response);
                }
            }
        }
    }
}

/// The way through the service, from here to the journal.
async fn serve(
    shared: &Shared,
    tenants: &Tenants,
    root: &str,
    request: Request<Incoming>,
) -> Answered {
    let began = Instant::now();
    let arrival = shared.journal.clone().map(Arrival::now);
    let Some((base_path, tenant)) = tenants.find(request.uri().path()) else {
        return refuse(shared, &not_found(tenants, root, request.uri().path()));
    };
    let base = format!("{root}{base_path}");
    let limit = service::body_limit(&tenant, &base, &request);
    let (head, body) = request.into_parts();
    let asked = (head.method.clone(), head.uri.clone());
    let (response, tenant) = match collect(shared, &head.headers, body, limit).await {
        Err(error) => {
            let response = service::error(&error);
            if let Some(arrival) = arrival {
                let request = Request::from_parts(head, ());
                arrival.answered(&tenant, &base_path, &request, None, &response);
            }
            (response, tenant)
        }
        Ok(bytes) => {
            let request = Request::from_parts(head, bytes);
            let Some((response, tenant)) = ask(tenants, &base, &request) else {
                return refuse(shared, &not_found(tenants, root, request.uri().path()));
            };
            if let Some(arrival) = arrival {
                let body = Some(request.body());
                arrival.answered(&tenant, &base_path, &request, body, &response);
            }
            (response, tenant)
        }
    };
    // Whoever has no control API asks for no counts.
    if shared.journal.is_some() {
        let wire: Option<&Wire> = response.extensions().get();
        let is_sent = wire.is_none_or(Wire::sends_an_answer);
        let status = is_sent.then_some(response.status().as_u16());
        let fault = response.headers().get(FAULT);
        let fault = fault.and_then(|name| name.to_str().ok());
        let (method, uri) = &asked;
        let answered = (status, fault);
        tenant.count(&base_path, (method, uri.path()), answered, began.elapsed());
    }
    Answered {
        tenant: Some(tenant),
        ..whole(response)
    }
}

/// The answer of the service, and the tenant whose it is: a write that met a reload is answered by the one that came after it.
/// `None` when the tenant was dropped while the body took its time.
fn ask(
    tenants: &Tenants,
    base: &str,
    request: &Request<Bytes>,
) -> Option<(Response<Bytes>, Arc<service::Tenant>)> {
    loop {
        let (_, tenant) = tenants.find(request.uri().path())?;
        if let Ok(response) = service::answer(&tenant, base, request) {
            return Some((response, tenant));
        }
    }
}

fn not_found(tenants: &Tenants, root: &str, path: &str) -> ScimError {
    /// So many are told; a server may have a thousand.
    const TOLD: usize = 10;
    let known = tenants.iter().take(TOLD);
    let known: Vec<_> = known.map(|(base, _)| format!("{root}{base}")).collect();
    let known = known.join(", ");
    let detail = format!("nothing is at {path}; SCIM is at {known}");
    ScimError::new(ErrorKind::NotFound, detail)
}

/// The host by which the client knows us, so that locations lead back the same way; our own address when it names none.
fn authority(request: &Request<Incoming>, address: SocketAddr) -> String {
    let named = request.uri().authority().map(http::uri::Authority::as_str);
    let named = named.or_else(|| request.headers().get(HOST)?.to_str().ok());
    let usable = |host: &&str| {
        host.parse::<http::uri::Authority>()
            .is_ok_and(|authority| !authority.as_str().contains('@'))
    };
    named
        .filter(usable)
        .map_or_else(|| address.to_string(), str::to_owned)
}

/// The body of a request in memory, bounded in size and time. An endpoint may have a limit of its own.
async fn collect(
    shared: &Shared,
    headers: &HeaderMap,
    body: Incoming,
    own: Option<(usize, ScimError)>,
) -> Result<Bytes, ScimError> {
    let (limit, too_large) = own.unwrap_or_else(|| {
        let limit = shared.limits.body;
        let detail = format!("the body is larger than {limit} bytes, the most that is taken");
        (limit, ScimError::new(ErrorKind::PayloadTooLarge, detail))
    });
    // Most requests have none, and a deadline costs a timer.
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if declared_length(headers).is_some_and(|length| length > limit as u64) {
        return Err(too_large);
    }
    let collected = tokio::time::timeout(
        shared.limits.body_deadline,
        Limited::new(body, limit).collect(),
    )
    .await;
    match collected {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(error)) => Err(ScimError::new(
            ErrorKind::BadRequest,
            format!("the body broke off: {error}"),
        )),
        Err(_) => {
            let seconds = shared.limits.body_deadline.as_secs();
            Err(ScimError::new(
                ErrorKind::RequestTimeout,
                format!("the body was not here within {seconds} seconds"),
            ))
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn whole(response: Response<Bytes>) -> Answered {
    Answered {
        response: response.map(|bytes| Either::Left(Either::Left(Full::new(bytes)))),
        tenant: None,
    }
}

fn refuse(shared: &Shared, error: &ScimError) -> Answered {
    whole(match &shared.backend {
        Backend::Function(function) => function.refuse(error),
        _ => service::error(error),
    })
}
