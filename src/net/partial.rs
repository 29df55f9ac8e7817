//! A recording, and behind it the upstream for what is not there, which is then recorded.

use super::pipeline::Body;
use crate::proxy::{Filed, Proxy};
use crate::replay::{MATCH, Partial};
use crate::scim::{ErrorKind, ScimError};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, BodyStream, Either, Full, StreamBody};
use hyper::body::Incoming;
use std::time::Duration;

/// A recording and the provider behind it.
#[derive(Debug)]
pub struct Completed {
    /// What was recorded before.
    pub recording: Partial,
    /// The way to the provider.
    pub proxy: Proxy,
}

impl Completed {
    /// The answer; a body above `limit` is no recorded one, and streams through.
    pub(super) async fn answer(
        &self,
        base: &str,
        request: Request<Incoming>,
        limit: usize,
        deadline: Duration,
    ) -> Result<Response<Body>, ScimError> {
        let (head, content) = request.into_parts();
        let read = tokio::time::timeout(deadline, read(content, limit)).await;
        let Ok(read) = read else {
            let seconds = deadline.as_secs();
            let detail = format!("the body was not here within {seconds} seconds");
            return Err(ScimError::new(ErrorKind::RequestTimeout, detail));
        };
        let (ahead, rest) = read.map_err(|error| {
            let detail = format!("the body broke off: {error}");
            ScimError::new(ErrorKind::BadRequest, detail)
        })?;
        let mut response = if let Some(rest) = rest {
            let all = stream::iter([Ok(Frame::data(ahead))]).chain(BodyStream::new(rest));
            let request = Request::from_parts(head, StreamBody::new(all));
            self.recording
                .passes(base, request.method(), request.uri().path());
            self.proxy.answer(base, request).await
        } else {
            let request = Request::from_parts(head, ahead);
            if let Some(recorded) = self.recording.answer(base, &request) {
                return Ok(recorded.map(|bytes| Either::Left(Either::Left(Full::new(bytes)))));
            }
            self.proxy.answer(base, request.map(Full::new)).await
        };
        let forwarded = forwarded(&response);
        response.headers_mut().insert(MATCH, forwarded);
        Ok(response.map(|body| Either::Right(Either::Left(body))))
    }
}

/// What an answer of the upstream says of itself.
fn forwarded<B>(response: &Response<B>) -> HeaderValue {
    match response.extensions().get() {
        Some(Filed::As { number, .. }) => {
            let text = format!("forwarded; exchange={number}");
            HeaderValue::try_from(text).expect("letters and a number are visible ASCII")
        }
        _ => HeaderValue::from_static("forwarded"),
    }
}

/// The body, up to the first piece above `limit`, and what is left of it.
async fn read(mut body: Incoming, limit: usize) -> Result<(Bytes, Option<Incoming>), hyper::Error> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers have no meaning in SCIM.
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
        if read.len() > limit {
            return Ok((read.freeze(), Some(body)));
        }
    }
    Ok((read.freeze(), None))
}
