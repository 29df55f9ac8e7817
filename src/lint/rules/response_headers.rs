//! The header fields of an answer, and its body as text (RFC 7644 sections 3.1, 3.8 and 3.14, RFC 9110).

use super::request_headers::{charset_of, is_tag};
use super::text::{broken, doubled, is_utf8, spelled_twice};
use crate::exchange::Body;
use crate::exchange::body::is_json;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{Form, STATUS, Target, View};
use serde_json::Value;

rules! {
    "RES-HDR-001" Provider Error "RFC 7644 section 3.8" Alone no_content_type,
        "a body without Content-Type"
        "clients that go by it do not parse the answer"
        "send `Content-Type: application/scim+json`";
    "RES-HDR-002" Provider Warning "RFC 7644 section 3.8" Alone plain_json,
        "`application/json` where SCIM has a media type of its own"
        "Entra ID's validator fails the answer; most clients take it"
        "send `application/scim+json`";
    "RES-HDR-003" Provider Error "RFC 7644 section 3.8" Alone not_json,
        "an answer that is no JSON by its media type"
        "a page of HTML from a proxy or a firewall: clients fail on the first character, and say nothing of the cause"
        "answer JSON, errors too; let no page of the gateway through";
    "RES-HDR-004" Provider Error "RFC 7644 section 3.3" Alone no_location,
        "201 without Location"
        "clients that follow it do not find what they created"
        "send the URL of the new resource in Location";
    "RES-HDR-005" Provider Warning "RFC 7643 section 3.1" Alone other_location,
        "Location is not `meta.location`"
        "both are the URL of the resource; a client keeps one of them"
        "send the same URL in both";
    "RES-HDR-006" Provider Error "RFC 7643 section 3.1" Alone other_content_location,
        "Content-Location is not `meta.location`"
        "the RFC says that they are equal"
        "send the same URL in both";
    "RES-HDR-007" Provider Error "RFC 7644 section 3.8" Alone charset,
        "a charset that is not UTF-8"
        "SCIM is UTF-8; names with accents come out wrong"
        "encode the answer as UTF-8";
    "RES-HDR-008" Provider Error "RFC 9110 section 8.8.3" Alone malformed_tag,
        "an ETag that is no entity tag"
        "clients send it back as it is, and it matches nothing"
        "send `W/\"…\"` or `\"…\"`, with the quotes and a capital W";
    "RES-HDR-009" Provider Error "RFC 7643 section 3.1" Alone other_version,
        "ETag is not `meta.version`"
        "a client that takes one of them for the other meets 412"
        "send the same tag in both, byte for byte";
    "RES-HDR-010" Provider Warning "RFC 7644 section 3.14" Alone no_tag,
        "no version though the provider says that it keeps them"
        "a client cannot make its write conditional, and overwrites another's"
        "send ETag and `meta.version`, or say that `etag.supported` is false";
    "RES-HDR-011" Provider Warning "RFC 9110 section 13.1.2" Alone not_modified,
        "the version that the client has is answered again"
        "If-None-Match names the current version: 304 would do"
        "answer 304 without a body";
    "RES-HDR-012" Provider Warning "RFC 9110 section 15.5.7" Alone refused_media,
        "JSON is accepted, and the answer is 406"
        "Google sends `application/json` and cannot be told otherwise"
        "serve `application/json` and `*/*` as well";
    "RES-HDR-013" Provider Warning "RFC 7644 section 3.8" Alone refused_content_type,
        "JSON is sent, and the answer is 415"
        "Google and OneLogin send `application/json`; Entra ID adds `charset=utf-8`"
        "take any JSON media type, with any parameter";
    "RES-BODY-001" Provider Error "RFC 8259 section 2" Alone unreadable,
        "the body is no JSON, and says it is"
        "clients fail on it"
        "write the body with a JSON library";
    "RES-BODY-002" Provider Error "RFC 8259 section 4" Alone repeated_name,
        "a name stands twice in one object"
        "clients take the first value, the last, or fail"
        "answer each name once";
    "RES-BODY-003" Provider Error "RFC 7643 section 2.1" Alone respelled_name,
        "one attribute in two spellings in one object"
        "attribute names have no case: it has two values"
        "answer each attribute once, as its schema spells it";
    "RES-BODY-004" Provider Error "RFC 7644 section 3.8" Alone not_utf8,
        "the body is not UTF-8"
        "clients read it as UTF-8 whatever the header says"
        "encode the answer as UTF-8";
    "RES-BODY-005" Provider Error "RFC 7644 section 3.4" Alone no_body,
        "a read that answers nothing"
        "a client that expects a resource or a list fails"
        "answer the resource or the list";
    "RES-BODY-006" Provider Error "RFC 7643 section 2.1" Alone not_an_object,
        "the body is JSON and no object"
        "a bare array is no ListResponse: clients fail on it"
        "answer one object; several resources are a ListResponse";
}

fn has_body(it: &View<'_>) -> bool {
    !matches!(it.exchange.response.body, Body::Empty)
}

fn no_content_type(it: &View<'_>, found: &mut Found<'_>) {
    if has_body(it) && it.got.header("content-type").is_none() {
        found.at("/response/headers", "a body, and nothing says what it is");
    }
}

fn plain_json(it: &View<'_>, found: &mut Found<'_>) {
    let asked = it.sent.header("accept").unwrap_or("*/*");
    let is_asked_for =
        asked.contains("application/json") && !asked.contains("application/scim+json");
    if has_body(it)
        && !is_asked_for
        && it.got.media_type().as_deref() == Some("application/json")
        && let Some((place, value)) = it.got.header_at("content-type")
    {
        found.at(place, format!("`{value}`"));
    }
}

fn not_json(it: &View<'_>, found: &mut Found<'_>) {
    if has_body(it)
        && let Some((place, value)) = it.got.header_at("content-type")
        && !is_json(value)
    {
        found.at(place, format!("`{value}`"));
    }
}

fn no_location(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 201 && it.got.header("location").is_none() {
        found.at("/response/headers", "201, and no Location");
    }
}

fn other(it: &View<'_>, header: &str, found: &mut Found<'_>) {
    if it.got.form != Form::Resource || !it.succeeded() || matches!(it.target(), Target::Me) {
        return;
    }
    let location = it
        .got
        .resources
        .first()
        .and_then(|it| it.meta("location"))
        .and_then(Value::as_str);
    if let (Some((place, value)), Some(location)) = (it.got.header_at(header), location)
        && value != location
        && path_of(value) != path_of(location)
    {
        found.at(
            place,
            format!("`{value}`, and `meta.location` is `{location}`"),
        );
    }
}

/// A URL from its path on: a relative reference says as much as an absolute one.
fn path_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |it| it.1);
    match behind.find('/') {
        Some(at) if url.contains("://") => behind[at..].trim_end_matches('/'),
        _ => url
            .strip_prefix(crate::exchange::base::PLACEHOLDER)
            .unwrap_or(url)
            .trim_end_matches('/'),
    }
}

fn other_location(it: &View<'_>, found: &mut Found<'_>) {
    other(it, "location", found);
}

fn other_content_location(it: &View<'_>, found: &mut Found<'_>) {
    other(it, "content-location", found);
}

fn charset(it: &View<'_>, found: &mut Found<'_>) {
    if has_body(it)
        && let Some((place, value)) = it.got.header_at("content-type")
        && let Some(charset) = charset_of(value)
        && !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii")
    {
        found.at(place, format!("`{charset}`"));
    }
}

fn malformed_tag(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.got.header_at("etag")
        && !is_tag(value)
    {
        found.at(place, format!("`{value}`"));
    }
}

fn other_version(it: &View<'_>, found: &mut Found<'_>) {
    let version = it
        .got
        .resources
        .first()
        .and_then(|it| it.meta("version"))
        .and_then(Value::as_str);
    if let (Some((place, value)), Some(version)) = (it.got.header_at("etag"), version)
        && it.got.form == Form::Resource
        && value != version
    {
        found.at(
            place,
            format!("`{value}`, and `meta.version` is `{version}`"),
        );
    }
}

fn no_tag(it: &View<'_>, found: &mut Found<'_>) {
    let is_read = it.got.form == Form::Resource && it.succeeded() && it.is_whole();
    let version = it.got.resources.first().and_then(|it| it.meta("version"));
    let keeps = it.contract.supports("etag") == Some(true);
    if is_read && keeps && it.got.header("etag").is_none() && version.is_none() {
        found.at(
            it.got.at,
            "`etag.supported` is true, and no version is here",
        );
    }
}

fn not_modified(it: &View<'_>, found: &mut Found<'_>) {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if let (Some(known), Some((place, tag))) =
        (it.sent.header("if-none-match"), it.got.header_at("etag"))
        && it.method == "GET"
        && it.status == 200
        && known.split(',').any(|known| opaque(known) == opaque(tag))
    {
        found.at(place, format!("`{tag}` again"));
    }
}

fn refused_media(it: &View<'_>, found: &mut Found<'_>) {
    let accepted = it.sent.header("accept").unwrap_or("*/*");
    let takes = |range: &str| {
        let range = range.split(';').next().unwrap_or_default().trim();
        [
            "*/*",
            "application/*",
            "application/json",
            "application/scim+json",
        ]
        .contains(&range)
    };
    if it.status == 406 && accepted.split(',').any(takes) {
        found.at(STATUS, format!("406 to `Accept: {accepted}`"));
    }
}

fn refused_content_type(it: &View<'_>, found: &mut Found<'_>) {
    let sent = it.sent.header("content-type");
    if it.status == 415 && sent.is_none_or(is_json) && it.sent.json.is_some() {
        found.at(
            STATUS,
            format!("415 to `{}`", sent.unwrap_or("no Content-Type")),
        );
    }
}

fn unreadable(it: &View<'_>, found: &mut Found<'_>) {
    let says_json = it.got.header("content-type").is_none_or(is_json);
    if let Some(why) = broken(&it.exchange.response.body).filter(|_| says_json) {
        found.at(it.got.body_place(), why);
    }
}

fn repeated_name(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(name) = doubled(&it.exchange.response.body) {
        found.at(it.got.body_place(), format!("`{name}` stands twice"));
    }
}

fn respelled_name(it: &View<'_>, found: &mut Found<'_>) {
    for (place, one, two) in spelled_twice(it.got.at, it.got.json) {
        found.at(place, format!("`{one}` and `{two}`"));
    }
}

fn not_utf8(it: &View<'_>, found: &mut Found<'_>) {
    if it.got.header("content-encoding").is_none() && !is_utf8(&it.exchange.response.body) {
        found.at(it.got.body_place(), "bytes that are no UTF-8");
    }
}

fn no_body(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 200 && (it.method == "GET" || it.is_query()) && !has_body(it) {
        found.at("/response", "200, and no body");
    }
}

fn not_an_object(it: &View<'_>, found: &mut Found<'_>) {
    if it.got.json.is_some_and(|json| !json.is_object()) {
        found.at(it.got.at, "expected an object");
    }
}
