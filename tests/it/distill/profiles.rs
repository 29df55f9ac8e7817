//! Sessions with every profile: whatever they do, the scenario does.

use super::{Session, group, user};
use serde_json::{Value, json};

const RESOURCES: &str = r#"
    users: [
        {"id": "u1", "userName": "ann", "displayName": "Ann", "active": true, "name": {"givenName": "A", "familyName": "N"}},
        {"id": "u2", "userName": "bob", "displayName": "Bob", "active": true, "name": {"givenName": "B", "familyName": "O"}},
    ],
    groups: [{"id": "g1", "displayName": "Staff", "members": ["u1"]}]"#;

/// What an identity provider does in its first hour.
fn session(provider: &str) -> Session {
    let mut session = Session::of(provider, RESOURCES);
    let it = &mut session;
    it.get("/ServiceProviderConfig");
    it.get("/Users?startIndex=1&count=100");
    it.get("/Groups");
    it.get("/Users?filter=userName eq \"ann\"");
    it.get("/Users?filter=userName eq \"carol\"");
    let carol = it.user("carol");
    it.ask("POST", "/Users", user("carol"));
    it.get(&format!("/Users/{carol}"));
    it.patch(
        &format!("/Users/{carol}"),
        json!([{"op": "Replace", "path": "active", "value": "False"}]),
    );
    it.patch(
        &format!("/Users/{carol}"),
        json!([{"op": "replace", "value": {"displayName": "Carol C."}}]),
    );
    it.get(&format!("/Users/{carol}"));
    let team = it.ask("POST", "/Groups", group("Team", &[&carol]));
    let team = team["id"].as_str().unwrap_or("none").to_owned();
    it.ask("POST", "/Groups", group("Team", &[]));
    it.patch(
        &format!("/Groups/{team}"),
        json!([{"op": "add", "path": "members", "value": [{"value": "u2"}]}]),
    );
    it.get(&format!("/Groups/{team}"));
    it.ask("PUT", &format!("/Groups/{team}"), group("Team", &["u1"]));
    it.patch(
        "/Groups/g1",
        json!([{"op": "remove", "path": "members[value eq \"u1\"]"}]),
    );
    it.get("/Groups/g1");
    it.get("/Users?filter=title pr");
    it.get("/Users?sortBy=userName");
    it.get("/Me");
    it.get("/Nothing");
    it.get("/Users/nobody");
    it.ask("DELETE", &format!("/Users/{carol}"), Value::Null);
    it.get(&format!("/Users/{carol}"));
    it.ask("DELETE", "/Groups/g1", Value::Null);
    it.get("/Groups");
    session
}

#[track_caller]
fn check(profile: &str) {
    session(&format!("profile: {profile:?}")).explained();
}

macro_rules! profiles {
    ($($test:ident $profile:literal;)*) => {$(
        #[test]
        fn $test() {
            check($profile);
        }
    )*};
}

profiles! {
    rfc "rfc";
    interop "interop";
    okta_ready "okta-ready";
    entra_ready "entra-ready";
    atlassian "atlassian";
    aws_identity_center "aws-identity-center";
    entra_as_sp "entra-as-sp";
    github "github";
    hcp_terraform "hcp-terraform";
    salesforce "salesforce";
    sentry "sentry";
    slack "slack";
    snowflake "snowflake";
    zoom "zoom";
}
