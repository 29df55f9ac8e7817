//! Resources as a provider answers them, alone, in lists or in bulk (RFC 7643 sections 2, 3, 4 and 7).

use super::values;
use crate::lint::finding::Found;
use crate::lint::memory::{Before, differences};
use crate::lint::rule::rules;
use crate::lint::view::{Form, Resource, Target, View};
use crate::scim::datetime;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::Resolved;
use crate::scim::schema::{Mutability, Returned};
use serde_json::Value;

rules! {
    "RES-RES-001" Provider Error "RFC 7643 section 3" Alone no_schemas,
        "a resource without `schemas`"
        "SailPoint refuses lists whose resources have none"
        "name the base schema, and each extension that has values, in every representation";
    "RES-RES-002" Provider Error "RFC 7643 section 3.1" Alone no_id,
        "a resource without `id`"
        "it is returned whatever is asked for; clients cannot go on without it"
        "return `id` always";
    "RES-RES-003" Provider Error "RFC 7643 section 3.1" Alone id_type,
        "an `id` that is no text"
        "clients with types fail on a number, and one with a typed store loses leading zeros"
        "send it as text";
    "RES-RES-004" Provider Error "RFC 7643 section 3.1" Alone id_bulk,
        "an `id` that holds `bulkId`"
        "it is kept for references within a bulk request"
        "give out another id";
    "RES-RES-005" Provider Error "RFC 7643 section 3.1" Alone other_id,
        "an `id` that is not the one that was asked for"
        "an id is stable; a client that goes on with this one changes another resource"
        "answer the resource of the URL";
    "RES-RES-006" Provider Warning "RFC 7643 section 3.1" Alone no_meta,
        "a resource without `meta`"
        "clients find neither its type nor its URL nor its version"
        "return `meta` with resourceType, created, lastModified and location";
    "RES-RES-007" Provider Error "RFC 7643 section 3.1" Alone resource_type,
        "`meta.resourceType` is not the type of the endpoint"
        "clients that read several types tell them apart by it; Entra ID as a provider writes it in lower case"
        "send the name of the resource type as `/ResourceTypes` has it";
    "RES-RES-008" Provider Warning "RFC 7643 section 3.1" Alone no_location,
        "`meta` without `location`"
        "it is the URL of the resource; SDKs that follow it fail"
        "send the URL of the resource";
    "RES-RES-009" Provider Error "RFC 7643 section 3.1" Alone location_of_another,
        "`meta.location` is not the URL of the resource"
        "a client that follows it reaches another resource, or none"
        "end it with the endpoint and the id of the resource";
    "RES-RES-010" Provider Warning "RFC 7643 section 3.1" Alone location_elsewhere,
        "`meta.location` lies outside of the base URL"
        "behind a gateway the provider gives out names that clients cannot reach (Notion's is another host)"
        "build locations from the base URL that clients use";
    "RES-RES-011" Provider Error "RFC 7643 section 3.1" Alone modified_before_created,
        "`meta.lastModified` is before `meta.created`"
        "both are equal until the first change; clients that sort by it read the past"
        "set both from one clock";
    "RES-RES-012" Provider Error "RFC 7643 section 7" Alone never_returned,
        "an answer holds what is never returned"
        "a password in an answer stands in every log on its way"
        "never return it";
    "RES-RES-013" Provider Warning "RFC 7644 section 3.9" Alone excluded,
        "an answer holds what was excluded"
        "Entra ID asks for groups without `members`: thousands of them make the answer time out"
        "leave out what `excludedAttributes` names";
    "RES-RES-014" Provider Warning "RFC 7644 section 3.9" Alone not_asked,
        "an answer holds what was not asked for"
        "clients ask for few attributes to spare both sides"
        "return what `attributes` names, and what is always returned";
    "RES-RES-015" Provider Error "RFC 7643 section 7" Alone required,
        "a required attribute is missing"
        "clients that need it fail (Okta: name, emails, active)"
        "return it with each representation";
    "RES-RES-016" Provider Warning "RFC 7643 section 3.3" Alone |it, found| values::unnamed_extensions(&it.got, found),
        "attributes of an extension that `schemas` does not name"
        "clients that go by `schemas` do not read them"
        "add the URN of the extension to `schemas`";
    "RES-RES-017" Provider Error "RFC 7643 section 3" Alone |it, found| values::repeated_schemas(&it.got, found),
        "a URN stands twice in `schemas`"
        "the RFC forbids it"
        "name each schema once";
    "RES-RES-018" Provider Error "RFC 7643 section 3.3" Alone no_base,
        "`schemas` without the base schema"
        "clients cannot tell what it is"
        "name the base schema of the resource type";
    "RES-RES-019" Provider Warning "RFC 7643 section 2" Alone |it, found| values::unknown(&it.got, found),
        "an attribute that no schema has"
        "clients with types drop it or fail; GitLab answers `\"name.formatted\"`, Figma `external_id`"
        "publish it in `/Schemas`, or leave it out";
    "RES-RES-020" Provider Warning "RFC 7643 section 3.3" Alone |it, found| values::unknown_extension(&it.got, found),
        "an extension that no discovery document has"
        "clients cannot know what its attributes are"
        "list it in `/ResourceTypes` and publish its schema";
    "RES-RES-021" Provider Error "RFC 7643 section 3.3" Alone |it, found| values::misplaced(&it.got, found),
        "an attribute of an extension outside of it"
        "clients look for it under the URN of the extension"
        "put it into an object under the URN of the extension";
    "RES-RES-022" Provider Note "RFC 7643 section 2.1" Alone |it, found| values::names_in_other_case(&it.got, found),
        "an attribute in another spelling than its schema's"
        "names have no case in SCIM, but many clients look them up with case"
        "spell attributes as their schema does";
    "RES-RES-023" Provider Error "RFC 7643 section 7" Alone |it, found| values::missing_subs(&it.got, found),
        "a value lacks a required part"
        "clients with types fail on it"
        "return each value with the parts that its schema requires";
    "RES-VALUE-001" Provider Error "RFC 7643 section 2.3.2" Alone |it, found| values::boolean_text(&it.got, found),
        "a boolean as text"
        "`\"false\"` is true in many languages: a client takes a disabled user for an active one"
        "send `true` or `false`";
    "RES-VALUE-002" Provider Error "RFC 7643 section 2.3.4" Alone |it, found| values::number_text(&it.got, found),
        "a number as text"
        "clients with types fail on it"
        "send a JSON number";
    "RES-VALUE-003" Provider Error "RFC 7643 section 2.3.4" Alone |it, found| values::fraction(&it.got, found),
        "a fraction or an exponent in an integer"
        "clients with types fail on it"
        "send whole numbers without point and exponent";
    "RES-VALUE-004" Provider Error "RFC 7643 section 2.3.5" Alone |it, found| values::date_time(&it.got, found),
        "a dateTime that is none"
        "Notion sends milliseconds as text: clients fail on it, or read the year 50000"
        "send `2026-01-01T00:00:00Z`";
    "RES-VALUE-005" Provider Error "RFC 7643 section 2.3.6" Alone |it, found| values::binary(&it.got, found),
        "a binary value that is no base64"
        "clients fail to decode it"
        "encode the bytes as base64";
    "RES-VALUE-006" Provider Warning "RFC 7643 section 2.3.7" Alone |it, found| values::reference(&it.got, found),
        "a reference that is no URI"
        "clients cannot follow it"
        "send an absolute URI, or one relative to the base URL";
    "RES-VALUE-007" Provider Error "RFC 7643 section 2.3.8" Alone |it, found| values::scalar_for_complex(&it.got, found),
        "text where an object is expected"
        "clients with types fail on it"
        "send an object with the sub-attributes of the schema";
    "RES-VALUE-008" Provider Error "RFC 7643 section 2.3" Alone |it, found| values::other_type(&it.got, found),
        "a value of another type than the attribute's"
        "clients with types fail on it"
        "send the type that the schema has";
    "RES-VALUE-009" Provider Error "RFC 7644 section 3.8" Alone |it, found| values::single_for_list(&it.got, found),
        "one value where a list is expected"
        "clients iterate over it and fail"
        "send an array, with one value too";
    "RES-VALUE-010" Provider Error "RFC 7644 section 3.8" Alone |it, found| values::list_for_single(&it.got, found),
        "a list where one value is expected"
        "clients with types fail on it"
        "send the value itself";
    "RES-VALUE-011" Provider Error "RFC 7643 section 2.4" Alone |it, found| values::several_primary(&it.got, found),
        "more than one value is primary"
        "clients take the first or the last for the address of the user"
        "keep one primary value: setting another one clears it";
    "RES-VALUE-013" Provider Warning "RFC 7643 section 2.4" Alone |it, found| values::repeated_value(&it.got, found),
        "the same value with the same type twice"
        "adding what is there must not add it again (RFC 7644 section 3.5.2.1); SCIMple did"
        "keep each pair of type and value once";
    "RES-VALUE-014" Provider Note "RFC 7643 section 2.5" Alone |it, found| values::nulls(&it.got, found),
        "a value is null"
        "it means that there is no value; clients that iterate over it fail (`\"members\": null`)"
        "leave the attribute out";
    "RES-GROUP-001" Provider Error "RFC 7643 section 2.4" Alone other_reference,
        "`$ref` is not the resource of `value`"
        "a client that follows the one changes another resource than one that goes by the other"
        "build `$ref` from the base URL, the endpoint and `value`";
    "RES-GROUP-002" Provider Warning "RFC 7643 section 2.4" Alone reference_elsewhere,
        "`$ref` lies outside of the base URL"
        "clients cannot reach it behind a gateway"
        "build references from the base URL that clients use";
    "RES-ECHO-001" Provider Error "RFC 7644 section 3.1" After echo,
        "the answer to a write says otherwise than what was written"
        "the client goes on with what it sent; Okta reads the answer and writes it back"
        "answer the state that is stored, and store what was sent";
    "RES-ECHO-002" Provider Warning "RFC 7644 section 3.1" After dropped,
        "the answer to a write lacks what was written"
        "the attribute was dropped without a word: the next comparison of the client differs, and it writes again, for ever"
        "store it, or take it out of the published schema";
}

fn resources<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = &'m Resource<'a>> {
    it.got.resources.iter().filter(|_| it.succeeded())
}

fn no_schemas(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it).filter(|resource| resource.schemas().next().is_none()) {
        found.at(resource.place("schemas"), "no schema is named");
    }
}

fn no_id(it: &View<'_>, found: &mut Found<'_>) {
    let absent =
        |resource: &&Resource<'_>| resource.get("id").is_none_or(|id| id.is_null() || id == "");
    for resource in resources(it).filter(absent) {
        found.at(&*resource.at, "no `id`");
    }
}

fn id_type(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        if let Some(id) = resource
            .get("id")
            .filter(|id| !id.is_string() && !id.is_null())
        {
            found.at(resource.place("id"), format!("`id` is {id}"));
        }
    }
}

fn id_bulk(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        if let Some(id) = resource.text("id").filter(|id| id.contains("bulkId")) {
            found.at(resource.place("id"), format!("`{id}`"));
        }
    }
}

fn other_id(it: &View<'_>, found: &mut Found<'_>) {
    let (Target::Resource(_, asked), Form::Resource) = (it.target(), it.got.form) else {
        return;
    };
    for resource in resources(it) {
        if let Some(id) = resource.text("id").filter(|id| id != asked) {
            found.at(
                resource.place("id"),
                format!("`{id}`, and `{asked}` was asked for"),
            );
        }
    }
}

fn whole<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = &'m Resource<'a>> {
    resources(it).filter(|_| it.is_whole())
}

fn no_meta(it: &View<'_>, found: &mut Found<'_>) {
    for resource in whole(it).filter(|it| it.get("meta").is_none()) {
        found.at(&*resource.at, "no `meta`");
    }
}

fn resource_type(it: &View<'_>, found: &mut Found<'_>) {
    let Some(kind) = it.target().kind() else {
        return;
    };
    for resource in resources(it) {
        if let Some(named) = resource
            .meta("resourceType")
            .filter(|named| **named != *kind.name)
        {
            found.at(
                resource.place("meta").below("resourceType"),
                format!("{named} at the endpoint of {}", kind.name),
            );
        }
    }
}

fn no_location(it: &View<'_>, found: &mut Found<'_>) {
    for resource in whole(it)
        .filter(|it| it.get("meta").is_some_and(Value::is_object) && it.meta("location").is_none())
    {
        found.at(resource.place("meta"), "no `location`");
    }
}

/// The last two segments of a URL, decoded.
fn tail(url: &str) -> (String, String) {
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let mut segments = url.trim_end_matches('/').rsplit('/').map(decoded);
    let last = segments.next().unwrap_or_default();
    (segments.next().unwrap_or_default(), last)
}

fn location_of_another(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        let location = resource.meta("location").and_then(Value::as_str);
        let (Some(location), Some(id), Some(kind)) = (location, resource.text("id"), resource.kind)
        else {
            continue;
        };
        let (endpoint, last) = tail(location);
        let fits = last == id && endpoint.eq_ignore_ascii_case(kind.endpoint.trim_matches('/'));
        if !fits {
            found.at(
                resource.place("meta").below("location"),
                format!("`{location}` of `{id}`"),
            );
        }
    }
}

/// Whether a URL is absolute and not below the base, which a recording writes as `{base}`.
fn is_elsewhere(url: &str, it: &View<'_>) -> bool {
    let is_absolute = url.starts_with("http://") || url.starts_with("https://");
    is_absolute && it.contract.has_placeholder()
}

fn location_elsewhere(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        let location = resource.meta("location").and_then(Value::as_str);
        if let Some(location) = location.filter(|location| is_elsewhere(location, it)) {
            found.at(
                resource.place("meta").below("location"),
                format!("`{location}`"),
            );
        }
    }
}

fn modified_before_created(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        let instant = |name: &str| datetime::parse(resource.meta(name)?.as_str()?);
        if let (Some(created), Some(modified)) = (instant("created"), instant("lastModified"))
            && modified < created
        {
            found.at(
                resource.place("meta").below("lastModified"),
                format!("{modified}, and it was created {created}"),
            );
        }
    }
}

fn never_returned(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        let Some(kind) = resource.kind else { continue };
        let never = kind
            .attributes()
            .filter(|it| it.returned == Returned::Never || it.mutability == Mutability::WriteOnly);
        for attribute in never {
            if resource
                .get(&attribute.name)
                .is_some_and(|value| !value.is_null())
            {
                found.at(
                    resource.place(&attribute.name),
                    format!("`{}` is there", attribute.name),
                );
            }
        }
    }
}

/// The top-level attributes that a projection names: whole ones, and those of which it names a part.
fn named(it: &View<'_>, parameter: &str, resource: &Resource<'_>) -> Option<Vec<(String, bool)>> {
    let kind = resource.kind?;
    let names = it
        .parameter(parameter)?
        .text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let read = names.filter_map(|name| {
        let path = AttributePath::parse(name.split('[').next()?)?;
        Some(match kind.resolve(&path)? {
            Resolved::Attribute {
                extension: Some(urn),
                ..
            } => (urn.to_owned(), false),
            Resolved::Attribute { attribute, sub, .. } => (attribute.name.clone(), sub.is_none()),
            Resolved::Extension(extension) => (extension.schema.id.clone(), true),
        })
    });
    Some(read.collect())
}

fn is_always(resource: &Resource<'_>, name: &str) -> bool {
    let attribute = resource.kind.and_then(|kind| kind.attribute(name));
    name.eq_ignore_ascii_case("schemas")
        || name.eq_ignore_ascii_case("id")
        || attribute.is_some_and(|it| it.returned == Returned::Always)
}

fn excluded(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        for (name, is_whole) in named(it, "excludedAttributes", resource).unwrap_or_default() {
            if is_whole && !is_always(resource, &name) && resource.get(&name).is_some() {
                found.at(resource.place(&name), format!("`{name}` was excluded"));
            }
        }
    }
}

fn not_asked(it: &View<'_>, found: &mut Found<'_>) {
    let twice = it
        .parameters
        .iter()
        .filter(|it| it.name.eq_ignore_ascii_case("attributes"));
    if twice.count() > 1 {
        return;
    }
    for resource in resources(it) {
        // One that names nothing that is known asks for nothing in particular.
        let Some(asked) = named(it, "attributes", resource).filter(|asked| !asked.is_empty())
        else {
            continue;
        };
        for name in resource.members.keys() {
            let is_asked = asked
                .iter()
                .any(|(asked, _)| asked.eq_ignore_ascii_case(name));
            if !is_asked && !is_always(resource, name) {
                found.at(resource.place(name), format!("`{name}` was not asked for"));
            }
        }
    }
}

fn required(it: &View<'_>, found: &mut Found<'_>) {
    for resource in whole(it) {
        for attribute in values::missing(resource)
            .into_iter()
            .filter(|it| it.returned != Returned::Never && it.returned != Returned::Request)
        {
            found.at(
                resource.place(&attribute.name),
                format!("`{}` has no value", attribute.name),
            );
        }
    }
}

fn no_base(it: &View<'_>, found: &mut Found<'_>) {
    for resource in resources(it) {
        let Some(kind) = resource.kind else { continue };
        let named = resource
            .schemas()
            .any(|urn| urn.eq_ignore_ascii_case(&kind.schema.id));
        if resource.schemas().next().is_some() && !named {
            found.at(
                resource.place("schemas"),
                format!("`{}` is not named", kind.schema.id),
            );
        }
    }
}

/// The references of links, each with what it should lead to.
fn references<'m, 'a>(
    it: &'m View<'a>,
) -> impl Iterator<Item = (&'m crate::lint::view::Typed<'a>, &'a str, &'a str)> {
    let values = resources(it)
        .flat_map(|it| &it.values)
        .filter(|it| !it.is_list && !it.attribute.link_targets().is_empty());
    values.filter_map(|value| {
        let text = |name: &str| {
            value
                .value
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        Some((value, text("value")?, text("$ref")?))
    })
}

fn other_reference(it: &View<'_>, found: &mut Found<'_>) {
    for (value, id, reference) in references(it).filter(|it| tail(it.2).1 != it.1) {
        found.at(
            value.at.place().below("$ref"),
            format!("`{reference}` of `{id}`"),
        );
    }
}

fn reference_elsewhere(it: &View<'_>, found: &mut Found<'_>) {
    for (value, _, reference) in references(it).filter(|reference| is_elsewhere(reference.2, it)) {
        found.at(value.at.place().below("$ref"), format!("`{reference}`"));
    }
}

fn echoes(it: &View<'_>, before: &Before<'_>, lost: bool, found: &mut Found<'_>) {
    let (Some(expected), Some(resource)) = (&before.expected, it.got.resources.first()) else {
        return;
    };
    let Some(kind) = resource
        .kind
        .filter(|_| it.succeeded() && it.got.form == Form::Resource && it.is_whole())
    else {
        return;
    };
    // What another write has done meanwhile nobody can tell from this.
    if before.memory.overlaps(it) {
        return;
    }
    for difference in differences(it.contract, kind, expected, resource.members) {
        if difference.found.is_none() == lost {
            found.at(resource.place(&difference.member), difference.to_string());
        }
    }
}

fn echo(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    echoes(it, before, false, found);
}

fn dropped(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    echoes(it, before, true, found);
}
