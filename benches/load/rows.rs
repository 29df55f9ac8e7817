//! The rows of the comparison: who is measured beside whom, in which order, and what must hold of the answers.

use std::ffi::OsStr;
use std::path::Path;

use tempfile::TempDir;

use crate::answer::Answer;
use crate::beside::{ask, bare_with, beside, expect};
use crate::connection::Connection;
use crate::error::LoadError;
use crate::generator::{Requests, expect_status};
use crate::kind::{Kind, title};
use crate::people::{id, user, user_name, write_scenario};
use crate::report;
use crate::server::Server;
use crate::{Args, start};

/// Reading before writing, so that reads see exactly the users that were loaded.
const SERVED: [Kind; 4] = [Kind::Get, Kind::List, Kind::Patch, Kind::Post];
/// One without a body of the request, one with.
const RECORDED: [Kind; 2] = [Kind::Get, Kind::Patch];
/// Found by path, by query and by body.
const REPLAYED: [Kind; 3] = [Kind::Get, Kind::List, Kind::Patch];
/// Users in the recording that is replayed: one exchange a user and kind.
const RECORDED_USERS: u32 = 1000;
/// The running number of requests that are looked at one by one; the load counts from 1.
const PROBE: u64 = 0;

/// All rows that were asked for; times and sizes first, while nobody has added to the users.
pub(crate) async fn run(args: &Args) -> Result<(), LoadError> {
    let wanted =
        |verb: &str, kinds: &[Kind]| kinds.iter().any(|kind| args.wants(&row_name(verb, *kind)));
    let rows =
        wanted("serve", &SERVED) || wanted("record", &RECORDED) || wanted("replay", &REPLAYED);
    if !(rows || args.wants("start")) {
        report::columns();
        return noise(args).await;
    }
    let room = room(args)?;
    let scenario = room.path().join("users.ron");
    write_scenario(&scenario, args.users)?;
    let served = Server::scimulate("serve", &[scenario.as_os_str()])?;
    if args.wants("start") {
        start::measure(args.users, &served).await?;
    }
    report::columns();
    noise(args).await?;
    serve(args, &served).await?;
    record(args, &served).await?;
    replay(args, &served).await
}

/// Equal programs beside each other: what a ratio is worth on this machine.
async fn noise(args: &Args) -> Result<(), LoadError> {
    let requests = |server: &Server| Requests::new(Kind::Get, server, args.users);
    let mut body = user(1, &user_name(1));
    body["id"] = id(1).into();
    let sample = Answer {
        status: 200,
        headers: vec![(
            "content-type".to_owned(),
            "application/scim+json".to_owned(),
        )],
        body: body.to_string(),
    };
    let name = "noise: bare server beside itself";
    if args.wants(name) {
        let one = bare_with(name, &sample, Kind::Get, 1, PROBE).await?;
        let other = bare_with(name, &sample, Kind::Get, 1, PROBE).await?;
        beside(args, name, [("bare", &one), ("bare", &other)], requests).await?;
    }
    let name = "noise: bare proxy beside itself";
    if args.wants(name) {
        let upstream = bare_with(name, &sample, Kind::Get, 1, PROBE).await?;
        let (one, other) = (
            Server::bare_proxy(&upstream)?,
            Server::bare_proxy(&upstream)?,
        );
        ask(name, &one, Kind::Get, 1, PROBE).await?;
        ask(name, &other, Kind::Get, 1, PROBE).await?;
        beside(
            args,
            name,
            [("bare proxy", &one), ("bare proxy", &other)],
            requests,
        )
        .await?;
    }
    Ok(())
}

async fn serve(args: &Args, served: &Server) -> Result<(), LoadError> {
    for kind in SERVED {
        let name = row_name("serve", kind);
        if !args.wants(&name) {
            continue;
        }
        let requests = |server: &Server| Requests::new(kind, server, args.users);
        let n = args.users.div_ceil(2);
        let answer = ask(&name, served, kind, n, PROBE).await?;
        if kind == Kind::Patch {
            let after = ask(&name, served, Kind::Get, n, PROBE).await?;
            expect(
                &name,
                after.json()["title"] == title(PROBE),
                "that a GET shows the new title",
                &after,
            )?;
        }
        let bare = bare_with(&name, &answer, kind, n, PROBE).await?;
        beside(
            args,
            &name,
            [("scimulate", served), ("bare", &bare)],
            requests,
        )
        .await?;
    }
    Ok(())
}

async fn record(args: &Args, served: &Server) -> Result<(), LoadError> {
    for kind in RECORDED {
        let name = row_name("record", kind);
        if !args.wants(&name) {
            continue;
        }
        let n = args.users.div_ceil(2);
        let answer = ask(&name, served, kind, n, PROBE).await?;
        let upstream = bare_with(&name, &answer, kind, n, PROBE).await?;
        let room = room(args)?;
        let fixtures = room.path().join("recording");
        let recorder = recorder(&upstream, &fixtures)?;
        let proxy = Server::bare_proxy(&upstream)?;
        ask(&name, &proxy, kind, n, PROBE).await?;
        let through = ask(&name, &recorder, kind, n, PROBE).await?;
        expect(
            &name,
            through.body == answer.body,
            "the upstream's body",
            &through,
        )?;
        let sides = [("scimulate", &recorder), ("bare proxy", &proxy)];
        let answered = 1 + beside(args, &name, sides, |server| {
            Requests::new(kind, server, args.users)
        })
        .await?;
        let on_disk = exchanges_in(&fixtures)?;
        let holds = format!("{answered} exchanges on disk, one for every answer, not {on_disk}");
        expect(&name, on_disk == answered, &holds, &through)?;
        report::note(&format!(
            "{on_disk} exchanges on disk, one for every answer"
        ));
    }
    Ok(())
}

async fn replay(args: &Args, served: &Server) -> Result<(), LoadError> {
    let users = RECORDED_USERS.min(args.users);
    for kind in REPLAYED {
        let name = row_name("replay", kind);
        if !args.wants(&name) {
            continue;
        }
        let room = room(args)?;
        let fixtures = room.path().join("recording");
        let recorder = recorder(served, &fixtures)?;
        let mut connection = Connection::open(recorder.authority()).await?;
        for request in Requests::fixed(kind, &recorder, users).iter() {
            let status = connection.exchange(request).await?;
            expect_status(kind, status, request, &connection)?;
        }
        drop((connection, recorder));
        let replayed = Server::scimulate("replay", &[fixtures.as_os_str()])?;
        let n = users.div_ceil(2);
        let answer = ask(&name, &replayed, kind, n, n.into()).await?;
        let bare = bare_with(&name, &answer, kind, n, n.into()).await?;
        let sides = [("scimulate", &replayed), ("bare", &bare)];
        beside(args, &name, sides, |server| {
            Requests::fixed(kind, server, users)
        })
        .await?;
    }
    Ok(())
}

/// `scimulate record` before this upstream.
pub(crate) fn recorder(upstream: &Server, fixtures: &Path) -> Result<Server, LoadError> {
    let arguments: [&OsStr; 6] = [
        "--mode".as_ref(),
        "all".as_ref(),
        "--upstream".as_ref(),
        upstream.base().as_ref(),
        "--out".as_ref(),
        fixtures.as_os_str(),
    ];
    Server::scimulate("record", &arguments)
}

/// How many files of exchanges are in a folder.
pub(crate) fn exchanges_in(fixtures: &Path) -> Result<usize, LoadError> {
    let entries = std::fs::read_dir(fixtures).map_err(LoadError::io("read the recording"))?;
    let is_exchange = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    };
    Ok(entries
        .flatten()
        .filter(|entry| is_exchange(&entry.path()))
        .count())
}

fn row_name(verb: &str, kind: Kind) -> String {
    format!("{verb} {}", kind.name())
}

fn room(args: &Args) -> Result<TempDir, LoadError> {
    let room = args.dir.as_ref().map_or_else(TempDir::new, TempDir::new_in);
    room.map_err(LoadError::io("make a temporary folder"))
}
