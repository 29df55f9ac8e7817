//! `OAuth(…)` in the `auth` field of a scenario file: a client that is given tokens (RFC 6749).

use super::auth::{LONGEST_S, access, secret};
use super::node::{Form, Name, Node};
use super::reader::{Fields, Reader};
use super::{Access, Credential, OAuthClient};
use std::time::Duration;

pub(super) const OAUTH: &str =
    r#"OAuth(client_id: "idp", client_secret: "s3cret", expires_in_s: 3600)"#;
pub(super) const FIELDS: &[&str] = &[
    "client_id",
    "client_secret",
    "expires_in_s",
    "refresh",
    "refresh_expires_in_s",
    "username",
    "password",
    "scope",
    "subject",
    "access",
];
const OWNER: &str =
    r#"OAuth(client_id: "idp", client_secret: "s3cret", username: "ann", password: "pass")"#;
const SCOPE: &str = r#"scope: "scim.read scim.write""#;
/// How long a token is good for when nothing is said.
const LIFE_S: u64 = 3600;

pub(super) fn client(reader: &mut Reader, name: &Name, form: &Form) -> Option<Credential> {
    let before = reader.problems.len();
    let fields = reader.known_fields(form, "OAuth", FIELDS, OAUTH);
    let mut must = |field: &str, what: &str| {
        let node = reader.required(&fields, field, name, OAUTH)?;
        secret(reader, node, what, OAUTH)
    };
    let id = must("client_id", "a client id");
    let client_secret = must("client_secret", "a client secret");
    let life = seconds(reader, &fields, "expires_in_s");
    let refresh_life = seconds(reader, &fields, "refresh_expires_in_s");
    let refresh = fields
        .get("refresh")
        .and_then(|node| reader.boolean(node, "refresh: true"));
    if let (Some(false), Some(node)) = (refresh, fields.get("refresh_expires_in_s")) {
        let title = "refresh tokens that are not given out do not expire";
        let label = "expected `refresh: true` beside it";
        reader.complain(node.span.clone(), title, label, "remove one of the two");
    }
    let owner = owner(reader, name, &fields);
    let mut text = |field: &str, what: &str| secret(reader, fields.get(field)?, what, OAUTH);
    let subject = text("subject", "a subject");
    let scope = fields.get("scope").and_then(|node| scope(reader, node));
    let access = access(reader, &fields)?;
    let subject = subject.or_else(|| owner.as_ref().map(|(user, _)| user.clone()));
    if access == Access::Own && subject.is_none() {
        let title = "a client with `access: Own` needs a subject";
        let help = r#"write `OAuth(client_id: "idp", client_secret: "s3cret", subject: "bjensen", access: Own)`"#;
        reader.complain(name.span.clone(), title, "expected `subject`", help);
    }
    if reader.problems.len() > before {
        return None;
    }
    Some(Credential::OAuth(OAuthClient {
        id: id?,
        secret: client_secret?,
        life: life.unwrap_or(Duration::from_secs(LIFE_S)),
        refresh: refresh.unwrap_or(refresh_life.is_some()),
        refresh_life,
        owner,
        scope,
        subject,
        access,
    }))
}

fn seconds(reader: &mut Reader, fields: &Fields<'_>, field: &str) -> Option<Duration> {
    let write = format!("{field}: 3600");
    let seconds = reader.whole_number(fields.get(field)?, (0, LONGEST_S), &write);
    seconds.map(Duration::from_secs)
}

/// Whose user name and password the client may show (RFC 6749 section 4.3).
fn owner(reader: &mut Reader, name: &Name, fields: &Fields<'_>) -> Option<(String, String)> {
    let (user, password) = match (fields.get("username"), fields.get("password")) {
        (None, None) => return None,
        (Some(user), Some(password)) => (user, password),
        _ => {
            let title = "`username` and `password` go together";
            let label = "expected both or neither";
            reader.complain(name.span.clone(), title, label, format!("write `{OWNER}`"));
            return None;
        }
    };
    let user = secret(reader, user, "a user name", OWNER);
    let password = secret(reader, password, "a password", OWNER);
    Some((user?, password?))
}

/// The words that may be asked for (RFC 6749 section 3.3).
fn scope(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let text = reader.text(node, SCOPE)?;
    if !super::is_scope(text) {
        let title = "this is no scope";
        let label =
            "expected words of visible ASCII without `\"` and `\\`, with one space between them";
        reader.complain(node.span.clone(), title, label, format!("write `{SCOPE}`"));
        return None;
    }
    Some(text.split(' ').map(str::to_owned).collect())
}
