//! Which differences are differences to a client.
//!
//! Not compared are words for people (the detail of an error, descriptions), header fields that no client acts on where they stand, what is
//! more than recorded of what a provider adds by itself (`meta`, `$ref` and `display` of links), and which resources are on a page whose
//! order nobody asked for (RFC 7644 section 3.4.2.3 leaves it to the provider).

use super::binding::members_of;
use super::observe::{number, parameter};
use super::proof::is_discovery;
use crate::exchange::difference::{Finding, Party, Rule};
use crate::exchange::{Body, Exchange, Response};
use serde_json::{Value, json};

/// What a provider says of links and documents by itself.
const ADDED: [&str; 7] = [
    "$ref",
    "display",
    "displayName",
    "type",
    "schemas",
    "version",
    "location",
];

/// Whether a difference between what was recorded and what came is one.
pub(super) fn counts(finding: &Finding, recorded: &Exchange, live: &Response) -> bool {
    if finding.side == Party::Client {
        return false;
    }
    if let Some(header) = finding.path.strip_prefix("headers.") {
        return finding.rule != Rule::Added && acted_on(header, recorded);
    }
    let status = recorded.response.status;
    if status >= 400 && status == live.status {
        return !is_for_people(finding);
    }
    if is_discovery(&recorded.request.path) {
        return is_said_of_resources(finding);
    }
    if finding.rule == Rule::Added {
        let bare = finding.path.split('[').next().unwrap_or_default();
        let name = finding
            .path
            .rsplit(['.', ':', ']'])
            .next()
            .unwrap_or_default();
        let is_meta = finding.path.to_lowercase().starts_with("meta");
        let of_link =
            ADDED.contains(&name) && finding.path.contains(['.', '[']) || bare == "schemas";
        if is_meta || of_link {
            return false;
        }
    }
    if finding.path.ends_with("response.detail") && is_for_people(finding) {
        return false;
    }
    !(finding.path.starts_with("Resources") && is_unsorted_page(recorded, live))
}

/// Whether a client does something with a header field where it stands: with a version, of one resource; with a place, of what was made
/// or is elsewhere.
fn acted_on(header: &str, recorded: &Exchange) -> bool {
    let response = &recorded.response;
    let path = &recorded.request.path;
    let is_of_one = response.status < 400
        && !path.ends_with("/.search")
        && path.trim_matches('/').contains('/');
    match header {
        "location" => response.status == 201 || (300..400).contains(&response.status),
        "content-type" => response.body != Body::Empty,
        "etag" => is_of_one,
        "allow" | "link" | "preference-applied" => true,
        _ => false,
    }
}

/// The words of an error; its kind is not.
fn is_for_people(finding: &Finding) -> bool {
    let is_text = |it: &Option<Value>| it.as_ref().is_none_or(Value::is_string);
    let path = finding.path.as_str();
    let is_kind = path.contains("schemas") || path.contains("status") || path.contains("Type");
    !is_kind && is_text(&finding.before) && is_text(&finding.after)
}

/// Whether it is about what resources are, and not about documents: words, ways to authenticate, and characteristics that are not
/// said where they are what they would be anyway (RFC 7643 section 2.2).
fn is_said_of_resources(finding: &Finding) -> bool {
    let name = finding.path.rsplit(['.', ':']).next().unwrap_or_default();
    // References are case exact whatever a document says (RFC 7643 section 2.3.7), and one page holds all documents.
    let is_settled = name == "itemsPerPage"
        || name == "caseExact" && finding.path.contains("[type eq \"reference\"]");
    let is_default = finding
        .before
        .as_ref()
        .is_some_and(|it| *it == json!(false) || *it == json!("none"));
    let for_people = ["description", "documentationUri", "canonicalValues"].contains(&name)
        || finding.path.contains("authenticationSchemes")
        || finding.path.starts_with("meta");
    let is_told_otherwise = finding.rule == Rule::Removed && is_default;
    let is_no_matter = for_people || is_settled || is_told_otherwise;
    finding.rule != Rule::Added && !is_no_matter
}

/// Whether two answers are pages of as many, and nobody said in which order.
fn is_unsorted_page(recorded: &Exchange, live: &Response) -> bool {
    let shown = [&recorded.response, live].map(|it| members_of(&it.body, "Resources").len());
    let total = number(&recorded.response, "totalResults");
    shown[0] == shown[1]
        && total
            .is_some_and(|total| total > shown[0] && number(live, "totalResults") == Some(total))
        && parameter(recorded, "sortBy").is_none()
}
