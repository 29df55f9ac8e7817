//! The request line: method, path and the names of parameters (RFC 7644 sections 3.2 and 3.13, RFC 3986).

use crate::lint::Place;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{PATH, Target, View};

rules! {
    "REQ-URL-001" Client Warning "RFC 7644 section 3.2" Alone endpoint_case,
        "an endpoint is written in another case than its own"
        "paths are compared with case (RFC 3986): GitHub and most routers answer 404 to `/users`"
        "write the endpoint as `/ResourceTypes` has it";
    "REQ-URL-002" Client Warning "RFC 3986 section 3.3" Alone slashes,
        "a slash too many in the path"
        "`/Users/` and `//Users` are other URIs than `/Users`; strict routers answer 404 or redirect, and a redirect loses the body"
        "join base URL and endpoint with exactly one slash, and end with none";
    "REQ-URL-003" Client Warning "RFC 7644 section 3.13" Alone version_twice,
        "something stands between the base URL and the endpoint"
        "a version segment sits directly before the endpoint and once: a base that ends in `/v2` and a path that begins with it give 404"
        "configure the base URL with the version, and append only the endpoint";
    "REQ-URL-004" Client Warning "RFC 7644 section 3.2" Alone unknown_endpoint,
        "the path names no endpoint that is known"
        "plurals are not to be guessed (`/Persons` for `/People`): the provider answers 404"
        "read `/ResourceTypes` and use its `endpoint`";
    "REQ-URL-005" Client Error "RFC 7644 section 3.2" Alone method,
        "the endpoint does not have this method"
        "table 2 of the RFC has no such pair; providers answer 405, and some 404"
        "create with POST to the collection, change with PUT or PATCH and remove with DELETE at the resource";
    "REQ-URL-006" Client Warning "RFC 7644 section 3.4.2" Alone filter_on_write,
        "a filter on a request that is no query"
        "no provider applies it: the write goes to the resource of the path, whatever the filter says"
        "look the resource up first, and write to its id";
    "REQ-URL-007" Client Note "RFC 7644 section 3.4.2" Alone unknown_parameter,
        "a query parameter that no RFC knows"
        "most providers pass over it; Entra ID as a provider and some gateways refuse the request"
        "leave it out where the provider does not ask for it";
    "REQ-URL-008" Client Warning "RFC 3986 section 6.2.2.1" Alone parameter_case,
        "a query parameter in another case than its own"
        "the names of parameters have case: a provider that goes by the letter passes over `startindex` and answers the first page again"
        "write the parameter as RFC 7644 table 3 has it";
    "REQ-URL-009" Client Warning "RFC 7644 section 3.4.2" Alone repeated_parameter,
        "a query parameter stands twice"
        "some take the first, some the last, some answer 400"
        "send each parameter once; lists of attributes are separated by commas";
    "REQ-URL-010" Client Error "RFC 6750 section 2.3" Alone token_in_query,
        "a token in the query string"
        "URLs are written to logs and histories; most providers refuse it with 401"
        "send the token in the Authorization header";
    "REQ-URL-011" Client Error "RFC 3986 section 2.1" Alone unencoded_path,
        "the path holds characters that must be percent-encoded"
        "ids may hold any character (Zoom's hold `&`, Auth0's `|`): unencoded, the request is refused or reaches another resource"
        "percent-encode each segment of the path by itself";
    "REQ-URL-012" Client Warning "RFC 7644 section 4" Alone plural_config,
        "`/ServiceProviderConfigs`, as SCIM 1.1 had it"
        "SCIM 2.0 has `/ServiceProviderConfig`; only Salesforce, Slack (v1) and CyberArk know the plural"
        "ask for `/ServiceProviderConfig`";
    "REQ-URL-013" Client Warning "RFC 7644 section 4" Alone discovery_filter,
        "a filter on a discovery endpoint"
        "the RFC has it answered with 403, so that no client believes that it was applied"
        "read the list and choose from it";
    "REQ-URL-014" Client Warning "RFC 7644 section 4" Alone discovery_paging,
        "paging or sorting on a discovery endpoint"
        "discovery endpoints ignore both and answer whole: a client that counts pages loops"
        "ask without `startIndex`, `count` and `sortBy`";
    "REQ-URL-015" Client Warning "RFC 7644 section 3.2" Alone behind_resource,
        "something stands behind the id"
        "SCIM has no sub-resources: providers answer 404, or mistake it for a part of the id"
        "use `attributes` to read one attribute and PATCH to change it; encode a slash in an id as %2F";
    "REQ-URL-016" Client Note "RFC 7644 section 3.4.2" Alone entra_flag,
        "a flag of Entra ID in the query"
        "the provider receives it with each request; one that refuses unknown parameters refuses them all"
        "nothing: it is how the tenant URL is configured; the provider passes over it";
}

const KNOWN: [&str; 10] = [
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "attributes",
    "excludedAttributes",
    "access_token",
    "domain",
];

const FLAGS: [&str; 3] = [
    "aadOptscim062020",
    "AzureAdScimPatch062020",
    "AzureAdScimPatch2017",
];

fn is_flag(name: &str) -> bool {
    FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(name))
}

fn endpoint_case(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(spelled) = &it.path.spelled
        && spelled != it.path.endpoint
    {
        let written = it.path.endpoint;
        found.at(
            Place::from(PATH).part(written),
            format!("`/{written}` is `/{spelled}`"),
        );
    }
}

fn slashes(it: &View<'_>, found: &mut Found<'_>) {
    let path = it.exchange.request.path.as_str();
    if path.contains("//") {
        found.at(Place::from(PATH).part("//"), "two slashes in a row");
    } else if path.len() > 1 && path.ends_with('/') {
        found.at(PATH, "a slash at the end");
    }
}

fn version_twice(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(first) = it.path.before.first() {
        let before = it.path.before.join("/");
        found.at(
            Place::from(PATH).part(first),
            format!("`/{before}` before `/{}`", it.path.endpoint),
        );
    }
}

fn unknown_endpoint(it: &View<'_>, found: &mut Found<'_>) {
    if matches!(it.target(), Target::Unknown) && !it.succeeded() {
        found.at(
            PATH,
            format!("`/{}` is none of the endpoints", it.path.endpoint),
        );
    }
}

fn method(it: &View<'_>, found: &mut Found<'_>) {
    let methods = it.target().methods();
    if !methods.is_empty() && !methods.contains(&it.method) {
        let message = format!("{} is not among {}", it.method, methods.join(", "));
        found.at("/request/method", message);
    }
}

fn filter_on_write(it: &View<'_>, found: &mut Found<'_>) {
    if matches!(it.method, "PUT" | "PATCH" | "DELETE" | "POST") && !it.is_query() {
        for parameter in it
            .parameters
            .iter()
            .filter(|p| p.json.is_none() && p.name.eq_ignore_ascii_case("filter"))
        {
            found.at(
                parameter.place.clone(),
                format!("{} with a filter", it.method),
            );
        }
    }
}

fn unknown_parameter(it: &View<'_>, found: &mut Found<'_>) {
    for (n, (name, _)) in it.exchange.request.query.iter().enumerate() {
        if !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name)) && !is_flag(name) {
            found.at(format!("/request/query/{n}/0"), format!("`{name}`"));
        }
    }
}

fn parameter_case(it: &View<'_>, found: &mut Found<'_>) {
    for (n, (name, _)) in it.exchange.request.query.iter().enumerate() {
        let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name));
        if let Some(known) = known.filter(|known| *known != name) {
            found.at(
                format!("/request/query/{n}/0"),
                format!("`{name}` is `{known}`"),
            );
        }
    }
}

fn repeated_parameter(it: &View<'_>, found: &mut Found<'_>) {
    let query = &it.exchange.request.query;
    for (n, (name, _)) in query.iter().enumerate() {
        if query[..n]
            .iter()
            .any(|(earlier, _)| earlier.eq_ignore_ascii_case(name))
        {
            found.at(
                format!("/request/query/{n}/0"),
                format!("`{name}` once more"),
            );
        }
    }
}

fn token_in_query(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("access_token") {
        found.at(parameter.place.clone(), "`access_token`");
    }
}

/// Percent signs, and what RFC 3986 lets stand in a path; braces mark what a recording has replaced.
fn unencoded_path(it: &View<'_>, found: &mut Found<'_>) {
    let stands = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%{}".contains(c);
    let path = &it.exchange.request.path;
    if let Some(bad) = path.chars().find(|c| !stands(*c)) {
        found.at(
            Place::from(PATH).part(&bad.to_string()),
            format!("`{bad}` stands as it is"),
        );
    }
}

fn plural_config(it: &View<'_>, found: &mut Found<'_>) {
    if it
        .path
        .endpoint
        .eq_ignore_ascii_case("ServiceProviderConfigs")
    {
        found.at(PATH, "the plural");
    }
}

fn discovery_filter(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it
        .parameter("filter")
        .filter(|_| it.target().is_discovery())
    {
        found.at(
            parameter.place.clone(),
            format!("`{}` at `/{}`", parameter.text, it.path.endpoint),
        );
    }
}

fn discovery_paging(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["startIndex", "count", "sortBy", "cursor"] {
        if let Some(parameter) = it.parameter(name).filter(|_| it.target().is_discovery()) {
            found.at(
                parameter.place.clone(),
                format!("`{name}` at `/{}`", it.path.endpoint),
            );
        }
    }
}

fn behind_resource(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(behind) = it.path.behind.first()
        && it.target().kind().is_some()
    {
        found.at(
            Place::from(PATH).part(behind),
            format!("`/{}` behind the id", it.path.behind.join("/")),
        );
    }
}

fn entra_flag(it: &View<'_>, found: &mut Found<'_>) {
    for (n, (name, _)) in it.exchange.request.query.iter().enumerate() {
        if is_flag(name) {
            found.at(format!("/request/query/{n}/0"), format!("`{name}`"));
        }
    }
}
