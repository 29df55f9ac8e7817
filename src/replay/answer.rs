//! A recorded response as it is sent again: under our own base, with its length counted anew (RFC 9110 sections 7.6.1, 8.6).

use crate::exchange::{Body, Response, base};
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use std::sync::OnceLock;

/// Fields that belonged to the recorded connection or moment; a recording has bodies without their codings.
const NOT_REPLAYED: [&str; 13] = [
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "scimulate-fault",
    "scimulate-match",
    "server-timing",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A recorded response, printed once for the base under which it was first asked for: there is seldom another.
#[derive(Debug)]
pub(super) struct Answer {
    response: Response,
    printed: OnceLock<(String, http::Response<Bytes>)>,
}

impl Answer {
    pub(super) fn new(response: Response) -> Self {
        Self {
            response,
            printed: OnceLock::new(),
        }
    }

    /// What was recorded.
    pub(super) fn recorded(&self) -> &Response {
        &self.response
    }

    pub(super) fn render(&self, base: &str, method: &Method, number: u64) -> http::Response<Bytes> {
        if let Body::Cut { kept } = &self.response.body {
            let detail = format!(
                "the recording holds {} bytes of the answer of exchange {number} and not the whole: it was larger than the limit, or in a content coding that could not be undone; record it again with a higher --max-body, or without that coding",
                kept.len()
            );
            return error(&ScimError::new(ErrorKind::BadGateway, detail), method);
        }
        let (printed_for, printed) = self
            .printed
            .get_or_init(|| (base.to_owned(), self.print(base)));
        let printed = if printed_for == base {
            printed.clone()
        } else {
            self.print(base)
        };
        without_body_if_none_belongs(printed, method)
    }

    fn print(&self, base: &str) -> http::Response<Bytes> {
        let Response {
            status,
            mut headers,
            mut body,
        } = self.response.clone();
        base::rewrite_headers(&mut headers, base::PLACEHOLDER, base);
        base::rewrite_body(&mut body, base::PLACEHOLDER, base);
        let mut response = http::Response::new(body.to_bytes());
        *response.status_mut() = StatusCode::from_u16(status)
            .expect("a fixture file is read only with a status from 200 to 999");
        *response.headers_mut() = replayed(&headers);
        let length = response.body().len();
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        response
    }
}

/// A SCIM error as a response.
fn error(error: &ScimError, method: &Method) -> http::Response<Bytes> {
    error_with(error, None, method)
}

/// The same, with another status than that of its kind.
pub(super) fn error_with(
    error: &ScimError,
    status: Option<StatusCode>,
    method: &Method,
) -> http::Response<Bytes> {
    let own = StatusCode::from_u16(error.kind.status())
        .expect("the table of errors has valid status codes");
    let status = status.unwrap_or(own);
    let mut body = error.to_json();
    body["status"] = status.as_str().into();
    let body = Bytes::from(body.to_string());
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/scim+json"),
    );
    headers.insert(CONTENT_LENGTH, body.len().into());
    *response.body_mut() = body;
    without_body_if_none_belongs(response, method)
}

/// The fields that go out again, in their order.
fn replayed(recorded: &[(String, String)]) -> HeaderMap {
    let named_by_connection: Vec<String> = recorded
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let mut headers = HeaderMap::new();
    for (name, value) in recorded {
        // A fixture file with a malformed field is not read, and a base is a URL: nothing is lost here.
        let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) else {
            continue;
        };
        let dropped = NOT_REPLAYED.contains(&name.as_str())
            || named_by_connection
                .iter()
                .any(|named| named == name.as_str());
        if !dropped {
            headers.append(name, value);
        }
    }
    headers
}

/// An answer to HEAD, and a 204 or 304, have no content; the last two have no length either (RFC 9110 section 8.6).
/// Nor has an answer to HEAD that was recorded: the recording does not know how long the content would have been.
fn without_body_if_none_belongs(
    mut response: http::Response<Bytes>,
    method: &Method,
) -> http::Response<Bytes> {
    let never = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    if never || method == Method::HEAD {
        if never || response.body().is_empty() {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        *response.body_mut() = Bytes::new();
    }
    response
}
