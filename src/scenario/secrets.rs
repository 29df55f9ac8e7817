//! Where a scenario file keeps what nobody should read in a terminal, a log or the control API.
//!
//! Diagnostics show the line that they are about; this says which parts of it they must not show. It looks at words and not
//! at the tree, because the files that have diagnostics are the broken ones, and half of a broken list is in no tree.

use super::faults;
use super::file::PUBLIC_NAMES;
use super::lexer::{Lexer, Token};
use super::provider;
use super::source::Span;

/// Tokens and passwords, in the order of the file. They may overlap.
pub(super) fn secrets(text: &str) -> Vec<Span> {
    let mut secrets = Vec::new();
    after_names(text, &mut secrets);
    for name in ["Bearer(", "Basic(", "OAuth("] {
        in_brackets(text, name, &mut secrets);
    }
    secrets.sort_by_key(|span| span.start);
    secrets
}

/// What stands under a password, under `auth`, and under names that are not known: those may be a misspelt `auth` or `Bearer`.
fn after_names(text: &str, found: &mut Vec<Span>) {
    let mut lexer = Lexer::new(text, 0..text.len());
    let mut word: Option<(Token, Span)> = None;
    let mut promised = false;
    let mut depth = 0_usize;
    loop {
        let (token, span) = lexer.next();
        if let Some((word, span)) = word.take() {
            match (&token, &word) {
                (Token::Colon | Token::Open(_) | Token::Other('='), Token::Text(key)) => {
                    promised = key.eq_ignore_ascii_case("password");
                }
                (Token::Colon | Token::Open(_) | Token::Other('='), Token::Ident) => {
                    let name = &text[span];
                    let public = [PUBLIC_NAMES, provider::FIELDS, faults::NAMES];
                    promised = !public.iter().any(|names| names.contains(&name));
                }
                _ if promised || depth > 0 => {
                    found.push(span);
                    promised = false;
                }
                _ => {}
            }
        }
        match token {
            Token::End => return,
            Token::Open(_) => {
                depth += usize::from(promised || depth > 0);
                promised = false;
            }
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                promised = false;
            }
            Token::Comma => promised = false,
            Token::Colon | Token::Other(_) => {}
            Token::Ident | Token::Text(_) | Token::Number(_) | Token::Broken => {
                word = Some((token, span));
            }
        }
    }
}

/// What stands in the brackets after `name`, be it in a comment or after a quote that is missing.
fn in_brackets(text: &str, name: &str, found: &mut Vec<Span>) {
    for (start, _) in text.match_indices(name) {
        let start = start + name.len();
        let rest = &text[start..];
        found.push(start..start + rest.find([')', '\n']).unwrap_or(rest.len()));
    }
}
