//! Filter text to a tree (RFC 7644 figure 1): recursive descent, bounded in depth, terms and length.
//!
//! Precedence is grouping, `not`, `and`, `or`. Lenient reading adds what deployments send: `attr[filter].sub op value`,
//! free white space, capitalised literals; text without quotes where a scenario asks for it.

use super::lex::{Token, tokens};
use super::{Filter, Literal, Operator};
use crate::scim::path::AttributePath;
use crate::scim::{ErrorKind, Leniency, Reading, ScimError};
use std::ops::Range;

/// The longest filter that is read, in bytes.
pub(super) const MAX_LENGTH: usize = 32 * 1024;
/// How deep groups, `not` and value paths may nest.
pub(super) const MAX_DEPTH: usize = 64;
/// How many comparisons a filter may hold.
pub(super) const MAX_TERMS: usize = 1024;

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `invalidFilter`, whose detail says what was expected and where.
    pub fn parse(text: &str, reading: Reading<'_>) -> Result<Self, ScimError> {
        parse(text, reading, false, None)
    }
}

/// Reads the filter between the brackets of a path.
pub(crate) fn parse_inner(text: &str, reading: Reading<'_>) -> Result<Filter, ScimError> {
    parse(text, reading, true, None)
}

/// One comparison and where its value stands in the text of a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The attribute before the bracket that the comparison stands in.
    pub within: Option<AttributePath>,
    /// What is compared.
    pub path: AttributePath,
    /// How.
    pub operator: Operator,
    /// With what.
    pub value: Literal,
    /// The bytes of the value, with its quotes.
    pub place: Range<usize>,
}

/// The comparisons of a filter in the order of its text; `inside` is set for the filter in the brackets of a path.
///
/// # Errors
/// `invalidFilter`, as [`Filter::parse`].
pub fn comparisons(
    text: &str,
    inside: bool,
    reading: Reading<'_>,
) -> Result<Vec<Compared>, ScimError> {
    let mut compared = Vec::new();
    parse(text, reading, inside, Some(&mut compared))?;
    Ok(compared)
}

fn parse(
    text: &str,
    reading: Reading<'_>,
    inside: bool,
    compared: Option<&mut Vec<Compared>>,
) -> Result<Filter, ScimError> {
    let refuse =
        |message: String| ScimError::new(ErrorKind::InvalidFilter, format!("filter: {message}"));
    if text.len() > MAX_LENGTH {
        return Err(refuse(format!(
            "{} bytes long, at most {MAX_LENGTH} are read",
            text.len()
        )));
    }
    let tokens = tokens(text, reading).map_err(refuse)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        length: text.len(),
        depth: 0,
        terms: 0,
        inside,
        within: None,
        compared,
        reading,
    };
    let filter = parser.or().map_err(refuse)?;
    match parser.peek() {
        None => Ok(filter),
        Some(_) => Err(refuse(parser.expected("`and`, `or` or the end"))),
    }
}

struct Parser<'a, 'c> {
    tokens: Vec<(Range<usize>, Token<'a>)>,
    at: usize,
    length: usize,
    depth: usize,
    terms: usize,
    inside: bool,
    within: Option<AttributePath>,
    compared: Option<&'c mut Vec<Compared>>,
    reading: Reading<'a>,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a, '_> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn word(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self
            .word()
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, token: &Token<'_>, name: &str) -> Parsed<()> {
        if self.peek() == Some(token) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.expected(name))
        }
    }

    fn expected(&self, what: &str) -> String {
        let (at, found) = match self.tokens.get(self.at) {
            None => (self.length, "the end".to_owned()),
            Some((place, token)) => (
                place.start,
                match token {
                    Token::Word(word) => format!("`{word}`"),
                    Token::Text(text) => format!("the string {}", Literal::String(text.clone())),
                    Token::Open => "`(`".to_owned(),
                    Token::Close => "`)`".to_owned(),
                    Token::OpenValue => "`[`".to_owned(),
                    Token::CloseValue => "`]`".to_owned(),
                },
            ),
        };
        format!("expected {what} at character {at}, found {found}")
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH}"));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn or(&mut self) -> Parsed<Filter> {
        let mut terms = vec![self.and()?];
        while self.keyword("or") {
            terms.push(self.and()?);
        }
        Ok(only_or(terms, Filter::Or))
    }

    fn and(&mut self) -> Parsed<Filter> {
        let mut terms = vec![self.term()?];
        while self.keyword("and") {
            terms.push(self.term()?);
        }
        Ok(only_or(terms, Filter::And))
    }

    fn term(&mut self) -> Parsed<Filter> {
        let followed_by_group = matches!(self.tokens.get(self.at + 1), Some((_, Token::Open)));
        if followed_by_group && self.keyword("not") {
            return Ok(Filter::Not(Box::new(self.group()?)));
        }
        match self.peek() {
            Some(Token::Open) => self.group(),
            _ => self.attribute(),
        }
    }

    fn group(&mut self) -> Parsed<Filter> {
        self.nested(|parser| {
            parser.take(&Token::Open, "`(`")?;
            let filter = parser.or()?;
            parser.take(&Token::Close, "`)`")?;
            Ok(filter)
        })
    }

    fn attribute(&mut self) -> Parsed<Filter> {
        let path = self.word().and_then(AttributePath::parse);
        let path = path
            .ok_or_else(|| self.expected("an attribute such as `userName` or `name.familyName`"))?;
        self.at += 1;
        if self.peek() == Some(&Token::OpenValue) {
            return self.value_path(path);
        }
        self.comparison(path)
    }

    fn value_path(&mut self, path: AttributePath) -> Parsed<Filter> {
        if self.inside {
            return Err(self.expected("an operator (a value path holds no other value path)"));
        }
        if path.sub.is_some() {
            return Err(
                self.expected("an operator (brackets follow an attribute, not a sub-attribute)")
            );
        }
        let filter = self.nested(|parser| {
            parser.take(&Token::OpenValue, "`[`")?;
            parser.inside = true;
            parser.within = parser.compared.is_some().then(|| path.clone());
            let filter = parser.or()?;
            parser.inside = false;
            parser.take(&Token::CloseValue, "`]`")?;
            Ok(filter)
        })?;
        // `emails[type eq "work"].value eq "x"` is outside the grammar, and Entra ID sends it. It means one and the same value.
        let sub = self
            .word()
            .and_then(|word| word.strip_prefix('.'))
            .and_then(AttributePath::parse);
        let Some(sub) = sub.filter(|sub| sub.uri.is_none() && sub.sub.is_none()) else {
            self.within = None;
            return Ok(Filter::ValuePath {
                path,
                filter: Box::new(filter),
            });
        };
        if !self.reading.takes(Leniency::FilterBehindBracket) {
            return Err(
                self.expected("`and`, `or` or the end (a comparison goes inside the brackets)")
            );
        }
        self.at += 1;
        let comparison = self.comparison(sub)?;
        self.within = None;
        let terms = match filter {
            Filter::And(mut terms) => {
                terms.push(comparison);
                terms
            }
            other => vec![other, comparison],
        };
        Ok(Filter::ValuePath {
            path,
            filter: Box::new(Filter::And(terms)),
        })
    }

    fn comparison(&mut self, path: AttributePath) -> Parsed<Filter> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(format!("more than {MAX_TERMS} comparisons"));
        }
        if self.keyword("pr") {
            return Ok(Filter::Present(path));
        }
        let found = Operator::ALL.iter().find(|(name, _)| {
            self.word()
                .is_some_and(|word| word.eq_ignore_ascii_case(name))
        });
        let Some(&(_, operator)) = found else {
            return Err(self.expected("an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr"));
        };
        self.at += 1;
        let place = self.tokens.get(self.at).map(|(place, _)| place.clone());
        let value = self.literal()?;
        if let (Some(compared), Some(place)) = (&mut self.compared, place) {
            compared.push(Compared {
                within: self.within.clone(),
                path: path.clone(),
                operator,
                value: value.clone(),
                place,
            });
        }
        Ok(Filter::Compare {
            path,
            operator,
            value,
        })
    }

    fn literal(&mut self) -> Parsed<Literal> {
        let literal = match self.peek() {
            Some(Token::Text(text)) => Some(Literal::String(text.clone())),
            Some(Token::Word(word)) => self.bare_literal(word),
            _ => None,
        };
        let literal = literal
            .ok_or_else(|| self.expected("a value: a \"string\", a number, true, false or null"))?;
        self.at += 1;
        Ok(literal)
    }

    fn bare_literal(&self, word: &str) -> Option<Literal> {
        let folded = word.to_ascii_lowercase();
        let literal = match folded.as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ => {
                let number = serde_json::from_str(word).ok().map(Literal::Number);
                // What is left is text that has lost its quotes.
                return number.or_else(|| {
                    let taken = self.reading.takes(Leniency::FilterUnquoted);
                    taken.then(|| Literal::String(word.to_owned()))
                });
            }
        };
        let exact = folded == word;
        (exact || self.reading.takes(Leniency::FilterLiteralCase)).then_some(literal)
    }
}

fn only_or(mut terms: Vec<Filter>, join: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match terms.len() {
        1 => terms.remove(0),
        _ => join(terms),
    }
}
