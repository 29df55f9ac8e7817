//! SIGKILL under load: what a client was answered is on disk, what is on disk is whole, and the next run goes on from there.

use crate::support::client::Client;
use crate::support::program::{Program, command};
use scimulate::exchange::folder;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};
use tempfile::TempDir;

const KILLS: u64 = 50;
const CLIENTS: u64 = 4;

/// Sends requests that no other is like until the program is gone; each that was answered is kept.
fn ask(address: SocketAddr, who: &str, answered: &Mutex<Vec<String>>, count: &AtomicU64) {
    let mut client = Client::new(address, "demo-token");
    for n in 0_u64.. {
        let asked = format!("{who}-{n}");
        // Written and read by turns.
        let (method, path) = match n % 3 {
            0 => ("POST", "/scim/v2/.search"),
            _ => ("GET", "/scim/v2/Users"),
        };
        let body =
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":1}"#;
        let body = if method == "POST" { body } else { "" };
        let path = format!("{path}?count=1&asked={asked}");
        match client.try_send(method, &path, body) {
            Ok(reply) => {
                assert_eq!(reply.status, 200, "{reply:?}");
                answered.lock().unwrap().push(asked);
                count.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => return,
        }
    }
}

#[test]
fn a_kill_at_any_moment_loses_no_answer_that_was_given_and_leaves_only_whole_files() {
    let provider = Program::start(&["serve", "--no-control", "--log", "off"]);
    let folder = TempDir::new().unwrap();
    let out = folder.path().display().to_string();
    let record = |mode| {
        let mut command = command(&["record", "--upstream", provider.base(), "--out", &out]);
        command.args(["--mode", mode, "--log", "off", "--no-control"]);
        Program::start_command(command)
    };
    let answered = Mutex::new(Vec::new());
    let mut random = 7_u64;
    for round in 0..KILLS {
        let program = record("all");
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let (until, count) = (1 + (random >> 33) % 80, AtomicU64::new(0));
        std::thread::scope(|scope| {
            let (ends, ended) = mpsc::channel::<()>();
            for client in 0..CLIENTS {
                let (answered, count, ends) = (&answered, &count, ends.clone());
                let address = program.address();
                scope.spawn(move || {
                    ask(address, &format!("{round}-{client}"), answered, count);
                    drop(ends);
                });
            }
            drop(ends);
            while count.load(Ordering::Relaxed) < until {
                assert!(
                    ended.try_recv() != Err(mpsc::TryRecvError::Disconnected),
                    "it ended"
                );
                std::thread::yield_now();
            }
            program.signal("KILL");
            // Until every client has seen it.
            assert!(ended.recv().is_err());
        });
    }
    let exchanges = folder::read(folder.path()).expect("only whole files");
    let asked = |query: &[(String, String)]| {
        let pair = query.iter().find(|(name, _)| name == "asked");
        pair.map(|(_, value)| value.clone()).unwrap()
    };
    let on_disk: HashSet<_> = exchanges
        .iter()
        .map(|(_, exchange)| asked(&exchange.request.query))
        .collect();
    assert_eq!(on_disk.len(), exchanges.len(), "no run wrote over another");
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() as u64 >= KILLS);
    let missing: Vec<_> = answered
        .iter()
        .filter(|it| !on_disk.contains(*it))
        .collect();
    assert!(missing.is_empty(), "answered and not on disk: {missing:?}");

    let program = record("new");
    let mut client = Client::new(program.address(), "demo-token");
    let (number, last) = exchanges.last().unwrap();
    let path = format!(
        "{}?count=1&asked={}",
        last.request.path,
        asked(&last.request.query)
    );
    let body = String::from_utf8(last.request.body.to_bytes().to_vec()).unwrap();
    let again = client.send(&last.request.method, &format!("/scim/v2{path}"), &body);
    let how = again.header("scimulate-match").unwrap();
    assert!(how.ends_with(&format!("; exchange={number}")), "{how}");
    let fresh = client.get("/scim/v2/Users?count=1&asked=now");
    let how = fresh.header("scimulate-match").unwrap();
    let next = how.strip_prefix("forwarded; exchange=").unwrap();
    assert!(
        next.parse::<u64>().unwrap() > *number,
        "{next} follows {number}"
    );
}
