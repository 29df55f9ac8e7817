//! Oracle's identity domains (OCI IAM, IDCS), generic SCIM app templates. Source: docs.oracle.com/en-us/iaas/Content/Identity/scim,
//! `add-application-using-generic-scim-app-template`, `supported-operations`, `test-provisioning-operations-you-selected`.
//!
//! | what | how sure |
//! | --- | --- |
//! | users only: list, create, read, PUT, DELETE; no PATCH and no groups | H |
//! | who is there is found out by listing everybody | H |
//! | who leaves is deactivated or deleted, as the operations were chosen | M |
//! | deactivation is the same PUT; the test of the connection; pages of 50; headers; bodies | L |
//!
//! What is L was inferred and never seen: a real recording would settle it.

use super::request::segment;
use super::{Deprovision, Match, Request, Wanted, Ways};
use crate::idp::directory::ENTERPRISE;
use serde_json::{Map, Value, json};
use std::time::Duration;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PAGE: usize = 50;

pub(super) const WAYS: Ways = Ways {
    headers: &[("accept", "application/scim+json, application/json")],
    content_type: "application/scim+json",
    matching: Match::List(PAGE),
    probes_each_cycle: false,
    pushes_groups: false,
    creates_inactive: true,
    clears: true,
    manager_in_profile: true,
    leaving: Deprovision::Deactivate,
    may_delete: true,
    purge_after: None,
    timeout: Duration::from_mins(1),
};

pub(super) fn test() -> Vec<Request> {
    vec![Request::new("GET", "/Users").asking("count=1".to_owned())]
}

pub(super) fn list(page: usize) -> Request {
    let query = format!("startIndex={}&count={PAGE}", page * PAGE + 1);
    Request::new("GET", "/Users").asking(query)
}

pub(super) fn create_person(wanted: Wanted<'_>) -> Request {
    Request::new("POST", "/Users").with(whole(None, wanted).into())
}

pub(super) fn update_person(id: &str, wanted: Wanted<'_>) -> Vec<Request> {
    let path = format!("/Users/{}", segment(id));
    vec![Request::new("PUT", &path).with(whole(Some(id), wanted).into())]
}

fn whole(id: Option<&str>, wanted: Wanted<'_>) -> Map<String, Value> {
    let mut known = wanted.person.attributes.clone();
    if let Some(manager) = wanted.manager {
        let extension = known.entry(ENTERPRISE).or_insert_with(|| json!({}));
        if let Value::Object(extension) = extension {
            extension.insert("manager".to_owned(), json!({"value": manager}));
        }
    }
    let extensions = known.keys().filter(|it| it.contains(':')).cloned();
    let schemas: Vec<String> = std::iter::once(USER.to_owned()).chain(extensions).collect();
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!(schemas));
    if let Some(id) = id {
        body.insert("id".to_owned(), id.into());
    }
    for name in ["userName", "name", "emails"] {
        if let Some(value) = known.shift_remove(name) {
            body.insert(name.to_owned(), value);
        }
    }
    body.extend(known);
    body.insert("active".to_owned(), wanted.active.into());
    body
}
