//! What the core costs without a socket: reading and evaluating filters, PATCH, and whole requests through the service.
//!
//! `cargo bench --bench core`. Nothing is asserted; compare two runs on one machine. `load.rs` measures the program from outside.

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::Request;
use scimulate::exchange::{Exchange, Request as Sent, Response as Answer};
use scimulate::journal::{Bounds, Journal, Told, Verification};
use scimulate::scim::filter::Filter;
use scimulate::scim::resource_type::ResourceType;
use scimulate::scim::{Leniencies, Reading};
use scimulate::service::{self, Tenant, Tenants};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

const BASE: &str = "http://bench.test/scim/v2";

fn tenant(users: usize, members: usize) -> Tenant {
    let mut text = String::from("Scenario(ids: Sequential(\"{type}-{n}\"), users: [");
    for n in 0..users {
        writeln!(text, "{{\"userName\": \"user{n}\", \"displayName\": \"User {n}\", \"active\": true, \"emails\": [{{\"value\": \"user{n}@example.com\", \"type\": \"work\"}}]}},")
            .expect("a string takes all");
    }
    let members: Vec<_> = (1..=members).map(|n| format!("\"user-{n}\"")).collect();
    write!(
        text,
        "], groups: [{{\"displayName\": \"All\", \"members\": [{}]}}])",
        members.join(",")
    )
    .expect("a string takes all");
    let (scenario, diagnostics) = scimulate::scenario::load(Path::new("bench.ron"), &text);
    Tenant::build(&scenario.unwrap_or_else(|| panic!("{diagnostics:?}")))
        .unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn send(tenant: &Tenant, method: &str, path: &str, body: &Value) -> http::Response<Bytes> {
    let bytes = if body.is_null() {
        Bytes::new()
    } else {
        body.to_string().into()
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2{path}"))
        .body(bytes)
        .expect("a request");
    let response = service::answer(tenant, BASE, &request).expect("nothing reloads here");
    assert!(
        response.status().is_success(),
        "{method} {path}: {}",
        response.status()
    );
    response
}

fn filters(c: &mut Criterion) {
    let text =
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#;
    c.bench_function("filter: parse", |b| {
        b.iter(|| Filter::parse(black_box(text), Reading::LENIENT));
    });
    let user = ResourceType::user();
    let parsed = Filter::parse(text, Reading::LENIENT).expect("a filter");
    c.bench_function("filter: bind", |b| {
        b.iter(|| black_box(&parsed).bind(&user, Reading::LENIENT));
    });
    let matcher = parsed
        .bind(&user, Reading::LENIENT)
        .expect("attributes of User");
    let Value::Object(resource) =
        json!({"userType": "employee", "emails": [{"value": "a@example.com", "type": "work"}]})
    else {
        unreachable!("an object")
    };
    c.bench_function("filter: match", |b| {
        b.iter(|| matcher.matches(black_box(&resource)));
    });
}

fn requests(c: &mut Criterion) {
    let tenant = tenant(10_000, 0);
    let none = Value::Null;
    c.bench_function("service: GET by id", |b| {
        b.iter(|| send(&tenant, "GET", "/Users/user-5000", &none));
    });
    c.bench_function("service: userName eq", |b| {
        b.iter(|| {
            send(
                &tenant,
                "GET",
                "/Users?filter=userName%20eq%20%22user5000%22",
                &none,
            )
        });
    });
    c.bench_function("service: scan of 10,000", |b| {
        b.iter(|| {
            send(
                &tenant,
                "GET",
                "/Users?filter=emails.value%20co%20%22r77%22&count=1",
                &none,
            )
        });
    });
    let mut n = 0;
    c.bench_function("service: POST", |b| {
        b.iter(|| {
            n += 1;
            send(
                &tenant,
                "POST",
                "/Users",
                &json!({"userName": format!("new{n}"), "active": true}),
            )
        });
    });
    let mut n = 0;
    c.bench_function("service: PATCH title", |b| {
        b.iter(|| {
            n += 1;
            let patch =
                json!({"Operations": [{"op": "replace", "path": "title", "value": n.to_string()}]});
            send(&tenant, "PATCH", "/Users/user-5000", &patch)
        });
    });
}

/// Adding a member must not cost what the group is large; the answer is asked to leave the members out.
fn membership(c: &mut Criterion) {
    for members in [10, 1_000, 10_000] {
        let tenant = tenant(10_001, members);
        let change = |op: &str| json!({"Operations": [{"op": op, "path": "members[value eq \"user-10001\"]", "value": {"value": "user-10001"}}]});
        let (add, remove) = (
            json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "user-10001"}]}]}),
            change("remove"),
        );
        c.bench_function(
            &format!("service: add and remove a member of {members}"),
            |b| {
                b.iter_batched(
                    || (),
                    |()| {
                        send(
                            &tenant,
                            "PATCH",
                            "/Groups/group-1?attributes=displayName",
                            &add,
                        );
                        send(
                            &tenant,
                            "PATCH",
                            "/Groups/group-1?attributes=displayName",
                            &remove,
                        )
                    },
                    BatchSize::SmallInput,
                );
            },
        );
    }
}

/// What it costs to keep an exchange beside what it costs to answer it, and to ask a full journal.
fn journal(c: &mut Criterion) {
    let tenant = tenant(1_000, 0);
    let journal = Journal::new(Bounds::default());
    let mut sent = http::HeaderMap::new();
    for (name, value) in [
        ("host", "bench.test"),
        ("authorization", "Bearer 0123456789abcdef"),
        ("accept", "application/scim+json"),
        ("user-agent", "a client of the bench"),
    ] {
        sent.insert(name, http::HeaderValue::from_static(value));
    }
    let bounds = journal.bounds();
    // As the server keeps an exchange: what was heard is cloned, and read when somebody looks at it.
    let keep = |response: &http::Response<Bytes>, body: &Bytes| {
        let (sent, status) = (sent.clone(), response.status().as_u16());
        let (answered, body) = (response.headers().clone(), body.clone());
        let bytes = 4096 + 8 * body.len();
        journal.keep("bench", bytes, move || {
            let mut response = Answer {
                status,
                headers: scimulate::exchange::header_pairs(&answered),
                body: scimulate::exchange::Body::Empty,
            };
            response.body = bounds.kept(&body, response.content_type());
            let method = http::Method::GET;
            let nothing = scimulate::exchange::Body::Empty;
            Told {
                exchange: Exchange {
                    at: jiff::Timestamp::UNIX_EPOCH,
                    elapsed: std::time::Duration::ZERO,
                    ended: None,
                    request: Sent::new(&method, "/Users/user-500", None, &sent, nothing),
                    response,
                },
                leniencies: Leniencies::NONE,
                fault: None,
            }
        })
    };
    for (name, path) in [
        ("journal: keep a GET by id", "/Users/user-500"),
        ("journal: keep a page of 100", "/Users?count=100"),
    ] {
        let response = send(&tenant, "GET", path, &Value::Null);
        let body = response.body().clone();
        c.bench_function(name, |b| b.iter(|| keep(black_box(&response), &body)));
    }
    journal.clear(None);
    let response = send(&tenant, "GET", "/Users/user-500", &Value::Null);
    for _ in 0..journal.bounds().exchanges {
        keep(&response, response.body());
    }
    c.bench_function("journal: a moment of 10,000", |b| {
        b.iter(|| journal.moment());
    });
    let verification =
        json!({"method": "GET", "path": "/Users/*", "response": "userName eq \"user1\""});
    let verification: Verification = serde_json::from_value(verification).expect("a verification");
    c.bench_function("journal: verify 10,000 in vain", |b| {
        b.iter(|| journal.moment().verify(None, black_box(&verification)));
    });
}

/// A tenant of its own for a test: from two to 20,000 users it costs the same.
fn forks(c: &mut Criterion) {
    for users in [2, 20_000] {
        let tenants = Tenants::new(vec![tenant(users, 0)]);
        let (_, whole) = tenants.named("bench").expect("the tenant");
        c.bench_function(
            &format!("tenants: fork and drop one of {users} users"),
            |b| {
                b.iter(|| {
                    let (name, _) = tenants.fork(black_box(&whole), None).expect("a fork");
                    tenants.remove(&name)
                });
            },
        );
    }
}

criterion_group!(benches, filters, requests, membership, journal, forks);
criterion_main!(benches);
