//! What clients do: random requests out of small pools, so that they meet each other and the wrong ones stay few.

use super::bulk::NAMES;
use super::directory::{ENTERPRISE, GROUP, Kind, USER};
use super::query::{Filter, Query};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Value, json};
use std::fmt;

/// A piece of every password; no answer holds it.
pub(crate) const SECRET: &str = "S3CRET";

/// One request.
#[derive(Clone)]
pub(crate) enum Step {
    Post(Kind, Value),
    Put(Kind, String, Condition, Value),
    Patch(Kind, String, Condition, Vec<Value>),
    Delete(Kind, String, Condition),
    Bulk(Vec<Value>, Option<usize>),
    List(Query),
    /// The same without `startIndex`, page by page.
    Pages(Query),
}

/// As one would send it: a failing case is read by people.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Post(kind, body) => write!(f, "POST {} {body}", kind.endpoint()),
            Self::Put(kind, id, condition, body) => {
                write!(f, "PUT {}/{id} {condition:?} {body}", kind.endpoint())
            }
            Self::Patch(kind, id, condition, operations) => {
                write!(
                    f,
                    "PATCH {}/{id} {condition:?} {}",
                    kind.endpoint(),
                    json!(operations)
                )
            }
            Self::Delete(kind, id, condition) => {
                write!(f, "DELETE {}/{id} {condition:?}", kind.endpoint())
            }
            Self::Bulk(operations, most) => write!(f, "POST /Bulk {most:?} {}", json!(operations)),
            Self::List(query) | Self::Pages(query) => {
                write!(
                    f,
                    "GET {} {:?} {:?}",
                    query.text(),
                    query.start_index,
                    query.count
                )
            }
        }
    }
}

/// What a write expects of the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    Current,
    Any,
    Stale,
    Absent,
}

/// For either kind what `make` makes.
fn either<T: std::fmt::Debug + 'static>(
    make: impl Fn(Kind) -> BoxedStrategy<T>,
) -> BoxedStrategy<T> {
    prop_oneof![make(Kind::User), make(Kind::Group)].boxed()
}

/// Whom a request is about; now and then nobody, or somebody of the other kind.
fn of(kind: Kind) -> BoxedStrategy<String> {
    let name = kind.name().to_lowercase();
    let other = Kind::ALL
        .into_iter()
        .find(|it| *it != kind)
        .map_or(String::new(), |it| it.name().to_lowercase());
    let (one, many) = (format!("{name}-1"), 1..4_u8);
    prop_oneof![8 => Just(one), 8 => many.prop_map(move |n| format!("{name}-{n}")), 1 => Just(format!("{other}-1"))].boxed()
}

/// Somebody, perhaps nobody: an id that is gone, not there yet, or never will be.
fn somebody() -> impl Strategy<Value = &'static str> {
    select(vec![
        "user-1", "user-2", "user-3", "user-5", "group-1", "group-2", "group-3", "nobody",
    ])
}

fn text() -> impl Strategy<Value = Value> {
    select(vec!["Ann", "ann", "Bob", "x1", "X1=="]).prop_map(Value::from)
}

fn member(who: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    (who, option::weighted(0.2, select(vec!["Ann", "Staff"]))).prop_map(|(id, display)| {
        match display {
            None => json!({"value": id}),
            Some(display) => json!({"value": id, "display": display}),
        }
    })
}

fn email() -> impl Strategy<Value = Value> {
    let parts = (
        select(vec!["a@x", "A@x", "b@x"]),
        option::of(select(vec!["work", "home"])),
        option::of(any::<bool>()),
    );
    parts.prop_map(|(value, kind, primary)| {
        let mut email = json!({"value": value});
        if let Some(kind) = kind {
            email["type"] = kind.into();
        }
        if let Some(primary) = primary {
            email["primary"] = primary.into();
        }
        email
    })
}

/// The value of a user's attribute, nearly always one that fits.
fn value_of(name: &'static str) -> BoxedStrategy<Value> {
    let right = match name {
        "userName" => select(vec!["ann", "Ann", "bob", "cyd", "dan", "eve", "fay", "Gus"])
            .prop_map(Value::from)
            .boxed(),
        "active" => any::<bool>().prop_map(Value::from).boxed(),
        "name" => (option::of(text()), option::of(text()))
            .prop_filter_map("a name has a part", |parts| match parts {
                (None, None) => None,
                (Some(given), None) => Some(json!({"givenName": given})),
                (None, Some(family)) => Some(json!({"familyName": family})),
                (Some(given), Some(family)) => {
                    Some(json!({"givenName": given, "familyName": family}))
                }
            })
            .boxed(),
        "emails" => vec(email(), 1..4).prop_map(Value::from).boxed(),
        "members" => vec(member(somebody()), 0..4).prop_map(Value::from).boxed(),
        "password" => select(vec!["S3CRET-one", "S3CRET-two"])
            .prop_map(Value::from)
            .boxed(),
        "manager" => somebody().prop_map(|id| json!({"value": id})).boxed(),
        _ => text().boxed(),
    };
    let wrong = match name {
        "password" => select(vec![json!({"a": "S3CRET"}), json!(["S3CRET"])]).boxed(),
        "members" => Just(json!([{"display": "Ann"}])).boxed(),
        _ => select(vec![json!(7), json!([7])]).boxed(),
    };
    prop_oneof![24 => right, 1 => wrong].boxed()
}

/// A body of these attributes, each of them perhaps.
fn body(kind: Kind) -> BoxedStrategy<Value> {
    let (needed, others): (&str, &[(&str, f64)]) = match kind {
        Kind::User => (
            "userName",
            &[
                ("displayName", 0.5),
                ("title", 0.3),
                ("active", 0.3),
                ("externalId", 0.3),
                ("name", 0.4),
                ("emails", 0.7),
                ("password", 0.2),
            ],
        ),
        Kind::Group => ("displayName", &[("externalId", 0.3), ("members", 0.7)]),
    };
    let others: Vec<_> = others
        .iter()
        .map(|(name, chance)| (Just(*name), option::weighted(*chance, value_of(name))))
        .collect();
    let extension = match kind {
        Kind::User => option::weighted(0.4, extension()).boxed(),
        Kind::Group => Just(None).boxed(),
    };
    // At most one thing is wrong in a way that the attributes above are not.
    let beside = select(vec![
        None,
        None,
        None,
        None,
        None,
        None,
        Some(("id", json!("mine"))),
        Some(("meta", json!({"version": "W/\"9\""}))),
        Some(("groups", json!([{"value": "group-1"}]))),
        Some(("favourite", json!("tea"))),
    ]);
    (
        option::weighted(0.95, value_of(needed)),
        others,
        extension,
        beside,
    )
        .prop_map(move |(first, others, extension, beside)| {
            let mut body = json!({"schemas": [if kind == Kind::User { USER } else { GROUP }]});
            if let Some(first) = first {
                body[needed] = first;
            }
            for (name, value) in others {
                if let Some(value) = value {
                    body[name] = value;
                }
            }
            if let Some(extension) = extension {
                body["schemas"] = json!([USER, ENTERPRISE]);
                body[ENTERPRISE] = extension;
            }
            if let Some((name, value)) =
                beside.filter(|(name, _)| kind == Kind::User || *name != "groups")
            {
                body[name] = value;
            }
            body
        })
        .prop_filter("one mistake has one answer", |body| mistakes(body) < 2)
        .boxed()
}

/// How many things a body gets wrong, so that the model need not know which of two the product names first.
fn mistakes(body: &Value) -> usize {
    let is = |name: &str, fits: &dyn Fn(&Value) -> bool| body.get(name).is_some_and(|it| !fits(it));
    let primaries = |it: &Value| {
        it.as_array().is_some_and(|list| {
            list.iter().filter(|it| it["primary"] == true).count() < 2
                && list.iter().all(Value::is_object)
        })
    };
    let members = |it: &Value| {
        it.as_array()
            .is_some_and(|list| list.iter().all(|it| it["value"].is_string()))
    };
    let is_user = body["schemas"][0] == USER;
    let first = if is_user { "userName" } else { "displayName" };
    let texts = ["userName", "displayName", "title", "externalId", "password"];
    let wrong_texts = texts
        .iter()
        .filter(|name| is(name, &Value::is_string))
        .count();
    let others = [
        body.get(first).is_none(),
        is("active", &Value::is_boolean),
        is("name", &Value::is_object),
        is("emails", &primaries),
        is("members", &members),
        body.get("favourite").is_some(),
    ];
    wrong_texts + others.into_iter().filter(|wrong| *wrong).count()
}

fn extension() -> impl Strategy<Value = Value> {
    (text(), option::of(somebody())).prop_map(|(department, manager)| match manager {
        None => json!({"department": department}),
        Some(id) => json!({"department": department, "manager": {"value": id}}),
    })
}

/// A PATCH operation.
fn operation(kind: Kind) -> BoxedStrategy<Value> {
    let at =
        |path: &'static str, value: BoxedStrategy<Value>| (Just(path.to_owned()), value).boxed();
    let text = || prop_oneof![8 => text(), 1 => Just(Value::Null)].boxed();
    let part = || {
        select(vec![
            json!({"display": "Ann"}),
            json!({"primary": true}),
            json!({"type": null}),
            json!({"value": "c@x", "type": "home"}),
            json!("a@x"),
        ])
        .boxed()
    };
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let user = vec![
        at(
            "userName",
            prop_oneof![8 => value_of("userName"), 1 => Just(json!(""))].boxed(),
        ),
        at("displayName", text()),
        at("title", text()),
        at("active", value_of("active")),
        at("password", value_of("password")),
        at("externalId", text()),
        at("name", value_of("name")),
        at(
            "name",
            select(vec![
                json!({"givenName": null}),
                json!({"givenName": null, "familyName": "Z"}),
            ])
            .boxed(),
        ),
        at("name.givenName", text()),
        at("name.familyName", text()),
        at("emails", value_of("emails")),
        at("emails", email().boxed()),
        at("emails", select(vec![json!([]), json!(null)]).boxed()),
        at("emails.type", text()),
        at("emails.primary", flag()),
        at("emails[type eq \"work\"]", part()),
        at("emails[value eq \"a@x\"]", part()),
        at("emails[type eq \"work\"].value", text()),
        at("emails[type eq \"home\"].primary", flag()),
        at("emails[primary eq true].display", text()),
        at("emails[primary eq false].type", text()),
    ];
    let refused = select(vec!["id", "meta", "groups", "nope"]).prop_map(str::to_owned);
    let anyone = || somebody().prop_map(Value::from).boxed();
    let manager = prop_oneof![4 => value_of("manager"), 1 => anyone(), 1 => select(vec![json!({"value": ""}), Value::Null])];
    let enterprise = prop_oneof![
        (
            Just(ENTERPRISE.to_owned()),
            prop_oneof![4 => extension().boxed(), 1 => Just(Value::Null)]
        ),
        (Just(format!("{ENTERPRISE}:department")), text()),
        (Just(format!("{ENTERPRISE}:manager")), manager),
        (Just(format!("{ENTERPRISE}:manager.value")), anyone()),
    ];
    let group = vec![
        at("displayName", text()),
        at("externalId", text()),
        at("members", value_of("members")),
        at("members", value_of("members")),
        at("members", member(somebody()).boxed()),
        at("nope", text()),
    ];
    let removal = select(vec![
        "members",
        "members[value eq \"user-1\"]",
        "members[value eq \"group-2\"]",
        "members[type eq \"User\"]",
    ])
    .prop_map(|path| json!({"op": "remove", "path": path}))
    .boxed();
    let ops = select(vec!["add", "replace", "replace", "remove"]);
    let targets = match kind {
        Kind::User => {
            prop_oneof![20 => Union::new(user), 5 => enterprise, 1 => (refused, text())].boxed()
        }
        Kind::Group => Union::new(group).boxed(),
    };
    let with_path =
        (ops, targets, 0..20_u8).prop_map(|(op, (path, value), chance)| match (op, chance) {
            // A value beside `remove` is a departure, and none beside the others a mistake.
            ("remove", 4..) | ("add" | "replace", 0) => json!({"op": op, "path": path}),
            _ => json!({"op": op, "path": path, "value": value}),
        });
    let without_path = (select(vec!["add", "replace"]), body(kind)).prop_map(|(op, mut body)| {
        body.as_object_mut()
            .expect("a body is an object")
            .remove("schemas");
        json!({"op": op, "value": body})
    });
    let bare = Just(json!({"op": "remove"}));
    match kind {
        Kind::User => prop_oneof![12 => with_path, 2 => without_path, 1 => bare].boxed(),
        Kind::Group => {
            prop_oneof![8 => with_path, 4 => removal, 1 => without_path, 1 => bare].boxed()
        }
    }
}

/// Bulk operations, some of which refer to what others make.
fn bulk_operation() -> impl Strategy<Value = Value> {
    let name = || select(NAMES.to_vec());
    let reference = || prop_oneof![3 => name().prop_map(|it| format!("bulkId:{it}")), 1 => somebody().prop_map(str::to_owned)];
    let members = move || vec(reference().prop_map(|id| json!({"value": id})), 0..3);
    let own = || select(NAMES[..3].to_vec());
    let user = (own(), body(Kind::User), option::weighted(0.4, reference())).prop_map(
        |(name, mut body, manager)| {
            if let Some(id) = manager {
                body["schemas"] = json!([USER, ENTERPRISE]);
                body[ENTERPRISE] = json!({"manager": {"value": id}});
            }
            json!({"method": "POST", "path": "/Users", "bulkId": name, "data": body})
        },
    );
    let group = (own(), members()).prop_map(|(name, members)| {
        let data = json!({"schemas": [GROUP], "displayName": "Crew", "members": members});
        json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": data})
    });
    let change = (
        select(vec!["group-1", "group-2", "bulkId:b1", "bulkId:b2"]),
        members(),
        select(vec!["add", "replace"]),
    )
        .prop_map(|(id, members, op)| {
            let data = patch_op(&[json!({"op": op, "path": "members", "value": members})]);
            json!({"method": "PATCH", "path": format!("/Groups/{id}"), "data": data})
        });
    let put = (of(Kind::User), body(Kind::User)).prop_map(
        |(id, body)| json!({"method": "PUT", "path": format!("/Users/{id}"), "data": body}),
    );
    let target = select(vec![
        "/Users/user-2",
        "/Groups/group-2",
        "/Users/bulkId:b1",
        "/Groups/bulkId:b2",
    ]);
    let delete = target.prop_map(|path| json!({"method": "DELETE", "path": path}));
    prop_oneof![4 => user, 4 => group, 3 => change, 1 => put, 1 => delete]
}

pub(crate) fn patch_op(operations: &[Value]) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

fn filter(kind: Kind) -> BoxedStrategy<Filter> {
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let (texts, lists): (Vec<&str>, Vec<&str>) = match kind {
        Kind::User => (
            vec![
                "id",
                "userName",
                "displayName",
                "externalId",
                "title",
                "name.familyName",
                "emails",
                "emails.value",
                "emails.type",
                "groups.value",
                "groups.display",
                department,
            ],
            vec!["emails", "groups"],
        ),
        Kind::Group => (
            vec![
                "id",
                "displayName",
                "externalId",
                "members.value",
                "members.display",
                "members.type",
            ],
            vec!["members"],
        ),
    };
    let operators = || {
        select(vec![
            "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le",
        ])
    };
    let literal = || {
        let texts = [
            "ann", "Ann", "n", "x1", "X1==", "=", "b", "@x", "A@X", "work", "user-1", "USER-2",
            "group-1", "group-2",
        ];
        select(texts.to_vec()).prop_map(Value::from)
    };
    let compare = (select(texts.clone()), operators(), literal())
        .prop_map(|(path, op, literal)| Filter::Compare(path, op, literal));
    let present = select([texts, lists.clone()].concat()).prop_map(Filter::Present);
    let bracket = (select(lists), operators(), literal(), any::<bool>()).prop_map(
        |(path, op, literal, turned)| {
            let inner = Filter::Compare("value", op, literal);
            let inner = if turned {
                Filter::Not(Box::new(inner))
            } else {
                inner
            };
            let kind = Filter::Compare(
                if path == "groups" { "display" } else { "type" },
                "ne",
                json!("work"),
            );
            Filter::Bracket(path, Box::new(Filter::And(Box::new(inner), Box::new(kind))))
        },
    );
    let flag = (
        select(vec!["active", "emails.primary"]),
        select(vec!["eq", "ne"]),
        any::<bool>(),
    )
        .prop_map(|(path, op, flag)| Filter::Compare(path, op, flag.into()));
    let leaf = match kind {
        Kind::User => prop_oneof![6 => compare, 2 => present, 2 => bracket, 2 => flag].boxed(),
        Kind::Group => prop_oneof![6 => compare, 2 => present, 2 => bracket].boxed(),
    };
    leaf.prop_recursive(2, 6, 2, |below| {
        prop_oneof![
            (below.clone(), below.clone())
                .prop_map(|(one, two)| Filter::And(Box::new(one), Box::new(two))),
            (below.clone(), below.clone())
                .prop_map(|(one, two)| Filter::Or(Box::new(one), Box::new(two))),
            below.prop_map(|it| Filter::Not(Box::new(it))),
        ]
    })
    .boxed()
}

fn query() -> BoxedStrategy<Query> {
    either(|kind| {
        let by = match kind {
            Kind::User => vec!["userName", "displayName", "title", "name.familyName"],
            Kind::Group => vec!["displayName"],
        };
        let sort = option::weighted(0.4, (select(by), any::<bool>()));
        let page = (
            option::weighted(0.3, -1..5_i64),
            option::weighted(0.3, -1..4_i64),
        );
        let parts = (option::weighted(0.8, filter(kind)), sort, page);
        parts
            .prop_map(move |(filter, sort, (start_index, count))| Query {
                kind,
                filter,
                sort,
                start_index,
                count,
            })
            .boxed()
    })
}

/// A sequence: three users and two groups, unless something is wrong with them, then anything.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let condition = || {
        use Condition::{Absent, Any, Current, None, Stale};
        prop_oneof![20 => Just(None), 2 => Just(Current), 1 => Just(Any), 1 => Just(Stale), 1 => Just(Absent)]
    };
    let post = |kind| {
        body(kind)
            .prop_map(move |body| Step::Post(kind, body))
            .boxed()
    };
    let put = |kind| {
        (of(kind), condition(), body(kind))
            .prop_map(move |(id, condition, body)| Step::Put(kind, id, condition, body))
            .boxed()
    };
    let patch = |kind| {
        let operations = prop_oneof![2 => vec(operation(kind), 1), 1 => vec(operation(kind), 2..4)];
        (of(kind), condition(), operations)
            .prop_map(move |(id, condition, operations)| {
                Step::Patch(kind, id, condition, operations)
            })
            .boxed()
    };
    let delete = |kind| {
        (of(kind), condition())
            .prop_map(move |(id, condition)| Step::Delete(kind, id, condition))
            .boxed()
    };
    let bulk = (
        vec(bulk_operation(), 1..5),
        option::weighted(0.2, 1..3_usize),
    )
        .prop_map(|(operations, most)| Step::Bulk(operations, most));
    let (lists, pages) = (query().prop_map(Step::List), query().prop_map(Step::Pages));
    let any = prop_oneof![2 => either(post), 4 => either(put), 12 => either(patch), 1 => either(delete), 2 => bulk, 4 => lists, 1 => pages];
    let first = (vec(post(Kind::User), 3), vec(post(Kind::Group), 2));
    (first, vec(any, 4..24)).prop_map(|((mut steps, groups), then)| {
        steps.extend(groups);
        steps.extend(then);
        steps
    })
}
