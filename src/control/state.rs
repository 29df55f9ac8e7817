//! The whole directory of a tenant, in the form of a scenario's resources: `{"users": […], "groups": […], "resources": {"Device": […]}}`.
//!
//! What goes out can come in again. Times and versions are the provider's and stay behind, and what is never returned (a password)
//! is not here, for it is not kept.

use super::problem::Problem;
use crate::directory::{Resource, SeedProblem, Snapshot};
use crate::scim::ErrorKind;
use crate::service::Tenant;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The lists of a scenario that have a name of their own.
const NAMED: [(&str, &str); 2] = [("users", "User"), ("groups", "Group")];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct State {
    users: Vec<Map<String, Value>>,
    groups: Vec<Map<String, Value>>,
    resources: BTreeMap<String, Vec<Map<String, Value>>>,
}

/// The state of a tenant.
pub(super) fn export(tenant: &Tenant) -> Value {
    let moment = tenant.directory.moment();
    let mut out = json!({"users": [], "groups": [], "resources": {}});
    for (kind, types) in tenant.layout().types.iter().enumerate() {
        let list: Value = moment.of_kind(kind).map(|it| written(it)).collect();
        match NAMED.iter().find(|(_, name)| *name == types.name) {
            Some((member, _)) => out[member] = list,
            None => out["resources"][&types.name] = list,
        }
    }
    out
}

/// A resource as a scenario would have it.
fn written(resource: &Resource) -> Value {
    let content = resource.content();
    let mut out = Map::new();
    out.insert("id".into(), resource.id.as_ref().into());
    out.extend(content.attributes);
    for (name, links) in content.links {
        let link = |link: &crate::scim::link::Link| {
            let mut out = Map::new();
            out.insert("value".into(), link.value.as_ref().into());
            out.extend(link.given.clone());
            Value::Object(out)
        };
        let list: Vec<_> = links.iter().map(|it| link(it)).collect();
        if !list.is_empty() {
            out.insert(name, list.into());
        }
    }
    Value::Object(out)
}

/// The moment that a state describes, or everything that is wrong with it.
pub(super) fn read(tenant: &Tenant, body: &[u8]) -> Result<Snapshot, Problem> {
    let state: State = serde_json::from_slice(body)
        .map_err(|error| Problem::new(ErrorKind::BadRequest, format!("the body: {error}")))?;
    let layout = tenant.layout();
    let mut lists = vec![Vec::new(); layout.types.len()];
    // Where each resource came from, as problems name it.
    let mut places = vec![Vec::new(); layout.types.len()];
    let named = NAMED.iter().zip([state.users, state.groups]);
    let named =
        named.map(|((member, name), list)| ((*member).to_owned(), (*name).to_owned(), list));
    let others = state.resources.into_iter();
    let others = others.map(|(name, list)| (format!("resources.{name}"), name, list));
    for (member, name, list) in named.chain(others) {
        let Some(kind) = layout.kind_named(&name) else {
            let known: Vec<_> = layout.types.iter().map(|it| it.name.as_str()).collect();
            let known = known.join(", ");
            let detail = format!("`{name}` is no type of this tenant; expected one of {known}");
            return Err(Problem::new(ErrorKind::BadRequest, detail));
        };
        places[kind].extend((0..list.len()).map(|n| format!("{member}[{n}]")));
        lists[kind].extend(list);
    }
    let told = |problem: SeedProblem| {
        let mut place = places[problem.kind][problem.entry].clone();
        if !problem.place.is_empty() {
            place = format!("{place}.{}", problem.place);
        }
        json!({"place": place, "detail": problem.message})
    };
    tenant.moment_of(&lists).map_err(|problems| {
        let detail = format!(
            "nothing was changed: {} of its values do not do",
            problems.len()
        );
        Problem::new(ErrorKind::BadRequest, detail).with(problems.into_iter().map(told).collect())
    })
}
