//! What scimulate costs beside hyper with nothing in it: `cargo bench --bench load`.
//!
//! Each row puts a subject next to its baseline on the same machine in the same minute:
//!
//! | row | subject | baseline |
//! | --- | --- | --- |
//! | `noise …` | a bare server or proxy | another of the same: what two equal programs differ by here |
//! | `serve …` | `scimulate serve` with 100,000 users | a bare hyper server |
//! | `record …` | `scimulate record`, which writes every exchange to disk | a bare hyper reverse proxy, same upstream |
//! | `replay …` | `scimulate replay` of what was recorded from that `serve` | a bare hyper server |
//!
//! The bare server reads the request and returns the bytes (status, headers, body) of one answer of the subject. The bare
//! proxy is hyper-util's server and pooled client, bodies streamed, nothing else; both are this program, started again.
//!
//! How to read it. Load is a closed loop over keep-alive HTTP/1.1 connections; ids and names are drawn evenly over all users,
//! the same sequence for both sides. Rounds alternate subject, baseline, subject, …, so that a drifting machine hits both;
//! `ratio` is subject over baseline, round by round: median (least … most). A ratio means something when it is further
//! from 1 than the noise row. p50 and p99 are the latencies of all requests of all rounds; in a closed loop they follow from
//! the number of connections. `cpu` is the time a server's own process spent per request (Linux only): where generator and
//! server share few cores, the generator's own cost dampens `ratio` towards 1, equally for both sides, and `cpu` shows the
//! servers alone. What `record` does after the bytes are sent, and what the disk does, is part of its figure.
//!
//! Every status is checked, and so is one body a row and side; the exchanges on disk are counted. `-- --help` has the flags.
//!
//! `cargo bench --bench load -- soak` is another thing: the memory of `scimulate record` over many exchanges (`soak.rs`).
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report for people"
)]

#[path = "load/answer.rs"]
mod answer;
#[path = "load/bare.rs"]
mod bare;
#[path = "load/beside.rs"]
mod beside;
#[path = "load/connection.rs"]
mod connection;
#[path = "load/error.rs"]
mod error;
#[path = "load/generator.rs"]
mod generator;
#[path = "load/kind.rs"]
mod kind;
#[path = "load/people.rs"]
mod people;
#[path = "load/plot.rs"]
mod plot;
#[path = "load/report.rs"]
mod report;
#[path = "load/rows.rs"]
mod rows;
#[path = "load/server.rs"]
mod server;
#[path = "load/soak.rs"]
mod soak;
#[path = "load/start.rs"]
mod start;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::error::LoadError;

/// Worker threads of every server, scimulate's too; tokio reads it from the environment.
const WORKERS: usize = 2;

/// Throughput, latency, start and size of scimulate beside bare hyper.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench load --", version)]
struct Args {
    /// Only rows with one of these words in their name: `noise`, `serve`, `record`, `replay`, `PATCH`, `filter`, …; `start` is for times and sizes
    only: Vec<String>,
    /// Length of a round, at least 0.1
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = length)]
    seconds: Duration,
    /// Rounds of each side of a row
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Connections that are kept busy
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Users that are loaded before the first request
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    users: u32,
    /// Folder under which recordings are written; the system's temporary folder unless given
    #[arg(long)]
    dir: Option<PathBuf>,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

/// A round that is too short for an answer has no figures.
fn length(seconds: &str) -> Result<Duration, String> {
    let length = seconds
        .parse()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number).ok());
    length
        .filter(|length| *length >= Duration::from_millis(100))
        .ok_or_else(|| "expected seconds, 0.1 or more".to_owned())
}

impl Args {
    /// Whether a row (or `start`) was asked for.
    fn wants(&self, name: &str) -> bool {
        let mut words = name.split(|letter: char| !letter.is_alphanumeric());
        self.only.is_empty() || words.any(|word| self.only.iter().any(|only| only == word))
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["bare-server", answer, ready] => bare::serve(answer.as_ref(), ready.as_ref()),
        ["bare-proxy", upstream, ready] => bare::proxy(upstream, ready.as_ref()),
        // `cargo test --benches` starts benches without it, and wants to be told that they still build.
        words if !words.contains(&"--bench") => {
            println!("run me with: cargo bench --bench load [-- --help]");
            Ok(())
        }
        ["soak", ..] => generator_runtime(generator_threads())
            .and_then(|runtime| runtime.block_on(soak::run(&soak::Args::parse_from(words)))),
        _ => measure(&Args::parse()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The whole run.
fn measure(args: &Args) -> Result<(), LoadError> {
    let threads = generator_threads();
    report::heading(args, cores(), threads);
    generator_runtime(threads)?.block_on(rows::run(args))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The generator has half the cores, at least one.
fn generator_threads() -> usize {
    (cores() / 2).max(1)
}

fn generator_runtime(threads: usize) -> Result<tokio::runtime::Runtime, LoadError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(LoadError::io("start the generator's threads"))
}
