//! The exchange: bodies, the fixture file and folder, secrets, the base URL, the canonical form.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod base;
mod body;
mod canonical;
mod coding;
mod file;
mod folder;
mod leaks;
mod secrets;
mod walk;

use scimulate::exchange::{Body, Exchange, Recording, Request, Response};
use std::time::Duration;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn exchange(method: &str, path: &str, status: u16) -> Exchange {
    Exchange {
        at: "2026-01-01T00:00:00.123Z".parse().unwrap(),
        elapsed: Duration::from_micros(12_400),
        ended: None,
        request: Request {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
        },
        response: Response {
            status,
            headers: Vec::new(),
            body: Body::Empty,
        },
    }
}

fn recording() -> Recording {
    Recording {
        upstream: "http://127.0.0.1:1/v2".into(),
        base_path: "/scim/v2".into(),
        started: "2026-01-01T00:00:00Z".into(),
        version: "0.1.0".into(),
        redaction: "secrets".into(),
        key: String::new(),
    }
}
