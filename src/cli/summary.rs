//! What `record` says at its end: what it wrote, and of what it does not have the whole.

use crate::proxy::Recorder;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// The summary, in lines.
pub(super) fn summary(recorder: &Recorder, out: &Path, elapsed: Duration) -> String {
    let seen = recorder.seen();
    let mut said = format!(
        "recorded {} in {} ({}, {:.1} s)",
        counted(recorder.written(), "exchange"),
        out.display(),
        size(seen.bytes),
        elapsed.as_secs_f64()
    );
    let mut line = |name: &str, what: String| {
        let _ = write!(said, "\n  {name:<11}{what}");
    };
    let mut resources = listed(&seen.resources);
    if seen.is_more {
        resources += ", and more";
    }
    if !resources.is_empty() {
        line("resources", resources);
    }
    let replaced = listed(&recorder.redactor().counts());
    if !replaced.is_empty() {
        line("replaced", replaced);
    }
    if seen.unfinished > 0 {
        let exchanges = counted(seen.unfinished, "exchange");
        line(
            "unfinished",
            format!("{exchanges} without a whole answer; each says who ended it"),
        );
    }
    if seen.cut > 0 {
        let exchanges = counted(seen.cut, "exchange");
        line(
            "cut",
            format!(
                "a body in {exchanges}: too large, ended early, or of a coding that cannot be read"
            ),
        );
    }
    if recorder.late() > 0 {
        let answers = counted(recorder.late(), "answer");
        line(
            "late",
            format!("{answers} did not wait for a file: the disk was slow"),
        );
    }
    said
}

/// `Users 3, Groups 1`
fn listed<'a, K: std::fmt::Display + 'a>(counts: impl IntoIterator<Item = (K, &'a u64)>) -> String {
    let parts = counts
        .into_iter()
        .map(|(name, count)| format!("{name} {count}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// `1 exchange`, `2 exchanges`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
