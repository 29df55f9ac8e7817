//! The `auth` field of a scenario file: who may come in.
//!
//! What is found where a secret should stand is never repeated: it may be the secret without its quotes.

use super::diagnostic::Problem;
use super::file::{instant, word};
use super::node::{Field, Form, Kind, Name, Node};
use super::oauth::{self, OAUTH};
use super::reader::{Fields, Reader};
use super::{Access, Credential};
use crate::clock::Clock;
use jiff::{SignedDuration, Timestamp};

const BEARER: &str = r#"Bearer("a-token")"#;
const BEARER_OF: &str = r#"Bearer(token: "a-token", subject: "bjensen", access: Read)"#;
const BEARER_FIELDS: &[&str] = &["token", "subject", "access", "expires_at", "expires_in_s"];
const BASIC: &str = r#"Basic("user", "password")"#;
const BASIC_OF: &str = r#"Basic(user: "user", password: "password", access: Read)"#;
const BASIC_FIELDS: &[&str] = &["user", "password", "access"];
/// A century: what is longer was not meant.
pub(super) const LONGEST_S: u64 = 3_155_760_000;

/// `clock` says when tokens that live for some seconds began to.
pub(super) fn auth(reader: &mut Reader, node: &Node, clock: Clock) -> Vec<Credential> {
    let mut credentials: Vec<Credential> = Vec::new();
    for node in reader.list(node, &format!("auth: [{BEARER}]")) {
        let Some(credential) = credential(reader, node, clock) else {
            continue;
        };
        if credentials.iter().any(|it| it.shows_the_same(&credential)) {
            let span = node.span.clone();
            let title = "these credentials are listed twice";
            let problem = Problem::error(span, title, "listed before", "remove one of the two");
            reader.problems.push(problem.warning());
        } else {
            credentials.push(credential);
        }
    }
    credentials
}

fn credential(reader: &mut Reader, node: &Node, clock: Clock) -> Option<Credential> {
    if matches!(&node.kind, Kind::Named(Some(name), Form::Bare) if !["Bearer", "Basic", "OAuth"].contains(&name.text.as_str()))
    {
        // The name is not repeated: it may be a token that has lost its quotes.
        let title = "expected `Bearer`, `Basic` or `OAuth`, found another name";
        let help = format!("write `{BEARER}` or `{BASIC}` or `{OAUTH}`");
        reader.complain(
            node.span.clone(),
            title,
            "expected `Bearer`, `Basic` or `OAuth`",
            help,
        );
        return None;
    }
    let ways = [("Bearer", BEARER), ("Basic", BASIC), ("OAuth", OAUTH)];
    let (name, form) = reader.variant(node, &ways)?;
    let known = |given: &[Field], fields: &[&str]| {
        given
            .iter()
            .all(|it| fields.contains(&it.name.text.as_str()))
    };
    match (name.text.as_str(), form) {
        ("Bearer", Form::Tuple(items)) if items.len() == 1 => Some(Credential::Bearer {
            token: token(reader, &items[0])?,
            subject: None,
            access: Access::Full,
            expires: None,
        }),
        ("Bearer", Form::Fields(given)) if known(given, BEARER_FIELDS) => {
            let fields = reader.known_fields(form, "Bearer", BEARER_FIELDS, BEARER_OF);
            bearer(reader, name, &fields, clock)
        }
        ("Basic", Form::Tuple(items)) if items.len() == 2 => {
            basic(reader, &items[0], &items[1], Access::Full)
        }
        ("Basic", Form::Fields(given)) if known(given, BASIC_FIELDS) => {
            let fields = reader.known_fields(form, "Basic", BASIC_FIELDS, BASIC_OF);
            let user = reader.required(&fields, "user", name, BASIC_OF);
            let password = reader.required(&fields, "password", name, BASIC_OF);
            let access = access(reader, &fields);
            basic(reader, user?, password?, access?)
        }
        ("OAuth", Form::Fields(given)) if known(given, oauth::FIELDS) => {
            oauth::client(reader, name, form)
        }
        (name_text, _) => {
            let write = match name_text {
                "Bearer" => BEARER,
                "Basic" => BASIC,
                _ => OAUTH,
            };
            reader.wrong_form(node, name, write);
            None
        }
    }
}

fn bearer(
    reader: &mut Reader,
    name: &Name,
    fields: &Fields<'_>,
    clock: Clock,
) -> Option<Credential> {
    let token = reader
        .required(fields, "token", name, BEARER_OF)
        .and_then(|node| token(reader, node));
    let subject = match fields.get("subject") {
        None => Some(None),
        Some(node) => secret(reader, node, "a subject", BEARER_OF).map(Some),
    };
    let access = access(reader, fields);
    let expires = expires(reader, fields, clock);
    if let (Some(access), Some(None)) = (access, &subject)
        && access == Access::Own
    {
        let title = "a token with `access: Own` needs a subject";
        let help = r#"write `Bearer(token: "a-token", subject: "bjensen", access: Own)`"#;
        reader.complain(name.span.clone(), title, "expected `subject`", help);
        return None;
    }
    Some(Credential::Bearer {
        token: token?,
        subject: subject?,
        access: access?,
        expires: expires.ok()?,
    })
}

/// What is permitted; everything when nothing is said.
pub(super) fn access(reader: &mut Reader, fields: &Fields<'_>) -> Option<Access> {
    let Some(node) = fields.get("access") else {
        return Some(Access::Full);
    };
    let ways = [
        ("Read", "access: Read"),
        ("Own", "access: Own"),
        ("Full", "access: Full"),
    ];
    Some(match word(reader, node, &ways)? {
        "Read" => Access::Read,
        "Own" => Access::Own,
        _ => Access::Full,
    })
}

/// A mistake that has been said.
struct Reported;

/// When a token ceases to be good, by the scenario's clock.
fn expires(
    reader: &mut Reader,
    fields: &Fields<'_>,
    clock: Clock,
) -> Result<Option<Timestamp>, Reported> {
    match (fields.get("expires_at"), fields.get("expires_in_s")) {
        (None, None) => Ok(None),
        (Some(at), None) => instant(reader, at).map(Some).ok_or(Reported),
        (None, Some(seconds)) => {
            let write = "expires_in_s: 3600";
            let seconds = reader.whole_number(seconds, (0, LONGEST_S), write);
            let seconds = seconds.and_then(|it| i64::try_from(it).ok());
            let life = SignedDuration::from_secs(seconds.ok_or(Reported)?);
            Ok(clock.at(0).checked_add(life).ok())
        }
        (Some(_), Some(seconds)) => {
            let title = "a token expires once";
            let label = "expected `expires_at` or `expires_in_s`, and not both";
            reader.complain(seconds.span.clone(), title, label, "remove one of the two");
            Err(Reported)
        }
    }
}

fn basic(
    reader: &mut Reader,
    user_node: &Node,
    password: &Node,
    access: Access,
) -> Option<Credential> {
    let user = secret(reader, user_node, "a user name", BASIC);
    let password = secret(reader, password, "a password", BASIC);
    let (user, password) = (user?, password?);
    if user.contains(':') {
        let title = "a user name of Basic cannot have a colon";
        let label = "expected no `:`, which ends the name (RFC 7617 section 2)";
        reader.complain(user_node.span.clone(), title, label, "choose another name");
        return None;
    }
    Some(Credential::Basic {
        user,
        password,
        access,
    })
}

fn token(reader: &mut Reader, node: &Node) -> Option<String> {
    let token = secret(reader, node, "a token", BEARER)?;
    // More than the `b64token` of RFC 6750 section 2.1: tokens with `|` and `:` are in use.
    if token.chars().all(|c| c.is_ascii_graphic()) {
        return Some(token);
    }
    let title = "this token cannot be sent in a header";
    let label = "expected visible ASCII without spaces";
    reader.complain(node.span.clone(), title, label, format!("write `{BEARER}`"));
    None
}

/// A string that has something in it. What is found there instead is not said: it may be the secret without its quotes.
pub(super) fn secret(reader: &mut Reader, node: &Node, what: &str, write: &str) -> Option<String> {
    match &node.kind {
        Kind::Text(text) if !text.is_empty() => return Some(text.clone()),
        Kind::Broken => {}
        Kind::Text(_) => {
            let title = format!("{what} must not be empty");
            let help = format!("write `{write}`; leave `auth` out to ask for no credentials");
            reader.complain(node.span.clone(), title, format!("expected {what}"), help);
        }
        _ => {
            let title = format!("{what} is a string");
            let label = "expected a string in double quotes";
            reader.complain(node.span.clone(), title, label, format!("write `{write}`"));
        }
    }
    None
}
