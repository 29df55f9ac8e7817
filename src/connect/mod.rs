//! Connections to a server that somebody else runs: its base URL, TLS, and what a failure of either means to a person.
//!
//! What is sent there is the business of whoever connects: the proxy, and the client side of SCIM.

mod tls;

pub use tls::{TlsConfig, explain};

use crate::certificate::CertificateError;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// An upstream that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Not a URL of this protocol.
    #[error(
        "the upstream \"{given}\" is not an absolute http or https URL; expected one like https://sp.example/scim/v2"
    )]
    NotAnHttpUrl {
        /// As typed.
        given: String,
    },
    /// Settings that would do nothing, where somebody counts on them.
    #[error(
        "the upstream \"{given}\" is http, and settings of TLS say nothing about it; give its https URL, or leave out certificates"
    )]
    TlsWithoutHttps {
        /// As typed.
        given: String,
    },
    /// A file of these settings.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A bare container, say.
    #[error(
        "this machine trusts no authority, so that no https upstream can be known: {cause}; install its `ca-certificates`, \
         name a file of them in SSL_CERT_FILE, or give the upstream's own with --upstream-ca FILE"
    )]
    NoAuthorities {
        /// What was found instead.
        cause: String,
    },
    /// A name or password in the URL; it is not repeated here.
    #[error(
        "the upstream URL contains credentials; remove the part before \"@\" and let the client send an Authorization header"
    )]
    Credentials,
    /// A base URL has neither.
    #[error(
        "the upstream \"{given}\" has a query or a fragment; give the SCIM base URL only, up to and without \"?\" or \"#\""
    )]
    QueryOrFragment {
        /// As typed.
        given: String,
    },
}

/// A base URL: everything that is asked for lies below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host and port.
    pub authority: Authority,
    /// Without a slash at the end.
    pub path: String,
}

impl Base {
    /// Reads an absolute URL without credentials, query or fragment.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(given: &str) -> Result<Self, ConnectError> {
        let (scheme, authority, path) = parse(given)?;
        Ok(Self {
            scheme,
            authority,
            path,
        })
    }

    /// The URL of `rest`, which is empty or begins with `/`, below the base; the query goes on as it was written.
    ///
    /// # Errors
    /// When it is too long to be written.
    pub fn url(&self, rest: &str, query: Option<&str>) -> Result<Uri, http::Error> {
        let mut target = format!("{}{rest}", self.path);
        if target.is_empty() {
            target.push('/');
        }
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        PathAndQuery::try_from(target)
            .map_err(http::Error::from)
            .and_then(|target| {
                Uri::builder()
                    .scheme(self.scheme.clone())
                    .authority(self.authority.clone())
                    .path_and_query(target)
                    .build()
            })
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

/// Opens connections, within a time that a TLS handshake is part of.
#[derive(Clone)]
pub struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Connector {
    /// For a server below `base`. The files that `tls` names are read.
    ///
    /// # Errors
    /// When they cannot be, or when they are for nothing because the server is asked without TLS.
    pub fn new(base: &Base, tls: &TlsConfig, timeout: Duration) -> Result<Self, ConnectError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(timeout));
        let tls = if base.scheme == Scheme::HTTPS {
            tls.client()?
        } else if *tls == TlsConfig::default() {
            tls::none()
        } else {
            return Err(ConnectError::TlsWithoutHttps {
                given: base.to_string(),
            });
        };
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions();
        Ok(Self {
            https: https.wrap_connector(http),
            timeout,
        })
    }
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Box<dyn Error + Send + Sync>;
    type Future =
        Pin<Box<dyn Future<Output = Result<Self::Response, Box<dyn Error + Send + Sync>>> + Send>>;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Box<dyn Error + Send + Sync>>> {
        self.https.poll_ready(cx)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connected = tokio::time::timeout(self.timeout, self.https.call(to));
        Box::pin(async {
            connected
                .await
                .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        })
    }
}

/// The scheme, the authority, and the path without a slash at the end, of an upstream's base URL.
fn parse(given: &str) -> Result<(Scheme, Authority, String), ConnectError> {
    let not_a_url = || ConnectError::NotAnHttpUrl {
        given: given.to_owned(),
    };
    let Some((_, rest)) = given.split_once("://") else {
        return Err(not_a_url());
    };
    // Asked for first, so that no message repeats a password.
    if rest
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|authority| authority.contains('@'))
    {
        return Err(ConnectError::Credentials);
    }
    if rest.contains(['?', '#']) {
        return Err(ConnectError::QueryOrFragment {
            given: given.to_owned(),
        });
    }
    let uri: Uri = given.parse().map_err(|_| not_a_url())?;
    let authority = uri
        .authority()
        .filter(|authority| !authority.host().is_empty());
    match (uri.scheme(), authority) {
        (Some(scheme), Some(authority)) if [Scheme::HTTP, Scheme::HTTPS].contains(scheme) => Ok((
            scheme.clone(),
            authority.clone(),
            uri.path().trim_end_matches('/').to_owned(),
        )),
        _ => Err(not_a_url()),
    }
}

/// An error and its sources, outermost first.
pub fn chain<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The innermost cause: the outer ones only say that a request failed.
pub fn root(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

/// Whether it says that time was up.
pub fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// What TLS says. An IO error is no source of itself and so hides what it was made of from [`chain`].
pub fn of_tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let inner = |error: &'e io::Error| error.get_ref().and_then(|inner| of_tls(inner));
    error
        .downcast_ref()
        .or_else(|| error.downcast_ref().and_then(inner))
}
