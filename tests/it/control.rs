//! The control API in memory and over sockets: who may ask, errors, tenants, moments, state and journal.

mod access;
mod clock;
mod events;
mod faults;
mod forks;
mod journal;
mod metrics;
mod moments;
mod openapi;
mod state;
mod tenants;
mod texts;
mod wire;

use bytes::Bytes;
use http::{HeaderMap, Request};
use scimulate::control::{Control, Guard, Subscription, Wait};
use scimulate::journal::Journal;
use scimulate::scenario;
use scimulate::service::{self, Tenant, Tenants};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// A server in memory: its tenants, and the control API over them.
struct Server {
    tenants: Arc<Tenants>,
    control: Control,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What a problem document says; it must be one.
    #[track_caller]
    fn problem(&self) -> String {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{self:?}"
        );
        let document = self.json();
        assert_eq!(document["type"], "about:blank");
        assert_eq!(document["status"], self.status);
        assert!(document["title"].is_string(), "{document}");
        document.to_string()
    }
}

fn tenant(name: &str, scenario: &str) -> Tenant {
    let (scenario, told) = scenario::load(Path::new(&format!("{name}.ron")), scenario);
    Tenant::build(&scenario.unwrap_or_else(|| panic!("{told:?}"))).expect("a scenario that holds")
}

impl Server {
    /// One tenant, `acme`.
    fn new(scenario: &str) -> Self {
        Self::of(vec![tenant("acme", scenario)], None)
    }

    fn of(tenants: Vec<Tenant>, token: Option<&str>) -> Self {
        let tenants = Arc::new(Tenants::new(tenants));
        let guard = Guard {
            address: ([127, 0, 0, 1], 8081).into(),
            token: token.map(str::to_owned),
        };
        let root = "http://sp.test".to_owned();
        let control = Control::new(tenants.clone(), Arc::new(Journal::default()), guard, root);
        Self { tenants, control }
    }

    fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        self.ask_with(method, path, &[("host", "localhost:8081")], body)
    }

    fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        answered(self.control.answer(&request.body(body).unwrap()))
    }

    /// Asks for what must go well.
    #[track_caller]
    fn must(&self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.ask(method, path, body);
        assert!((200..300).contains(&answer.status), "{answer:?}");
        answer
    }

    /// A request to a tenant by SCIM.
    fn scim(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        };
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header("content-type", "application/scim+json")
            .body(body)
            .unwrap();
        let (base, tenant) = self.tenants.find(path).expect("a tenant");
        let base = format!("http://sp.test{base}");
        answered(service::answer(&tenant, &base, &request).expect("nothing reloads here"))
    }

    /// The user names of a tenant, in their order.
    #[track_caller]
    fn users(&self, base: &str) -> Vec<String> {
        let list = self
            .scim("GET", &format!("{base}/Users"), Value::Null)
            .json();
        let users = list["Resources"].as_array().cloned().unwrap_or_default();
        let names = users
            .iter()
            .map(|user| user["userName"].as_str().unwrap().to_owned());
        names.collect()
    }

    #[track_caller]
    fn create(&self, base: &str, name: &str) -> Value {
        let path = format!("{base}/Users");
        let made = self.scim("POST", &path, json!({ "userName": name }));
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }
}

fn answered(response: http::Response<Bytes>) -> Answer {
    let (head, bytes) = response.into_parts();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        bytes,
    }
}
