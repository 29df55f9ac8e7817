//! What a provider says otherwise than before: contents, versions, membership, what is there and what is not (RFC 7643 section 3.1,
//! RFC 7644 sections 3.3 to 3.6 and 3.14).

use crate::lint::finding::Found;
use crate::lint::memory::{Before, Key, Known, attribute_name, differences, tag_of};
use crate::lint::rule::rules;
use crate::lint::view::{Form, Resource, STATUS, View};
use crate::scim::schema::Uniqueness;
use serde_json::Value;

rules! {
    "SEQ-ID-004" Provider Error "RFC 7643 section 3.1" After id_again,
        "a create gives out the id of another resource"
        "an id is unique and never used again: the client now has one id for two resources"
        "make a new id for each resource";
    "SEQ-GET-001" Provider Error "RFC 7644 section 3.3" After created_is_gone,
        "what was created is not there"
        "the client creates it again, or gives it up"
        "answer a resource from the moment its create was answered";
    "SEQ-GET-002" Provider Warning "RFC 7644 section 3.4.1" After gone,
        "what was there is not there any more, and nobody has deleted it"
        "GitHub, GitLab and Notion drop users that are deactivated: Entra ID creates them again"
        "keep a resource until it is deleted";
    "SEQ-DEL-003" Provider Error "RFC 7644 section 3.6" After deleted_answered,
        "what was deleted is answered"
        "the client takes it for not deleted: an account that should be closed seems open"
        "answer 404 after a delete";
    "SEQ-DEL-004" Provider Error "RFC 7644 section 3.6" After deleted_listed,
        "what was deleted stands in a list"
        "the RFC leaves it out of queries; the client deletes it again, for ever"
        "leave it out of lists";
    "SEQ-FIND-001" Provider Error "RFC 7644 section 3.4.2.2" After not_found,
        "a filter does not find what is there"
        "the client creates a duplicate, or meets 409 for ever (a filter with case, or one that leaves out who is not active)"
        "find every resource whose attribute has the value, whatever its case where `caseExact` is false";
    "SEQ-UNIQUE-001" Provider Error "RFC 7643 section 7" After not_unique,
        "two resources have a value that is unique"
        "who signs in by it reaches one of them, or the other"
        "answer 409 `uniqueness`, comparing as the attribute does";
    "SEQ-GET-003" Provider Error "RFC 7644 section 3.5.2" After contradicts_patch,
        "a read says otherwise than the PATCH before it"
        "the PATCH was answered as done: a user that was deactivated is still active"
        "do what the PATCH says, or answer an error";
    "SEQ-GET-004" Provider Error "RFC 7644 section 3.5.1" After contradicts_put,
        "a read says otherwise than the PUT before it"
        "the PUT was answered as done"
        "store what the PUT says, or answer an error";
    "SEQ-GET-005" Provider Error "RFC 7644 section 3.3" After contradicts_post,
        "a read says otherwise than the create before it"
        "the create was answered as done"
        "store what the create says, or answer an error";
    "SEQ-GET-006" Provider Warning "RFC 7644 section 3.1" After lost,
        "a read lacks what was written before it"
        "the attribute was dropped without a word: the client writes it again, for ever"
        "store it, or answer 400";
    "SEQ-TAG-001" Provider Warning "RFC 7644 section 3.14" After tag_moved,
        "another version, and nothing was written"
        "each conditional write of a client meets 412"
        "change the version when the resource changes, and only then";
    "SEQ-TAG-002" Provider Error "RFC 7644 section 3.14" After tag_stays,
        "the same version, and the resource was changed"
        "a client that has the old state overwrites the new one, and its caches stay old"
        "change the version with each change";
    "SEQ-TAG-003" Provider Error "RFC 7644 section 3.14" After stale_accepted,
        "a write to a version that is no longer current was done"
        "the write between the two is lost"
        "answer 412 where If-Match names another version";
    "SEQ-TAG-004" Provider Warning "RFC 7644 section 3.14" After current_refused,
        "a write to the current version was refused with 412"
        "the client reads, writes and fails, for ever"
        "compare the tag as it was given out; weak tags count";
    "SEQ-META-001" Provider Error "RFC 7643 section 3.1" After created_moved,
        "`meta.created` is another than before"
        "it never changes; a client takes the resource for a new one"
        "set it once";
    "SEQ-META-002" Provider Warning "RFC 7643 section 3.1" After modified_stays,
        "`meta.lastModified` has not moved, and the resource was changed"
        "imports that ask for what changed since then miss it"
        "set it with each change";
    "SEQ-MEMBER-001" Provider Error "RFC 7643 section 4.1.2" After not_in_groups,
        "a group has a member whose `groups` does not name it"
        "both are one membership: a client that decides by `groups` locks the user out"
        "derive `groups` from the members of groups";
    "SEQ-MEMBER-002" Provider Error "RFC 7643 section 4.1.2" After not_among_members,
        "a user's `groups` names a group that does not have it as a member"
        "both are one membership: a user that was removed keeps its rights"
        "derive `groups` from the members of groups";
}

/// Each resource of an answer that shows the state when nothing else was on its way, with what was known of it.
fn settled<'m, 'a>(
    it: &'m View<'a>,
    before: &'m Before<'_>,
) -> impl Iterator<Item = (&'m Resource<'a>, &'m Known)> {
    let settles = it.succeeded() && !before.memory.overlaps(it);
    let resources = it.got.resources.iter().filter(move |_| settles);
    resources.filter_map(|resource| {
        let known = before
            .memory
            .resources
            .by_id(&resource.kind?.name, resource.text("id")?)?;
        Some((resource, known))
    })
}

fn reads(it: &View<'_>) -> bool {
    it.method == "GET" || it.is_query()
}

fn id_again(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let creates = it.method == "POST" && it.status == 201 && it.got.form == Form::Resource;
    for (resource, known) in settled(it, before).filter(|_| creates) {
        let first = known.first;
        found.at(
            resource.place("id"),
            format!("exchange {first} has shown it before"),
        );
    }
}

fn absent<'m>(it: &View<'_>, before: &'m Before<'_>) -> Option<&'m Known> {
    let known = before.known.filter(|known| known.deleted.is_none())?;
    (it.method == "GET" && it.status == 404 && !before.memory.overlaps(it)).then_some(known)
}

fn created_is_gone(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(known) = absent(it, before).filter(|known| known.is_new && !known.is_read) {
        found.at(STATUS, format!("exchange {} has created it", known.first));
    }
}

fn gone(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(known) = absent(it, before).filter(|known| !known.is_new || known.is_read) {
        found.at(STATUS, format!("exchange {} has shown it", known.first));
    }
}

fn deleted_answered(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let Some(deleted) = before.known.and_then(|known| known.deleted) else {
        return;
    };
    if it.succeeded() && it.method != "DELETE" && !before.memory.overlaps(it) {
        found.at(STATUS, format!("exchange {deleted} has deleted it"));
    }
}

fn deleted_listed(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|_| it.got.form == Form::List) {
        if let Some(deleted) = known.deleted {
            found.at(
                resource.place("id"),
                format!("exchange {deleted} has deleted it"),
            );
        }
    }
}

fn not_found(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let (Some(filter), Some(kind)) = (&it.filter, it.target().kind()) else {
        return;
    };
    let is_empty = it.status == 200
        && it.got.form == Form::List
        && it.got.get("totalResults").and_then(Value::as_u64) == Some(0);
    let Some((path, text)) = filter
        .equality()
        .filter(|_| is_empty && !before.memory.overlaps(it))
    else {
        return;
    };
    let attribute = kind.attribute(&attribute_name(&path));
    if let Some(attribute) = attribute
        && let Some((key, known)) = before.memory.resources.named(&kind.name, attribute, &text)
    {
        found.at(
            it.got.place("totalResults"),
            format!("`{}` has it since exchange {}", key.id, known.first),
        );
    }
}

fn not_unique(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if before.memory.overlaps(it) || !it.succeeded() {
        return;
    }
    for resource in &it.got.resources {
        let (Some(kind), Some(id)) = (resource.kind, resource.text("id")) else {
            continue;
        };
        let unique = kind
            .attributes()
            .filter(|it| it.uniqueness != Uniqueness::None && it.name != "id" && !it.case_exact);
        for attribute in unique {
            let Some(text) = resource.text(&attribute.name) else {
                continue;
            };
            let other = before.memory.resources.named(&kind.name, attribute, text);
            if let Some((Key { id: other, .. }, known)) = other.filter(|(key, _)| key.id != id) {
                found.at(
                    resource.place(&attribute.name),
                    format!("`{other}` has it since exchange {}", known.first),
                );
            }
        }
    }
}

fn contradicts(it: &View<'_>, before: &Before<'_>, method: &str, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|_| reads(it) && it.is_whole()) {
        let (Some((exchange, expected)), Some(kind)) = (&known.pending, resource.kind) else {
            continue;
        };
        for difference in differences(it.contract, kind, expected, resource.members)
            .into_iter()
            .filter(|_| expected.method == method)
        {
            if difference.found.is_some() {
                found.at(
                    resource.place(&difference.member),
                    format!("{difference} in exchange {exchange}"),
                );
            }
        }
    }
}

fn contradicts_patch(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    contradicts(it, before, "PATCH", found);
}

fn contradicts_put(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    contradicts(it, before, "PUT", found);
}

fn contradicts_post(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    contradicts(it, before, "POST", found);
}

fn lost(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|_| reads(it) && it.is_whole()) {
        let (Some((exchange, expected)), Some(kind)) = (&known.pending, resource.kind) else {
            continue;
        };
        for difference in differences(it.contract, kind, expected, resource.members) {
            if difference.found.is_none() {
                found.at(
                    resource.place(&difference.member),
                    format!("{difference} in exchange {exchange}"),
                );
            }
        }
    }
}

/// Where the version of a resource stands in an answer.
fn tag_place(it: &View<'_>, resource: &Resource<'_>) -> crate::lint::Place {
    match it.got.header_at("etag") {
        Some((place, _)) if it.got.form == Form::Resource => place,
        _ => resource.place("meta").below("version"),
    }
}

fn tag_moved(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|_| reads(it) && it.is_whole()) {
        if let (Some(tag), Some(then)) = (tag_of(it, resource), &known.tag)
            && tag != then
            && known.seen_at == before.memory.writes
        {
            found.at(tag_place(it, resource), format!("{tag}, and it was {then}"));
        }
    }
}

fn tag_stays(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|_| it.is_whole()) {
        let changes = before
            .expected
            .as_ref()
            .is_some_and(|it| it.changed == Some(true));
        let then = match it.method {
            "PUT" | "PATCH" if changes => known.tag.as_ref(),
            "GET" => known.tag_before.as_ref(),
            _ => None,
        };
        if let (Some(tag), Some(then)) = (tag_of(it, resource), then)
            && tag == then
        {
            found.at(
                tag_place(it, resource),
                format!("{tag} before and after the change"),
            );
        }
    }
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

/// The tags that a write names and the current one, where both are known for sure.
fn condition<'m>(
    it: &View<'_>,
    before: &'m Before<'_>,
) -> Option<(crate::lint::Place, String, &'m str)> {
    let (place, _) = it.sent.header_at("if-match")?;
    let asked = it.sent.all("if-match").collect::<Vec<_>>().join(",");
    let known = before.known.filter(|known| known.deleted.is_none())?;
    let current = known.tag.as_deref()?;
    let is_sure = known.seen_at == before.memory.writes && !before.memory.overlaps(it);
    let writes = matches!(it.method, "PUT" | "PATCH" | "DELETE");
    (is_sure && writes && asked.trim() != "*").then_some((place, asked, current))
}

/// Whether a list of tags holds the current one; what stands in the quotes of a tag may hold commas.
fn names(asked: &str, current: &str) -> bool {
    let quoted = asked.split('"').skip(1).step_by(2);
    quoted.clone().any(|tag| tag == opaque(current))
        || quoted.count() == 0 && asked.split(',').any(|tag| opaque(tag) == opaque(current))
}

fn stale_accepted(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some((place, asked, current)) = condition(it, before)
        && it.succeeded()
        && !names(&asked, current)
    {
        found.at(place, format!("`{asked}`, and {current} is current"));
    }
}

fn current_refused(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some((place, asked, current)) = condition(it, before)
        && it.status == 412
        && names(&asked, current)
    {
        found.at(place, format!("`{asked}` is current"));
    }
}

fn created_moved(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before).filter(|it| it.1.deleted.is_none()) {
        let created = resource.meta("created").and_then(Value::as_str);
        if let (Some(created), Some(then)) = (created, &known.created)
            && crate::scim::datetime::parse(created) != crate::scim::datetime::parse(then)
        {
            found.at(
                resource.place("meta").below("created"),
                format!("{created}, and it was {then}"),
            );
        }
    }
}

fn modified_stays(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (resource, known) in settled(it, before) {
        let changes = before
            .expected
            .as_ref()
            .is_some_and(|it| it.changed == Some(true));
        let then = match it.method {
            "PUT" | "PATCH" if changes => known.modified.as_ref(),
            "GET" => known.modified_before.as_ref(),
            _ => None,
        };
        let modified = resource.meta("lastModified").and_then(Value::as_str);
        // Within one second, or one tick of a slow clock, it may stay what it is.
        let same_instant =
            modified
                .and_then(crate::scim::datetime::parse)
                .is_some_and(|modified| {
                    let apart = it.exchange.at.duration_since(modified).abs();
                    apart < jiff::SignedDuration::from_secs(2)
                });
        if let (Some(modified), Some(then)) = (modified, then)
            && modified == then
            && !same_instant
        {
            found.at(
                resource.place("meta").below("lastModified"),
                format!("{modified} before and after the change"),
            );
        }
    }
}

/// Users of an answer that shows `groups`, or would if they had any, with the ids of those.
fn groups<'m, 'a>(
    it: &'m View<'a>,
    before: &Before<'_>,
) -> Vec<(&'m Resource<'a>, &'a str, Vec<&'a str>)> {
    let shows = reads(it) && it.succeeded() && it.is_whole() && !before.memory.overlaps(it);
    let users = it
        .got
        .resources
        .iter()
        .filter(|it| shows && it.kind.is_some_and(|kind| kind.name == "User"));
    let listed = users.filter_map(|user| {
        let groups = user.get("groups").and_then(Value::as_array);
        let direct = groups
            .into_iter()
            .flatten()
            .filter(|it| it.get("type").is_none_or(|it| it == "direct"));
        let ids = direct.filter_map(|it| it.get("value")?.as_str()).collect();
        Some((user, user.text("id")?, ids))
    });
    listed.collect()
}

fn not_in_groups(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    // Some never show `groups`.
    for (user, id, groups) in groups(it, before)
        .into_iter()
        .filter(|_| before.memory.shows_groups)
    {
        for group in before.memory.resources.holding(id) {
            if !groups.contains(&group.id.as_str()) {
                found.at(
                    user.place("groups"),
                    format!("group `{}` has `{id}` as a member", group.id),
                );
            }
        }
    }
}

fn not_among_members(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (user, id, groups) in groups(it, before) {
        for group in groups {
            let known = before
                .memory
                .resources
                .by_id("Group", group)
                .filter(|known| known.deleted.is_none());
            let members = known
                .filter(|it| it.shows_members)
                .and_then(|it| it.content.as_ref());
            let links = members.and_then(|content| content.links("members"));
            if members.is_some() && links.is_none_or(|links| links.get(id).is_none()) {
                found.at(
                    user.place("groups"),
                    format!("group `{group}` does not have `{id}` as a member"),
                );
            }
        }
    }
}
