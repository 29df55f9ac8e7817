//! The body of a request as JSON, and the messages of RFC 7644 as such (RFC 7644 sections 3.1 and 3.8, RFC 8259).

use super::text::{broken, doubled, is_utf8, spelled_twice};
use crate::exchange::Body;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{Form, Target, View};
use serde_json::Value;

rules! {
    "REQ-BODY-001" Client Error "RFC 8259 section 2" Alone unreadable,
        "the body is no JSON"
        "every provider answers 400 `invalidSyntax`"
        "write the body with a JSON library";
    "REQ-BODY-002" Client Error "RFC 8259 section 4" Alone repeated_name,
        "a name stands twice in one object"
        "readers take the first value, the last, or refuse: nobody knows which was stored"
        "send each name once";
    "REQ-BODY-003" Client Error "RFC 7643 section 2.1" Alone respelled_name,
        "one attribute in two spellings in one object"
        "attribute names have no case in SCIM: `userName` and `username` are one attribute with two values"
        "send each attribute once, as its schema spells it";
    "REQ-BODY-004" Client Error "RFC 7644 section 3.8" Alone not_utf8,
        "the body is not UTF-8"
        "SCIM is UTF-8 whatever the header says; the request is refused or names come out wrong"
        "encode the body as UTF-8";
    "REQ-BODY-005" Client Error "RFC 7644 section 3.2" Alone missing,
        "a request that needs a body has none"
        "providers answer 400; some create an empty resource"
        "send the resource, the operations or the search in the body";
    "REQ-BODY-006" Client Error "RFC 7643 section 2.1" Alone not_an_object,
        "the body is JSON and no object"
        "a resource and each message of SCIM is an object; providers answer 400"
        "send one object; several resources are a bulk request";
    "REQ-SEARCH-001" Client Error "RFC 7644 section 3.4.3" Alone search_urn,
        "a search without the URN of SearchRequest"
        "strict providers answer 400 `invalidSyntax`"
        "name `urn:ietf:params:scim:api:messages:2.0:SearchRequest` in `schemas`";
    "REQ-SEARCH-002" Client Warning "RFC 7644 section 3.4.3" Alone search_lists,
        "`attributes` of a search as text"
        "in a search they are arrays; providers answer 400 or take the whole text for one name"
        "send an array of names";
    "REQ-SEARCH-003" Client Warning "RFC 7644 section 3.4.3" Alone search_numbers,
        "`startIndex` or `count` of a search as text"
        "they are numbers there; strict providers answer 400"
        "send numbers";
}

fn writes(it: &View<'_>) -> bool {
    matches!(it.method, "POST" | "PUT" | "PATCH")
}

fn unreadable(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it)
        && let Some(why) = broken(&it.exchange.request.body)
    {
        found.at(it.sent.body_place(), why);
    }
}

fn repeated_name(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(name) = doubled(&it.exchange.request.body) {
        found.at(it.sent.body_place(), format!("`{name}` stands twice"));
    }
}

fn respelled_name(it: &View<'_>, found: &mut Found<'_>) {
    for (place, one, two) in spelled_twice(it.sent.at, it.sent.json) {
        found.at(place, format!("`{one}` and `{two}`"));
    }
}

fn not_utf8(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it)
        && it.sent.header("content-encoding").is_none()
        && !is_utf8(&it.exchange.request.body)
    {
        found.at(it.sent.body_place(), "bytes that are no UTF-8");
    }
}

fn missing(it: &View<'_>, found: &mut Found<'_>) {
    let needs = match it.target() {
        Target::Collection(_) | Target::Search(_) | Target::Bulk => it.method == "POST",
        Target::Resource(..) => matches!(it.method, "PUT" | "PATCH"),
        _ => false,
    };
    if needs && it.exchange.request.body == Body::Empty {
        found.at("/request", format!("{} without a body", it.method));
    }
}

fn not_an_object(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it) && it.sent.json.is_some_and(|json| !json.is_object()) {
        found.at(it.sent.at, "expected an object");
    }
}

fn search_urn(it: &View<'_>, found: &mut Found<'_>) {
    if it.sent.form == Form::Search
        && !it
            .sent
            .is_named("urn:ietf:params:scim:api:messages:2.0:SearchRequest")
    {
        found.at(it.sent.place("schemas"), "no SearchRequest in `schemas`");
    }
}

fn search_lists(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["attributes", "excludedAttributes"] {
        let text = it
            .parameter(name)
            .filter(|it| it.json.is_some_and(Value::is_string));
        if let Some(parameter) = text {
            found.at(parameter.place.clone(), format!("`{name}` is text"));
        }
    }
}

fn search_numbers(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["startIndex", "count"] {
        let text = it
            .parameter(name)
            .filter(|it| it.json.is_some_and(Value::is_string));
        if let Some(parameter) = text {
            found.at(parameter.place.clone(), format!("`{name}` is text"));
        }
    }
}
