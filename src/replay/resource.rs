//! What a recording has shown of one resource so far: its content, the values that are asked for, and whom it links to.

use crate::exchange::canonical::{self, intent};
use crate::exchange::walk::{Part, Place, Role, Schemas, Visit};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource::Content;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Mutability;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

/// A resource as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    shown: Option<Shown>,
    /// Values of attributes that some exchange asks for, by path.
    pub(super) values: BTreeSet<(String, String)>,
    /// The ids that it links to.
    pub(super) links: HashSet<String>,
    /// The name by which others show it.
    pub(super) label: Option<String>,
}

/// The content of a resource, read when it is wanted: most resources are never patched.
#[derive(Debug, Clone)]
enum Shown {
    Json(Arc<(Value, OnceLock<Arc<Content>>)>),
    Content(Arc<Content>),
}

impl Known {
    /// Its content, where all of it is known.
    pub(super) fn content(&self, types: &ResourceType) -> Option<Arc<Content>> {
        match self.shown.as_ref()? {
            Shown::Content(content) => Some(content.clone()),
            Shown::Json(shown) => {
                let (resource, content) = &**shown;
                let read = || Arc::new(intent::content(types, resource));
                Some(content.get_or_init(read).clone())
            }
        }
    }

    /// Takes in a representation; `whole` when no attribute was left out on request.
    pub(super) fn learn(
        &mut self,
        types: Option<&ResourceType>,
        paths: &[AttributePath],
        resource: &Value,
        whole: bool,
    ) {
        for path in paths {
            let texts = canonical::texts(types, path, resource);
            let name = path.to_string();
            // What is not shown may be there all the same.
            if !texts.is_empty() {
                self.values.retain(|(known, _)| *known != name);
            }
            let texts = texts.into_iter().map(|text| (name.clone(), text));
            self.values.extend(texts);
        }
        if !whole {
            return;
        }
        if let Some(members) = resource.as_object() {
            self.links = links(types, members);
            self.label = label(members).or_else(|| self.label.take());
        }
        let known = match &self.shown {
            Some(Shown::Json(shown)) => shown.0 == *resource,
            _ => false,
        };
        if !known {
            self.shown = Some(Shown::Json(Arc::new((resource.clone(), OnceLock::new()))));
        }
    }

    /// Takes in what a PATCH has made of it, where that is known, and what it mentions where it is not.
    pub(super) fn patched(
        &mut self,
        types: Option<&ResourceType>,
        paths: &[AttributePath],
        after: Option<Content>,
        mentioned: &Mentioned,
    ) {
        let Some(after) = after else {
            self.shown = None;
            self.links.extend(mentioned.ids.iter().cloned());
            // It may have another one now.
            self.label = None;
            return;
        };
        let resource = Value::Object(after.attributes.clone());
        for path in paths {
            let texts = canonical::texts(types, path, &resource);
            let name = path.to_string();
            self.values.retain(|(known, _)| *known != name);
            self.values
                .extend(texts.into_iter().map(|text| (name.clone(), text)));
            let linked = after
                .links
                .iter()
                .find(|(attribute, _)| attribute.eq_ignore_ascii_case(&path.name));
            for link in linked.into_iter().flat_map(|(_, links)| links.iter()) {
                self.values.insert((name.clone(), link.value.to_string()));
            }
        }
        self.links = links(types, &after.attributes);
        let many = after.links.iter().flat_map(|(_, links)| links.iter());
        self.links.extend(many.map(|link| link.value.to_string()));
        self.label = label(&after.attributes);
        self.shown = Some(Shown::Content(Arc::new(after)));
    }

    /// One that it linked to is gone; whether the link is too, is for the provider.
    pub(super) fn lost(&mut self, id: &str) {
        self.links.remove(id);
        self.shown = None;
    }
}

fn label(members: &Map<String, Value>) -> Option<String> {
    let named = ["displayName", "userName"]
        .into_iter()
        .map(|name| member(members, name).and_then(Value::as_str));
    let names: Vec<&str> = named.flatten().collect();
    (!names.is_empty()).then(|| names.join("\n"))
}

fn links(types: Option<&ResourceType>, members: &Map<String, Value>) -> HashSet<String> {
    let mut ids = HashSet::new();
    let Some(types) = types else { return ids };
    for (extension, attribute) in types.all_attributes() {
        if attribute.link_targets().is_empty() || attribute.mutability == Mutability::ReadOnly {
            continue;
        }
        let holder = match extension {
            None => Some(members),
            Some(urn) => member(members, urn).and_then(Value::as_object),
        };
        let value = holder.and_then(|holder| member(holder, &attribute.name));
        let each = match value {
            Some(Value::Array(list)) => list.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        let each = each.iter().filter_map(|link| match link {
            Value::Object(link) => member(link, "value")?.as_str(),
            other => other.as_str(),
        });
        ids.extend(each.map(str::to_owned));
    }
    ids
}

/// Whether a representation shows who links to it.
pub(super) fn shows_links_back(schemas: &Schemas, resource: &Value) -> bool {
    let Some(members) = resource.as_object() else {
        return false;
    };
    let Some(types) = schemas.of_resource(members) else {
        return false;
    };
    types.attributes().any(|attribute| {
        let back =
            attribute.mutability == Mutability::ReadOnly && !attribute.link_targets().is_empty();
        let shown = member(members, &attribute.name).and_then(Value::as_array);
        back && shown.is_some_and(|list| !list.is_empty())
    })
}

/// The ids that a request mentions in its body.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    pub(super) ids: Vec<String>,
}

impl Visit for Mentioned {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let (Part::Body, Role::Id { .. }, Value::String(id)) = (place.part, place.role, value) {
            self.ids.push(id.clone());
        }
    }
}
