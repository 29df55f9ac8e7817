//! Attributes of extensions, and the URN in `schemas` that comes and goes with them (RFC 7644 section 3.5.2).

use super::*;

fn in_it() -> Value {
    json!({ENTERPRISE: {"department": "IT"}})
}

#[test]
fn a_qualified_attribute_brings_its_schema() {
    let department = format!("{ENTERPRISE}:department");
    check_both(json!({}), add(&department, "IT"), in_it());
    check_both(json!({}), replace(&department, "IT"), in_it());
    check_both(
        json!({}),
        add(&format!("{ENTERPRISE}:DEPARTMENT"), "IT"),
        in_it(),
    );
    check_both(
        json!({}),
        add_all(json!({ENTERPRISE: {"department": "IT"}})),
        in_it(),
    );
    check_both(
        json!({}),
        replace_all(json!({ENTERPRISE: {"department": "IT"}})),
        in_it(),
    );
    check_both(
        in_it(),
        replace(&department, "HR"),
        json!({ENTERPRISE: {"department": "HR"}}),
    );
    check_both(
        in_it(),
        add(&format!("{ENTERPRISE}:costCenter"), "7"),
        json!({ENTERPRISE: {"department": "IT", "costCenter": "7"}}),
    );
    check_both(
        json!({}),
        json!([add("schemas", json!([ENTERPRISE])), add(&department, "IT")]),
        in_it(),
    );
}

#[test]
fn the_last_attribute_takes_the_schema_along() {
    check_both(
        in_it(),
        remove(&format!("{ENTERPRISE}:department")),
        json!({}),
    );
    let two = json!({ENTERPRISE: {"department": "IT", "costCenter": "7"}});
    check_both(two, remove(&format!("{ENTERPRISE}:costCenter")), in_it());
    changes_nothing(json!({}), remove(&format!("{ENTERPRISE}:department")));
}

#[test]
fn the_urn_alone_is_a_path_to_the_whole_extension() {
    check(
        in_it(),
        replace(ENTERPRISE, json!({"costCenter": "7"})),
        json!({ENTERPRISE: {"department": "IT", "costCenter": "7"}}),
    );
    check(
        json!({}),
        add(ENTERPRISE, json!({"department": "IT"})),
        in_it(),
    );
    check(
        json!({}),
        add(
            ENTERPRISE,
            json!({"schemas": [ENTERPRISE], "department": "IT"}),
        ),
        in_it(),
    );
    check(in_it(), remove(ENTERPRISE), json!({}));
    changes_nothing(json!({}), remove(ENTERPRISE));
    changes_nothing(in_it(), add(ENTERPRISE, json!({"department": "IT"})));
}

#[test]
fn an_unqualified_name_is_found_in_an_extension_when_lenient() {
    check(json!({}), add("department", "IT"), in_it());
    fails_strictly(json!({}), add("department", "IT"), "400 invalidPath");
}

#[test]
fn a_manager_is_a_user() {
    let sp = Sp::new();
    let boss = sp.create(
        "/Users",
        json!({"schemas": [USER], "userName": "boss", "displayName": "Boss"}),
    );
    let target = format!("/Users/{}", sp.user("bjensen"));
    let manager = format!("{ENTERPRISE}:manager");
    let shown = json!({"value": boss, "$ref": format!("http://sp.test/scim/v2/Users/{boss}"), "displayName": "Boss"});
    for operation in [
        add(&manager, json!({"value": boss})),
        replace(&manager, json!({"value": boss})),
        replace(&format!("{manager}.value"), boss.as_str()),
        replace(&manager, boss.as_str()),
        add_all(json!({ENTERPRISE: {"manager": {"value": boss}}})),
    ] {
        assert_eq!(
            sp.patch(&target, operation.clone()).verdict(),
            "200",
            "{operation}"
        );
        assert_eq!(
            sp.get(&target).json()[ENTERPRISE]["manager"],
            shown,
            "{operation}"
        );
        assert_eq!(sp.patch(&target, remove(&manager)).verdict(), "200");
        assert_eq!(given(&sp.get(&target)), user(json!({})));
    }
    fails_strictly(json!({}), add(&manager, "U2"), "400 invalidValue");
    fails(json!({}), add("name", "U2"), "400 invalidValue");
}

#[test]
fn schemas_can_lose_an_extension_and_never_the_base() {
    check(in_it(), replace("schemas", json!([USER])), json!({}));
    fails(
        in_it(),
        replace("schemas", json!([ENTERPRISE])),
        "400 invalidValue",
    );
}
