//! Resource types and schemas of the provider's own, from its discovery documents (RFC 7643 sections 6 and 7).

use super::binding::{last_segment, members_of, text};
use super::draft::{Said, SchemaFile, Setting};
use super::observe::Seen;
use crate::exchange::Body;
use crate::scim::resource_type::{self, ResourceType};
use crate::scim::schema::{Attribute, Schema};
use serde_json::Value;

/// Schemas and types that are not as RFC 7643 has them.
pub(super) fn types(all: &[Seen]) -> (Vec<SchemaFile>, Vec<Setting>) {
    let listed = |endpoint: &str| -> Vec<(u64, Value)> {
        let mut found: Vec<(u64, Value)> = Vec::new();
        for (number, it) in all {
            if !it.request.path.starts_with(endpoint) || it.response.status != 200 {
                continue;
            }
            let list = members_of(&it.response.body, "Resources");
            let one = match &it.response.body {
                Body::Json(body) if list.is_empty() => std::slice::from_ref(body),
                _ => list,
            };
            found.extend(one.iter().map(|it| (*number, it.clone())));
        }
        found
    };
    let of_rfc = ResourceType::schemas_of_rfc_7643();
    let discovery = resource_type::discovery_schemas();
    let mut schemas: Vec<SchemaFile> = Vec::new();
    for (exchange, document) in listed("/Schemas") {
        let Ok(schema) = Schema::parse(&document) else {
            continue;
        };
        let known = of_rfc
            .iter()
            .chain(&discovery)
            .find(|it| it.id.eq_ignore_ascii_case(&schema.id));
        let is_known = known.is_some_and(|it| alike(it, &schema));
        let is_discovery = discovery
            .iter()
            .any(|it| it.id.eq_ignore_ascii_case(&schema.id));
        let twice = schemas.iter().any(|it| it.document["id"] == document["id"]);
        if is_known || is_discovery || twice {
            continue;
        }
        let name = schema.id.rsplit("schemas:").next().unwrap_or_default();
        let mut name = name.to_lowercase().replace([':', '.', '/'], "-");
        name.retain(|c| c.is_ascii_alphanumeric() || c == '-');
        let mut document = document;
        if let Value::Object(members) = &mut document {
            members.remove("meta");
        }
        schemas.push(SchemaFile {
            name,
            document,
            exchange,
        });
    }
    let standard = [ResourceType::user(), ResourceType::group()];
    let mut types: Vec<Setting> = Vec::new();
    for (number, document) in listed("/ResourceTypes") {
        let [Some(name), Some(endpoint), Some(schema)] =
            ["name", "endpoint", "schema"].map(|it| text(&document, it))
        else {
            continue;
        };
        let endpoint = format!("/{}", last_segment(endpoint));
        let extensions = document["schemaExtensions"].as_array();
        let extensions: Vec<(String, bool)> = extensions
            .into_iter()
            .flatten()
            .filter_map(|it| Some((text(it, "schema")?.to_owned(), it["required"] == true)))
            .collect();
        let same = |it: &&ResourceType| {
            let own: Vec<_> = it
                .extensions
                .iter()
                .map(|it| (it.schema.id.clone(), it.required))
                .collect();
            it.name == name
                && it.endpoint == endpoint
                && it.schema.id == schema
                && own == extensions
        };
        let is_known = |urn: &str| {
            of_rfc.iter().any(|it| it.id == urn)
                || schemas.iter().any(|it| it.document["id"] == urn)
        };
        if standard.iter().any(|it| same(&it)) || !is_known(schema) {
            continue;
        }
        let extensions = extensions.iter().filter(|(urn, _)| is_known(urn));
        let extensions = extensions.map(|(urn, required)| match required {
            true => format!("({urn:?}, required: true)"),
            false => format!("{urn:?}"),
        });
        let extensions: Vec<String> = extensions.collect();
        let value = format!(
            "ResourceType(name: {name:?}, endpoint: {endpoint:?}, schema: {schema:?}, extensions: [{}])",
            extensions.join(", ")
        );
        if !types.iter().any(|it| it.value == Said::One(value.clone())) {
            types.push(Setting::one("resource_types", value, number, String::new()));
        }
    }
    (schemas, types)
}

/// Whether two schemas say the same of the same attributes, whatever they say to people.
fn alike(one: &Schema, other: &Schema) -> bool {
    fn bare(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| name != "description" && name != "canonicalValues");
                members.values_mut().for_each(bare);
            }
            Value::Array(list) => {
                list.iter_mut().for_each(bare);
                list.sort_by_key(|it| it["name"].as_str().map(str::to_owned));
            }
            _ => {}
        }
    }
    let attributes = |schema: &Schema| {
        let mut all: Value = schema.attributes.iter().map(Attribute::to_json).collect();
        bare(&mut all);
        all
    };
    attributes(one) == attributes(other)
}
