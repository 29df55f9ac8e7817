//! What a thousand tenants cost that are forked from one.

use scimulate::service::{self, Tenant, Tenants};
use std::hint::black_box;
use std::time::Instant;

const FORKS: u32 = 1000;
const FINDS: u32 = 100_000;

/// Forks `tenant`, and returns a tenant like it with the rows.
pub(crate) fn measure(
    tenant: Tenant,
    resident: fn() -> Option<usize>,
) -> (Tenant, Vec<(String, f64)>) {
    let like_it = tenant.fork(tenant.name.clone());
    let tenants = Tenants::new(vec![tenant]);
    let (_, first) = tenants.iter().next().expect("one tenant");
    let before = resident();
    let began = Instant::now();
    for _ in 0..FORKS {
        tenants.fork(&first, None).expect("there is room");
    }
    let fork = began.elapsed().as_secs_f64() * 1e6 / f64::from(FORKS);
    let mut rows = vec![("a fork".to_owned(), fork)];
    if let (Some(before), Some(now)) = (before, resident()) {
        let bytes = u32::try_from(now.saturating_sub(before)).unwrap_or(u32::MAX);
        let each = f64::from(bytes) / f64::from(FORKS);
        rows.push(("resident beyond the first, bytes a fork".to_owned(), each));
    }
    let path = format!("/{}-{}/scim/v2/Users", first.name, FORKS / 2);
    let began = Instant::now();
    for _ in 0..FINDS {
        black_box(tenants.find(black_box(&path))).expect("it is there");
    }
    let find = began.elapsed().as_secs_f64() * 1e6 / f64::from(FINDS);
    rows.push(("finding one of a thousand forks".to_owned(), find));
    // The first write unshares what it touches.
    let user = r#"{"userName": "written-by-a-fork"}"#;
    let forks: Vec<_> = tenants.iter().skip(1).collect();
    let before = resident();
    let began = Instant::now();
    for (base, fork) in &forks {
        let request = http::Request::post(format!("{base}/Users"))
            .header("content-type", "application/scim+json")
            .body(user.into())
            .expect("a request");
        let base = format!("http://bench.test{base}");
        let answer = service::answer(fork, &base, &request).expect("nothing reloads here");
        assert_eq!(answer.status(), 201);
    }
    let write = began.elapsed().as_secs_f64() * 1e6 / f64::from(FORKS);
    rows.push(("the first POST on a fork".to_owned(), write));
    if let (Some(before), Some(now)) = (before, resident()) {
        let bytes = u32::try_from(now.saturating_sub(before)).unwrap_or(u32::MAX);
        let each = f64::from(bytes) / f64::from(FORKS);
        rows.push((
            "resident after that POST, more bytes a fork".to_owned(),
            each,
        ));
    }
    (like_it, rows)
}
