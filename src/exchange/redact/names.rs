//! Which names announce a secret: of headers, JSON members, query and form parameters, and attributes in SCIM paths.

use super::placeholder::Kind;

/// A name is compared without case, `-`, `_` and a plural `s`. It announces a secret if it ends in one of these.
const ENDINGS: [&str; 14] = [
    "accesskey",
    "apikey",
    "assertion",
    "authorization",
    "credential",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "token",
];

/// Names that announce a secret only as they are.
const EXACT: [&str; 7] = [
    "codeverifier",
    "cookie",
    "jwt",
    "otp",
    "samlresponse",
    "setcookie",
    "sig",
];

/// They end like a token and say where a page begins.
const PAGES: [&str; 4] = ["continuationtoken", "nexttoken", "pagetoken", "synctoken"];

/// What is announced by a name that announces a secret.
pub(super) fn kind(name: &str) -> Kind {
    let folded: String = folded(name)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .map(char::from)
        .collect();
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    if says(&["pass", "pwd"]) {
        Kind::Password
    } else if says(&["cookie"]) {
        Kind::Cookie
    } else if says(&["jwt"]) {
        Kind::Jwt
    } else if says(&["token", "assertion", "authorization", "samlresponse"]) {
        Kind::Token
    } else if says(&["key"]) {
        Kind::Key
    } else {
        Kind::Secret
    }
}

/// Whether a name announces a secret. It may be a SCIM path (RFC 7644 section 3.10) with a URN before it and filters in it: one
/// segment that announces a secret is enough.
pub(super) fn is_secret(name: &str) -> bool {
    let last_colon = outside_brackets(name)
        .filter(|&(_, byte)| byte == b':')
        .last();
    let path = last_colon.map_or(name, |(at, _)| &name[at + 1..]);
    path.split(['.', '[', ']']).any(segment_is_secret)
}

fn outside_brackets(name: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut depth = 0_u32;
    name.bytes().enumerate().filter(move |(_, byte)| {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

fn segment_is_secret(segment: &str) -> bool {
    let singular = segment.strip_suffix(['s', 'S']).unwrap_or(segment);
    [segment, singular].into_iter().any(|name| {
        let ends = |ending: &&str| ends_folded(name, ending);
        let is = |whole: &&str| folded(name).eq(whole.bytes().rev());
        ENDINGS.iter().any(ends) && !PAGES.iter().any(ends) || EXACT.iter().any(is)
    })
}

/// The letters of a name from its end, in lower case and without what joins words.
fn folded(name: &str) -> impl Iterator<Item = u8> {
    name.bytes()
        .rev()
        .filter(|byte| !matches!(byte, b'-' | b'_'))
        .map(|byte| byte.to_ascii_lowercase())
}

fn ends_folded(name: &str, ending: &str) -> bool {
    let mut letters = folded(name);
    ending
        .bytes()
        .rev()
        .all(|byte| letters.next() == Some(byte))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(is_secret(name), expected, "{name}");
    }

    #[test]
    fn names_that_announce_a_secret() {
        for name in [
            "password",
            "PASSWORD",
            "newPassword",
            "passwords",
            "client_secret",
            "clientSecret",
            "access_token",
            "refresh_token",
            "id_token",
            "Token",
            "tokens",
            "assertion",
            "client_assertion",
            "api_key",
            "api-key",
            "X-Api-Key",
            "apikey",
            "private_key",
            "pwd",
            "sig",
            "otp",
            "code_verifier",
            "x-auth-token",
            "x-amz-security-token",
            "x-forwarded-authorization",
            "urn:ietf:params:scim:schemas:core:2.0:User:password",
            "credentials.password",
            "credentials.password.value",
            "secrets[type eq \"app\"].value",
        ] {
            check(name, true);
        }
    }

    #[test]
    fn names_that_do_not() {
        for name in [
            "userName",
            "passwordPolicy",
            "tokenEndpoint",
            "nextPageToken",
            "next_token",
            "secretary",
            "code",
            "signature",
            "design",
            "key",
            "",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "emails[type eq \"x:y\"].value",
            "urn:example:password:2.0:User:displayName",
            "displayName",
            "status",
            "class",
            "s",
        ] {
            check(name, false);
        }
    }
}
