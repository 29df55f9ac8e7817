//! Several tenants of one server (RFC 7644 section 6): what is each one's own, and what nobody gets across.

use super::*;
use scimulate::scenario;
use scimulate::service::{self, Tenant, Tenants};
use std::path::Path;

/// The tenants `a` and `b` of one server, each with a token of its name.
struct Server(Tenants);

fn tenant(name: &str, fields: &str) -> Tenant {
    let text = format!("Scenario({fields})");
    let (scenario, told) = scenario::load(Path::new(&format!("{name}.ron")), &text);
    Tenant::build(&scenario.unwrap_or_else(|| panic!("{told:?}"))).expect("a scenario that holds")
}

impl Server {
    fn new(a: &str, b: &str) -> Self {
        let of = |name: &str, fields: &str| {
            let auth = format!(r#"auth: [Bearer(token: "{name}", subject: "bjensen")], {fields}"#);
            tenant(name, &auth)
        };
        Self(Tenants::new(vec![of("a", a), of("b", b)]))
    }

    /// A request to a tenant with its own token.
    fn ask(&self, name: &str, method: &str, target: &str, body: Value) -> Answer {
        self.ask_as(name, name, method, target, body)
    }

    fn ask_as(&self, token: &str, name: &str, method: &str, target: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/{name}/scim/v2{target}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/scim+json");
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        let request = request.body(body).expect("a request");
        let (base, tenant) = self.0.find(request.uri().path()).expect("a tenant");
        let (head, bytes) = service::answer(&tenant, &format!("http://sp.test{base}"), &request)
            .expect("nothing reloads here")
            .into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            bytes,
        }
    }

    fn get(&self, name: &str, target: &str) -> Answer {
        self.ask(name, "GET", target, Value::Null)
    }

    #[track_caller]
    fn create(&self, name: &str, target: &str, body: Value) -> String {
        let answer = self.ask(name, "POST", target, body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.id()
    }
}

#[test]
fn a_token_of_one_tenant_is_none_in_another() {
    let server = Server::new("", "");
    for (method, target) in [
        ("GET", "/Users"),
        ("POST", "/.search"),
        ("GET", "/Me"),
        ("DELETE", "/Users/x"),
    ] {
        let answer = server.ask_as("a", "b", method, target, Value::Null);
        assert_eq!(answer.verdict(), "401", "{method} {target}");
        let told = answer.header("www-authenticate");
        assert!(told.is_some_and(|it| it.contains("invalid_token")));
    }
    assert_eq!(server.get("a", "/Users").status, 200);
    assert_eq!(server.get("b", "/Users").status, 200);
}

#[test]
fn the_same_token_in_two_tenants_is_each_ones_own() {
    let auth = r#"Bearer(token: "shared", access: Read)"#;
    let server = Server(Tenants::new(vec![
        tenant("a", &format!("auth: [{auth}]")),
        tenant("b", r#"auth: [Bearer("shared")]"#),
    ]));
    let create = |name: &str| {
        let body = user("new", json!({}));
        server
            .ask_as("shared", name, "POST", "/Users", body)
            .verdict()
    };
    assert_eq!((create("a"), create("b")), ("403".into(), "201".into()));
}

#[test]
fn a_tenant_is_named_by_its_path_and_locations_keep_it() {
    let server = Server::new("", "");
    let id = server.create("a", "/Users", user("bjensen", json!({})));
    let location = server.get("a", &format!("/Users/{id}")).json()["meta"]["location"].clone();
    assert_eq!(
        location,
        json!(format!("http://sp.test/a/scim/v2/Users/{id}"))
    );
    assert_eq!(server.get("b", &format!("/Users/{id}")).verdict(), "404");
    for path in ["/c/scim/v2/Users", "/scim/v2/Users", "/a", "/ab/scim/v2"] {
        assert!(server.0.find(path).is_none(), "{path}");
    }
    assert!(server.0.find("/b/scim/Users").is_some());
    assert!(
        server
            .0
            .find("/b/scim/v1/Users")
            .is_some_and(|(base, _)| *base == *"/b/scim/v2")
    );
}

#[test]
fn ids_may_be_the_same_in_two_tenants() {
    let user = |name: &str| format!(r#"users: [{{"id": "U1", "userName": "{name}"}}]"#);
    let server = Server::new(&user("anna"), &user("bert"));
    let name = |tenant: &str| server.get(tenant, "/Users/U1").json()["userName"].clone();
    assert_eq!((name("a"), name("b")), (json!("anna"), json!("bert")));
    assert_eq!(
        server.ask("a", "DELETE", "/Users/U1", Value::Null).status,
        204
    );
    assert_eq!(name("b"), "bert");
}

/// Ids follow from the seed, so that tests can rely on them; who wants tenants that cannot be compared gives each its own.
#[test]
fn ids_follow_from_the_seed_of_a_tenant() {
    let person = r#"users: [{"userName": "bjensen"}]"#;
    let server = Server::new(&format!("seed: 1, {person}"), &format!("seed: 2, {person}"));
    let id = |tenant: &str| server.get(tenant, "/Users").json()["Resources"][0]["id"].clone();
    assert!(id("a").is_string() && id("b").is_string());
    assert_ne!(id("a"), id("b"));
}

#[test]
fn each_tenant_has_its_own_external_ids() {
    let server = Server::new("", "");
    let person = |name: &str| user(name, json!({"externalId": "701984"}));
    server.create("a", "/Users", person("anna"));
    server.create("b", "/Users", person("bert"));
    let query = "/Users?filter=externalId%20eq%20%22701984%22";
    assert_eq!(names(&server.get("a", query)), "anna");
    assert_eq!(names(&server.get("b", query)), "bert");
}

#[test]
fn names_versions_cursors_and_discovery_are_a_tenants_own() {
    let server = Server::new("seed: 1", "seed: 1, provider: Provider(sort: false)");
    for name in ["one", "two", "three"] {
        server.create("a", "/Users", user(name, json!({})));
        server.create("b", "/Users", user(name, json!({})));
    }
    let sorts = |tenant: &str| {
        let config = server.get(tenant, "/ServiceProviderConfig").json();
        config["sort"]["supported"].clone()
    };
    assert_eq!((sorts("a"), sorts("b")), (json!(true), json!(false)));
    let next = |tenant: &str| {
        let page = server.get(tenant, "/Users?cursor&count=1").json();
        page["nextCursor"].as_str().expect("more pages").to_owned()
    };
    let page =
        |tenant: &str, cursor: &str| server.get(tenant, &format!("/Users?cursor={cursor}&count=1"));
    assert_eq!(names(&page("a", &next("a"))), "two");
    assert_eq!(page("b", &next("a")).verdict(), "400 invalidCursor");
    assert_eq!(page("a", &next("b")).verdict(), "400 invalidCursor");
}

#[test]
fn a_cursor_does_not_outlive_a_change_of_rights() {
    let world = |access: &str| {
        format!(
            r#"Scenario(seed: 1, auth: [Bearer(token: "secret-token", subject: "a", access: {access})], clock: Fixed("2026-01-01T00:00:00Z"),
               users: [{{"userName": "a"}}, {{"userName": "b"}}])"#
        )
    };
    let before = Sp::with(&world("Full")).get("/Users?cursor&count=1").json();
    let next = before["nextCursor"].as_str().expect("more pages");
    let page = format!("/Users?cursor={next}&count=1");
    assert_eq!(names(&Sp::with(&world("Full")).get(&page)), "b");
    assert_eq!(
        Sp::with(&world("Read")).get(&page).verdict(),
        "400 invalidCursor"
    );
}

const BADGES: &str = r#"resource_types: [ResourceType(name: "Badge", schema: "urn:example:Badge")], schemas: [{"id": "urn:example:Badge", "attributes":
    [{"name": "number", "uniqueness": "global"}, {"name": "local", "uniqueness": "server"}]}]"#;

#[test]
fn what_is_unique_everywhere_is_so_across_tenants() {
    let server = Server::new(BADGES, BADGES);
    let badge = |number: &str, local: &str| json!({"schemas": ["urn:example:Badge"], "number": number, "local": local});
    let taken = |tenant: &str, number: &str, local: &str| {
        server
            .ask(tenant, "POST", "/Badges", badge(number, local))
            .verdict()
    };
    let first = server.create("a", "/Badges", badge("one", "same"));
    assert_eq!(taken("b", "ONE", "x"), "409 uniqueness");
    assert_eq!(taken("a", "one", "x"), "409 uniqueness");
    assert_eq!(taken("b", "two", "same"), "201");
    let target = format!("/Badges/{first}");
    let change = server.ask("a", "PUT", &target, badge("two", "same"));
    assert_eq!(change.verdict(), "409 uniqueness");
    assert_eq!(
        server
            .ask("a", "PUT", &target, badge("one", "other"))
            .status,
        200
    );
    assert_eq!(server.ask("a", "DELETE", &target, Value::Null).status, 204);
    assert_eq!(taken("b", "one", "y"), "201");
    // A tenant that is loaded again stands where it stood.
    let auth = r#"auth: [Bearer("a")]"#;
    let renewal = server.0.reload(tenant("a", &format!("{auth}, {BADGES}")));
    assert_eq!(renewal.unwrap().lost, [""; 0]);
    assert_eq!(taken("a", "two", "z"), "409 uniqueness");
    assert_eq!(taken("a", "three", "z"), "201");
    assert_eq!(taken("b", "three", "z"), "409 uniqueness");
}

/// Both tenants write the same values at once, and one of them gets each.
#[test]
fn of_two_tenants_one_gets_a_value_that_is_unique_everywhere() {
    let server = Server::new(BADGES, BADGES);
    let write = |tenant: &str| {
        let made = (0..50).filter(|n| {
            let badge = json!({"schemas": ["urn:example:Badge"], "number": n.to_string()});
            server.ask(tenant, "POST", "/Badges", badge).status == 201
        });
        made.count()
    };
    let (in_a, in_b) = std::thread::scope(|scope| {
        let other = scope.spawn(|| write("b"));
        (write("a"), other.join().expect("no panic"))
    });
    assert_eq!(in_a + in_b, 50);
}
