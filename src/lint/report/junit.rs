//! JUnit's XML, which build servers show as tests: a rule that is broken is a test that fails; one that is not denied passes.

use super::Report;
use crate::lint::{Severity, rules};
use std::fmt::Write as _;

/// The report for build servers; what is at least as bad as `denied` fails.
pub fn junit(report: &Report, denied: Severity) -> String {
    let groups = report.by_rule();
    let fails = |severity: Severity| severity >= denied;
    let failures = groups
        .iter()
        .filter(|group| fails(group[0].severity))
        .count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = escaped(&report.recording);
    let tests = rules()
        .filter(|rule| !groups.iter().any(|group| group[0].rule == *rule))
        .count()
        + groups.len();
    // A string takes whatever is written to it.
    let _ = writeln!(
        text,
        "<testsuites tests=\"{tests}\" failures=\"{failures}\">"
    );
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">"
    );
    for group in &groups {
        let first = group[0];
        let _ = writeln!(
            text,
            "    <testcase classname=\"{}\" name=\"{} {}\">",
            first.side.name(),
            first.rule.id,
            escaped(first.rule.wrong)
        );
        let lines = group.iter().map(|it| {
            format!(
                "{} {}: {}",
                report.name(it.exchange),
                it.place.pointer,
                it.message
            )
        });
        let said = format!(
            "{}\n{}\n{}",
            first.rule.help,
            first.rule.section,
            lines.collect::<Vec<_>>().join("\n")
        );
        let element = if fails(first.severity) {
            "failure"
        } else {
            "system-out"
        };
        let attributes = if fails(first.severity) {
            format!(
                " type=\"{}\" message=\"{}\"",
                first.severity.name(),
                escaped(first.rule.wrong)
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "      <{element}{attributes}>{}</{element}>",
            escaped(&said)
        );
        let _ = writeln!(text, "    </testcase>");
    }
    for rule in rules().filter(|rule| !groups.iter().any(|group| group[0].rule == *rule)) {
        let _ = writeln!(
            text,
            "    <testcase classname=\"{}\" name=\"{} {}\"/>",
            rule.side.name(),
            rule.id,
            escaped(rule.wrong)
        );
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Text as XML 1.0 may hold it: other control characters have no place there, not even escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
