//! Users and groups as a client sends them: what RFC 7643 section 4 says in words.

use super::values;
use crate::lint::finding::Found;
use crate::lint::rule::rules;
use crate::lint::view::{Form, Resource, Typed, View, is_hidden};
use crate::scim::rule::Rule;
use serde_json::Value;
use std::collections::HashSet;

rules! {
    "REQ-USER-001" Client Warning "RFC 7643 section 4.1.1" Alone |it, found| values::words(&it.sent, Rule::Username, found),
        "a userName with spaces or control characters"
        "Quickbase and others refuse spaces; PRECIS (RFC 8265) has none in user names"
        "map userName to a login name or an e-mail address";
    "REQ-USER-002" Client Warning "RFC 7643 section 4.1.1" Alone |it, found| values::words(&it.sent, Rule::LanguageTag, found),
        "`locale` is no language tag"
        "providers answer 400 or show everything in their default language"
        "send a tag of RFC 5646, such as `en-US`";
    "REQ-USER-003" Client Note "RFC 7643 section 4.1.1" Alone locale_underscore,
        "`locale` with an underscore"
        "`en_US` is POSIX, and a provider need not take it"
        "write `en-US`";
    "REQ-USER-004" Client Warning "RFC 7643 section 4.1.2" Alone |it, found| values::words(&it.sent, Rule::Country, found),
        "a country that is no code of two letters"
        "strict providers answer 400; Entra ID sends full names unless it is mapped otherwise"
        "send ISO 3166-1 alpha-2: `US`";
    "REQ-USER-005" Client Warning "RFC 7643 section 4.1.2" Alone email,
        "an e-mail address that is none"
        "providers that send invitations answer 400"
        "send `local@domain`";
    "REQ-USER-006" Client Note "RFC 7643 section 4.1.2" Alone phone,
        "a telephone number that is none of RFC 3966"
        "most keep it as it is; some answer 400 to letters"
        "send `tel:+1-201-555-0123`, or digits";
    "REQ-USER-007" Client Warning "RFC 7643 section 4.1.1" Alone timezone,
        "`timezone` is no name of the IANA database"
        "offsets and abbreviations are refused or passed over"
        "send `America/Los_Angeles`";
    "REQ-USER-008" Client Warning "RFC 7643 section 4.1.2" Alone |it, found| values::words(&it.sent, Rule::Certificate, found),
        "a certificate that is not one DER in base64"
        "PEM text and chains are refused with 400"
        "send each certificate by itself, as base64 of its DER";
    "REQ-USER-009" Client Note "RFC 7643 section 4.1.1" Alone nick_name,
        "`nickName` is the user name"
        "it is how a person is called, and is shown to others"
        "leave it out, or map it to a name";
    "REQ-USER-010" Client Warning "RFC 7643 section 4.1.1" Alone preferred_language,
        "`preferredLanguage` is no language range"
        "it has the syntax of Accept-Language; providers fall back to their own"
        "send `en-US` or `da, en-gb;q=0.8`";
    "REQ-USER-011" Client Note "RFC 7643 section 2.4" Alone no_primary,
        "several e-mail addresses, and none is primary"
        "a provider that keeps one address takes the first, or the last"
        "mark one as primary";
    "REQ-USER-012" Client Warning "RFC 7643 section 4.1.1" Alone |it, found| values::words(&it.sent, Rule::Password, found),
        "a password with control characters"
        "PRECIS (RFC 8265) has none in passwords; the user can never type it"
        "send a password without control characters, or none";
    "REQ-GROUP-001" Client Error "RFC 7643 section 4.2" Alone member_value,
        "a member without `value`"
        "`value` is the id of the member: providers answer 400 or drop it"
        "send `{\"value\": \"ID\"}`";
    "REQ-GROUP-002" Client Warning "RFC 7643 section 4.2" Alone member_by_name,
        "a member by e-mail address"
        "`value` is the id that the provider gave out: most answer 400 or 404, Logfire alone takes an address"
        "create the user first, and use the id of the answer";
    "REQ-GROUP-003" Client Note "RFC 7643 section 2.4" Alone member_twice,
        "a member stands twice"
        "providers count it once or twice"
        "name each member once";
    "REQ-GROUP-004" Client Warning "RFC 7643 section 4.2" Alone many_members,
        "more than 100 members in one request"
        "AWS, Sentry and HCP Terraform refuse more than 100 changes, FusionAuth loses those beyond, Entra ID as a provider takes 20"
        "send members in pieces of at most 100, with PATCH";
    "REQ-GROUP-005" Client Note "RFC 7643 section 4.2" Alone nested,
        "a group as a member of a group"
        "many providers know users only (Auth0, AWS, Slack): they answer 400 or drop it"
        "flatten groups before they are sent";
    "REQ-GROUP-006" Client Warning "RFC 7643 section 4.2" Alone member_type,
        "a member of a type that groups do not have"
        "`type` is `User` or `Group`: strict providers answer 400"
        "send the name of the resource type, or leave `type` out";
}

/// The values of this attribute and sub-attribute that are text.
fn texts<'m, 'a>(
    it: &'m View<'a>,
    parent: &'static str,
    sub: &'static str,
) -> impl Iterator<Item = (&'m Typed<'a>, &'a str)> {
    it.sent.values().filter_map(move |value| {
        let of = value.parent.is_some_and(|it| it.name == parent) && value.attribute.name == sub;
        let text = value
            .value
            .as_str()
            .filter(|text| of && !text.is_empty() && !is_hidden(text))?;
        Some((value, text))
    })
}

/// The same of a single attribute of a User.
fn words<'m, 'a>(
    it: &'m View<'a>,
    name: &'static str,
) -> impl Iterator<Item = (&'m Typed<'a>, &'a str)> {
    it.sent.values().filter_map(move |value| {
        let of =
            value.parent.is_none() && value.extension.is_none() && value.attribute.name == name;
        let text = value
            .value
            .as_str()
            .filter(|text| of && !text.is_empty() && !is_hidden(text))?;
        Some((value, text))
    })
}

fn locale_underscore(it: &View<'_>, found: &mut Found<'_>) {
    for (value, text) in words(it, "locale").filter(|it| it.1.contains('_')) {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn email(it: &View<'_>, found: &mut Found<'_>) {
    let is_address = |text: &str| {
        let parts = text.rsplit_once('@');
        parts.is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
        })
    };
    for (value, text) in texts(it, "emails", "value").filter(|it| !is_address(it.1)) {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn phone(it: &View<'_>, found: &mut Found<'_>) {
    let is_number = |text: &str| {
        let number = text.strip_prefix("tel:").unwrap_or(text);
        let (number, _) = number.split_once(';').unwrap_or((number, ""));
        number.chars().any(|c| c.is_ascii_digit())
            && number
                .chars()
                .all(|c| c.is_ascii_digit() || "+-.() x#*".contains(c))
    };
    for (value, text) in texts(it, "phoneNumbers", "value").filter(|it| !is_number(it.1)) {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn timezone(it: &View<'_>, found: &mut Found<'_>) {
    let is_name = |text: &str| {
        let place = text.split_once('/');
        let of_area = place.is_some_and(|(area, _)| {
            [
                "Africa",
                "America",
                "Antarctica",
                "Arctic",
                "Asia",
                "Atlantic",
                "Australia",
                "Etc",
                "Europe",
                "Indian",
                "Pacific",
            ]
            .contains(&area)
        });
        of_area
            || matches!(
                text,
                "UTC" | "GMT" | "EST" | "MST" | "HST" | "CET" | "EET" | "MET" | "WET"
            )
            || place.is_some_and(|it| it.0 == "US")
    };
    for (value, text) in words(it, "timezone").filter(|it| !is_name(it.1)) {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn users<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = &'m Resource<'a>> {
    it.sent
        .resources
        .iter()
        .filter(|resource| resource.kind.is_some_and(|kind| kind.name == "User"))
}

fn nick_name(it: &View<'_>, found: &mut Found<'_>) {
    for resource in users(it) {
        if let (Some(nick), Some(name)) = (resource.text("nickName"), resource.text("userName"))
            && nick == name
        {
            found.at(resource.place("nickName"), format!("`{nick}`"));
        }
    }
}

fn preferred_language(it: &View<'_>, found: &mut Found<'_>) {
    let is_range = |range: &str| {
        let tag = range.split(';').next().unwrap_or_default().trim();
        tag == "*" || Rule::LanguageTag.check(tag).is_ok()
    };
    for (value, text) in words(it, "preferredLanguage").filter(|it| !it.1.split(',').all(is_range))
    {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn no_primary(it: &View<'_>, found: &mut Found<'_>) {
    for resource in users(it) {
        let emails = resource.get("emails").and_then(Value::as_array);
        let is_primary = |it: &Value| {
            it.get("primary")
                .is_some_and(|it| *it != Value::Bool(false))
        };
        if let Some(emails) = emails.filter(|list| list.len() > 1 && !list.iter().any(is_primary)) {
            found.at(
                resource.place("emails"),
                format!("{} addresses", emails.len()),
            );
        }
    }
}

/// The lists of members that a request holds, with where each stands.
fn members<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = (&'m Typed<'a>, &'a Vec<Value>)> {
    it.sent.values().filter_map(|value| {
        let of = value.is_list && value.parent.is_none() && value.attribute.name == "members";
        Some((value, value.value.as_array().filter(|_| of)?))
    })
}

fn member_value(it: &View<'_>, found: &mut Found<'_>) {
    for (value, list) in members(it) {
        for (n, member) in list.iter().enumerate() {
            let named = ["value", "$ref"].iter().any(|name| {
                member
                    .get(name)
                    .and_then(Value::as_str)
                    .is_some_and(|it| !it.is_empty())
            });
            if member.is_object() && !named {
                found.at(
                    value.at.place().below(&n.to_string()),
                    format!("`members[{n}]` is {}", crate::lint::finding::shown(member)),
                );
            }
        }
    }
}

fn member_by_name(it: &View<'_>, found: &mut Found<'_>) {
    for (value, text) in texts(it, "members", "value").filter(|it| it.1.contains('@')) {
        found.at(&value.at, format!("`{text}`"));
    }
}

fn member_twice(it: &View<'_>, found: &mut Found<'_>) {
    for (value, list) in members(it) {
        let mut seen = HashSet::new();
        for (n, member) in list.iter().enumerate() {
            let id = member.get("value").and_then(Value::as_str);
            if let Some(id) = id.filter(|id| !seen.insert(*id)) {
                found.at(
                    value.at.place().below(&n.to_string()),
                    format!("`{id}` stands there before"),
                );
            }
        }
    }
}

fn many_members(it: &View<'_>, found: &mut Found<'_>) {
    const MOST: usize = 100;
    let of_paths = it.sent.operations.iter().filter(|operation| {
        let target = operation
            .target
            .is_some_and(|target| target.attribute.name == "members");
        target && operation.get("value").is_none()
    });
    let listed: usize = members(it).map(|(_, list)| list.len()).sum();
    let all = listed + of_paths.count();
    if all > MOST && it.sent.form != Form::Bulk {
        found.at(it.sent.at, format!("{all} members"));
    }
}

fn nested(it: &View<'_>, found: &mut Found<'_>) {
    for (value, _) in texts(it, "members", "type").filter(|it| it.1.eq_ignore_ascii_case("Group")) {
        found.at(&value.at, "a group");
    }
}

fn member_type(it: &View<'_>, found: &mut Found<'_>) {
    for (value, text) in texts(it, "members", "type") {
        if it.contract.schemas.by_name(text).is_none() {
            found.at(&value.at, format!("`{text}`"));
        }
    }
}
