//! The key of a recording's placeholders and pseudonyms: equal values are replaced by equal ones, and nobody without it can tell
//! which value it was by trying likely ones (HMAC, RFC 2104, with SHA-256).

use ring::hmac;
use std::fmt::{self, Write as _};

/// The shortest text that is taken for a key.
pub const SHORTEST: usize = 16;

/// The key.
#[derive(Clone)]
pub struct Key(hmac::Key);

/// A key that is too short to keep anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of the redaction has {length} characters, expected {SHORTEST} or more")]
pub struct ShortKey {
    /// How many characters it has.
    pub length: usize,
}

impl Key {
    /// The key that is this text, white space around it set aside.
    pub fn new(text: &str) -> Result<Self, ShortKey> {
        let text = text.trim();
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(ShortKey { length });
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// What can be told to everybody, so that another key is noticed.
    pub fn hash(&self) -> String {
        hex(&self.digest("key", "")[..8])
    }

    /// The digest of a value among those of one purpose.
    pub(super) fn digest(&self, purpose: &str, value: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }

    /// Eight hexadecimal digits that say whether two secrets are the same.
    pub(super) fn tag(&self, secret: &str) -> String {
        hex(&self.digest("secret", secret)[..4])
    }
}

/// A key is a secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
