//! Secrets in text: JSON Web Tokens, filter literals, passwords in URLs, and whatever a secret name is seen to be given.
//!
//! It is a scanner and no parser, since what comes here is by nature not what it should be: broken JSON, XML, an error page, a
//! body that was cut. It looks for words and at what follows them, and rather takes too much than too little.

use super::names;
use super::placeholder::{self, Kind as Secret};
use super::secret::Known;
use crate::exchange::token::{Kind, Token, Tokens, opens_json};
use std::ops::Range;

const OPERATORS: [&str; 9] = ["co", "eq", "ew", "ge", "gt", "le", "lt", "ne", "sw"];
const SUBJECTS: [&str; 3] = ["\"key\"", "\"name\"", "\"path\""];

/// Replaces the secrets in a text that is a value.
pub(super) fn replace(text: &mut String, known: &mut Known<'_>) {
    scan(text, None, known);
}

/// Replaces the secrets in a text that is a document. Where some PATCH operation in it assigns to a secret attribute, every
/// `value` of it is replaced: which belongs to which cannot be said of a broken document.
pub(super) fn replace_in_document(text: &mut String, known: &mut Known<'_>) {
    let assigned = assigns_to_secret(text);
    scan(text, assigned, known);
}

fn assigns_to_secret(text: &str) -> Option<Secret> {
    let mut before = [None; 2];
    if !opens_json(text) {
        return None;
    }
    Tokens::new(text.as_bytes()).find_map(|token| {
        let [first, second] = before;
        before = [second, Some(token)];
        let assigns = first.is_some_and(|name: Token| {
            SUBJECTS
                .iter()
                .any(|subject| subject.eq_ignore_ascii_case(slice(text, name)))
        }) && second.is_some_and(|colon: Token| colon.kind == Kind::Mark(b':'));
        let name = slice(text, token).trim_matches('"');
        (assigns && names::is_secret(name)).then(|| names::kind(name))
    })
}

fn slice(text: &str, token: Token) -> &str {
    &text[token.start..token.end]
}

fn scan(text: &mut String, assigned: Option<Secret>, known: &mut Known<'_>) {
    let mut found = Vec::new();
    let source = Source {
        text: text.as_str(),
        assigned,
    };
    let mut at = 0;
    // The brackets of a secret attribute, and which it is.
    let mut brackets = None;
    while let Some(word) = source.word(at) {
        at = word.end;
        if let Some(token) = source.web_token(&word) {
            found.push((Secret::Jwt, token));
            continue;
        }
        let Some(context) = source.context(&word) else {
            continue;
        };
        let announced = source.announces(&word);
        match (context, announced) {
            (Context::Given(value), Some(kind)) => {
                at = value.end;
                source.take_apart(kind, value, &mut found);
            }
            (Context::Compared(value), announced) => {
                let within = brackets
                    .filter(|(end, _)| word.start < *end && source.is_value(&word))
                    .map(|(_, kind)| kind);
                if let Some(kind) = announced.or(within) {
                    at = value.end;
                    found.push((kind, value));
                }
            }
            (Context::Filtered(end), Some(kind)) => brackets = Some((end, kind)),
            (Context::UserInfo(value), _) => {
                at = value.end;
                found.push((Secret::Password, value));
            }
            _ => {}
        }
    }
    for (kind, place) in found.into_iter().rev() {
        let mut secret = text[place.clone()].to_owned();
        let was_number = secret.parse::<f64>().is_ok();
        known.take(kind, &mut secret);
        // What takes the place of a number in JSON needs quotation marks to be JSON.
        let in_json = text[..place.start]
            .trim_ascii_end()
            .ends_with([':', '[', ',']);
        if was_number && in_json {
            secret = format!("\"{secret}\"");
        }
        text.replace_range(place, &secret);
    }
}

/// What follows a word.
enum Context {
    /// `=` or `:` and a value, or an XML element's content.
    Given(Range<usize>),
    /// A filter operator and a literal.
    Compared(Range<usize>),
    /// A filter in brackets that ends here.
    Filtered(usize),
    /// A URL's credentials.
    UserInfo(Range<usize>),
}

struct Source<'a> {
    text: &'a str,
    assigned: Option<Secret>,
}

impl Source<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    fn word(&self, from: usize) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let start = from + bytes[from..].iter().position(|&byte| of_word(byte))?;
        let length = bytes[start..].iter().position(|&byte| !of_word(byte));
        Some(start..length.map_or(bytes.len(), |length| start + length))
    }

    fn announces(&self, word: &Range<usize>) -> Option<Secret> {
        let name = &self.text[word.clone()];
        if names::is_secret(name) {
            return Some(names::kind(name));
        }
        self.assigned.filter(|_| self.is_value(word))
    }

    fn is_value(&self, word: &Range<usize>) -> bool {
        self.text[word.clone()].eq_ignore_ascii_case("value")
    }

    /// A JSON Web Token begins with the base64url of `{"`; of one that was cut the first dot has to be there.
    fn web_token(&self, word: &Range<usize>) -> Option<Range<usize>> {
        let text = &self.text[word.clone()];
        let start = text.as_bytes().windows(3).position(|part| part == b"eyJ")?;
        let (head, payload) = text[start..].split_once('.')?;
        (head.len() >= 10 && !payload.is_empty()).then_some(word.start + start..word.end)
    }

    fn context(&self, word: &Range<usize>) -> Option<Context> {
        let after = self.byte(word.end)?;
        match after {
            b'[' => {
                let rest = self.rest(word.end);
                let end = rest.find(']').unwrap_or(rest.len());
                Some(Context::Filtered(word.end + end))
            }
            b'>' if word.start > 0 && matches!(self.byte(word.start - 1), Some(b'<' | b':')) => {
                let start = word.end + 1;
                let end = self
                    .rest(start)
                    .find('<')
                    .map_or(self.text.len(), |length| start + length);
                Some(Context::Given(start..end))
            }
            b':' if self.rest(word.end).starts_with("://") => self.user_info(word.end + 3),
            _ => self.given(word).or_else(|| self.compared(word)),
        }
    }

    fn user_info(&self, start: usize) -> Option<Context> {
        let rest = self.rest(start);
        let end = rest
            .find(['/', '?', '#', '"', '\'', '<', ' ', '\\'])
            .unwrap_or(rest.len());
        let info = &rest[..rest[..end].rfind('@')?];
        if placeholder::opening(info) == Some(info.len()) {
            return None;
        }
        let secret = info.find(':').map_or(0, |colon| colon + 1);
        Some(Context::UserInfo(start + secret..start + info.len()))
    }

    fn given(&self, word: &Range<usize>) -> Option<Context> {
        let quote = self.quote(word.end);
        let at = self.skip_space(quote.as_ref().map_or(word.end, |quote| quote.end));
        let separator = self.byte(at).filter(|byte| matches!(byte, b'=' | b':'))?;
        let start = self.skip_space(at + 1);
        let opens = matches!(self.byte(start), Some(b'{' | b'['));
        if placeholder::opening(self.rest(start)).is_some() {
            return None;
        }
        // A colon after a bare word is prose, unless what follows is quoted.
        if separator == b':' && quote.is_none() && self.quote(start).is_none() {
            return None;
        }
        Some(Context::Given(if opens && quote.is_some() {
            start..self.closing_bracket(start)
        } else {
            self.value(start)
        }))
    }

    fn compared(&self, word: &Range<usize>) -> Option<Context> {
        let operator = self.skip_space(word.end);
        let end = operator + 2;
        let known = self.text.get(operator..end).is_some_and(|text| {
            OPERATORS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(text))
        });
        let start = self.skip_space(end);
        (known && operator > word.end && start > end).then(|| Context::Compared(self.value(start)))
    }

    /// Space as it is, or as a URL encodes it.
    fn skip_space(&self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b'+') => at += 1,
                Some(b'%') if self.rest(at).starts_with("%20") => at += 3,
                _ => return at,
            }
        }
    }

    /// A quotation mark as it is, behind the backslashes of JSON in JSON, or as a URL encodes it.
    fn quote(&self, at: usize) -> Option<Range<usize>> {
        let rest = self.rest(at);
        if rest.starts_with("%22") {
            return Some(at..at + 3);
        }
        let backslashes = rest.bytes().take_while(|&byte| byte == b'\\').count();
        matches!(self.byte(at + backslashes), Some(b'"' | b'\'')).then(|| at..at + backslashes + 1)
    }

    /// The value that begins here, without its quotation marks.
    fn value(&self, start: usize) -> Range<usize> {
        if let Some(quote) = self.quote(start) {
            return quote.end..self.closing_quote(&quote);
        }
        let end = self.bare_end(start);
        let is_scheme = ["basic", "bearer", "digest"]
            .iter()
            .any(|scheme| scheme.eq_ignore_ascii_case(&self.text[start..end]));
        let credentials = self.skip_space(end);
        start..if is_scheme {
            self.bare_end(credentials)
        } else {
            end
        }
    }

    fn bare_end(&self, start: usize) -> usize {
        let delimiters = |c: char| c.is_whitespace() || "&\"'<>;,)]}\\".contains(c);
        let rest = self.rest(start);
        if let Some(length) = placeholder::opening(rest) {
            return start + length;
        }
        start + rest.find(delimiters).unwrap_or(rest.len())
    }

    fn closing_quote(&self, opening: &Range<usize>) -> usize {
        let mark = &self.text[opening.clone()];
        let backslashes = mark.len() - 1;
        let sign = &mark[backslashes..];
        for (at, _) in self
            .rest(opening.end)
            .match_indices(if mark == "%22" { mark } else { sign })
        {
            let at = opening.end + at;
            let before = &self.text.as_bytes()[opening.end..at];
            let escapes = before
                .iter()
                .rev()
                .take_while(|&&byte| byte == b'\\')
                .count();
            if mark == "%22" {
                return at;
            }
            // Inside of a quoted text a mark of its own is escaped once more than the one that ends it.
            if backslashes == 0 && escapes % 2 == 0 || backslashes > 0 && escapes <= backslashes {
                return at - if backslashes > 0 { escapes } else { 0 };
            }
        }
        self.text.len()
    }

    fn closing_bracket(&self, start: usize) -> usize {
        let mut depth = 0_u32;
        for token in Tokens::new(self.rest(start).as_bytes()) {
            match token.kind {
                Kind::Mark(b'{' | b'[') => depth += 1,
                Kind::Mark(b'}' | b']') if depth == 1 => return start + token.end,
                Kind::Mark(b'}' | b']') => depth -= 1,
                _ => {}
            }
        }
        self.text.len()
    }

    /// The texts and numbers of a value: all of it, or those in an object or an array, whose names and truth values stay.
    fn take_apart(
        &self,
        kind: Secret,
        value: Range<usize>,
        found: &mut Vec<(Secret, Range<usize>)>,
    ) {
        let text = &self.text[value.clone()];
        if !opens_json(text) {
            if !matches!(text, "true" | "false" | "null" | "") {
                found.push((kind, value));
            }
            return;
        }
        let tokens: Vec<_> = Tokens::new(text.as_bytes()).collect();
        for (at, token) in tokens.iter().enumerate() {
            let is_name = tokens
                .get(at + 1)
                .is_some_and(|next| next.kind == Kind::Mark(b':'));
            let bare = slice(text, *token);
            let place = value.start + token.start..value.start + token.end;
            match token.kind {
                Kind::String if !is_name => {
                    let quote = usize::from(bare.len() > 1 && bare.ends_with('"'));
                    found.push((kind, place.start + 1..place.end - quote));
                }
                Kind::Bare if !matches!(bare, "true" | "false" | "null") => {
                    found.push((kind, place));
                }
                _ => {}
            }
        }
    }
}

fn of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}
