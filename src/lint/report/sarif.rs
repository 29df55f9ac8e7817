//! SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines of the fixtures.

use super::{Report, Source, span};
use crate::lint::{Finding, Rule, Severity};
use serde_json::{Value, json};

/// The report for code hosts.
pub fn sarif(report: &Report) -> Value {
    let mut rules: Vec<&'static Rule> = Vec::new();
    for finding in &report.findings {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule);
        }
    }
    let results = report.findings.iter().map(|finding| {
        let index = rules.iter().position(|rule| *rule == finding.rule);
        result(finding, index, report)
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "scimulate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.wrong },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{} ({})", rule.help, rule.section) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "side": rule.side.name(), "section": rule.section },
    })
}

fn result(finding: &Finding, index: Option<usize>, report: &Report) -> Value {
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": format!("{}: {}", finding.rule.wrong, finding.message) },
        "properties": { "side": finding.side.name(), "exchange": finding.exchange, "place": finding.place.pointer },
    });
    if let Some(known) = &finding.known {
        result["properties"]["known"] = known.as_str().into();
    }
    if let Some(source) = report.sources.get(&finding.exchange) {
        result["locations"] = json!([{ "physicalLocation": location(finding, source, report) }]);
    }
    result
}

fn location(finding: &Finding, source: &Source, report: &Report) -> Value {
    let span = span(&source.text, &finding.place);
    let (line, column) = source.position(span.start);
    let (end_line, end_column) = source.position(span.end);
    json!({
        "artifactLocation": { "uri": format!("{}/{}", report.recording.trim_end_matches('/'), source.name) },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    })
}
