//! Values to HTTP responses: media type, `Location`, `ETag`, error bodies (RFC 7644 sections 3.1, 3.12 and 3.14).

use crate::directory::Shown;
use crate::scim::ScimError;
use crate::scim::choices::{ErrorStatus, LocationHeader};
use crate::scim::project::Projection;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

/// The media type of SCIM (RFC 7644 section 8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// The response that an error is.
pub fn error(error: &ScimError) -> Response<Bytes> {
    error_with(error, ErrorStatus::Text)
}

/// The same with the status as a provider writes it.
pub(super) fn error_with(error: &ScimError, form: ErrorStatus) -> Response<Bytes> {
    let status =
        StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, error.to_json_with(form).to_string().into())
}

/// A response with a body of SCIM.
pub(super) fn json(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// A response that carries a resource, as far as `projection` shows it.
pub(super) fn resource(
    status: StatusCode,
    shown: Shown<'_>,
    projection: &Projection,
    location: LocationHeader,
) -> Response<Bytes> {
    let body = if projection.is_default() {
        shown.bytes()
    } else {
        Value::Object(shown.projected(projection))
            .to_string()
            .into()
    };
    let mut response = json(status, body);
    identify(&mut response, shown, location);
    response
}

/// The headers that say which resource, at which version, an answer is about.
pub(super) fn identify(response: &mut Response<Bytes>, shown: Shown<'_>, by: LocationHeader) {
    let created = response.status() == StatusCode::CREATED;
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(shown.location()) {
        if by != LocationHeader::Location {
            headers.insert(CONTENT_LOCATION, location.clone());
        }
        if by != LocationHeader::ContentLocation || created {
            headers.insert(LOCATION, location);
        }
    }
    if let Some(tag) = shown.tag().and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers.insert(ETAG, tag);
    }
}

/// A response without a body.
pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// What HEAD answers: as GET, the length included, without the body (RFC 9110 section 9.3.2).
pub(super) fn without_body(response: &mut Response<Bytes>) {
    let length = std::mem::take(response.body_mut()).len();
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
}

/// The answer to OPTIONS.
pub(super) fn options(methods: &[&str]) -> Response<Bytes> {
    let mut response = empty(StatusCode::NO_CONTENT);
    let mut all = methods.to_vec();
    all.push("OPTIONS");
    response.headers_mut().insert(ALLOW, allow(&all));
    response
}

/// The value of `Allow`.
pub(super) fn allow(methods: &[&str]) -> HeaderValue {
    HeaderValue::try_from(methods.join(", ")).expect("method names are visible ASCII")
}
