//! Pushing to a service provider that is there, answers with errors, or does not answer: what is sent, what is waited for, what is in the end.

use crate::support::program::PATIENCE;
use crate::support::upstream::Upstream;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use scimulate::MockProvider;
use scimulate::connect::{Base, TlsConfig};
use scimulate::idp::credentials::Credentials;
use scimulate::idp::dialect::{Deprovision, Dialect};
use scimulate::idp::directory::{Directory, load};
use scimulate::idp::pace::Pace;
use scimulate::idp::push::{Event, Push, Report, Settings};
use scimulate::idp::state::{State, StateError};
use scimulate::idp::target::Target;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) const START: &str = "2026-01-01T00:00:00Z";

pub(super) fn directory(csv: &str) -> Directory {
    let loaded = load(Path::new("people.csv"), csv);
    loaded
        .directory
        .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// The state of a job. A program that another test is starting at this moment holds on to its lock until it runs.
pub(super) fn opened(path: &Path, dialect: Dialect, target: &str) -> State {
    let started = Instant::now();
    loop {
        match State::open(path, dialect, target) {
            Err(StateError::InUse { .. }) if started.elapsed() < PATIENCE => {
                std::thread::yield_now();
            }
            opened => return opened.unwrap(),
        }
    }
}

/// A job whose clock waits for nobody.
pub(super) fn job(
    base: &str,
    dialect: Dialect,
    state: &Path,
    observer: impl Fn(&Event) + Send + Sync + 'static,
) -> Push {
    job_as(
        base,
        dialect,
        dialect.ways().leaving,
        "token",
        state,
        observer,
    )
}

pub(super) fn job_as(
    base: &str,
    dialect: Dialect,
    leaving: Deprovision,
    token: &str,
    state: &Path,
    observer: impl Fn(&Event) + Send + Sync + 'static,
) -> Push {
    let credentials = Credentials::bearer(token).unwrap();
    let base = Base::parse(base).unwrap();
    let target = Target::new(base, &TlsConfig::default(), credentials, dialect).unwrap();
    let state = opened(state, dialect, &target.url());
    let settings = Settings {
        dialect,
        leaving,
        seed: 7,
        parallel: 1,
    };
    let from = START.parse().unwrap();
    let from = state.memory().job.latest.unwrap_or(from);
    Push::new(settings, target, Pace::waiting(from), state, observer)
}

pub(super) async fn serve(rest: &str) -> MockProvider {
    let scenario = format!("Scenario(auth: [Bearer(\"token\")], {rest})");
    MockProvider::builder()
        .scenario(scenario)
        .start()
        .await
        .unwrap()
}

/// `POST /Users 201` of all that was asked.
fn asked(provider: &MockProvider, query: &str) -> Vec<String> {
    let entries = provider.journal(query).unwrap();
    let line = |it: &Value| {
        let (request, response) = (&it["request"], &it["response"]);
        let word = |of: &Value| of.as_str().unwrap_or_default().to_owned();
        format!(
            "{} {} {}",
            word(&request["method"]),
            word(&request["path"]),
            response["status"]
        )
    };
    entries.iter().map(|it| line(&it.to_json())).collect()
}

struct Bench {
    provider: MockProvider,
    push: Push,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new(dialect: Dialect, scenario: &str) -> Self {
        Self::leaving(dialect, dialect.ways().leaving, scenario).await
    }

    async fn leaving(dialect: Dialect, leaving: Deprovision, scenario: &str) -> Self {
        let provider = serve(scenario).await;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let push = job_as(
            provider.base_url(),
            dialect,
            leaving,
            "token",
            &state,
            |_| {},
        );
        Self {
            provider,
            push,
            _folder: folder,
        }
    }

    async fn cycle(&self, csv: &str) -> Report {
        self.provider.clear_journal();
        self.push.cycle(&directory(csv)).await.unwrap()
    }

    #[track_caller]
    fn user(&self, name: &str) -> Value {
        let state = self.provider.state().unwrap();
        let users = state["users"].as_array().cloned().unwrap_or_default();
        let mut found = users.into_iter().filter(|it| it["userName"] == name);
        let user = found.next().unwrap_or_default();
        assert_eq!(found.next(), None, "{name} is there once");
        user
    }

    /// How far the clock of the job has gone, in seconds.
    fn waited(&self) -> i64 {
        let start: jiff::Timestamp = START.parse().unwrap();
        self.push.pace().now().duration_since(start).as_secs()
    }
}

const THREE: &str = "userName,givenName,familyName,email,title,department,manager,groups\n\
    ann@x,Ann,A,ann@x.example,Head,Tools,cy@x,Staff;Tools\n\
    bob@x,Bob,B,bob@x.example,Hand,Tools,ann@x,Staff\n\
    cy@x,Cy,C,cy@x.example,Boss,,,Staff\n";

#[tokio::test]
async fn a_directory_is_there_after_one_cycle_and_the_second_has_nothing_to_do() {
    for (_, dialect) in Dialect::ALL {
        let bench = Bench::new(dialect, "").await;
        let report = bench.cycle(THREE).await;
        assert!(report.is_good(), "{dialect:?} {report:#?}");
        let ann = bench.user("ann@x");
        assert_eq!(ann["title"], "Head");
        let enterprise = &ann["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        assert_eq!(enterprise["department"], "Tools");
        assert_eq!(enterprise["manager"]["value"], bench.user("cy@x")["id"]);
        let state = bench.provider.state().unwrap();
        let groups = state["groups"].as_array().map_or(0, Vec::len);
        assert_eq!(groups, if dialect == Dialect::Oracle { 0 } else { 2 });
        let again = bench.cycle(THREE).await;
        assert!(again.is_good() && again.changes() == 0, "{again:?}");
        let probes = match dialect {
            Dialect::Entra | Dialect::EntraFlag => 2,
            _ => 0,
        };
        assert_eq!(again.requests, probes, "{dialect:?}");
    }
}

#[tokio::test]
async fn a_change_of_the_file_is_a_change_there() {
    for (_, dialect) in Dialect::ALL {
        let bench = Bench::new(dialect, "").await;
        bench.cycle(THREE).await;
        let id = bench.user("bob@x")["id"].clone();
        let edited = THREE.replace("Hand,Tools,ann@x,Staff", "Lead,Sales,cy@x,Tools");
        let report = bench.cycle(&edited).await;
        assert!(report.is_good(), "{dialect:?} {report:#?}");
        let bob = bench.user("bob@x");
        assert_eq!((&bob["id"], &bob["title"]), (&id, &json!("Lead")));
        let enterprise = &bob["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        assert_eq!(enterprise["department"], "Sales");
        assert_eq!(enterprise["manager"]["value"], bench.user("cy@x")["id"]);
        assert_eq!(
            asked(&bench.provider, "method=POST"),
            [""; 0],
            "{dialect:?}"
        );
        if dialect != Dialect::Oracle {
            let state = bench.provider.state().unwrap();
            let members = |n: usize| state["groups"][n]["members"].as_array().map_or(0, Vec::len);
            assert_eq!((members(0), members(1)), (2, 2), "{dialect:?} {state}");
        }
    }
}

#[tokio::test]
async fn who_is_there_already_is_linked_and_brought_up_to_date() {
    let there = r#"users: [{"userName": "Bob@X", "title": "Old", "nickName": "B", "active": false}],
        groups: [{"displayName": "staff", "members": ["Bob@X"]}]"#;
    for (_, dialect) in Dialect::ALL {
        let bench = Bench::new(dialect, there).await;
        let report = bench.cycle(THREE).await;
        assert!(report.is_good(), "{dialect:?} {report:#?}");
        assert_eq!(asked(&bench.provider, "method=POST&path=/Users").len(), 2);
        let bob = bench.user("bob@x");
        assert_eq!(
            (&bob["title"], &bob["active"]),
            (&json!("Hand"), &json!(true)),
            "{bob}"
        );
        // What the identity provider does not know stays, except where a PUT says all.
        let is_kept = bob["nickName"] == "B";
        assert_eq!(is_kept, dialect != Dialect::Oracle, "{dialect:?}");
        if dialect != Dialect::Oracle {
            assert_eq!(asked(&bench.provider, "method=POST&path=/Groups").len(), 1);
            let state = bench.provider.state().unwrap();
            assert_eq!(
                state["groups"][0]["members"].as_array().map(Vec::len),
                Some(3)
            );
        }
    }
}

#[tokio::test]
async fn who_leaves_is_deactivated_and_activated_when_they_come_back() {
    for dialect in [
        Dialect::Okta,
        Dialect::OktaAiw,
        Dialect::Entra,
        Dialect::EntraFlag,
        Dialect::Oracle,
    ] {
        let bench = Bench::new(dialect, "").await;
        bench.cycle(THREE).await;
        let id = bench.user("bob@x")["id"].clone();
        let others = THREE.lines().filter(|it| !it.starts_with("bob"));
        let without = others.collect::<Vec<_>>().join("\n");
        let report = bench.cycle(&without).await;
        assert!(report.is_good(), "{dialect:?} {report:#?}");
        assert_eq!(bench.user("bob@x")["active"], false);
        assert_eq!(asked(&bench.provider, "method=DELETE"), [""; 0]);
        let report = bench.cycle(THREE).await;
        assert!(report.is_good(), "{dialect:?} {report:#?}");
        let bob = bench.user("bob@x");
        assert_eq!((&bob["id"], &bob["active"]), (&id, &json!(true)));
        assert_eq!(asked(&bench.provider, "method=POST"), [""; 0]);
    }
}

#[tokio::test]
async fn entra_deletes_after_thirty_days() {
    let bench = Bench::new(Dialect::Entra, "").await;
    bench.cycle(THREE).await;
    let one = "userName\ncy@x\n";
    bench.cycle(one).await;
    let days = |n: u64| Duration::from_secs(n * 86_400);
    bench.push.pace().wait(days(29)).await;
    bench.cycle(one).await;
    assert_eq!(bench.user("ann@x")["active"], false);
    bench.push.pace().wait(days(1)).await;
    bench.cycle(one).await;
    assert_eq!(asked(&bench.provider, "method=DELETE").len(), 2);
    assert_eq!(bench.user("ann@x"), Value::Null);
}

#[tokio::test]
async fn oracle_deletes_where_that_was_chosen() {
    let bench = Bench::leaving(Dialect::Oracle, Deprovision::Delete, "").await;
    bench.cycle(THREE).await;
    let report = bench.cycle("userName\ncy@x\n").await;
    assert_eq!(report.done["deleted"], 2);
    assert_eq!(bench.user("bob@x"), Value::Null);
}

#[tokio::test]
async fn okta_waits_as_long_as_retry_after_says_in_whole_seconds() {
    let fault =
        |then: &str| format!("faults: [Fault(on: (method: \"POST\", nth: [1]), then: {then})]");
    for (then, seconds) in [
        ("Status(429, retry_after_s: 37)", 37),
        ("Status(429)", 300),
        // A date is not read.
        ("Status(429, retry_after_date_s: 37)", 300),
    ] {
        let bench = Bench::new(Dialect::Okta, &fault(then)).await;
        let report = bench.cycle("userName\nann@x\n").await;
        assert!(report.is_good(), "{report:?}");
        assert_eq!(bench.waited(), seconds, "{then}");
        assert_eq!(
            asked(&bench.provider, "method=POST"),
            ["POST /Users 429", "POST /Users 201"]
        );
    }
}

#[tokio::test]
async fn okta_makes_a_failed_task_of_what_was_refused_ten_times_and_does_not_try_it_again() {
    let scenario = "faults: [Fault(on: (method: \"POST\"), then: Status(429))]";
    let bench = Bench::new(Dialect::Okta, scenario).await;
    let csv = "userName\nann@x\n";
    let report = bench.cycle(csv).await;
    assert_eq!(asked(&bench.provider, "method=POST").len(), 10);
    // 5 minutes, and twice as long eight times.
    assert_eq!(bench.waited(), 300 * 511);
    let failed = &report.failed[0];
    assert_eq!((failed.whom.as_str(), failed.status), ("ann@x", Some(429)));
    assert!(failed.next.contains("failed task"), "{}", failed.next);
    bench.cycle(csv).await;
    assert_eq!(asked(&bench.provider, "method=POST").len(), 0);
    bench.cycle("userName,title\nann@x,Head\n").await;
    assert_eq!(asked(&bench.provider, "method=POST").len(), 10);
}

#[tokio::test]
async fn entra_tries_what_failed_in_the_next_cycle() {
    let scenario =
        "faults: [Fault(on: (method: \"POST\", path: \"/Users\", nth: [2]), then: Status(500))]";
    let bench = Bench::new(Dialect::Entra, scenario).await;
    let report = bench.cycle(THREE).await;
    assert_eq!(report.failed.len(), 1, "{report:#?}");
    assert_eq!(bench.waited(), 0);
    let next = bench.push.next_cycle().unwrap();
    assert_eq!(next.to_string(), "2026-01-01T00:40:00Z");
    let report = bench.cycle(THREE).await;
    assert!(report.is_good(), "{report:#?}");
    assert_eq!(
        asked(&bench.provider, "method=POST&path=/Users"),
        ["POST /Users 201"]
    );
    // The group has its third member now, and the person a manager.
    let state = bench.provider.state().unwrap();
    assert_eq!(
        state["groups"][0]["members"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn nobody_is_made_twice_when_the_answer_is_lost() {
    for then in [
        "Disconnect",
        "Truncated(after_bytes: 10)",
        "Status(503)",
        "Malformed",
    ] {
        let fault = format!(
            "faults: [Fault(on: (method: \"POST\", nth: [2]), then: {then}, carried_out: true)]"
        );
        for (_, dialect) in Dialect::ALL {
            let bench = Bench::new(dialect, &fault).await;
            let first = bench.cycle(THREE).await;
            let mut posts = asked(&bench.provider, "method=POST&path=/Users").len();
            let report = bench.cycle(THREE).await;
            posts += asked(&bench.provider, "method=POST&path=/Users").len();
            assert!(
                report.is_good(),
                "{dialect:?} {then} {first:#?} {report:#?}"
            );
            assert_eq!(posts, 3, "{dialect:?} {then}");
            assert_eq!(
                asked(&bench.provider, "status=409").len(),
                0,
                "{dialect:?} {then}"
            );
        }
    }
}

#[tokio::test]
async fn what_was_lost_on_the_way_and_is_not_wanted_any_more_is_undone() {
    let lost = |method: &str, path: &str| {
        let on = format!("(method: \"{method}\", path: \"{path}\", nth: [1])");
        format!("faults: [Fault(on: {on}, then: Disconnect, carried_out: true)]")
    };
    let csv = |title: &str| format!("userName,title\nbob@x,{title}\n");
    // Made, unknown to us, and then taken out of the file.
    let bench = Bench::new(Dialect::Entra, &lost("POST", "/Users")).await;
    bench.cycle("userName\nann@x\n").await;
    assert_eq!(bench.user("ann@x")["active"], true);
    let report = bench.cycle(&csv("Head")).await;
    assert_eq!(report.done["deactivated"], 1, "{report:#?}");
    assert_eq!(bench.user("ann@x")["active"], false);
    let bench = Bench::new(Dialect::Entra, &lost("PATCH", "/Users/*")).await;
    bench.cycle(&csv("Head")).await;
    // Changed, unknown to us, and then changed back.
    let report = bench.cycle(&csv("Hand")).await;
    assert_eq!(report.failed.len(), 1);
    assert_eq!(bench.user("bob@x")["title"], "Hand");
    bench.cycle(&csv("Head")).await;
    assert_eq!(bench.user("bob@x")["title"], "Head");
}

#[tokio::test]
async fn who_is_deleted_behind_ones_back_is_made_anew() {
    for (_, dialect) in Dialect::ALL {
        let bench = Bench::new(dialect, "").await;
        bench.cycle(THREE).await;
        bench.provider.reset().unwrap();
        let report = bench.cycle(&THREE.replace("Head", "Chief")).await;
        assert!(
            report.failed.is_empty() || dialect != Dialect::Oracle,
            "{report:#?}"
        );
        assert_eq!(bench.user("ann@x")["title"], "Chief", "{dialect:?}");
    }
}

#[tokio::test]
async fn credentials_that_are_refused_end_the_cycle() {
    for (_, dialect) in Dialect::ALL {
        let provider = serve("").await;
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let leaving = dialect.ways().leaving;
        let push = job_as(
            provider.base_url(),
            dialect,
            leaving,
            "wrong",
            &state,
            |_| {},
        );
        let report = push.cycle(&directory(THREE)).await.unwrap();
        assert_eq!(report.requests, 1, "{dialect:?} {report:#?}");
        assert!(report.stopped.is_some() && !report.is_good());
        let is_entra = matches!(dialect, Dialect::Entra | Dialect::EntraFlag);
        assert_eq!(report.quarantine.is_some(), is_entra);
    }
}

fn answering(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let body = Full::new(Bytes::from(body.to_string()));
    Response::builder().status(status).body(body).unwrap()
}

#[tokio::test]
async fn entra_pushes_to_nobody_who_does_not_honour_its_probe() {
    let everybody = json!({"totalResults": 1, "Resources": [{"id": "1", "userName": "x"}]});
    for (status, body) in [
        (200, everybody),
        (404, json!({})),
        (200, json!([])),
        (200, json!({})),
    ] {
        let target = Upstream::start(move |_: &Request<Bytes>| answering(status, &body)).await;
        let folder = tempfile::tempdir().unwrap();
        let push = job(
            &target.base,
            Dialect::Entra,
            &folder.path().join("state"),
            |_| {},
        );
        let people = directory(THREE);
        let report = push.cycle(&people).await.unwrap();
        let quarantine = report.quarantine.unwrap();
        assert_eq!(quarantine.next.to_string(), "2026-01-01T06:00:00Z");
        assert_eq!(target.seen().len(), 1);
        // Nothing is sent before that, whatever changes.
        let report = push.cycle(&people).await.unwrap();
        assert_eq!((report.requests, report.is_good()), (0, false));
        push.pace().wait(Duration::from_hours(6)).await;
        push.cycle(&people).await.unwrap();
        assert_eq!(target.seen().len(), 2);
        push.restart().unwrap();
        push.cycle(&people).await.unwrap();
        assert_eq!(target.seen().len(), 3);
    }
}

#[tokio::test]
async fn a_target_that_has_a_bad_minute_is_not_put_into_quarantine() {
    let target = Upstream::start(|_: &Request<Bytes>| answering(503, &json!({}))).await;
    let folder = tempfile::tempdir().unwrap();
    let push = job(
        &target.base,
        Dialect::Entra,
        &folder.path().join("state"),
        |_| {},
    );
    let report = push.cycle(&directory(THREE)).await.unwrap();
    assert_eq!(
        (report.quarantine.is_none(), report.is_good()),
        (true, false)
    );
    assert_eq!(target.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_without_an_id_is_no_success() {
    let target = Upstream::start(|request: &Request<Bytes>| match request.method().as_str() {
        "POST" => answering(201, &json!({"userName": "ann@x"})),
        _ => answering(200, &json!({"totalResults": 0})),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let push = job(
        &target.base,
        Dialect::Okta,
        &folder.path().join("state"),
        |_| {},
    );
    let report = push.cycle(&directory("userName\nann@x\n")).await.unwrap();
    let trouble = &report.failed[0].trouble;
    assert!(
        trouble.contains("Create new user returned empty user"),
        "{trouble}"
    );
}

#[tokio::test]
async fn requests_carry_the_headers_of_their_identity_provider() {
    for (dialect, agent, content_type) in [
        (
            Dialect::Okta,
            Some("Okta SCIM Client 1.0.0"),
            "application/scim+json; charset=utf-8",
        ),
        (Dialect::Entra, None, "application/scim+json; charset=utf-8"),
        (Dialect::Oracle, None, "application/scim+json"),
    ] {
        let target = Upstream::start(|request: &Request<Bytes>| match request.method().as_str() {
            "POST" => answering(201, &json!({"id": "1"})),
            _ => answering(200, &json!({"totalResults": 0})),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let push = job(&target.base, dialect, &folder.path().join("state"), |_| {});
        push.cycle(&directory("userName\nann@x\n")).await.unwrap();
        for request in target.seen() {
            let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
            assert_eq!(header("user-agent"), agent);
            assert_eq!(header("authorization"), Some("Bearer token"));
            let expected = (request.method() == "POST").then_some(content_type);
            assert_eq!(header("content-type"), expected, "{dialect:?}");
        }
    }
}

#[tokio::test]
async fn several_changes_at_once_come_to_the_same() {
    let provider = serve("").await;
    let folder = tempfile::tempdir().unwrap();
    let dialect = Dialect::Entra;
    let target = Target::new(
        Base::parse(provider.base_url()).unwrap(),
        &TlsConfig::default(),
        Credentials::bearer("token").unwrap(),
        dialect,
    );
    let target = target.unwrap();
    let state = opened(&folder.path().join("state"), dialect, &target.url());
    let settings = Settings {
        dialect,
        leaving: Deprovision::Deactivate,
        seed: 7,
        parallel: 16,
    };
    let pace = Pace::waiting(START.parse().unwrap());
    let push = Push::new(settings, target, pace, state, |_| {});
    let mut csv = "userName,groups,manager\n".to_owned();
    for n in 0..100 {
        let manager = if n == 0 { "" } else { "p0" };
        writeln!(csv, "p{n},G{};All,{manager}", n % 7).unwrap();
    }
    let report = push.cycle(&directory(&csv)).await.unwrap();
    assert!(report.is_good(), "{report:#?}");
    assert_eq!(report.done["created"], 108);
    let state = provider.state().unwrap();
    assert_eq!(state["groups"].as_array().map(Vec::len), Some(8));
    assert_eq!(provider.journal("status=409").unwrap().len(), 0);
}
