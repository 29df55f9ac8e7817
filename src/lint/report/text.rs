//! For people: grouped by rule, each exchange named, the bytes it is about underlined, in the look of rustc.

use super::{Report, Source, span};
use crate::lint::{Finding, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};
use std::fmt::Write as _;

/// How many places of one rule are shown; the others are named.
const SHOWN: usize = 3;

/// The report for people, with colours if they are wanted.
pub fn text(report: &Report, coloured: bool) -> String {
    let renderer = if coloured {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut text = String::new();
    for group in report.by_rule() {
        // A string takes whatever is written to it.
        let _ = writeln!(text, "{}\n", rendered(&group, report, &renderer));
    }
    for product in &report.recognised {
        let who = match product.client.as_str() {
            "" => product.side.name().to_owned(),
            client => format!(
                "{} `{}`",
                product.side.name(),
                normalize_untrusted_str(client)
            ),
        };
        let _ = writeln!(
            text,
            "{who} is {}: {}",
            product.name(),
            product.evidence.join("; ")
        );
    }
    let counted = |severity: Severity, what: &str| match report.count(severity) {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let exchanges = match report.exchanges {
        1 => "1 exchange".to_owned(),
        count => format!("{count} exchanges"),
    };
    let found = if report.findings.is_empty() {
        "nothing to say".to_owned()
    } else {
        let all = [
            counted(Severity::Error, "error"),
            counted(Severity::Warning, "warning"),
            counted(Severity::Note, "note"),
        ];
        all.join(", ")
    };
    let _ = write!(text, "{}: {exchanges}: {found}", report.recording);
    text
}

fn rendered(group: &[&Finding], report: &Report, renderer: &Renderer) -> String {
    let first = group[0];
    let level = match first.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let times = if group.len() == 1 {
        String::new()
    } else {
        format!(", {} times", group.len())
    };
    let title = format!("{} ({}{times})", first.rule.wrong, first.side.name());
    let mut message = Group::with_title(level.primary_title(title).id(first.rule.id));
    for finding in group.iter().take(SHOWN) {
        if let Some(source) = report.sources.get(&finding.exchange) {
            message = message.element(snippet(finding, source));
        }
    }
    let mut others: Vec<String> = group
        .iter()
        .skip(SHOWN)
        .map(|it| report.name(it.exchange))
        .collect();
    others.dedup();
    if !others.is_empty() {
        let more = others.len().saturating_sub(10);
        others.truncate(10);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        message =
            message.element(Level::NOTE.message(format!("also in {}{more}", others.join(", "))));
    }
    message =
        message.element(Level::NOTE.message(format!("{}: {}", first.rule.section, first.rule.why)));
    if let Some(known) = &first.known {
        message = message.element(Level::NOTE.message(format!("known: {known}")));
    }
    message = message.element(Level::HELP.message(first.rule.help));
    renderer.render(&[message])
}

/// The line of the fixture that a finding is about.
fn snippet<'s>(
    finding: &Finding,
    source: &'s Source,
) -> Snippet<'s, annotate_snippets::Annotation<'s>> {
    let span = span(&source.text, &finding.place);
    // Of what goes over many lines the first one tells what it is.
    let length = source.text[span.clone()].lines().next().map_or(0, str::len);
    let span = span.start..span.start + length.max(1).min(source.text.len() - span.start);
    let start = source.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = source.text[span.end..]
        .find('\n')
        .map_or(source.text.len(), |at| span.end + at);
    let (line, _) = source.position(span.start);
    Snippet::source(&source.text[start..end])
        .path(source.name.as_str())
        .line_start(line)
        .annotation(
            AnnotationKind::Primary
                .span(span.start - start..span.end - start)
                .label(normalize_untrusted_str(&finding.message)),
        )
}
