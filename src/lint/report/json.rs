//! One JSON document: counts, products, and each finding.

use super::Report;
use crate::lint::Severity;
use serde_json::{Value, json};

/// The report for programs.
pub fn json(report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        let mut json = finding.to_json();
        if let Some(source) = report.sources.get(&finding.exchange) {
            let (line, column) = source.position(super::span(&source.text, &finding.place).start);
            json["file"] = source.name.as_str().into();
            json["line"] = line.into();
            json["column"] = column.into();
        }
        json
    });
    json!({
        "recording": report.recording,
        "exchanges": report.exchanges,
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
        "recognised": report.recognised.iter().map(crate::lint::fingerprint::Recognised::to_json).collect::<Vec<Value>>(),
        "findings": findings.collect::<Vec<Value>>(),
    })
}
