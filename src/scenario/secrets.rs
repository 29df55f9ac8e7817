//! Where a scenario file keeps what nobody should read in a terminal, a log or the control API.
//!
//! Diagnostics show the line that they are about; this says which parts of it they must not show.

use super::file::SCENARIO;
use super::lexer::{Lexer, Token};
use super::node::Node;
use super::source::Span;

/// Tokens and passwords, in the order of the file.
pub(super) fn secrets(node: &Node, text: &str) -> Vec<Span> {
    let mut secrets = Vec::new();
    for field in node.fields() {
        let name = field.name.text.as_str();
        if name == "auth" || !SCENARIO.contains(&name) {
            // A name that is not known may be a misspelt `auth`.
            words(text, field.value.span.clone(), &mut secrets);
        } else {
            passwords(&field.value, &mut secrets);
        }
    }
    secrets.sort_by_key(|span| span.start);
    secrets
}

/// Everything but brackets, punctuation and the names of what stands in brackets. It looks at the text and not at the tree,
/// because half of a broken list is in no tree.
fn words(text: &str, span: Span, found: &mut Vec<Span>) {
    let mut lexer = Lexer::new(text, span);
    loop {
        match lexer.next() {
            (Token::End, _) => return,
            (Token::Ident, _) if matches!(lexer.peek(), Token::Open(_)) => {}
            (Token::Ident | Token::Text(_) | Token::Number(_) | Token::Broken, span) => {
                found.push(span);
            }
            (
                Token::Open(_) | Token::Close(_) | Token::Comma | Token::Colon | Token::Other(_),
                _,
            ) => {}
        }
    }
}

fn passwords(node: &Node, found: &mut Vec<Span>) {
    for field in node.fields() {
        if field.name.text.eq_ignore_ascii_case("password") {
            found.push(field.value.span.clone());
        }
    }
    node.children().for_each(|child| passwords(child, found));
}
