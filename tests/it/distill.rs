//! A recording becomes a scenario that answers as it did: what was there, what the provider does, and a proof of both.

mod overrides;
mod profiles;
mod seeds;
mod traits;
mod verb;

use crate::support::sp::{BASE, Sp};
use scimulate::distill::{About, Distilled, distill};
use scimulate::exchange::base::{rewrite_body, rewrite_headers};
use scimulate::exchange::{Body, Exchange, Request, Response, header_pairs};
use serde_json::{Value, json};
use std::time::Duration;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A session with a service provider, recorded as the proxy would.
struct Session {
    sp: Sp,
    recorded: Vec<(u64, Exchange)>,
}

impl Session {
    /// With the provider of a scenario that takes any token.
    fn with(scenario: &str) -> Self {
        Self {
            sp: Sp::with(scenario),
            recorded: Vec::new(),
        }
    }

    /// With `Provider(…)` of these fields, and these resources.
    fn of(provider: &str, resources: &str) -> Self {
        Self::with(&format!(
            "Scenario(clock: Step(from: \"2026-01-01T00:00:00Z\", by_ms: 1000), provider: Provider({provider}), {resources})"
        ))
    }

    fn ask(&mut self, method: &str, target: &str, body: Value) -> Value {
        self.ask_with(
            method,
            target,
            &[("authorization", "Bearer {secret}")],
            body,
        )
    }

    fn ask_with(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Value {
        let mut sent: Vec<(String, String)> = vec![("user-agent".into(), "it".into())];
        sent.extend(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let body = Some(body).filter(|it| !it.is_null());
        if body.is_some() {
            sent.push(("content-type".into(), "application/scim+json".into()));
        }
        let answer = self.sp.send_with(method, target, &sent, body.clone());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = query.split('&').filter(|it| !it.is_empty());
        let query = query.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        });
        let mut response = Response {
            status: answer.status,
            headers: header_pairs(&answer.headers),
            body: Body::Empty,
        };
        response.body = Body::read(&answer.bytes, response.content_type());
        rewrite_headers(&mut response.headers, BASE, "{base}");
        rewrite_body(&mut response.body, BASE, "{base}");
        let number = self.recorded.len() as u64 + 1;
        let at = format!("2026-01-01T00:{:02}:{:02}Z", number / 60, number % 60);
        self.recorded.push((
            number,
            Exchange {
                at: at.parse().unwrap(),
                elapsed: Duration::from_millis(5),
                ended: None,
                request: Request {
                    method: method.to_owned(),
                    path: path.to_owned(),
                    query: query.collect(),
                    headers: sent,
                    body: body.map_or(Body::Empty, Body::Json),
                },
                response,
            },
        ));
        serde_json::from_slice(&answer.bytes).unwrap_or_default()
    }

    fn get(&mut self, target: &str) -> Value {
        self.ask("GET", target, Value::Null)
    }

    fn user(&mut self, name: &str) -> String {
        let made = self.ask("POST", "/Users", user(name));
        made["id"].as_str().unwrap_or_default().to_owned()
    }

    fn patch(&mut self, target: &str, operations: Value) -> Value {
        self.ask(
            "PATCH",
            target,
            json!({"schemas": [PATCH], "Operations": operations}),
        )
    }

    /// The scenario, which must be one.
    #[track_caller]
    fn distilled(&self, overrides: bool) -> Distilled {
        distilled(&self.recorded, overrides)
    }

    /// The scenario, which must explain everything.
    #[track_caller]
    fn explained(&self) -> String {
        let distilled = self.distilled(false);
        let report = &distilled.report;
        assert!(
            report.is_whole(),
            "{:#?}\n{}",
            report.unexplained,
            distilled.scenario
        );
        assert_eq!(report.explained, self.recorded.len());
        distilled.scenario
    }
}

#[track_caller]
fn distilled(recorded: &[(u64, Exchange)], overrides: bool) -> Distilled {
    let about = About {
        upstream: Some("https://sp.example/scim/v2".into()),
        started: Some("2026-01-01T00:00:01Z".into()),
        schemas: "sp-schemas".into(),
    };
    let distilled =
        distill(recorded, &about, overrides).unwrap_or_else(|refused| panic!("{refused:?}"));
    if distilled.schemas.is_empty() {
        let (sp, told) = Sp::try_with(&distilled.scenario);
        assert!(
            sp.is_some() && told.is_empty(),
            "{told}\n{}",
            distilled.scenario
        );
    }
    distilled
}

fn user(name: &str) -> Value {
    json!({
        "schemas": [USER], "userName": name, "displayName": name, "active": true,
        "name": {"givenName": "G", "familyName": "F"},
        "emails": [{"value": format!("{name}@example.com"), "type": "work", "primary": true}]
    })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}
