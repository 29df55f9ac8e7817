//! The service provider that is pushed to: one request out, one answer or one trouble in.

use super::credentials::{CredentialError, Credentials};
use super::dialect::{Dialect, Request};
use super::rules::{Trouble, retry_after};
use crate::connect::{Base, ConnectError, Connector, TlsConfig, chain, explain, of_tls, root};
use crate::scim::error;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Shorter than the five seconds after which common servers close an idle connection.
const IDLE: Duration = Duration::from_secs(4);
const CONNECT: Duration = Duration::from_secs(5);
/// A list of two hundred people has a tenth of that.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Where it is, and as whom it is asked.
pub struct Target {
    base: Base,
    client: Client<Connector, Full<Bytes>>,
    credentials: Credentials,
    dialect: Dialect,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status: one of success.
    pub status: u16,
    /// The body; empty if there is none.
    pub body: Map<String, Value>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}, {})", self.base, self.dialect.name())
    }
}

impl Target {
    /// A target below this base URL.
    ///
    /// # Errors
    /// When the files that `tls` names cannot be used.
    pub fn new(
        base: Base,
        tls: &TlsConfig,
        credentials: Credentials,
        dialect: Dialect,
    ) -> Result<Self, ConnectError> {
        let connector = Connector::new(&base, tls, CONNECT)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self {
            base,
            client,
            credentials,
            dialect,
        })
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        self.base.to_string()
    }

    /// Sends a request, a second time with a new token if the first was not good any more.
    ///
    /// # Errors
    /// Whatever is no success.
    pub async fn send(&self, request: &Request) -> Result<Answer, Trouble> {
        let authorization = self.authorization(None).await?;
        match self.once(request, authorization.as_ref()).await {
            Err(Trouble::Refused { status: 401, .. }) if self.credentials.can_renew() => {
                let authorization = self.authorization(authorization).await?;
                self.once(request, authorization.as_ref()).await
            }
            other => other,
        }
    }

    /// What to send as `Authorization`; another than `stale`.
    async fn authorization(
        &self,
        stale: Option<HeaderValue>,
    ) -> Result<Option<HeaderValue>, Trouble> {
        let ask = |request| self.answered(request);
        let given = self.credentials.header(stale, ask).await;
        given.map_err(|error| match error {
            CredentialError::Asking(trouble) => trouble,
            CredentialError::Refused(detail) => Trouble::Refused {
                status: 401,
                retry_after: None,
                detail,
            },
        })
    }

    async fn once(
        &self,
        request: &Request,
        authorization: Option<&HeaderValue>,
    ) -> Result<Answer, Trouble> {
        let uri = self.base.url(&request.path, request.query.as_deref());
        let uri = uri
            .map_err(|error| Trouble::Unreachable(format!("the URL cannot be written: {error}")))?;
        let mut built = http::Request::builder().method(request.method).uri(uri);
        if let Some(authorization) = authorization {
            built = built.header(AUTHORIZATION, authorization);
        }
        for (name, value) in self.dialect.headers(request.body.is_some()) {
            built = built.header(name, value);
        }
        let body = request
            .body
            .as_ref()
            .map_or(Bytes::new(), |it| it.to_string().into());
        let built = built
            .body(Full::new(body))
            .expect("methods and headers are written in this program");
        let (status, headers, bytes) = self.answered(built).await?;
        let body = if bytes.is_empty() {
            Ok(Map::new())
        } else {
            serde_json::from_slice(&bytes)
        };
        if !status.is_success() {
            let after = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok());
            return Err(Trouble::Refused {
                status: status.as_u16(),
                retry_after: after.and_then(retry_after),
                detail: body.map(|it| error::told(&it)).unwrap_or_default(),
            });
        }
        body.map(|body| Answer {
            status: status.as_u16(),
            body,
        })
        .map_err(|error| {
            Trouble::NotScim(format!("{status}, and the body is no JSON object: {error}"))
        })
    }

    async fn answered(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Trouble> {
        let timeout = self.dialect.ways().timeout;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| {
                let cause = chain(&error)
                    .find_map(of_tls)
                    .map_or_else(|| root(&error), explain);
                if error.is_connect() {
                    Trouble::Unreachable(format!("no connection to {}: {cause}", self.base))
                } else {
                    Trouble::Unanswered(format!("the connection broke off: {cause}"))
                }
            })?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST_ANSWER).collect().await;
            let body = body.map_err(|error: Box<dyn Error + Send + Sync>| {
                let cause = root(error.as_ref());
                Trouble::Unanswered(format!(
                    "{}, and the answer broke off: {cause}",
                    head.status
                ))
            })?;
            Ok((head.status, head.headers, body.to_bytes()))
        };
        let answered = tokio::time::timeout(timeout, exchange).await;
        answered.unwrap_or_else(|_| {
            Err(Trouble::Unanswered(format!(
                "no answer within {} seconds",
                timeout.as_secs()
            )))
        })
    }
}
