//! Header fields on their way through the proxy (RFC 9110 section 7.6.1), as pure functions.
//!
//! What belongs to one connection stays on it; everything else goes on, duplicates and unknown names included. Nothing is added for the
//! upstream's information (no `Via`, no `X-Forwarded-*`): it is to see the request that it would have seen without a proxy.

use crate::exchange::{base, header_pairs};
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, EXPECT, HOST, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// Besides every `Proxy-*` and what `Connection` names.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// `headers` without those that belong to one connection.
pub(super) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<&str> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
        .collect();
    let hop_by_hop = |name: &HeaderName| {
        HOP_BY_HOP.contains(name)
            || name.as_str().starts_with("proxy-")
            || named
                .iter()
                .any(|token| token.eq_ignore_ascii_case(name.as_str()))
    };
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if !hop_by_hop(name) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// What the upstream is sent of a client's end-to-end `headers`.
pub(super) fn to_upstream(mut headers: HeaderMap) -> HeaderMap {
    headers.remove(HOST); // the client puts the upstream's own there, from the URL
    headers.remove(EXPECT); // answered on the client's connection, by the server
    // HTTP/2 may send a field for each cookie, and the upstream may speak HTTP/1.1, which has one for all (RFC 9113 section 8.2.3).
    let cookies: Vec<&[u8]> = headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if cookies.len() > 1
        && let Ok(cookies) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(COOKIE, cookies);
    }
    // A compressed answer could be neither rewritten nor read in a recording.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// URLs of the provider below `from` moved to below `to`.
pub(super) fn relocate(headers: &mut HeaderMap, from: &str, to: &str) {
    for (name, value) in headers.iter_mut() {
        let text = value.to_str().ok();
        let moved = text.and_then(|text| base::rewrite_header(name.as_str(), text, from, to));
        let moved = moved.and_then(|text| HeaderValue::try_from(text).ok());
        if let Some(moved) = moved {
            *value = moved;
        }
    }
}

/// The media type of the body, unless a content coding hides what it is.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    if is_encoded(headers) {
        return Some("application/octet-stream");
    }
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| {
        !value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

/// The same of recorded fields.
pub(super) fn is_coded(fields: &[(String, String)]) -> bool {
    let coding = fields
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
    coding
        .map(|(_, coding)| coding.trim())
        .any(|coding| !coding.eq_ignore_ascii_case("identity"))
}

/// The fields as a recording has them, with any of `bases` written `{base}` where a URL of the provider stands.
pub(super) fn recorded(headers: &HeaderMap, bases: [&str; 2]) -> Vec<(String, String)> {
    let mut pairs = header_pairs(headers);
    for own in bases {
        base::rewrite_headers(&mut pairs, own, base::PLACEHOLDER);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{CONTENT_LOCATION, LOCATION};

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[track_caller]
    fn check(input: &[(&'static str, &'static str)], expected: &[(&'static str, &'static str)]) {
        assert_eq!(end_to_end(&map(input)), map(expected));
    }

    #[test]
    fn hop_by_hop_fields_stay_on_their_connection() {
        check(&[("connection", "close")], &[]);
        check(&[("keep-alive", "timeout=5"), ("te", "trailers")], &[]);
        check(&[("transfer-encoding", "chunked"), ("trailer", "x")], &[]);
        check(&[("upgrade", "h2c"), ("connection", "upgrade")], &[]);
        check(
            &[("proxy-authorization", "Basic x"), ("proxy-connection", "")],
            &[],
        );
        check(
            &[("connection", "close, X-Hop"), ("x-hop", "1"), ("x", "2")],
            &[("x", "2")],
        );
    }

    #[test]
    fn every_other_field_goes_on_with_its_duplicates() {
        let all = [("x-a", "1"), ("x-a", "2"), ("authorization", "Bearer t")];
        check(&all, &all);
    }

    #[test]
    fn the_upstream_gets_no_host_no_expect_and_is_asked_for_plain_bodies() {
        let sent = to_upstream(map(&[
            ("host", "localhost:1"),
            ("expect", "100-continue"),
            ("accept-encoding", "gzip"),
        ]));
        assert_eq!(sent, map(&[("accept-encoding", "identity")]));
    }

    #[test]
    fn the_cookies_of_http_2_go_on_as_one_field() {
        let sent = |pairs| to_upstream(map(pairs))[COOKIE].clone();
        assert_eq!(sent(&[("cookie", "a=1")]), "a=1");
        assert_eq!(
            sent(&[("cookie", "a=1"), ("x", "y"), ("cookie", "b=2; c=3")]),
            "a=1; b=2; c=3"
        );
    }

    #[test]
    fn locations_below_the_base_move_and_others_stay() {
        let mut headers = map(&[
            ("location", "http://up/scim/Users/1"),
            ("content-location", "http://elsewhere/Users/1"),
        ]);
        relocate(&mut headers, "http://up/scim", "http://own/scim/v2");
        assert_eq!(headers[LOCATION], "http://own/scim/v2/Users/1");
        assert_eq!(headers[CONTENT_LOCATION], "http://elsewhere/Users/1");
    }

    #[test]
    fn a_content_coding_hides_the_media_type() {
        let json = ("content-type", "application/json");
        assert_eq!(media_type(&map(&[json])), Some("application/json"));
        let plain = map(&[json, ("content-encoding", "identity")]);
        assert_eq!(media_type(&plain), Some("application/json"));
        let gzip = map(&[json, ("content-encoding", "gzip")]);
        assert_eq!(media_type(&gzip), Some("application/octet-stream"));
    }
}
