//! What it costs to find an exchange, in recordings of 100, 10,000 and 100,000, and to read those.
//!
//! `cargo bench --bench replay`. Nothing is asserted; the cost of an answer should not follow the length of the recording.

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::Request;
use scimulate::exchange::{Body, Exchange, Request as Sent, Response};
use scimulate::replay::{Matching, Player};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Duration;

const BASE: &str = "http://bench.test/scim/v2";

fn exchange(method: &str, path: String, body: Value, status: u16, answer: Value) -> Exchange {
    let kind = |body: Value| {
        if body.is_null() {
            Body::Empty
        } else {
            Body::Json(body)
        }
    };
    Exchange {
        at: jiff::Timestamp::UNIX_EPOCH,
        elapsed: Duration::ZERO,
        ended: None,
        request: Sent {
            method: method.into(),
            path,
            query: Vec::new(),
            headers: Vec::new(),
            body: kind(body),
        },
        response: Response {
            status,
            headers: Vec::new(),
            body: kind(answer),
        },
    }
}

/// GET, PATCH, GET, POST of user after user.
fn recording(exchanges: usize) -> Vec<(u64, Exchange)> {
    let user = |n: usize, active: bool| {
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": n.to_string(), "userName": format!("user{n}"), "active": active,
               "emails": [{"value": format!("user{n}@example.com"), "type": "work"}], "meta": {"resourceType": "User"}})
    };
    let patch = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    let each = (0..exchanges.div_ceil(4)).flat_map(|n| {
        let path = format!("/Users/{n}");
        [
            exchange(
                "POST",
                "/Users".into(),
                json!({"userName": format!("user{n}")}),
                201,
                user(n, true),
            ),
            exchange("GET", path.clone(), Value::Null, 200, user(n, true)),
            exchange("PATCH", path.clone(), patch.clone(), 204, Value::Null),
            exchange("GET", path, Value::Null, 200, user(n, false)),
        ]
    });
    (1..).zip(each).collect()
}

fn ask(player: &Player, method: &str, path: &str, body: &str) -> http::Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{BASE}{path}"))
        .header("content-type", "application/scim+json")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request");
    player.answer(BASE, &request)
}

fn find(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("replay");
    for length in [100, 10_000, 100_000] {
        let recorded = recording(length);
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("read", length), |bencher| {
            bencher.iter_batched(
                || recorded.clone(),
                |recorded| Player::new(recorded, Matching::default()),
                criterion::BatchSize::PerIteration,
            );
        });
        let player = Player::new(recorded, Matching::default());
        let last = length / 4 - 1;
        assert_eq!(
            ask(
                &player,
                "POST",
                "/Users",
                &format!("{{\"userName\":\"user{last}\"}}")
            )
            .status(),
            201
        );
        let path = format!("/Users/{last}");
        group.sample_size(100);
        group.bench_function(BenchmarkId::new("find a GET", length), |bencher| {
            bencher.iter(|| black_box(ask(&player, "GET", &path, "")));
        });
        group.bench_function(BenchmarkId::new("miss", length), |bencher| {
            bencher.iter(|| black_box(ask(&player, "GET", "/Users/none?count=3", "")));
        });
    }
    group.finish();
}

criterion_group!(benches, find);
criterion_main!(benches);
