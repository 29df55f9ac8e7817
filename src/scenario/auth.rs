//! The `auth` field of a scenario file: who may come in.
//!
//! What is found where a secret should stand is never repeated: it may be the secret without its quotes.

use super::Credential;
use super::diagnostic::Problem;
use super::node::{Form, Kind, Node};
use super::reader::Reader;

const BEARER: &str = r#"Bearer("a-token")"#;
const BEARER_OF: &str = r#"Bearer(token: "a-token", subject: "bjensen")"#;
const BEARER_FIELDS: &[&str] = &["token", "subject"];
const BASIC: &str = r#"Basic("user", "password")"#;

pub(super) fn auth(reader: &mut Reader, node: &Node) -> Vec<Credential> {
    let mut credentials: Vec<Credential> = Vec::new();
    for node in reader.list(node, &format!("auth: [{BEARER}]")) {
        let Some(credential) = credential(reader, node) else {
            continue;
        };
        if credentials.contains(&credential) {
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

fn credential(reader: &mut Reader, node: &Node) -> Option<Credential> {
    if matches!(&node.kind, Kind::Named(Some(name), Form::Bare) if !["Bearer", "Basic"].contains(&name.text.as_str()))
    {
        // The name is not repeated: it may be a token that has lost its quotes.
        let title = "expected `Bearer` or `Basic`, found another name";
        let help = format!("write `{BEARER}` or `{BASIC}`");
        reader.complain(
            node.span.clone(),
            title,
            "expected `Bearer` or `Basic`",
            help,
        );
        return None;
    }
    let (name, form) = reader.variant(node, &[("Bearer", BEARER), ("Basic", BASIC)])?;
    match (name.text.as_str(), form) {
        ("Bearer", Form::Tuple(items)) if items.len() == 1 => {
            let token = token(reader, &items[0])?;
            Some(Credential::Bearer {
                token,
                subject: None,
            })
        }
        ("Bearer", Form::Fields(given))
            if given
                .iter()
                .all(|it| BEARER_FIELDS.contains(&it.name.text.as_str())) =>
        {
            let fields = reader.known_fields(form, "Bearer", BEARER_FIELDS, BEARER_OF);
            let node = reader.required(&fields, "token", name, BEARER_OF)?;
            let token = token(reader, node);
            let subject = fields
                .get("subject")
                .map(|it| secret(reader, it, "a subject", BEARER_OF));
            Some(Credential::Bearer {
                token: token?,
                subject: match subject {
                    Some(subject) => Some(subject?),
                    None => None,
                },
            })
        }
        ("Basic", Form::Tuple(items)) if items.len() == 2 => {
            let user = secret(reader, &items[0], "a user name", BASIC);
            let password = secret(reader, &items[1], "a password", BASIC);
            let (user, password) = (user?, password?);
            if user.contains(':') {
                let title = "a user name of Basic cannot have a colon";
                let label = "expected no `:`, which ends the name (RFC 7617 section 2)";
                reader.complain(items[0].span.clone(), title, label, "choose another name");
                return None;
            }
            Some(Credential::Basic { user, password })
        }
        (name_text, _) => {
            let write = if name_text == "Bearer" { BEARER } else { BASIC };
            reader.wrong_form(node, name, write);
            None
        }
    }
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
fn secret(reader: &mut Reader, node: &Node, what: &str, write: &str) -> Option<String> {
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
