//! The status of an answer (RFC 7644 sections 3 and 3.12, RFC 9110, RFC 6585).

use crate::exchange::Body;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{Form, STATUS, Target, View};
use std::time::Duration;

rules! {
    "RES-STATUS-001" Provider Error "RFC 7644 section 3.3" Alone created,
        "a create that is not answered with 201"
        "Okta and Entra ID expect 201: another status counts as failed, and the user is created again"
        "answer 201 with the resource and its Location";
    "RES-STATUS-002" Provider Warning "RFC 7644 section 3.3" Alone created_without_body,
        "a create that answers no resource"
        "Okta says `Create new user returned empty user`: without the id a client cannot go on"
        "answer the resource, with its id";
    "RES-STATUS-003" Provider Warning "RFC 7644 section 3.6" Alone deleted,
        "a delete that is not answered with 204"
        "Entra ID and Okta expect 204"
        "answer 204 without a body";
    "RES-STATUS-004" Provider Error "RFC 7644 section 3.5.2" Alone patched,
        "a PATCH that is answered with something else than 200 or 204"
        "clients take it for a failure"
        "answer 200 with the resource, or 204";
    "RES-STATUS-005" Provider Error "RFC 7644 section 3.5.1" Alone replaced,
        "a PUT that is not answered with 200"
        "PUT never creates, and answers the resource; Okta reads the answer"
        "answer 200 with the resource, or 404 where there is none";
    "RES-STATUS-006" Provider Error "RFC 7644 section 3.4.2" Alone empty_list,
        "a filter that finds nothing is answered with 404"
        "Entra ID's probe for a random user needs 200 with an empty list: 404 fails the connection test, and later means quarantine"
        "answer 200 with `totalResults` 0";
    "RES-STATUS-007" Provider Warning "RFC 9110 section 15.6" Alone server_error,
        "the provider failed"
        "clients repeat what they sent, some for days; what was done of it nobody knows"
        "look into the provider's log; answer 4xx to what the client did wrong";
    "RES-STATUS-008" Provider Error "RFC 9110 section 15.3.5" Alone body_on_204,
        "a body where the status has none"
        "on the same connection the next answer begins with these bytes: clients break"
        "send no body with 204 and 304";
    "RES-STATUS-009" Provider Warning "RFC 9110 section 15.5.6" Alone no_allow,
        "405 without Allow"
        "the client is not told what it may send"
        "name the methods of the endpoint in `Allow`";
    "RES-STATUS-010" Provider Error "RFC 7644 section 2" Alone no_challenge,
        "401 without WWW-Authenticate"
        "clients that negotiate cannot know how to authenticate"
        "send a challenge, such as `Bearer realm=\"scim\"`";
    "RES-STATUS-011" Provider Warning "RFC 6750 section 3" Alone bare_challenge,
        "a Bearer challenge without a parameter"
        "the RFC asks for one or more; some parsers fail on the bare word"
        "send `Bearer realm=\"scim\"`";
    "RES-STATUS-012" Provider Warning "RFC 6750 section 3.1" Alone unasked_error,
        "a challenge names an error though no credentials were sent"
        "clients report a bad token where there was none"
        "leave `error` out where no credentials were sent";
    "RES-STATUS-013" Provider Warning "RFC 6585 section 4" Alone no_retry_after,
        "429 without Retry-After"
        "Okta then waits five minutes, and doubles that; others come back at once"
        "say in Retry-After how many seconds to wait";
    "RES-STATUS-014" Provider Warning "RFC 9110 section 10.2.3" Alone retry_after_date,
        "Retry-After is a date"
        "HTTP allows it, but Okta understands whole seconds only"
        "send whole seconds";
    "RES-STATUS-015" Provider Warning "RFC 7644 section 3.3" Alone conflict_status,
        "a create that meets a taken value is answered with another status than 409"
        "Entra ID looks the user up after 409; after 400 it reports a failure"
        "answer 409 with `uniqueness`";
    "RES-STATUS-016" Provider Warning "RFC 9110 section 15.4" Alone redirect,
        "a redirect"
        "few SCIM clients follow one, and those that do lose the body or the token"
        "serve the resource where it is asked for";
    "RES-STATUS-017" Provider Warning "RFC 7644 section 3.12" Alone slow,
        "an answer that took more than a minute"
        "Okta closes the connection after 60 s and repeats the request"
        "answer sooner: page, and leave members out where they are not asked for";
    "RES-STATUS-018" Provider Warning "RFC 7644 section 2" Alone no_discovery_access,
        "the provider's configuration needs credentials"
        "it says how to authenticate: a client needs it before it has credentials"
        "serve `/ServiceProviderConfig` to everybody";
    "RES-STATUS-019" Provider Warning "RFC 7644 section 4" Alone no_discovery,
        "a discovery endpoint is not there"
        "SailPoint and CyberArk do not connect without all three; others guess what the provider can do"
        "serve `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas`";
    "RES-STATUS-020" Provider Warning "RFC 7644 section 3.7" Alone bulk_status,
        "a bulk request that was processed is not answered with 200"
        "each operation has a status of its own; another one here hides them"
        "answer 200 with a BulkResponse";
    "RES-STATUS-021" Provider Warning "RFC 7644 section 3.12" Alone not_for_reading,
        "a status that such a request does not have"
        "clients take whatever is not 200 for a failure"
        "answer a read with 200, 304 or an error";
    "RES-STATUS-022" Provider Warning "RFC 7643 section 5" Alone unannounced,
        "a feature that the provider says it has is answered with 501"
        "clients choose by `/ServiceProviderConfig` what to send"
        "announce what is there";
}

fn created(it: &View<'_>, found: &mut Found<'_>) {
    let creates = it.method == "POST" && matches!(it.target(), Target::Collection(_));
    if creates && it.succeeded() && !matches!(it.status, 201 | 202) {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn created_without_body(it: &View<'_>, found: &mut Found<'_>) {
    let creates = it.method == "POST" && matches!(it.target(), Target::Collection(_));
    if creates && it.status == 201 && matches!(it.exchange.response.body, Body::Empty) {
        found.at("/response", "no body");
    }
}

fn is_resource(it: &View<'_>) -> bool {
    matches!(it.target(), Target::Resource(..))
}

fn deleted(it: &View<'_>, found: &mut Found<'_>) {
    if it.method == "DELETE" && is_resource(it) && it.succeeded() && !matches!(it.status, 202 | 204)
    {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn patched(it: &View<'_>, found: &mut Found<'_>) {
    if it.method == "PATCH"
        && is_resource(it)
        && it.succeeded()
        && !matches!(it.status, 200 | 202 | 204)
    {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn replaced(it: &View<'_>, found: &mut Found<'_>) {
    if it.method == "PUT" && is_resource(it) && it.succeeded() && !matches!(it.status, 200 | 202) {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn empty_list(it: &View<'_>, found: &mut Found<'_>) {
    // A path that is not quite the endpoint is another matter.
    let path = it.exchange.request.path.trim_start_matches('/');
    if it.path.spelled.as_deref() != Some(path) {
        return;
    }
    if it.status == 404
        && it.filter.is_some()
        && it.is_query()
        && matches!(it.target(), Target::Collection(_))
    {
        found.at(STATUS, "404 to a filter");
    }
}

fn server_error(it: &View<'_>, found: &mut Found<'_>) {
    if it.status >= 500 && !matches!(it.status, 501 | 503) {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn body_on_204(it: &View<'_>, found: &mut Found<'_>) {
    let has_none = matches!(it.status, 204 | 304) || it.method == "HEAD";
    if has_none && !matches!(it.exchange.response.body, Body::Empty) {
        found.at(it.got.body_place(), format!("a body with {}", it.status));
    }
}

fn no_allow(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 405 && it.got.header("allow").is_none() {
        found.at(STATUS, "405, and no Allow");
    }
}

fn no_challenge(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 401 && it.got.header("www-authenticate").is_none() {
        found.at(STATUS, "401, and no WWW-Authenticate");
    }
}

fn bare_challenge(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.got.header_at("www-authenticate")
        && value.trim().eq_ignore_ascii_case("bearer")
    {
        found.at(place, format!("`{value}`"));
    }
}

fn unasked_error(it: &View<'_>, found: &mut Found<'_>) {
    let sent = it.sent.header("authorization").is_some() || it.parameter("access_token").is_some();
    if let Some((place, value)) = it.got.header_at("www-authenticate")
        && !sent
        && value.contains("error=")
    {
        found.at(place, format!("`{value}`"));
    }
}

fn no_retry_after(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 429 && it.got.header("retry-after").is_none() {
        found.at(STATUS, "429, and no Retry-After");
    }
}

fn retry_after_date(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.got.header_at("retry-after")
        && value.trim().parse::<u64>().is_err()
    {
        found.at(place, format!("`{value}`"));
    }
}

fn conflict_status(it: &View<'_>, found: &mut Found<'_>) {
    let creates = it.method == "POST" && matches!(it.target(), Target::Collection(_));
    let word = it
        .got
        .get(super::response_error::WORD)
        .and_then(|it| it.as_str());
    if creates && it.status != 409 && word == Some("uniqueness") {
        found.at(STATUS, format!("{} with `uniqueness`", it.status));
    }
}

fn redirect(it: &View<'_>, found: &mut Found<'_>) {
    if matches!(it.status, 301 | 302 | 303 | 307 | 308) && !matches!(it.target(), Target::Me) {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn slow(it: &View<'_>, found: &mut Found<'_>) {
    if it.exchange.elapsed > Duration::from_mins(1) {
        found.at(
            "/elapsed_ms",
            format!("{} s", it.exchange.elapsed.as_secs()),
        );
    }
}

fn no_discovery_access(it: &View<'_>, found: &mut Found<'_>) {
    if it.status == 401 && it.method == "GET" && matches!(it.target(), Target::Config) {
        found.at(STATUS, "401");
    }
}

fn no_discovery(it: &View<'_>, found: &mut Found<'_>) {
    let asks = match it.target() {
        Target::Config => it
            .path
            .endpoint
            .eq_ignore_ascii_case("ServiceProviderConfig"),
        Target::ResourceTypes(id) | Target::Schemas(id) => id.is_none(),
        _ => false,
    };
    if it.method == "GET" && asks && matches!(it.status, 404 | 405 | 501) {
        found.at(STATUS, format!("{} at `/{}`", it.status, it.path.endpoint));
    }
}

fn bulk_status(it: &View<'_>, found: &mut Found<'_>) {
    if matches!(it.target(), Target::Bulk) && it.succeeded() && !matches!(it.status, 200 | 202) {
        found.at(STATUS, format!("{}", it.status));
    }
}

fn not_for_reading(it: &View<'_>, found: &mut Found<'_>) {
    let reads = it.method == "GET" || it.is_query();
    if reads && it.succeeded() && it.status != 200 && it.got.form != Form::Bulk {
        found.at(STATUS, format!("{} to a read", it.status));
    }
}

fn unannounced(it: &View<'_>, found: &mut Found<'_>) {
    let feature = match (it.method, it.target()) {
        ("PATCH", _) => "patch",
        (_, Target::Bulk) => "bulk",
        _ if it.parameter("filter").is_some() => "filter",
        _ if it.parameter("sortBy").is_some() => "sort",
        _ => return,
    };
    if it.status == 501 && it.contract.supports(feature) == Some(true) {
        found.at(STATUS, format!("501, and `{feature}.supported` is true"));
    }
}
