//! The recording itself: what stands in it that should not, and what is missing, so that less can be judged.

use crate::exchange::Body;
use crate::lint::Place;
use crate::lint::finding::Found;
use crate::lint::memory::Before;
use crate::lint::rule::rules;
use crate::lint::view::{View, is_hidden};
use serde_json::Value;

rules! {
    "REC-SECRET-001" Scenario Error "RFC 7644 section 7.4" Alone credentials,
        "the recording holds credentials"
        "whoever reads the folder can act as the client"
        "revoke them, and record again: `scimulate record` replaces them";
    "REC-SECRET-002" Scenario Error "RFC 7643 section 9" Alone password,
        "the recording holds a password"
        "whoever reads the folder can act as the user"
        "change it, and record again: `scimulate record` replaces it";
    "REC-CUT-001" Scenario Note "RFC 7644 section 3" Alone cut,
        "a body was cut when it was recorded"
        "what is not there cannot be judged"
        "record with a larger limit";
    "REC-ENDED-001" Scenario Warning "RFC 9110 section 15" Alone unanswered,
        "the exchange ended before its answer was whole"
        "the client went away or the provider did; whether the request was done nobody knows"
        "look into the logs of both at that time";
    "REC-ORDER-001" Scenario Note "RFC 7644 section 3" After order,
        "an exchange is older than the one before it"
        "sequences are judged in the order of the files"
        "number the files in the order of `at`";
    "REC-FAULT-001" Scenario Note "RFC 7644 section 3.12" Alone fault,
        "the answer is a fault of the scenario"
        "it says nothing of the provider"
        "nothing: it was asked for";
    "REC-LENIENT-001" Scenario Note "RFC 7644 section 3.12" Alone lenient,
        "the mock has forgiven something"
        "a provider that goes by the letter refuses the request"
        "serve with `strictness: Strict` to see it refused";
}

/// What stands for a secret, or is none: names in angle brackets, stars, nothing.
fn is_replaced(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || is_hidden(text)
        || text.starts_with('{')
        || text.starts_with('<')
        || text.chars().all(|c| c == '*')
}

fn credentials(it: &View<'_>, found: &mut Found<'_>) {
    for message in [&it.sent, &it.got] {
        for name in [
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
        ] {
            let Some((place, value)) = message.header_at(name) else {
                continue;
            };
            let secret = match value.split_once(' ') {
                Some((scheme, rest))
                    if name.ends_with("authorization") && !scheme.contains('=') =>
                {
                    rest
                }
                _ => value,
            };
            if !is_replaced(secret) && !value.contains("{secret") {
                found.at(place, format!("`{name}` stands as it was sent"));
            }
        }
    }
}

/// The values of members named `password`, wherever they stand.
fn passwords<'v>(at: &Place, value: &'v Value, found: &mut Vec<(Place, &'v str)>) {
    match value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, it)| passwords(&at.below(&n.to_string()), it, found)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name.eq_ignore_ascii_case("password") => {
                        found.push((at.below(name), text));
                    }
                    value => passwords(&at.below(name), value, found),
                }
            }
        }
        _ => {}
    }
}

fn password(it: &View<'_>, found: &mut Found<'_>) {
    let mut all = Vec::new();
    for message in [&it.sent, &it.got] {
        if let Some(json) = message.json {
            passwords(&Place::from(message.at), json, &mut all);
        }
    }
    for (place, _) in all.into_iter().filter(|it| !is_replaced(it.1)) {
        found.at(place, "it stands as it was sent");
    }
}

fn cut(it: &View<'_>, found: &mut Found<'_>) {
    for message in [&it.sent, &it.got] {
        if matches!(message.raw, Body::Cut { .. }) {
            found.at(message.body_place(), "the first part of it");
        }
    }
}

fn unanswered(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(ended) = &it.exchange.ended {
        found.at("/ended", ended.to_string());
    }
}

fn order(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some((number, at)) = before.memory.last
        && it.exchange.at < at
    {
        found.at("/at", format!("exchange {number} is of {at}"));
    }
}

fn fault(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, name)) = it.got.header_at("scimulate-fault") {
        found.at(place, format!("`{name}`"));
    }
}

fn lenient(it: &View<'_>, found: &mut Found<'_>) {
    if let Some((place, names)) = it.got.header_at("scimulate-lenient") {
        found.at(place, format!("`{names}`"));
    }
}
