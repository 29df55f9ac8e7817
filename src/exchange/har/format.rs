//! The form of an archive (HAR 1.2), as it is written. Members that HAR 1.2 requires are written also where a recording does not know
//! them: a size is -1, a version of HTTP `unknown`.

use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Serialize)]
pub(super) struct Archive {
    pub(super) log: Log,
}

#[derive(Debug, Serialize)]
pub(super) struct Log {
    pub(super) version: &'static str,
    pub(super) creator: Creator,
    #[serde(rename = "_scimulateRecording")]
    pub(super) recording: Value,
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
pub(super) struct Creator {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    #[serde(rename = "_scimulateNumber")]
    pub(super) number: u64,
    pub(super) started_date_time: Value,
    pub(super) time: Value,
    pub(super) request: Request,
    pub(super) response: Response,
    pub(super) cache: Cache,
    pub(super) timings: Timings,
    #[serde(rename = "_scimulateExchange", skip_serializing_if = "Option::is_none")]
    pub(super) exchange: Option<Value>,
}

/// An object without members: nothing is known of caches.
#[derive(Debug, Serialize)]
pub(super) struct Cache {}

#[derive(Debug, Serialize)]
pub(super) struct Timings {
    pub(super) send: u8,
    pub(super) wait: Value,
    pub(super) receive: u8,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) http_version: &'static str,
    pub(super) cookies: Vec<Pair>,
    pub(super) headers: Vec<Pair>,
    pub(super) query_string: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) post_data: Option<PostData>,
    pub(super) headers_size: i8,
    pub(super) body_size: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) status_text: &'static str,
    pub(super) http_version: &'static str,
    pub(super) cookies: Vec<Pair>,
    pub(super) headers: Vec<Pair>,
    pub(super) content: Content,
    #[serde(rename = "redirectURL")]
    pub(super) redirect_url: String,
    pub(super) headers_size: i8,
    pub(super) body_size: i64,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// A header field, a cookie or a parameter.
#[derive(Debug, Serialize)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    pub(super) mime_type: String,
    pub(super) text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) size: i64,
    pub(super) mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<&'static str>,
}

impl Pair {
    pub(super) fn all(pairs: &[(String, String)]) -> Vec<Self> {
        let pair = |(name, value): &(String, String)| Self {
            name: name.clone(),
            value: value.clone(),
        };
        pairs.iter().map(pair).collect()
    }

    /// The pairs of every field `name`: all of `Cookie` (RFC 6265 section 4.2), the first of `Set-Cookie`, whose others are attributes.
    pub(super) fn cookies(headers: &[(String, String)], name: &str) -> Vec<Self> {
        let fields = headers
            .iter()
            .filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let most = if name == "cookie" { usize::MAX } else { 1 };
        let pairs = fields.flat_map(|(_, value)| value.split(';').take(most));
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Self {
                    name: name.trim().to_owned(),
                    value: value.trim().to_owned(),
                }
            })
            .collect()
    }
}
