//! Errors as problem documents (RFC 9457). The table of kinds and statuses is that of SCIM; nothing here says `schemas` or `scimType`.

use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request has no answer of its own.
#[derive(Debug)]
pub(super) struct Problem {
    kind: ErrorKind,
    detail: String,
    /// Each thing that is wrong, where there may be several: an extension member of the document.
    errors: Vec<Value>,
    /// What is wrong with a text that was sent, and where in it: another.
    diagnostics: Vec<Value>,
    allowed: &'static [&'static str],
}

impl Problem {
    pub(super) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            diagnostics: Vec::new(),
            allowed: &[],
        }
    }

    /// The same with each thing that is wrong.
    pub(super) fn with(self, errors: Vec<Value>) -> Self {
        Self { errors, ..self }
    }

    /// The same with what is wrong with a text.
    pub(super) fn diagnosed(self, diagnostics: Vec<Value>) -> Self {
        Self {
            diagnostics,
            ..self
        }
    }

    /// The endpoint takes other methods.
    pub(super) fn method(allowed: &'static [&'static str]) -> Self {
        let detail = format!("this endpoint takes {}", allowed.join(", "));
        Self {
            allowed,
            ..Self::new(ErrorKind::MethodNotAllowed, detail)
        }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let status = self.kind.status();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut document = json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            document["errors"] = self.errors.into();
        }
        if !self.diagnostics.is_empty() {
            document["diagnostics"] = self.diagnostics.into();
        }
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, MEDIA_TYPE);
        if !self.allowed.is_empty()
            && let Ok(allowed) = HeaderValue::try_from(self.allowed.join(", "))
        {
            headers.insert(ALLOW, allowed);
        }
        if self.kind == ErrorKind::Unauthorized {
            let challenge = HeaderValue::from_static("Bearer realm=\"control\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<&ScimError> for Problem {
    fn from(error: &ScimError) -> Self {
        Self::new(error.kind, error.detail.clone())
    }
}
