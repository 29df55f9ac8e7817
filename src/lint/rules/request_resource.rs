//! Resources as a client sends them, alone, in bulk, or as the values of a PATCH (RFC 7643 sections 2, 3 and 7).

use super::values;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{Form, Target, View};
use crate::scim::Reading;
use crate::scim::schema::{Mutability, Type};
use serde_json::Value;

rules! {
    "REQ-RES-001" Client Error "RFC 7643 section 3" Alone no_schemas,
        "a resource without `schemas`"
        "Posit Connect and strict providers answer 400 `invalidSyntax`"
        "name the base schema, and each extension that is used";
    "REQ-RES-002" Client Error "RFC 7643 section 3.3" Alone no_base,
        "`schemas` without the base schema"
        "a provider cannot tell what it is; strict ones answer 400"
        "name the base schema of the resource type first";
    "REQ-RES-003" Client Error "RFC 7643 section 3" Alone foreign_schema,
        "`schemas` names a schema of something else"
        "a User that says it is a Group or a message is neither; providers answer 400"
        "name the schemas of the resource type of the endpoint";
    "REQ-RES-004" Client Warning "RFC 7643 section 3" Alone unknown_schema,
        "`schemas` names a schema that the type does not have"
        "Entra ID adds `http://schemas.microsoft.com/2006/11/…/ADSCIM/2.0/Group`; strict providers answer 400"
        "name only what `/ResourceTypes` lists for the type";
    "REQ-RES-005" Client Error "RFC 7643 section 3" Alone |it, found| values::repeated_schemas(&it.sent, found),
        "a URN stands twice in `schemas`"
        "the RFC forbids it; strict providers answer 400"
        "name each schema once";
    "REQ-RES-006" Client Warning "RFC 7643 section 1" Alone draft_schema,
        "a schema under the URN of SCIM 1.1 or of a draft"
        "OneLogin's templates send `urn:scim:schemas:core:1.0`; a provider of SCIM 2.0 does not know it"
        "use the URNs that begin with `urn:ietf:params:scim:schemas:`";
    "REQ-RES-007" Client Warning "RFC 7643 section 3" Alone |it, found| values::unnamed_extensions(&it.sent, found),
        "attributes of an extension that `schemas` does not name"
        "strict providers answer 400; others drop the attributes"
        "add the URN of the extension to `schemas`";
    "REQ-RES-008" Client Error "RFC 7643 section 3.3" Alone |it, found| values::misplaced(&it.sent, found),
        "an attribute of an extension outside of it"
        "providers take it for unknown: they drop it or answer 400"
        "put it into an object under the URN of the extension";
    "REQ-RES-009" Client Warning "RFC 7643 section 2" Alone |it, found| values::unknown(&it.sent, found),
        "an attribute that no schema has"
        "most providers drop it without a word, strict ones answer 400"
        "send what `/Schemas` has, or define an extension";
    "REQ-RES-010" Client Warning "RFC 7643 section 3.3" Alone |it, found| values::unknown_extension(&it.sent, found),
        "an extension that the type does not have"
        "it is dropped, or the request refused with 400"
        "send the extensions that `/ResourceTypes` lists for the type";
    "REQ-RES-011" Client Note "RFC 7643 section 2.1" Alone |it, found| values::names_in_other_case(&it.sent, found),
        "an attribute in another spelling than its schema's"
        "names have no case in SCIM, but many providers look them up with case (Microsoft's own collection sends PascalCase)"
        "spell attributes as their schema does";
    "REQ-RES-012" Client Warning "RFC 7643 section 3.1" Alone chosen_id,
        "a client chooses the `id` of what it creates"
        "the id is the provider's: it ignores this one, and who goes on using it finds nothing"
        "leave `id` out, put your own into `externalId`, and take the id of the answer";
    "REQ-RES-013" Client Error "RFC 7644 section 3.5.1" Alone other_id,
        "the `id` in the body is not that of the URL"
        "it is ignored: the resource of the URL is overwritten with another one's attributes"
        "send the id of the URL, or none";
    "REQ-RES-014" Client Note "RFC 7643 section 7" Alone read_only,
        "an attribute that only the provider writes"
        "it is ignored, as the RFC has it (Okta and JumpCloud echo what they read); some providers refuse it with 400"
        "leave `meta`, `groups` and the like out";
    "REQ-RES-015" Client Error "RFC 7643 section 7" Alone required,
        "a required attribute is missing"
        "providers answer 400 `invalidValue`; after a PUT the attribute may be gone"
        "send all required attributes with each POST and each PUT";
    "REQ-RES-016" Client Error "RFC 7643 section 7" Alone |it, found| values::missing_subs(&it.sent, found),
        "a value lacks a required part"
        "providers answer 400 `invalidValue`"
        "send each value with the parts that its schema requires";
    "REQ-VALUE-001" Client Error "RFC 7643 section 2.3.2" Alone |it, found| values::boolean_text(&it.sent, found),
        "a boolean as text"
        "Entra ID sends `\"False\"` without its flag: a truthy string keeps users active who should not be; WorkOS answers 400"
        "send `true` or `false`; in Entra ID add `?aadOptscim062020` to the tenant URL";
    "REQ-VALUE-002" Client Error "RFC 7643 section 2.3.4" Alone |it, found| values::number_text(&it.sent, found),
        "a number as text"
        "strict providers answer 400"
        "send a JSON number";
    "REQ-VALUE-003" Client Error "RFC 7643 section 2.3.4" Alone |it, found| values::fraction(&it.sent, found),
        "a fraction or an exponent in an integer"
        "strict providers answer 400, others cut it"
        "send whole numbers without point and exponent";
    "REQ-VALUE-004" Client Error "RFC 7643 section 2.3.5" Alone |it, found| values::date_time(&it.sent, found),
        "a dateTime that is none"
        "a date alone or a number of seconds is refused with 400"
        "send `2026-01-01T00:00:00Z`";
    "REQ-VALUE-005" Client Error "RFC 7643 section 2.3.6" Alone |it, found| values::binary(&it.sent, found),
        "a binary value that is no base64"
        "providers answer 400"
        "encode the bytes as base64, without line breaks";
    "REQ-VALUE-006" Client Warning "RFC 7643 section 2.3.7" Alone |it, found| values::reference(&it.sent, found),
        "a reference that is no URI"
        "providers answer 400 or keep what cannot be followed"
        "send an absolute URI, or one relative to the base URL";
    "REQ-VALUE-007" Client Error "RFC 7643 section 2.3.8" Alone scalar_for_complex,
        "text where an object is expected"
        "Entra ID sends the manager as bare text; providers answer 400 or drop it"
        "send an object: `{\"value\": \"…\"}`";
    "REQ-VALUE-008" Client Error "RFC 7643 section 2.3" Alone |it, found| values::other_type(&it.sent, found),
        "a value of another type than the attribute's"
        "providers answer 400 `invalidValue`, or store what nobody can read"
        "send the type that the schema has";
    "REQ-VALUE-009" Client Error "RFC 7644 section 3.8" Alone single_for_list,
        "one value where a list is expected"
        "OneLogin's 1.0 template sends `emails` as an object; strict providers answer 400"
        "send an array, with one value too";
    "REQ-VALUE-010" Client Error "RFC 7644 section 3.8" Alone |it, found| values::list_for_single(&it.sent, found),
        "a list where one value is expected"
        "old Entra ID jobs wrap each value (`[{\"$ref\": null, \"value\": \"x\"}]`); providers answer 400 or store the wrapping"
        "send the value itself; in Entra ID restart the job with `?aadOptscim062020`";
    "REQ-VALUE-011" Client Error "RFC 7643 section 2.4" Alone |it, found| values::several_primary(&it.sent, found),
        "more than one value is primary"
        "strict providers answer 400; with others the last one wins"
        "mark one value at most";
    "REQ-VALUE-012" Client Note "RFC 7643 section 7" Alone |it, found| values::canonical_values(&it.sent, found),
        "a value that is not among those that the schema suggests"
        "a provider may drop or refuse it"
        "use one of the canonical values";
    "REQ-VALUE-013" Client Note "RFC 7643 section 2.4" Alone |it, found| values::repeated_value(&it.sent, found),
        "the same value with the same type twice"
        "providers keep one of them, or both, and the next comparison differs"
        "send each pair of type and value once";
    "REQ-VALUE-014" Client Note "RFC 7643 section 2.5" Alone |it, found| values::nulls(&it.sent, found),
        "a value is null"
        "it means that there is no value; strict providers refuse `\"$ref\": null` and `\"emails\": null` (Entra ID, JumpCloud)"
        "leave the attribute out";
    "REQ-VALUE-015" Client Warning "RFC 7643 section 2.3" Alone json_in_text,
        "JSON inside of text"
        "Entra ID sends app roles so: a provider stores the braces as the name of the role"
        "send the parts as sub-attributes; in Entra ID map roles with SingleAppRoleAssignment";
}

fn is_new(it: &View<'_>) -> bool {
    it.method == "POST" && it.sent.form == Form::Resource
}

fn no_schemas(it: &View<'_>, found: &mut Found<'_>) {
    for resource in &it.sent.resources {
        if resource.schemas().next().is_none() {
            found.at(resource.place("schemas"), "no schema is named");
        }
    }
}

fn no_base(it: &View<'_>, found: &mut Found<'_>) {
    for resource in &it.sent.resources {
        let Some(kind) = resource.kind else { continue };
        let is_base = |urn: &str| {
            kind.schema_named(urn, Reading::LENIENT)
                .is_some_and(|it| it == kind.schema.id)
        };
        if resource.schemas().next().is_some() && !resource.schemas().any(is_base) {
            found.at(
                resource.place("schemas"),
                format!("`{}` is not named", kind.schema.id),
            );
        }
    }
}

fn is_of_core(urn: &str) -> bool {
    let folded = urn.to_ascii_lowercase();
    folded.starts_with("urn:ietf:params:scim:schemas:core:")
        || folded.starts_with("urn:ietf:params:scim:api:")
}

fn is_of_draft(urn: &str) -> bool {
    urn.to_ascii_lowercase().starts_with("urn:scim:schemas:")
}

/// The URNs of `schemas` that are not schemas of the type.
fn foreign<'v>(it: &'v View<'_>) -> impl Iterator<Item = (crate::lint::Place, &'v str, &'v str)> {
    it.sent.resources.iter().flat_map(|resource| {
        // The endpoint says what it should be, whatever it says itself.
        let kind = it.target().kind().or(resource.kind);
        resource.schemas().enumerate().filter_map(move |(n, urn)| {
            let kind = kind?;
            let known = kind.schema_named(urn, Reading::STRICT).is_some();
            let place = resource.place("schemas").below(&n.to_string());
            (!known).then_some((place, urn, kind.name.as_str()))
        })
    })
}

fn foreign_schema(it: &View<'_>, found: &mut Found<'_>) {
    for (place, urn, kind) in foreign(it).filter(|it| is_of_core(it.1)) {
        found.at(place, format!("`{urn}` at the endpoint of {kind}"));
    }
}

fn unknown_schema(it: &View<'_>, found: &mut Found<'_>) {
    for (place, urn, kind) in foreign(it).filter(|it| !is_of_core(it.1) && !is_of_draft(it.1)) {
        found.at(place, format!("{kind} has no schema `{urn}`"));
    }
}

fn draft_schema(it: &View<'_>, found: &mut Found<'_>) {
    for (place, urn, _) in foreign(it).filter(|it| is_of_draft(it.1)) {
        found.at(place, format!("`{urn}`"));
    }
}

fn chosen_id(it: &View<'_>, found: &mut Found<'_>) {
    for resource in it.sent.resources.iter().filter(|_| is_new(it)) {
        if let Some(id) = resource.get("id") {
            found.at(resource.place("id"), format!("`id` is {id}"));
        }
    }
}

fn other_id(it: &View<'_>, found: &mut Found<'_>) {
    let (Target::Resource(_, id), Some(resource)) = (it.target(), it.sent.resources.first()) else {
        return;
    };
    if let Some(given) = resource.text("id")
        && given != id
        && it.method == "PUT"
    {
        found.at(
            resource.place("id"),
            format!("`{given}`, and the URL has `{id}`"),
        );
    }
}

fn read_only(it: &View<'_>, found: &mut Found<'_>) {
    let of_resources = it
        .sent
        .resources
        .iter()
        .flat_map(|resource| &resource.values);
    for value in of_resources.filter(|it| it.parent.is_none() && it.attribute.name != "id") {
        let whole = value.is_list || !value.attribute.multi_valued;
        if whole && value.attribute.mutability == Mutability::ReadOnly {
            found.at(&value.at, format!("`{}` is readOnly", value.at));
        }
    }
}

fn required(it: &View<'_>, found: &mut Found<'_>) {
    for resource in &it.sent.resources {
        for attribute in values::missing(resource) {
            found.at(
                resource.place(&attribute.name),
                format!("`{}` has no value", attribute.name),
            );
        }
    }
}

/// A PATCH may empty a link with text that is nothing; that is another rule's.
fn scalar_for_complex(it: &View<'_>, found: &mut Found<'_>) {
    for value in values::singles(&it.sent, Type::Complex) {
        let is_emptied = value.value == "" && it.sent.form == Form::Patch;
        if !value.value.is_object() && !value.value.is_array() && !is_emptied {
            found.at(&value.at, format!("`{}` is {}", value.at, value.value));
        }
    }
}

/// In a PATCH one value may be added to a list as it is; that is another rule's.
fn single_for_list(it: &View<'_>, found: &mut Found<'_>) {
    if it.sent.form != Form::Patch {
        values::single_for_list(&it.sent, found);
    }
}

fn json_in_text(it: &View<'_>, found: &mut Found<'_>) {
    for value in it.sent.values().filter(|it| !it.is_list) {
        let text = value.value.as_str().unwrap_or_default().trim();
        let is_json = (text.starts_with('{') || text.starts_with('['))
            && serde_json::from_str::<Value>(text).is_ok();
        if is_json {
            found.at(
                &value.at,
                format!(
                    "`{}` is {}",
                    value.at,
                    crate::lint::finding::shown(value.value)
                ),
            );
        }
    }
}
