//! What a client shows to be let in, whom it stands for, what it permits and for how long (RFC 7644 sections 2 and 7.7).

use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

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
    /// Tokens that are asked for at [`TOKEN_PATH`] (RFC 6749).
    OAuth(OAuthClient),
}

/// The path of the token endpoint (RFC 6749 section 3.2), which is where the path of the SCIM base begins.
pub const TOKEN_PATH: &str = "/oauth2/token";

/// A client that is given tokens (RFC 6749 section 2).
#[derive(Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// Its identifier.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// How long an access token is good for.
    pub life: Duration,
    /// Whether it is given refresh tokens (RFC 6749 section 6).
    pub refresh: bool,
    /// How long one of these is good for; for ever when there is nothing.
    pub refresh_life: Option<Duration>,
    /// The user name and the password of whoever lets it in (RFC 6749 section 4.3), if anybody does.
    pub owner: Option<(String, String)>,
    /// The words that it may ask for (RFC 6749 section 3.3); any when there is nothing.
    pub scope: Option<Vec<String>>,
    /// Whom it stands for.
    pub subject: Option<String>,
    /// What its tokens permit.
    pub access: Access,
}

/// Whether a text is a scope: words of some characters, with one space between them (RFC 6749 section 3.3).
pub fn is_scope(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    let mut words = text.split(' ');
    words.all(|word| !word.is_empty() && word.chars().all(plain))
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
            Self::OAuth(client) => client.subject.as_deref(),
        }
    }

    /// What the client may do.
    pub fn access(&self) -> Access {
        match self {
            Self::Bearer { access, .. } | Self::Basic { access, .. } => *access,
            Self::OAuth(client) => client.access,
        }
    }

    /// Whether a client shows a bearer token with it (RFC 6750).
    pub fn is_shown_as_a_token(&self) -> bool {
        !matches!(self, Self::Basic { .. })
    }

    /// The client that is given tokens, if it is one.
    pub fn oauth(&self) -> Option<&OAuthClient> {
        match self {
            Self::OAuth(client) => Some(client),
            _ => None,
        }
    }

    /// Whether a client that shows one shows the other. An identifier is that of one client, whatever its secret.
    pub(super) fn shows_the_same(&self, other: &Self) -> bool {
        if let (Self::OAuth(one), Self::OAuth(other)) = (self, other) {
            return one.id == other.id;
        }
        let secret = |it: &Self| match it {
            Self::Bearer { token, .. } => Some((None, token.clone())),
            Self::Basic { user, password, .. } => Some((Some(user.clone()), password.clone())),
            Self::OAuth(_) => None,
        };
        secret(self).is_some_and(|it| Some(it) == secret(other))
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
            Self::OAuth(client) if client.secret.len() < ENTROPY => {
                Some("a client secret has fewer than 22 characters, too few to hold 128 bits")
            }
            Self::OAuth(_) => Some("tokens follow from the scenario's seed and can be reckoned"),
            Self::Basic { .. } => Some("Basic sends its password with every request"),
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer { .. } => f.write_str("Bearer(…)"),
            Self::Basic { user, .. } => write!(f, "Basic({user:?}, …)"),
            Self::OAuth(client) => client.fmt(f),
        }
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OAuth({:?}, …)", self.id)
    }
}
