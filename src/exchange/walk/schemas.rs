//! What is known of resource types and schemas: those of RFC 7643, and those that a recording's own discovery documents describe.
//!
//! A provider's document adds to the RFC's and takes nothing away: many publish less than they take.

use super::place::AttributePlace;
use crate::exchange::{Body, Exchange};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource_type::{Extension, Resolved, ResourceType};
use crate::scim::schema::{Attribute, Returned, Schema, find};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The resource types and schemas by which an exchange is understood.
#[derive(Debug, Clone)]
pub struct Schemas {
    documents: Vec<Arc<Schema>>,
    declared: Vec<Declared>,
    types: Vec<ResourceType>,
}

/// A resource type as a provider declares it; its schemas may be learned later.
#[derive(Debug, Clone, PartialEq)]
struct Declared {
    name: String,
    endpoint: String,
    schema: String,
    extensions: Vec<String>,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            documents: ResourceType::schemas_of_rfc_7643().to_vec(),
            declared: Vec::new(),
            types: vec![ResourceType::user(), ResourceType::group()],
        }
    }
}

impl Schemas {
    /// Those of RFC 7643, and all that the discovery documents among these exchanges describe.
    pub fn of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>) -> Self {
        let mut schemas = Self::default();
        for exchange in exchanges {
            schemas.learn(exchange);
        }
        schemas
    }

    /// Reads the answer of `/Schemas` or `/ResourceTypes`. True when something was not known before.
    pub fn learn(&mut self, exchange: &Exchange) -> bool {
        let path = &exchange.request.path;
        let Some(document) = discovery(path).filter(|it| *it != Discovery::Config) else {
            return false;
        };
        let Body::Json(body) = &exchange.response.body else {
            return false;
        };
        let list = body
            .as_object()
            .and_then(|members| member(members, "Resources"))
            .and_then(Value::as_array);
        let mut news = false;
        for resource in list.map_or(std::slice::from_ref(body), Vec::as_slice) {
            news |= match document {
                Discovery::Schemas => self.learn_schema(resource),
                Discovery::ResourceTypes => self.learn_type(resource),
                Discovery::Config => false,
            };
        }
        if news {
            self.build();
        }
        news
    }

    fn learn_schema(&mut self, document: &Value) -> bool {
        let Ok(learned) = Schema::parse(document) else {
            return false;
        };
        let same = |known: &&mut Arc<Schema>| known.id.eq_ignore_ascii_case(&learned.id);
        let Some(known) = self.documents.iter_mut().find(same) else {
            self.documents.push(Arc::new(learned));
            return true;
        };
        let before = known.clone();
        merge(&mut Arc::make_mut(known).attributes, &learned.attributes);
        before != *known
    }

    fn learn_type(&mut self, document: &Value) -> bool {
        let text = |name: &str| Some(member(document.as_object()?, name)?.as_str()?.to_owned());
        let (Some(name), Some(endpoint), Some(schema)) =
            (text("name"), text("endpoint"), text("schema"))
        else {
            return false;
        };
        let extensions = document
            .as_object()
            .and_then(|members| member(members, "schemaExtensions"))
            .and_then(Value::as_array);
        let urn = |it: &Value| Some(member(it.as_object()?, "schema")?.as_str()?.to_owned());
        let declared = Declared {
            name,
            // Some declare the whole URL.
            endpoint: endpoint.rsplit('/').next().unwrap_or_default().to_owned(),
            schema,
            extensions: extensions.into_iter().flatten().filter_map(urn).collect(),
        };
        if self.declared.contains(&declared) {
            return false;
        }
        self.declared.retain(|it| it.name != declared.name);
        self.declared.push(declared);
        true
    }

    /// The types anew, from what is known of schemas and declarations.
    fn build(&mut self) {
        let known = |urn: &str| {
            let same = |it: &&Arc<Schema>| it.id.eq_ignore_ascii_case(urn);
            self.documents.iter().find(same).cloned()
        };
        let mut types = vec![ResourceType::user(), ResourceType::group()];
        for kind in &mut types {
            kind.schema = known(&kind.schema.id).unwrap_or_else(|| kind.schema.clone());
            for extension in &mut kind.extensions {
                extension.schema =
                    known(&extension.schema.id).unwrap_or_else(|| extension.schema.clone());
            }
        }
        for declared in &self.declared {
            let same = |kind: &ResourceType| kind.name.eq_ignore_ascii_case(&declared.name);
            let Some(schema) = known(&declared.schema) else {
                continue;
            };
            let at = types.iter().position(same).unwrap_or_else(|| {
                types.push(ResourceType {
                    name: declared.name.clone(),
                    ..ResourceType::of(schema.clone())
                });
                types.len() - 1
            });
            let kind = &mut types[at];
            kind.endpoint = format!("/{}", declared.endpoint);
            kind.schema = schema;
            for schema in declared.extensions.iter().filter_map(|urn| known(urn)) {
                if kind.extension(&schema.id).is_none() {
                    kind.extensions.push(Extension {
                        schema,
                        required: false,
                    });
                }
            }
        }
        self.types = types;
    }

    /// Every attribute and sub-attribute of every known schema, with its schema.
    pub fn attributes(&self) -> impl Iterator<Item = (&Schema, &Attribute, Option<&Attribute>)> {
        self.documents.iter().flat_map(|schema| {
            schema.attributes.iter().flat_map(move |attribute| {
                let subs = attribute.sub_attributes.iter().map(Some);
                std::iter::once(None)
                    .chain(subs)
                    .map(move |sub| (&**schema, attribute, sub))
            })
        })
    }

    /// Whether some known attribute or sub-attribute has this name.
    pub fn is_name(&self, name: &str) -> bool {
        self.attributes()
            .any(|(_, attribute, sub)| sub.unwrap_or(attribute).name.eq_ignore_ascii_case(name))
    }

    /// The attribute of this name of any type, where nothing else is known of its place.
    pub fn named(&self, name: &str) -> AttributePlace<'_> {
        match AttributePath::parse(name) {
            Some(path) => self.resolve(None, &path),
            None => AttributePlace::unknown(None, None, name),
        }
    }

    /// The type whose endpoint is this segment of a path.
    pub fn by_endpoint(&self, segment: &str) -> Option<&ResourceType> {
        self.types.iter().find(|kind| {
            kind.endpoint
                .trim_start_matches('/')
                .eq_ignore_ascii_case(segment)
        })
    }

    /// The type of this name.
    pub fn by_name(&self, name: &str) -> Option<&ResourceType> {
        self.types
            .iter()
            .find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// The type of a resource: by `meta.resourceType`, else by a base schema among its `schemas`.
    pub fn of_resource(&self, resource: &Map<String, Value>) -> Option<&ResourceType> {
        let meta = member(resource, "meta").and_then(Value::as_object);
        let named = meta
            .and_then(|meta| member(meta, "resourceType"))
            .and_then(Value::as_str)
            .and_then(|name| self.by_name(name));
        named.or_else(|| {
            let urns = member(resource, "schemas")?.as_array()?;
            let is = |kind: &&ResourceType| {
                let mut urns = urns.iter().filter_map(Value::as_str);
                urns.any(|urn| urn.eq_ignore_ascii_case(&kind.schema.id))
            };
            self.types.iter().find(is)
        })
    }

    /// The known schema of this URN.
    pub(super) fn schema(&self, urn: &str) -> Option<&Schema> {
        let same = |known: &&Arc<Schema>| known.id.eq_ignore_ascii_case(urn);
        self.documents.iter().find(same).map(|schema| &**schema)
    }

    /// What a path means for a resource of this type; of any type where it is not known.
    pub(super) fn resolve<'s>(
        &'s self,
        kind: Option<&'s ResourceType>,
        path: &AttributePath,
    ) -> AttributePlace<'s> {
        let top = AttributePath {
            sub: None,
            ..path.clone()
        };
        let resolve = |kind: &'s ResourceType| match kind.resolve(&top)? {
            Resolved::Attribute {
                extension,
                attribute,
                ..
            } => Some(AttributePlace::known(Some(kind), extension, attribute)),
            Resolved::Extension(_) => None,
        };
        let found = match kind {
            Some(kind) => resolve(kind),
            None => self
                .types
                .iter()
                .find_map(resolve)
                .map(|place| AttributePlace {
                    kind: None,
                    ..place
                }),
        };
        let of_other_schema = || {
            let schema = self.schema(path.uri.as_deref()?)?;
            let attribute = find(&schema.attributes, &path.name)?;
            Some(AttributePlace::known(kind, Some(&schema.id), attribute))
        };
        let place = found
            .or_else(of_other_schema)
            .unwrap_or_else(|| AttributePlace::unknown(kind, path.uri.clone(), &path.name));
        match &path.sub {
            Some(sub) => place.sub(sub),
            None => place,
        }
    }
}

/// The documents of RFC 7644 section 4, which describe the provider and nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Discovery {
    Schemas,
    ResourceTypes,
    Config,
}

impl Discovery {
    /// The document at an endpoint.
    fn at(endpoint: &str) -> Option<Self> {
        let is = |name: &str| endpoint.eq_ignore_ascii_case(name);
        if is("Schemas") {
            Some(Self::Schemas)
        } else if is("ResourceTypes") {
            Some(Self::ResourceTypes)
        } else if is("ServiceProviderConfig") || is("ServiceProviderConfigs") {
            Some(Self::Config)
        } else {
            None
        }
    }
}

/// Which of them a path asks for.
pub(super) fn discovery(path: &str) -> Option<Discovery> {
    path.split('/').find_map(Discovery::at)
}

/// Whether an endpoint is that of a discovery document (RFC 7644 section 4).
pub fn is_discovery(endpoint: &str) -> bool {
    Discovery::at(endpoint).is_some()
}

/// Adds what is learned to what is known. Whether case matters the provider knows better, and what is never returned it adds to.
fn merge(known: &mut Vec<Attribute>, learned: &[Attribute]) {
    for attribute in learned {
        match known
            .iter_mut()
            .find(|it| it.name.eq_ignore_ascii_case(&attribute.name))
        {
            None => known.push(attribute.clone()),
            Some(known) => {
                if known.returned != Returned::Never {
                    known.returned = attribute.returned;
                }
                known.case_exact = attribute.case_exact;
                merge(&mut known.sub_attributes, &attribute.sub_attributes);
            }
        }
    }
}
