//! The seed: what was there before the recording began, each resource as it was first read.
//!
//! A resource is of the seed when an answer shows it, or a request is taken that needs it, and no request before made it. Its id stays, so
//! that the client which was recorded finds it again. What the provider makes itself (`meta`, `groups` of a user, URLs) is left to it.

use super::binding::{last_segment, members_of, text};
use super::observe::parameter;
use super::proof::Recorded;
use crate::exchange::walk::{self, Place, Schemas, Visit};
use crate::exchange::{Body, Exchange};
use crate::scim::path::member;
use crate::scim::resource::is_link;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Mutability;
use crate::scim::{Leniencies, Reading, validate};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A resource that was there.
#[derive(Debug, Clone)]
pub(super) struct Seeded {
    /// The name of its type.
    pub(super) kind: String,
    /// Its id; `None` where nobody read it.
    pub(super) id: Option<String>,
    /// What it holds.
    pub(super) members: Map<String, Value>,
    /// The exchange that shows it first.
    pub(super) exchange: u64,
    /// How it is known, where nobody simply read it.
    pub(super) note: Option<String>,
    /// A request has changed it: what is read from now on is not how it began.
    pub(super) changed: bool,
    /// Its members were read, or it was changed before anybody could: then users do not add to them.
    pub(super) shows_members: bool,
}

/// Resources of which only the number is known.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    /// The name of their type.
    pub(super) kind: &'static str,
    pub(super) count: usize,
    /// How many there are with those that were read, by this exchange.
    pub(super) total: usize,
    pub(super) exchange: u64,
}

/// What was there, in the order in which it was first seen, and how many more.
pub(super) fn seed(recorded: &Recorded) -> (Vec<Seeded>, Vec<Unread>) {
    let mut fold = Fold {
        schemas: recorded.entities.schemas(),
        found: Vec::new(),
        made: HashSet::new(),
        names: HashSet::new(),
        memberships: Vec::new(),
        totals: Vec::new(),
        gone: Vec::new(),
    };
    for (number, exchange) in &recorded.exchanges {
        fold.exchange(*number, exchange);
    }
    fold.enrol();
    fold.link();
    fold.mend();
    let unread = fold.unread();
    (fold.found, unread)
}

/// A recording on its way to a seed.
pub(super) struct Fold<'r> {
    pub(super) schemas: &'r Schemas,
    pub(super) found: Vec<Seeded>,
    /// Types and ids of what clients made.
    made: HashSet<(String, String)>,
    /// Of users that were read: in which groups they are, with the exchange.
    pub(super) memberships: Vec<(String, Value, u64)>,
    /// How many there were of a type when a list first said so, without what clients had made by then.
    totals: Vec<(&'static str, usize, u64)>,
    /// Types and ids of what clients deleted.
    gone: Vec<(String, String)>,
    /// Types and names of all that was seen or made.
    names: HashSet<(String, String)>,
}

/// The resources of an answer.
#[derive(Default)]
struct Shown(Vec<(String, Map<String, Value>)>);

impl Visit for Shown {
    fn value(&mut self, _place: &Place<'_>, _value: &mut Value) {}

    fn resource(&mut self, kind: Option<&ResourceType>, resource: &Map<String, Value>) {
        if let Some(kind) = kind {
            self.0.push((kind.name.clone(), resource.clone()));
        }
    }
}

impl Fold<'_> {
    fn exchange(&mut self, number: u64, exchange: &Exchange) {
        let (request, response) = (&exchange.request, &exchange.response);
        if super::proof::is_discovery(&request.path) {
            return;
        }
        let kind = request
            .path
            .split('/')
            .find_map(|it| self.schemas.by_endpoint(it));
        let kind = kind.map(|kind| kind.name.clone());
        let is_search = request.path.ends_with("/.search");
        let reads = is_search || matches!(request.method.as_str(), "GET" | "HEAD");
        let done = (200..300).contains(&response.status);
        if request.method == "POST" && !is_search {
            match (&kind, response.status) {
                (Some(kind), 201) => {
                    self.note_made(kind, response_id(exchange));
                    self.names.extend(
                        name_sent(kind, exchange).map(|name| (kind.clone(), name.to_lowercase())),
                    );
                }
                (Some(kind), 400 | 409) if is_taken(exchange) => {
                    self.note_taken(kind, number, exchange);
                }
                _ => {}
            }
        }
        for operation in members_of(&response.body, "Operations") {
            let made = text(operation, "method").is_some_and(|it| it.eq_ignore_ascii_case("post"));
            if let (true, Some(location)) = (made, text(operation, "location")) {
                let kind = location
                    .split('/')
                    .find_map(|it| self.schemas.by_endpoint(it));
                if let Some(kind) = kind.map(|kind| kind.name.clone()) {
                    self.note_made(&kind, Some(last_segment(location).to_owned()));
                }
            }
        }
        if let Some(kind) = &kind {
            self.note_total(kind, number, exchange);
        }
        let subject = last_segment(&request.path);
        if let (Some(kind), "DELETE", true) = (&kind, request.method.as_str(), done) {
            self.gone.push((kind.clone(), subject.to_owned()));
        }
        let about_one = !reads && request.path.trim_matches('/').contains('/');
        let mut shown = Shown::default();
        if done {
            walk::response(
                self.schemas,
                &request.path,
                &mut response.clone(),
                &mut shown,
            );
        }
        for (kind, resource) in shown.0 {
            if let Some(name) = member(&resource, name_of(&kind)).and_then(Value::as_str) {
                self.names.insert((kind.clone(), name.to_lowercase()));
            }
            let Some(id) = member(&resource, "id").and_then(Value::as_str) else {
                continue;
            };
            if !self.is_made(&kind, id) {
                for group in groups_of(&resource) {
                    let changed = text(group, "value").and_then(|it| self.find("Group", it));
                    if changed.is_some_and(|it| it.changed)
                        || text(group, "type") == Some("indirect")
                    {
                        continue;
                    }
                    self.memberships
                        .push((id.to_owned(), group.clone(), number));
                }
                let changes = about_one && id == subject;
                self.note_shown(&kind, id, &resource, number, changes);
            }
        }
        if done
            && about_one
            && !is_search
            && let Some(kind) = kind
            && !self.is_made(&kind, subject)
        {
            self.note_changed(&kind, subject, number, &request.method);
        }
    }

    pub(super) fn is_made(&self, kind: &str, id: &str) -> bool {
        self.made.contains(&(kind.to_owned(), id.to_owned()))
    }

    fn note_made(&mut self, kind: &str, id: Option<String>) {
        if let Some(id) = id {
            self.made.insert((kind.to_owned(), id));
        }
    }

    pub(super) fn find(&mut self, kind: &str, id: &str) -> Option<&mut Seeded> {
        let is = |it: &&mut Seeded| it.kind == kind && it.id.as_deref() == Some(id);
        self.found.iter_mut().find(is)
    }

    /// A resource was read, or is the answer to a change of it.
    fn note_shown(
        &mut self,
        kind: &str,
        id: &str,
        resource: &Map<String, Value>,
        number: u64,
        changes: bool,
    ) {
        let own = self.schemas.by_name(kind).map_or_else(
            || resource.clone(),
            |kind| without_what_the_provider_makes(kind, resource),
        );
        let shows_members = changes || member(&own, "members").is_some();
        if let Some(known) = self.find(kind, id) {
            known.shows_members |= shows_members;
            if !known.changed && !changes {
                for (name, value) in own {
                    if member(&known.members, &name).is_none() {
                        known.members.insert(name, value);
                    }
                }
            }
            return;
        }
        self.found.push(Seeded {
            kind: kind.to_owned(),
            id: Some(id.to_owned()),
            members: own,
            exchange: number,
            note: changes.then(|| format!("as exchange {number} left it: nothing before shows it")),
            changed: changes,
            shows_members,
        });
    }

    /// A request about a resource was taken.
    fn note_changed(&mut self, kind: &str, id: &str, number: u64, method: &str) {
        if let Some(known) = self.find(kind, id) {
            known.changed = true;
            return;
        }
        self.found.push(Seeded {
            kind: kind.to_owned(),
            id: Some(id.to_owned()),
            members: Map::new(),
            exchange: number,
            note: Some(format!(
                "never read; exchange {number}, a {method}, finds it"
            )),
            changed: false,
            shows_members: false,
        });
    }

    /// Somebody has the name that a request asks for.
    fn note_taken(&mut self, kind: &str, number: u64, exchange: &Exchange) {
        let Some(taken) = name_sent(kind, exchange) else {
            return;
        };
        let name = name_of(kind);
        let same = |it: &Seeded| {
            let known = member(&it.members, name).and_then(Value::as_str);
            it.kind == kind && known.is_some_and(|known| known.eq_ignore_ascii_case(taken))
        };
        let made = (kind.to_owned(), taken.to_lowercase());
        if self.found.iter().any(same) || self.names.contains(&made) {
            return;
        }
        self.found.push(Seeded {
            kind: kind.to_owned(),
            id: None,
            members: Map::from_iter([(name.to_owned(), json!(taken))]),
            exchange: number,
            note: Some(format!(
                "never read; exchange {number} says that the name is taken"
            )),
            changed: false,
            shows_members: false,
        });
    }

    /// A list of all says how many there are.
    fn note_total(&mut self, kind: &str, number: u64, exchange: &Exchange) {
        let Some(kind) = ["User", "Group"].into_iter().find(|it| *it == kind) else {
            return;
        };
        let request = &exchange.request;
        let is_all =
            request.method == "GET" && request.path.trim_matches('/').split('/').count() == 1;
        if !is_all
            || parameter(exchange, "filter").is_some()
            || self.totals.iter().any(|(it, ..)| *it == kind)
        {
            return;
        }
        let Some(total) = super::observe::number(&exchange.response, "totalResults") else {
            return;
        };
        let made = self
            .made
            .iter()
            .filter(|it| it.0 == kind && !self.gone.contains(it))
            .count();
        let gone = self
            .gone
            .iter()
            .filter(|it| it.0 == kind && !self.made.contains(it))
            .count();
        self.totals
            .push((kind, (total + gone).saturating_sub(made), number));
    }

    /// How many of each type nobody read.
    fn unread(&self) -> Vec<Unread> {
        let unread = self.totals.iter().filter_map(|(kind, total, exchange)| {
            let read = self.found.iter().filter(|it| it.kind == *kind).count();
            let count = total.checked_sub(read).filter(|it| *it > 0)?;
            Some(Unread {
                kind,
                count,
                total: *total,
                exchange: *exchange,
            })
        });
        unread.collect()
    }

    /// Makes each resource one that its schema takes.
    fn mend(&mut self) {
        let mut ids: HashSet<String> = HashSet::new();
        for seeded in &mut self.found {
            // A provider may give the same id to a user and a group; a scenario does not.
            if let Some(id) = seeded.id.take_if(|id| !ids.insert(id.clone())) {
                let had = format!("its id was `{id}`, which another type has here");
                let note = seeded.note.take();
                seeded.note = Some(note.map_or(had.clone(), |it| format!("{it}; {had}")));
            }
            let Some(kind) = self.schemas.by_name(&seeded.kind) else {
                continue;
            };
            for required in kind.attributes().filter(|it| it.required) {
                if member(&seeded.members, &required.name).is_none()
                    && let Some(id) = &seeded.id
                {
                    seeded.members.insert(required.name.clone(), json!(id));
                }
            }
            let body = with_links_as_objects(kind, &seeded.members);
            let reading = Reading::quiet(Leniencies::BY_DEFAULT);
            let (_, problems) = validate::resource(kind, &body, reading);
            for problem in problems {
                let named = |name: &&String| {
                    let rest = problem.place.get(name.len()..).unwrap_or("x");
                    problem
                        .place
                        .to_lowercase()
                        .starts_with(&name.to_lowercase())
                        && !rest.starts_with(|c: char| c.is_alphanumeric())
                };
                let wrong = seeded
                    .members
                    .keys()
                    .filter(named)
                    .max_by_key(|it| it.len());
                if let Some(name) = wrong.cloned() {
                    seeded.members.shift_remove(&name);
                    let place = &problem.place;
                    let lacks = format!("without `{place}`, which its schema does not take");
                    let note = seeded.note.take();
                    seeded.note = Some(note.map_or(lacks.clone(), |it| format!("{it}; {lacks}")));
                }
            }
        }
    }
}

/// The groups that a user is in directly.
fn groups_of(resource: &Map<String, Value>) -> &[Value] {
    let groups = member(resource, "groups").and_then(Value::as_array);
    groups.map_or(&[], Vec::as_slice)
}

/// What a resource is known by.
fn name_of(kind: &str) -> &'static str {
    if kind == "User" {
        "userName"
    } else {
        "displayName"
    }
}

fn name_sent<'e>(kind: &str, exchange: &'e Exchange) -> Option<&'e str> {
    let Body::Json(Value::Object(sent)) = &exchange.request.body else {
        return None;
    };
    member(sent, name_of(kind))?.as_str()
}

/// What a client could have written of it.
fn without_what_the_provider_makes(
    kind: &ResourceType,
    resource: &Map<String, Value>,
) -> Map<String, Value> {
    let mut own = Map::new();
    for (name, value) in resource {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        if is("id") || is("meta") || is("schemas") || value.is_null() || value == &json!([]) {
            continue;
        }
        let attribute = kind.attribute(name);
        if attribute.is_some_and(|it| it.mutability == Mutability::ReadOnly) {
            continue;
        }
        let mut value = value.clone();
        if !attribute.is_some_and(is_link) {
            without_nothing(&mut value);
        }
        own.insert(
            attribute.map_or_else(|| name.clone(), |it| it.name.clone()),
            value,
        );
    }
    own
}

/// Null and empty lists are the same as nothing (RFC 7643 section 2.5).
fn without_nothing(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, it| !it.is_null() && *it != json!([]));
            members.values_mut().for_each(without_nothing);
        }
        Value::Array(list) => list.iter_mut().for_each(without_nothing),
        _ => {}
    }
}

fn with_links_as_objects(kind: &ResourceType, members: &Map<String, Value>) -> Value {
    let mut members = members.clone();
    for (name, value) in &mut members {
        if let (Some(attribute), Value::Array(list)) = (kind.attribute(name), value)
            && !attribute.link_targets().is_empty()
        {
            for link in list.iter_mut().filter(|it| it.is_string()) {
                *link = json!({"value": link.take()});
            }
        }
    }
    Value::Object(members)
}

fn response_id(exchange: &Exchange) -> Option<String> {
    super::binding::id_of(&exchange.response).or_else(|| {
        let mut headers = exchange.response.headers.iter();
        let location = headers.find(|(name, _)| name.eq_ignore_ascii_case("location"));
        location.map(|(_, url)| last_segment(url).to_owned())
    })
}

/// Whether a request was refused because somebody has the name already.
pub(super) fn is_taken(exchange: &Exchange) -> bool {
    let response = &exchange.response;
    let said = match &response.body {
        Body::Json(body) => body.to_string().to_lowercase(),
        _ => String::new(),
    };
    response.status == 409 || response.status == 400 && said.contains("uniqueness")
}
