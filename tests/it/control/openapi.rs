//! The document that says what the API is: held against its endpoints, and against what they answer when they are asked by its examples.

use super::*;
use crate::support::json_schema::{misfit, resolved};
use scimulate::control::{Outcome, Reloaded, Source, endpoints};
use scimulate::service::Renewal;
use std::collections::{BTreeMap, BTreeSet};

fn document() -> Value {
    let server = Server::new("Scenario()");
    server.must("GET", "/openapi.json", Value::Null).json()
}

/// Path, method and description of every operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let members = item.as_object().unwrap().iter();
        for (method, operation) in members.filter(|(name, _)| *name != "parameters") {
            found.push((path.clone(), method.to_uppercase(), operation));
        }
    }
    found
}

#[test]
fn every_endpoint_is_in_the_document_and_nothing_else_is() {
    let document = document();
    let documented: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(path, method, _)| (path, method))
        .collect();
    let there = endpoints().flat_map(|(path, methods)| {
        let methods = methods.iter().filter(|it| **it != "HEAD");
        methods.map(move |method| (path.to_owned(), (*method).to_owned()))
    });
    assert_eq!(documented, there.collect());
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn the_document_is_whole() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} is there twice");
        assert!(operation["summary"].is_string(), "{path} {method}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|it| it.starts_with('2')),
            "{path} {method}"
        );
        // Each name in braces is a parameter.
        let own = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let shared = document["paths"][&path]["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let all: Vec<_> = own
            .iter()
            .chain(&shared)
            .map(|it| resolved(&document, it))
            .collect();
        let named: BTreeSet<_> = all
            .iter()
            .filter(|it| it["in"] == "path")
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let braces: BTreeSet<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(named, braces, "{path}");
    }
    // Whatever is referred to is there, and whatever is there is referred to.
    let text = document.to_string();
    let refs: BTreeSet<_> = text
        .split("\"$ref\":\"#")
        .skip(1)
        .map(|it| it.split('"').next().unwrap())
        .collect();
    for place in &refs {
        assert!(document.pointer(place).is_some(), "{place} leads nowhere");
    }
    for kind in ["schemas", "responses", "parameters"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(
                refs.contains(format!("/components/{kind}/{name}").as_str()),
                "nobody refers to {name}"
            );
        }
    }
}

#[test]
fn its_examples_fit_its_schemas() {
    let document = document();
    let mut examples = 0;
    for (path, method, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap().values();
        for holder in responses.chain([&operation["requestBody"]]) {
            let content = resolved(&document, holder)["content"].as_object();
            for media in content.into_iter().flat_map(|it| it.values()) {
                let why = misfit(&document, &media["schema"], &media["example"]);
                assert_eq!(why, None, "{method} {path}");
                examples += 1;
            }
        }
    }
    assert!(examples > 60, "{examples}");
}

/// Files that are as they were.
#[derive(Debug)]
struct Unchanged;

impl Source for Unchanged {
    fn reload(&self, tenant: Option<&str>) -> Vec<Reloaded> {
        let name = tenant.unwrap_or("acme").to_owned();
        let outcome = Outcome::Renewed(Renewal::default());
        vec![Reloaded { name, outcome }]
    }
}

#[test]
fn asked_by_its_examples_the_api_answers_as_it_says() {
    let document = document();
    let Server { tenants, control } = Server::new(
        r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"), users: [{"userName": "ann"}], faults: [Fault(on: (method: "PUT"), then: Timeout)])"#,
    );
    let server = Server {
        tenants,
        control: control.reloading(Arc::new(Unchanged)),
    };
    let journal = server.control.journal().clone();
    journal.add(
        "acme",
        crate::journal::exchange(
            "POST",
            "/Users",
            &json!({"userName": "ann"}),
            201,
            &json!({"id": "1"}),
        ),
        scimulate::scim::Leniencies::default(),
        None,
    );
    let mut seen = BTreeMap::new();
    // A fork is made before it is dropped, a mark before it is returned to, and what is kept is asked for before it is forgotten.
    let mut operations = operations(&document);
    operations.sort_by_key(|(path, method, _)| {
        (
            method == "DELETE",
            path.ends_with("/restore"),
            method == "PUT",
            path.clone(),
        )
    });
    for (template, method, operation) in operations {
        let path = template
            .replace("{tenant}", "acme")
            .replace("{checkpoint}", "before");
        let path = if template == "/tenants/{tenant}" {
            "/tenants/test-7"
        } else {
            &path
        };
        let body = operation["requestBody"]["content"]["application/json"]["example"].clone();
        let answer = server.ask(&method, path, body);
        let status = answer.status.to_string();
        let response = resolved(&document, &operation["responses"][&status]);
        assert!(
            (200..300).contains(&answer.status) && response.is_object(),
            "{method} {path}: {answer:?}"
        );
        let content = &response["content"];
        if content["application/json"].is_object() {
            assert_eq!(answer.headers["content-type"], "application/json", "{path}");
            let why = misfit(
                &document,
                &content["application/json"]["schema"],
                &answer.json(),
            );
            assert_eq!(why, None, "{method} {path}");
        } else if content.is_null() {
            assert!(answer.bytes.is_empty(), "{method} {path}");
        }
        seen.insert(operation["operationId"].clone().to_string(), answer.status);
    }
    assert_eq!(
        seen.len(),
        endpoints()
            .map(|(_, methods)| methods.iter().filter(|it| **it != "HEAD").count())
            .sum::<usize>()
    );
}

#[test]
fn its_errors_are_as_it_says() {
    let (document, server) = (document(), Server::new("Scenario()"));
    for (method, path, body, status) in [
        ("POST", "/tenants", json!({"fork": "nobody"}), 404),
        (
            "POST",
            "/tenants",
            json!({"scenario": "Scenario(usrs: [])"}),
            400,
        ),
        (
            "POST",
            "/tenants",
            json!({"fork": "acme", "name": "acme"}),
            409,
        ),
        (
            "PUT",
            "/tenants/acme/state",
            json!({"users": [{"userName": ""}]}),
            400,
        ),
        (
            "PUT",
            "/tenants/acme/faults",
            json!({"faults": [{"then": "Nothing"}]}),
            400,
        ),
    ] {
        let answer = server.ask(method, path, body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let why = misfit(
            &document,
            &json!({"$ref": "#/components/schemas/Problem"}),
            &answer.json(),
        );
        assert_eq!(why, None, "{path}");
    }
}
