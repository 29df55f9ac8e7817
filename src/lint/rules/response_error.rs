//! Errors (RFC 7644 section 3.12).

use crate::exchange::Body;
use crate::lint::finding::{Found, shown};
use crate::lint::rule::rules;
use crate::lint::view::{STATUS, View};
use crate::scim::error::ERROR_URN;
use serde_json::Value;

/// The member that holds the detail keyword.
pub(super) use crate::scim::error::SCIM_TYPE as WORD;

rules! {
    "RES-ERR-001" Provider Error "RFC 7644 section 3.12" Alone no_message,
        "an error without a message"
        "the client's log says the status and nothing else; Okta's acceptance suite asks for the message"
        "answer a SCIM error: `schemas`, `status`, `detail`";
    "RES-ERR-002" Provider Error "RFC 7644 section 3.12" Alone no_urn,
        "an error that is no SCIM error"
        "Slack, Zoom and GitHub have shapes of their own: clients do not find `detail`"
        "name `urn:ietf:params:scim:api:messages:2.0:Error` in `schemas`";
    "RES-ERR-003" Provider Error "RFC 7644 section 3.12" Alone no_status,
        "an error without `status`"
        "it is required; Okta's acceptance suite asks for it"
        "repeat the HTTP status as text";
    "RES-ERR-004" Provider Warning "RFC 7644 section 3.12" Alone number_status,
        "`status` is a number"
        "it is text in the RFC: clients with types fail on it (GitHub, Salesforce)"
        "send `\"404\"`";
    "RES-ERR-005" Provider Error "RFC 7644 section 3.12" Alone other_status,
        "`status` is not that of the answer"
        "a client that reads the body sees another error than one that reads the status line"
        "send the same status in both";
    "RES-ERR-006" Provider Error "RFC 7644 section 3.12" Alone detail_type,
        "`detail` is no text"
        "clients show it to people: an array or an object fails there"
        "send one sentence";
    "RES-ERR-007" Provider Note "RFC 7644 section 3.12" Alone no_detail,
        "an error without `detail`"
        "an administrator sees that it failed, and not why"
        "say what was expected, where, and what to do";
    "RES-ERR-008" Provider Warning "RFC 7644 section 3.12" Alone unknown_word,
        "a detail keyword that table 9 does not have"
        "clients that branch on it do not know it"
        "use the keywords of table 9, or leave it out";
    "RES-ERR-009" Provider Warning "RFC 7644 section 3.12" Alone unfit_word,
        "a detail keyword that does not go with the status"
        "table 9 has it under 400, `uniqueness` under 409 as well and `sensitive` under 403"
        "answer the status of the keyword";
    "RES-ERR-010" Provider Note "RFC 7644 section 3.12" Alone no_word,
        "400 without a detail keyword"
        "a client cannot tell a bad filter from a bad value"
        "send the keyword of table 9 that fits";
    "RES-ERR-011" Provider Warning "RFC 7644 section 7.5" Alone leak,
        "an error that shows the inside of the provider"
        "a stack trace or an SQL statement tells an attacker where to look"
        "log it, and answer a sentence";
}

fn is_error(it: &View<'_>) -> bool {
    it.status >= 400 && it.method != "HEAD"
}

fn no_message(it: &View<'_>, found: &mut Found<'_>) {
    if is_error(it) && matches!(it.exchange.response.body, Body::Empty) {
        found.at(STATUS, format!("{}, and no body", it.status));
    }
}

fn message<'a>(it: &View<'a>) -> Option<&'a Value> {
    it.got.json.filter(|json| is_error(it) && json.is_object())
}

fn no_urn(it: &View<'_>, found: &mut Found<'_>) {
    if message(it).is_some() && !it.got.is_named(ERROR_URN) {
        found.at(it.got.place("schemas"), "no Error in `schemas`");
    }
}

fn is_scim(it: &View<'_>) -> bool {
    message(it).is_some() && it.got.is_named(ERROR_URN)
}

fn no_status(it: &View<'_>, found: &mut Found<'_>) {
    if is_scim(it) && it.got.get("status").is_none_or(Value::is_null) {
        found.at(it.got.at, "no `status`");
    }
}

fn number_status(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(status) = it
        .got
        .get("status")
        .filter(|status| message(it).is_some() && status.is_number())
    {
        found.at(it.got.place("status"), format!("`status` is {status}"));
    }
}

fn other_status(it: &View<'_>, found: &mut Found<'_>) {
    let status = it.got.get("status").filter(|_| is_scim(it));
    let given = status.map(|status| {
        status
            .as_str()
            .map_or_else(|| status.to_string(), str::to_owned)
    });
    if let Some(given) = given.filter(|given| *given != it.status.to_string() && given != "null") {
        found.at(
            it.got.place("status"),
            format!("`{given}`, and the answer is {}", it.status),
        );
    }
}

fn detail_type(it: &View<'_>, found: &mut Found<'_>) {
    let detail = it.got.get("detail").filter(|_| message(it).is_some());
    if let Some(detail) = detail.filter(|detail| !detail.is_string() && !detail.is_null()) {
        found.at(
            it.got.place("detail"),
            format!("`detail` is {}", shown(detail)),
        );
    }
}

fn no_detail(it: &View<'_>, found: &mut Found<'_>) {
    let said = it
        .got
        .get("detail")
        .and_then(Value::as_str)
        .is_some_and(|it| !it.trim().is_empty());
    if is_scim(it)
        && !said
        && it
            .got
            .get("detail")
            .is_none_or(|it| it.is_null() || it.is_string())
    {
        found.at(it.got.at, "no `detail`");
    }
}

/// The keywords, those of RFC 9865 too, and the statuses that they go with.
const WORDS: [(&str, &[u16]); 13] = [
    ("invalidFilter", &[400]),
    ("tooMany", &[400]),
    ("uniqueness", &[400, 409]),
    ("mutability", &[400]),
    ("invalidSyntax", &[400]),
    ("invalidPath", &[400]),
    ("noTarget", &[400]),
    ("invalidValue", &[400]),
    ("invalidVers", &[400]),
    ("sensitive", &[400, 403]),
    ("invalidCursor", &[400]),
    ("expiredCursor", &[400]),
    ("invalidCount", &[400]),
];

fn word<'a>(it: &View<'a>) -> Option<&'a Value> {
    it.got
        .get(WORD)
        .filter(|word| message(it).is_some() && !word.is_null() && *word != "")
}

fn unknown_word(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(word) = word(it)
        && !WORDS.iter().any(|(known, _)| word == known)
    {
        found.at(it.got.place(WORD), format!("`{WORD}` is {}", shown(word)));
    }
}

fn unfit_word(it: &View<'_>, found: &mut Found<'_>) {
    let Some(word) = word(it) else { return };
    let known = WORDS.iter().find(|(known, _)| word == known);
    if known.is_some_and(|(_, statuses)| !statuses.contains(&it.status)) {
        found.at(it.got.place(WORD), format!("{word} with {}", it.status));
    }
}

fn no_word(it: &View<'_>, found: &mut Found<'_>) {
    // What is wrong with credentials, the challenge says.
    let is_challenge = it.got.header("www-authenticate").is_some();
    if it.status == 400 && is_scim(it) && word(it).is_none() && !is_challenge {
        found.at(it.got.at, format!("no `{WORD}`"));
    }
}

fn leak(it: &View<'_>, found: &mut Found<'_>) {
    const SIGNS: [&str; 7] = [
        "Traceback (most recent call last)",
        "\tat ",
        "\n    at ",
        "java.lang.",
        "SQLSTATE",
        "System.NullReferenceException",
        "Stack trace:",
    ];
    let detail = it
        .got
        .get("detail")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if let Some(sign) = SIGNS
        .iter()
        .find(|sign| is_error(it) && detail.contains(**sign))
    {
        found.at(it.got.place("detail"), format!("`{}`", sign.trim()));
    }
}
