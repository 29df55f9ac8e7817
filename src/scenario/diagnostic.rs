//! What is wrong with a scenario file: where, what was expected there, and what to write instead.
//!
//! It renders in the look of rustc. It does not print.

use super::source::{Source, Span};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be served.
    Error,
    /// It can, and is probably not what was meant.
    Warning,
}

/// A finding before it is bound to the file that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    pub(super) span: Span,
    pub(super) title: String,
    pub(super) label: String,
    pub(super) help: String,
}

impl Problem {
    pub(super) fn error(
        span: Span,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            span,
            title: title.into(),
            label: label.into(),
            help: help.into(),
        }
    }

    pub(super) fn warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// Counts its place from `by` further on.
    pub(super) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.start + by..self.span.end + by;
        self
    }

    /// Of many lines, only the first is underlined.
    pub(super) fn of(self, source: &Arc<Source>) -> Diagnostic {
        Diagnostic {
            severity: self.severity,
            span: source.first_line(self.span),
            title: self.title,
            label: self.label,
            help: self.help,
            source: Arc::clone(source),
        }
    }
}

/// A finding about a scenario file. `Display` renders it with its source line, without colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Which bytes of the file it is about.
    pub span: Span,
    /// What is wrong.
    pub title: String,
    /// What was expected here.
    pub label: String,
    /// What to write instead; empty where the label has said it all.
    pub help: String,
    source: Arc<Source>,
}

impl Diagnostic {
    /// The file, as it was named when it was loaded.
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.source.position(self.span.start).0
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.source.position(self.span.start).1
    }

    /// The line in which it ends, from 1.
    pub fn end_line(&self) -> usize {
        self.source.position(self.span.end).0
    }

    /// The column behind its last character, from 1.
    pub fn end_column(&self) -> usize {
        self.source.position(self.span.end).1
    }

    /// Whether it keeps the file from being served.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// As `check --format json` has it, for programs.
    pub fn to_json(&self) -> Value {
        json!({
            "file": self.path(),
            "line": self.line(),
            "column": self.column(),
            "end_line": self.end_line(),
            "end_column": self.end_column(),
            "severity": match self.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "title": self.title,
            "label": self.label,
            "help": self.help,
        })
    }

    /// The rendering for a terminal, with ANSI colours.
    pub fn coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let lines = self.source.lines(&self.span);
        let span = self.span.start - lines.start..self.span.end - lines.start;
        let label = normalize_untrusted_str(&self.label);
        let snippet = Snippet::source(self.source.shown(lines))
            .path(self.source.path.as_str())
            .line_start(self.line())
            .annotation(AnnotationKind::Primary.span(span).label(label));
        let mut group = level
            .primary_title(normalize_untrusted_str(&self.title))
            .element(snippet);
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(normalize_untrusted_str(&self.help)));
        }
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}
