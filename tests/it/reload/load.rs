//! Three tenants under load, and every kind of reload: no request fails, no answer is of two worlds, and no write is lost where they are kept.

use super::*;
use serde_json::json;
use std::path::Path;
use std::sync::Mutex;

/// Users who all say which world they are of.
fn people(n: usize) -> String {
    let users: Vec<_> = (0..5)
        .map(|u| json!({"userName": format!("user{u}"), "title": format!("world {n}")}).to_string())
        .collect();
    format!("[{}]", users.join(","))
}

fn with(fields: &str, n: usize) -> String {
    format!("Scenario({fields} users: {})", people(n))
}

/// Reads the users of a tenant until it is told to stop; who was made by clients has no title.
fn read(address: std::net::SocketAddr, tenant: &str, stop: &AtomicBool) -> u64 {
    let mut client = Client::new(address, "");
    let mut answers = 0;
    while !stop.load(Ordering::Relaxed) {
        let path = format!("/{tenant}/scim/v2/Users?filter=title%20pr");
        let reply = client.get(&path);
        assert_eq!(reply.status, 200, "{reply:?}");
        let list = reply.json();
        let users = list["Resources"].as_array().unwrap();
        assert_eq!(users.len(), 5, "{list}");
        let first = &users[0]["title"];
        assert!(
            users.iter().all(|it| it["title"] == *first),
            "a mixture: {list}"
        );
        answers += 1;
    }
    answers
}

/// Makes users and changes them until it is told to stop; returns the path and the last acknowledged nickname of each.
fn write(address: std::net::SocketAddr, tenant: &str, stop: &AtomicBool) -> Vec<(String, String)> {
    let mut client = Client::new(address, "");
    let keeps = tenant == "keep";
    let mut made = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let n = made.len();
        let body = json!({"userName": format!("client{n}"), "nickName": "new"}).to_string();
        let reply = client.send("POST", &format!("/{tenant}/scim/v2/Users"), &body);
        // Where a reset takes them, a name is free again; it is never taken twice here.
        assert_eq!(reply.status, 201, "{reply:?}");
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/{tenant}/scim/v2/Users/{id}");
        let change = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "nickName", "value": "changed"}]}"#;
        let reply = client.send("PATCH", &path, change);
        let is_gone = !keeps && reply.status == 404;
        assert!(reply.status == 200 || is_gone, "{reply:?}");
        made.push((path, "changed".to_owned()));
    }
    made
}

fn reload(control: &mut Client, path: &str, status: u16) {
    let reply = control.send("POST", path, "");
    assert_eq!(reply.status, status, "{path}: {reply:?}");
}

fn change(folder: &Path, n: usize, program: &Program, control: &mut Client) {
    let at = |name: &str| folder.join(name);
    let keep = |n| with("on_reload: Keep,", n);
    match n % 6 {
        0 => {
            save(&at("reset.ron"), &with("", n));
            reload(control, "/tenants/reset/reload", 200);
        }
        1 => {
            save(&at("keep.ron"), &keep(n).replace("users:", "user:"));
            reload(control, "/tenants/keep/reload", 409);
        }
        2 => {
            save(&at("parts/users.json"), &people(n));
            reload(control, "/tenants/chain/reload", 200);
        }
        3 => {
            std::fs::write(at("keep.ron"), keep(n)).unwrap();
            reload(control, "/tenants/keep/reload", 200);
        }
        4 => {
            let (from, to) = if n % 12 == 4 {
                ("x.ron", "y.ron")
            } else {
                ("y.ron", "x.ron")
            };
            std::fs::rename(at(from), at(to)).unwrap();
            reload(control, "/reload", 200);
            let gone = format!("/tenants/{}/reload", from.trim_end_matches(".ron"));
            reload(control, &gone, 404);
        }
        _ => {
            // Nobody waits for it: the watcher, the signal and the next request come in whichever order.
            save(&at("keep.ron"), &keep(n));
            if cfg!(unix) {
                program.signal("HUP");
            }
        }
    }
}

#[test]
fn three_hundred_reloads_of_every_kind_fail_no_request_and_lose_no_write() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("parts")).unwrap();
    save(&at("parts/users.json"), &people(0));
    save(
        &at("parts/base.ron"),
        r#"Scenario(groups: [{"displayName": "base"}])"#,
    );
    save(
        &at("chain.ron"),
        r#"Scenario(extends: "parts/base.ron", users: "parts/users.json")"#,
    );
    save(&at("reset.ron"), &with("", 0));
    save(&at("keep.ron"), &with("on_reload: Keep,", 0));
    save(&at("x.ron"), "Scenario()");
    let program = Program::start(&["serve", "--log", "off", folder.path().to_str().unwrap()]);
    let (address, stop) = (program.address(), AtomicBool::new(false));
    let (answers, kept) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let mut control = Client::new(program.control(), "");
    std::thread::scope(|scope| {
        for tenant in ["reset", "keep", "chain"] {
            let (stop, answers, kept) = (&stop, &answers, &kept);
            scope.spawn(move || answers.fetch_add(read(address, tenant, stop), Ordering::Relaxed));
            scope.spawn(move || {
                let made = write(address, tenant, stop);
                if tenant == "keep" {
                    *kept.lock().unwrap() = made;
                }
            });
        }
        // Whatever goes wrong here, the others end.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in 1..=300 {
                change(folder.path(), n, &program, &mut control);
            }
        }));
        stop.store(true, Ordering::Relaxed);
        if let Err(panic) = done {
            std::panic::resume_unwind(panic);
        }
    });
    reload(&mut control, "/reload", 200);
    assert!(answers.into_inner() > 50, "there was load");
    let mut client = Client::new(address, "");
    let kept = kept.into_inner().unwrap();
    assert!(!kept.is_empty());
    for (path, nickname) in kept {
        let user = client.get(&path);
        assert_eq!(user.status, 200, "{path} was acknowledged");
        assert_eq!(user.json()["nickName"], nickname);
    }
    for (tenant, last) in [("reset", 300), ("keep", 299), ("chain", 296)] {
        let list = client
            .get(&format!("/{tenant}/scim/v2/Users?filter=title%20pr"))
            .json();
        assert_eq!(
            list["Resources"][0]["title"],
            format!("world {last}"),
            "{tenant}"
        );
    }
}
