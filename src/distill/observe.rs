//! What a recording says outright about its provider. The first exchange that shows a trait is cited; what is not shown is not said.

use super::binding::{members_of, text};
use super::draft::{Auth, Draft, Setting};
use super::proof::{Recorded, is_discovery};
use super::seed::is_taken;
use super::types;
use crate::exchange::{Body, Exchange, Response};
use crate::scim::error::ERROR_URN;
use crate::scim::path::member;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) type Seen = (u64, Exchange);

/// Everything but the resources.
pub(super) fn observe(recorded: &Recorded) -> Draft {
    let all = &recorded.exchanges;
    let mut settings: Vec<Setting> = Vec::new();
    let found = [
        patch_response(all),
        etag(all),
        page(all),
        told_page(all),
        most(all),
        empty_list(all),
        list_key(all),
        items_per_page(all),
        total_results(all),
        uniqueness(all),
        error_status(all),
        error_body(all),
        media_type(all),
        charset(all),
        location(all),
        me(all),
        bulk_status(all),
        discovery_auth(all),
        discovery_schemas(all),
    ];
    for setting in found.into_iter().flatten().chain(config(all)) {
        if !settings.iter().any(|it| it.name == setting.name) {
            settings.push(setting);
        }
    }
    let (schemas, types) = types::types(all);
    Draft {
        settings,
        ids: ids(all),
        lacking_meta: meta(all),
        auth: auth(all),
        schemas,
        types,
        ..Draft::default()
    }
}

/// The first exchange of which something can be said.
fn first(
    all: &[Seen],
    name: &'static str,
    says: impl Fn(&Exchange) -> Option<(String, String)>,
) -> Option<Setting> {
    all.iter().find_map(|(number, exchange)| {
        let (value, why) = says(exchange)?;
        Some(Setting::one(name, value, *number, why))
    })
}

fn said(value: impl Into<String>, why: impl Into<String>) -> (String, String) {
    (value.into(), why.into())
}

pub(super) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let found = headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn object(response: &Response) -> Option<&Map<String, Value>> {
    match &response.body {
        Body::Json(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Whether an answer is a resource and nothing else.
fn is_resource(exchange: &Exchange) -> bool {
    let has_id = object(&exchange.response).is_some_and(|it| member(it, "id").is_some());
    has_id
        && (200..300).contains(&exchange.response.status)
        && !is_discovery(&exchange.request.path)
}

fn is_list(exchange: &Exchange) -> bool {
    let reads = exchange.request.method == "GET" || exchange.request.path.ends_with("/.search");
    let is = object(&exchange.response).is_some_and(|it| {
        ["Resources", "totalResults"]
            .iter()
            .any(|name| member(it, name).is_some())
    });
    reads && is && exchange.response.status == 200 && !is_discovery(&exchange.request.path)
}

pub(super) fn parameter<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    let found = exchange
        .request
        .query
        .iter()
        .find(|(it, _)| it.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn patch_response(all: &[Seen]) -> Option<Setting> {
    first(all, "patch_response", |it| {
        let asks_for_less = parameter(it, "attributes").or(parameter(it, "excludedAttributes"));
        if it.request.method != "PATCH" || asks_for_less.is_some() {
            return None;
        }
        match it.response.status {
            200 => Some(said("Resource", "200 and the resource")),
            204 => Some(said("NoContent", "204")),
            _ => None,
        }
    })
}

fn etag(all: &[Seen]) -> Option<Setting> {
    first(all, "etag", |it| {
        if !is_resource(it) {
            return None;
        }
        let meta = object(&it.response).and_then(|it| member(it, "meta"));
        let version = meta.and_then(|it| text(it, "version"));
        match (header(&it.response.headers, "etag"), version) {
            (Some(tag), _) => Some(said("true", format!("ETag: {tag}"))),
            (None, Some(version)) => Some(said("true", format!("`meta.version` is {version}"))),
            (None, None) => Some(said("false", "no ETag, no `meta.version`")),
        }
    })
}

/// A number of a message.
pub(super) fn number(response: &Response, name: &str) -> Option<usize> {
    let number = member(object(response)?, name)?.as_u64()?;
    usize::try_from(number).ok()
}

/// How many were shown, of how many there are from where the page begins.
fn shown(exchange: &Exchange) -> Option<(usize, usize)> {
    if !is_list(exchange) {
        return None;
    }
    let shown = members_of(&exchange.response.body, "Resources").len();
    let start = parameter(exchange, "startIndex").and_then(|it| it.parse().ok());
    let before = start.unwrap_or(1_usize).saturating_sub(1);
    let total = number(&exchange.response, "totalResults")?;
    Some((shown, total.saturating_sub(before)))
}

fn page(all: &[Seen]) -> Option<Setting> {
    first(all, "default_page_size", |it| {
        let (shown, there) = shown(it)?;
        let free = it.request.method == "GET" && parameter(it, "count").is_none();
        if !free || shown == 0 || shown >= there {
            return None;
        }
        Some(said(
            shown.to_string(),
            format!("{shown} of {there} without `count`"),
        ))
    })
}

fn most(all: &[Seen]) -> Option<Setting> {
    first(all, "filter_max_results", |it| {
        let (shown, there) = shown(it)?;
        let count: usize = parameter(it, "count")?.parse().ok()?;
        if shown == 0 || shown >= there || shown >= count {
            return None;
        }
        Some(said(
            shown.to_string(),
            format!("{shown} of {there} where {count} are asked for"),
        ))
    })
}

fn empty_list(all: &[Seen]) -> Option<Setting> {
    first(all, "empty_list", |it| {
        if !is_list(it) || number(&it.response, "totalResults") != Some(0) {
            return None;
        }
        let there = object(&it.response).and_then(|it| member(it, "Resources"));
        match there {
            Some(_) => Some(said("Array", "`Resources` is there, and empty")),
            None => Some(said("Omit", "no `Resources` where there are none")),
        }
    })
}

fn list_key(all: &[Seen]) -> Option<Setting> {
    first(all, "list_key", |it| {
        let members = object(&it.response).filter(|_| is_list(it))?;
        let lower = members.contains_key("resources");
        lower.then(|| ("LowerCase".to_owned(), "`resources`".to_owned()))
    })
}

fn items_per_page(all: &[Seen]) -> Option<Setting> {
    first(all, "items_per_page", |it| {
        let (shown, _) = shown(it)?;
        let told = number(&it.response, "itemsPerPage").filter(|told| *told > shown)?;
        Some(said("Asked", format!("{told}, and {shown} on the page")))
    })
}

/// How large a page is that nobody asked to be of any size, where a list says so.
fn told_page(all: &[Seen]) -> Option<Setting> {
    first(all, "default_page_size", |it| {
        let (shown, _) = shown(it)?;
        let told = number(&it.response, "itemsPerPage").filter(|told| *told > shown)?;
        let free = it.request.method == "GET" && parameter(it, "count").is_none();
        free.then(|| {
            (
                told.to_string(),
                "`itemsPerPage` without `count`".to_owned(),
            )
        })
    })
}

fn total_results(all: &[Seen]) -> Option<Setting> {
    first(all, "total_results", |it| {
        let members = object(&it.response).filter(|_| is_list(it))?;
        let told = member(members, "totalResults").is_some();
        (!told).then(|| {
            (
                "false".to_owned(),
                "a list without `totalResults`".to_owned(),
            )
        })
    })
}

fn uniqueness(all: &[Seen]) -> Option<Setting> {
    first(all, "uniqueness", |it| {
        if it.request.method != "POST" || !is_taken(it) {
            return None;
        }
        match it.response.status {
            409 => Some(said("Conflict", "409 for a name that is taken")),
            _ => Some(said("BadRequest", "400 for a name that is taken")),
        }
    })
}

fn error_status(all: &[Seen]) -> Option<Setting> {
    first(all, "error_status", |it| {
        let members = object(&it.response).filter(|_| it.response.status >= 400)?;
        is_scim_error(members).then_some(())?;
        match member(members, "status")? {
            Value::Number(number) => Some(said("Number", format!("`status` is {number}"))),
            _ => None,
        }
    })
}

fn is_scim_error(members: &Map<String, Value>) -> bool {
    let schemas = member(members, "schemas").and_then(Value::as_array);
    schemas.is_some_and(|all| all.iter().any(|it| it == ERROR_URN))
}

/// The form of errors that are not those of SCIM, from one of them.
fn error_body(all: &[Seen]) -> Option<Setting> {
    let errors = all.iter().filter(|(_, it)| it.response.status >= 400);
    let mut errors = errors.filter_map(|(number, it)| Some((number, it, object(&it.response)?)));
    let (number, exchange, body) = errors.find(|(_, _, body)| !is_scim_error(body))?;
    let shape = shape(&Value::Object(body.clone()), exchange.response.status);
    let has_text = shape.to_string().contains("{detail}");
    has_text.then(|| {
        let why = "an error in an object of the provider's own";
        Setting::one("error_body", shape.to_string(), *number, why)
    })
}

fn shape(value: &Value, status: u16) -> Value {
    match value {
        Value::Number(number) if number.as_u64() == Some(u64::from(status)) => json!("{status}"),
        Value::String(text) if *text == status.to_string() => json!("{status_text}"),
        Value::String(text) if text.starts_with("urn:") => value.clone(),
        Value::String(_) => json!("{detail}"),
        Value::Array(list) => list.iter().map(|it| shape(it, status)).collect(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, it)| (name.clone(), shape(it, status)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// The media types of answers that are JSON.
fn media_type(all: &[Seen]) -> Option<Setting> {
    let typed = |(_, it): &&Seen| {
        it.response
            .content_type()
            .is_some_and(|it| it.contains("json"))
    };
    let is_plain = |it: &Exchange| {
        it.response
            .content_type()
            .is_some_and(|it| it.starts_with("application/json"))
    };
    let asks_plain = |it: &Exchange| {
        let accept = header(&it.request.headers, "accept").unwrap_or_default();
        accept.contains("application/json") && !accept.contains("application/scim+json")
    };
    let mut answers = all.iter().filter(typed).peekable();
    answers.peek()?;
    let (mut plain, mut scim, mut as_asked) = (true, true, true);
    let mut told = None;
    for (number, it) in answers {
        plain &= is_plain(it);
        scim &= !is_plain(it);
        if is_plain(it) != asks_plain(it) {
            as_asked = false;
            told.get_or_insert((*number, it.response.content_type().unwrap_or_default()));
        }
    }
    let (number, answer) = told.filter(|_| !as_asked)?;
    let value = match (plain, scim) {
        (true, _) => "Json",
        (_, true) => "Scim",
        _ => return None,
    };
    Some(Setting::one(
        "media_type",
        value,
        number,
        format!("{answer}, whatever the client accepts"),
    ))
}

fn charset(all: &[Seen]) -> Option<Setting> {
    first(all, "charset", |it| {
        let given = it
            .response
            .content_type()
            .filter(|it| it.contains("json"))?;
        given
            .to_lowercase()
            .contains("charset=utf-8")
            .then(|| ("true".to_owned(), given.to_owned()))
    })
}

fn location(all: &[Seen]) -> Option<Setting> {
    first(all, "location", |it| {
        if it.request.method != "GET" || !is_resource(it) {
            return None;
        }
        let headers = &it.response.headers;
        match [
            header(headers, "location"),
            header(headers, "content-location"),
        ] {
            [Some(_), None] => Some(said("Location", "`Location` names what is read")),
            [None, Some(_)] => Some(said(
                "ContentLocation",
                "`Content-Location` names what is read",
            )),
            [Some(_), Some(_)] => Some(said("Both", "both headers name what is read")),
            [None, None] => None,
        }
    })
}

fn me(all: &[Seen]) -> Option<Setting> {
    first(all, "me", |it| {
        if !it.request.path.eq_ignore_ascii_case("/Me") {
            return None;
        }
        match it.response.status {
            200 => Some(said("Direct", "200")),
            308 => Some(said("Redirect", "308")),
            status @ (404 | 501) => Some(said("Off", status.to_string())),
            _ => None,
        }
    })
}

fn bulk_status(all: &[Seen]) -> Option<Setting> {
    first(all, "bulk_status", |it| {
        let operation = members_of(&it.response.body, "Operations").first()?;
        match member(operation.as_object()?, "status")? {
            Value::Object(_) => Some(said("Object", "`status` is an object")),
            Value::String(_) => Some(said("Text", "`status` is text")),
            _ => None,
        }
    })
}

fn discovery_auth(all: &[Seen]) -> Option<Setting> {
    first(all, "discovery_auth", |it| {
        let bare = header(&it.request.headers, "authorization").is_none();
        if !is_discovery(&it.request.path) || !bare {
            return None;
        }
        match it.response.status {
            200 => Some(said("Public", "200 without credentials")),
            401 => Some(said("Required", "401 without credentials")),
            _ => None,
        }
    })
}

fn discovery_schemas(all: &[Seen]) -> Option<Setting> {
    first(all, "discovery_schemas", |it| {
        if it.request.path != "/Schemas" || it.response.status != 200 {
            return None;
        }
        let schemas = members_of(&it.response.body, "Resources");
        let is_config =
            |it: &Value| text(it, "id").is_some_and(|it| it.ends_with(":ServiceProviderConfig"));
        let (value, why) = if schemas.iter().any(is_config) {
            ("Listed", "that of the configuration is listed")
        } else {
            ("Omitted", "only those of resources are listed")
        };
        Some(said(value, why))
    })
}

/// What `/ServiceProviderConfig` announces (RFC 7643 section 5).
fn config(all: &[Seen]) -> Vec<Setting> {
    let is = |(_, it): &&Seen| {
        let path = it.request.path.to_lowercase();
        path.starts_with("/serviceproviderconfig") && it.response.status == 200
    };
    let Some((number, exchange)) = all.iter().find(is) else {
        return Vec::new();
    };
    let Body::Json(document) = &exchange.response.body else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut announce = |name: &'static str, value: String| {
        found.push(Setting::one(name, value, *number, "announced"));
    };
    let supported = |name: &str| document[name]["supported"].as_bool();
    let features = [
        ("patch", "patch"),
        ("filter", "filter"),
        ("sort", "sort"),
        ("etag", "etag"),
        ("change_password", "changePassword"),
    ];
    for (setting, name) in features {
        if let Some(supported) = supported(name) {
            announce(setting, supported.to_string());
        }
    }
    let size = |name: &str, member: &str| document[name][member].as_u64().filter(|it| *it > 0);
    if let Some(most) = size("filter", "maxResults") {
        announce("filter_max_results", most.to_string());
    }
    match supported("bulk") {
        Some(false) => announce("bulk", "false".to_owned()),
        Some(true) => {
            let limits = [
                ("max_operations", "maxOperations"),
                ("max_payload_bytes", "maxPayloadSize"),
            ];
            let limits = limits
                .iter()
                .filter_map(|(setting, name)| Some(format!("{setting}: {}", size("bulk", name)?)));
            let limits: Vec<String> = limits.collect();
            announce("bulk", format!("Bulk({})", limits.join(", ")));
        }
        None => {}
    }
    let pages = &document["pagination"];
    if let (Some(index), Some(cursor)) = (pages["index"].as_bool(), pages["cursor"].as_bool()) {
        let mut ways = Vec::from_iter(index.then_some("Index"));
        ways.extend(cursor.then_some("Cursor"));
        if pages["defaultPaginationMethod"] == "cursor" {
            ways.reverse();
        }
        if !ways.is_empty() {
            announce("pagination", format!("[{}]", ways.join(", ")));
        }
    } else {
        announce("pagination", "[Index]".to_owned());
    }
    found
}

/// What `meta` of resources does not have of what RFC 7643 section 3.1 has there.
fn meta(all: &[Seen]) -> Option<(u64, Vec<&'static str>)> {
    let (number, exchange) = all.iter().find(|(_, it)| is_resource(it))?;
    let meta = object(&exchange.response).and_then(|it| member(it, "meta"))?;
    let names = ["resourceType", "created", "lastModified", "location"];
    let lacks = |name: &&str| member(meta.as_object()?, name).is_none().then_some(());
    let lacking: Vec<_> = names.into_iter().filter(|it| lacks(it).is_some()).collect();
    (!lacking.is_empty()).then_some((*number, lacking))
}

/// The form of the ids of what was made.
fn ids(all: &[Seen]) -> Option<Setting> {
    let made = |(number, it): &Seen| {
        let is_made = it.request.method == "POST" && it.response.status == 201;
        let id = super::binding::id_of(&it.response).filter(|_| is_made)?;
        let kind = it
            .request
            .path
            .trim_matches('/')
            .trim_end_matches('s')
            .to_lowercase();
        Some((*number, kind, id))
    };
    let (number, kind, id) = all.iter().find_map(made)?;
    let digits = id.len() - id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let is_uuid = id.len() == 36 && id.split('-').count() == 5;
    let (head, tail) = id.split_at(id.len() - digits);
    let fits = |head: &str| {
        head.is_empty()
            || head.ends_with(['-', '_', ':', '/'])
            || head.chars().all(char::is_alphabetic)
    };
    if is_uuid || tail.is_empty() || tail.len() > 9 || !fits(head) {
        return None;
    }
    let head = head.replace(&kind, "{type}");
    Some(Setting::one(
        "ids",
        format!("Sequential({:?})", format!("{head}{{n}}")),
        number,
        format!("`{id}`"),
    ))
}

fn auth(all: &[Seen]) -> Auth {
    let shown = |it: &Exchange| header(&it.request.headers, "authorization").map(str::to_owned);
    let Some((first, _)) = all.iter().find(|(_, it)| shown(it).is_some()) else {
        return Auth::None;
    };
    let taken: BTreeSet<String> = all
        .iter()
        .filter(|(_, it)| it.response.status != 401)
        .filter_map(|(_, it)| shown(it))
        .collect();
    let refused = all.iter().find(|(_, it)| {
        it.response.status == 401 && shown(it).is_none_or(|it| !taken.contains(&it))
    });
    let bearers = taken.iter().filter_map(|it| it.strip_prefix("Bearer "));
    let bearers: Vec<String> = bearers.map(str::to_owned).collect();
    match refused {
        Some((number, _)) if !bearers.is_empty() => Auth::Of(bearers, *number),
        _ => Auth::Any(*first),
    }
}
