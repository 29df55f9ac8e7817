//! JSON tokens with their places (RFC 8259), for what is done to a body that cannot be read into values: replacing a secret or a
//! URL where it stands.
//!
//! It is no validator: what is not JSON gives some tokens, and never an error.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string with its quotes; the closing one is missing where the text ends first.
    String,
    /// A number, `true`, `false`, `null`, or whatever else stands there bare.
    Bare,
    /// One of `{ } [ ] : ,`.
    Mark(u8),
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a text.
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn string_end(&self) -> usize {
        let mut at = self.at + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.text.len()
    }

    fn bare_end(&self) -> usize {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|byte| {
            matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b':' | b',')
                || byte.is_ascii_whitespace()
        });
        self.at + length.unwrap_or(rest.len())
    }
}

/// Whether the first character that is not white space opens an object or an array.
pub(super) fn opens_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.text.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        let start = self.at;
        let (kind, end) = match self.text[start] {
            b'"' => (Kind::String, self.string_end()),
            mark @ (b'{' | b'}' | b'[' | b']' | b':' | b',') => (Kind::Mark(mark), start + 1),
            _ => (Kind::Bare, self.bare_end()),
        };
        self.at = end;
        Some(Token { kind, start, end })
    }
}
