//! Discovery documents (RFC 7643 sections 5, 6 and 7, RFC 7644 section 4).

use crate::lint::Place;
use crate::lint::finding::{Found, shown};
use crate::lint::rule::rules;
use crate::lint::view::{Form, STATUS, Target, View};
use crate::scim::path::member;
use crate::scim::schema::{Schema, Type, Uniqueness};
use serde_json::{Map, Value};

rules! {
    "RES-DISC-001" Provider Error "RFC 7643 section 5" Alone features,
        "the configuration does not say whether a feature is there"
        "clients read it to choose between PATCH and PUT; what is missing counts as no"
        "answer `patch`, `bulk`, `filter`, `changePassword`, `sort` and `etag`, each with `supported`";
    "RES-DISC-002" Provider Error "RFC 7643 section 5" Alone supported_type,
        "`supported` is no boolean"
        "Snowflake answered 0: clients with types fail on it"
        "send `true` or `false`";
    "RES-DISC-003" Provider Error "RFC 7644 section 4" Alone config_list,
        "the configuration is answered as a list"
        "there is one, and clients read it as an object"
        "answer the document itself";
    "RES-DISC-004" Provider Error "RFC 7643 section 5" Alone limits,
        "a limit is missing"
        "`filter.maxResults`, `bulk.maxOperations` and `bulk.maxPayloadSize` are required: clients send too much"
        "answer a number for each";
    "RES-DISC-005" Provider Warning "RFC 7643 section 5" Alone schemes,
        "the configuration does not say how to authenticate"
        "`authenticationSchemes` is required, with `type`, `name` and `description` in each"
        "list the ways, and mark the one to prefer as primary";
    "RES-DISC-006" Provider Warning "RFC 7643 section 5" Alone scheme_type,
        "a way to authenticate that the RFC does not have"
        "clients look for `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` and `httpdigest`"
        "use one of these for `type`";
    "RES-DISC-007" Provider Error "RFC 7643 section 6" Alone resource_type,
        "a resource type lacks what it must have"
        "without `name`, `endpoint` and `schema` a client cannot reach its resources"
        "answer all three";
    "RES-DISC-008" Provider Warning "RFC 7643 section 6" Alone endpoint,
        "the endpoint of a resource type is no path below the base"
        "clients append it to the base URL: `Users` without slash and whole URLs give addresses that are not there"
        "write `/Users`";
    "RES-DISC-009" Provider Warning "RFC 7643 section 6" Alone unpublished,
        "a resource type names a schema that `/Schemas` does not have"
        "clients cannot learn its attributes (SailPoint asks for both)"
        "publish each schema that is named";
    "RES-DISC-010" Provider Error "RFC 7643 section 7" Alone schema,
        "a schema that is none"
        "clients that build their attributes from it fail, or map nothing"
        "answer the document that RFC 7643 section 7 describes";
    "RES-DISC-011" Provider Error "RFC 7644 section 3.1" Alone message_schema,
        "the schema of a message is published"
        "messages are no resources: clients offer them for mapping"
        "publish schemas of resources alone";
    "RES-DISC-012" Provider Warning "RFC 7643 section 7" Alone reference_types,
        "a reference that does not say to what"
        "`referenceTypes` is required for references: clients cannot follow them"
        "list resource types, `external` or `uri`";
    "RES-DISC-013" Provider Warning "RFC 7643 section 4.1.1" Alone user_name,
        "`userName` is published as optional or as not unique"
        "clients take it for an attribute like others, and Entra ID matches by it"
        "publish it as required, with uniqueness `server`";
    "RES-DISC-014" Provider Warning "RFC 7643 section 6" Alone meta,
        "a discovery document without `schemas` or `meta.resourceType`"
        "clients with types cannot tell what it is"
        "name the schema of the document, and its type in `meta`";
    "RES-DISC-015" Provider Warning "RFC 7644 section 4" Alone incomplete,
        "a discovery list that does not hold all it counts"
        "discovery ignores paging: the rest can never be read"
        "answer the list whole";
    "RES-DISC-016" Provider Warning "RFC 7644 section 4" Alone filtered,
        "a filter on a discovery endpoint is answered with 200"
        "the RFC asks for 403, lest a client believe that it was applied"
        "answer 403";
    "RES-DISC-017" Provider Error "RFC 7643 section 6" Alone extension,
        "an extension of a resource type lacks its schema or `required`"
        "clients do not know whether they must send it"
        "answer `schema` and `required` for each";
}

fn documents<'m, 'a>(
    it: &'m View<'a>,
) -> impl Iterator<Item = (&'m Place, &'a Map<String, Value>)> {
    // A part of a document, which was asked for, says nothing of the rest.
    let answered = it.got.form == Form::Discovery && it.status == 200 && it.is_whole();
    it.got
        .documents
        .iter()
        .filter(move |_| answered)
        .map(|(place, members)| (place, *members))
}

fn configs<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = (&'m Place, &'a Map<String, Value>)> {
    documents(it).filter(|_| matches!(it.target(), Target::Config))
}

fn types<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = (&'m Place, &'a Map<String, Value>)> {
    documents(it).filter(|_| matches!(it.target(), Target::ResourceTypes(_)))
}

fn schemas<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = (&'m Place, &'a Map<String, Value>)> {
    documents(it).filter(|_| matches!(it.target(), Target::Schemas(_)))
}

fn text<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    member(members, name)?.as_str()
}

const FEATURES: [&str; 6] = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];

fn supported<'v>(config: &'v Map<String, Value>, feature: &str) -> Option<&'v Value> {
    member(member(config, feature)?.as_object()?, "supported")
}

fn features(it: &View<'_>, found: &mut Found<'_>) {
    for (place, config) in configs(it) {
        for feature in FEATURES
            .into_iter()
            .filter(|feature| supported(config, feature).is_none())
        {
            found.at(place.clone(), format!("no `{feature}.supported`"));
        }
    }
}

fn supported_type(it: &View<'_>, found: &mut Found<'_>) {
    for (place, config) in configs(it) {
        for feature in FEATURES {
            if let Some(value) = supported(config, feature).filter(|value| !value.is_boolean()) {
                found.at(
                    place.below(feature).below("supported"),
                    format!("`{feature}.supported` is {}", shown(value)),
                );
            }
        }
    }
}

fn config_list(it: &View<'_>, found: &mut Found<'_>) {
    let is_list = it.got.get("Resources").is_some_and(Value::is_array);
    if matches!(it.target(), Target::Config) && it.status == 200 && is_list {
        found.at(it.got.at, "a list");
    }
}

fn limits(it: &View<'_>, found: &mut Found<'_>) {
    for (place, config) in configs(it) {
        for (feature, limit) in [
            ("filter", "maxResults"),
            ("bulk", "maxOperations"),
            ("bulk", "maxPayloadSize"),
        ] {
            let feature_members = member(config, feature).and_then(Value::as_object);
            if feature_members.is_some_and(|it| member(it, limit).is_none_or(|it| !it.is_u64())) {
                found.at(place.below(feature), format!("no `{feature}.{limit}`"));
            }
        }
    }
}

fn schemes(it: &View<'_>, found: &mut Found<'_>) {
    for (place, config) in configs(it) {
        let schemes = member(config, "authenticationSchemes").and_then(Value::as_array);
        let Some(schemes) = schemes else {
            found.at(place.clone(), "no `authenticationSchemes`");
            continue;
        };
        for (n, scheme) in schemes.iter().enumerate() {
            let lacks = ["type", "name", "description"]
                .into_iter()
                .find(|name| scheme.get(name).is_none());
            if let Some(name) = lacks {
                found.at(
                    place.below("authenticationSchemes").below(&n.to_string()),
                    format!("no `{name}`"),
                );
            }
        }
    }
}

fn scheme_type(it: &View<'_>, found: &mut Found<'_>) {
    const TYPES: [&str; 5] = [
        "oauth",
        "oauth2",
        "oauthbearertoken",
        "httpbasic",
        "httpdigest",
    ];
    for (place, config) in configs(it) {
        let schemes = member(config, "authenticationSchemes").and_then(Value::as_array);
        for (n, scheme) in schemes.into_iter().flatten().enumerate() {
            let kind = scheme.get("type").and_then(Value::as_str);
            if let Some(kind) = kind.filter(|kind| !TYPES.contains(kind)) {
                found.at(
                    place
                        .below("authenticationSchemes")
                        .below(&n.to_string())
                        .below("type"),
                    format!("`{kind}`"),
                );
            }
        }
    }
}

fn resource_type(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in types(it) {
        for name in ["name", "endpoint", "schema"] {
            if text(document, name).is_none_or(str::is_empty) {
                found.at(place.clone(), format!("no `{name}`"));
            }
        }
    }
}

fn endpoint(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in types(it) {
        if let Some(endpoint) =
            text(document, "endpoint").filter(|it| !it.is_empty() && !it.starts_with('/'))
        {
            found.at(place.below("endpoint"), format!("`{endpoint}`"));
        }
    }
}

fn extensions(document: &Map<String, Value>) -> impl Iterator<Item = (usize, &Value)> {
    let list = member(document, "schemaExtensions").and_then(Value::as_array);
    list.into_iter().flatten().enumerate()
}

fn unpublished(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in types(it) {
        if let Some(urn) = text(document, "schema").filter(|urn| it.contract.lacks_schema(urn)) {
            found.at(place.below("schema"), format!("`{urn}` is not published"));
        }
        for (n, extension) in extensions(document) {
            let urn = extension.get("schema").and_then(Value::as_str);
            if let Some(urn) = urn.filter(|urn| it.contract.lacks_schema(urn)) {
                found.at(
                    place
                        .below("schemaExtensions")
                        .below(&n.to_string())
                        .below("schema"),
                    format!("`{urn}` is not published"),
                );
            }
        }
    }
}

fn schema(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in schemas(it) {
        if !member(document, "attributes").is_some_and(Value::is_array) {
            found.at(place.clone(), "no `attributes`");
        }
        for problem in Schema::parse(&Value::Object(document.clone()))
            .err()
            .unwrap_or_default()
        {
            found.at(place.clone(), problem);
        }
    }
}

fn message_schema(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in schemas(it) {
        let is_message = |id: &&str| {
            id.to_ascii_lowercase()
                .starts_with("urn:ietf:params:scim:api:")
        };
        if let Some(id) = text(document, "id").filter(is_message) {
            found.at(place.below("id"), format!("`{id}`"));
        }
    }
}

fn reference_types(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in schemas(it) {
        let Ok(schema) = Schema::parse(&Value::Object(document.clone())) else {
            continue;
        };
        for attribute in &schema.attributes {
            let subs = attribute
                .sub_attributes
                .iter()
                .map(|sub| (format!("{}.{}", attribute.name, sub.name), sub));
            let all = std::iter::once((attribute.name.clone(), attribute)).chain(subs);
            for (name, _) in
                all.filter(|(_, it)| it.kind == Type::Reference && it.reference_types.is_empty())
            {
                found.at(place.clone(), format!("`{name}` has no `referenceTypes`"));
            }
        }
    }
}

fn user_name(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in schemas(it) {
        let Ok(schema) = Schema::parse(&Value::Object(document.clone())) else {
            continue;
        };
        let is_user = schema
            .id
            .eq_ignore_ascii_case("urn:ietf:params:scim:schemas:core:2.0:User");
        let name = schema
            .attributes
            .iter()
            .find(|it| it.name == "userName")
            .filter(|_| is_user);
        if let Some(name) = name.filter(|it| !it.required || it.uniqueness == Uniqueness::None) {
            found.at(
                place.clone(),
                format!(
                    "`userName` has required {} and uniqueness {:?}",
                    name.required, name.uniqueness
                ),
            );
        }
    }
}

fn meta(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in documents(it) {
        if !member(document, "schemas").is_some_and(Value::is_array) {
            found.at(place.clone(), "no `schemas`");
        }
        let named = member(document, "meta").and_then(|it| it.get("resourceType"));
        if named.is_none() {
            found.at(place.clone(), "no `meta.resourceType`");
        }
    }
}

fn incomplete(it: &View<'_>, found: &mut Found<'_>) {
    let total = it.got.get("totalResults").and_then(Value::as_u64);
    let held = it.got.documents.len() as u64;
    if let Some(total) =
        total.filter(|total| it.got.form == Form::Discovery && it.status == 200 && *total != held)
    {
        found.at(
            it.got.place("totalResults"),
            format!("{total}, and {held} are there"),
        );
    }
}

fn filtered(it: &View<'_>, found: &mut Found<'_>) {
    if it.target().is_discovery() && it.status == 200 && it.parameter("filter").is_some() {
        found.at(STATUS, "200 to a filter");
    }
}

fn extension(it: &View<'_>, found: &mut Found<'_>) {
    for (place, document) in types(it) {
        for (n, extension) in extensions(document) {
            let lacks = ["schema", "required"]
                .into_iter()
                .find(|name| extension.get(name).is_none());
            if let Some(name) = lacks {
                found.at(
                    place.below("schemaExtensions").below(&n.to_string()),
                    format!("no `{name}`"),
                );
            }
        }
    }
}
