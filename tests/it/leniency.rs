//! Each departure of the one table of leniencies, by the request that needs it: what a lenient provider takes and names, a strict
//! one refuses as the table says, and either of them does the opposite where the scenario says so.

use crate::support::sp::{Answer, Sp};
use scimulate::scim::leniency::{Row, TABLE};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const WIDGET: &str = "urn:example:Widget";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A request that needs one departure.
struct Case {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Value,
    /// Fields of `Provider(…)` without which it is no departure.
    provider: &'static str,
}

fn get(target: &str) -> Case {
    Case {
        method: "GET",
        target: target.to_owned(),
        headers: Vec::new(),
        body: Value::Null,
        provider: "",
    }
}

fn post(target: &str, body: Value) -> Case {
    Case {
        method: "POST",
        body,
        ..get(target)
    }
}

/// A user who needs nothing, with these members over it.
fn created(members: Value) -> Case {
    let mut user = json!({"schemas": [USER], "userName": "new"});
    let members = members.as_object().expect("members are an object").clone();
    user.as_object_mut().expect("an object").extend(members);
    post("/Users", user)
}

fn message(body: Value) -> Value {
    let mut message = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]});
    let members = body.as_object().expect("members are an object").clone();
    message.as_object_mut().expect("an object").extend(members);
    message
}

fn patched(body: Value) -> Case {
    Case {
        method: "PATCH",
        ..post("/Users/u1", body)
    }
}

fn operation(operation: Value) -> Case {
    patched(message(json!({"Operations": [operation]})))
}

fn searched(members: Value) -> Case {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    let members = members.as_object().expect("members are an object").clone();
    body.as_object_mut().expect("an object").extend(members);
    post("/Users/.search", body)
}

fn bulk(operation: Value) -> Case {
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    post(
        "/Bulk",
        json!({"schemas": [urn], "Operations": [operation]}),
    )
}

fn filter(filter: &str) -> Case {
    get(&format!("/Users?filter={filter}"))
}

#[allow(
    clippy::too_many_lines,
    reason = "a table: a line or two for each departure"
)]
fn case(name: &str) -> Case {
    let headers = |case: Case, name, value| Case {
        headers: vec![(name, value)],
        ..case
    };
    match name {
        "accept" => headers(get("/Users"), "accept", "text/xml"),
        "content_type" => headers(created(json!({})), "content-type", "text/plain"),
        "bare_tag" => headers(get("/Users/u1"), "if-match", "1"),
        "endpoint_case" => get("/users"),
        "plural_config" => get("/ServiceProviderConfigs"),
        "endpoint_slashes" => get("/Users/"),
        "repeated_parameter" => get("/Users?count=1&count=2"),
        "unsupported_sort" => Case {
            provider: "sort: false",
            ..get("/Users?sortBy=userName")
        },
        "unsupported_cursor" => Case {
            provider: "pagination: [Index]",
            ..get("/Users?cursor=")
        },
        "sort_order_case" => get("/Users?sortBy=userName&sortOrder=Descending"),
        "projection_name" => get("/Users?attributes=user Name,title"),
        "projection_filter" => get("/Users?attributes=emails[type eq \"work\"]"),
        "empty_projection" => get("/Users?attributes="),
        "message_schemas" => {
            patched(json!({"Operations": [{"op": "add", "path": "title", "value": "t"}]}))
        }
        "text_for_list" => searched(json!({"attributes": "userName"})),
        "text_for_number" => searched(json!({"count": "1"})),
        "missing_schemas" => post("/Users", json!({"userName": "new"})),
        "draft_schema" => created(json!({"schemas": ["urn:scim:schemas:core:1.0"]})),
        "unknown_schema" => created(json!({"schemas": [USER, "urn:example:other"]})),
        "repeated_schema" => created(json!({"schemas": [USER, USER]})),
        "unnamed_extension" => created(json!({ENTERPRISE: {"department": "IT"}})),
        "missing_base_schema" => {
            created(json!({"schemas": [ENTERPRISE], ENTERPRISE: {"department": "IT"}}))
        }
        "several_primary" => created(
            json!({"emails": [{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}),
        ),
        "unknown_attribute" | "unknown_attribute_kept" => created(json!({"shoeSize": 43})),
        "single_value" => created(json!({"emails": {"value": "new@x"}})),
        "boolean_text" => created(json!({"active": "False"})),
        "link_text" => {
            created(json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": "u1"}}))
        }
        "wrapped_value" => {
            operation(json!({"op": "replace", "path": "title", "value": [{"value": "t"}]}))
        }
        "value_form" => created(json!({"addresses": [{"country": "USA"}]})),
        "filter_space" => filter("userName  eq \"u1\""),
        "filter_literal_case" => filter("active eq True"),
        "filter_boolean_text" => filter("active eq \"true\""),
        "number_text" => post("/Widgets", json!({"schemas": [WIDGET], "size": "7"})),
        "filter_number_text" => get("/Widgets?filter=size gt \"6\""),
        "filter_text_number" => filter("userName eq 7"),
        "filter_unquoted" => filter("userName eq u1"),
        "filter_unknown_attribute" => filter("shoeSize eq \"43\""),
        "unsupported_filter" => Case {
            provider: "filter: false",
            ..filter("userName eq \"u1\"")
        },
        "filter_behind_bracket" => filter("emails[type eq \"work\"].value eq \"x\""),
        "filter_extension" => filter(&format!("{ENTERPRISE} pr")),
        "filter_link" => filter(&format!("{ENTERPRISE}:manager eq \"u1\"")),
        "unqualified_extension" => filter("department eq \"IT\""),
        "dotted_extension" => operation(
            json!({"op": "add", "path": format!("{ENTERPRISE}.department"), "value": "IT"}),
        ),
        "operations_object" => patched(message(
            json!({"Operations": {"op": "add", "path": "title", "value": "t"}}),
        )),
        "path_as_key" => operation(json!({"op": "add", "value": {"name.givenName": "B"}})),
        "remove_with_value" => {
            operation(json!({"op": "remove", "path": "emails", "value": [{"value": "u1@x"}]}))
        }
        "path_to_every_value" => {
            operation(json!({"op": "replace", "path": "emails.type", "value": "home"}))
        }
        "add_without_match" => operation(
            json!({"op": "add", "path": "emails[type eq \"other\"].value", "value": "o@x"}),
        ),
        "replace_without_match" => operation(
            json!({"op": "replace", "path": "emails[type eq \"other\"].value", "value": "o@x"}),
        ),
        "patch_read_only" => {
            operation(json!({"op": "replace", "path": "meta.resourceType", "value": "User"}))
        }
        "patch_unknown_path" => {
            operation(json!({"op": "replace", "path": "shoeSize", "value": 43}))
        }
        "bulk_method_case" => bulk(json!({"method": "delete", "path": "/Users/u1"})),
        "bulk_without_id" => bulk(
            json!({"method": "POST", "path": "/Users", "data": {"schemas": [USER], "userName": "new"}}),
        ),
        "bulk_path" => bulk(json!({"method": "DELETE", "path": "Users/u1"})),
        "bulk_patch_array" => bulk(
            json!({"method": "PATCH", "path": "/Users/u1", "data": [{"op": "add", "path": "title", "value": "t"}]}),
        ),
        other => panic!("the leniency `{other}` has no case"),
    }
}

fn ask(case: &Case, provider: &str) -> Answer {
    let more = [case.provider, provider];
    let provider = more
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>();
    let sp = Sp::with(&format!(
        r#"Scenario(auth: [Bearer("secret-token")], provider: Provider({}),
            schemas: [{{"id": "urn:example:Widget", "attributes": [{{"name": "size", "type": "integer"}}]}}],
            resource_types: [ResourceType(name: "Widget", schema: "urn:example:Widget")],
            users: [{{"id": "u1", "userName": "u1", "emails": [{{"value": "u1@x", "type": "work"}}]}}])"#,
        provider.join(", ")
    ));
    let mut headers = vec![("authorization".to_owned(), "Bearer secret-token".to_owned())];
    headers.extend(
        case.headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let body = Some(case.body.clone()).filter(|body| !body.is_null());
    if body.is_some() && !case.headers.iter().any(|(name, _)| *name == "content-type") {
        headers.push((
            "content-type".to_owned(),
            "application/scim+json".to_owned(),
        ));
    }
    sp.send_with(case.method, &case.target, &headers, body)
}

/// `400 invalidValue`, or that of the one operation of a bulk request.
fn verdict(case: &Case, answer: &Answer) -> String {
    if case.target != "/Bulk" || answer.status != 200 {
        return answer.verdict();
    }
    let result = answer.json()["Operations"][0].clone();
    let status = result["status"]
        .as_str()
        .expect("a status is text")
        .to_owned();
    match result["response"]["scimType"].as_str() {
        Some(scim_type) => format!("{status} {scim_type}"),
        None => status,
    }
}

fn named(answer: &Answer) -> Vec<&str> {
    let names = answer.header("scimulate-lenient").unwrap_or_default();
    names.split(", ").filter(|name| !name.is_empty()).collect()
}

fn check(row: &Row) -> Result<(), String> {
    let case = case(row.name);
    let (strict, strictly) = (ask(&case, "strictness: Strict"), row.strictly);
    let found = verdict(&case, &strict);
    let (status, kinds) = strictly.split_once(' ').unwrap_or((strictly, ""));
    let as_told = match found.split_once(' ') {
        Some((of, kind)) => of == status && kinds.split(" or ").any(|it| it == kind),
        None => found == status && kinds.is_empty(),
    };
    if !as_told || !named(&strict).is_empty() {
        return Err(format!("strictly {found}, the table says {strictly}"));
    }
    // What is not taken by default is taken when it is asked for, and refused when it is not.
    let asked = format!("accept: [\"{}\"]", row.name);
    let unasked = ask(&case, "");
    let taken = verdict(&case, &unasked).starts_with('2') && named(&unasked).is_empty();
    if !row.by_default && (taken || named(&unasked).contains(&row.name)) {
        return Err(format!("taken unasked: {}", unasked.text()));
    }
    let lenient = ask(&case, if row.by_default { "" } else { &asked });
    if !verdict(&case, &lenient).starts_with('2') || named(&lenient) != [row.name] {
        return Err(format!(
            "leniently {}, named {:?}",
            lenient.text(),
            named(&lenient)
        ));
    }
    let accepted = ask(
        &case,
        &format!("strictness: Strict, accept: [\"{}\"]", row.name),
    );
    if !verdict(&case, &accepted).starts_with('2') {
        return Err(format!("accepted by name: {}", accepted.text()));
    }
    let strictness = if row.by_default { "Lenient" } else { "Strict" };
    let refused = ask(
        &case,
        &format!(
            "strictness: {strictness}, {asked}, refuse: [\"{}\"]",
            row.name
        ),
    );
    if verdict(&case, &refused) != found {
        return Err(format!("refused by name: {}", refused.text()));
    }
    Ok(())
}

#[test]
fn each_departure_is_taken_named_and_refused_by_the_letter() {
    let wrong: Vec<_> = TABLE
        .iter()
        .filter_map(|row| check(row).err().map(|why| format!("{}: {why}", row.name)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_by_the_letter_needs_no_leniency() {
    let by_the_letter = [
        created(json!({"emails": [{"value": "new@x", "type": "work"}], "active": false})),
        operation(json!({"op": "add", "path": "emails", "value": [{"value": "more@x"}]})),
        filter("userName eq \"u1\" and (active pr or emails[type eq \"work\"])"),
        get("/Users?sortBy=userName&sortOrder=descending&attributes=userName"),
        searched(json!({"count": 1, "attributes": ["userName"]})),
        bulk(json!({"method": "DELETE", "path": "/Users/u1"})),
    ];
    for case in by_the_letter {
        let answer = ask(&case, "");
        assert_eq!(
            (verdict(&case, &answer).starts_with('2'), named(&answer)),
            (true, vec![]),
            "{}",
            case.target
        );
    }
}

#[test]
fn the_table_is_in_the_order_of_its_names() {
    for (n, row) in TABLE.iter().enumerate() {
        assert_eq!(row.leniency as usize, n, "{}", row.name);
        assert_eq!(row.leniency.name(), row.name);
        assert!(!row.accepts.is_empty());
    }
}
