//! Header fields on their way through the proxy (RFC 9110 section 7.6.1), as pure functions.
//!
//! What belongs to one connection stays on it; everything else goes on, duplicates and unknown names included. Nothing is added for the
//! upstream's information (no `Via`, no `X-Forwarded-*`; `Forwarded` only when asked for): it is to see the request that it would have seen
//! without a proxy.

use crate::exchange::base::{self, PLACEHOLDER};
use crate::exchange::coding::Coding;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, COOKIE, EXPECT, FORWARDED, HOST, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::IpAddr;

/// Besides every `Proxy-*` and what `Connection` names.
const HOP_BY_HOP: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes the fields that belong to one connection.
pub(super) fn keep_end_to_end(headers: &mut HeaderMap) {
    for name in named_by_connection(headers) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    let of_proxies = headers.keys().filter(|name| is_of_proxies(name));
    for name in of_proxies.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let fields = headers.get_all(CONNECTION).into_iter();
    let tokens = fields
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tokens
        .filter_map(|token| token.trim().parse().ok())
        .collect()
}

fn is_of_proxies(name: &HeaderName) -> bool {
    name.as_str().starts_with("proxy-")
}

/// Makes of a client's end-to-end `headers` what the upstream is sent.
pub(super) fn to_upstream(headers: &mut HeaderMap) {
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
    accept_what_can_be_decoded(headers);
}

/// Leaves in `Accept-Encoding` the codings that a recording can be written without. A client that says nothing of codings is sent none by
/// anybody.
fn accept_what_can_be_decoded(headers: &mut HeaderMap) {
    let asked: Vec<&str> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|asked| !asked.is_empty())
        .collect();
    if asked.iter().all(|asked| is_readable(coding_of(asked))) {
        return;
    }
    let mut accepted = Vec::new();
    for item in &asked {
        let coding = coding_of(item);
        if coding == "*" {
            // Whatever else there is, of what is known here.
            let parameters = &item[1..];
            let others = Coding::ALL.map(Coding::name).into_iter();
            let others = others.filter(|name| {
                let named = |asked: &&str| coding_of(asked).eq_ignore_ascii_case(name);
                !asked.iter().any(named)
            });
            accepted.extend(others.map(|name| format!("{name}{parameters}")));
        } else if is_readable(coding) {
            accepted.push((*item).to_owned());
        }
    }
    let accepted = HeaderValue::try_from(accepted.join(", ")).ok();
    let accepted = accepted.filter(|it| !it.is_empty());
    headers.insert(
        ACCEPT_ENCODING,
        accepted.unwrap_or(HeaderValue::from_static("identity")),
    );
}

/// The coding of `gzip;q=0.5`.
fn coding_of(asked: &str) -> &str {
    asked.split(';').next().unwrap_or_default().trim_end()
}

fn is_readable(coding: &str) -> bool {
    coding.eq_ignore_ascii_case("identity") || Coding::named(coding).is_some()
}

/// Tells the upstream who asks, for which host and over what (RFC 7239), behind what proxies before this one say.
pub(super) fn forwarded(headers: &mut HeaderMap, client: Option<IpAddr>, base: &str) {
    let from = match client {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("\"[{address}]\""),
        },
        None => "unknown".to_owned(),
    };
    let (scheme, rest) = base.split_once("://").unwrap_or(("http", base));
    let host = rest.split('/').next().unwrap_or_default();
    let said = format!("for={from};host=\"{host}\";proto={scheme}");
    let before = headers.get_all(FORWARDED).into_iter();
    let all: Vec<&[u8]> = before
        .map(HeaderValue::as_bytes)
        .chain([said.as_bytes()])
        .collect();
    // A host that could not be written came in no request.
    if let Ok(all) = HeaderValue::from_bytes(&all.join(&b", "[..])) {
        headers.insert(FORWARDED, all);
    }
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

/// The end-to-end fields as a recording has them, in the order of the wire, with any of `bases` written `{base}` where a URL of the
/// provider stands.
pub(super) fn recorded(headers: &HeaderMap, bases: [&str; 2]) -> Vec<(String, String)> {
    let named = named_by_connection(headers);
    let is_end_to_end = |name: &HeaderName| {
        !(HOP_BY_HOP.contains(name) || named.contains(name) || is_of_proxies(name))
    };
    let fields = headers.iter().filter(|(name, _)| is_end_to_end(name));
    fields
        .map(|(name, value)| {
            let mut text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            for own in bases {
                if let Some(moved) = base::rewrite_header(name.as_str(), &text, own, PLACEHOLDER) {
                    text = moved;
                }
            }
            (name.as_str().to_owned(), text)
        })
        .collect()
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
        let mut headers = map(input);
        keep_end_to_end(&mut headers);
        assert_eq!(headers, map(expected));
        let pairs = expected.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(recorded(&map(input), ["http://own", "http://up"]), pairs);
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
            &[
                ("a", "1"),
                ("connection", "close, X-Hop"),
                ("x-hop", "1"),
                ("b", "2"),
                ("c", "3"),
            ],
            &[("a", "1"), ("b", "2"), ("c", "3")],
        );
    }

    #[test]
    fn every_other_field_goes_on_with_its_duplicates() {
        let all = [("x-a", "1"), ("x-a", "2"), ("authorization", "Bearer t")];
        check(&all, &all);
    }

    fn sent(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = map(pairs);
        to_upstream(&mut headers);
        headers
    }

    #[test]
    fn the_upstream_gets_no_host_and_no_expect() {
        let headers = sent(&[("host", "localhost:1"), ("expect", "100-continue")]);
        assert_eq!(headers, map(&[]));
    }

    #[track_caller]
    fn check_accepted(asked: &[&'static str], expected: &[&'static str]) {
        let fields = |values: &[&'static str]| {
            let fields = values.iter().map(|value| ("accept-encoding", *value));
            map(&fields.collect::<Vec<_>>())
        };
        let mut headers = fields(asked);
        to_upstream(&mut headers);
        assert_eq!(headers, fields(expected), "{asked:?}");
    }

    #[test]
    fn the_upstream_is_asked_for_the_codings_of_the_client_that_can_be_decoded() {
        check_accepted(&[], &[]);
        check_accepted(&[""], &[""]);
        check_accepted(&["gzip, deflate, br,zstd"], &["gzip, deflate, br,zstd"]);
        check_accepted(&["GZIP;q=0.5", "x-gzip"], &["GZIP;q=0.5", "x-gzip"]);
        check_accepted(&["compress, gzip;q=0.5", "dcb"], &["gzip;q=0.5"]);
        check_accepted(&["compress"], &["identity"]);
        check_accepted(&["*"], &["gzip, deflate, br, zstd"]);
        check_accepted(
            &["gzip;q=1, *;q=0.1, identity;q=0"],
            &["gzip;q=1, deflate;q=0.1, br;q=0.1, zstd;q=0.1, identity;q=0"],
        );
    }

    #[track_caller]
    fn check_forwarded(before: &[&'static str], client: Option<&str>, base: &str, expected: &str) {
        let before: Vec<_> = before.iter().map(|value| ("forwarded", *value)).collect();
        let mut headers = map(&before);
        let client = client.map(|address| address.parse().expect("an address"));
        forwarded(&mut headers, client, base);
        assert_eq!(
            headers.get_all(FORWARDED).iter().collect::<Vec<_>>(),
            [expected]
        );
    }

    #[test]
    fn the_upstream_is_told_who_asks_behind_what_proxies_before_say() {
        check_forwarded(
            &[],
            Some("192.0.2.43"),
            "https://own.example/scim/v2",
            "for=192.0.2.43;host=\"own.example\";proto=https",
        );
        check_forwarded(
            &["for=\"_a\"", "for=unknown"],
            Some("2001:db8::1"),
            "http://own:8080/scim/v2",
            "for=\"_a\", for=unknown, for=\"[2001:db8::1]\";host=\"own:8080\";proto=http",
        );
        check_forwarded(
            &[],
            Some("::ffff:192.0.2.43"),
            "http://[::1]:80",
            "for=192.0.2.43;host=\"[::1]:80\";proto=http",
        );
        check_forwarded(
            &[],
            None,
            "http://own",
            "for=unknown;host=\"own\";proto=http",
        );
    }

    #[test]
    fn the_cookies_of_http_2_go_on_as_one_field() {
        let sent = |pairs| sent(pairs)[COOKIE].clone();
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
}
