//! What two recordings answer differently: pairs of exchanges, values with their paths, and what is not a difference.

mod alignment;
mod live;
mod sessions;
mod values;
mod verb;

use scimulate::exchange::Exchange;
use scimulate::exchange::difference::{Compared, Finding, compare};

fn numbered(exchanges: Vec<Exchange>) -> Vec<(u64, Exchange)> {
    (1..).zip(exchanges).collect()
}

fn compared(before: Vec<Exchange>, after: Vec<Exchange>) -> Vec<Compared> {
    compare(&numbered(before), &numbered(after))
}

/// `warn changed user#1 name.givenName: "Ann", now "Anna"`; what a client sent begins with `client`.
fn line(finding: &Finding) -> String {
    let side = if finding.side.name() == "client" && finding.path != "exchange" {
        "client "
    } else {
        ""
    };
    let resource = finding
        .resource
        .as_ref()
        .map(|it| format!("{it} "))
        .unwrap_or_default();
    let (severity, rule) = (finding.rule.severity().name(), finding.rule.name());
    let path = &finding.path;
    match path.as_str() {
        "exchange" => format!("{severity} {rule}"),
        path => format!(
            "{side}{severity} {rule} {resource}{path}: {}",
            finding.message()
        ),
    }
}

fn lines(compared: &[Compared]) -> Vec<String> {
    compared
        .iter()
        .flat_map(|it| it.findings.iter().map(line))
        .collect()
}
