//! Findings as people and programs read them. It prints nothing.

mod json;
mod sarif;
mod span;
mod text;

pub use json::json;
pub use sarif::sarif;
pub use span::span;
pub use text::text;

use super::fingerprint::Recognised;
use super::{Finding, Severity};
use std::collections::BTreeMap;

/// An exchange as a report names it and shows it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name of its file, or what else it goes by.
    pub name: String,
    /// Its fixture file.
    pub text: String,
}

/// What was found in a recording.
#[derive(Debug)]
pub struct Report {
    /// The recording, as it was named.
    pub recording: String,
    /// How many exchanges were judged.
    pub exchanges: usize,
    /// The exchanges that have findings, by number.
    pub sources: BTreeMap<u64, Source>,
    /// In the order of the exchanges.
    pub findings: Vec<Finding>,
    /// The products that were recognised.
    pub recognised: Vec<Recognised>,
}

impl Report {
    /// How many findings are as bad as this.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|it| it.severity == severity)
            .count()
    }

    /// The findings by rule: the worst first, and in the order of the table within.
    pub fn by_rule(&self) -> Vec<Vec<&Finding>> {
        let mut groups: Vec<Vec<&Finding>> = Vec::new();
        for finding in &self.findings {
            let same = |group: &&mut Vec<&Finding>| {
                group[0].rule == finding.rule && group[0].severity == finding.severity
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push(finding),
                None => groups.push(vec![finding]),
            }
        }
        let place = |id: &str| super::rules().position(|rule| rule.id == id);
        groups.sort_by_key(|group| {
            (
                std::cmp::Reverse(group[0].severity),
                place(group[0].rule.id),
            )
        });
        groups
    }

    /// The name of an exchange.
    pub fn name(&self, exchange: u64) -> String {
        self.sources
            .get(&exchange)
            .map_or_else(|| exchange.to_string(), |source| source.name.clone())
    }
}

impl Source {
    /// Line and column (in characters) of a byte, both from 1.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[start..].chars().count() + 1)
    }
}
