//! Resource types (RFC 7643 section 6): an endpoint, its base schema and extensions, and how an attribute path finds its attribute.
//!
//! The common attributes of section 3.1 (`schemas`, `id`, `externalId`, `meta`) belong to every type and are data as well.

use super::path::AttributePath;
use super::schema::{Attribute, Returned, Schema, find};
use super::{Leniency, Reading};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// The schema URN of a resource type document.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

static COMMON: LazyLock<Arc<Schema>> =
    LazyLock::new(|| embedded(include_str!("schemas/common.json")));
static USER: LazyLock<Arc<Schema>> = LazyLock::new(|| embedded(include_str!("schemas/user.json")));
static GROUP: LazyLock<Arc<Schema>> =
    LazyLock::new(|| embedded(include_str!("schemas/group.json")));
static ENTERPRISE_USER: LazyLock<Arc<Schema>> =
    LazyLock::new(|| embedded(include_str!("schemas/enterprise_user.json")));

fn embedded(document: &str) -> Arc<Schema> {
    let document = serde_json::from_str(document).expect("an embedded schema is JSON");
    Arc::new(Schema::parse(&document).expect("an embedded schema is a schema"))
}

/// The schemas of RFC 7643 section 8.7.2, which describe the discovery documents themselves.
pub fn discovery_schemas() -> Vec<Arc<Schema>> {
    vec![
        embedded(include_str!("schemas/service_provider_config.json")),
        embedded(include_str!("schemas/resource_type.json")),
        embedded(include_str!("schemas/schema.json")),
    ]
}

/// A schema that extends a resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Whether each resource must carry it.
    pub required: bool,
}

/// What a resource may hold, and where resources of the kind live.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    /// `User`: the value of `meta.resourceType`.
    pub name: String,
    /// `/Users`.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// The attributes that every resource has (RFC 7643 section 3.1).
    pub common: Arc<Schema>,
    /// The base schema.
    pub schema: Arc<Schema>,
    /// Extensions, in the order in which they are published.
    pub extensions: Vec<Extension>,
}

/// What an attribute path means for a resource type.
#[derive(Debug, Clone, Copy)]
pub enum Resolved<'a> {
    /// An attribute, in an extension when `extension` names one.
    Attribute {
        /// The URN of the extension that holds it.
        extension: Option<&'a str>,
        /// The attribute.
        attribute: &'a Attribute,
        /// Its sub-attribute, when the path names one.
        sub: Option<&'a Attribute>,
    },
    /// A whole extension: the path is its URN.
    Extension(&'a Extension),
}

impl ResourceType {
    /// The User of RFC 7643 section 4.1, with the enterprise extension of section 4.3.
    pub fn user() -> Self {
        Self {
            name: "User".into(),
            endpoint: "/Users".into(),
            description: "User Account".into(),
            common: Self::common(),
            schema: USER.clone(),
            extensions: vec![Extension {
                schema: ENTERPRISE_USER.clone(),
                required: false,
            }],
        }
    }

    /// A type that has this schema and no endpoint: what discovery documents are, so that paths find their attributes.
    pub fn of(schema: Arc<Schema>) -> Self {
        Self {
            name: schema.name.clone(),
            endpoint: String::new(),
            description: schema.description.clone(),
            common: Self::common(),
            schema,
            extensions: Vec::new(),
        }
    }

    /// The Group of RFC 7643 section 4.2.
    pub fn group() -> Self {
        Self {
            name: "Group".into(),
            endpoint: "/Groups".into(),
            description: "Group".into(),
            common: Self::common(),
            schema: GROUP.clone(),
            extensions: Vec::new(),
        }
    }

    /// The schemas of RFC 7643 sections 4.1 to 4.3.
    pub fn schemas_of_rfc_7643() -> [Arc<Schema>; 3] {
        [USER.clone(), GROUP.clone(), ENTERPRISE_USER.clone()]
    }

    /// The attributes that every resource has (RFC 7643 section 3.1).
    pub fn common() -> Arc<Schema> {
        COMMON.clone()
    }

    /// The extension whose URN is `urn`, whatever its case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions
            .iter()
            .find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// The same by the letter or not: leniently, under the URN that it had in a draft or in SCIM 1.1 too.
    pub fn extension_by(&self, urn: &str, reading: Reading<'_>) -> Option<&Extension> {
        self.extension(self.schema_named(urn, reading)?)
    }

    /// The URN of that schema of this type which `urn` names, by the letter or not.
    pub fn schema_named(&self, urn: &str, reading: Reading<'_>) -> Option<&str> {
        let extensions = self.extensions.iter().map(|it| it.schema.id.as_str());
        let mut urns = std::iter::once(self.schema.id.as_str()).chain(extensions);
        urns.clone()
            .find(|known| known.eq_ignore_ascii_case(urn))
            .or_else(|| {
                urns.find(|known| is_draft_of(urn, known))
                    .filter(|_| reading.takes(Leniency::DraftSchema))
            })
    }

    /// Every top-level attribute outside the extensions: the common ones, then the base schema's.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.common.attributes.iter().chain(&self.schema.attributes)
    }

    /// Every top-level attribute, with the URN of the extension that holds it.
    pub fn all_attributes(&self) -> impl Iterator<Item = (Option<&str>, &Attribute)> {
        let extended = self.extensions.iter().flat_map(|extension| {
            extension
                .schema
                .attributes
                .iter()
                .map(|attribute| (Some(extension.schema.id.as_str()), attribute))
        });
        self.attributes()
            .map(|attribute| (None, attribute))
            .chain(extended)
    }

    /// Whether it has attributes that are returned on request only.
    pub fn returns_on_request(&self) -> bool {
        self.all_attributes().any(|(_, attribute)| {
            let mut all = std::iter::once(attribute).chain(&attribute.sub_attributes);
            all.any(|attribute| attribute.returned == Returned::Request)
        })
    }

    /// The top-level attribute named `name` outside the extensions.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.common.attributes, name).or_else(|| find(&self.schema.attributes, name))
    }

    /// What `path` means here; `None` when this type has no such attribute.
    ///
    /// An attribute of an extension may stand without its URN where only one extension has that name:
    /// RFC 7644 section 3.10 only recommends the URN.
    pub fn resolve(&self, path: &AttributePath) -> Option<Resolved<'_>> {
        let (extension, attribute) = match path.uri.as_deref() {
            Some(uri) if uri.eq_ignore_ascii_case(&self.schema.id) => {
                (None, self.attribute(&path.name)?)
            }
            Some(uri) => match self.extension(uri) {
                Some(extension) => (
                    Some(extension.schema.id.as_str()),
                    find(&extension.schema.attributes, &path.name)?,
                ),
                // `urn:…:2.0:User` reads as attribute `User` of `urn:…:2.0`: it is the extension itself.
                None => return self.extension(&path.to_string()).map(Resolved::Extension),
            },
            None => match self.attribute(&path.name) {
                Some(attribute) => (None, attribute),
                None => self.unqualified(&path.name)?,
            },
        };
        let sub = match &path.sub {
            None => None,
            Some(name) => Some(attribute.sub(name)?),
        };
        Some(Resolved::Attribute {
            extension,
            attribute,
            sub,
        })
    }

    /// The same by the letter or not: strictly, an attribute of an extension is named with its URN; leniently, a dot may stand for
    /// the colon behind it, as one client writes.
    pub fn resolve_by(&self, path: &AttributePath, reading: Reading<'_>) -> Option<Resolved<'_>> {
        let resolved = self.resolve(path);
        let extended = matches!(
            resolved,
            Some(Resolved::Attribute {
                extension: Some(_),
                ..
            })
        );
        if extended && path.uri.is_none() && !reading.takes(Leniency::UnqualifiedExtension) {
            return None;
        }
        resolved.or_else(|| {
            let urn = format!("{}:{}", path.uri.as_deref()?, path.name);
            let extension = self.extension(&urn)?;
            let attribute = find(&extension.schema.attributes, path.sub.as_deref()?)?;
            reading
                .takes(Leniency::DottedExtension)
                .then_some(Resolved::Attribute {
                    extension: Some(&extension.schema.id),
                    attribute,
                    sub: None,
                })
        })
    }

    fn unqualified(&self, name: &str) -> Option<(Option<&str>, &Attribute)> {
        let mut found = self.extensions.iter().filter_map(|extension| {
            find(&extension.schema.attributes, name)
                .map(|attribute| (Some(extension.schema.id.as_str()), attribute))
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// Names that a path could have meant, for an error's detail: the known ones nearest to `name`.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let folded = name.to_ascii_lowercase();
        let distance =
            |candidate: &str| strsim::damerau_levenshtein(&folded, &candidate.to_ascii_lowercase());
        self.all_attributes()
            .map(|(_, attribute)| attribute.name.as_str())
            .map(|candidate| (distance(candidate), candidate))
            .filter(|(distance, candidate)| {
                *distance <= candidate.len() / 3 + 1 && *distance < name.chars().count()
            })
            .min()
            .map(|(_, candidate)| candidate)
    }

    /// The resource type as `/ResourceTypes` publishes it (RFC 7643 section 6), its location below `base`.
    pub fn to_json(&self, base: &str) -> Value {
        let extensions = self.extensions.iter();
        let extensions =
            extensions.map(|e| json!({ "schema": e.schema.id, "required": e.required }));
        json!({
            "schemas": [RESOURCE_TYPE_URN],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema.id,
            "schemaExtensions": extensions.collect::<Vec<_>>(),
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.name) },
        })
    }
}

/// Whether a schema of an RFC was called `draft` before: in another name space, under any version, and often without the name of
/// the type behind it (`urn:scim:schemas:core:1.0`, `urn:scim:schemas:extension:enterprise:2.0:User`).
fn is_draft_of(draft: &str, urn: &str) -> bool {
    fn parts<'u>(urn: &'u str, space: &str) -> Option<Vec<&'u str>> {
        let (head, parts) = urn.split_at_checked(space.len())?;
        let is_version = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
        head.eq_ignore_ascii_case(space)
            .then(|| parts.split(':').filter(|part| !is_version(part)).collect())
    }
    let same = |one: &[&str], two: &[&str]| {
        one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let Some(draft) = parts(draft, "urn:scim:schemas:") else {
        return false;
    };
    parts(urn, "urn:ietf:params:scim:schemas:").is_some_and(|known| {
        let without_type = known.split_last().map_or(&known[..], |(_, others)| others);
        same(&draft, &known) || same(&draft, without_type)
    })
}
