//! As whom the service provider is asked: a bearer token, Basic, or a token that is asked for with one of the three grants that identity
//! providers use (RFC 6749 sections 4.3, 4.4 and 6): client credentials (Entra ID, Oracle), the password of a resource owner (Oracle), and
//! the refresh token that is left of an authorization code (Okta, Entra ID). Nobody is there to be asked for the code itself.

use super::rules::Trouble;
use crate::clock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::{Serializer, byte_serialize};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, StatusCode, Uri};
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::fmt;
use tokio::sync::Mutex;

/// A token is asked for anew when so little is left of it.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// As whom.
pub enum Credentials {
    /// As nobody.
    None,
    /// By this header.
    Header(HeaderValue),
    /// By tokens that are asked for.
    OAuth(Box<OAuth>),
}

/// A client of an authorization server.
pub struct OAuth {
    /// Its token endpoint.
    pub token_url: Uri,
    /// Who the client is, and its secret.
    pub client: (String, String),
    /// What it shows.
    pub grant: Grant,
    /// What for.
    pub scope: Option<String>,
    token: Mutex<Option<Token>>,
}

/// What a token is given for.
#[derive(Clone, PartialEq, Eq)]
pub enum Grant {
    /// Being the client (RFC 6749 section 4.4).
    ClientCredentials,
    /// The name and the password of a user (section 4.3).
    Password(String, String),
    /// A refresh token (section 6).
    RefreshToken(String),
}

struct Token {
    header: HeaderValue,
    ends: Option<Timestamp>,
    refresh: Option<String>,
}

/// Why there are none.
#[derive(Debug)]
pub enum CredentialError {
    /// The token endpoint could not be asked.
    Asking(Trouble),
    /// It gives none.
    Refused(String),
}

/// Nothing of a secret is shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Header(_) => "Header(…)",
            Self::OAuth(_) => "OAuth(…)",
        })
    }
}

impl Credentials {
    /// A bearer token; `None` if it cannot stand in a header.
    pub fn bearer(token: &str) -> Option<Self> {
        header(&format!("Bearer {token}")).map(Self::Header)
    }

    /// A name and a password (RFC 7617).
    pub fn basic(user: &str, password: &str) -> Option<Self> {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        header(&format!("Basic {pair}")).map(Self::Header)
    }

    /// Tokens from an authorization server.
    pub fn oauth(
        token_url: Uri,
        client: (String, String),
        grant: Grant,
        scope: Option<String>,
    ) -> Self {
        Self::OAuth(Box::new(OAuth {
            token_url,
            client,
            grant,
            scope,
            token: Mutex::new(None),
        }))
    }

    /// Whether asking again may help when a token is refused.
    pub fn can_renew(&self) -> bool {
        matches!(self, Self::OAuth(_))
    }

    /// What to send as `Authorization`; not `stale`, which was refused. `ask` sends a request to the token endpoint.
    pub(super) async fn header<A, F>(
        &self,
        stale: Option<HeaderValue>,
        ask: A,
    ) -> Result<Option<HeaderValue>, CredentialError>
    where
        A: Fn(http::Request<Full<Bytes>>) -> F,
        F: Future<Output = Result<(StatusCode, HeaderMap, Bytes), Trouble>>,
    {
        let oauth = match self {
            Self::None => return Ok(None),
            Self::Header(header) => return Ok(Some(header.clone())),
            Self::OAuth(oauth) => oauth,
        };
        // One asks, and the others wait for what it is given.
        let mut held = oauth.token.lock().await;
        let is_good = |token: &Token| {
            let lasts = token.ends.is_none_or(|ends| clock::now() < ends);
            lasts && stale.as_ref() != Some(&token.header)
        };
        if let Some(token) = held.as_ref().filter(|it| is_good(it)) {
            return Ok(Some(token.header.clone()));
        }
        let refresh = held.as_mut().and_then(|it| it.refresh.take());
        let renewed = match refresh {
            Some(refresh) => oauth.ask(&Grant::RefreshToken(refresh), &ask).await.ok(),
            None => None,
        };
        let token = match renewed {
            Some(token) => token,
            None => oauth.ask(&oauth.grant, &ask).await?,
        };
        let header = token.header.clone();
        *held = Some(token);
        Ok(Some(header))
    }
}

impl OAuth {
    async fn ask<A, F>(&self, grant: &Grant, ask: &A) -> Result<Token, CredentialError>
    where
        A: Fn(http::Request<Full<Bytes>>) -> F,
        F: Future<Output = Result<(StatusCode, HeaderMap, Bytes), Trouble>>,
    {
        let mut form = Serializer::new(String::new());
        match grant {
            Grant::ClientCredentials => {
                form.append_pair("grant_type", "client_credentials");
            }
            Grant::Password(user, password) => {
                form.append_pair("grant_type", "password");
                form.append_pair("username", user);
                form.append_pair("password", password);
            }
            Grant::RefreshToken(token) => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", token);
            }
        }
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        // RFC 6749 section 2.3.1
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = &self.client;
        let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        let request = http::Request::post(self.token_url.clone())
            .header(AUTHORIZATION, format!("Basic {pair}"))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(form.finish().into()))
            .expect("what was encoded can be sent");
        let (status, _, body) = ask(request).await.map_err(CredentialError::Asking)?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let word = |name: &str| body.get(name).and_then(Value::as_str);
        let token = word("access_token").and_then(|it| header(&format!("Bearer {it}")));
        let Some(token) = token.filter(|_| status.is_success()) else {
            let why = [word("error"), word("error_description")];
            let why: Vec<&str> = why.into_iter().flatten().collect();
            return Err(CredentialError::Refused(format!(
                "the token endpoint {} gives no token: {status} {}",
                self.token_url,
                why.join(": ")
            )));
        };
        let lasts = body.get("expires_in").and_then(Value::as_i64);
        let ends = lasts.and_then(|seconds| {
            let lasts = SignedDuration::from_secs(seconds) - MARGIN;
            clock::now().checked_add(lasts).ok()
        });
        Ok(Token {
            header: token,
            ends,
            refresh: word("refresh_token").map(str::to_owned),
        })
    }
}

fn header(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}
