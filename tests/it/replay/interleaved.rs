//! A property: whatever sessions were recorded of our own provider, and in whatever order their clients come again, no answer is one that
//! this provider would not have given.

use super::{BASE, Player, matched};
use bytes::Bytes;
use proptest::prelude::*;
use scimulate::exchange::{Body, Exchange, Request, Response, base, header_pairs};
use scimulate::replay::Matching;
use scimulate::scenario;
use scimulate::service::{self, Tenant};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// What a client does next to its own user and to the group of all.
#[derive(Debug, Clone, Copy)]
enum Step {
    Find,
    Create,
    Read,
    Title(u8),
    Put(u8),
    Join,
    ReadGroup,
    Delete,
    List,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Find),
        3 => Just(Step::Create),
        4 => Just(Step::Read),
        3 => (0..3_u8).prop_map(Step::Title),
        1 => (0..3_u8).prop_map(Step::Put),
        1 => Just(Step::Join),
        1 => Just(Step::ReadGroup),
        1 => Just(Step::Delete),
        1 => Just(Step::List),
    ]
}

/// A client: its name, the id that it was given, and what it does.
#[derive(Debug, Clone)]
struct Client {
    name: String,
    id: Option<String>,
    steps: Vec<Step>,
    at: usize,
}

impl Client {
    fn new(n: usize, steps: &[Step]) -> Self {
        Self {
            name: format!("client-{n}"),
            id: None,
            steps: steps.to_vec(),
            at: 0,
        }
    }

    /// The next request, if there is one.
    fn next(&mut self, group: &str) -> Option<http::Request<Bytes>> {
        let step = *self.steps.get(self.at)?;
        self.at += 1;
        let id = self.id.as_deref().unwrap_or("nobody");
        let (method, target, body) = match step {
            Step::Find => (
                "GET",
                format!("/Users?filter=userName%20eq%20%22{}%22", self.name),
                Value::Null,
            ),
            Step::Create => (
                "POST",
                "/Users".to_owned(),
                json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": self.name}),
            ),
            Step::Read => ("GET", format!("/Users/{id}"), Value::Null),
            Step::Title(n) => (
                "PATCH",
                format!("/Users/{id}"),
                json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "title", "value": format!("title {n}")}]}),
            ),
            Step::Put(n) => (
                "PUT",
                format!("/Users/{id}"),
                json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": self.name, "title": format!("title {n}")}),
            ),
            Step::Join => (
                "PATCH",
                format!("/Groups/{group}"),
                json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]}),
            ),
            Step::ReadGroup => ("GET", format!("/Groups/{group}"), Value::Null),
            Step::Delete => ("DELETE", format!("/Users/{id}"), Value::Null),
            Step::List => ("GET", "/Users".to_owned(), Value::Null),
        };
        let body = if body == Value::Null {
            String::new()
        } else {
            body.to_string()
        };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("/scim/v2{target}"))
            .header("content-type", "application/scim+json")
            .body(Bytes::from(body))
            .unwrap();
        Some(request)
    }

    fn answered(&mut self, response: &http::Response<Bytes>) {
        if response.status() == 201 {
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            self.id = body["id"].as_str().map(str::to_owned);
        }
    }
}

fn provider() -> (Tenant, String) {
    let text = r#"Scenario(seed: 7, clock: Fixed("2026-01-01T00:00:00Z"), groups: [{"id": "all", "displayName": "All"}])"#;
    let (scenario, told) = scenario::load(Path::new("interleaved.ron"), text);
    let scenario = scenario.unwrap_or_else(|| panic!("{told:?}"));
    (Tenant::build(&scenario).unwrap(), "all".to_owned())
}

fn ask(tenant: &Tenant, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    service::answer(tenant, BASE, request).unwrap()
}

/// The exchange as the recorder would have it.
fn recorded(request: &http::Request<Bytes>, response: &http::Response<Bytes>) -> Exchange {
    let path = base::relative_path(request.uri().path(), BASE).unwrap();
    let mut sent = Request::new(
        request.method(),
        path,
        request.uri().query(),
        request.headers(),
        Body::Empty,
    );
    sent.body = Body::read(request.body(), sent.content_type());
    let mut answer = Response {
        status: response.status().as_u16(),
        headers: header_pairs(response.headers()),
        body: Body::Empty,
    };
    answer.body = Body::read(response.body(), answer.content_type());
    base::rewrite_headers(&mut answer.headers, BASE, base::PLACEHOLDER);
    base::rewrite_body(&mut answer.body, BASE, base::PLACEHOLDER);
    base::rewrite_body(&mut sent.body, BASE, base::PLACEHOLDER);
    Exchange {
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        elapsed: Duration::ZERO,
        ended: None,
        request: sent,
        response: answer,
    }
}

/// All that an answer says, but for the ids that the provider gave: those follow from the order of creates.
fn said(response: &http::Response<Bytes>, ids: &[(String, String)]) -> String {
    let body = String::from_utf8_lossy(response.body()).into_owned();
    let mut said = format!("{} {body}", response.status().as_u16());
    for (id, name) in ids {
        said = said.replace(id.as_str(), name);
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_recorded_clients_gets_an_answer_that_the_provider_would_not_give(
        sessions in proptest::collection::vec(proptest::collection::vec(step(), 1..8), 1..4),
        then in proptest::collection::vec(0..4_usize, 40),
        now in proptest::collection::vec(0..4_usize, 40),
        skipped in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let clients = || -> Vec<Client> { sessions.iter().enumerate().map(|(n, steps)| Client::new(n, steps)).collect() };
        let (tenant, group) = provider();
        let mut recording = Vec::new();
        let mut first = clients();
        for turn in then.iter().copied().chain(0..16) {
            let count = first.len();
            let client = &mut first[turn % count];
            if let Some(request) = client.next(&group) {
                let response = ask(&tenant, &request);
                recording.push((recording.len() as u64 + 1, recorded(&request, &response)));
                client.answered(&response);
            }
        }
        let player = Player::new(recording, Matching::default());
        // The same provider from its beginning, asked what the player answers, and in its order.
        let (beside, group) = provider();
        let mut again = clients();
        let mut ids: Vec<(String, String)> = Vec::new();
        let mut live_ids: Vec<(String, String)> = Vec::new();
        let mut live = clients();
        for (turn, skip) in now.iter().zip(&skipped) {
            let n = turn % again.len();
            let (Some(request), Some(twin)) = (again[n].next(&group), live[n].next(&group)) else { continue };
            // A client may leave a step out.
            if *skip && *turn == 3 {
                continue;
            }
            let response = player.answer(BASE, &request);
            if matched(&response) == "none" {
                // Nothing was said, and nothing was done.
                continue;
            }
            let expected = ask(&beside, &twin);
            again[n].answered(&response);
            live[n].answered(&expected);
            if response.status() == 201 {
                let name = format!("id-of-{n}-{}", ids.len());
                ids.push((again[n].id.clone().unwrap(), name.clone()));
                live_ids.push((live[n].id.clone().unwrap(), name));
            }
            // Lists are in the order of creation, which is not that of the recording.
            let is_list = request.uri().path().ends_with("/Users") && request.method() == "GET";
            let (one, other) = (said(&response, &ids), said(&expected, &live_ids));
            if is_list {
                let sorted = |text: &str| { let mut letters: Vec<char> = text.chars().collect(); letters.sort_unstable(); letters };
                prop_assert_eq!(sorted(&one), sorted(&other), "{} {}", request.method(), request.uri());
            } else {
                prop_assert_eq!(one, other, "{} {}", request.method(), request.uri());
            }
        }
    }
}

/// The shipped recordings, sent again as they were recorded.
#[test]
fn a_recording_that_is_sent_again_in_its_own_order_answers_itself() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(exchanges) = scimulate::exchange::folder::read(&folder) else {
            continue;
        };
        let player = Player::load(&folder).unwrap();
        for (number, exchange) in exchanges {
            let sent = &exchange.request;
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&sent.query)
                .finish();
            let mut body = sent.body.clone();
            base::rewrite_body(&mut body, base::PLACEHOLDER, BASE);
            let mut request = http::Request::builder()
                .method(sent.method.as_str())
                .uri(format!("/scim/v2{}?{query}", sent.path));
            for (name, value) in &sent.headers {
                request = request.header(name, value);
            }
            let response = player.answer(BASE, &request.body(body.to_bytes()).unwrap());
            let place = folder.display();
            assert_eq!(
                matched(&response),
                format!("exact; exchange={number}"),
                "{place} {:?}",
                response.body()
            );
            assert_eq!(
                response.status(),
                exchange.response.status,
                "{place} {number}"
            );
            count += 1;
        }
        assert_eq!(player.misses(), 0);
    }
    assert!(count > 20, "{count} exchanges are shipped");
}
