//! The token endpoint (RFC 6749 section 3.2): client credentials, the password of a resource owner, refresh tokens that are good once.
//!
//! It has no authorization endpoint: nobody is there to be asked. Errors are those of RFC 6749 section 5.2.

use super::{Answer, Call, Refusal, respond, tenants};
use crate::directory::{Origin, Purpose, Snapshot, Token};
use crate::scenario::{Credential, OAuthClient, is_scope};
use crate::scim::ErrorKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use subtle::{Choice, ConstantTimeEq as _};

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters that RFC 6749 has for this endpoint; none of them belongs in a URL (section 2.3.1).
const PARAMETERS: [&str; 7] = [
    "grant_type",
    "client_id",
    "client_secret",
    "username",
    "password",
    "refresh_token",
    "scope",
];

/// Why there is no token: an error code, and a sentence for people.
struct Denied {
    kind: ErrorKind,
    error: &'static str,
    detail: String,
}

type Parameters = BTreeMap<String, String>;

fn denied(error: &'static str, detail: impl Into<String>) -> Denied {
    let kind = match error {
        "invalid_client" => ErrorKind::Unauthorized,
        _ => ErrorKind::BadRequest,
    };
    let detail = detail.into();
    Denied {
        kind,
        error,
        detail,
    }
}

fn invalid(detail: impl Into<String>) -> Denied {
    denied("invalid_request", detail)
}

impl Call<'_> {
    /// Whether the request is for the token endpoint, where there is one.
    pub(super) fn is_for_a_token(&self) -> bool {
        self.tenant.auth.iter().any(|it| it.oauth().is_some())
            && tenants::is_token_endpoint(&self.base_path(), self.request.uri().path())
    }

    pub(super) fn token(&self) -> Answer {
        if !self.verdict.lets_operate() {
            return Ok(respond::empty(StatusCode::OK));
        }
        if self.request.method() == Method::OPTIONS {
            return Ok(respond::options(&["POST"]));
        }
        match self.grant() {
            Ok(Ok(body)) => Ok(answer(StatusCode::OK, &body)),
            Ok(Err(Refusal::Retired)) => Err(Refusal::Retired),
            Ok(Err(Refusal::Scim(error))) => Err(Refusal::Scim(error)),
            Err(denied) => Ok(denied.into_response()),
        }
    }

    fn grant(&self) -> Result<Result<Value, Refusal>, Denied> {
        let parameters = self.token_parameters()?;
        let client = self.authenticated(&parameters)?;
        let given = |name: &str| parameters.get(name).map(String::as_str);
        let must = |name: &str| given(name).ok_or_else(|| invalid(format!("`{name}` is missing")));
        let grant = must("grant_type")?;
        if !["client_credentials", "password", "refresh_token"].contains(&grant) {
            let detail = format!(
                "`{grant}` is not offered; expected client_credentials, password or refresh_token"
            );
            return Err(denied("unsupported_grant_type", detail));
        }
        let asked = given("scope");
        if asked.is_some_and(|it| !is_scope(it)) {
            let detail = "a scope is words of visible ASCII with one space between them";
            return Err(denied("invalid_scope", detail));
        }
        let mut refresh = None;
        match grant {
            "password" => {
                let Some((user, password)) = &client.owner else {
                    let detail = "this client has no `username` and `password` in the scenario";
                    return Err(denied("unauthorized_client", detail));
                };
                let shown = (must("username")?, must("password")?);
                if !bool::from(same(user, shown.0) & same(password, shown.1)) {
                    let detail = "the user name or the password is not that of the scenario";
                    return Err(denied("invalid_grant", detail));
                }
            }
            "refresh_token" if !client.refresh => {
                let detail = "this client has no `refresh: true` in the scenario";
                return Err(denied("unauthorized_client", detail));
            }
            "refresh_token" => refresh = Some(must("refresh_token")?),
            _ => {}
        }
        let written = self.tenant.directory.write(|next, origin| {
            let now = next.now(origin);
            let scope = match refresh {
                None => granted(client.scope.as_deref(), asked)?,
                Some(text) => {
                    let old = exchanged(next, client, text, now)?;
                    let scope = granted(words(&old.scope).as_deref(), asked)?;
                    next.spend_token(&old);
                    // A refresh token keeps what was granted first (section 6).
                    return Ok(self.give(next, origin, client, (&scope, &old.scope)));
                }
            };
            Ok(self.give(next, origin, client, (&scope, &scope)))
        });
        match written {
            Ok(given) => given.map(Ok),
            Err(retired) => Ok(Err(retired.into())),
        }
    }

    /// Gives out an access token, for the first scope, and a refresh token, for the second, where the client is given any.
    fn give(
        &self,
        next: &mut Snapshot,
        origin: &Origin,
        client: &OAuthClient,
        scopes: (&str, &str),
    ) -> Value {
        let now = next.now(origin);
        let mut give = |purpose, life: Option<Duration>, scope: &str| {
            // What leaves the calendar ends never.
            let expires = life.and_then(|life| now.checked_add(life).ok());
            let token = Token {
                text: Arc::default(),
                purpose,
                client: client.id.as_str().into(),
                scope: scope.into(),
                expires,
                spent: false,
            };
            let given = next.give_token(origin, &self.tenant.name, token);
            given.text.to_string()
        };
        let mut body = json!({
            "access_token": give(Purpose::Access, Some(client.life), scopes.0),
            "token_type": "Bearer",
            "expires_in": client.life.as_secs(),
        });
        if client.refresh {
            body["refresh_token"] = give(Purpose::Refresh, client.refresh_life, scopes.1).into();
        }
        if !scopes.0.is_empty() {
            body["scope"] = scopes.0.into();
        }
        body
    }

    /// What the body says; each parameter once, and those without a value not at all (section 3.2).
    fn token_parameters(&self) -> Result<Parameters, Denied> {
        if self.request.method() != Method::POST {
            let detail = format!(
                "{} is not for this endpoint; it takes POST",
                self.request.method()
            );
            let kind = ErrorKind::MethodNotAllowed;
            return Err(Denied {
                kind,
                ..invalid(detail)
            });
        }
        let query = self.request.uri().query().unwrap_or_default();
        let mut in_url = form_urlencoded::parse(query.as_bytes());
        if let Some((name, _)) = in_url.find(|(name, _)| PARAMETERS.contains(&name.as_ref())) {
            let detail = format!("`{name}` belongs in the body and not in the URL");
            return Err(invalid(detail));
        }
        let media_type = self.header(CONTENT_TYPE).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case(FORM) {
            let detail = format!("the Content-Type is {FORM}, and so is the body");
            return Err(invalid(detail));
        }
        let mut parameters = Parameters::new();
        for (name, value) in form_urlencoded::parse(self.request.body()) {
            if parameters.contains_key(name.as_ref()) {
                return Err(invalid(format!("`{name}` is given twice")));
            }
            parameters.insert(name.into(), value.into());
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(parameters)
    }

    /// The client that asks, by the header or by parameters, and not by both (section 2.3.1).
    fn authenticated(&self, parameters: &Parameters) -> Result<&OAuthClient, Denied> {
        let given = |name: &str| parameters.get(name).map(String::as_str);
        let mut headers = self.request.headers().get_all(AUTHORIZATION).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err(invalid("Authorization is given twice"));
        }
        let (id, secret) = match (header, given("client_id"), given("client_secret")) {
            (Some(_), _, Some(_)) => {
                let detail =
                    "a client authenticates in one way: by the header, or by `client_secret`";
                return Err(invalid(detail));
            }
            (Some(header), also, None) => {
                let (id, secret) = basic(header)?;
                if also.is_some_and(|also| also != id) {
                    return Err(invalid("`client_id` is not that of the header"));
                }
                (id, secret)
            }
            (None, Some(id), Some(secret)) => (id.to_owned(), secret.to_owned()),
            (None, _, _) => {
                let detail = "expected Basic credentials, or `client_id` and `client_secret`";
                return Err(denied("invalid_client", detail));
            }
        };
        // Every client is looked at, whichever is right.
        let clients = self.tenant.auth.iter().filter_map(Credential::oauth);
        let verdicts: Vec<(&OAuthClient, Choice)> = clients
            .map(|it| (it, same(&it.id, &id) & same(&it.secret, &secret)))
            .collect();
        let known = verdicts.into_iter().find(|(_, it)| bool::from(*it));
        known.map(|(client, _)| client).ok_or_else(|| {
            let detail = "this client and secret are not known here; the scenario's `auth` lists those that are";
            denied("invalid_client", detail)
        })
    }
}

/// Identifier and secret, each of which is form-urlencoded before they are joined (section 2.3.1).
fn basic(header: &HeaderValue) -> Result<(String, String), Denied> {
    let malformed = || {
        let detail = "expected `Authorization: Basic`, of the form-urlencoded id, `:`, and the form-urlencoded secret";
        denied("invalid_client", detail)
    };
    let text = header.to_str().unwrap_or_default().trim();
    let (scheme, pair) = text.split_once(' ').ok_or_else(malformed)?;
    let pair = STANDARD.decode(pair.trim()).ok();
    let pair = pair.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = pair.filter(|_| scheme.eq_ignore_ascii_case("basic"));
    let pair = pair.ok_or_else(malformed)?;
    let (id, secret) = pair.split_once(':').ok_or_else(malformed)?;
    Ok((decoded(id), decoded(secret)))
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy();
    decoded.into_owned()
}

/// The refresh token that `client` shows, which must be good still.
fn exchanged(
    snapshot: &Snapshot,
    client: &OAuthClient,
    text: &str,
    now: Timestamp,
) -> Result<Arc<Token>, Denied> {
    let token = snapshot.token(text);
    let own = token.filter(|it| it.purpose == Purpose::Refresh && *it.client == *client.id);
    let why = match own {
        None => "this refresh token was not given to this client",
        Some(token) if token.spent => "this refresh token was used before; each is good once",
        Some(token) if token.has_expired(now) => "this refresh token has expired",
        Some(token) => return Ok(token.clone()),
    };
    Err(denied("invalid_grant", why))
}

/// The words of a scope; nothing where any may be asked for.
fn words(scope: &str) -> Option<Vec<String>> {
    (!scope.is_empty()).then(|| scope.split(' ').map(str::to_owned).collect())
}

/// What is granted of what is asked for: all of it, or all there is when nothing was said (section 3.3).
fn granted(may: Option<&[String]>, asked: Option<&str>) -> Result<String, Denied> {
    let Some(asked) = asked else {
        return Ok(may.map(|words| words.join(" ")).unwrap_or_default());
    };
    let is_too_much = |word: &&str| may.is_some_and(|may| !may.iter().any(|it| it == word));
    match asked.split(' ').find(is_too_much) {
        None => Ok(asked.to_owned()),
        Some(word) => Err(denied(
            "invalid_scope",
            format!("`{word}` is not granted to this client"),
        )),
    }
}

fn same(one: &str, two: &str) -> Choice {
    one.as_bytes().ct_eq(two.as_bytes())
}

impl Denied {
    fn into_response(self) -> Response<Bytes> {
        let status = StatusCode::from_u16(self.kind.status());
        let body = json!({"error": self.error, "error_description": described(&self.detail)});
        let mut response = answer(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &body);
        let headers = response.headers_mut();
        match self.kind {
            // RFC 9110 section 15.5.2 asks for a challenge whichever way was tried.
            ErrorKind::Unauthorized => {
                let challenge = HeaderValue::from_static("Basic realm=\"oauth2\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            ErrorKind::MethodNotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        response
    }
}

/// A description has visible ASCII and spaces, without `"` and `\` (section 5.2).
fn described(detail: &str) -> String {
    let may_stand = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '\\';
    let told = |c: char| if may_stand(c) { c } else { '?' };
    detail.chars().map(told).collect()
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
