//! Who may come in: bearer tokens (RFC 6750) and HTTP Basic (RFC 7617), and the challenge for those who may not.
//!
//! Secrets are compared in constant time, each with each, so that time tells nothing of how near a guess was.

use super::Call;
use crate::scenario::Credential;
use crate::scim::{ErrorKind, ScimError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response};
use subtle::{Choice, ConstantTimeEq};

/// Why nobody came in, and the error code that the challenge carries.
pub(super) struct Refused {
    detail: &'static str,
    code: Option<&'static str>,
}

/// # Errors
/// [`Refused`] when `credentials` asks for something that the request does not show.
pub(super) fn check<'a>(
    credentials: &'a [Credential],
    headers: &HeaderMap,
) -> Result<Option<&'a Credential>, Refused> {
    if credentials.is_empty() {
        return Ok(None);
    }
    let Some(given) = headers.get(AUTHORIZATION) else {
        return Err(Refused {
            detail: "credentials are needed: send an Authorization header",
            code: None,
        });
    };
    let malformed = Refused {
        detail: "the Authorization header is malformed; expected `Bearer TOKEN` or `Basic BASE64`",
        code: Some("invalid_request"),
    };
    let Some((scheme, secret)) = given
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
    else {
        return Err(malformed);
    };
    let secret = secret.trim_start();
    let verdict: &dyn Fn(&Credential) -> Choice = if scheme.eq_ignore_ascii_case("bearer") {
        &|credential| match credential {
            Credential::Bearer { token, .. } => same(token.as_bytes(), secret.as_bytes()),
            Credential::Basic { .. } => Choice::from(0),
        }
    } else if scheme.eq_ignore_ascii_case("basic") {
        let Ok(pair) = STANDARD.decode(secret) else {
            return Err(malformed);
        };
        &move |credential| match credential {
            Credential::Basic { user, password } => {
                same(format!("{user}:{password}").as_bytes(), &pair)
            }
            Credential::Bearer { .. } => Choice::from(0),
        }
    } else {
        return Err(Refused {
            detail: "this way to authenticate is not offered; see /ServiceProviderConfig",
            code: None,
        });
    };
    // Every candidate is looked at, whichever is right.
    let verdicts: Vec<Choice> = credentials.iter().map(verdict).collect();
    let shown = credentials
        .iter()
        .zip(verdicts)
        .find(|(_, verdict)| bool::from(*verdict));
    match shown {
        Some((credential, _)) => Ok(Some(credential)),
        None => Err(Refused {
            detail: "these credentials are not known here; the scenario's `auth` lists those that are",
            code: Some("invalid_token"),
        }),
    }
}

fn same(one: &[u8], two: &[u8]) -> Choice {
    one.ct_eq(two)
}

impl Call<'_> {
    /// 401 with one challenge for each way to authenticate.
    pub(super) fn challenge(&self, refused: &Refused) -> Response<Bytes> {
        let error = ScimError::new(ErrorKind::Unauthorized, refused.detail);
        let mut response = self.refusal(error);
        challenge(response.headers_mut(), &self.tenant.auth, refused);
        response
    }
}

fn challenge(headers: &mut HeaderMap, credentials: &[Credential], refused: &Refused) {
    let bearer = credentials
        .iter()
        .any(|credential| matches!(credential, Credential::Bearer { .. }));
    let basic = credentials
        .iter()
        .any(|credential| matches!(credential, Credential::Basic { .. }));
    if bearer {
        let challenge = match refused.code {
            None => HeaderValue::from_static("Bearer realm=\"scim\""),
            Some("invalid_request") => {
                HeaderValue::from_static("Bearer realm=\"scim\", error=\"invalid_request\"")
            }
            Some(_) => HeaderValue::from_static("Bearer realm=\"scim\", error=\"invalid_token\""),
        };
        headers.append(WWW_AUTHENTICATE, challenge);
    }
    if basic {
        headers.append(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"scim\", charset=\"UTF-8\""),
        );
    }
}
