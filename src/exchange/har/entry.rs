//! An entry of an archive as an exchange.
//!
//! What Chrome, Firefox and mitmproxy write is understood, not only what HAR 1.2 asks for: no answer at all (`status` 0), a form only
//! as `params`, a body that was left out, sizes and times of -1.

use super::document::Node;
use super::{EXCHANGE, HarError, NUMBER, headers};
use crate::exchange::{Body, Ended, Exchange, Request, Response, Side, base, file};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::time::Duration;

/// The exchange and its number, when it has one; `None` when it is not below the base.
pub(super) fn read(
    entry: &Node<'_>,
    provider: &str,
) -> Result<Option<(Option<u64>, Exchange)>, HarError> {
    let number = match entry.member(NUMBER)? {
        None => None,
        Some(it) => Some(it.value().as_u64().ok_or_else(|| {
            it.wrong(format!(
                "expected a number of an exchange, found {}",
                it.value()
            ))
        })?),
    };
    if let Some(whole) = entry.member(EXCHANGE)? {
        let exchange = file::parse(&whole.value().to_string()).map_err(|error| {
            let message = error.to_string();
            let text = message.split(" at line ").next().unwrap_or(&message);
            whole.wrong(text)
        })?;
        return Ok(Some((number, exchange)));
    }
    let own = number.is_some();
    let sent = entry.must("request")?;
    let url = sent.must("url")?;
    let Some((path, query)) = below(&url, provider)? else {
        return Ok(None);
    };
    let method = sent.must("method")?;
    let name = method.text()?;
    if http::Method::from_bytes(name.as_bytes()).is_err() {
        return Err(method.wrong(format!(
            "expected an HTTP method like \"GET\", found \"{name}\""
        )));
    }
    let mut request = Request {
        method: name.to_owned(),
        path,
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: headers::read(&sent, own)?,
        body: Body::Empty,
    };
    request.body = sent_body(&sent, request.content_type())?;
    let (response, ended) = answer(&entry.must("response")?, &request.method, own)?;
    let mut exchange = Exchange {
        at: instant(&entry.must("startedDateTime")?)?,
        elapsed: elapsed(entry.number_of("time")?),
        ended,
        request,
        response,
    };
    for headers in [
        &mut exchange.request.headers,
        &mut exchange.response.headers,
    ] {
        base::rewrite_headers(headers, provider, base::PLACEHOLDER);
    }
    for body in [&mut exchange.request.body, &mut exchange.response.body] {
        base::rewrite_body(body, provider, base::PLACEHOLDER);
    }
    Ok(Some((number, exchange)))
}

/// The path below the base, and the query behind it.
fn below<'v>(url: &Node<'v>, provider: &str) -> Result<Option<(String, &'v str)>, HarError> {
    let text = url.text()?;
    if !text.contains("://") {
        return Err(url.wrong(format!("expected an absolute URL, found \"{text}\"")));
    }
    let text = text.split('#').next().unwrap_or(text);
    let (place, query) = text.split_once('?').unwrap_or((text, ""));
    let path = base::rewrite_url(place, provider, "").map(|path| match path.as_str() {
        "" => "/".to_owned(),
        path => path.replace(' ', "%20"),
    });
    Ok(path.map(|path| (path, query)))
}

fn sent_body(sent: &Node<'_>, content_type: Option<&str>) -> Result<Body, HarError> {
    let Some(data) = sent.member("postData")? else {
        // mitmproxy keeps the body of a DELETE to itself.
        return Ok(left_out(sent.number_of("bodySize")?));
    };
    let media = data.text_of("mimeType")?;
    let media = content_type.or((!media.is_empty()).then_some(media));
    let text = data.text_of("text")?;
    if !text.is_empty() {
        return Ok(Body::read(&decoded(&data, text)?, media));
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for pair in data
        .member("params")?
        .map(|it| it.list())
        .transpose()?
        .into_iter()
        .flatten()
    {
        form.append_pair(pair.must("name")?.text()?, pair.text_of("value")?);
    }
    let form = form.finish();
    Ok(if form.is_empty() {
        left_out(sent.number_of("bodySize")?)
    } else {
        Body::Text(form)
    })
}

fn answer(
    answer: &Node<'_>,
    method: &str,
    own: bool,
) -> Result<(Response, Option<Ended>), HarError> {
    let code = answer.must("status")?;
    code.number()?;
    let status = code.value().as_u64().and_then(|it| u16::try_from(it).ok());
    match status {
        Some(0) => {
            let reason = [answer.text_of("_error")?, answer.text_of("comment")?];
            let reason = reason.into_iter().find(|it| !it.is_empty());
            return Ok((Response::none(), Some(ended(reason))));
        }
        Some(200..=999) => {}
        _ => {
            return Err(code.wrong(format!(
                "expected the status code of a final answer, 200 to 999, or 0 where none came, found {}",
                code.value()
            )));
        }
    }
    let mut response = Response {
        status: status.unwrap_or_default(),
        headers: headers::read(answer, own)?,
        body: Body::Empty,
    };
    if let Some(content) = answer.member("content")? {
        let media = content.text_of("mimeType")?;
        let media = (!["", "x-unknown"].contains(&media)).then_some(media);
        let text = content.text_of("text")?;
        let has_none = method == "HEAD" || [204, 304].contains(&response.status);
        response.body = if !text.is_empty() {
            Body::read(&decoded(&content, text)?, response.content_type().or(media))
        } else if has_none {
            Body::Empty
        } else {
            left_out(content.number_of("size")?)
        };
    }
    Ok((response, None))
}

/// Nothing, or a body of which nothing was kept.
fn left_out(size: Option<f64>) -> Body {
    if size.is_some_and(|size| size > 0.0) {
        Body::Cut { kept: Bytes::new() }
    } else {
        Body::Empty
    }
}

fn decoded(holder: &Node<'_>, text: &str) -> Result<Vec<u8>, HarError> {
    match holder.text_of("encoding")? {
        "" => Ok(text.as_bytes().to_vec()),
        name if name.eq_ignore_ascii_case("base64") => STANDARD.decode(text).map_err(|error| {
            holder.wrong(format!(
                "\"text\" is not base64 (RFC 4648 section 4): {error}"
            ))
        }),
        other => Err(holder.wrong(format!(
            "expected no \"encoding\" or \"base64\", found \"{other}\""
        ))),
    }
}

/// Who gave up, as far as the saving program says.
fn ended(reason: Option<&str>) -> Ended {
    let by_client = reason.is_some_and(|it| {
        it.contains("ERR_ABORTED") || it.to_ascii_lowercase().starts_with("client")
    });
    Ended {
        by: if by_client {
            Side::Client
        } else {
            Side::Upstream
        },
        why: reason.unwrap_or("no answer came").to_owned(),
    }
}

fn instant(at: &Node<'_>) -> Result<jiff::Timestamp, HarError> {
    let text = at.text()?;
    text.parse().map_err(|_| {
        at.wrong(format!(
            "expected an instant like \"2026-01-01T00:00:00.123Z\", found \"{text}\""
        ))
    })
}

/// Archives have -1 for what is not known.
fn elapsed(milliseconds: Option<f64>) -> Duration {
    let seconds = milliseconds.unwrap_or_default() / 1000.0;
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
