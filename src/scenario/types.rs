//! `schemas`, `resource_types` and `resources` of a scenario file: RFC 7643 section 7 documents, section 6 types over them, and
//! what is there of each type.
//!
//! Schema documents stand in the file or beside it; reading those is the only IO here. What a schema says of a resource is the
//! directory's affair.

use super::Entry;
use super::diagnostic::Problem;
use super::node::{Form, Kind, Node};
use super::reader::Reader;
use super::seeds::entries;
use super::source::Span;
use super::texts::Texts;
use crate::scim::resource_type::{Extension, ResourceType};
use crate::scim::schema::Schema;
use serde_json::Value;
use std::sync::Arc;

const SCHEMAS: &str = r#"schemas: ["schemas/badge.json"]"#;
const TYPE: &str =
    r#"ResourceType(name: "Device", endpoint: "/Devices", schema: "urn:example:Device")"#;
const TYPE_FIELDS: &[&str] = &["name", "endpoint", "description", "schema", "extensions"];
const EXTENSION: &str = r#"("urn:example:Badge", required: false)"#;
/// What stands below the base URL besides resources (RFC 7644 section 3.2).
const TAKEN: [&str; 6] = [
    "/Me",
    "/Bulk",
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    "/.search",
];

/// The schemas of a file, with the places that name them.
#[derive(Default)]
pub(super) struct Schemas(Vec<(Arc<Schema>, Span)>);

impl Schemas {
    /// The schema with this URN: one of the file's own, else one of RFC 7643.
    fn find(&self, urn: &str) -> Option<Arc<Schema>> {
        let own = self.0.iter().map(|(schema, _)| schema.clone());
        let known = own.chain(ResourceType::schemas_of_rfc_7643());
        known
            .into_iter()
            .find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    fn urns(&self) -> Vec<String> {
        let own = self.0.iter().map(|(schema, _)| schema.clone());
        own.chain(ResourceType::schemas_of_rfc_7643())
            .map(|schema| schema.id.clone())
            .collect()
    }
}

/// Reads schema documents, those in files relative to the scenario's folder.
pub(super) fn schemas(reader: &mut Reader, node: &Node, texts: &mut Texts) -> Schemas {
    let mut found = Schemas::default();
    for item in reader.list(node, SCHEMAS) {
        let (document, at) = match &item.kind {
            Kind::Text(name) => match read(reader, item, name, texts) {
                Some(document) => (document, format!("{name}: ")),
                None => continue,
            },
            Kind::Map(fields) => (Value::Object(reader.object(fields)), String::new()),
            Kind::Json => {
                let node = texts.parse_again(&item.span);
                (Value::Object(reader.object(node.fields())), String::new())
            }
            _ => {
                reader.mismatch(item, "the name of a file or a schema", SCHEMAS);
                continue;
            }
        };
        let span = item.span.clone();
        match Schema::parse(&document) {
            Ok(schema)
                if found
                    .0
                    .iter()
                    .any(|(it, _)| it.id.eq_ignore_ascii_case(&schema.id)) =>
            {
                let title = format!("{at}the schema `{}` is listed twice", schema.id);
                reader.complain(span, title, "listed before", "remove one of the two");
            }
            Ok(schema) => found.0.push((Arc::new(schema), span)),
            Err(problems) => {
                for problem in problems {
                    let help = "RFC 7643 section 7 says what a schema looks like";
                    let title = format!("{at}{problem}");
                    reader.complain(span.clone(), title, "this is no schema yet", help);
                }
            }
        }
    }
    found
}

fn read(reader: &mut Reader, node: &Node, name: &str, texts: &mut Texts) -> Option<Value> {
    let (path, bytes) = texts.read(reader, node, name, "a schema")?;
    match serde_json::from_slice(&bytes) {
        Ok(document) => Some(document),
        Err(error) => {
            let title = format!("{} is not JSON: {error}", path.display());
            let label = "expected a file that holds a schema";
            reader.complain(node.span.clone(), title, label, "mend it there");
            None
        }
    }
}

/// User and Group, as they are or as the file has them, and the types that the file adds.
pub(super) fn resource_types(
    reader: &mut Reader,
    node: Option<&Node>,
    schemas: &Schemas,
) -> Vec<Arc<ResourceType>> {
    let mut types: Vec<ResourceType> = [ResourceType::user(), ResourceType::group()]
        .into_iter()
        .map(|standard| over(standard, schemas))
        .collect();
    let mut said: Vec<String> = Vec::new();
    let items = node.map_or(&[][..], |node| {
        reader.list(node, &format!("resource_types: [{TYPE}]"))
    });
    for item in items {
        let standard = types.clone();
        let Some(added) = resource_type(reader, item, schemas, &standard) else {
            continue;
        };
        if said
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&added.name))
        {
            let title = format!("the resource type `{}` is listed twice", added.name);
            reader.complain(
                item.span.clone(),
                title,
                "listed before",
                "remove one of the two",
            );
            continue;
        }
        let same_place = |it: &&ResourceType| {
            it.endpoint.eq_ignore_ascii_case(&added.endpoint)
                && !it.name.eq_ignore_ascii_case(&added.name)
        };
        let reserved = TAKEN
            .iter()
            .any(|taken| taken.eq_ignore_ascii_case(&added.endpoint));
        if reserved || types.iter().any(|it| same_place(&it)) {
            let title = format!("the endpoint `{}` is taken", added.endpoint);
            let label = "expected another `endpoint`";
            reader.complain(item.span.clone(), title, label, format!("write `{TYPE}`"));
            continue;
        }
        said.push(added.name.clone());
        let present = types
            .iter_mut()
            .find(|it| it.name.eq_ignore_ascii_case(&added.name));
        match present {
            Some(present) => *present = added,
            None => types.push(added),
        }
    }
    for (schema, span) in &schemas.0 {
        let is_used = |it: &ResourceType| {
            it.schema.id == schema.id || it.extensions.iter().any(|e| e.schema.id == schema.id)
        };
        if !types.iter().any(is_used) {
            let title = format!("no resource type uses the schema `{}`", schema.id);
            let help = format!("name it in `resource_types: [{TYPE}]`");
            let problem = Problem::error(span.clone(), title, "nobody will see this schema", help);
            reader.problems.push(problem.warning());
        }
    }
    warn_of_redefinitions(reader, &types, schemas);
    types.into_iter().map(Arc::new).collect()
}

/// RFC 7643 section 3.3: an extension should not have attributes that the resource has already.
fn warn_of_redefinitions(reader: &mut Reader, types: &[ResourceType], schemas: &Schemas) {
    for (schema, span) in &schemas.0 {
        let extends = |it: &&ResourceType| it.extensions.iter().any(|e| e.schema.id == schema.id);
        for extended in types.iter().filter(extends) {
            let names = schema.attributes.iter().map(|attribute| &attribute.name);
            for name in names.filter(|name| extended.attribute(name).is_some()) {
                let title = format!("`{name}` is an attribute of {} already", extended.name);
                let help = "give it another name in the extension (RFC 7643 section 3.3)";
                let problem = Problem::error(span.clone(), title, "defined again", help);
                reader.problems.push(problem.warning());
            }
        }
    }
}

/// A type of RFC 7643 with the schemas of the file where it has its own of the same URN.
fn over(standard: ResourceType, schemas: &Schemas) -> ResourceType {
    let replaced = |schema: Arc<Schema>| schemas.find(&schema.id).unwrap_or(schema);
    ResourceType {
        schema: replaced(standard.schema),
        extensions: standard
            .extensions
            .into_iter()
            .map(|it| Extension {
                schema: replaced(it.schema),
                ..it
            })
            .collect(),
        ..standard
    }
}

fn resource_type(
    reader: &mut Reader,
    node: &Node,
    schemas: &Schemas,
    standard: &[ResourceType],
) -> Option<ResourceType> {
    let fields = reader.fields(node, "ResourceType", TYPE_FIELDS);
    let Some(name_node) = fields.get("name") else {
        if matches!(node.kind, Kind::Named(_, Form::Fields(_) | Form::Tuple(_))) {
            let label = "expected `name` among its fields";
            reader.complain(
                node.span.clone(),
                "`ResourceType` lacks `name`",
                label,
                format!("write `{TYPE}`"),
            );
        }
        return None;
    };
    let name = reader.text(name_node, TYPE)?.to_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let title = format!("`{name}` cannot be the name of a resource type");
        let label = "expected letters and digits, such as `Device`";
        reader.complain(
            name_node.span.clone(),
            title,
            label,
            format!("write `{TYPE}`"),
        );
        return None;
    }
    let present = standard
        .iter()
        .find(|it| it.name.eq_ignore_ascii_case(&name));
    let endpoint = match fields.get("endpoint") {
        Some(node) => endpoint(reader, node)?,
        // RFC 7644 section 3.2: the name of the type with an `s`.
        None => present.map_or_else(|| format!("/{name}s"), |it| it.endpoint.clone()),
    };
    let schema = match (fields.get("schema"), present) {
        (Some(node), _) => schema(reader, node, schemas)?,
        (None, Some(present)) => present.schema.clone(),
        (None, None) => {
            let title = format!("the resource type `{name}` lacks `schema`");
            let label = "expected `schema` among its fields";
            reader.complain(node.span.clone(), title, label, format!("write `{TYPE}`"));
            return None;
        }
    };
    let description = match fields.get("description") {
        Some(node) => reader.text(node, "description: \"Things\"")?.to_owned(),
        None => present.map_or_else(|| schema.description.clone(), |it| it.description.clone()),
    };
    let extensions = match fields.get("extensions") {
        Some(node) => extensions(reader, node, schemas),
        None => present.map_or_else(Vec::new, |it| it.extensions.clone()),
    };
    Some(ResourceType {
        name: present.map_or(name, |it| it.name.clone()),
        endpoint,
        description,
        common: ResourceType::common(),
        schema,
        extensions,
    })
}

fn endpoint(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, r#"endpoint: "/Devices""#)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    match text.strip_prefix('/') {
        Some(name) if !name.is_empty() && name.chars().all(plain) => Some(text.to_owned()),
        _ => {
            let title = format!("`{text}` cannot be an endpoint");
            let label = "expected a slash and one plain name";
            let help = r#"write `endpoint: "/Devices"`"#;
            reader.complain(node.span.clone(), title, label, help);
            None
        }
    }
}

fn schema(reader: &mut Reader, node: &Node, schemas: &Schemas) -> Option<Arc<Schema>> {
    let urn = reader.text(node, r#""urn:example:Device""#)?;
    let found = schemas.find(urn);
    if found.is_none() {
        let known = schemas.urns();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        reader.unknown_word(node, "schema", urn, &known);
    }
    found
}

/// `"urn:…"`, or `("urn:…", required: true)`.
fn extensions(reader: &mut Reader, node: &Node, schemas: &Schemas) -> Vec<Extension> {
    let mut found = Vec::new();
    for item in reader.list(node, &format!("extensions: [{EXTENSION}]")) {
        let (urn, required) = match &item.kind {
            Kind::Text(_) => (item, None),
            Kind::Named(None, Form::Tuple(parts)) if (1..=2).contains(&parts.len()) => {
                (&parts[0], parts.get(1))
            }
            _ => {
                reader.mismatch(item, "the URN of a schema", EXTENSION);
                continue;
            }
        };
        let required = required.map(|node| match &node.kind {
            Kind::Named(None, form @ Form::Fields(_)) => {
                let fields = reader.known_fields(form, "an extension", &["required"], EXTENSION);
                let flag = fields.get("required");
                flag.and_then(|flag| reader.boolean(flag, EXTENSION))
            }
            _ => reader.boolean(node, EXTENSION),
        });
        if let Some(schema) = schema(reader, urn, schemas) {
            found.push(Extension {
                schema,
                required: required.flatten().unwrap_or(false),
            });
        }
    }
    found
}

/// `{"Device": […]}`: what is there of each type, by its name.
pub(super) fn resources(
    reader: &mut Reader,
    node: &Node,
    types: &[Arc<ResourceType>],
    texts: &mut Texts,
) -> Vec<(usize, Vec<Entry>)> {
    let write = r#"resources: {"Device": [{"displayName": "Laptop 7"}]}"#;
    let Kind::Map(fields) = &node.kind else {
        reader.mismatch(node, "a map from resource types to resources", write);
        return Vec::new();
    };
    let mut found = Vec::new();
    for field in fields {
        let kind = types.iter().position(|it| it.name == field.name.text);
        let list = entries(reader, &field.value, write, texts);
        if let Some(kind) = kind {
            found.push((kind, list));
            continue;
        }
        let known: Vec<&str> = types.iter().map(|it| it.name.as_str()).collect();
        let named = Node {
            span: field.name.span.clone(),
            kind: Kind::Null,
        };
        reader.unknown_word(&named, "resource type", &field.name.text, &known);
    }
    found
}
