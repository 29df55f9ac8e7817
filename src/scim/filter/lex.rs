//! Filter text to tokens with their places. It knows brackets, JSON strings and words; what a word means is the parser's affair.

use crate::scim::{Leniency, Reading};
use std::ops::Range;

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, keyword, operator or bare literal.
    Word(&'a str),
    /// A JSON string, read.
    Text(String),
    Open,
    Close,
    OpenValue,
    CloseValue,
}

/// Splits `text`; the bytes of each token stand beside it.
///
/// # Errors
/// A sentence for people that names the offset.
pub(super) fn tokens<'t>(
    text: &'t str,
    reading: Reading<'_>,
) -> Result<Vec<(Range<usize>, Token<'t>)>, String> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let start = at;
        match next {
            c if c.is_whitespace() => {
                at += text[at..]
                    .find(|c: char| !c.is_whitespace())
                    .unwrap_or(text.len() - at);
                let inside =
                    text[..start].ends_with(['(', '[']) || text[at..].starts_with([')', ']']);
                let separates = start > 0 && at < text.len() && !inside;
                let one_space = separates && &text[start..at] == " ";
                if !(one_space || reading.takes(Leniency::FilterSpace)) {
                    return Err(format!(
                        "one space separates words (RFC 7644 figure 1), at character {start}"
                    ));
                }
                continue;
            }
            '(' => out.push((start..start + 1, Token::Open)),
            ')' => out.push((start..start + 1, Token::Close)),
            '[' => out.push((start..start + 1, Token::OpenValue)),
            ']' => out.push((start..start + 1, Token::CloseValue)),
            '"' => {
                let end = closing_quote(&text[at..]).ok_or_else(|| {
                    format!("the string that opens at character {start} has no closing quote")
                })?;
                let string = serde_json::from_str(&text[at..=at + end]).map_err(|_| {
                    format!(
                        "`{}` at character {start} is not a JSON string",
                        &text[at..=at + end]
                    )
                })?;
                at += end;
                out.push((start..at + 1, Token::Text(string)));
            }
            '\'' if quoted_otherwise(&text[at..])
                .is_some_and(|_| reading.takes(Leniency::FilterUnquoted)) =>
            {
                let inner = quoted_otherwise(&text[at..]).unwrap_or_default();
                at += inner.len() + 1;
                out.push((start..at + 1, Token::Text(inner.to_owned())));
            }
            _ => {
                let stop = |c: char| c.is_whitespace() || "()[]\"".contains(c);
                let length = text[at..].find(stop).unwrap_or(text.len() - at);
                at += length;
                out.push((start..at, Token::Word(&text[start..at])));
                continue;
            }
        }
        at += 1;
    }
    Ok(out)
}

/// What stands in single quotes at the start of `text`.
fn quoted_otherwise(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('\'')?;
    inner.split_once('\'').map(|(inner, _)| inner)
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes()
        .enumerate()
        .skip(1)
        .find_map(|(at, byte)| match byte {
            _ if escaped => {
                escaped = false;
                None
            }
            b'\\' => {
                escaped = true;
                None
            }
            b'"' => Some(at),
            _ => None,
        })
}
