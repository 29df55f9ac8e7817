//! What a client sends around the body: header fields and credentials (RFC 7644 sections 2 and 3.8, RFC 6750, RFC 9110).

use crate::exchange::Body;
use crate::exchange::body::is_json;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::View;

rules! {
    "REQ-HDR-001" Client Warning "RFC 7644 section 3.8" Alone no_content_type,
        "a body without Content-Type"
        "Entra-style gateways and Posit Connect answer 415; others guess"
        "send `Content-Type: application/scim+json` with every body";
    "REQ-HDR-002" Client Note "RFC 7644 section 8.1" Alone plain_json,
        "`application/json` where SCIM has a media type of its own"
        "Google and OneLogin send it and most take it; a few servers answer 406 or 415"
        "send `application/scim+json`";
    "REQ-HDR-003" Client Error "RFC 9110 section 15.5.16" Alone not_json,
        "a body of a media type that is no JSON"
        "a provider that goes by it answers 415; one that does not reads it as JSON all the same"
        "send `Content-Type: application/scim+json`";
    "REQ-HDR-004" Client Warning "RFC 7644 section 3.8" Alone accept,
        "the client accepts no JSON"
        "strict providers answer 406"
        "send `Accept: application/scim+json`, or none";
    "REQ-HDR-005" Client Warning "RFC 9110 section 10.1.5" Alone no_user_agent,
        "no User-Agent"
        "GitHub refuses such requests, AWS IAM Identity Center blocks them on PATCH, and firewalls answer 403 with HTML (Entra ID's test connection sends none)"
        "name the client and its version in User-Agent";
    "REQ-HDR-006" Client Error "RFC 6750 section 2.1" Alone malformed_credentials,
        "the Authorization header is not `SCHEME credentials`"
        "providers answer 401 or 400, and the token looks wrong though it is right"
        "send `Authorization: Bearer TOKEN`, with the token once and without quotes";
    "REQ-HDR-007" Client Warning "RFC 7644 section 2" Alone no_credentials,
        "no credentials where the provider asks for some"
        "each such request is answered with 401; Entra ID goes into quarantine over it"
        "send an Authorization header";
    "REQ-HDR-008" Client Error "RFC 6750 section 2" Alone token_twice,
        "the token is sent in two ways"
        "the RFC has it refused with 400 `invalid_request`"
        "send it in the Authorization header alone";
    "REQ-HDR-009" Client Note "RFC 7644 section 2" Alone basic,
        "Basic credentials"
        "Entra ID and most providers do not offer Basic; a password that does not expire is all that protects the directory"
        "use a bearer token";
    "REQ-HDR-010" Client Error "RFC 7644 section 3.8" Alone charset,
        "a charset that is not UTF-8"
        "SCIM is UTF-8; a provider takes it for that, and names with accents come out wrong"
        "encode the body as UTF-8 and leave the charset out";
    "REQ-HDR-011" Client Warning "RFC 7644 section 3.2" Alone method_override,
        "the method is overridden by a header, as in SCIM 1.1"
        "SCIM 2.0 has no such header: the provider does what the request line says"
        "send PUT, PATCH and DELETE themselves";
    "REQ-HDR-012" Client Warning "RFC 9110 section 8.8.3" Alone bare_tag,
        "an entity tag without its quotes"
        "`If-Match: 3` is no tag; a provider answers 400, or 412 for ever"
        "send the tag byte for byte as `ETag` or `meta.version` has it: `W/\"3\"`";
    "REQ-HDR-013" Client Warning "RFC 9110 section 8.4" Alone compressed,
        "a compressed request body"
        "few providers decode requests; others read bytes that are no JSON and answer 400"
        "send bodies as they are";
    "REQ-HDR-014" Client Warning "RFC 9110 section 9.3.1" Alone content_on_read,
        "a body on a request that has none"
        "proxies drop it or refuse the request; no provider reads it"
        "ask by query string, or by POST to `.search`";
    "REQ-HDR-015" Client Warning "draft-zollner-scim-interop-profile section 6.7" Alone precondition_unsupported,
        "a precondition where the provider keeps no versions"
        "`etag.supported` is false: the header is passed over, and the write it should have stopped goes through"
        "leave it out, or compare before writing";
}

fn has_body(it: &View<'_>) -> bool {
    !matches!(it.exchange.request.body, Body::Empty)
}

fn writes(it: &View<'_>) -> bool {
    has_body(it) && matches!(it.method, "POST" | "PUT" | "PATCH")
}

fn no_content_type(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it) && it.sent.header("content-type").is_none() {
        found.at("/request/headers", "a body, and nothing says what it is");
    }
}

fn plain_json(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it)
        && let Some((place, value)) = it.sent.header_at("content-type")
        && it.sent.media_type().as_deref() == Some("application/json")
    {
        found.at(place, format!("`{value}`"));
    }
}

fn not_json(it: &View<'_>, found: &mut Found<'_>) {
    if writes(it)
        && let Some((place, value)) = it.sent.header_at("content-type")
        && !is_json(value)
    {
        found.at(place, format!("`{value}`"));
    }
}

fn accept(it: &View<'_>, found: &mut Found<'_>) {
    let Some((place, value)) = it.sent.header_at("accept") else {
        return;
    };
    let takes = |range: &str| {
        let range = range
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        range == "*/*" || range == "application/*" || is_json(&range) || range.is_empty()
    };
    if !value.split(',').any(takes) {
        found.at(place, format!("`{value}`"));
    }
}

fn no_user_agent(it: &View<'_>, found: &mut Found<'_>) {
    if it
        .sent
        .header("user-agent")
        .is_none_or(|it| it.trim().is_empty())
    {
        found.at("/request/headers", "nothing says who sends this");
    }
}

fn malformed_credentials(it: &View<'_>, found: &mut Found<'_>) {
    let Some((place, value)) = it.sent.header_at("authorization") else {
        return;
    };
    let value = value.trim();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let is_token = |text: &str| !text.is_empty() && !text.contains([' ', '"', ',']);
    let known = ["bearer", "basic"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(scheme));
    if known && !is_token(rest.trim_start()) {
        found.at(
            place,
            format!("`{scheme}` with no token behind it, or more than one"),
        );
    }
}

fn no_credentials(it: &View<'_>, found: &mut Found<'_>) {
    let sends = ["authorization", "cookie", "proxy-authorization"];
    if it.status == 401 && !sends.iter().any(|name| it.sent.header(name).is_some()) {
        found.at("/request/headers", "no credentials, and the answer is 401");
    }
}

fn token_twice(it: &View<'_>, found: &mut Found<'_>) {
    if let (Some(_), Some(parameter)) = (
        it.sent.header("authorization"),
        it.parameter("access_token"),
    ) {
        found.at(parameter.place.clone(), "in the header and in the query");
    }
}

fn basic(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.sent.header_at("authorization")
        && value
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "))
    {
        found.at(place, "Basic");
    }
}

/// The charset that a media type names.
pub(super) fn charset_of(media_type: &str) -> Option<String> {
    let mut parameters = media_type.split(';').skip(1);
    let charset = parameters.find_map(|it| {
        let (name, value) = it.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    })?;
    Some(charset)
}

fn charset(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.sent.header_at("content-type")
        && let Some(charset) = charset_of(value)
        && has_body(it)
        && !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii")
    {
        found.at(place, format!("`{charset}`"));
    }
}

fn method_override(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.sent.header_at("x-http-method-override") {
        found.at(place, format!("{} that means {value}", it.method));
    }
}

/// Whether a text is a list of entity tags.
pub(super) fn is_tag(text: &str) -> bool {
    let text = text.trim();
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')
}

fn bare_tag(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["if-match", "if-none-match"] {
        if let Some((place, value)) = it.sent.header_at(name)
            && value.trim() != "*"
            && !value.split(',').all(is_tag)
        {
            found.at(place, format!("`{value}`"));
        }
    }
}

fn compressed(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, value)) = it.sent.header_at("content-encoding")
        && !value.trim().eq_ignore_ascii_case("identity")
    {
        found.at(place, format!("`{value}`"));
    }
}

fn content_on_read(it: &View<'_>, found: &mut Found<'_>) {
    if matches!(it.method, "GET" | "HEAD" | "DELETE") && has_body(it) {
        found.at(it.sent.body_place(), format!("a {} with a body", it.method));
    }
}

fn precondition_unsupported(it: &View<'_>, found: &mut Found<'_>) {
    if it.contract.supports("etag") != Some(false) {
        return;
    }
    if let Some((place, value)) = it.sent.header_at("if-match") {
        found.at(place, format!("`{value}`, and `etag.supported` is false"));
    }
}
