//! One answer as a value: captured from the subject, handed to the bare server, compared between the two.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::LoadError;

/// Stands for the SCIM base URL, so that answers of two servers can be equal.
const BASE: &str = "{base}";

/// An answer without what the HTTP library itself puts on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// SCIM bodies are text.
    pub(crate) body: String,
}

impl Answer {
    /// From a head and a body; drops `date` and framing, which both sides get from hyper.
    pub(crate) fn new(status: u16, head: &[u8], body: &[u8]) -> Self {
        let headers = String::from_utf8_lossy(head)
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .filter(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "date" | "content-length" | "transfer-encoding" | "connection"
                )
            })
            .collect();
        Self {
            status,
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// With `{base}` where this base URL stands.
    pub(crate) fn without_base(&self, base: &str) -> Self {
        self.replaced(base, BASE)
    }

    /// With this base URL where `{base}` stands.
    pub(crate) fn at_base(&self, base: &str) -> Self {
        self.replaced(BASE, base)
    }

    /// The body as JSON; `null` where it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// For the bare server to read.
    pub(crate) fn write(&self, file: &Path) -> Result<(), LoadError> {
        let text = serde_json::to_string(self).expect("text and numbers are JSON");
        std::fs::write(file, text).map_err(LoadError::io(format!("write {}", file.display())))
    }

    /// What [`Answer::write`] wrote.
    pub(crate) fn read(file: &Path) -> Result<Self, LoadError> {
        std::fs::read_to_string(file)
            .and_then(|text| serde_json::from_str(&text).map_err(Into::into))
            .map_err(LoadError::io(format!("read {}", file.display())))
    }

    fn replaced(&self, from: &str, to: &str) -> Self {
        Self {
            status: self.status,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.replace(from, to)))
                .collect(),
            body: self.body.replace(from, to),
        }
    }
}
