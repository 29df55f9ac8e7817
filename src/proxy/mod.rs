//! A reverse proxy to one upstream service provider, which can record what passes (RFC 9110 section 7.6; no caching).
//!
//! [`Proxy::answer`] is the way of one exchange, top to bottom. Bodies up to a limit are read whole, so that the two base URLs can be exchanged
//! where SCIM puts URLs; larger ones stream through as they are. It knows no listener: the caller serves the connection.

mod body;
mod headers;
mod recorder;
mod upstream;

pub use crate::connect::{ConnectError as ConfigError, TlsConfig};
pub use body::{Body, BoxError};
pub use recorder::Recorder;

use crate::exchange::{self, base as base_url};
use crate::scim::{ErrorKind, ScimError};
use body::{Ahead, Completed, read_ahead};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use recorder::{Draft, recorded_response};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use upstream::{Upstream, UpstreamError};

/// Where the proxy leads, and its limits.
#[derive(Debug, Clone)]
pub struct Config {
    /// The SCIM base URL of the upstream: absolute, `http` or `https`, without credentials, query or fragment.
    pub upstream: String,
    /// What holds when it is `https`.
    pub tls: TlsConfig,
    /// Up to how many bytes a body is read whole, rewritten and recorded; larger ones stream through and their recording is cut.
    pub body_limit: usize,
    /// Of a body that is larger, a recording keeps the first so many bytes.
    pub recorded_limit: usize,
    /// Sent in place of what the client shows in `Authorization`, so that clients need not have the upstream's credentials.
    pub authorization: Option<HeaderValue>,
    /// Whether anything but GET and HEAD is refused.
    pub read_only: bool,
    /// How long a connection to the upstream may take, a TLS handshake included.
    pub connect_timeout: Duration,
    /// How long the upstream may be silent: from the start of a request to the head of its answer, and between two pieces of a body
    /// that is read whole. A body that streams may take as long as its client stays.
    pub answer_timeout: Duration,
}

impl Config {
    /// `upstream` with a body limit of 8 MiB, 5 seconds to connect and 60 seconds to answer.
    pub fn new(upstream: impl Into<String>) -> Self {
        Self {
            upstream: upstream.into(),
            tls: TlsConfig::default(),
            body_limit: 8 * 1024 * 1024,
            recorded_limit: 8 * 1024 * 1024,
            authorization: None,
            read_only: false,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_mins(1),
        }
    }

    /// A proxy that records what the upstream answers when there is a recorder.
    pub fn build(self, recorder: Option<Recorder>) -> Result<Proxy, ConfigError> {
        Ok(Proxy(Arc::new(Inner {
            upstream: Arc::new(Upstream::new(&self)?),
            body_limit: self.body_limit,
            recorded_limit: self.recorded_limit,
            authorization: self.authorization,
            read_only: self.read_only,
            recorder,
        })))
    }
}

/// A reverse proxy to one upstream. Clones share its connections and its recorder.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    upstream: Arc<Upstream>,
    body_limit: usize,
    recorded_limit: usize,
    authorization: Option<HeaderValue>,
    read_only: bool,
    recorder: Option<Recorder>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxy").field(&self.0.upstream.base).finish()
    }
}

impl Proxy {
    /// The same, with its connections, recorded by `recorder`.
    #[must_use]
    pub fn recorded(&self, recorder: Recorder) -> Self {
        Self(Arc::new(Inner {
            upstream: self.0.upstream.clone(),
            body_limit: self.0.body_limit,
            recorded_limit: self.0.recorded_limit,
            authorization: self.0.authorization.clone(),
            read_only: self.0.read_only,
            recorder: Some(recorder),
        }))
    }

    /// The upstream's base URL, without a slash at the end.
    pub fn upstream(&self) -> &str {
        &self.0.upstream.base
    }

    /// What the upstream answers to `request`, or the SCIM error that says why there is no answer.
    ///
    /// `base` is our own SCIM base as the client sees it; the path of the request carries its path. Dropping the future, or the body
    /// of the answer, cancels the exchange with the upstream.
    pub async fn answer<B>(&self, base: &str, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        match self.0.forward(base.trim_end_matches('/'), request).await {
            Ok(response) => response,
            Err(error) => error_response(&error),
        }
    }
}

impl Inner {
    async fn forward<B>(&self, base: &str, request: Request<B>) -> Result<Response<Body>, ScimError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let (head, content) = request.into_parts();
        let path = base_url::relative_path(head.uri.path(), base).ok_or_else(|| {
            let detail = format!("{} is not below the SCIM base {base}", head.uri.path());
            ScimError::new(ErrorKind::NotFound, detail)
        })?;
        if self.read_only && ![Method::GET, Method::HEAD].contains(&head.method) {
            let detail = format!(
                "{} does not go on: this proxy only reads (--read-only); it takes GET and HEAD",
                head.method
            );
            return Err(ScimError::new(ErrorKind::Forbidden, detail));
        }
        // The base itself is "/" in a recording; the upstream gets its own base as it was asked for, with the slash or without.
        let rest = if path == "/" && !head.uri.path().ends_with('/') {
            ""
        } else {
            path
        };
        let url = self.upstream.url(rest, head.uri.query())?;
        let bases = [base, self.upstream.base.as_str()];
        let arrival = self.recorder.as_ref().map(Recorder::arrival);

        let fields = headers::end_to_end(&head.headers);
        let ahead = read_ahead(content, self.body_limit, None).await;
        let ahead = ahead.map_err(|error| UpstreamError::RequestBrokenOff {
            cause: error.to_string(),
        })?;
        let mut sent_fields = headers::to_upstream(fields.clone());
        if let Some(authorization) = &self.authorization {
            sent_fields.insert(AUTHORIZATION, authorization.clone());
        }
        let (sent, seen) = match ahead {
            Ahead::Whole(bytes) => {
                let read = exchange::Body::read(&bytes, headers::media_type(&fields));
                let cut = self.cut_if_large(&bytes);
                let bytes = moved(&read, base, &self.upstream.base).unwrap_or(bytes);
                let seen = cut.unwrap_or(read);
                let announced = [CONTENT_LENGTH, TRANSFER_ENCODING];
                // Always a length where there is a body: not every upstream can read chunks.
                if !bytes.is_empty() || announced.iter().any(|name| head.headers.contains_key(name))
                {
                    sent_fields.insert(CONTENT_LENGTH, bytes.len().into());
                }
                (Body::whole(bytes), seen)
            }
            Ahead::More(ahead, rest) => {
                let seen = self.cut(&ahead);
                (Body::streamed(ahead, rest, None), seen)
            }
        };
        let draft = arrival.map(|arrival| arrival.request(path, &head, &fields, seen, bases));

        let mut request = Request::new(sent);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = url;
        *request.headers_mut() = sent_fields;
        let response = self.upstream.send(request).await?;
        self.receive(&head.method, response, draft, bases).await
    }

    /// The upstream's answer with our own base in it; recorded before its last byte goes on.
    async fn receive(
        &self,
        method: &Method,
        response: Response<Incoming>,
        draft: Option<Draft>,
        bases: [&str; 2],
    ) -> Result<Response<Body>, ScimError> {
        let (head, content) = response.into_parts();
        let [base, upstream] = bases;
        let fields = headers::end_to_end(&head.headers);
        let mut sent_fields = fields.clone();
        headers::relocate(&mut sent_fields, upstream, base);

        let ahead = read_ahead(content, self.body_limit, Some(self.upstream.answer_timeout)).await;
        let sent = match ahead.map_err(|error| self.upstream.unread(&error))? {
            Ahead::Whole(bytes) => {
                let read = exchange::Body::read(&bytes, headers::media_type(&fields));
                let cut = self.cut_if_large(&bytes);
                let bytes = moved(&read, upstream, base).unwrap_or(bytes);
                let seen = cut.unwrap_or(read);
                set_length(&mut sent_fields, method, head.status, bytes.len());
                if let Some(draft) = draft {
                    draft.complete(recorded_response(
                        head.status.as_u16(),
                        &fields,
                        seen,
                        bases,
                    ));
                }
                Body::whole(bytes)
            }
            Ahead::More(ahead, rest) => {
                let completed = draft.map(|draft| -> Completed {
                    let seen = self.cut(&ahead);
                    let response = recorded_response(head.status.as_u16(), &fields, seen, bases);
                    Box::new(move || draft.complete(response))
                });
                Body::streamed(ahead, rest, completed)
            }
        };
        let mut response = Response::new(sent);
        *response.status_mut() = head.status;
        *response.headers_mut() = sent_fields;
        Ok(response)
    }

    /// What a recording keeps of a body that is too large for it; `None` for one that it keeps whole.
    fn cut_if_large(&self, whole: &Bytes) -> Option<exchange::Body> {
        (whole.len() > self.recorded_limit).then(|| self.cut(whole))
    }

    /// What a recording keeps of a body above the limit.
    fn cut(&self, ahead: &Bytes) -> exchange::Body {
        exchange::Body::Cut {
            kept: ahead.slice(..self.recorded_limit.min(self.body_limit).min(ahead.len())),
        }
    }
}

/// The body with every URL below `from` moved to below `to`; `None` when there is none, so that the bytes go on as they are.
fn moved(body: &exchange::Body, from: &str, to: &str) -> Option<Bytes> {
    let mut moved = body.clone();
    base_url::rewrite_body(&mut moved, from, to).then(|| moved.to_bytes())
}

/// The length of the body that goes on. An answer to HEAD and a 304 announce the length of a body that is not there: it stays.
fn set_length(fields: &mut HeaderMap, method: &Method, status: StatusCode, length: usize) {
    match status {
        StatusCode::NOT_MODIFIED => {}
        _ if method == Method::HEAD => {}
        StatusCode::NO_CONTENT => {
            fields.remove(CONTENT_LENGTH);
        }
        _ => {
            fields.insert(CONTENT_LENGTH, length.into());
        }
    }
}

fn error_response(error: &ScimError) -> Response<Body> {
    let bytes = Bytes::from(error.to_json().to_string());
    let mut response = Response::new(Body::whole(bytes));
    *response.status_mut() = StatusCode::from_u16(error.kind.status())
        .expect("the error table has valid status codes only");
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/scim+json"),
    );
    response
}
