//! What the parser does when something else stands there than it expects: says so, and finds the place where it can go on.

use super::diagnostic::Problem;
use super::lexer::Token;
use super::parser::Parser;
use super::source::Span;

impl Parser<'_> {
    pub(super) fn complain(&mut self, title: &str, label: &str, help: &str) {
        self.complain_at(self.span.clone(), title, label, help);
    }

    pub(super) fn complain_at(&mut self, span: Span, title: &str, label: &str, help: &str) {
        if self.lost_quote() {
            return;
        }
        let same_line = |last: usize| !self.text[last.min(span.start)..span.start].contains('\n');
        if self.last.is_some_and(same_line) {
            return;
        }
        self.last = Some(span.start);
        let problem = Problem::error(span, title, label, help);
        self.lexer.problems.push(problem);
    }

    /// Where a quote is missing, strings and what is between them have changed places, and nothing after it makes sense.
    /// Says so, and gives up.
    fn lost_quote(&mut self) -> bool {
        let before = &self.text[self.previous.clone()];
        let is_string = before.len() > 1 && before.ends_with('"');
        let runs_on = self.token == Token::Ident && self.previous.end == self.span.start;
        let (at, label) = match before.find('\n') {
            Some(newline) if is_string => {
                let start = self.previous.start;
                (
                    start..start + newline,
                    "this string goes on over several lines",
                )
            }
            None if is_string && runs_on => (
                self.previous.end - 1..self.previous.end,
                "a string ends here",
            ),
            _ => return false,
        };
        let title = "a quote seems to be missing";
        let help = r#"write `"` where the string ends, and `\"` for a quote inside it"#;
        let problem = Problem::error(at, title, label, help);
        self.lexer.problems.push(problem);
        self.broken_off = true;
        self.lexer.skip_to_end();
        self.advance();
        true
    }

    pub(super) fn colon(&mut self) {
        match self.token {
            Token::Colon => self.advance(),
            Token::Other('=') => {
                self.complain(
                    "a name and its value stand on either side of `:`",
                    "expected `:`",
                    "write `name: value`",
                );
                self.advance();
            }
            Token::End => {}
            _ => {
                let at = self.previous.end;
                self.complain_at(
                    at..at,
                    "a name has no value",
                    "expected `:` and a value",
                    "write `name: value`",
                );
            }
        }
    }

    /// After an item: a comma, or the end of the list.
    pub(super) fn comma(&mut self) {
        match self.token {
            Token::Comma => self.advance(),
            Token::Close(_) | Token::End => {}
            Token::Other(_) | Token::Colon => {
                let title = format!("expected `,`, found `{}`", &self.text[self.span.clone()]);
                self.complain(
                    &title,
                    "expected `,`",
                    "put a comma between the two, or remove what is too much",
                );
                self.recover();
            }
            _ => {
                let at = self.previous.end;
                self.complain_at(
                    at..at,
                    "a comma is missing",
                    "expected `,`",
                    "put a comma between the two",
                );
            }
        }
    }

    /// Whether the innermost bracket ends here; if another does, says that this one was not closed and takes it as such.
    pub(super) fn closes(&mut self) -> bool {
        let Some(&(opened, closer)) = self.open.last() else {
            return true;
        };
        match self.token {
            Token::End => {
                self.ends_too_early();
                true
            }
            Token::Close(found) if found == closer => {
                self.advance();
                true
            }
            Token::Close(found) => {
                let expected_outside = self.open.iter().any(|&(_, closer)| closer == found);
                let line = 1 + self.text[..opened].matches('\n').count();
                let bracket = &self.text[opened..=opened];
                let title = format!("expected `{closer}`, found `{found}`");
                let label = format!("expected `{closer}` for the `{bracket}` of line {line}");
                let help = if expected_outside {
                    format!("put `{closer}` before it")
                } else {
                    format!("remove it, or write `{closer}` instead")
                };
                self.complain(&title, &label, &help);
                if !expected_outside {
                    self.advance();
                }
                true
            }
            _ => false,
        }
    }

    pub(super) fn ends_too_early(&mut self) {
        if self.broken_off {
            return;
        }
        self.broken_off = true;
        let unfinished_literal = |problem: &Problem| problem.title.ends_with("has no end");
        if self.lexer.problems.last().is_some_and(unfinished_literal) {
            return;
        }
        let Some(&(opened, _)) = self.open.last() else {
            return;
        };
        let missing: String = self.open.iter().rev().map(|&(_, closer)| closer).collect();
        let title = "the file ends before this bracket is closed";
        let help = format!("the end of the file lacks `{missing}`");
        self.complain_at(opened..opened + 1, title, "opened here", &help);
    }

    /// Goes to the next item of this bracket, or to the bracket that closes it.
    pub(super) fn recover(&mut self) {
        self.skip(|token| matches!(token, Token::Comma | Token::Close(_)));
        if self.token == Token::Comma {
            self.advance();
        }
    }

    /// Goes to the next token that is wanted; what stands in brackets of its own is passed over.
    pub(super) fn skip(&mut self, wanted: impl Fn(&Token) -> bool) {
        let mut depth = 0_usize;
        while self.token != Token::End && !(depth == 0 && wanted(&self.token)) {
            match self.token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.advance();
        }
    }
}
