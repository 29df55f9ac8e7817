//! What clients were given to come in with: tokens that are kept with the moment, so that a fork takes those of its base, and a return
//! to an earlier moment takes back those that were given out since.
//!
//! They follow from the seed, the tenant and their number: reproducible, and no secret to who knows these. It knows no OAuth: what a
//! client is and may do, its keeper says.

use super::{Origin, Snapshot};
use crate::ids;
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// How many tokens are kept; the oldest fall out, whether they are good still or not.
pub const MOST_TOKENS: usize = 10_000;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To come in.
    Access,
    /// To be exchanged for a new one.
    Refresh,
}

/// A token that was given out. `Debug` keeps its text.
#[derive(Clone)]
pub struct Token {
    /// What is shown.
    pub text: Arc<str>,
    /// What it is for.
    pub purpose: Purpose,
    /// To which client it was given.
    pub client: Arc<str>,
    /// What it was asked for (RFC 6749 section 3.3); empty when nothing was said.
    pub scope: Arc<str>,
    /// When it ceases to be good; never when there is nothing.
    pub expires: Option<Timestamp>,
    /// Whether it was exchanged for another.
    pub spent: bool,
}

/// The tokens of a moment. Cloning costs a few pointers.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    by_number: imbl::OrdMap<u64, Arc<Token>>,
    /// How many were ever given out.
    given: u64,
}

impl Token {
    /// Whether it was good once and is no more.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    /// The number in its text.
    fn number(text: &str) -> Option<u64> {
        text.split('-').nth(1)?.parse().ok()
    }
}

impl Snapshot {
    /// Gives out a token, in the name of `tenant`. Of a token all but the text is given.
    pub fn give_token(&mut self, origin: &Origin, tenant: &str, token: Token) -> Arc<Token> {
        let tokens = &mut self.tokens;
        tokens.given += 1;
        let word = match token.purpose {
            Purpose::Access => "access",
            Purpose::Refresh => "refresh",
        };
        let text = ids::token(origin.seed, tenant, word, tokens.given);
        let token = Arc::new(Token {
            text: text.into(),
            ..token
        });
        tokens.by_number.insert(tokens.given, token.clone());
        while tokens.by_number.len() > MOST_TOKENS {
            tokens.by_number = tokens.by_number.without_min().1;
        }
        token
    }

    /// The token with this text, if it was given out and is kept.
    pub fn token(&self, text: &str) -> Option<&Arc<Token>> {
        let token = self.tokens.by_number.get(&Token::number(text)?)?;
        let is_it = token.text.as_bytes().ct_eq(text.as_bytes());
        bool::from(is_it).then_some(token)
    }

    /// Marks a token as exchanged for another.
    pub fn spend_token(&mut self, token: &Token) {
        let number = Token::number(&token.text).unwrap_or_default();
        let spent = Token {
            spent: true,
            ..token.clone()
        };
        self.tokens.by_number.insert(number, Arc::new(spent));
    }

    /// Takes over the tokens of another moment.
    pub(super) fn keep_tokens_of(&mut self, other: &Self) {
        self.tokens = other.tokens.clone();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("purpose", &self.purpose)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
