//! A reverse proxy to one upstream service provider, which can record what passes (RFC 9110 section 7.6; no caching).
//!
//! [`Proxy::answer`] is the way of one exchange. It knows no listener: the caller serves the connection.

mod body;
mod draft;
mod filing;
mod forward;
mod headers;
mod losses;
mod recorder;
mod tally;
mod upstream;

pub use crate::connect::{ConnectError as ConfigError, TlsConfig};
pub use body::{Body, BoxError};
pub use losses::{Lost, Notice};
pub use recorder::{Filed, Recorder};
pub use tally::Seen;

use crate::scim::ScimError;
use bytes::Bytes;
use forward::Failed;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use upstream::Upstream;

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
    /// Whether the upstream is told in `Forwarded` (RFC 7239) who asks, for which host, and over what.
    pub forwarded: bool,
    /// How long a connection to the upstream may take, a TLS handshake included.
    pub connect_timeout: Duration,
    /// How long the upstream may be silent: from the start of a request to the head of its answer, and between two pieces of a body
    /// that is read whole. A body that streams may take as long as its client stays.
    pub answer_timeout: Duration,
    /// How long an exchange with the upstream may take in all, a body that streams included; `None` is as long as it likes.
    pub exchange_timeout: Option<Duration>,
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
            forwarded: false,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_mins(1),
            exchange_timeout: None,
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
            forwarded: self.forwarded,
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
    forwarded: bool,
    recorder: Option<Recorder>,
}

/// Who asks, as an extension of a request: its connection comes from this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub IpAddr);

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
            forwarded: self.0.forwarded,
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
            Err(Failed { error, filed }) => {
                let mut response = error_response(&error);
                if let Some(filed) = filed {
                    response.extensions_mut().insert(filed);
                }
                response
            }
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
