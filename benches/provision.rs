//! A large directory pushed by `scimulate provision`, and then edited while its target fails and both ends are killed:
//! `cargo bench --bench provision`, or `-- --people 1000 --edits 100` for less of it.
//!
//! First it is pushed to a target that is well, beside a bare hyper client that sends the same requests to another such target. Then it is
//! edited, the program is killed again and again, the target answers 429 and 500, breaks off and is started again; in the end the target
//! has to hold the directory, and nobody may have been made twice. The first part is measured, the second holds or fails.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report for people"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a bench that panics has failed, and says where"
)]

#[path = "provision/bare.rs"]
mod bare;
#[path = "../tests/it/provision/crowd.rs"]
mod crowd;

use clap::Parser;
use crowd::Crowd;
use scimulate::MockProvider;
use scimulate::journal::Bounds;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Of a hundred requests some ten fail, a third of them after they were carried out.
const FAULTS: &str = r"faults: [
    Fault(on: (share: 0.03), then: Status(429, retry_after_s: 1)),
    Fault(on: (share: 0.03), then: Status(500)),
    Fault(on: (share: 0.01), then: Disconnect(reset: true)),
    Fault(on: (share: 0.015), then: Disconnect, carried_out: true),
    Fault(on: (share: 0.015), then: Status(503), carried_out: true),
]";

#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench provision --", version)]
struct Args {
    /// How many people
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// How many groups
    #[arg(long, default_value_t = 500)]
    groups: u64,
    /// How many edits, spread over the rounds
    #[arg(long, default_value_t = 1_000)]
    edits: u64,
    /// How often the program is killed; the target is started again every third time
    #[arg(long, default_value_t = 10)]
    kills: u64,
    /// As whom
    #[arg(long = "as", default_value = "entra")]
    dialect: String,
    /// Changes under way at once
    #[arg(long, default_value_t = 1)]
    parallel: usize,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    // `cargo test --benches` starts benches without it, and wants to be told that they still build.
    if !std::env::args().any(|word| word == "--bench") {
        println!("run me with: cargo bench --bench provision [-- --help]");
        return ExitCode::SUCCESS;
    }
    let args = Args::parse();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("crowd.json");
    let mut crowd = Crowd::new(7, args.people, args.groups);
    std::fs::write(&file, crowd.to_json()).unwrap();

    let provider = start("", None);
    let started = Instant::now();
    let code = run(&args, &file, &provider, true);
    let took = started.elapsed();
    assert_eq!(code, Some(0), "it is pushed");
    let exchanges = provider.journal("").unwrap();
    let requests = exchanges.len();
    println!(
        "{} people and {} groups as {}: {requests} requests in {:.2} s, {:.0} a second, from the start of the program to its end",
        args.people,
        args.groups,
        args.dialect,
        took.as_secs_f64(),
        rate(requests, took)
    );
    let beside = start("", None);
    let took = bare::send(&beside, &exchanges, args.parallel);
    println!(
        "a bare hyper client, the same requests: {:.2} s, {:.0} a second",
        took.as_secs_f64(),
        rate(requests, took)
    );
    drop((beside, exchanges));
    let started = Instant::now();
    assert_eq!(run(&args, &file, &provider, true), Some(0));
    println!(
        "once more, with nothing to do: {:.2} s",
        started.elapsed().as_secs_f64()
    );

    storm(&args, &file, &mut crowd, provider)
}

/// Everything fails that may.
fn storm(args: &Args, file: &Path, crowd: &mut Crowd, provider: MockProvider) -> ExitCode {
    let started = Instant::now();
    let mut provider = restarted(provider, FAULTS);
    let (mut killed, mut restarts, mut clashes, mut requests) = (0, 1, 0, 0);
    for round in 0..args.kills {
        for _ in 0..args.edits / args.kills.max(1) {
            crowd.edit();
        }
        std::fs::write(file, crowd.to_json()).unwrap();
        let mut child = command(args, file, &provider).spawn().unwrap();
        // Somewhere in the middle, unless it ends before.
        let each = args.edits / args.kills.max(1);
        let upto = 3 + usize::try_from(crowd.draw(each.max(1))).unwrap();
        while provider.journal("").unwrap().len() < upto && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        killed += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        clashes += provider.journal("method=POST&status=409").unwrap().len();
        requests += provider.journal("").unwrap().len();
        provider.clear_journal();
        if round % 3 == 2 {
            provider = restarted(provider, FAULTS);
            restarts += 1;
        }
    }
    let mut runs = 0;
    while run(args, file, &provider, false) != Some(0) {
        runs += 1;
        assert!(runs < 200, "it comes to an end");
    }
    clashes += provider.journal("method=POST&status=409").unwrap().len();
    requests += provider.journal("").unwrap().len();
    let found = crowd.differences(&provider.state().unwrap(), args.dialect != "oracle");
    println!(
        "{} edits, {killed} kills, {restarts} restarts of the target, {requests} requests of which some ten of a hundred failed, {} runs to the end, {:.1} s: {} differences, {clashes} made who were there",
        args.edits,
        runs + 1,
        started.elapsed().as_secs_f64(),
        found.len()
    );
    for difference in found.iter().take(20) {
        eprintln!("  {difference}");
    }
    if found.is_empty() && clashes == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn rate(requests: usize, took: Duration) -> f64 {
    requests as f64 / took.as_secs_f64()
}

fn start(faults: &str, address: Option<SocketAddr>) -> MockProvider {
    let bounds = Bounds {
        exchanges: 1_000_000,
        bytes: 4 * 1024 * 1024 * 1024,
        ..Bounds::default()
    };
    let started = Instant::now();
    loop {
        let mut builder = MockProvider::builder()
            .scenario(format!("Scenario(auth: [Bearer(\"token\")], {faults})"))
            .journal(bounds);
        if let Some(address) = address {
            builder = builder.listen(address);
        }
        match builder.start_blocking() {
            Ok(provider) => return provider,
            // The system takes a while to give a port back.
            Err(error) => assert!(started.elapsed().as_secs() < 60, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Another one at the same place, with what the first one held.
fn restarted(provider: MockProvider, faults: &str) -> MockProvider {
    let address = provider.base_url()["http://".len()..].split('/').next();
    let address = address.unwrap().parse().unwrap();
    let held = provider.state().unwrap();
    drop(provider);
    let provider = start(faults, Some(address));
    provider.put_state(held).unwrap();
    provider
}

fn command(args: &Args, file: &Path, provider: &MockProvider) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimulate"));
    command
        .arg("provision")
        .arg(file)
        .args([
            "--target",
            provider.base_url(),
            "--as",
            &args.dialect,
            "--once",
            "--token",
            "token",
        ])
        .args(["--format", "json", "--parallel", &args.parallel.to_string()])
        // Pauses are not what is looked at here.
        .args(["--speed", "1000"])
        .stdout(Stdio::null());
    command
}

fn run(args: &Args, file: &Path, provider: &MockProvider, quiet: bool) -> Option<i32> {
    let mut command = command(args, file, provider);
    if !quiet {
        command.stderr(Stdio::null());
    }
    command.status().unwrap().code()
}
