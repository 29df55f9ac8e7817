//! A recording as an archive.

use super::document::Node;
use super::entry;
use super::format::{
    Archive, Cache, Content, Creator, Entry, Log, Pair, PostData, Request, Response, Timings,
};
use crate::exchange::{Body, Exchange, Recording, base, file};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The text of the archive, in which the recorded upstream stands for `{base}`.
pub fn write(recording: &Recording, exchanges: &[(u64, Exchange)]) -> String {
    let provider = recording.upstream.trim_end_matches('/');
    let archive = Archive {
        log: Log {
            version: "1.2",
            creator: Creator {
                name: "scimulate",
                version: env!("CARGO_PKG_VERSION"),
            },
            recording: serde_json::to_value(recording).expect("a record of texts is JSON"),
            entries: exchanges
                .iter()
                .map(|(number, exchange)| written(*number, exchange, provider))
                .collect(),
        },
    };
    let mut text =
        serde_json::to_string_pretty(&archive).expect("no key in it is other than a string");
    text.push('\n');
    text
}

/// An entry, and the exchange beside it where the entry alone would not give it back.
fn written(number: u64, exchange: &Exchange, provider: &str) -> Entry {
    let as_recorded = file::to_json(exchange);
    let mut entry = plain(number, exchange, &as_recorded, provider);
    let read = serde_json::to_value(&entry).ok();
    let read = read.and_then(|it| entry::read(&Node::top(&it), provider).ok().flatten());
    if read.is_none_or(|(_, read)| file::to_json(&read) != as_recorded) {
        entry.exchange = Some(as_recorded);
    }
    entry
}

fn plain(number: u64, exchange: &Exchange, as_recorded: &Value, provider: &str) -> Entry {
    let mut live = exchange.clone();
    for headers in [&mut live.request.headers, &mut live.response.headers] {
        base::rewrite_headers(headers, base::PLACEHOLDER, provider);
    }
    for body in [&mut live.request.body, &mut live.response.body] {
        base::rewrite_body(body, base::PLACEHOLDER, provider);
    }
    let error = live.ended.as_ref().map(|it| it.why.clone());
    Entry {
        number,
        started_date_time: as_recorded["at"].clone(),
        time: as_recorded["elapsed_ms"].clone(),
        request: request(&live.request, provider),
        response: response(&live.response, error),
        cache: Cache {},
        timings: Timings {
            send: 0,
            wait: as_recorded["elapsed_ms"].clone(),
            receive: 0,
        },
        exchange: None,
    }
}

fn request(request: &crate::exchange::Request, provider: &str) -> Request {
    let query: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&request.query)
        .finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let post_data = (request.body != Body::Empty).then(|| PostData {
        mime_type: request.content_type().unwrap_or_default().to_owned(),
        text: String::from_utf8_lossy(&request.body.to_bytes()).into_owned(),
    });
    Request {
        method: request.method.clone(),
        url: format!("{provider}{}{mark}{query}", request.path),
        http_version: "unknown",
        cookies: Pair::cookies(&request.headers, "cookie"),
        headers: Pair::all(&request.headers),
        query_string: Pair::all(&request.query),
        post_data,
        headers_size: -1,
        body_size: size(&request.body),
    }
}

fn response(response: &crate::exchange::Response, error: Option<String>) -> Response {
    let location = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("location");
    let location = response.headers.iter().find(location);
    let status = http::StatusCode::from_u16(response.status).ok();
    let bytes = response.body.to_bytes();
    let (text, encoding) = match std::str::from_utf8(&bytes) {
        Ok("") => (None, None),
        Ok(text) => (Some(text.to_owned()), None),
        Err(_) => (Some(STANDARD.encode(&bytes)), Some("base64")),
    };
    Response {
        status: response.status,
        status_text: status
            .and_then(|it| it.canonical_reason())
            .unwrap_or_default(),
        http_version: "unknown",
        cookies: Pair::cookies(&response.headers, "set-cookie"),
        headers: Pair::all(&response.headers),
        content: Content {
            size: bytes.len().try_into().unwrap_or(i64::MAX),
            mime_type: response.content_type().unwrap_or_default().to_owned(),
            text,
            encoding,
        },
        redirect_url: location.map(|(_, url)| url.clone()).unwrap_or_default(),
        headers_size: -1,
        body_size: size(&response.body),
        error,
    }
}

/// -1 where it is not known.
fn size(body: &Body) -> i64 {
    match body {
        Body::Cut { .. } => -1,
        whole => whole.to_bytes().len().try_into().unwrap_or(i64::MAX),
    }
}
