//! A finding: the rule, the exchange, the place in it, and what was seen there.

use super::rule::{Rule, Severity, Side};
use serde_json::{Value, json};

/// Where in an exchange: a JSON pointer into its fixture file (`/request/body/Operations/0/op`), which shows as that line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// RFC 6901; empty for the exchange as a whole.
    pub pointer: String,
    /// The part of the text at the pointer, where it is not all of it.
    pub part: Option<String>,
}

/// A rule that an exchange breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// That of the rule; a note where the product is known for it.
    pub severity: Severity,
    /// That of the rule; the scenario's where it made the provider do so.
    pub side: Side,
    /// The number of the exchange.
    pub exchange: u64,
    /// Where in the exchange.
    pub place: Place,
    /// What was seen.
    pub message: String,
    /// Whose known behaviour it is: `Entra ID without aadOptscim062020`.
    pub known: Option<String>,
}

impl From<&str> for Place {
    fn from(pointer: &str) -> Self {
        Self::from(pointer.to_owned())
    }
}

impl From<String> for Place {
    fn from(pointer: String) -> Self {
        Self {
            pointer,
            part: None,
        }
    }
}

impl Place {
    /// The member of an object, or the element of an array, at this place.
    #[must_use]
    pub fn below(&self, key: &str) -> Self {
        Self::from(format!("{}/{}", self.pointer, escaped(key)))
    }

    /// A part of the text at this place.
    #[must_use]
    pub fn part(self, part: &str) -> Self {
        Self {
            part: Some(part.to_owned()),
            ..self
        }
    }
}

/// A reference token of RFC 6901.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Finding {
    /// As machine output has it.
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "rule": self.rule.id,
            "severity": self.severity.name(),
            "side": self.side.name(),
            "section": self.rule.section,
            "exchange": self.exchange,
            "place": self.place.pointer,
            "message": self.message,
            "help": self.rule.help,
        });
        if let Some(known) = &self.known {
            json["known"] = known.as_str().into();
        }
        json
    }
}

/// Takes what the check of one rule finds.
pub(super) struct Found<'f> {
    pub(super) rule: &'static Rule,
    pub(super) exchange: u64,
    pub(super) findings: &'f mut Vec<Finding>,
}

impl Found<'_> {
    /// The rule is broken here.
    pub(super) fn at(&mut self, place: impl Into<Place>, message: impl Into<String>) {
        self.findings.push(Finding {
            rule: self.rule,
            severity: self.rule.severity,
            side: self.rule.side,
            exchange: self.exchange,
            place: place.into(),
            message: message.into(),
            known: None,
        });
    }
}

/// A value as a message shows it: its beginning.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
