//! The XML of `JUnit`, as build servers read it: one suite, a case each, with what failed.

use std::fmt::Write;

/// A test case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) failure: Option<Failed>,
    /// What is worth a look and no failure.
    pub(super) output: String,
}

/// Why it failed.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) text: String,
}

/// The document of a suite.
pub(super) fn document(suite: &str, cases: &[Case]) -> String {
    let failures = cases.iter().filter(|it| it.failure.is_some()).count();
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\"",
        cases.len()
    );
    let suite = escaped(suite);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"{suite}\" {counts}>\n"
    );
    for case in cases {
        let name = escaped(&case.name);
        // Writing to a string never fails.
        let _ = write!(xml, "    <testcase classname=\"{suite}\" name=\"{name}\"");
        if case.failure.is_none() && case.output.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        xml.push_str(">\n");
        if let Some(Failed {
            kind,
            message,
            text,
        }) = &case.failure
        {
            let [kind, message, text] = [kind, message, text].map(|it| escaped(it));
            let _ = writeln!(
                xml,
                "      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>"
            );
        }
        if !case.output.is_empty() {
            let _ = writeln!(
                xml,
                "      <system-out>{}</system-out>",
                escaped(&case.output)
            );
        }
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Text for XML 1.0: its marks as entities, what it has no character for as U+FFFD; line ends stay in attributes, too.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\r' => safe.push_str("&#13;"),
            '\t' => safe.push_str("&#9;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
