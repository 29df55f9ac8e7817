//! Filters, projection, sorting and paging as a client asks for them (RFC 7644 sections 3.4.2 and 3.9, RFC 9865).

use crate::lint::finding::Found;
use crate::lint::memory::Before;
use crate::lint::rule::rules;
use crate::lint::view::{View, number};
use crate::scim::filter::{Filter, Operator};
use crate::scim::path::AttributePath;
use crate::scim::schema::Returned;
use crate::scim::{ErrorKind, Leniency};

rules! {
    "REQ-FILTER-001" Client Error "RFC 7644 section 3.4.2.2" Alone empty,
        "a filter with nothing in it"
        "a filter holds at least one expression: providers answer 400, and some the whole list"
        "leave `filter` out to ask for everything";
    "REQ-FILTER-002" Client Error "RFC 7644 section 3.4.2.2" Alone malformed,
        "a filter that the grammar does not have"
        "providers answer 400 `invalidFilter`; Snowflake once answered an empty list, so that a client created duplicates"
        "write `attribute operator value`, joined by `and`, `or` and `not (…)`";
    "REQ-FILTER-003" Client Error "RFC 7644 section 3.4.2.2" Alone unquoted,
        "text in a filter that is not in double quotes"
        "a value is a JSON literal; Slack takes it bare, the others answer 400"
        "put text in double quotes and escape it as JSON does";
    "REQ-FILTER-004" Client Warning "RFC 7644 section 3.4.2.2" Alone spaces,
        "white space where the grammar has none"
        "the grammar has single spaces; strict parsers answer 400"
        "write one space between the parts of a filter";
    "REQ-FILTER-005" Client Warning "RFC 7644 section 3.4.2.2" Alone literal_case,
        "`True`, `FALSE` or `NULL` in a filter"
        "JSON's literals are lower case; strict parsers answer 400"
        "write `true`, `false` and `null`";
    "REQ-FILTER-006" Client Warning "RFC 7644 section 3.4.2.2" Alone boolean_text,
        "a boolean is compared with text"
        "Entra ID sends `roles[primary eq \"True\"]`; a provider that goes by the schema answers 400 or finds nothing"
        "compare booleans with `true` or `false`, without quotes";
    "REQ-FILTER-007" Client Warning "RFC 7644 section 3.4.2.2" Alone literal_type,
        "a value of another type than the attribute's"
        "providers answer 400, or find nothing and let the client create a duplicate"
        "compare text with text in quotes, and numbers without";
    "REQ-FILTER-008" Client Error "RFC 7644 section 3.4.2.2" Alone behind_bracket,
        "a sub-attribute behind a bracket in a filter"
        "the grammar has that in PATCH paths only; Entra ID sends `emails[type eq \"work\"].value eq \"…\"`, and GitHub refuses it"
        "write `emails[type eq \"work\" and value eq \"…\"]`";
    "REQ-FILTER-009" Client Error "RFC 7644 section 3.4.2.2" Alone unknown_attribute,
        "a filter on an attribute that no schema has"
        "providers answer 400 `invalidFilter`"
        "filter on attributes that `/Schemas` has, extension attributes with their URN";
    "REQ-FILTER-010" Client Error "RFC 7644 section 3.4.2.2" Alone unfit_operator,
        "an operator that the attribute does not take"
        "ordering booleans and comparing a complex attribute as a whole is 400 `invalidFilter`"
        "compare a sub-attribute, and order text, numbers and instants only";
    "REQ-FILTER-011" Client Warning "RFC 7644 section 3.10" Alone unqualified,
        "an attribute of an extension without its URN"
        "the RFC asks for the URN; strict providers do not know the bare name"
        "write `urn:…:User:department`";
    "REQ-FILTER-012" Client Note "RFC 7644 section 3.4.2.2" Alone operators,
        "a filter beyond `eq` and `and`"
        "AWS, Slack, GitLab, Zoom, Atlassian and Entra ID as a provider take `eq` alone, and some of them `and`"
        "look resources up with `eq`, and choose among the results";
    "REQ-FILTER-013" Client Error "RFC 7644 section 7.5.2" Alone secret,
        "a filter on what is a secret"
        "URLs are written to logs; a password does not belong in one, and most providers refuse it"
        "never filter on a password";
    "REQ-FILTER-014" Client Warning "RFC 7644 section 3.4.2.2" Alone link,
        "a link is compared as if it were text"
        "`manager eq \"…\"` compares a complex attribute: most providers answer 400"
        "compare its `value`: `manager.value eq \"…\"`";
    "REQ-FILTER-015" Client Warning "RFC 7643 section 5" Alone filter_unsupported,
        "a filter where the provider has none"
        "`filter.supported` is false: the answer is 501, or everything"
        "read the list and choose from it";
    "REQ-PROJ-001" Client Warning "RFC 7644 section 3.9" Alone both_projections,
        "`attributes` and `excludedAttributes` together"
        "they exclude one another: providers answer 400 or follow one of them"
        "send one of the two";
    "REQ-PROJ-002" Client Warning "RFC 7644 section 3.4.2.5" Alone projection_name,
        "a name in a projection that is no attribute notation"
        "providers answer 400 or pass over it; Microsoft's collection sends `emails[type eq \"work\"]`"
        "name attributes: `emails`, `name.givenName`, `urn:…:User:department`";
    "REQ-PROJ-003" Client Note "RFC 7644 section 3.4.2.5" Alone projection_unknown,
        "a projection names an attribute that no schema has"
        "it is passed over, and nothing of it comes back; a typing error shows as missing data"
        "name attributes that `/Schemas` has";
    "REQ-PROJ-004" Client Warning "RFC 7643 section 7" Alone projection_never,
        "a projection asks for what is never returned"
        "a password does not come back, asked for or not"
        "leave it out";
    "REQ-SORT-001" Client Warning "RFC 7644 section 3.4.2.3" Alone sort_unknown,
        "sorting by an attribute that no schema has"
        "providers answer 400 or any order"
        "sort by an attribute that `/Schemas` has";
    "REQ-SORT-002" Client Warning "RFC 7644 section 3.4.2.3" Alone sort_order,
        "`sortOrder` is neither `ascending` nor `descending`"
        "strict providers answer 400; others sort upwards"
        "write `ascending` or `descending`";
    "REQ-SORT-003" Client Note "RFC 7644 section 3.4.2.3" Alone order_without_sort,
        "`sortOrder` without `sortBy`"
        "it has no effect"
        "name the attribute in `sortBy`, or leave both out";
    "REQ-SORT-004" Client Warning "RFC 7643 section 5" Alone sort_unsupported,
        "sorting where the provider has none"
        "`sort.supported` is false: the list comes in any order, or 501"
        "sort what comes back";
    "REQ-PAGE-001" Client Error "RFC 7644 section 3.4.2.4" Alone not_a_number,
        "`startIndex` or `count` is no number"
        "providers answer 400, or take the default, and a client pages over the first page for ever"
        "send whole numbers";
    "REQ-PAGE-002" Client Warning "RFC 7644 section 3.4.2.4" Alone below_one,
        "`startIndex` below 1"
        "the first result is number 1; a provider takes 0 for 1, and the pages overlap by one"
        "begin with 1 and go on with startIndex + itemsPerPage";
    "REQ-PAGE-003" Client Warning "RFC 7644 section 3.4.2.4" Alone negative,
        "a negative `count`"
        "it means 0: no resources come back"
        "send the number of resources that are wanted";
    "REQ-PAGE-004" Client Warning "RFC 9865 section 2.4" Alone two_ways,
        "`cursor` and `startIndex` together"
        "each chooses a way to page: providers answer 400"
        "send one of the two";
    "REQ-PAGE-005" Client Error "RFC 9865 section 2" Alone cursor_letters,
        "a cursor with characters that none has"
        "cursors hold unreserved characters only: this one was altered on its way, and the answer is 400 `invalidCursor`"
        "send the cursor as it was given out, encoded once";
    "REQ-PAGE-006" Client Note "RFC 7643 section 5" Alone too_many,
        "a `count` above what the provider gives at once"
        "the page is shorter than asked for: who takes a short page for the last one loses the rest"
        "go on until `totalResults` is reached";
    "REQ-PAGE-007" Client Warning "RFC 9865 section 2" After cursor_reused,
        "a cursor is used again"
        "a provider may drop a cursor that was used: the answer is then 400 `expiredCursor`"
        "take the next cursor from each answer";
    "REQ-PAGE-008" Client Error "RFC 9865 section 2" After cursor_unknown,
        "a cursor that was never given out"
        "cursors are the provider's: it answers 400 `invalidCursor`"
        "take cursors from `nextCursor` and `previousCursor` alone";
    "REQ-PAGE-009" Client Error "RFC 9865 section 2" After cursor_moved,
        "a cursor is used for another question"
        "each page repeats every parameter of the first; with another filter or order the provider answers 400 or mixes two lists"
        "repeat all parameters, and change `cursor` alone";
}

fn needs(it: &View<'_>, leniency: Leniency, found: &mut Found<'_>) {
    if let Some(filter) = &it.filter
        && filter.needed.contains(leniency)
    {
        found.at(filter.place.clone(), format!("`{}`", filter.text));
    }
}

fn empty(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(filter) = it
        .filter
        .as_ref()
        .filter(|filter| filter.text.trim().is_empty())
    {
        found.at(filter.place.clone(), "nothing");
    }
}

fn malformed(it: &View<'_>, found: &mut Found<'_>) {
    let filter = it
        .filter
        .as_ref()
        .filter(|filter| !filter.text.trim().is_empty());
    if let Some(filter) = filter
        && let Err(error) = &filter.read
    {
        found.at(filter.place.clone(), error.detail.clone());
    }
}

fn unquoted(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterUnquoted, found);
}

fn spaces(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterSpace, found);
}

fn literal_case(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterLiteralCase, found);
}

fn boolean_text(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterBooleanText, found);
}

fn literal_type(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterNumberText, found);
    needs(it, Leniency::FilterTextNumber, found);
}

fn behind_bracket(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterBehindBracket, found);
}

fn unqualified(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::UnqualifiedExtension, found);
}

fn link(it: &View<'_>, found: &mut Found<'_>) {
    needs(it, Leniency::FilterLink, found);
}

/// Every attribute that a filter names.
fn names(filter: &Filter) -> Vec<&AttributePath> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().flat_map(names).collect(),
        Filter::Not(term) => names(term),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => {
            vec![path]
        }
    }
}

fn unknown_attribute(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(filter), Some(kind)) = (&it.filter, it.target().kind()) else {
        return;
    };
    let paths = filter.read.as_ref().map(names).unwrap_or_default();
    for path in paths.into_iter().filter(|path| {
        kind.resolve_by(path, crate::scim::Reading::LENIENT)
            .is_none()
    }) {
        let hint = kind
            .nearest(&path.name)
            .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        found.at(
            filter.place.clone().part(&path.to_string()),
            format!("{} has no `{path}`{hint}", kind.name),
        );
    }
}

fn unfit_operator(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(filter), Some(kind)) = (&it.filter, it.target().kind()) else {
        return;
    };
    let known = |path: &&AttributePath| {
        kind.resolve_by(path, crate::scim::Reading::LENIENT)
            .is_some()
    };
    let all_known = filter
        .read
        .as_ref()
        .is_ok_and(|read| names(read).iter().all(known));
    if let Some(Err(error)) = &filter.bound
        && error.kind == ErrorKind::InvalidFilter
        && all_known
    {
        found.at(filter.place.clone(), error.detail.clone());
    }
}

fn is_plain(filter: &Filter) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(is_plain),
        Filter::Compare { operator, .. } => *operator == Operator::Eq,
        Filter::ValuePath { filter, .. } => is_plain(filter),
        Filter::Or(_) | Filter::Not(_) | Filter::Present(_) => false,
    }
}

fn operators(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(filter) = &it.filter
        && filter.read.as_ref().is_ok_and(|read| !is_plain(read))
    {
        found.at(filter.place.clone(), format!("`{}`", filter.text));
    }
}

fn secret(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(filter), Some(kind)) = (&it.filter, it.target().kind()) else {
        return;
    };
    for path in filter.read.as_ref().map(names).unwrap_or_default() {
        let attribute = kind
            .attribute(&path.name)
            .filter(|it| it.returned == Returned::Never);
        if attribute.is_some() {
            found.at(filter.place.clone(), format!("`{path}`"));
        }
    }
}

fn unsupported(it: &View<'_>, feature: &str, parameter: &str, found: &mut Found<'_>) {
    if it.contract.supports(feature) == Some(false)
        && let Some(parameter) = it.parameter(parameter)
    {
        found.at(
            parameter.place.clone(),
            format!("`{feature}.supported` is false"),
        );
    }
}

fn filter_unsupported(it: &View<'_>, found: &mut Found<'_>) {
    unsupported(it, "filter", "filter", found);
}

fn sort_unsupported(it: &View<'_>, found: &mut Found<'_>) {
    unsupported(it, "sort", "sortBy", found);
}

fn both_projections(it: &View<'_>, found: &mut Found<'_>) {
    if let (Some(_), Some(excluded)) = (
        it.parameter("attributes"),
        it.parameter("excludedAttributes"),
    ) {
        found.at(excluded.place.clone(), "both are asked for");
    }
}

/// The names of both projections, each with the place of its parameter.
fn projected<'m>(it: &'m View<'_>) -> impl Iterator<Item = (crate::lint::Place, &'m str)> {
    let both = ["attributes", "excludedAttributes"]
        .into_iter()
        .filter_map(|name| it.parameter(name));
    both.flat_map(|parameter| {
        let names = parameter.text.split(',').map(str::trim);
        names.map(|name| (parameter.place.clone(), name))
    })
}

fn projection_name(it: &View<'_>, found: &mut Found<'_>) {
    for (place, name) in projected(it) {
        if AttributePath::parse(name).is_none() {
            found.at(place.part(name), format!("`{name}`"));
        }
    }
}

fn projection_unknown(it: &View<'_>, found: &mut Found<'_>) {
    let Some(kind) = it.target().kind() else {
        return;
    };
    for (place, name) in projected(it) {
        let path = AttributePath::parse(name);
        if path.is_some_and(|path| kind.resolve(&path).is_none()) {
            found.at(place.part(name), format!("{} has no `{name}`", kind.name));
        }
    }
}

fn projection_never(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(kind), Some(parameter)) = (it.target().kind(), it.parameter("attributes")) else {
        return;
    };
    for name in parameter.text.split(',').map(str::trim) {
        if kind
            .attribute(name)
            .is_some_and(|it| it.returned == Returned::Never)
        {
            found.at(parameter.place.clone().part(name), format!("`{name}`"));
        }
    }
}

fn sort_unknown(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(kind), Some(parameter)) = (it.target().kind(), it.parameter("sortBy")) else {
        return;
    };
    let path = AttributePath::parse(parameter.text.trim());
    if path.is_none_or(|path| kind.resolve(&path).is_none()) {
        found.at(
            parameter.place.clone(),
            format!("{} has no `{}`", kind.name, parameter.text),
        );
    }
}

fn sort_order(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("sortOrder")
        && !matches!(parameter.text.as_str(), "ascending" | "descending")
    {
        found.at(parameter.place.clone(), format!("`{}`", parameter.text));
    }
}

fn order_without_sort(it: &View<'_>, found: &mut Found<'_>) {
    if let (Some(order), None) = (it.parameter("sortOrder"), it.parameter("sortBy")) {
        found.at(order.place.clone(), "nothing to sort by");
    }
}

fn not_a_number(it: &View<'_>, found: &mut Found<'_>) {
    for name in ["startIndex", "count"] {
        if let Some(parameter) = it.parameter(name)
            && number(&parameter.text).is_none()
        {
            found.at(
                parameter.place.clone(),
                format!("`{name}` is `{}`", parameter.text),
            );
        }
    }
}

fn below_one(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("startIndex")
        && number(&parameter.text).is_some_and(|start| start < 1)
    {
        found.at(parameter.place.clone(), format!("`{}`", parameter.text));
    }
}

fn negative(it: &View<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("count")
        && number(&parameter.text).is_some_and(|count| count < 0)
    {
        found.at(parameter.place.clone(), format!("`{}`", parameter.text));
    }
}

fn two_ways(it: &View<'_>, found: &mut Found<'_>) {
    if let (Some(_), Some(start)) = (it.parameter("cursor"), it.parameter("startIndex")) {
        found.at(start.place.clone(), "`startIndex` beside `cursor`");
    }
}

fn cursor_letters(it: &View<'_>, found: &mut Found<'_>) {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if let Some(parameter) = it.parameter("cursor")
        && !parameter.text.chars().all(unreserved)
        && !crate::lint::view::is_hidden(&parameter.text)
    {
        found.at(parameter.place.clone(), format!("`{}`", parameter.text));
    }
}

fn too_many(it: &View<'_>, found: &mut Found<'_>) {
    let (Some(parameter), Some(most)) = (
        it.parameter("count"),
        it.contract.limit("filter", "maxResults"),
    ) else {
        return;
    };
    let asked = number(&parameter.text).and_then(|count| u64::try_from(count).ok());
    if let Some(asked) = asked.filter(|asked| *asked > most) {
        found.at(
            parameter.place.clone(),
            format!("{asked}, and `filter.maxResults` is {most}"),
        );
    }
}

fn cursor_reused(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("cursor")
        && let Some(used) = before
            .memory
            .cursors
            .get(&parameter.text)
            .and_then(|cursor| cursor.used)
    {
        found.at(
            parameter.place.clone(),
            format!("exchange {used} has used it"),
        );
    }
}

fn cursor_unknown(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("cursor")
        && !parameter.text.is_empty()
        && before.memory.cursors.are_known()
        && before.memory.cursors.get(&parameter.text).is_none()
    {
        found.at(parameter.place.clone(), "no answer before has it");
    }
}

fn cursor_moved(it: &View<'_>, before: &Before<'_>, found: &mut Found<'_>) {
    if let Some(parameter) = it.parameter("cursor")
        && let Some(cursor) = before.memory.cursors.get(&parameter.text)
        && cursor.question != crate::lint::memory::question(it)
    {
        found.at(
            parameter.place.clone(),
            format!(
                "exchange {} gave it out for `{}`",
                cursor.given, cursor.question
            ),
        );
    }
}
