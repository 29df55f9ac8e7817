//! Queries, in a URL and in the body of a search.

use super::{CANONICAL, EXACT, OTHER, check, request};
use serde_json::{Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User:";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn filters_are_compared_as_trees() {
    let quoted = |text: &str| {
        text.replace('\'', "\"")
            .replace("core:", CORE)
            .replace("ent:", ENTERPRISE)
    };
    let query = |filter: &str| {
        let filter = quoted(filter);
        request("GET", &format!("/Users?filter={filter}"), Value::Null)
    };
    let search =
        |filter: &str| request("POST", "/Users/.search", json!({"filter": quoted(filter)}));
    let rows = [
        (EXACT, "userName eq 'a'", "userName eq 'a'", "the same"),
        (
            CANONICAL,
            "userName eq 'a'",
            "username eq 'a'",
            "names have no case",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            "userName EQ 'a'",
            "nor have operators",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            "userName Eq 'A'",
            "userName is not caseExact",
        ),
        (
            CANONICAL,
            "userName eq 'É'",
            "userName eq 'é'",
            "in every script",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            "core:userName eq 'a'",
            "the core URN may be left out",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            "(userName eq 'a')",
            "parentheses around all",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            " userName  eq  'a' ",
            "white space",
        ),
        (
            CANONICAL,
            "userName eq 'a'",
            "userName eq a",
            "a text without its quotes",
        ),
        (
            CANONICAL,
            "active eq true",
            "active eq True",
            "a literal has no case",
        ),
        (CANONICAL, "title pr", "TITLE PR", "a presence"),
        (
            CANONICAL,
            "userName eq 'a' and title pr",
            "userName eq 'a' AND title pr",
            "`and` has no case",
        ),
        (
            CANONICAL,
            "(userName eq 'a') and (title pr)",
            "userName eq 'a' and title pr",
            "parentheses that bind as it does anyway",
        ),
        (
            CANONICAL,
            "a eq '1' or b eq '2' and c eq '3'",
            "a eq '1' or (b eq '2' and c eq '3')",
            "`and` binds closer",
        ),
        (CANONICAL, "not (title pr)", "NOT(title pr)", "a negation"),
        (
            CANONICAL,
            "emails[type eq 'work']",
            "emails[TYPE eq 'WORK']",
            "within brackets too",
        ),
        (
            CANONICAL,
            "emails[type eq 'work' and value co 'x']",
            "emails[(type eq 'work') and (value CO 'X')]",
            "and deeper",
        ),
        (
            CANONICAL,
            "ent:department eq 'x'",
            "ENT:department eq 'X'"
                .replace("ENT:", &ENTERPRISE.to_uppercase())
                .leak(),
            "a URN has no case",
        ),
        (
            CANONICAL,
            "emails eq 'a@x'",
            "emails eq 'A@x'",
            "a list stands for its values",
        ),
        (
            CANONICAL,
            "meta.lastModified gt '2026-01-01T00:00:00Z'",
            "meta.lastModified gt '2026-01-01T01:00:00+01:00'",
            "the same instant",
        ),
        (
            CANONICAL,
            "meta.lastModified gt '2026-01-01T00:00:00Z'",
            "meta.lastModified gt '2026-01-01T00:00:00.000Z'",
            "with and without fraction",
        ),
        (
            CANONICAL,
            "password eq '{secret:password:1a2b3c4d}'",
            "password eq '{secret}'",
            "a secret is a secret",
        ),
        (OTHER, "userName eq 'a'", "userName eq 'b'", "another value"),
        (
            OTHER,
            "userName eq 'a'",
            "userName ne 'a'",
            "another operator",
        ),
        (OTHER, "userName eq 'a'", "userName co 'a'", "a part of it"),
        (
            OTHER,
            "userName eq 'a'",
            "displayName eq 'a'",
            "another attribute",
        ),
        (
            OTHER,
            "userName eq 'a'",
            "ent:userName eq 'a'",
            "an attribute of another schema",
        ),
        (OTHER, "id eq 'a'", "id eq 'A'", "an id is caseExact"),
        (
            OTHER,
            "externalId eq 'a'",
            "externalId eq 'A'",
            "an externalId is caseExact",
        ),
        (
            OTHER,
            "x eq 'a'",
            "x eq 'A'",
            "nobody says that an unknown attribute is not",
        ),
        (
            OTHER,
            "a eq '1' and b eq '2'",
            "b eq '2' and a eq '1'",
            "terms keep their order, as some providers read no other",
        ),
        (
            OTHER,
            "a eq '1' and b eq '2'",
            "a eq '1' or b eq '2'",
            "another word",
        ),
        (
            OTHER,
            "(a eq '1' or b eq '2') and c eq '3'",
            "a eq '1' or b eq '2' and c eq '3'",
            "parentheses that bind otherwise",
        ),
        (
            OTHER,
            "userName eq 'a'",
            "userName eq 'a' and title pr",
            "a term more",
        ),
        (OTHER, "not (title pr)", "title pr", "its opposite"),
        (
            OTHER,
            "emails[type eq 'work']",
            "emails[type eq 'home']",
            "other values",
        ),
        (
            OTHER,
            "emails[type eq 'work' and value eq 'x']",
            "emails.type eq 'work' and emails.value eq 'x'",
            "one value or two",
        ),
        (OTHER, "active eq true", "active eq false", "another truth"),
        (
            OTHER,
            "active eq true",
            "active eq 'true'",
            "text is no truth value",
        ),
        (OTHER, "emails pr", "emails.value pr", "a part of it"),
        (
            OTHER,
            "department eq 'x'",
            "ent:department eq 'x'",
            "a strict provider wants the URN",
        ),
        (
            OTHER,
            "userName eq",
            "userName EQ",
            "what is no filter is compared as it is",
        ),
        (
            OTHER,
            "meta.created gt '2026-01-01T00:00:00Z'",
            "meta.created gt '2026-01-01T00:00:01Z'",
            "another instant",
        ),
    ];
    for (expected, left, right, why) in rows {
        check(expected, query(left), query(right), why);
        check(expected, search(left), search(right), why);
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn parameters_have_no_order_and_defaults_are_as_if_absent() {
    let get = |query: &str| {
        request(
            "GET",
            &format!("/Users?{}", query.replace("core:", CORE)),
            Value::Null,
        )
    };
    let rows = [
        (
            EXACT,
            "count=1&startIndex=2",
            "count=1&startIndex=2",
            "the same",
        ),
        (
            CANONICAL,
            "count=1&startIndex=2",
            "startIndex=2&count=1",
            "no order",
        ),
        (CANONICAL, "count=1", "Count=1", "names have no case"),
        (CANONICAL, "startIndex=1", "", "a page begins at 1"),
        (CANONICAL, "startIndex=0", "", "what is below 1 is 1"),
        (
            CANONICAL,
            "startIndex=-3&count=2",
            "count=2",
            "however far below",
        ),
        (
            CANONICAL,
            "sortBy=userName&sortOrder=ascending",
            "sortBy=userName",
            "an order ascends",
        ),
        (
            CANONICAL,
            "sortBy=userName&sortOrder=Ascending",
            "sortBy=username",
            "in any case",
        ),
        (
            CANONICAL,
            "sortBy=core:userName",
            "sortBy=userName",
            "the core URN",
        ),
        (
            CANONICAL,
            "sortOrder=Descending&sortBy=title",
            "sortBy=title&sortOrder=descending",
            "a word without case",
        ),
        (
            CANONICAL,
            "attributes=userName,emails",
            "attributes=emails,userName",
            "a set of names",
        ),
        (
            CANONICAL,
            "attributes=userName,emails",
            "attributes=EMAILS,username,emails",
            "in any case, once or twice",
        ),
        (
            CANONICAL,
            "attributes=userName,emails",
            "attributes=userName, emails",
            "white space between",
        ),
        (
            CANONICAL,
            "attributes=core:name.familyName",
            "attributes=name.familyName",
            "the core URN here",
        ),
        (
            CANONICAL,
            "excludedAttributes=members,groups",
            "excludedattributes=groups,members",
            "what is left out",
        ),
        (OTHER, "startIndex=2", "", "another page"),
        (OTHER, "count=1", "count=2", "another length"),
        (OTHER, "count=1", "", "a length that the provider chooses"),
        (OTHER, "count=0", "", "only the number of results"),
        (OTHER, "count=1", "count=1&count=1", "said twice"),
        (OTHER, "sortBy=userName", "sortBy=title", "another order"),
        (
            OTHER,
            "sortBy=userName&sortOrder=descending",
            "sortBy=userName",
            "the other way round",
        ),
        (
            OTHER,
            "attributes=userName",
            "attributes=userName,title",
            "one more",
        ),
        (
            OTHER,
            "attributes=userName",
            "excludedAttributes=userName",
            "the rest of it",
        ),
        (
            OTHER,
            "attributes=name",
            "attributes=name.familyName",
            "a part of it",
        ),
        (OTHER, "cursor=abc", "cursor=ABC", "a cursor is opaque"),
        (OTHER, "cursor=abc", "", "and not the first"),
        (OTHER, "x=a", "x=A", "of an unknown parameter nobody knows"),
        (OTHER, "a=1\nb=2", "a=1&b=2", "a value is no separator"),
    ];
    for (expected, left, right, why) in rows {
        check(expected, get(left), get(right), why);
    }
}

#[test]
fn a_search_is_compared_like_a_query() {
    let search = |body: Value| request("POST", "/Users/.search", body);
    let rows = [
        (EXACT, json!({"count": 1}), json!({"count": 1}), "the same"),
        (
            CANONICAL,
            json!({"count": 1, "filter": "title pr"}),
            json!({"FILTER": "title PR", "count": 1}),
            "no order, no case",
        ),
        (
            CANONICAL,
            json!({"startIndex": 1}),
            json!({}),
            "a page begins at 1",
        ),
        (
            CANONICAL,
            json!({"attributes": ["userName", "emails"]}),
            json!({"attributes": ["EMAILS", "userName"]}),
            "a set of names",
        ),
        (
            CANONICAL,
            json!({"sortOrder": "ascending"}),
            json!({}),
            "an order ascends",
        ),
        (
            CANONICAL,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
            json!({"schemas": ["URN:ietf:params:scim:api:messages:2.0:SearchRequest"]}),
            "a URN has no case",
        ),
        (OTHER, json!({"startIndex": 2}), json!({}), "another page"),
        (
            OTHER,
            json!({"count": 1}),
            json!({"count": "1"}),
            "text is no number",
        ),
        (
            OTHER,
            json!({"attributes": ["userName"]}),
            json!({"attributes": ["title"]}),
            "other names",
        ),
        (
            OTHER,
            json!({"schemas": []}),
            json!({}),
            "what a strict provider refuses",
        ),
    ];
    for (expected, left, right, why) in rows {
        check(expected, search(left), search(right), why);
    }
    let by_url = request("GET", "/Users?count=1", Value::Null);
    check(
        OTHER,
        search(json!({"count": 1})),
        by_url,
        "another way to ask",
    );
}
