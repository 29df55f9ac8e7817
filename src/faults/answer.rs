//! What is left of an answer: a response in, a response out.

use super::{Left, When, Wire};
use crate::scenario::{Fault, RetryAfter, Then};
use crate::scim::error::message;
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The header that names the fault which an answer met.
pub const FAULT: HeaderName = HeaderName::from_static("scimulate-fault");

/// The media type of SCIM (RFC 7644 section 8.1).
const SCIM: HeaderValue = HeaderValue::from_static("application/scim+json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// What stands for the base URL in an answer of the scenario's choice, as it does in recordings.
const BASE: &str = "{base}";

const DETAIL: &str = "this is a fault that the scenario injects";

/// What a request meets: a fault or none, and headers about quotas either way.
#[derive(Debug, Default)]
pub struct Verdict {
    injected: Option<Injected>,
    /// The last quota that the request was counted in.
    quota: Option<Left>,
}

#[derive(Debug)]
struct Injected {
    fault: Arc<Fault>,
    when: When,
    wire: Option<Wire>,
}

impl Verdict {
    pub(super) fn is_fault(&self) -> bool {
        self.injected.is_some()
    }

    pub(super) fn inject(&mut self, fault: &Arc<Fault>, when: When, wire: Option<Wire>) {
        self.injected = Some(Injected {
            fault: fault.clone(),
            when,
            wire,
        });
    }

    /// Within the quota, the request goes on to the faults behind it.
    pub(super) fn limit(&mut self, left: Left, fault: &Arc<Fault>, when: When) {
        self.quota = Some(left);
        if left.remaining.is_none() {
            self.inject(fault, when, None);
        }
    }

    /// Whether the operation is to be carried out, whatever the client hears of it.
    pub fn lets_operate(&self) -> bool {
        let injected = self.injected.as_ref();
        injected.is_none_or(|it| it.fault.carried_out)
    }

    /// How old what is read is to be, if it is to be old.
    pub fn stale(&self) -> Option<SignedDuration> {
        match self.then()? {
            Then::StaleRead(age) => SignedDuration::try_from(*age).ok(),
            _ => None,
        }
    }

    /// Where a page begins that should begin at `start`, and how many resources there then are instead of `total`.
    pub fn page(&self, start: usize, total: usize) -> (usize, usize) {
        match self.then() {
            Some(Then::DuplicateEntries) => (start.saturating_sub(1), total + 1),
            Some(Then::MissingEntries) => (start + 1, total.saturating_sub(1)),
            _ => (start, total),
        }
    }

    fn then(&self) -> Option<&Then> {
        self.injected.as_ref().map(|it| &it.fault.then)
    }

    /// Puts what the fault answers in the place of `response`, if it answers anything. `base` is the base URL, for which `{base}` stands.
    pub fn replace(&self, response: &mut Response<Bytes>, base: &str) {
        let Some(Injected { fault, when, .. }) = &self.injected else {
            return;
        };
        let until = fault.on.window.to;
        let left = self.quota.as_ref().map(|quota| quota.seconds);
        *response = match &fault.then {
            Then::Status {
                status,
                body,
                retry_after,
                ..
            } => {
                let mut answer = answer(*status, body.as_ref());
                if body
                    .as_ref()
                    .is_some_and(|it| it.to_string().contains(BASE))
                {
                    let text = String::from_utf8_lossy(answer.body()).replace(BASE, base);
                    *answer.body_mut() = text.into();
                }
                match retry_after {
                    None => {}
                    Some(RetryAfter::Seconds(seconds)) => {
                        come_again(&mut answer, u64::from(*seconds));
                    }
                    Some(RetryAfter::Date(seconds)) => {
                        let later = when
                            .now
                            .checked_add(Duration::from_secs(u64::from(*seconds)));
                        date(&mut answer, later.unwrap_or(Timestamp::MAX));
                    }
                }
                answer
            }
            Then::RateLimit { .. } => {
                let mut answer = answer(429, None);
                come_again(&mut answer, left.unwrap_or_default());
                answer
            }
            Then::Outage => {
                let detail = "the service is out of order, as the scenario has it";
                let mut answer = refuse(ErrorKind::Unavailable, detail);
                if let Some(until) = until {
                    let since = Duration::try_from(when.since).unwrap_or_default();
                    let rest = until.saturating_sub(since).as_millis().div_ceil(1000);
                    let seconds = u64::try_from(rest).unwrap_or(u64::MAX);
                    come_again(&mut answer, seconds);
                }
                answer
            }
            Then::PreconditionFailed => {
                let detail =
                    "somebody else has changed the resource, as the scenario has it; read it again";
                refuse(ErrorKind::PreconditionFailed, detail)
            }
            Then::ExpiredCursor => {
                let detail =
                    "this cursor has expired, as the scenario has it; begin again without a cursor";
                refuse(ErrorKind::ExpiredCursor, detail)
            }
            Then::Timeout
            | Then::Disconnect {
                after_bytes: None, ..
            } => Response::new(Bytes::new()),
            _ => return,
        };
    }

    /// Spoils what the answer is made of, and marks it.
    pub fn mark(&self, response: &mut Response<Bytes>, base: &str) {
        if let Some(quota) = &self.quota {
            let headers = response.headers_mut();
            headers.insert(RATE_LIMIT, quota.limit.into());
            headers.insert(RATE_REMAINING, quota.remaining.unwrap_or_default().into());
            headers.insert(RATE_RESET, quota.seconds.into());
        }
        let Some(Injected { fault, wire, .. }) = &self.injected else {
            return;
        };
        match &fault.then {
            Then::Status { body, headers, .. } => {
                if let Some(Value::String(_)) = body {
                    response.headers_mut().insert(CONTENT_TYPE, TEXT);
                }
                for (name, value) in headers {
                    if let (Ok(name), Ok(value)) = (
                        HeaderName::try_from(name),
                        HeaderValue::try_from(value.replace(BASE, base)),
                    ) {
                        response.headers_mut().insert(name, value);
                    }
                }
            }
            Then::Truncated { after_bytes } => {
                let body = response.body_mut();
                // One byte less than all of it, or nothing would be wrong.
                let most = body.len().saturating_sub(1);
                body.truncate(after_bytes.unwrap_or(body.len() / 2).min(most));
            }
            Then::Malformed => {
                let body = response.body_mut();
                *body = malformed(body);
            }
            Then::WrongContentType(media_type) => {
                if let Ok(media_type) = HeaderValue::try_from(media_type) {
                    response.headers_mut().insert(CONTENT_TYPE, media_type);
                }
            }
            _ => {}
        }
        let name = HeaderValue::from_static(fault.then.name());
        response.headers_mut().insert(FAULT, name);
        if let Some(wire) = wire {
            response.extensions_mut().insert(*wire);
        }
    }
}

/// Without the first quotation mark no reader takes it for JSON, however lenient. What has none is no object, and stays.
fn malformed(body: &Bytes) -> Bytes {
    match body.iter().position(|byte| *byte == b'"') {
        Some(at) => [&body[..at], &body[at + 1..]].concat().into(),
        None => body.clone(),
    }
}

/// A response with `body`; an error of SCIM where none is named and the status is that of an error.
fn answer(status: u16, body: Option<&Value>) -> Response<Bytes> {
    let body = match body {
        Some(body) => Some(Cow::Borrowed(body)),
        None => (status >= 400).then(|| Cow::Owned(message(status, DETAIL))),
    };
    let bytes = match body.as_deref() {
        None => Bytes::new(),
        Some(Value::String(text)) => text.clone().into(),
        Some(json) => json.to_string().into(),
    };
    let mut response = Response::new(bytes);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if body.is_some() {
        response.headers_mut().insert(CONTENT_TYPE, SCIM);
    }
    response
}

fn refuse(kind: ErrorKind, detail: &str) -> Response<Bytes> {
    let error = ScimError::new(kind, detail);
    answer(kind.status(), Some(&error.to_json()))
}

fn come_again(response: &mut Response<Bytes>, seconds: u64) {
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
}

/// `Retry-After` as the date of RFC 9110 section 5.6.7.
fn date(response: &mut Response<Bytes>, instant: Timestamp) {
    let printer = rfc2822::DateTimePrinter::new();
    let text = printer.timestamp_to_rfc9110_string(&instant).ok();
    if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
}
