//! Header fields of an archive, as a recording has them (RFC 9110 section 5).
//!
//! Browsers list the pseudo-fields of HTTP/2 (RFC 9113 section 8.3) among them, and have decoded the body that stands beside a
//! `Content-Encoding`; the fields of a connection (RFC 9110 section 7.6.1) say nothing about an exchange.

use super::HarError;
use super::document::Node;

/// Dropped: what is true of the connection, or of the bytes before they were decoded.
const OF_THE_WIRE: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The fields; `own` were written by this program, and nothing of them is left out.
pub(super) fn read(message: &Node<'_>, own: bool) -> Result<Vec<(String, String)>, HarError> {
    let mut fields = Vec::new();
    let Some(list) = message.member("headers")? else {
        return Ok(fields);
    };
    for field in list.list()? {
        let name = field.must("name")?.text()?;
        if name.starts_with(':') {
            continue;
        }
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(field.wrong(format!(
                "expected the name of a header field, found \"{name}\""
            )));
        }
        let name = if own {
            name.to_owned()
        } else {
            name.to_ascii_lowercase()
        };
        if !own && OF_THE_WIRE.contains(&name.as_str()) {
            continue;
        }
        // Chrome joins several fields `Set-Cookie` by line feeds.
        for value in field.text_of("value")?.split('\n') {
            let value = if own { value } else { value.trim() };
            if http::HeaderValue::from_bytes(value.as_bytes()).is_err() {
                return Err(field.wrong(format!(
                    "the value of the header field \"{name}\" has a control character"
                )));
            }
            fields.push((name.clone(), value.to_owned()));
        }
    }
    Ok(fields)
}
