//! RON text to tokens: brackets, names, numbers, strings; white space and comments fall away.
//!
//! It also reads what JSON has and RON has not (`\/`, `\b`, `\f`, `\u00e9`), so that JSON can be pasted.

use super::diagnostic::Problem;
use super::literal::{read_escape, read_number};
use super::source::Span;
use serde_json::Number;

/// The smallest thing the parser looks at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `(`, `[` or `{`
    Open(char),
    /// `)`, `]` or `}`
    Close(char),
    Comma,
    Colon,
    /// A name without quotes; its text is the span's.
    Ident,
    Text(String),
    Number(Number),
    /// A literal about which the lexer has complained.
    Broken,
    /// A character that means nothing here.
    Other(char),
    /// The end of the text.
    End,
}

/// A place in the text, and the problems met on the way there.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    pub(super) problems: Vec<Problem>,
}

impl<'t> Lexer<'t> {
    /// A lexer for the part of `text` that lies in `span`.
    pub(super) fn new(text: &'t str, span: Span) -> Self {
        Self {
            text: &text[..span.end],
            at: span.start,
            problems: Vec::new(),
        }
    }

    /// The next token and where it stands.
    pub(super) fn next(&mut self) -> (Token, Span) {
        self.skip_blank();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return (Token::End, start..start);
        };
        let token = match first {
            '"' => self.string(),
            '\'' => self.quoted_with_apostrophes(),
            'r' if self.rest().starts_with("r\"") || self.rest().starts_with("r#") => {
                self.raw_string()
            }
            '0'..='9' | '+' | '-' | '.' => self.number(),
            '_' => self.ident(),
            first if first.is_alphabetic() => self.ident(),
            first => {
                self.at += first.len_utf8();
                match first {
                    '(' | '[' | '{' => Token::Open(first),
                    ')' | ']' | '}' => Token::Close(first),
                    ',' => Token::Comma,
                    ':' => Token::Colon,
                    other => Token::Other(other),
                }
            }
        };
        (token, start..self.at)
    }

    /// What the next token will be, without taking it.
    pub(super) fn peek(&self) -> Token {
        Lexer::new(self.text, self.at..self.text.len()).next().0
    }

    /// Passes over the rest of the text.
    pub(super) fn skip_to_end(&mut self) {
        self.skip_to(self.text.len());
    }

    /// Passes over what stands before `end`.
    pub(super) fn skip_to(&mut self, end: usize) {
        self.at = end;
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take_while(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn complain(
        &mut self,
        span: Span,
        title: impl Into<String>,
        label: &str,
        help: impl Into<String>,
    ) {
        self.problems.push(Problem::error(span, title, label, help));
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(|c| c.is_whitespace() || c == '\u{feff}');
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                self.block_comment();
            } else if self.rest().starts_with('#') && !self.rest().starts_with("#!") {
                let start = self.at;
                self.take_while(|c| c != '\n');
                self.complain(
                    start..start + 1,
                    "`#` does not begin a comment",
                    "expected `//`",
                    "write `// …`, or `/* … */` for a comment of several lines",
                );
            } else {
                return;
            }
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0;
        loop {
            self.take_while(|c| c != '/' && c != '*');
            if self.rest().starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.at += 2;
            } else if self.rest().is_empty() {
                self.complain(
                    start..start + 2,
                    "this comment has no end",
                    "begins here",
                    "write `*/` where it ends; comments nest, so that each `/*` needs one",
                );
                return;
            } else {
                self.at += 1;
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Hyphens belong to it: `by-ms` is one wrong name, and not a name and a number.
    fn ident(&mut self) -> Token {
        self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
        Token::Ident
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let mut previous = ' ';
        let rest = self.rest();
        let length = rest
            .find(|c: char| {
                let sign = matches!(c, '+' | '-') && matches!(previous, ' ' | 'e' | 'E');
                previous = c;
                !(sign || c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
            })
            .unwrap_or(rest.len());
        self.at += length;
        let written = &rest[..length];
        if let Some(number) = read_number(written) {
            return Token::Number(number);
        }
        self.complain(
            start..self.at,
            "this is not a number",
            "expected a number that JSON has",
            "write it as `7`, `-1.5`, `6.02e23` or `0xff`; text stands in quotes",
        );
        Token::Broken
    }

    fn raw_string(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let hashes = self.take_while(|c| c == '#');
        let end = format!("\"{hashes}");
        let length = self.rest().strip_prefix('"').and_then(|it| it.find(&end));
        if let Some(length) = length {
            let inside = &self.rest()[1..=length];
            self.at += 1 + length + end.len();
            return Token::Text(inside.into());
        }
        self.unclosed(start, &end)
    }

    fn string(&mut self) -> Token {
        let start = self.at;
        let mut value = String::new();
        self.at += 1;
        loop {
            value.push_str(self.take_while(|c| c != '"' && c != '\\'));
            if self.rest().starts_with('"') {
                self.at += 1;
                return Token::Text(value);
            }
            if self.rest().is_empty() {
                return self.unclosed(start, "\"");
            }
            let escape = self.at;
            if let Some((character, length)) = read_escape(self.rest()) {
                value.push(character);
                self.at += length;
                continue;
            }
            self.at += 1 + self.rest()[1..].chars().next().map_or(0, char::len_utf8);
            self.complain(
                escape..self.at,
                "unknown escape in a string",
                "expected an escape of JSON or RON",
                r#"write one of `\\`, `\"`, `\/`, `\n`, `\r`, `\t`, `\b`, `\f`, `\0`, `\x41`, `\u00e9` (surrogates in pairs), `\u{e9}`"#,
            );
        }
    }

    /// RON has characters in `'…'`, and a scenario has no place for one. Whoever writes it means a string.
    fn quoted_with_apostrophes(&mut self) -> Token {
        let start = self.at;
        self.at += 1;
        let inside = self.take_while(|c| c != '\'' && c != '\n');
        let closed = self.rest().starts_with('\'');
        self.at += usize::from(closed);
        self.complain(
            start..self.at,
            "a string stands in double quotes",
            "expected `\"`",
            "write `\"…\"`, as JSON does",
        );
        if closed {
            Token::Text(inside.into())
        } else {
            Token::Broken
        }
    }

    fn unclosed(&mut self, start: usize, quote: &str) -> Token {
        self.skip_to_end();
        self.complain(
            start..start + 1,
            "this string has no end",
            "begins here",
            format!("write `{quote}` where it ends"),
        );
        Token::Broken
    }
}
