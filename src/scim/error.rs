//! The one table of SCIM errors: kind, HTTP status, `scimType` (RFC 7644 section 3.12, tables 8 and 9).
//!
//! Every other file names a kind and writes the detail; none writes a status code for an error.
//! It does not decide which HTTP headers go with an error (`Allow`, `WWW-Authenticate`): the service does.

use super::choices::{Choices, ErrorStatus, UniquenessError, UnknownSchema, Unsupported};
use serde_json::{Value, json};
use std::fmt;

/// The schema URN of an error message.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The members of an error message that are codes, and no text for people.
pub const CODES: [&str; 2] = ["scimType", "status"];

/// The member of an error message that holds the detail keyword.
pub const SCIM_TYPE: &str = "scimType";

/// What went wrong, in the terms of RFC 7644.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The filter is malformed, or the attribute and operator do not go together.
    InvalidFilter,
    /// The filter yields more results than the provider is willing to process.
    TooMany,
    /// A value that must be unique is taken.
    Uniqueness,
    /// The same from a provider that answers 400, under which table 9 has it.
    UniquenessBadRequest,
    /// The change is not compatible with the attribute's mutability or its present state.
    Mutability,
    /// The message is not JSON, or not the message that the endpoint takes.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names no attribute.
    InvalidPath,
    /// The path of a PATCH operation selects nothing that could be operated on.
    NoTarget,
    /// A URN in `schemas` names no schema of the type; a value like others, unless a provider sees the message in it.
    UnknownSchema,
    /// A value is missing, or is not what the schema says.
    InvalidValue,
    /// The protocol version in the URL is not supported.
    InvalidVers,
    /// The cursor was not given out for this query (RFC 9865 section 2.1).
    InvalidCursor,
    /// The cursor is older than the provider keeps them (RFC 9865 section 2.1).
    ExpiredCursor,
    /// The count is not the one that the cursor was given out for (RFC 9865 section 2.1).
    InvalidCount,
    /// The request cannot be read as HTTP asks (a query string that is not percent-encoded UTF-8, say).
    BadRequest,
    /// No credentials, or none that are valid.
    Unauthorized,
    /// The credentials are valid and do not permit this; also a filter on a discovery endpoint.
    Forbidden,
    /// The query string asks about what should not stand in a query string (RFC 7644 section 7.5.2).
    Sensitive,
    /// No such resource or endpoint.
    NotFound,
    /// The endpoint exists and does not take this method.
    MethodNotAllowed,
    /// The client accepts no media type that the provider sends.
    NotAcceptable,
    /// The client did not send its request in time.
    RequestTimeout,
    /// The operation of a bulk request waits for one that failed or is not there (RFC 7644 section 3.7.1).
    Conflict,
    /// The resource has another version than the client asked for.
    PreconditionFailed,
    /// The body is larger than the provider takes.
    PayloadTooLarge,
    /// The body has a media type that is not JSON.
    UnsupportedMediaType,
    /// The change names no version, and the provider asks for one (RFC 6585 section 3).
    PreconditionRequired,
    /// The headers are larger than the provider takes.
    HeadersTooLarge,
    /// A defect of this program.
    Internal,
    /// The feature is known and switched off.
    NotImplemented,
    /// The upstream service provider could not be reached or broke off.
    BadGateway,
    /// The server is stopping or is not ready.
    Unavailable,
    /// The upstream service provider did not answer in time.
    GatewayTimeout,
}

impl ErrorKind {
    const fn row(self) -> (u16, Option<&'static str>) {
        match self {
            Self::InvalidFilter => (400, Some("invalidFilter")),
            Self::TooMany => (400, Some("tooMany")),
            Self::Uniqueness => (409, Some("uniqueness")),
            Self::UniquenessBadRequest => (400, Some("uniqueness")),
            Self::Mutability => (400, Some("mutability")),
            Self::InvalidSyntax => (400, Some("invalidSyntax")),
            Self::InvalidPath => (400, Some("invalidPath")),
            Self::NoTarget => (400, Some("noTarget")),
            Self::InvalidValue | Self::UnknownSchema => (400, Some("invalidValue")),
            Self::InvalidVers => (400, Some("invalidVers")),
            Self::InvalidCursor => (400, Some("invalidCursor")),
            Self::ExpiredCursor => (400, Some("expiredCursor")),
            Self::InvalidCount => (400, Some("invalidCount")),
            Self::BadRequest => (400, None),
            Self::Unauthorized => (401, None),
            Self::Forbidden => (403, None),
            Self::Sensitive => (403, Some("sensitive")),
            Self::NotFound => (404, None),
            Self::MethodNotAllowed => (405, None),
            Self::NotAcceptable => (406, None),
            Self::RequestTimeout => (408, None),
            Self::Conflict => (409, None),
            Self::PreconditionFailed => (412, None),
            Self::PayloadTooLarge => (413, None),
            Self::UnsupportedMediaType => (415, None),
            Self::PreconditionRequired => (428, None),
            Self::HeadersTooLarge => (431, None),
            Self::Internal => (500, None),
            Self::NotImplemented => (501, None),
            Self::BadGateway => (502, None),
            Self::Unavailable => (503, None),
            Self::GatewayTimeout => (504, None),
        }
    }

    /// The HTTP status code.
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// The detail keyword of table 9, where one fits.
    pub const fn scim_type(self) -> Option<&'static str> {
        self.row().1
    }
}

/// An error as a client sees it: the kind decides the status, the detail says what was expected, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimError {
    /// Which row of the table.
    pub kind: ErrorKind,
    /// For people.
    pub detail: String,
}

impl ScimError {
    /// An error of `kind` with a sentence for people.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// The same error, with the place it is about put before its detail.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.detail = format!("{place}: {}", self.detail);
        self
    }

    /// The same error as a provider with these choices tells it.
    #[must_use]
    pub fn told_by(mut self, choices: &Choices) -> Self {
        self.kind = match self.kind {
            ErrorKind::Uniqueness if choices.uniqueness == UniquenessError::BadRequest => {
                ErrorKind::UniquenessBadRequest
            }
            ErrorKind::UnknownSchema if choices.unknown_schema == UnknownSchema::InvalidSyntax => {
                ErrorKind::InvalidSyntax
            }
            ErrorKind::NotImplemented if choices.unsupported == Unsupported::NotFound => {
                ErrorKind::NotFound
            }
            kind => kind,
        };
        if !choices.error_detail {
            self.detail.clear();
        }
        self
    }

    /// The error message of RFC 7644 section 3.12; `status` is a string there, and a detail that is empty is left out.
    pub fn to_json(&self) -> Value {
        self.to_json_with(ErrorStatus::Text)
    }

    /// The same with the status as a provider writes it.
    pub fn to_json_with(&self, form: ErrorStatus) -> Value {
        let status = match form {
            ErrorStatus::Text => Value::from(self.kind.status().to_string()),
            ErrorStatus::Number => self.kind.status().into(),
        };
        let mut body = json!({ "schemas": [ERROR_URN], "status": status });
        if let Some(scim_type) = self.kind.scim_type() {
            body["scimType"] = scim_type.into();
        }
        if !self.detail.is_empty() {
            body["detail"] = self.detail.as_str().into();
        }
        body
    }
}

/// What stands in the shape of an error for a part of it.
pub const PLACEHOLDERS: [&str; 4] = ["{status}", "{status_text}", "{scim_type}", "{detail}"];

/// An error message in the shape of a provider that has its own: `{status}` is the number, `{status_text}` the text of it. A member whose
/// part the error does not have is left out. What is no error message stays as it is.
#[must_use]
pub fn shaped(shape: &Value, error: Value) -> Value {
    if error["schemas"][0] == ERROR_URN {
        filled(shape, &error).unwrap_or(Value::Null)
    } else {
        error
    }
}

fn filled(shape: &Value, error: &Value) -> Option<Value> {
    let status = || match &error["status"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(match shape {
        Value::String(text) => match text.as_str() {
            "{status}" => status().parse::<u16>().ok()?.into(),
            "{status_text}" => status().into(),
            "{scim_type}" => error.get("scimType")?.clone(),
            "{detail}" => error.get("detail")?.clone(),
            _ => shape.clone(),
        },
        Value::Array(list) => list.iter().filter_map(|it| filled(it, error)).collect(),
        Value::Object(members) => {
            let filled = |(name, it): (&String, &Value)| Some((name.clone(), filled(it, error)?));
            Value::Object(members.iter().filter_map(filled).collect())
        }
        other => other.clone(),
    })
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.status())?;
        if let Some(scim_type) = self.kind.scim_type() {
            write!(f, " {scim_type}")?;
        }
        write!(f, ": {}", self.detail)
    }
}

impl std::error::Error for ScimError {}

/// The error message of a status that need not be in the table: a fault of a scenario answers what it likes.
pub fn message(status: u16, detail: &str) -> Value {
    json!({ "schemas": [ERROR_URN], "status": status.to_string(), "detail": detail })
}

/// What the error of another service provider says: its `scimType` and its `detail`, as far as it has them.
pub fn told(error: &serde_json::Map<String, Value>) -> String {
    let word = |name: &str| super::path::member(error, name).and_then(Value::as_str);
    let words = [word("scimType"), word("detail")].into_iter().flatten();
    words.collect::<Vec<_>>().join(": ")
}
