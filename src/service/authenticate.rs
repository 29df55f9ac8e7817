//! Who may come in: bearer tokens (RFC 6750), of the scenario or given out by `token`, and HTTP Basic (RFC 7617), and the challenge for those who may not.
//!
//! Secrets are compared in constant time, each with each, so that time tells nothing of how near a guess was. What somebody who
//! is in may do, `permit` says.

use super::{Call, Tenant};
use crate::directory::Purpose;
use crate::scenario::Credential;
use crate::scim::{ErrorKind, ScimError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response};
use jiff::Timestamp;
use subtle::{Choice, ConstantTimeEq};

/// Why nobody came in, and what the challenge says of it (RFC 6750 section 3.1).
pub(super) struct Refused {
    kind: ErrorKind,
    detail: &'static str,
    /// What stands behind the realm of a challenge for a bearer token.
    error: &'static str,
}

const MISSING: Refused = Refused {
    kind: ErrorKind::Unauthorized,
    detail: "credentials are needed: send an Authorization header",
    error: "",
};
const OTHER_SCHEME: Refused = Refused {
    kind: ErrorKind::Unauthorized,
    detail: "this way to authenticate is not offered; see /ServiceProviderConfig",
    error: "",
};
const MALFORMED: Refused = Refused {
    kind: ErrorKind::BadRequest,
    detail: "the Authorization header is malformed; expected `Bearer TOKEN`, once",
    error: ", error=\"invalid_request\"",
};
const TWICE: Refused = Refused {
    kind: ErrorKind::BadRequest,
    detail: "a token is sent in one way only; leave `access_token` out of the query",
    error: ", error=\"invalid_request\"",
};
const UNKNOWN: Refused = Refused {
    kind: ErrorKind::Unauthorized,
    detail: "these credentials are not known here; the scenario's `auth` lists those that are",
    error: ", error=\"invalid_token\"",
};
const EXPIRED: Refused = Refused {
    kind: ErrorKind::Unauthorized,
    detail: "this token has expired",
    error: ", error=\"invalid_token\", error_description=\"the token has expired\"",
};

/// Who is asking, at `now`.
///
/// # Errors
/// [`Refused`] when the tenant asks for something that the request does not show.
pub(super) fn check<'a>(
    tenant: &'a Tenant,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Result<Option<&'a Credential>, Refused> {
    let credentials = &tenant.auth;
    if credentials.is_empty() {
        return Ok(None);
    }
    let mut all = request.headers().get_all(AUTHORIZATION).iter();
    let Some(given) = all.next() else {
        return Err(MISSING);
    };
    if all.next().is_some() {
        return Err(MALFORMED);
    }
    let given = given.to_str().unwrap_or_default().trim();
    let (scheme, secret) = given.split_once(' ').unwrap_or((given, ""));
    let secret = secret.trim_start();
    let verdict: &dyn Fn(&Credential) -> Choice = if scheme.eq_ignore_ascii_case("bearer") {
        if secret.is_empty() || secret.contains(char::is_whitespace) {
            return Err(MALFORMED);
        }
        if has_token(request.uri().query().unwrap_or_default()) {
            return Err(TWICE);
        }
        &|credential| match credential {
            Credential::Bearer { token, .. } => same(token.as_bytes(), secret.as_bytes()),
            Credential::Basic { .. } | Credential::OAuth(_) => Choice::from(0),
        }
    } else if scheme.eq_ignore_ascii_case("basic") {
        let Ok(pair) = STANDARD.decode(secret) else {
            return Err(UNKNOWN);
        };
        &move |credential| match credential {
            Credential::Basic { user, password, .. } => {
                same(format!("{user}:{password}").as_bytes(), &pair)
            }
            Credential::Bearer { .. } | Credential::OAuth(_) => Choice::from(0),
        }
    } else {
        return Err(OTHER_SCHEME);
    };
    // Every candidate is looked at, whichever is right.
    let verdicts: Vec<Choice> = credentials.iter().map(verdict).collect();
    let shown = credentials
        .iter()
        .zip(verdicts)
        .find(|(_, verdict)| bool::from(*verdict));
    match shown {
        Some((credential, _)) if credential.has_expired(now) => Err(EXPIRED),
        Some((credential, _)) => Ok(Some(credential)),
        None => given_out(tenant, secret, now).map(Some),
    }
}

/// The client that was given this token.
fn given_out<'a>(
    tenant: &'a Tenant,
    token: &str,
    now: Timestamp,
) -> Result<&'a Credential, Refused> {
    let snapshot = tenant.directory.snapshot();
    let token = snapshot.token(token);
    let token = token.filter(|it| it.purpose == Purpose::Access);
    let (token, client) = token
        .and_then(|token| Some((token, tenant.client(&token.client)?)))
        .ok_or(UNKNOWN)?;
    if token.has_expired(now) {
        return Err(EXPIRED);
    }
    Ok(client)
}

/// Whether a query string has a token too, which RFC 6750 section 2.3 would allow alone.
fn has_token(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

fn same(one: &[u8], two: &[u8]) -> Choice {
    one.ct_eq(two)
}

impl Call<'_> {
    /// The answer to who does not come in, with one challenge for each way to authenticate.
    pub(super) fn challenge(&self, refused: &Refused) -> Response<Bytes> {
        let mut response = self.refusal(ScimError::new(refused.kind, refused.detail));
        challenge(response.headers_mut(), &self.tenant.auth, refused);
        response
    }

    /// The answer to who is in and may not do this (RFC 6750 section 3.1: a token is told that its scope does not reach).
    pub(super) fn forbidden(&self, error: ScimError) -> Response<Bytes> {
        let mut response = self.refusal(error);
        if self.client.is_some_and(Credential::is_shown_as_a_token) {
            let told = bearer(", error=\"insufficient_scope\"");
            response.headers_mut().append(WWW_AUTHENTICATE, told);
        }
        response
    }
}

fn challenge(headers: &mut HeaderMap, credentials: &[Credential], refused: &Refused) {
    let offers = |bearer: bool| {
        let is_it = |it: &Credential| it.is_shown_as_a_token() == bearer;
        credentials.iter().any(is_it)
    };
    if offers(true) {
        headers.append(WWW_AUTHENTICATE, bearer(refused.error));
    }
    if offers(false) && refused.kind == ErrorKind::Unauthorized {
        headers.append(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"scim\", charset=\"UTF-8\""),
        );
    }
}

fn bearer(error: &str) -> HeaderValue {
    let challenge = format!("Bearer realm=\"scim\"{error}");
    HeaderValue::try_from(challenge).expect("the challenges above are visible ASCII")
}
