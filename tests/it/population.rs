//! Generated people: who they are, that they are the same everywhere, and that a tenant takes them.

use crate::scenario::clean;
use http::Request;
use scimulate::scenario::{Entry, Scenario};
use scimulate::service::{self, Tenant};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

const WORK: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn population(fields: &str) -> Scenario {
    clean(&format!(
        "Scenario(seed: 7, population: Population({fields}))"
    ))
}

fn values(entries: &[Entry]) -> Vec<Map<String, Value>> {
    entries.iter().map(Entry::value).collect()
}

fn text<'v>(value: &'v Map<String, Value>, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

#[test]
fn there_are_as_many_as_asked_and_nobody_twice() {
    let it = population("users: 2000, groups: 90");
    let (users, groups) = (values(&it.users), values(&it.groups));
    assert_eq!((users.len(), groups.len()), (2000, 90));
    for name in ["userName", "externalId"] {
        let apart: HashSet<&str> = users.iter().map(|it| text(it, name)).collect();
        assert_eq!(apart.len(), 2000, "{name}");
    }
    let emails = users.iter().flat_map(|it| it["emails"].as_array().unwrap());
    let emails: Vec<&str> = emails.map(|it| it["value"].as_str().unwrap()).collect();
    let apart: HashSet<&str> = emails.iter().copied().collect();
    assert_eq!(apart.len(), emails.len());
    assert!(emails.len() > 2500, "many have one at home too");
    let numbers: HashSet<&str> = users
        .iter()
        .map(|it| it[WORK]["employeeNumber"].as_str().unwrap())
        .collect();
    assert_eq!(numbers.len(), 2000);
    let labels: HashSet<&str> = groups.iter().map(|it| text(it, "displayName")).collect();
    assert_eq!(labels.len(), 90);
}

#[test]
fn people_are_as_unlike_as_people_are() {
    let users = values(&population("users: 2000").users);
    let mut labels: HashMap<&str, usize> = HashMap::new();
    let mut lengths: Vec<usize> = Vec::new();
    for user in &users {
        let label = text(user, "displayName");
        *labels.entry(label).or_default() += 1;
        lengths.push(label.chars().count());
    }
    assert!(
        labels.values().any(|count| *count > 1),
        "some have one name"
    );
    assert!(lengths.contains(&2) && lengths.iter().any(|it| *it > 24));
    for (script, range) in [
        ("Latin with diacritics", 'À'..='ž'),
        ("Greek", 'α'..='ω'),
        ("Cyrillic", 'а'..='я'),
        ("Hebrew", 'א'..='ת'),
        ("Arabic", 'ء'..='ي'),
        ("Devanagari", 'अ'..='ह'),
        ("Thai", 'ก'..='ฮ'),
        ("kana", 'あ'..='ヺ'),
        ("Han", '一'..='鿿'),
        ("Hangul", '가'..='힣'),
    ] {
        assert!(
            labels.keys().any(|it| it.contains(|c| range.contains(&c))),
            "{script}"
        );
    }
    let has = |name: &str| users.iter().filter(|it| it.contains_key(name)).count();
    for name in [
        "title",
        "phoneNumbers",
        "locale",
        "timezone",
        "preferredLanguage",
        "addresses",
        WORK,
    ] {
        assert_eq!(has(name), 2000, "{name}");
    }
    let departments: HashSet<&str> = users
        .iter()
        .map(|it| it[WORK]["department"].as_str().unwrap())
        .collect();
    assert!(departments.len() > 5);
}

#[test]
fn so_many_are_disabled_as_asked() {
    let disabled = |fields: &str| {
        let users = values(&population(fields).users);
        users.iter().filter(|it| it["active"] == false).count()
    };
    assert_eq!(disabled("users: 1000, disabled_share: 0"), 0);
    // Somebody leads them all.
    assert_eq!(disabled("users: 1000, disabled_share: 1.0"), 999);
    let usual = disabled("users: 1000");
    assert!((20..100).contains(&usual), "{usual}");
}

#[test]
fn managers_form_a_tree() {
    let users = values(&population("users: 1000").users);
    let managers: BTreeMap<&str, Option<&str>> = users
        .iter()
        .map(|it| (text(it, "userName"), it[WORK]["manager"]["value"].as_str()))
        .collect();
    assert_eq!(
        managers.values().filter(|it| it.is_none()).count(),
        1,
        "one leads"
    );
    let mut deepest = 0;
    for mut at in managers.keys() {
        let mut depth = 0;
        while let Some(above) = managers[at].as_ref() {
            (at, depth) = (above, depth + 1);
            assert!(depth < 20, "a circle");
        }
        deepest = deepest.max(depth);
    }
    assert!(deepest >= 3, "{deepest}");
}

#[test]
fn each_is_in_so_many_groups_and_no_group_is_in_itself() {
    let it = population("users: 500, groups: 60, memberships_per_user: 4, nested_share: 0.5");
    let users: HashSet<String> = values(&it.users)
        .iter()
        .map(|it| text(it, "userName").to_owned())
        .collect();
    let groups = values(&it.groups);
    let mut memberships: HashMap<&str, usize> = HashMap::new();
    let mut inside: HashMap<&str, &str> = HashMap::new();
    for group in &groups {
        for member in group["members"].as_array().unwrap() {
            let name = member["value"].as_str().unwrap();
            if users.contains(name) {
                *memberships.entry(name).or_default() += 1;
            } else {
                assert!(
                    inside.insert(name, text(group, "displayName")).is_none(),
                    "{name} is in two"
                );
            }
        }
    }
    assert!(users.iter().all(|it| memberships[it.as_str()] == 4));
    assert!((15..45).contains(&inside.len()), "{}", inside.len());
    for name in inside.keys() {
        let way = std::iter::successors(Some(*name), |it| inside.get(it).copied());
        assert!(way.take(61).count() < 61, "{name} is in itself");
    }
    let sizes: Vec<usize> = groups
        .iter()
        .map(|it| it["members"].as_array().unwrap().len())
        .collect();
    assert!(
        sizes.iter().max() > Some(&100) && sizes.iter().min() < Some(&40),
        "{sizes:?}"
    );
    let few = population("users: 50, groups: 2, memberships_per_user: 5");
    assert!(
        values(&few.groups)
            .iter()
            .all(|it| it["members"].as_array().unwrap().len() >= 50)
    );
}

#[test]
fn a_user_stays_who_they_are_when_more_are_asked_for() {
    let few = population("users: 300");
    let many = population("users: 3000, groups: 10, disabled_share: 0.05");
    assert_eq!(values(&few.users), values(&many.users)[..300]);
    let other = clean("Scenario(seed: 8, population: Population(users: 300))");
    assert_ne!(values(&few.users), values(&other.users));
}

/// Whoever changes this has changed everybody's test data: the first ever generated, and a digest of a thousand.
#[test]
fn one_seed_gives_the_same_bytes_on_every_machine() {
    let it = population("users: 1000, groups: 100");
    let all = [it.users, it.groups].concat();
    let bytes: String = all
        .iter()
        .map(|it| Value::Object(it.value()).to_string())
        .collect();
    let mut digest = 0xCBF2_9CE4_8422_2325_u64;
    for byte in bytes.bytes() {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    let first = Value::Object(all[0].value()).to_string();
    assert_eq!(
        first,
        r#"{"userName":"juergen.voss@crowd.example","externalId":"e0000001","displayName":"Jürgen Voß","name":{"formatted":"Jürgen Lukas Voß","familyName":"Voß","givenName":"Jürgen","middleName":"Lukas"},"title":"Chief Executive Officer","userType":"Employee","preferredLanguage":"de","locale":"de-DE","timezone":"Europe/Berlin","active":true,"emails":[{"value":"juergen.voss@crowd.example","type":"work","primary":true},{"value":"juergen.voss@mail.example","type":"home"}],"phoneNumbers":[{"value":"tel:+49-30-23125-704","type":"work"},{"value":"tel:+49-30-23125-045","type":"mobile"}],"addresses":[{"type":"work","locality":"Berlin","country":"DE"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"100001","costCenter":"2100","department":"Engineering"}}"#
    );
    assert_eq!(digest, 2_364_588_510_713_133_187);
}

#[test]
fn who_is_written_comes_first_and_keeps_the_name() {
    let alone = population("users: 50, groups: 3");
    let name = values(&alone.users)[9]["userName"]
        .as_str()
        .unwrap()
        .to_owned();
    let group = values(&alone.groups)[1]["displayName"]
        .as_str()
        .unwrap()
        .to_owned();
    let both = clean(&format!(
        r#"Scenario(seed: 7, users: [{{"USERNAME": "{}"}}], groups: [{{"displayName": "{group}"}}], population: Population(users: 50, groups: 3))"#,
        name.to_uppercase(),
    ));
    assert_eq!((both.users.len(), both.groups.len()), (51, 4));
    assert_eq!(values(&both.users)[0]["USERNAME"], name.to_uppercase());
    let tenant = Tenant::build(&both);
    assert!(tenant.is_ok(), "{tenant:?}");
}

#[test]
fn a_tenant_takes_them_whatever_its_ids_and_serves_them() {
    for ids in ["Uuid", "Sequential(\"{type}-{n}\")"] {
        let it = clean(&format!(
            "Scenario(ids: {ids}, clock: Fixed(\"2026-01-01T00:00:00Z\"), population: Population(users: 3000, groups: 200, nested_share: 0.5))"
        ));
        let tenant = Tenant::build(&it).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let get = |path: &str| -> Value {
            let request = Request::get(format!("/scim/v2{path}"))
                .body(bytes::Bytes::new())
                .unwrap();
            let response = service::answer(&tenant, "http://x/scim/v2", &request).unwrap();
            assert_eq!(response.status(), 200, "{path}");
            serde_json::from_slice(response.body()).unwrap()
        };
        assert_eq!(get("/Users?count=1")["totalResults"], 3000);
        assert_eq!(get("/Groups?count=1")["totalResults"], 200);
        let led = get("/Users?count=1&startIndex=2")["Resources"][0].clone();
        let manager = led[WORK]["manager"]["value"].as_str().unwrap();
        assert_eq!(get(&format!("/Users/{manager}"))[WORK].get("manager"), None);
        assert_eq!(
            led["groups"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| it["type"] == "direct")
                .count(),
            3
        );
    }
}

/// A scenario may take attributes out of User; what is generated does not bring them back.
#[test]
fn people_have_what_their_type_has() {
    let it = clean(
        r#"Scenario(
            schemas: [{"id": "urn:ietf:params:scim:schemas:core:2.0:User", "name": "User", "attributes": [
                {"name": "userName", "type": "string", "required": true, "uniqueness": "server"}, {"name": "title", "type": "string"}]}],
            resource_types: [ResourceType(name: "User", extensions: [])],
            population: Population(users: 20, groups: 2),
        )"#,
    );
    let names: Vec<String> = it.users[0].value().keys().cloned().collect();
    assert_eq!(names, ["userName", "externalId", "title"]);
    assert!(Tenant::build(&it).is_ok());
}

/// What a schema of the file asks for and nobody can generate is said once, where the population is asked for.
#[test]
fn what_cannot_be_generated_is_said_once() {
    let text = r#"Scenario(
        schemas: [{"id": "urn:example:Badge", "name": "Badge", "attributes": [{"name": "badge", "type": "string", "required": true}]}],
        resource_types: [ResourceType(name: "User", extensions: [("urn:example:Badge", required: true)])],
        population: Population(users: 500),
    )"#;
    let wrong = Tenant::build(&clean(text)).unwrap_err();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!((wrong[0].line(), wrong[0].column()), (4, 21));
}
