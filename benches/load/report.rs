//! What is printed.

use std::time::Duration;

use crate::generator::Round;
use crate::soak::Sample;
use crate::{Args, WORKERS};

/// What one side of a row did, over all rounds.
#[derive(Debug)]
pub(crate) struct Side {
    name: &'static str,
    rates: Vec<f64>,
    latencies: Vec<Duration>,
    cpu: Option<Duration>,
}

impl Side {
    /// Before the first round.
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            rates: Vec::new(),
            latencies: Vec::new(),
            cpu: Some(Duration::ZERO),
        }
    }

    /// Adds a round, and the server's processor time in it where that is known.
    pub(crate) fn add(&mut self, mut round: Round, cpu: Option<Duration>) {
        self.rates
            .push(as_f64(round.latencies.len()) / round.elapsed.as_secs_f64());
        self.latencies.append(&mut round.latencies);
        self.cpu = self.cpu.zip(cpu).map(|(sum, more)| sum + more);
    }

    fn print(&mut self, row: &str, ratios: &str) {
        self.latencies.sort_unstable();
        let percentile = |percent: usize| {
            let at = (self.latencies.len() * percent / 100).min(self.latencies.len() - 1);
            self.latencies[at].as_secs_f64() * 1e3
        };
        let cpu = self.cpu.map_or("-".to_owned(), |cpu| {
            format!(
                "{:.1} us",
                cpu.as_secs_f64() * 1e6 / as_f64(self.latencies.len())
            )
        });
        println!(
            "{row:<38} {:<10} {:>9} {:>8.2} {:>8.2} {cpu:>9}   {ratios}",
            self.name,
            grouped(median(&self.rates)),
            percentile(50),
            percentile(99),
        );
    }
}

/// What was asked for, on what.
pub(crate) fn heading(args: &Args, cores: usize, threads: usize) {
    println!(
        "scimulate {} beside bare hyper: {} users, {} connections, {} rounds of {} s a side, alternating",
        env!("CARGO_PKG_VERSION"),
        args.users,
        args.connections,
        args.rounds,
        args.seconds.as_secs_f64(),
    );
    println!(
        "{cores} cores; {WORKERS} worker threads a server, {threads} for the generator, which competes with the server \
         for the cores: the same for both sides of a row"
    );
    if cfg!(debug_assertions) {
        println!("NOT a release build: the figures say nothing about scimulate");
    }
}

/// Above the rows.
pub(crate) fn columns() {
    println!(
        "\n{:<38} {:<10} {:>9} {:>8} {:>8} {:>9}   ratio: median (least … most)",
        "row", "server", "req/s", "p50 ms", "p99 ms", "cpu/req"
    );
}

/// Two lines: the subject with its ratio, then the baseline.
pub(crate) fn row(name: &str, mut subject: Side, mut baseline: Side) {
    let ratios: Vec<f64> = subject
        .rates
        .iter()
        .zip(&baseline.rates)
        .map(|(one, other)| one / other)
        .collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let ratios = format!("{:.2} ({least:.2} … {most:.2})", median(&ratios));
    subject.print(name, &ratios);
    baseline.print("", "");
}

/// A time a person can compare, with its spread.
pub(crate) fn times(what: &str, times: &[Duration]) {
    let mut millis: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    let spread = match millis.as_slice() {
        [least, .., most] => {
            format!("  median of {} ({least:.1} … {most:.1})", millis.len())
        }
        _ => String::new(),
    };
    println!("{what:<48} {:>9.1} ms{spread}", median(&millis));
}

/// A size, where it is known.
pub(crate) fn size(what: &str, bytes: Option<u64>) {
    match bytes {
        Some(bytes) => println!("{what:<48} {:>9} kB", grouped(as_f64(bytes) / 1e3)),
        None => println!("{what:<48} not known on this system"),
    }
}

/// What the soak does, on what.
pub(crate) fn soak_heading(exchanges: u64, connections: u16) {
    println!(
        "scimulate {}: {exchanges} exchanges through record, {connections} connections, {WORKERS} worker threads a server",
        env!("CARGO_PKG_VERSION"),
    );
    if cfg!(debug_assertions) {
        println!("NOT a release build: the figures say nothing about scimulate");
    }
}

/// What the soak saw, from the exchange at which memory has to be settled to the last.
pub(crate) fn soak(settled: &Sample, last: &Sample, slope: f64, elapsed: Duration, files: u64) {
    let (before, after) = (as_f64(settled.resident), as_f64(last.resident));
    let growth = (after - before) / 1e3;
    let share = (after / before - 1.0) * 100.0;
    let rate = as_f64(last.exchanges) / elapsed.as_secs_f64();
    size(
        &format!("resident memory after {} exchanges", settled.exchanges),
        Some(settled.resident),
    );
    size(
        &format!("resident memory after {} exchanges", last.exchanges),
        Some(last.resident),
    );
    println!(
        "{:<48} {growth:>+9.0} kB  {share:+.1} %",
        "growth between them"
    );
    println!(
        "{:<48} {slope:>+9.2} B an exchange",
        "growth by the line that fits all in between"
    );
    println!(
        "{:<48} {:>9} a second, for {:.1} s",
        "exchanges",
        grouped(rate),
        elapsed.as_secs_f64()
    );
    let lost = last.exchanges.saturating_sub(files);
    println!(
        "{:<48} {:>9} files, {lost} exchanges lost",
        "on disk",
        grouped(as_f64(files))
    );
}

/// Lines as they are.
pub(crate) fn text(text: &str) {
    println!("{text}");
}

/// A sentence under a row.
pub(crate) fn note(text: &str) {
    println!("{:<38} {text}", "");
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

/// `12345.6` as `12,346`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count or a size.
#[allow(
    clippy::cast_precision_loss,
    reason = "counts and sizes here are far below 2^53"
)]
pub(crate) fn as_f64(value: impl TryInto<u64>) -> f64 {
    value.try_into().unwrap_or(u64::MAX) as f64
}
