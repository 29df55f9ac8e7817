//! The users that are loaded: the n-th is the same on every run, and so is its id.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::LoadError;

/// The bearer token of the scenario.
pub(crate) const TOKEN: &str = "bench";

/// The `userName` of the n-th user, from 1.
pub(crate) fn user_name(n: u32) -> String {
    format!("user{n:06}")
}

/// The `id` that `Sequential("{type}-{n}")` gives the n-th user.
pub(crate) fn id(n: u32) -> String {
    format!("user-{n}")
}

/// The n-th user as an identity provider sends it, under any `userName`.
pub(crate) fn user(n: u32, user_name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "name": {"givenName": format!("Given{n}"), "familyName": format!("Family{}", n % 5000)},
        "displayName": format!("Given{n} Family{}", n % 5000),
        "title": "Engineer",
        "active": true,
        "emails": [{"value": format!("{user_name}@example.com"), "type": "work", "primary": true}],
    })
}

/// Writes a scenario with this many users.
pub(crate) fn write_scenario(file: &Path, users: u32) -> Result<(), LoadError> {
    let mut text = format!(
        "Scenario(\n    clock: Fixed(\"2026-01-01T00:00:00Z\"),\n    ids: Sequential(\"{{type}}-{{n}}\"),\n    \
         auth: [Bearer(\"{TOKEN}\")],\n    users: [\n"
    );
    for n in 1..=users {
        writeln!(text, "        {},", user(n, &user_name(n))).expect("a String takes any text");
    }
    text.push_str("    ],\n)\n");
    std::fs::write(file, text).map_err(LoadError::io(format!("write {}", file.display())))
}
