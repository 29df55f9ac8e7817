//! What a client does in an order that does not go: ids, conflicts, waiting (RFC 7644 section 3, RFC 6585, RFC 9110).

use crate::lint::Place;
use crate::lint::finding::Found;
use crate::lint::memory::Before;
use crate::lint::rule::rules;
use crate::lint::view::{PATH, Target, View};
use crate::scim::resource::Content;
use crate::scim::schema::Mutability;

rules! {
    "SEQ-ID-001" Client Warning "RFC 7643 section 3.1" After unknown_id,
        "an id that was never given out"
        "ids are the provider's: one made up, or taken from another provider, meets 404"
        "take the id from the answer to a create or a query";
    "SEQ-ID-002" Client Note "RFC 7643 section 4.2" After unknown_member,
        "a link to an id that no answer has shown"
        "Fleet and Pulumi refuse the whole request over one unknown member, WorkOS drops it without a word"
        "create the user first, and use the id of the answer";
    "SEQ-ID-003" Client Warning "RFC 7644 section 3.6" After deleted_link,
        "a link to a resource that was deleted"
        "it is refused, or dropped, or leads nowhere"
        "leave out what was deleted";
    "SEQ-DEL-001" Client Warning "RFC 7644 section 3.6" After deleted_twice,
        "a resource is deleted again"
        "the second one meets 404; a client that takes it for a failure repeats it for ever"
        "take 404 to a delete for done, and forget the id";
    "SEQ-DEL-002" Client Warning "RFC 7644 section 3.6" After write_to_deleted,
        "a write to a resource that was deleted"
        "it meets 404"
        "create it again, and use its new id";
    "SEQ-CREATE-001" Client Warning "RFC 7644 section 3.3" After again_after_conflict,
        "a create after a 409, and nobody has looked"
        "it meets 409 again: the resource is there, under an id that the client does not know"
        "look it up by the value that was taken, and change it";
    "SEQ-RETRY-001" Client Error "RFC 6585 section 4" After too_early,
        "a request before the time of Retry-After"
        "it is refused as well, and some providers count it against the client"
        "wait as many seconds as Retry-After says";
    "SEQ-RETRY-002" Client Warning "RFC 9110 section 15.5" After unchanged_after_refusal,
        "a request that was refused is sent again as it was"
        "it is refused again: 4xx says that the client must change something"
        "report it, and send it again when something has changed";
    "SEQ-PUT-001" Client Note "RFC 7644 section 3.5.1" After cleared,
        "a PUT leaves out what the resource has"
        "a PUT is the whole resource: a provider may clear what it does not name"
        "send the whole resource as it was read, or use PATCH";
    "SEQ-PATCH-003" Client Note "RFC 7644 section 3.5.2" After without_effect,
        "a PATCH that changes nothing"
        "it costs the provider a write and the client one of its requests (Okta renames with each change of members)"
        "compare with what the resource has, and send what differs";
}

fn unknown_id(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let resources = &before.memory.resources;
    if let Target::Resource(_, id) = it.target()
        && it.status == 404
        && before.known.is_none()
        && !resources.forgot()
    {
        let others = if resources.has_id(id) {
            "an answer has shown it for another type"
        } else {
            "no answer has shown it"
        };
        found.at(Place::from(PATH).part(id), format!("`{id}`: {others}"));
    }
}

/// The links that a request sets, each with the id that it leads to.
fn links<'m, 'a>(
    it: &'m View<'a>,
) -> impl Iterator<Item = (&'m crate::lint::view::Typed<'a>, &'a str)> {
    it.sent.values().filter_map(|value| {
        let is_link = value.parent.is_some_and(|parent| {
            !parent.link_targets().is_empty() && parent.mutability != Mutability::ReadOnly
        });
        let is_set = !value.is_list && is_link && value.attribute.name == "value";
        let id = value
            .value
            .as_str()
            .filter(|id| is_set && !id.is_empty() && !id.starts_with("bulkId:"))?;
        Some((value, id))
    })
}

fn unknown_member(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let resources = &before.memory.resources;
    if resources.forgot() || resources.is_empty() {
        return;
    }
    for (value, id) in links(it).filter(|it| !resources.has_id(it.1)) {
        found.at(&value.at, format!("`{id}`"));
    }
}

fn deleted_link(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    for (value, id) in links(it) {
        let targets = value
            .parent
            .map(crate::scim::schema::Attribute::link_targets)
            .unwrap_or_default();
        let deleted = targets
            .iter()
            .find_map(|kind| before.memory.resources.by_id(kind, id)?.deleted);
        if let Some(deleted) = deleted {
            found.at(&value.at, format!("exchange {deleted} has deleted `{id}`"));
        }
    }
}

fn deleted_twice(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(deleted) = before
        .known
        .and_then(|known| known.deleted)
        .filter(|_| it.method == "DELETE")
    {
        found.at(PATH, format!("exchange {deleted} has deleted it"));
    }
}

fn write_to_deleted(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let writes = matches!(it.method, "PUT" | "PATCH");
    if let Some(deleted) = before
        .known
        .and_then(|known| known.deleted)
        .filter(|_| writes)
    {
        found.at(PATH, format!("exchange {deleted} has deleted it"));
    }
}

fn again_after_conflict(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(conflict) = before.memory.conflicts.unanswered(it) {
        found.at(
            "/request/method",
            format!(
                "exchange {} was answered with 409, and no query came since",
                conflict.exchange
            ),
        );
    }
}

fn too_early(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(wait) = before.memory.refusals.wait(it) {
        found.at(
            "/at",
            format!(
                "exchange {} asked to wait {} s, until {}",
                wait.asked, wait.seconds, wait.until
            ),
        );
    }
}

fn unchanged_after_refusal(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(refused) = before.memory.refusals.same(it) {
        found.at(
            "/request/method",
            format!(
                "exchange {} was answered with {}",
                refused.exchange, refused.status
            ),
        );
    }
}

fn content<'m>(before: &'m Before<'_>) -> Option<&'m Content> {
    before
        .known
        .filter(|known| known.deleted.is_none())?
        .content
        .as_ref()
}

fn cleared(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let (Target::Resource(kind, _), Some(held), Some(resource)) =
        (it.target(), content(before), it.sent.resources.first())
    else {
        return;
    };
    if it.method != "PUT" || before.memory.overlaps(it) {
        return;
    }
    for (extension, attribute) in kind
        .all_attributes()
        .filter(|it| it.1.mutability == Mutability::ReadWrite)
    {
        let holder = match extension {
            None => Some(resource.members),
            Some(urn) => resource.get(urn).and_then(|it| it.as_object()),
        };
        let named =
            holder.is_some_and(|it| crate::scim::path::member(it, &attribute.name).is_some());
        let held = held.get(extension, &attribute.name).is_some()
            || extension.is_none() && held.links(&attribute.name).is_some_and(|it| !it.is_empty());
        if held && !named {
            let name = extension.map_or(attribute.name.clone(), |urn| {
                format!("{urn}:{}", attribute.name)
            });
            found.at(
                it.sent.at,
                format!("`{name}` has a value, and the PUT names it not"),
            );
        }
    }
}

fn without_effect(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let unchanged = before
        .expected
        .as_ref()
        .is_some_and(|it| it.changed == Some(false));
    let sets_secret = before
        .expected
        .as_ref()
        .is_some_and(|it| it.content.secret_written);
    if it.method == "PATCH"
        && unchanged
        && !sets_secret
        && it.succeeded()
        && !before.memory.overlaps(it)
    {
        found.at(
            it.sent.place("Operations"),
            "the resource has all of it already",
        );
    }
}
