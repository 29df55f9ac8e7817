//! Which base URL the entries of an archive have, where nobody says it: what stands before an endpoint of RFC 7644 section 3.2 in the
//! URLs of entries that speak SCIM.

use super::document::Node;
use serde_json::Value;

const ENDPOINTS: [&str; 9] = [
    ".search",
    "Bulk",
    "Groups",
    "Me",
    "ResourceTypes",
    "Schemas",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "Users",
];

/// The bases of entries that speak SCIM, the one of most entries first.
pub(super) fn candidates(entries: &[Node<'_>]) -> Vec<String> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for entry in entries.iter().filter(|entry| speaks_scim(entry.value())) {
        let Some(base) = entry.value()["request"]["url"]
            .as_str()
            .and_then(before_endpoint)
        else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == base) {
            Some((_, count)) => *count += 1,
            None => found.push((base, 1)),
        }
    }
    // Those of one count stay in the order of their first entry.
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.into_iter().map(|(base, _)| base).collect()
}

/// Scheme, host and path up to the endpoint.
fn before_endpoint(url: &str) -> Option<String> {
    let url = url.split(['?', '#']).next()?;
    let path = url.find("://")? + 3;
    let mut end = path + url[path..].find('/')?;
    for segment in url[end + 1..].split('/') {
        if ENDPOINTS.contains(&segment) {
            return Some(url[..end].to_owned());
        }
        end += 1 + segment.len();
    }
    None
}

/// A media type or a URN of SCIM, in either message.
fn speaks_scim(entry: &Value) -> bool {
    let has = |value: &Value, what: &str| value.as_str().is_some_and(|text| text.contains(what));
    let (sent, answer) = (&entry["request"], &entry["response"]);
    let fields = [sent, answer]
        .into_iter()
        .filter_map(|it| it["headers"].as_array());
    fields
        .flatten()
        .any(|field| has(&field["value"], "application/scim+json"))
        || [&sent["postData"], &answer["content"]]
            .into_iter()
            .any(|body| {
                has(&body["mimeType"], "application/scim+json")
                    || has(&body["text"], "urn:ietf:params:scim:")
            })
}
