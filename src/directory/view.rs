//! Resources as answers show them (RFC 7643 section 3.1): with `schemas`, `id`, `meta`, and both ends of each link.
//!
//! `Group.members` and `User.groups` are read from the same edges, so they cannot disagree.

use super::layout::LABEL;
use super::packed::Part;
use super::resource::{Rendered, Resource};
use super::snapshot::Snapshot;
use crate::scim::filter::Source;
use crate::scim::link::{Link, Targets};
use crate::scim::project::Projection;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned};
use crate::scim::{datetime, etag};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A snapshot as it is seen from one base URL.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The moment.
    pub snapshot: &'a Snapshot,
    /// The SCIM base URL, without a slash at its end.
    pub base: &'a str,
    /// Whether versions are shown.
    pub versions: bool,
}

/// One resource of a view.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    view: View<'a>,
    resource: &'a Resource,
}

impl<'a> View<'a> {
    /// One resource as it is seen from here.
    pub fn of(self, resource: &'a Resource) -> Shown<'a> {
        Shown {
            view: self,
            resource,
        }
    }

    fn types(self, resource: &Resource) -> &'a ResourceType {
        &self.snapshot.layout.types[resource.key.kind]
    }

    /// The URL of a resource.
    pub fn location(self, resource: &Resource) -> String {
        let endpoint = &self.types(resource).endpoint;
        format!(
            "{}{endpoint}/{}",
            self.base,
            utf8_percent_encode(&resource.id, UNRESERVED)
        )
    }

    /// A link with what is known of its target: `$ref`, its type, and the names that the schema mirrors.
    fn link(self, attribute: &Attribute, id: &str, given: &Map<String, Value>) -> Value {
        let mut out = Map::new();
        out.insert("value".into(), id.into());
        let target = self.snapshot.by_id(id);
        let target =
            target.filter(|target| attribute.link_targets().contains(&self.types(target).name));
        if let Some(target) = target {
            out.insert("$ref".into(), self.location(target).into());
        }
        for sub in &attribute.sub_attributes {
            let name = sub.name.as_str();
            let known = match (name, target) {
                ("value" | "$ref", _) => continue,
                ("type", Some(target)) => Some(Value::from(self.types(target).name.as_str()))
                    .filter(|name| sub.canonical_values.iter().any(|c| name == c)),
                ("display", Some(target)) => target.held.get(None, LABEL).map(Part::value),
                (_, Some(target)) if sub.mutability == Mutability::ReadOnly => {
                    target.held.get(None, name).map(Part::value)
                }
                _ => None,
            };
            if let Some(value) = known.or_else(|| given.get(name).cloned()) {
                out.insert(name.to_owned(), value);
            }
        }
        // What no schema has is here only where the provider keeps it.
        let kept = given
            .iter()
            .filter(|(name, _)| attribute.sub(name).is_none());
        out.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
        Value::Object(out)
    }
}

impl Targets for View<'_> {
    fn describe(&self, attribute: &Attribute, link: &Link) -> Value {
        self.link(attribute, &link.value, &link.given)
    }
}

impl<'a> Shown<'a> {
    /// The tag of its version, when versions are shown.
    pub fn tag(self) -> Option<String> {
        self.view.versions.then(|| etag::tag(self.resource.version))
    }

    /// Its URL.
    pub fn location(self) -> String {
        self.view.location(self.resource)
    }

    /// Its type.
    pub fn types(self) -> &'a ResourceType {
        self.view.types(self.resource)
    }

    /// What a projection shows. Links that it leaves out are not walked.
    pub fn projected(self, projection: &Projection) -> Map<String, Value> {
        let mut all = self.own(projection);
        for attribute in self
            .mirrors()
            .filter(|attribute| !projection.leaves_out(self.types(), attribute))
        {
            if let Some(list) = self.mirror(attribute) {
                all.insert(attribute.name.clone(), list);
            }
        }
        projection.apply(self.types(), all)
    }

    /// The default representation, serialised. What does not depend on who points here is serialised once.
    pub fn bytes(self) -> Bytes {
        let own = self.own_bytes();
        let mut end: Vec<u8> = Vec::new();
        for attribute in self.mirrors() {
            if let Some(list) = self.mirror(attribute) {
                end.extend_from_slice(
                    format!(",{}:{list}", Value::from(attribute.name.as_str())).as_bytes(),
                );
            }
        }
        if end.is_empty() {
            return own;
        }
        let mut whole = Vec::with_capacity(own.len() + end.len());
        whole.extend_from_slice(&own[..own.len() - 1]);
        whole.extend_from_slice(&end);
        whole.push(b'}');
        whole.into()
    }

    fn own_bytes(self) -> Bytes {
        if let Some(rendered) = self.resource.rendered.load().as_deref()
            && *rendered.base == *self.view.base
        {
            return rendered.bytes.clone();
        }
        let all = Projection::default();
        let shown = all.apply(self.types(), self.own(&all));
        let bytes = Bytes::from(Value::Object(shown).to_string());
        self.resource.rendered.store(Some(Arc::new(Rendered {
            base: self.view.base.into(),
            bytes: bytes.clone(),
        })));
        bytes
    }

    /// Everything but who points here, and but the links that `projection` leaves out.
    fn own(self, projection: &Projection) -> Map<String, Value> {
        let types = self.types();
        let mut out = Map::new();
        out.insert("schemas".into(), self.schemas());
        out.insert("id".into(), self.resource.id.as_ref().into());
        let attributes = self.resource.held.attributes.members();
        for (name, part) in attributes.filter(|(name, _)| types.extension(name).is_none()) {
            let value = self.one(types.attribute(name), part.value());
            out.insert(name.to_owned(), value);
        }
        for (name, set) in self
            .resource
            .held
            .links
            .iter()
            .filter(|(_, set)| !set.is_empty())
        {
            let Some(attribute) = types
                .attribute(name)
                .filter(|attribute| !projection.leaves_out(types, attribute))
            else {
                continue;
            };
            let list: Vec<_> = set
                .iter()
                .map(|link| self.view.describe(attribute, link))
                .collect();
            out.insert(name.clone(), list.into());
        }
        for extension in &types.extensions {
            let holder = self.resource.held.attributes.get(&extension.schema.id);
            let Some(holder) = holder.and_then(Part::members) else {
                continue;
            };
            let shown = holder.map(|(name, part)| {
                let attribute = crate::scim::schema::find(&extension.schema.attributes, name);
                (name.to_owned(), self.one(attribute, part.value()))
            });
            out.insert(extension.schema.id.clone(), Value::Object(shown.collect()));
        }
        out.insert("meta".into(), self.meta());
        out
    }

    /// A value of the content; a link to one is shown with what is known of its target.
    fn one(self, attribute: Option<&Attribute>, value: Value) -> Value {
        match (
            attribute,
            value.get("value").and_then(Value::as_str),
            &value,
        ) {
            (Some(attribute), Some(id), Value::Object(given))
                if !attribute.multi_valued && !attribute.link_targets().is_empty() =>
            {
                let Value::Object(mut shown) = self.view.link(attribute, id, given) else {
                    return value;
                };
                // A target that is not here may have been named by its URL.
                if let Some(reference) = given.get("$ref").filter(|_| !shown.contains_key("$ref")) {
                    shown.insert("$ref".into(), reference.clone());
                }
                Value::Object(shown)
            }
            _ => value,
        }
    }

    fn schemas(self) -> Value {
        let types = self.types();
        let held = types
            .extensions
            .iter()
            .map(|extension| extension.schema.id.as_str())
            .filter(|urn| self.resource.held.attributes.get(urn).is_some());
        // An object under a URN that the type does not have was kept: it is an extension that nobody described.
        let kept = self
            .resource
            .held
            .attributes
            .members()
            .filter(|(key, part)| {
                let known =
                    || types.extension(key).is_some() || key.eq_ignore_ascii_case(&types.schema.id);
                key.contains(':') && part.members().is_some() && !known()
            });
        std::iter::once(types.schema.id.as_str())
            .chain(held)
            .chain(kept.map(|(key, _)| key))
            .map(Value::from)
            .collect()
    }

    fn meta(self) -> Value {
        let mut meta = json!({
            "resourceType": self.types().name,
            "created": datetime::print(self.resource.created),
            "lastModified": datetime::print(self.resource.modified),
            "location": self.location(),
        });
        if let Some(tag) = self.tag() {
            meta["version"] = tag.into();
        }
        meta
    }

    /// Attributes that show who points here: readOnly, and naming the types that do.
    fn mirrors(self) -> impl Iterator<Item = &'a Attribute> {
        let attributes = self.types().schema.attributes.iter();
        attributes.filter(|attribute| {
            attribute.mutability == Mutability::ReadOnly
                && attribute.returned != Returned::Never
                && attribute.multi_valued
                && !attribute.link_targets().is_empty()
        })
    }

    fn mirror(self, attribute: &Attribute) -> Option<Value> {
        // RFC 7643 section 4.1.2: an edge of the resource's own is `direct`, one that leads here by way of others `indirect`.
        let holds = |sub: &str, word: &str| {
            attribute
                .sub(sub)
                .is_some_and(|sub| sub.canonical_values.iter().any(|value| value == word))
        };
        let mut list = Vec::new();
        for (referrer, direct) in self.pointing_here(attribute, holds("type", "indirect")) {
            let mut out = Map::new();
            out.insert("value".into(), referrer.id.as_ref().into());
            out.insert("$ref".into(), self.view.location(referrer).into());
            let label = referrer.held.get(None, LABEL);
            if let Some(label) = label.filter(|_| attribute.sub("display").is_some()) {
                out.insert("display".into(), label.value());
            }
            let kind = if direct { "direct" } else { "indirect" };
            if holds("type", kind) {
                out.insert("type".into(), kind.into());
            }
            list.push(Value::Object(out));
        }
        (!list.is_empty()).then_some(list.into())
    }

    /// Who points here, each once, the nearest first; circles end where they began.
    fn pointing_here(
        self,
        attribute: &Attribute,
        by_way_of_others: bool,
    ) -> Vec<(&'a Resource, bool)> {
        let (snapshot, layout) = (self.view.snapshot, &self.view.snapshot.layout);
        let mut found: Vec<(&Resource, bool)> = Vec::new();
        let mut seen = HashSet::from([self.resource.key]);
        let mut next = vec![self.resource];
        let mut direct = true;
        while !next.is_empty() && (direct || by_way_of_others) {
            let mut farther = Vec::new();
            for target in next {
                for (referrer, link) in snapshot.referrers(&target.id) {
                    let counts = layout.links[link].is_many()
                        && attribute
                            .link_targets()
                            .contains(&self.view.types(referrer).name);
                    if counts && seen.insert(referrer.key) {
                        found.push((referrer, direct));
                        farther.push(referrer.as_ref());
                    }
                }
            }
            next = farther;
            direct = false;
        }
        found
    }
}

impl Source for Shown<'_> {
    fn value(&self, extension: Option<&str>, name: &str) -> Option<Cow<'_, Value>> {
        let held = |name: &str| self.resource.held.get(extension, name).map(Part::value);
        if extension.is_none() {
            match name {
                "id" => return Some(Cow::Owned(self.resource.id.as_ref().into())),
                "meta" => return Some(Cow::Owned(self.meta())),
                "schemas" => return Some(Cow::Owned(self.schemas())),
                _ => {}
            }
        }
        let types = self.types();
        let attribute = match extension {
            None => types.attribute(name),
            Some(urn) => types.extension(urn).and_then(|extension| {
                crate::scim::schema::find(&extension.schema.attributes, name)
            }),
        };
        let linked = attribute.filter(|attribute| !attribute.link_targets().is_empty());
        let Some(attribute) = linked else {
            return held(name).map(Cow::Owned);
        };
        if let Some(set) = self
            .resource
            .held
            .links(name)
            .filter(|_| extension.is_none())
        {
            return Some(Cow::Owned(
                set.iter()
                    .map(|link| self.view.describe(attribute, link))
                    .collect(),
            ));
        }
        match held(name) {
            Some(value) => Some(Cow::Owned(self.one(Some(attribute), value))),
            None if attribute.mutability == Mutability::ReadOnly => {
                self.mirror(attribute).map(Cow::Owned)
            }
            None => None,
        }
    }
}
