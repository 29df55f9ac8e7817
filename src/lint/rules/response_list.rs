//! Lists (RFC 7644 section 3.4.2, RFC 9865 section 2).

use crate::lint::Place;
use crate::lint::finding::{Found, shown};
use crate::lint::memory::{Before, question, start};
use crate::lint::rule::rules;
use crate::lint::view::{Form, Target, View, number};
use crate::scim::filter::Filter;
use crate::scim::schema::{Returned, Type};
use serde_json::Value;
use std::collections::HashSet;

const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

rules! {
    "RES-LIST-001" Provider Error "RFC 7644 section 3.4.2" Alone no_urn,
        "a list without the URN of ListResponse"
        "clients that go by it do not see a list"
        "name `urn:ietf:params:scim:api:messages:2.0:ListResponse` in `schemas`";
    "RES-LIST-002" Provider Error "RFC 7644 section 3.4.2" Alone no_total,
        "a list without `totalResults`"
        "Okta pages by it, and Entra ID tells by it whether a user is there"
        "count what the query finds, before paging";
    "RES-LIST-003" Provider Error "RFC 7644 section 3.4.2" Alone counter_type,
        "a counter that is no whole number"
        "Okta asks for integers in JSON; text fails there"
        "send numbers without quotes and fraction";
    "RES-LIST-004" Provider Error "RFC 7644 section 3.4.2" Alone no_resources,
        "results are counted, and there are none"
        "a client waits for resources that do not come"
        "answer `Resources`, or `totalResults` 0";
    "RES-LIST-005" Provider Error "RFC 7644 section 3.4.2" Alone key_case,
        "a member of the list in another spelling than its own"
        "Entra ID as a provider answers `resources`: clients that look for `Resources` see an empty list and create duplicates"
        "write `Resources`, `totalResults`, `startIndex` and `itemsPerPage`";
    "RES-LIST-006" Provider Warning "RFC 7644 section 3.4.2.4" Alone items_per_page,
        "`itemsPerPage` is not the number of resources in the answer"
        "clients go on by it: they skip resources, or read some twice"
        "send the number of resources that are in this answer";
    "RES-LIST-007" Provider Error "RFC 7644 section 3.4.2.4" Alone partial_without_index,
        "a part of the results, and nothing says which"
        "`startIndex` and `itemsPerPage` are required then: clients cannot go on"
        "send both with each page";
    "RES-LIST-008" Provider Warning "RFC 7644 section 3.4.2.4" Alone other_start,
        "`startIndex` is not what was asked for"
        "a client that asks for the second page and gets the first one loops"
        "begin where the client asks, and say so";
    "RES-LIST-009" Provider Error "RFC 7644 section 3.4.2.4" Alone more_than_count,
        "more resources than were asked for"
        "`count` is the most that may come; clients with fixed buffers fail"
        "send `count` resources at most";
    "RES-LIST-010" Provider Error "RFC 7644 section 3.4.2" Alone total_too_small,
        "`totalResults` is less than what is there"
        "clients stop before the end"
        "count what the query finds, before paging";
    "RES-LIST-011" Provider Error "RFC 7644 section 3.4.2.2" Alone unfiltered,
        "a resource that the filter excludes"
        "a client that looks a user up and gets another one changes that one: accounts are mixed up"
        "apply the filter, or answer 400 `invalidFilter` where it is not supported";
    "RES-LIST-012" Provider Warning "RFC 7644 section 3.4.2.3" Alone unsorted,
        "resources out of the order that was asked for"
        "a client that pages by order skips resources"
        "sort by `sortBy`, or say that `sort.supported` is false";
    "RES-LIST-013" Provider Error "RFC 7644 section 3.4.2" Alone twice,
        "a resource stands twice in one answer"
        "counters and contents disagree"
        "answer each resource once";
    "RES-LIST-014" Provider Error "RFC 7644 section 3.4.2" Alone other_type,
        "a resource of another type than the endpoint's"
        "clients read a group as a user"
        "answer the resources of the endpoint";
    "RES-LIST-015" Provider Error "RFC 9865 section 2" Alone cursor_letters,
        "a cursor with characters that must be encoded"
        "cursors hold unreserved characters only; clients send them as they are"
        "use letters, digits, `-`, `.`, `_` and `~`";
    "RES-LIST-016" Provider Error "RFC 9865 section 2" Alone same_cursor,
        "the next cursor is the one that was asked for"
        "a client reads the same page for ever"
        "give out another cursor for the next page, and none on the last one";
    "RES-LIST-017" Provider Warning "RFC 7644 section 3.4.2" Alone resources_null,
        "`Resources` is null"
        "clients iterate over it and fail"
        "answer an empty array, or leave it out";
    "RES-LIST-018" Provider Error "RFC 7644 section 3.4.2" Alone not_a_list,
        "a query is answered with something else than a list"
        "GET on an endpoint is a query even if it finds one resource"
        "answer a ListResponse";
    "SEQ-PAGE-001" Provider Warning "RFC 7644 section 3.4.2.4" After total_changed,
        "`totalResults` is another on the next page, and nothing was written"
        "a client that counts to the first one stops too early, or waits for ever"
        "count the results of the query, and not those of the page";
    "SEQ-PAGE-002" Provider Error "RFC 7644 section 3.4.2.4" After sum,
        "the pages together are not `totalResults`"
        "resources are missing, or come twice: a client that takes what is missing for deleted disables people"
        "page over one stable order";
    "SEQ-PAGE-003" Provider Error "RFC 7644 section 3.4.2.4" After on_two_pages,
        "a resource stands on two pages"
        "the order changed between them (Notion): another one is then on none"
        "page over one stable order, such as that of creation";
    "SEQ-PAGE-004" Client Warning "RFC 7644 section 3.4.2.4" After gap,
        "a page is skipped or read again"
        "`startIndex` goes on with the number of resources that came, and not with `count`: a short page leaves a gap"
        "go on with startIndex + itemsPerPage of the answer";
}

fn is_list(it: &View<'_>) -> bool {
    it.status == 200 && it.got.form == Form::List
}

fn no_urn(it: &View<'_>, found: &mut Found<'_>) {
    let of_discovery =
        it.got.form == Form::Discovery && it.status == 200 && it.got.get("Resources").is_some();
    if (is_list(it) || of_discovery) && !it.got.is_named(LIST_URN) {
        found.at(it.got.place("schemas"), "no ListResponse in `schemas`");
    }
}

fn uses_cursor(it: &View<'_>) -> bool {
    it.parameter("cursor").is_some()
        || it.got.get("nextCursor").is_some()
        || it.got.get("previousCursor").is_some()
}

fn no_total(it: &View<'_>, found: &mut Found<'_>) {
    if is_list(it) && it.got.get("totalResults").is_none() && !uses_cursor(it) {
        found.at(it.got.at, "no `totalResults`");
    }
}

fn counter_type(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        if let Some(value) = it
            .got
            .get(name)
            .filter(|value| is_list(it) && !value.is_u64())
        {
            found.at(it.got.place(name), format!("`{name}` is {}", shown(value)));
        }
    }
}

fn counter(it: &View<'_>, name: &str) -> Option<u64> {
    it.got.get(name)?.as_u64().filter(|_| is_list(it))
}

fn held(it: &View<'_>) -> u64 {
    it.got.resources.len() as u64
}

fn asks_for_none(it: &View<'_>) -> bool {
    let count = it.parameter("count").and_then(|it| number(&it.text));
    count.is_some_and(|count| count <= 0)
}

fn no_resources(it: &View<'_>, found: &mut Found<'_>) {
    let begins = start(it).is_some_and(|start| start <= 1);
    if counter(it, "totalResults").is_some_and(|total| total > 0)
        && held(it) == 0
        && begins
        && !asks_for_none(it)
    {
        found.at(it.got.place("totalResults"), "no resource is there");
    }
}

fn key_case(it: &View<'_>, found: &mut Found<'_>) {
    if !is_list(it) {
        return;
    }
    for name in it
        .got
        .json
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|it| it.keys())
    {
        let known = [
            "schemas",
            "Resources",
            "totalResults",
            "startIndex",
            "itemsPerPage",
            "nextCursor",
            "previousCursor",
        ];
        if let Some(spelled) = known
            .iter()
            .find(|it| it.eq_ignore_ascii_case(name) && *it != name)
        {
            found.at(it.got.place(name), format!("`{name}` is `{spelled}`"));
        }
    }
}

fn items_per_page(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(items) = counter(it, "itemsPerPage").filter(|items| *items != held(it)) {
        found.at(
            it.got.place("itemsPerPage"),
            format!("{items}, and {} are there", held(it)),
        );
    }
}

fn partial_without_index(it: &View<'_>, found: &mut Found<'_>) {
    let partial = counter(it, "totalResults").is_some_and(|total| total > held(it));
    for name in ["startIndex", "itemsPerPage"] {
        let needed = !(name == "startIndex" && uses_cursor(it));
        if partial && needed && !asks_for_none(it) && it.got.get(name).is_none() {
            found.at(it.got.at, format!("no `{name}`"));
        }
    }
}

fn other_start(it: &View<'_>, found: &mut Found<'_>) {
    let asked = it
        .parameter("startIndex")
        .and_then(|it| number(&it.text))
        .map(|it| it.max(1));
    if let (Some(asked), Some(given)) = (asked, counter(it, "startIndex"))
        && i64::try_from(given).is_ok_and(|given| given != asked)
        && held(it) > 0
    {
        found.at(
            it.got.place("startIndex"),
            format!("{given}, and {asked} was asked for"),
        );
    }
}

fn more_than_count(it: &View<'_>, found: &mut Found<'_>) {
    let count = it
        .parameter("count")
        .and_then(|it| number(&it.text))
        .map(|it| it.max(0).unsigned_abs());
    if let Some(count) = count.filter(|count| is_list(it) && held(it) > *count) {
        found.at(
            it.got.place("Resources"),
            format!("{} resources, and {count} were asked for", held(it)),
        );
    }
}

fn total_too_small(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(total) = counter(it, "totalResults").filter(|total| *total < held(it)) {
        found.at(
            it.got.place("totalResults"),
            format!("{total}, and {} are there", held(it)),
        );
    }
}

/// Whether every attribute that a filter asks about is shown, so that its absence says something.
fn is_judged(filter: &Filter, it: &View<'_>) -> bool {
    let Some(kind) = it.target().kind() else {
        return false;
    };
    let shown = |name: &str| {
        kind.attribute(name)
            .is_some_and(|it| it.returned != Returned::Never && it.returned != Returned::Request)
    };
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().all(|term| is_judged(term, it)),
        Filter::Not(_) => false,
        Filter::Present(path) | Filter::ValuePath { path, .. } | Filter::Compare { path, .. } => {
            path.uri.is_none()
                && shown(&path.name)
                && !matches!(path.name.as_str(), "groups" | "members" | "meta")
        }
    }
}

fn unfiltered(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(filter), true, true) = (&it.filter, is_list(it), it.is_whole()) else {
        return;
    };
    let (Ok(read), Some(Ok(matcher))) = (&filter.read, &filter.bound) else {
        return;
    };
    // What a recording has hidden or replaced can match nothing.
    if !is_judged(read, it) || filter.text.contains("{secret") {
        return;
    }
    for resource in &it.got.resources {
        let Some(kind) = resource.kind else { continue };
        let content = crate::lint::memory::representation(kind, resource.members);
        if !matcher.matches(&content) {
            found.at(
                &*resource.at,
                format!("`{}` does not match it", filter.text),
            );
        }
    }
}

fn unsorted(it: &View<'_>, found: &mut Found<'_>) {
    if it.contract.supports("sort") == Some(false) {
        return;
    }
    let (Some(kind), Some(by), true) = (it.target().kind(), it.parameter("sortBy"), is_list(it))
    else {
        return;
    };
    let Some(attribute) = kind
        .attribute(&by.text)
        .filter(|it| it.kind == Type::String && !it.multi_valued)
    else {
        return;
    };
    let descending = it
        .parameter("sortOrder")
        .is_some_and(|it| it.text.eq_ignore_ascii_case("descending"));
    // Letters and digits are in one order everywhere; what else there is, languages sort in their own.
    let plain = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric());
    let mut before: Option<String> = None;
    for resource in &it.got.resources {
        let Some(text) = resource.text(&attribute.name).filter(plain) else {
            before = None;
            continue;
        };
        let text = if attribute.case_exact {
            text.to_owned()
        } else {
            text.to_lowercase()
        };
        let wrong = before.as_ref().is_some_and(|before| {
            if descending {
                *before < text
            } else {
                *before > text
            }
        });
        if wrong {
            return found.at(
                resource.place(&attribute.name),
                format!("`{text}` behind `{}`", before.unwrap_or_default()),
            );
        }
        before = Some(text);
    }
}

fn twice(it: &View<'_>, found: &mut Found<'_>) {
    let mut seen = HashSet::new();
    for resource in it.got.resources.iter().filter(|_| is_list(it)) {
        if let Some(id) = resource.text("id").filter(|id| !seen.insert(*id)) {
            found.at(resource.place("id"), format!("`{id}` once more"));
        }
    }
}

fn other_type(it: &View<'_>, found: &mut Found<'_>) {
    let Some(kind) = it.target().kind() else {
        return;
    };
    for resource in it.got.resources.iter().filter(|_| is_list(it)) {
        let named = resource.kind.filter(|own| own.name != kind.name);
        if let Some(named) = named {
            found.at(
                &*resource.at,
                format!("a {} at the endpoint of {}", named.name, kind.name),
            );
        }
    }
}

fn cursors<'a>(it: &View<'a>) -> impl Iterator<Item = (Place, &'a str)> {
    let both = ["nextCursor", "previousCursor"].into_iter();
    both.filter_map(|name| Some((it.got.place(name), it.got.get(name)?.as_str()?)))
}

fn cursor_letters(it: &View<'_>, found: &mut Found<'_>) {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    for (place, cursor) in cursors(it)
        .filter(|it| !it.1.chars().all(unreserved) && !crate::lint::view::is_hidden(it.1))
    {
        found.at(place, format!("`{cursor}`"));
    }
}

fn same_cursor(it: &View<'_>, found: &mut Found<'_>) {
    let next = it.got.get("nextCursor").and_then(Value::as_str);
    let asked = it.parameter("cursor").map(|it| it.text.as_str());
    if let Some(next) =
        next.filter(|next| asked == Some(*next) && !crate::lint::view::is_hidden(next))
    {
        found.at(it.got.place("nextCursor"), format!("`{next}` again"));
    }
}

fn resources_null(it: &View<'_>, found: &mut Found<'_>) {
    if is_list(it) && it.got.get("Resources").is_some_and(Value::is_null) {
        found.at(it.got.place("Resources"), "null");
    }
}

fn not_a_list(it: &View<'_>, found: &mut Found<'_>) {
    let asks = it.is_query() && !matches!(it.target(), Target::Root);
    if asks
        && it.status == 200
        && it.got.json.is_some_and(Value::is_object)
        && it.got.form != Form::List
    {
        found.at(it.got.at, "no ListResponse");
    }
}

fn total_changed(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let begins = start(it).is_none_or(|start| start <= 1);
    let Some(progress) = before
        .memory
        .lists
        .get(&question(it))
        .filter(|_| is_list(it))
    else {
        return;
    };
    if let (Some(then), Some(now)) = (progress.total, counter(it, "totalResults"))
        && then != now
        && !begins
        && progress.writes == before.memory.writes
    {
        found.at(
            it.got.place("totalResults"),
            format!("{now}, and it was {then} in the page before"),
        );
    }
}

/// The list so far, where this answer goes on with it and nobody has written since it was begun.
fn going_on<'m>(
    it: &View<'_>,
    before: &'m Before<'_>,
) -> Option<&'m crate::lint::memory::Progress> {
    let progress = before
        .memory
        .lists
        .get(&question(it))
        .filter(|_| is_list(it))?;
    let goes_on = match start(it) {
        Some(start) => start > 1 && start == progress.next,
        None => it.parameter("cursor").is_some_and(|cursor| {
            let given = before.memory.cursors.get(&cursor.text);
            given.is_some_and(|given| given.used.is_none() && given.forwards)
        }),
    };
    (goes_on && progress.writes == before.memory.writes).then_some(progress)
}

fn sum(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let (Some(progress), Some(total)) = (going_on(it, before), counter(it, "totalResults")) else {
        return;
    };
    let counted = progress.counted + held(it);
    let ends = match start(it) {
        Some(_) => held(it) == 0,
        None => it.got.get("nextCursor").is_none_or(Value::is_null),
    };
    if counted > total || ends && counted != total {
        let first = progress.first;
        found.at(
            it.got.place("totalResults"),
            format!("{total}, and the pages since exchange {first} have {counted}"),
        );
    }
}

fn on_two_pages(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let Some(progress) = going_on(it, before) else {
        return;
    };
    for resource in &it.got.resources {
        if let Some(id) = resource.text("id").filter(|id| progress.ids.contains(*id)) {
            found.at(
                resource.place("id"),
                format!("`{id}` stands on a page before"),
            );
        }
    }
}

fn gap(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    let Some(progress) = before.memory.lists.get(&question(it)) else {
        return;
    };
    if let Some(start) =
        start(it).filter(|start| *start > 1 && *start != progress.next && it.is_query())
        && let Some(parameter) = it.parameter("startIndex")
    {
        found.at(
            parameter.place.clone(),
            format!("{start}, and the page before ends at {}", progress.next - 1),
        );
    }
}
