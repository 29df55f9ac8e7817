//! The service provider behind the proxy: its base URL, the pool of connections to it, and how it can fail.
//!
//! Connections are used again; over TLS they are HTTP/2 where the upstream offers it, otherwise HTTP/1.1. A request is sent a second time
//! only when a connection that had been idle turned out to be closed before a byte of the request was written.

use super::body::{Body, Patience, Progress, ReadError};
use super::{Config, ConfigError};
use crate::connect::{Base, Connector, chain, explain, is_timeout, of_tls, root};
use crate::exchange::Side;
use crate::scim::{ErrorKind, ScimError};
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Shorter than the five seconds after which common servers close an idle connection: a request must not meet that closing.
const IDLE: Duration = Duration::from_secs(4);

/// As many as a load test opens; each costs a socket only while it is idle for less than [`IDLE`].
const MAX_IDLE: usize = 1024;

pub(super) struct Upstream {
    /// Without a slash at the end.
    pub(super) base: String,
    below: Base,
    client: Client<Connector, Body>,
    connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    exchange_timeout: Option<Duration>,
}

/// Why the upstream's answer, or the whole of it, is not there.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    #[error(
        "no connection to the upstream {upstream}: {cause}; check that it runs and that this URL is the one it listens on"
    )]
    Unreachable { upstream: String, cause: String },
    #[error("no TLS connection to the upstream {upstream}: {cause}")]
    Tls { upstream: String, cause: String },
    #[error(
        "no connection to the upstream {upstream} within {timeout:?}; check the host and that no firewall is in between"
    )]
    ConnectTimeout { upstream: String, timeout: Duration },
    #[error(
        "the upstream {upstream} was silent for {timeout:?} while its answer was expected; see its log for what it waits for, or allow more time"
    )]
    Silent { upstream: String, timeout: Duration },
    #[error(
        "the exchange with the upstream {upstream} was not over within {timeout:?}; see its log for what takes it so long, or allow more time"
    )]
    TooLong { upstream: String, timeout: Duration },
    #[error(
        "the upstream {upstream} broke off before its answer was whole: {cause}; see its log, and find out whether the request took effect before sending it again"
    )]
    BrokenOff { upstream: String, cause: String },
    #[error(
        "the request broke off before it was whole: {cause}; send as many bytes as Content-Length announces"
    )]
    RequestBrokenOff { cause: String },
    #[error(
        "the URL below the upstream {upstream} cannot be written: {cause}; ask for a shorter one"
    )]
    Url { upstream: String, cause: String },
}

impl UpstreamError {
    /// Who ended the exchange.
    pub(super) fn by(&self) -> Side {
        match self {
            Self::RequestBrokenOff { .. } => Side::Client,
            _ => Side::Upstream,
        }
    }

    /// For a recording, which knows the upstream.
    pub(super) fn in_short(&self) -> String {
        match self {
            Self::Unreachable { cause, .. } => format!("no connection: {cause}"),
            Self::Tls { cause, .. } => format!("no TLS connection: {cause}"),
            Self::ConnectTimeout { timeout, .. } => format!("no connection within {timeout:?}"),
            Self::Silent { timeout, .. } => format!("it was silent for {timeout:?}"),
            Self::TooLong { timeout, .. } => format!("it took longer than {timeout:?}"),
            Self::BrokenOff { cause, .. } => format!("it broke off: {cause}"),
            Self::RequestBrokenOff { cause } => format!("its request broke off: {cause}"),
            Self::Url { cause, .. } => format!("its URL cannot be written: {cause}"),
        }
    }
}

impl From<UpstreamError> for ScimError {
    fn from(error: UpstreamError) -> Self {
        let kind = match error {
            UpstreamError::Unreachable { .. }
            | UpstreamError::Tls { .. }
            | UpstreamError::BrokenOff { .. } => ErrorKind::BadGateway,
            UpstreamError::ConnectTimeout { .. }
            | UpstreamError::Silent { .. }
            | UpstreamError::TooLong { .. } => ErrorKind::GatewayTimeout,
            UpstreamError::RequestBrokenOff { .. } | UpstreamError::Url { .. } => {
                ErrorKind::BadRequest
            }
        };
        Self::new(kind, error.to_string())
    }
}

impl Upstream {
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        let below = Base::parse(&config.upstream)?;
        let connector = Connector::new(&below, &config.tls, config.connect_timeout)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(MAX_IDLE)
            .build(connector);
        Ok(Self {
            base: below.to_string(),
            below,
            client,
            connect_timeout: config.connect_timeout,
            answer_timeout: config.answer_timeout,
            exchange_timeout: config.exchange_timeout,
        })
    }

    /// How long an exchange that begins now may take.
    pub(super) fn patience(&self) -> Patience {
        Patience {
            each: Some(self.answer_timeout),
            until: self.exchange_timeout.map(|whole| Instant::now() + whole),
        }
    }

    /// The URL of `rest`, which is empty or begins with `/`, below the base; the query goes on as it was written.
    pub(super) fn url(&self, rest: &str, query: Option<&str>) -> Result<Uri, UpstreamError> {
        let written = self.below.url(rest, query);
        written.map_err(|cause| UpstreamError::Url {
            upstream: self.base.clone(),
            cause: cause.to_string(),
        })
    }

    /// Sends `request` and waits for the head of the answer; `progress` is that of a request that streams.
    pub(super) async fn send(
        &self,
        request: Request<Body>,
        progress: Option<Arc<Progress>>,
        patience: Patience,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let mut answer = pin!(self.client.request(request));
        loop {
            match patience.within(&mut answer).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(self.failed(&error)),
                Err(ReadError::Silent)
                    if progress.as_ref().is_some_and(|it| it.excuses_silence()) => {}
                Err(error) => return Err(self.unread(&error)),
            }
        }
    }

    /// Why the body of an answer could not be read to its end.
    pub(super) fn unread(&self, error: &ReadError) -> UpstreamError {
        match error {
            ReadError::BrokenOff(cause) => UpstreamError::BrokenOff {
                upstream: self.base.clone(),
                cause: root(cause.as_ref()),
            },
            ReadError::Silent => UpstreamError::Silent {
                upstream: self.base.clone(),
                timeout: self.answer_timeout,
            },
            ReadError::TooLong => UpstreamError::TooLong {
                upstream: self.base.clone(),
                timeout: self.exchange_timeout.unwrap_or_default(),
            },
        }
    }

    fn failed(&self, error: &legacy::Error) -> UpstreamError {
        let upstream = self.base.clone();
        if let Some(error) = chain(error).find_map(of_tls) {
            let cause = explain(error);
            return UpstreamError::Tls { upstream, cause };
        }
        let cause = root(error);
        if error.is_connect() {
            return if chain(error).any(is_timeout) {
                UpstreamError::ConnectTimeout {
                    upstream,
                    timeout: self.connect_timeout,
                }
            } else {
                UpstreamError::Unreachable { upstream, cause }
            };
        }
        let by_the_client =
            chain(error).any(|e| e.downcast_ref().is_some_and(hyper::Error::is_user));
        if by_the_client {
            UpstreamError::RequestBrokenOff { cause }
        } else {
            UpstreamError::BrokenOff { upstream, cause }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        let found = match Upstream::new(&Config::new(given)) {
            Ok(upstream) => upstream.base,
            Err(error) => format!("{error:?}")
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        assert_eq!(found, expected, "{given}");
    }

    #[test]
    fn an_upstream_is_an_absolute_http_or_https_url_without_credentials_query_or_fragment() {
        check(
            "http://127.0.0.1:9000/scim/v2",
            "http://127.0.0.1:9000/scim/v2",
        );
        check("http://sp.example/scim/", "http://sp.example/scim");
        check("HTTP://sp.example", "http://sp.example");
        check("http://[::1]:9000/scim", "http://[::1]:9000/scim");
        check("https://sp.example/scim/", "https://sp.example/scim");
        check("HTTPS://[::1]:9443", "https://[::1]:9443");
        check("http://admin:secret@sp.example/scim", "Credentials");
        check("https://admin:secret@sp.example/scim", "Credentials");
        check("http://sp.example/scim?x=1", "QueryOrFragment");
        check("http://sp.example/scim#x", "QueryOrFragment");
        check("sp.example/scim", "NotAnHttpUrl");
        check("ftp://sp.example/scim", "NotAnHttpUrl");
        check("http:///scim", "NotAnHttpUrl");
        check("", "NotAnHttpUrl");
    }

    #[test]
    fn the_path_and_the_raw_query_are_put_behind_the_base() {
        let upstream = Upstream::new(&Config::new("http://sp.example/scim/")).expect("a valid URL");
        let url = |rest, query| upstream.url(rest, query).map(|url| url.to_string()).ok();
        assert_eq!(
            url("/Users/a%2Fb", Some("filter=x%20eq%20%22a+b%22")).as_deref(),
            Some("http://sp.example/scim/Users/a%2Fb?filter=x%20eq%20%22a+b%22")
        );
        assert_eq!(url("", None).as_deref(), Some("http://sp.example/scim"));
        assert_eq!(
            url("/", Some("")).as_deref(),
            Some("http://sp.example/scim/?")
        );
        let long = "x".repeat(70_000);
        assert_eq!(url("/", Some(&long)), None);
    }
}
