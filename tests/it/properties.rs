//! What holds for any input: filters that were printed read back, and no body makes the service fail or half-write.

use crate::support::sp::Sp;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use scimulate::scim::Reading;
use scimulate::scim::filter::{Filter, Literal, Operator};
use scimulate::scim::path::AttributePath;
use scimulate::scim::resource_type::ResourceType;
use serde_json::{Value, json};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z][A-Za-z0-9_-]{0,8}",
        prop::sample::select(vec![
            "order", "notes", "android", "prime", "not", "and", "or", "eq", "$ref", "true", "null"
        ])
        .prop_map(str::to_owned),
    ]
}

fn path() -> impl Strategy<Value = AttributePath> {
    let uri = prop_oneof![
        3 => Just(None),
        1 => "urn(:[A-Za-z0-9.-]{1,6}){1,4}".prop_map(Some),
    ];
    (uri, name(), proptest::option::of(name())).prop_map(|(uri, name, sub)| AttributePath {
        uri,
        name,
        sub,
    })
}

/// A path that may stand before a bracket.
fn parent() -> impl Strategy<Value = AttributePath> {
    path().prop_map(|path| AttributePath { sub: None, ..path })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>()
            .prop_filter_map("JSON has finite numbers", serde_json::Number::from_f64)
            .prop_map(Literal::Number),
        any::<String>().prop_map(Literal::String),
        ".*[\\]\\[()\"\\\\].*".prop_map(Literal::String),
    ]
}

fn leaf() -> impl Strategy<Value = Filter> {
    let operators = Operator::ALL.map(|(_, operator)| operator).to_vec();
    prop_oneof![
        path().prop_map(Filter::Present),
        (path(), prop::sample::select(operators), literal()).prop_map(|(path, operator, value)| {
            Filter::Compare {
                path,
                operator,
                value,
            }
        }),
    ]
}

/// Joins terms as a reader would: what is joined by the same word is one list.
fn joined(terms: Vec<Filter>, and: bool) -> Filter {
    let flat = terms.into_iter().flat_map(|term| match term {
        Filter::And(inner) if and => inner,
        Filter::Or(inner) if !and => inner,
        other => vec![other],
    });
    if and {
        Filter::And(flat.collect())
    } else {
        Filter::Or(flat.collect())
    }
}

/// A tree without brackets, which may stand in one.
fn inner() -> impl Strategy<Value = Filter> {
    grown(leaf().boxed())
}

fn filter() -> impl Strategy<Value = Filter> {
    let bracket = (parent(), inner()).prop_map(|(path, filter)| Filter::ValuePath {
        path,
        filter: Box::new(filter),
    });
    grown(prop_oneof![3 => leaf(), 1 => bracket].boxed())
}

fn grown(leaf: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 12, 3, |below| {
        prop_oneof![
            vec(below.clone(), 2..4).prop_map(|terms| joined(terms, true)),
            vec(below.clone(), 2..4).prop_map(|terms| joined(terms, false)),
            below.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

/// Words of the grammar in any order, which come closer to a filter than letters do.
fn nearly() -> impl Strategy<Value = String> {
    let words = [
        "userName",
        "emails",
        "emails.type",
        "eq",
        "pr",
        "gt",
        "and",
        "or",
        "not",
        "(",
        ")",
        "[",
        "]",
        "\"x\"",
        "\"",
        "\\",
        "5",
        "true",
        "null",
        ".",
        ":",
        "urn:x:y",
        " ",
        "  ",
        "é",
        "\u{0}",
    ];
    vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.join(" "))
}

/// Any JSON, with names that mean something.
fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "bjensen",
        "work",
        "True",
        "",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |below| {
        prop_oneof![
            vec(below.clone(), 0..4).prop_map(Value::from),
            btree_map(key(), below, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let words = [
        "schemas",
        "id",
        "meta",
        "userName",
        "USERNAME",
        "name",
        "givenName",
        "emails",
        "value",
        "type",
        "primary",
        "active",
        "groups",
        "members",
        "password",
        "displayName",
        "Operations",
        "op",
        "path",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "filter",
        "count",
        "startIndex",
        "attributes",
        "name.givenName",
        "$ref",
    ];
    prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn patch_path() -> impl Strategy<Value = String> {
    let paths = [
        "userName",
        "title",
        "name",
        "name.givenName",
        "emails",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails.type",
        "emails[primary eq true].primary",
        "id",
        "meta",
        "groups",
        "schemas",
        "password",
        "active",
        "nope",
        "emails[",
        "a..b",
        "",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "members",
        "x509Certificates[value gt 1]",
    ];
    prop_oneof![8 => prop::sample::select(paths.to_vec()).prop_map(str::to_owned), 1 => nearly()]
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "remove", "replace", "Replace", "move"]);
    (
        op,
        proptest::option::of(patch_path()),
        proptest::option::of(any_json()),
    )
        .prop_map(|(op, path, value)| {
            let mut operation = json!({"op": op});
            if let Some(path) = path {
                operation["path"] = path.into();
            }
            if let Some(value) = value {
                operation["value"] = value;
            }
            operation
        })
}

fn somebody() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen", "title": "Guide",
        "name": {"givenName": "Barbara"}, "emails": [{"value": "w@x", "type": "work", "primary": true}, {"value": "h@x", "type": "home"}],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_filter_reads_back(filter in filter()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text, Reading::STRICT), Ok(filter.clone()), "{}", text);
        prop_assert_eq!(Filter::parse(&text, Reading::LENIENT), Ok(filter), "{}", text);
    }

    #[test]
    fn what_reads_prints_what_reads_the_same(text in nearly()) {
        if let Ok(filter) = Filter::parse(&text, Reading::LENIENT) {
            prop_assert_eq!(Filter::parse(&filter.to_string(), Reading::STRICT), Ok(filter), "{}", text);
        }
    }

    #[test]
    fn reading_never_panics(text in prop_oneof![any::<String>(), nearly()]) {
        for reading in [Reading::LENIENT, Reading::STRICT] {
            if let Ok(filter) = Filter::parse(&text, reading)
                && let Ok(matcher) = filter.bind(&ResourceType::user(), reading)
            {
                let nobody = serde_json::Map::new();
                let verdicts = [matcher.matches(&nobody), matcher.matches(somebody().as_object().expect("an object"))];
                prop_assert_eq!(verdicts, [matcher.matches(&nobody), matcher.matches(somebody().as_object().expect("an object"))]);
            }
        }
    }

    #[test]
    fn an_attribute_path_reads_back(path in path()) {
        prop_assert_eq!(AttributePath::parse(&path.to_string()), Some(path));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_that_fails_leaves_everything(operations in vec(operation(), 1..5), strict in any::<bool>()) {
        let sp = if strict { Sp::strict() } else { Sp::new() };
        let target = format!("/Users/{}", sp.create("/Users", somebody()));
        let before = sp.get(&target);
        let answer = sp.patch(&target, operations.into());
        prop_assert!(answer.status < 500, "{answer:?}");
        let after = sp.get(&target);
        prop_assert_eq!(after.status, 200);
        if answer.status >= 400 {
            prop_assert_eq!(after.bytes, before.bytes);
        } else {
            prop_assert!(after.json()["userName"].as_str().is_some_and(|name| !name.is_empty()), "{after:?}");
            let emails = after.json()["emails"].as_array().cloned().unwrap_or_default();
            prop_assert!(emails.iter().filter(|it| it["primary"] == true).count() < 2, "{after:?}");
        }
    }

    #[test]
    fn no_body_makes_the_service_fail(body in any_json(), strict in any::<bool>()) {
        let sp = if strict { Sp::strict() } else { Sp::new() };
        let user = format!("/Users/{}", sp.create("/Users", somebody()));
        let group = format!("/Groups/{}", sp.group("Staff", &[]));
        for (method, target) in [
            ("POST", "/Users"), ("POST", "/Groups"), ("POST", "/.search"), ("POST", "/Users/.search"),
            ("PUT", user.as_str()), ("PATCH", user.as_str()), ("PUT", group.as_str()), ("PATCH", group.as_str()),
        ] {
            let answer = sp.send(method, target, Some(body.clone()));
            prop_assert!(answer.status < 500, "{method} {target}: {answer:?}");
        }
        prop_assert_eq!(sp.get("/Users").status, 200);
        prop_assert_eq!(sp.get(&user).status, 200);
    }

    #[test]
    fn no_query_makes_the_service_fail(query in prop_oneof![any::<String>(), nearly()]) {
        let sp = Sp::new();
        sp.create("/Users", somebody());
        let query = query.replace(['%', '&', '#', '+'], "");
        for parameter in ["filter", "count", "startIndex", "attributes", "excludedAttributes", "sortBy", "cursor"] {
            let answer = sp.get(&format!("/Users?{parameter}={query}"));
            prop_assert!(answer.status < 500, "{parameter}={query}: {answer:?}");
        }
    }
}
