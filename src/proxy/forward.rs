//! The way of one exchange, top to bottom: to the upstream and back, recorded before its last byte goes on.
//!
//! Bodies up to a limit are read whole, so that the two base URLs can be exchanged where SCIM puts URLs; larger ones stream through as they
//! are. A body goes on byte for byte but for these URLs: a content coding stays, unless a URL has to be changed under it, which is then sent
//! without (RFC 9110 section 12.5.3: `identity` is always acceptable unless it is refused by name, which nobody does).

use super::body::{Body, BoxError, Patience, Progress, ReadAhead, read_ahead};
use super::draft::{Asked, Draft};
use super::recorder::Filed;
use super::upstream::UpstreamError;
use super::{Client, Inner, headers};
use crate::exchange::{base as base_url, coding};
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use std::sync::Arc;

/// An exchange without an answer that could go on.
pub(super) struct Failed {
    /// What the client is told.
    pub(super) error: ScimError,
    /// `None` where nothing is recorded: it did not reach the upstream.
    pub(super) filed: Option<Filed>,
}

impl Failed {
    async fn recorded(error: UpstreamError, draft: Option<Draft>) -> Self {
        let filed = match draft {
            Some(draft) => Some(draft.ended(error.by(), error.in_short()).await),
            None => None,
        };
        Self {
            error: error.into(),
            filed,
        }
    }
}

impl From<ScimError> for Failed {
    fn from(error: ScimError) -> Self {
        Self { error, filed: None }
    }
}

impl Inner {
    pub(super) async fn forward<B>(
        &self,
        base: &str,
        request: Request<B>,
    ) -> Result<Response<Body>, Failed>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let (mut head, content) = request.into_parts();
        let path = base_url::relative_path(head.uri.path(), base).ok_or_else(|| {
            let detail = format!("{} is not below the SCIM base {base}", head.uri.path());
            ScimError::new(ErrorKind::NotFound, detail)
        })?;
        if self.read_only && ![Method::GET, Method::HEAD].contains(&head.method) {
            let detail = format!(
                "{} does not go on: this proxy only reads (--read-only); it takes GET and HEAD",
                head.method
            );
            return Err(ScimError::new(ErrorKind::Forbidden, detail).into());
        }
        // The base itself is "/" in a recording; the upstream gets its own base as it was asked for, with the slash or without.
        let rest = if path == "/" && !head.uri.path().ends_with('/') {
            ""
        } else {
            path
        };
        let url = self.upstream.url(rest, head.uri.query());
        let url = url.map_err(ScimError::from)?;
        let bases = [base, self.upstream.base.as_str()];
        // Always a length where there is a body: not every upstream can read chunks.
        let has_body = [CONTENT_LENGTH, TRANSFER_ENCODING]
            .iter()
            .any(|name| head.headers.contains_key(name));
        let mut fields = std::mem::take(&mut head.headers);
        let mut draft = self.recorder.as_ref().map(|recorder| {
            let asked = Asked {
                method: head.method.clone(),
                path: path.to_owned(),
                query: head.uri.query().map(str::to_owned),
                fields: fields.clone(),
            };
            Draft::begin(recorder, asked, bases, self.kept())
        });

        headers::keep_end_to_end(&mut fields);
        headers::to_upstream(&mut fields);
        if let Some(authorization) = &self.authorization {
            fields.insert(AUTHORIZATION, authorization.clone());
        }
        if self.forwarded {
            let client = head.extensions.get::<Client>();
            headers::forwarded(&mut fields, client.map(|client| client.0), base);
        }
        let mut progress = None;
        let sent = match self.take(content, &mut fields, &mut draft, bases).await {
            Ok(ReadAhead::Whole(bytes)) => {
                if has_body || !bytes.is_empty() {
                    fields.insert(CONTENT_LENGTH, bytes.len().into());
                }
                Body::whole(bytes)
            }
            Ok(ReadAhead::More(ahead, rest)) => {
                let told = Arc::new(Progress::default());
                progress = Some(told.clone());
                Body::upload(ahead, rest, told)
            }
            Err(error) => return Err(Failed::recorded(error, draft).await),
        };
        let mut request = Request::new(sent);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = url;
        *request.headers_mut() = fields;
        let patience = self.upstream.patience();
        match self.upstream.send(request, progress, patience).await {
            Ok(response) => {
                self.receive(&head.method, response, draft, bases, patience)
                    .await
            }
            Err(error) => Err(Failed::recorded(error, draft).await),
        }
    }

    /// The content of a request, with the upstream's base in it.
    async fn take<B>(
        &self,
        content: B,
        fields: &mut HeaderMap,
        draft: &mut Option<Draft>,
        [base, upstream]: [&str; 2],
    ) -> Result<ReadAhead<B>, UpstreamError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let seen = |piece: &Bytes| {
            if let Some(draft) = draft {
                draft.sent(piece);
            }
        };
        let ahead = read_ahead(content, self.body_limit, Patience::default(), seen).await;
        match ahead.map_err(|error| UpstreamError::RequestBrokenOff {
            cause: error.to_string(),
        })? {
            ReadAhead::Whole(bytes) => {
                if let Some(draft) = draft {
                    draft.all_is_sent();
                }
                let bytes = self.moved(bytes, fields, base, upstream);
                Ok(ReadAhead::Whole(bytes))
            }
            more @ ReadAhead::More(..) => Ok(more),
        }
    }

    /// The upstream's answer with our own base in it.
    async fn receive(
        &self,
        method: &Method,
        response: Response<Incoming>,
        mut draft: Option<Draft>,
        [base, upstream]: [&str; 2],
        patience: Patience,
    ) -> Result<Response<Body>, Failed> {
        let (mut head, content) = response.into_parts();
        if let Some(draft) = &mut draft {
            draft.answered(head.status, &head.headers);
        }
        headers::keep_end_to_end(&mut head.headers);
        headers::relocate(&mut head.headers, upstream, base);
        let seen = |piece: &Bytes| {
            if let Some(draft) = &mut draft {
                draft.came(piece);
            }
        };
        let mut filed = None;
        let sent = match read_ahead(content, self.body_limit, patience, seen).await {
            Ok(ReadAhead::Whole(bytes)) => {
                let bytes = self.moved(bytes, &mut head.headers, upstream, base);
                set_length(&mut head.headers, method, head.status, bytes.len());
                if let Some(draft) = draft {
                    filed = Some(draft.complete().await);
                }
                Body::whole(bytes)
            }
            Ok(ReadAhead::More(ahead, rest)) => {
                filed = draft.is_some().then_some(Filed::Later);
                Body::download(ahead, rest, draft, patience.until)
            }
            Err(error) => {
                let error = self.upstream.unread(&error);
                return Err(Failed::recorded(error, draft).await);
            }
        };
        let mut response = Response::new(sent);
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        if let Some(filed) = filed {
            response.extensions_mut().insert(filed);
        }
        Ok(response)
    }

    /// How much of a body a recording keeps.
    fn kept(&self) -> usize {
        self.recorded_limit.min(self.body_limit)
    }

    /// The body with every URL below `from` moved to below `to`; as it is when there is none.
    fn moved(&self, bytes: Bytes, fields: &mut HeaderMap, from: &str, to: &str) -> Bytes {
        let decoded = coding::decode(&bytes, fields, self.body_limit);
        let text = std::str::from_utf8(&decoded.bytes).ok();
        let text = text.filter(|_| decoded.is_whole);
        match text.and_then(|text| base_url::rewrite_text(text, from, to)) {
            Some(moved) => {
                fields.remove(CONTENT_ENCODING);
                moved.into()
            }
            None => bytes,
        }
    }
}

/// The length of the body that goes on. An answer to HEAD and a 304 announce the length of a body that is not there: it stays.
fn set_length(fields: &mut HeaderMap, method: &Method, status: StatusCode, length: usize) {
    match status {
        StatusCode::NOT_MODIFIED => {}
        _ if method == Method::HEAD => {}
        StatusCode::NO_CONTENT => {
            fields.remove(CONTENT_LENGTH);
        }
        _ => {
            fields.insert(CONTENT_LENGTH, length.into());
        }
    }
}
