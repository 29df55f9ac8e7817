//! What a provider says about itself (RFC 7644 section 4, RFC 7643 sections 5 to 7).

use super::*;

#[test]
fn the_configuration_is_one_object() {
    for sp in both() {
        let config = sp.get("/ServiceProviderConfig").json();
        assert_eq!(
            config["schemas"],
            json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
        );
        for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
            assert!(
                config[feature]["supported"].is_boolean(),
                "{feature}: {config}"
            );
        }
        assert!(
            config["bulk"]["maxOperations"].is_u64() && config["bulk"]["maxPayloadSize"].is_u64()
        );
        assert!(config["filter"]["maxResults"].is_u64());
        let schemes = config["authenticationSchemes"]
            .as_array()
            .expect("schemes are a list");
        assert_eq!(schemes.len(), 1);
        assert_eq!(schemes[0]["type"], "oauthbearertoken");
        assert!(schemes[0]["name"].is_string() && schemes[0]["description"].is_string());
        assert_eq!(
            config["meta"]["location"],
            format!("{BASE}/ServiceProviderConfig")
        );
        assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
    }
}

#[test]
fn the_configuration_says_what_is_the_case() {
    let sp = Sp::with(
        r#"Scenario(auth: [Basic("a", "b")], provider: Provider(
            patch: false, filter_max_results: 7, sort: false, bulk: false, change_password: false, pagination: [Index]))"#,
    );
    let config = sp.get("/ServiceProviderConfig").json();
    assert_eq!(
        (
            &config["patch"]["supported"],
            &config["filter"]["maxResults"]
        ),
        (&json!(false), &json!(7))
    );
    assert_eq!(config["authenticationSchemes"][0]["type"], "httpbasic");
    assert_eq!(
        (&config["bulk"]["supported"], &config["sort"]["supported"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(config["changePassword"]["supported"], false);
    assert_eq!(
        config["pagination"],
        json!({"cursor": false, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 7, "maxPageSize": 7})
    );
    let config = Sp::with(
        "Scenario(provider: Provider(bulk: Bulk(max_operations: 5, max_payload_bytes: 900), pagination: [Cursor, Index]))",
    )
    .get("/ServiceProviderConfig")
    .json();
    assert_eq!(
        config["bulk"],
        json!({"supported": true, "maxOperations": 5, "maxPayloadSize": 900})
    );
    assert_eq!(
        config["pagination"],
        json!({"cursor": true, "index": true, "defaultPaginationMethod": "cursor", "defaultPageSize": 100, "maxPageSize": 200, "cursorTimeout": 3600})
    );
}

#[test]
fn resource_types_are_listed_and_found_by_name() {
    for sp in both() {
        let list = sp.get("/ResourceTypes").json();
        assert_eq!(
            (&list["schemas"], &list["totalResults"]),
            (&json!([LIST]), &json!(2))
        );
        let user = sp.get("/ResourceTypes/User").json();
        assert_eq!(list["Resources"][0], user);
        assert_eq!(
            (&user["name"], &user["endpoint"], &user["schema"]),
            (&json!("User"), &json!("/Users"), &json!(USER))
        );
        assert_eq!(
            user["schemas"],
            json!(["urn:ietf:params:scim:schemas:core:2.0:ResourceType"])
        );
        assert_eq!(
            user["schemaExtensions"],
            json!([{"schema": ENTERPRISE, "required": false}])
        );
        assert_eq!(
            user["meta"]["location"],
            format!("{BASE}/ResourceTypes/User")
        );
        assert_eq!(user["meta"]["resourceType"], "ResourceType");
        let group = sp.get("/ResourceTypes/Group").json();
        assert_eq!(
            (&group["endpoint"], &group["schema"]),
            (&json!("/Groups"), &json!(GROUP))
        );
    }
}

#[test]
fn every_schema_that_is_named_is_published() {
    for sp in both() {
        let list = sp.get("/Schemas").json();
        assert_eq!(list["schemas"], json!([LIST]));
        let schemas = list["Resources"].as_array().expect("schemas are listed");
        assert_eq!(list["totalResults"], schemas.len());
        for urn in [USER, GROUP, ENTERPRISE] {
            let schema = sp.get(&format!("/Schemas/{urn}")).json();
            assert!(schemas.contains(&schema), "{urn}");
            assert_eq!(schema["id"], urn);
            assert_eq!(
                schema["schemas"],
                json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"])
            );
            assert_eq!(schema["meta"]["location"], format!("{BASE}/Schemas/{urn}"));
            assert_eq!(schema["meta"]["resourceType"], "Schema");
        }
        assert!(schemas.iter().all(|it| {
            !it["id"]
                .as_str()
                .unwrap_or_default()
                .starts_with("urn:ietf:params:scim:api:")
        }));
        assert_eq!(
            sp.get(&format!("/Schemas/{}", USER.to_uppercase())).status,
            200
        );
    }
}

#[test]
fn attributes_carry_their_characteristics() {
    fn check(attribute: &Value) {
        let kind = attribute["type"].as_str().expect("an attribute has a type");
        let kinds = [
            "string",
            "boolean",
            "decimal",
            "integer",
            "dateTime",
            "binary",
            "reference",
            "complex",
        ];
        assert!(kinds.contains(&kind), "{attribute}");
        for (name, values) in [
            (
                "mutability",
                &["readOnly", "readWrite", "immutable", "writeOnly"][..],
            ),
            ("returned", &["always", "never", "default", "request"]),
        ] {
            assert!(
                values.contains(&attribute[name].as_str().unwrap_or_default()),
                "{name} of {attribute}"
            );
        }
        assert!(
            attribute["multiValued"].is_boolean() && attribute["required"].is_boolean(),
            "{attribute}"
        );
        assert!(
            attribute["description"]
                .as_str()
                .is_some_and(|it| !it.is_empty()),
            "{attribute}"
        );
        assert_eq!(
            kind == "reference",
            attribute["referenceTypes"].is_array(),
            "{attribute}"
        );
        assert_eq!(
            kind == "complex",
            attribute["subAttributes"].is_array(),
            "{attribute}"
        );
        for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
            check(sub);
        }
    }
    let sp = Sp::new();
    for urn in [USER, GROUP, ENTERPRISE] {
        let schema = sp.get(&format!("/Schemas/{urn}")).json();
        assert!(
            schema["name"].is_string()
                && schema["description"]
                    .as_str()
                    .is_some_and(|it| !it.is_empty())
        );
        schema["attributes"]
            .as_array()
            .expect("attributes are listed")
            .iter()
            .for_each(check);
    }
}

#[test]
fn the_published_user_is_that_of_rfc_7643() {
    let schema = Sp::new().get(&format!("/Schemas/{USER}")).json();
    let attribute = |name: &str| {
        let all = schema["attributes"]
            .as_array()
            .expect("attributes are listed");
        all.iter()
            .find(|it| it["name"] == name)
            .unwrap_or_else(|| panic!("no {name}"))
            .clone()
    };
    let user_name = attribute("userName");
    let found = (
        &user_name["required"],
        &user_name["uniqueness"],
        &user_name["caseExact"],
    );
    assert_eq!(found, (&json!(true), &json!("server"), &json!(false)));
    let password = attribute("password");
    assert_eq!(
        (&password["mutability"], &password["returned"]),
        (&json!("writeOnly"), &json!("never"))
    );
    assert_eq!(attribute("groups")["mutability"], "readOnly");
    let types = |name: &str| {
        let all = attribute(name)["subAttributes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        all.iter()
            .find(|it| it["name"] == "type")
            .map(|it| it["canonicalValues"].clone())
    };
    assert_eq!(types("emails"), Some(json!(["work", "home", "other"])));
    assert_eq!(types("addresses"), Some(json!(["work", "home", "other"])));
    assert_eq!(
        types("phoneNumbers"),
        Some(json!(["work", "home", "mobile", "fax", "pager", "other"]))
    );
    assert_eq!(
        types("ims"),
        Some(json!([
            "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"
        ]))
    );
    assert_eq!(types("photos"), Some(json!(["photo", "thumbnail"])));
    assert_eq!(types("groups"), Some(json!(["direct", "indirect"])));
}

#[test]
fn paging_is_ignored_and_a_filter_forbidden() {
    for sp in both() {
        for target in ["/Schemas", "/ResourceTypes"] {
            let whole = sp.get(target).json();
            assert_eq!(
                sp.get(&format!("{target}?count=1&startIndex=2&sortBy=name"))
                    .json(),
                whole,
                "{target}"
            );
        }
        for target in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
            assert_eq!(
                sp.get(&format!("{target}?filter=name eq \"User\""))
                    .verdict(),
                "403",
                "{target}"
            );
        }
    }
}

#[test]
fn discovery_is_no_part_of_queries() {
    let list = Sp::new().get("/").json();
    assert_eq!(list["totalResults"], 0);
}
