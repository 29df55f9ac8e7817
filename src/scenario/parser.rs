//! Tokens to a tree. It goes on after an error, so that one reading of a file finds all of them.
//!
//! The `ron` crate stops at its first error, says where that is and not where the values are, lets the last of two equal
//! keys win, and reads `True`, `NaN` and `1e400` as null without a word. A person who pastes and edits needs better.

use super::diagnostic::Problem;
use super::json;
use super::lexer::{Lexer, Token};
use super::node::{Field, Form, Kind, Name, Node};
use super::source::Span;

/// How deep brackets may stand in one another; the parser is recursive and the stack is not endless.
const MAX_DEPTH: usize = 128;

/// The whole text as one value; `None` if there is none.
pub(super) fn parse(text: &str) -> (Option<Node>, Vec<Problem>) {
    let mut parser = Parser::new(text, 0..text.len());
    parser.attributes();
    if parser.token == Token::End {
        return (None, parser.lexer.problems);
    }
    let node = parser.value();
    if parser.token != Token::End && !parser.broken_off {
        let help = "remove it; a scenario file holds one `Scenario(…)`";
        parser.complain(
            "the file goes on after its end",
            "expected nothing more",
            help,
        );
    }
    (Some(node), parser.lexer.problems)
}

/// The value that stands in `span` of a file that holds nothing but JSON, and what is wrong with it.
pub(super) fn parse_json(text: &str, span: Span) -> (Node, Vec<Problem>) {
    let mut parser = Parser::new(text, span);
    let node = parser.value();
    if parser.token != Token::End && !parser.broken_off {
        let help = "a file of resources holds one list of JSON objects, or one object a line";
        parser.complain(
            "something stands behind its end",
            "expected nothing more",
            help,
        );
    }
    (node, parser.lexer.problems)
}

/// The value that stands in `span`, which has been parsed before.
pub(super) fn parse_again(text: &str, span: Span) -> Node {
    Parser::new(text, span).value()
}

/// A place between two tokens.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) lexer: Lexer<'t>,
    pub(super) token: Token,
    pub(super) span: Span,
    /// The token before this one; a missing comma is missing at its end.
    pub(super) previous: Span,
    /// The brackets that are open here: where each stands, and what closes it.
    pub(super) open: Vec<(usize, char)>,
    /// The end of the file has come too early and has been reported.
    pub(super) broken_off: bool,
    /// Where the last problem was. A second one in the same line is most often its shadow.
    pub(super) last: Option<usize>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, span: Span) -> Self {
        let mut lexer = Lexer::new(text, span);
        let (token, span) = lexer.next();
        let previous = span.start..span.start;
        Self {
            text,
            lexer,
            token,
            span,
            previous,
            open: Vec::new(),
            broken_off: false,
            last: None,
        }
    }

    pub(super) fn advance(&mut self) {
        let (token, span) = self.lexer.next();
        self.previous = std::mem::replace(&mut self.span, span);
        self.token = token;
    }

    /// `#![enable(implicit_some)]` is understood without being written, and may be written.
    fn attributes(&mut self) {
        while self.token == Token::Other('#') {
            let start = self.span.start;
            while !matches!(self.token, Token::Close(']') | Token::End) {
                self.advance();
            }
            let written: String = self.text[start..self.span.end].split_whitespace().collect();
            if written != "#![enable(implicit_some)]" {
                let label = "expected `#![enable(implicit_some)]`, or nothing";
                let title = "this RON extension is not understood";
                self.complain_at(start..self.span.end, title, label, "remove the line");
            }
            self.advance();
        }
    }

    fn value(&mut self) -> Node {
        let start = self.span.start;
        let kind = match &mut self.token {
            Token::Open(bracket) => {
                let bracket = *bracket;
                let json = (bracket == '{').then(|| self.json_object()).flatten();
                json.unwrap_or_else(|| self.bracket(bracket, None))
            }
            Token::Ident => self.named(),
            Token::Text(text) => {
                let text = std::mem::take(text);
                self.advance();
                Kind::Text(text)
            }
            Token::Number(number) => {
                let number = number.clone();
                self.advance();
                Kind::Number(number)
            }
            Token::Broken => {
                self.advance();
                Kind::Broken
            }
            Token::End => {
                self.ends_too_early();
                Kind::Broken
            }
            Token::Close(_) | Token::Comma | Token::Colon | Token::Other(_) => {
                let title = format!(
                    "expected a value, found `{}`",
                    &self.text[self.span.clone()]
                );
                self.complain(
                    &title,
                    "expected a value",
                    "write a value here, or remove what asks for one",
                );
                return Node {
                    span: start..start,
                    kind: Kind::Broken,
                };
            }
        };
        Node {
            span: start..self.previous.end.max(start),
            kind,
        }
    }

    /// Passes over an object that is JSON to the letter and stands in a list of the scenario: `users: […]`, or one of `resources`; or
    /// in a list that is a file of its own.
    fn json_object(&mut self) -> Option<Kind> {
        let brackets: Vec<char> = self.open.iter().map(|(_, closer)| *closer).collect();
        if !matches!(brackets.as_slice(), [')', ']'] | [')', '}', ']'] | [']']) {
            return None;
        }
        let start = self.span.start;
        let depth = MAX_DEPTH - self.open.len();
        let end = start + json::object(&self.text[start..], depth)?;
        self.lexer.skip_to(end);
        self.span = start..end;
        self.advance();
        Some(Kind::Json)
    }

    fn named(&mut self) -> Kind {
        let span = self.span.clone();
        let text = &self.text[span.clone()];
        self.advance();
        match (text, &self.token) {
            ("true", _) => Kind::Bool(true),
            ("false", _) => Kind::Bool(false),
            ("null" | "None", _) => Kind::Null,
            (_, Token::Open(bracket @ ('(' | '{'))) => {
                let bracket = *bracket;
                let name = Name {
                    span,
                    text: text.into(),
                };
                self.bracket(bracket, Some(name))
            }
            _ => Kind::Named(
                Some(Name {
                    span,
                    text: text.into(),
                }),
                Form::Bare,
            ),
        }
    }

    fn bracket(&mut self, bracket: char, name: Option<Name>) -> Kind {
        if self.open.len() == MAX_DEPTH {
            let title = format!("more than {MAX_DEPTH} brackets stand in one another");
            self.complain(&title, "expected fewer", "take the inner ones out");
            self.advance();
            self.skip(|token| matches!(token, Token::Close(_)));
            self.advance();
            return Kind::Broken;
        }
        if bracket == '{' && name.is_some() {
            let help = "write `Name(field: …)`; only resources stand in `{…}`";
            self.complain("a name is followed by round brackets", "expected `(`", help);
        }
        let closer = match bracket {
            '(' => ')',
            '[' => ']',
            _ => '}',
        };
        self.open.push((self.span.start, closer));
        self.advance();
        let kind = match bracket {
            '[' => Kind::List(self.items()),
            '{' if name.is_none() => Kind::Map(self.entries(true)),
            _ if self.begins_with_field() => Kind::Named(name, Form::Fields(self.entries(false))),
            _ => match (name, self.items()) {
                (Some(name), mut items) if name.text == "Some" && items.len() == 1 => {
                    items.remove(0).kind
                }
                (name, items) => Kind::Named(name, Form::Tuple(items)),
            },
        };
        self.open.pop();
        kind
    }

    /// Inside `(`: whether names come first. A colon says so; so does a name with a value where the colon should be.
    fn begins_with_field(&self) -> bool {
        let next = self.lexer.peek();
        match self.token {
            Token::Text(_) => next == Token::Colon,
            Token::Ident => match next {
                Token::Colon | Token::Text(_) | Token::Number(_) | Token::Ident => true,
                Token::Other(other) => other == '=',
                Token::Open(bracket) => bracket == '[',
                _ => false,
            },
            _ => false,
        }
    }

    /// Values with commas between. In round brackets the later ones may have names: `("urn:…", required: true)`.
    fn items(&mut self) -> Vec<Node> {
        let in_brackets = self.open.last().is_some_and(|(_, closer)| *closer == ')');
        let mut items = Vec::new();
        while !self.closes() {
            let start = self.span.clone();
            if in_brackets && self.token == Token::Ident && self.lexer.peek() == Token::Colon {
                let end = self.span.end;
                let kind = Kind::Named(None, Form::Fields(self.entries(false)));
                let span = start.start..end;
                items.push(Node { span, kind });
                // The entries have taken the bracket that closes both.
                return items;
            }
            let item = self.value();
            if self.span == start {
                self.recover();
                continue;
            }
            items.push(item);
            self.comma();
        }
        items
    }

    /// The entries of a map, whose keys are quoted, or the fields of a struct, whose names are not.
    fn entries(&mut self, quoted: bool) -> Vec<Field> {
        let mut entries = Vec::new();
        while !self.closes() {
            let span = self.span.clone();
            let text = match &mut self.token {
                Token::Text(text) => std::mem::take(text),
                Token::Ident => self.text[span.clone()].to_owned(),
                _ if quoted => {
                    let help = "keys are strings, as in JSON: `\"userName\": …`";
                    self.complain("expected a key", "expected a key in double quotes", help);
                    self.recover();
                    continue;
                }
                _ => {
                    let help = "write `name: value`, with commas between";
                    self.complain("expected a field", "expected the name of a field", help);
                    self.recover();
                    continue;
                }
            };
            let is_quoted = self.token != Token::Ident;
            if quoted && !is_quoted {
                let help = format!("write `\"{text}\"`");
                self.complain(
                    "a key stands in quotes",
                    "expected a key in double quotes",
                    &help,
                );
            } else if is_quoted && !quoted {
                let title = "the name of a field stands without quotes";
                self.complain(title, "expected a name", "write `name: value`");
            }
            self.advance();
            self.colon();
            let value = self.value();
            entries.push(Field {
                name: Name { span, text },
                value,
            });
            self.comma();
        }
        entries
    }
}
