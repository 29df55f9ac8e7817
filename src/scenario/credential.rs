//! What a client shows to be let in, whom it stands for, what it permits and for how long (RFC 7644 sections 2 and 7.7).

use jiff::Timestamp;
use std::fmt;

/// What a client shows to be let in. `Debug` keeps the secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A bearer token (RFC 6750).
    Bearer {
        /// The token.
        token: String,
        /// Whose token it is.
        subject: Option<String>,
        /// What it permits.
        access: Access,
        /// When it ceases to be good; never when there is nothing.
        expires: Option<Timestamp>,
    },
    /// User name and password (RFC 7617).
    Basic {
        /// The user name; it has no colon. It is the subject as well.
        user: String,
        /// The password.
        password: String,
        /// What they permit.
        access: Access,
    },
}

/// What credentials permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// To see everything, and to change nothing.
    Read,
    /// To see and change the resource of the subject, and to see nothing else.
    Own,
    /// Everything.
    #[default]
    Full,
}

/// The least number of characters of a token that can hold 128 bits, in base64.
const ENTROPY: usize = 22;

impl Credential {
    /// Whom the client acts for, by id or by a unique value such as `userName`: the resource at `/Me` (RFC 7644 section 3.11).
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Bearer { subject, .. } => subject.as_deref(),
            Self::Basic { user, .. } => Some(user),
        }
    }

    /// What the client may do.
    pub fn access(&self) -> Access {
        match self {
            Self::Bearer { access, .. } | Self::Basic { access, .. } => *access,
        }
    }

    /// Whether a client that shows one shows the other.
    pub(super) fn shows_the_same(&self, other: &Self) -> bool {
        let secret = |it: &Self| match it {
            Self::Bearer { token, .. } => (None, token.clone()),
            Self::Basic { user, password, .. } => (Some(user.clone()), password.clone()),
        };
        secret(self) == secret(other)
    }

    /// Whether it was good once and is no more.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        matches!(self, Self::Bearer { expires: Some(end), .. } if *end <= now)
    }

    /// Why others than this machine should not be let in with it (RFC 7644 sections 2 and 7.4). It does not repeat the secret.
    pub fn caution(&self) -> Option<&'static str> {
        match self {
            Self::Bearer { token, .. } if token.len() < ENTROPY => {
                Some("a token has fewer than 22 characters, too few to hold 128 bits")
            }
            Self::Bearer { expires: None, .. } => Some("a token is good for ever"),
            Self::Bearer { .. } => None,
            Self::Basic { .. } => Some("Basic sends its password with every request"),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer { .. } => f.write_str("Bearer(…)"),
            Self::Basic { user, .. } => write!(f, "Basic({user:?}, …)"),
        }
    }
}
