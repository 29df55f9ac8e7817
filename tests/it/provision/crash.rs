//! The target fails throughout, is started again, and the process is killed in the middle, again and again, while the directory is edited:
//! in the end the service provider holds the directory, and nobody was made twice.

use super::answers::{job_as, serve};
use super::crowd::Crowd;
use crate::support::program::{PATIENCE, command, save};
use scimulate::MockProvider;
use scimulate::idp::dialect::{Deprovision, Dialect};
use scimulate::idp::directory::{Directory, load};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Of a hundred requests some thirteen fail, a third of them after they were carried out.
const FAULTS: &str = r"faults: [
    Fault(on: (share: 0.04), then: Status(429, retry_after_s: 3)),
    Fault(on: (share: 0.03), then: Status(500)),
    Fault(on: (share: 0.02), then: Disconnect(reset: true)),
    Fault(on: (share: 0.02), then: Disconnect, carried_out: true),
    Fault(on: (share: 0.02), then: Status(503), carried_out: true),
]";

fn read(crowd: &Crowd) -> Directory {
    let loaded = load(Path::new("crowd.json"), &crowd.to_json());
    loaded
        .directory
        .unwrap_or_else(|| panic!("{:#?}", loaded.diagnostics))
}

/// Another one at the same place, with what the first one held.
async fn started_again(provider: MockProvider, faults: &str) -> MockProvider {
    let address: SocketAddr = provider.base_url()["http://".len()..]
        .split('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let held = provider.state().unwrap();
    // Requests under way are cut off.
    drop(provider);
    let scenario = format!("Scenario(auth: [Bearer(\"token\")], {faults})");
    let started = Instant::now();
    loop {
        let builder = MockProvider::builder()
            .scenario(scenario.clone())
            .listen(address);
        match builder.start().await {
            Ok(provider) => {
                provider.put_state(held).unwrap();
                return provider;
            }
            // The system takes a while to give the port back.
            Err(error) => assert!(started.elapsed() < PATIENCE, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

async fn survives(dialect: Dialect, leaving: Deprovision, people: u64, groups: u64) {
    let mut crowd = Crowd::new(41, people, groups);
    let mut provider = serve(FAULTS).await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut clashes = 0;
    for round in 0..12_u64 {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = done.clone();
        let push = job_as(
            provider.base_url(),
            dialect,
            leaving,
            "token",
            &state,
            move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
            },
        );
        let directory = read(&crowd);
        // Killed after so many changes, wherever it is then.
        let (changes, steps) = (crowd.draw(people / 3 + 1), crowd.draw(40));
        let killed = async {
            while (done.load(Ordering::Relaxed) as u64) < changes {
                tokio::task::yield_now().await;
            }
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            report = push.cycle(&directory) => drop(report.unwrap()),
            () = killed => {}
        }
        drop(push);
        clashes += provider.journal("method=POST&status=409").unwrap().len();
        if round % 4 == 3 {
            provider = started_again(provider, FAULTS).await;
        }
        for _ in 0..people / 20 {
            crowd.edit();
        }
    }
    // The faults go on; it is not killed any more.
    let push = job_as(
        provider.base_url(),
        dialect,
        leaving,
        "token",
        &state,
        |_| {},
    );
    let directory = read(&crowd);
    let mut cycles = 0;
    loop {
        let report = push.cycle(&directory).await.unwrap();
        if report.is_good() {
            break;
        }
        cycles += 1;
        assert!(cycles < 60, "{report:#?}");
    }
    clashes += provider.journal("method=POST&status=409").unwrap().len();
    let held = provider.state().unwrap();
    let found = crowd.differences(&held, dialect != Dialect::Oracle);
    assert!(
        found.is_empty(),
        "{dialect:?}: {} differ\n{}",
        found.len(),
        found.join("\n")
    );
    assert_eq!(clashes, 0, "somebody was to be made who was there");
}

#[tokio::test]
async fn okta_loses_nothing_and_repeats_nothing() {
    survives(Dialect::Okta, Deprovision::Deactivate, 200, 12).await;
}

#[tokio::test]
async fn okta_with_a_custom_app_loses_nothing_and_repeats_nothing() {
    survives(Dialect::OktaAiw, Deprovision::Deactivate, 100, 8).await;
}

#[tokio::test]
async fn entra_loses_nothing_and_repeats_nothing() {
    survives(Dialect::Entra, Deprovision::Deactivate, 200, 12).await;
}

#[tokio::test]
async fn oracle_loses_nothing_and_repeats_nothing() {
    survives(Dialect::Oracle, Deprovision::Delete, 100, 8).await;
}

/// The same with the program itself, and SIGKILL.
#[test]
fn a_program_that_is_killed_goes_on_where_it_was() {
    let provider = MockProvider::builder()
        .scenario(format!("Scenario(auth: [Bearer(\"token\")], {FAULTS})"))
        .start_blocking()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crowd.json");
    let name = file.display().to_string();
    let mut crowd = Crowd::new(43, 120, 6);
    let arguments = [
        "provision",
        &name,
        "--target",
        provider.base_url(),
        "--as",
        "entra",
        "--once",
        "--token",
        "token",
        "--parallel",
        "4",
        "--format",
        "json",
    ];
    let mut asked = 0;
    for _ in 0..10 {
        save(&file, &crowd.to_json());
        let mut child = command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Somewhere in the middle; or it has ended by itself.
        let upto = asked + 20 + usize::try_from(crowd.draw(60)).unwrap();
        while asked < upto && child.try_wait().unwrap().is_none() {
            asked = provider.journal("").unwrap().len();
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for _ in 0..10 {
            crowd.edit();
        }
    }
    save(&file, &crowd.to_json());
    let ended = |_: &u32| command(&arguments).output().unwrap().status.code() == Some(0);
    let ends = (1..60).find(ended);
    assert!(ends.is_some(), "it comes to an end");
    let found = crowd.differences(&provider.state().unwrap(), true);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(provider.journal("method=POST&status=409").unwrap().len(), 0);
}
