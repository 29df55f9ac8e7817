//! Faults of a scenario: which request meets which, what its answer is then, and what the connection does.

mod answers;
mod choosing;
mod client;
mod format;
mod transcript;
mod wire;

use bytes::Bytes;
use http::{Request, Response};
use scimulate::faults::Wire;
use scimulate::scenario;
use scimulate::service::{self, Tenant};
use serde_json::Value;
use std::path::Path;

/// A tenant with faults, without a socket.
struct Faulty(Tenant);

impl Faulty {
    /// A scenario with these fields, in which `bjensen` has the id `user-1`.
    #[track_caller]
    fn with(fields: &str) -> Self {
        let text = format!(
            r#"Scenario(ids: Sequential("{{type}}-{{n}}"), users: [{{"userName": "bjensen"}}], {fields})"#
        );
        let (scenario, told) = scenario::load(Path::new("acme.ron"), &text);
        let scenario = scenario.unwrap_or_else(|| panic!("{told:?}"));
        Self(Tenant::build(&scenario).expect("a scenario that holds"))
    }

    /// A request below the base, with headers and a body.
    fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{target}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        service::answer(&self.0, "http://sp.test/scim/v2", &request).unwrap()
    }

    fn get(&self, target: &str) -> Response<Bytes> {
        self.ask("GET", target, &[], "")
    }
}

/// The fault that an answer met.
fn fault(response: &Response<Bytes>) -> Option<&str> {
    header(response, "scimulate-fault")
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

#[track_caller]
fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}

fn wire(response: &Response<Bytes>) -> Option<Wire> {
    response.extensions().get().copied()
}
