//! The text of a scenario file, with the name it goes by and the parts of it that are nobody's business.
//!
//! It knows lines and columns. It does not know what the text says.

use super::secrets::secrets;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// A stretch of the source, in bytes.
pub type Span = Range<usize>;

/// A file's text, kept for as long as somebody may still want to point into it.
pub(super) struct Source {
    /// What diagnostics call the file.
    pub(super) path: String,
    /// The text, as it was read.
    pub(super) text: String,
    /// Where it begins among the texts that make the scenario: places in its tree count from there.
    pub(super) start: usize,
    /// Where its lines begin, once somebody asks for a place.
    lines: OnceLock<Vec<usize>>,
    /// Where tokens and passwords stand, once a diagnostic wants to know.
    secrets: OnceLock<Vec<Span>>,
}

impl Source {
    /// A file's text, and what diagnostics call the file.
    pub(super) fn new(path: String, text: String, start: usize) -> Self {
        Self {
            path,
            text,
            start,
            lines: OnceLock::new(),
            secrets: OnceLock::new(),
        }
    }

    /// Nobody should read these parts of it. Without this, it is looked through by the words of a scenario.
    pub(super) fn hide(&self, secrets: Vec<Span>) {
        // It is said before anything is shown, and once.
        let _ = self.secrets.set(secrets);
    }

    /// A place among all texts as a place in this one.
    pub(super) fn local(&self, span: &Span) -> Span {
        span.start - self.start..span.end - self.start
    }

    /// Line and column (in characters) of a byte, both from 1.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        });
        let line = lines.partition_point(|start| *start <= offset);
        let column = 1 + self.text[lines[line - 1]..offset].chars().count();
        (line, column)
    }

    /// `span`, cut off where its first line ends: a resource of forty lines need not be underlined whole.
    pub(super) fn first_line(&self, span: Span) -> Span {
        let length = self.text[span.clone()].lines().next().map_or(0, str::len);
        span.start..span.start + length
    }

    /// The whole lines that `span` touches.
    pub(super) fn lines(&self, span: &Span) -> Span {
        let start = self.text[..span.start].rfind('\n').map_or(0, |it| it + 1);
        let rest = &self.text[span.end..];
        start..span.end + rest.find('\n').unwrap_or(rest.len())
    }

    /// A part of the text as it may be shown. What hides a character of a secret has as many bytes as it, so that places stay
    /// what they were.
    pub(super) fn shown(&self, part: Span) -> String {
        let mut shown = String::with_capacity(part.len());
        let mut at = part.start;
        for secret in self.secrets.get_or_init(|| secrets(&self.text)) {
            let secret = secret.start.max(at)..secret.end.min(part.end);
            if secret.is_empty() {
                continue;
            }
            shown.push_str(&self.text[at..secret.start]);
            shown.extend(self.text[secret.clone()].chars().map(hidden));
            at = secret.end;
        }
        shown.push_str(&self.text[at..part.end]);
        shown
    }
}

fn hidden(character: char) -> char {
    match character.len_utf8() {
        _ if character == '\n' => '\n',
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '𐄂',
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text) == (&other.path, &other.text)
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}
