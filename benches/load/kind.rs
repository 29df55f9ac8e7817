//! The four kinds of request: their bytes, the statuses that are right, what the body of an answer must say.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::people::{TOKEN, id, user, user_name};

/// Digits of the running number that makes every POST and PATCH a change: at a fixed place from the end of the request.
pub(crate) const SERIAL_DIGITS: usize = 9;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `GET /Users/{id}`
    Get,
    /// `GET /Users?filter=userName eq "…"`
    List,
    /// `PATCH /Users/{id}`, one attribute replaced
    Patch,
    /// `POST /Users`
    Post,
}

impl Kind {
    /// As it is printed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET /Users/{id}",
            Self::List => "GET /Users?filter=userName eq",
            Self::Patch => "PATCH /Users/{id}",
            Self::Post => "POST /Users",
        }
    }

    /// The statuses that are right (RFC 7644 section 3).
    pub(crate) fn statuses(self) -> &'static [u16] {
        match self {
            Self::Get | Self::List => &[200],
            Self::Patch => &[200, 204],
            Self::Post => &[201],
        }
    }

    /// The request about the n-th user, for a server at `http://AUTHORITY/PATH`.
    pub(crate) fn request(self, authority: &str, path: &str, n: u32, serial: u64) -> Vec<u8> {
        let (method, target, body) = match self {
            Self::Get => ("GET", format!("/Users/{}", id(n)), None),
            Self::List => (
                "GET",
                format!("/Users?filter=userName%20eq%20%22{}%22", user_name(n)),
                None,
            ),
            Self::Patch => ("PATCH", format!("/Users/{}", id(n)), Some(patch(serial))),
            Self::Post => ("POST", "/Users".to_owned(), Some(post(n, serial))),
        };
        let body = body.map_or(String::new(), |json| json.to_string());
        let content = if body.is_empty() {
            String::new()
        } else {
            format!(
                "content-type: application/scim+json\r\ncontent-length: {}\r\n",
                body.len()
            )
        };
        format!(
            "{method} {path}{target} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {TOKEN}\r\n\
             accept: application/scim+json\r\n{content}\r\n{body}"
        )
        .into_bytes()
    }

    /// Where the running number stands, counted from the end of the request; `None` where there is none.
    pub(crate) fn serial_from_end(self) -> Option<usize> {
        let with_serial = match self {
            Self::Get | Self::List => return None,
            Self::Patch => patch(0).to_string(),
            Self::Post => post(1, 0).to_string(),
        };
        let at = with_serial
            .rfind(&digits(0))
            .expect("the bodies below hold it");
        Some(with_serial.len() - at)
    }

    /// What is wrong with the body that answers [`Kind::request`], in the words "expected …".
    pub(crate) fn check(self, n: u32, serial: u64, answer: &Answer) -> Result<(), String> {
        let body = answer.json();
        let expected = match self {
            Self::Get => json!({"id": id(n), "userName": user_name(n)}),
            Self::List => {
                json!({"totalResults": 1, "Resources": [{"id": id(n), "userName": user_name(n)}]})
            }
            Self::Patch if answer.status == 204 => return Ok(()),
            Self::Patch => json!({"id": id(n), "title": title(serial)}),
            Self::Post => json!({"userName": posted_name(serial), "active": true}),
        };
        if says(&body, &expected) {
            Ok(())
        } else {
            Err(format!("expected a body that says {expected}"))
        }
    }
}

/// What a user must say after [`Kind::Patch`].
pub(crate) fn title(serial: u64) -> String {
    format!("Title {}", digits(serial))
}

/// The running number as it stands in a request.
pub(crate) fn digits(serial: u64) -> String {
    format!("{serial:0SERIAL_DIGITS$}")
}

fn patch(serial: u64) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": title(serial)}],
    })
}

fn post(n: u32, serial: u64) -> Value {
    let mut user = user(n, "");
    user["emails"][0]["value"] = "posted@example.com".into();
    // Last, so that its place from the end is the same in every request.
    let attributes = user.as_object_mut().expect("a user is an object");
    attributes.shift_remove("userName");
    attributes.insert("userName".to_owned(), posted_name(serial).into());
    user
}

fn posted_name(serial: u64) -> String {
    format!("posted{}", digits(serial))
}

/// Whether `found` has all of `expected`; it may have more attributes.
fn says(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| found.get(name).is_some_and(|found| says(found, value))),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, value)| says(found, value))
        }
        _ => found == expected,
    }
}
