//! One column: a directory of one size, loaded and asked; and how columns are printed.

use crate::forks;
use crate::operations::{self, GROUPS, Operation};
use scimulate::scenario;
use scimulate::service::{self, Tenant};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

const BASE: &str = "http://bench.test/scim/v2";
/// A row is measured until it has taken this long and so many turns, whichever is later.
const LENGTH: Duration = Duration::from_millis(400);
const TURNS: usize = 5;
/// Turns before the first that is measured, if they do not take longer than the row.
const WARM: usize = 1000;
const LOADING: &str = "loading, seconds";
const BEYOND: &str = "resident beyond compact JSON, bytes a user";
const COMPACT: &str = "compact JSON, bytes a user";

/// Rows by name, in order: microseconds, unless the name says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Column(Vec<(String, f64)>);

impl Column {
    /// A line a row.
    pub(crate) fn to_lines(&self) -> String {
        self.0
            .iter()
            .fold(String::new(), |mut lines, (name, value)| {
                writeln!(lines, "{value}\t{name}").expect("a String takes any text");
                lines
            })
    }

    /// What [`Column::to_lines`] wrote.
    pub(crate) fn from_lines(lines: &str) -> Self {
        let row = |line: &str| {
            let (value, name) = line.split_once('\t')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        Self(lines.lines().filter_map(row).collect())
    }

    fn get(&self, name: &str) -> Option<f64> {
        self.0
            .iter()
            .find(|(row, _)| row == name)
            .map(|(_, value)| *value)
    }
}

/// Loads so many users and measures every row.
pub(crate) fn measure(users: usize, only: Option<&str>) -> Column {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("scale.ron");
    let compact = write_scenario(&file, users).expect("a scenario can be written");
    let before = resident();
    let began = Instant::now();
    let tenant = load(&file);
    let mut column = Column(vec![(LOADING.into(), began.elapsed().as_secs_f64())]);
    if let (Some(before), Some(now)) = (before, resident()) {
        let beyond = as_f64(now.saturating_sub(before)) - as_f64(compact);
        column.0.push((BEYOND.into(), beyond / as_f64(users)));
    }
    let compact = as_f64(compact) / as_f64(users);
    column.0.push((COMPACT.into(), compact));
    // A directory is not copied, so its forks come first and are gone before it is asked.
    let (tenant, rows) = forks::measure(tenant, resident);
    column.0.extend(rows);
    for row in operations::all(users) {
        if only.is_none_or(|word| row.name.contains(word)) {
            column.0.push((row.name.clone(), median_of(&tenant, &row)));
        }
    }
    column
}

/// From the file to what answers, as `serve` does it.
fn load(file: &Path) -> Tenant {
    let text = scenario::read(file).expect("the file is there");
    let (scenario, diagnostics) = scenario::load(file, &text);
    drop(text);
    let scenario = scenario.unwrap_or_else(|| panic!("{diagnostics:?}"));
    Tenant::build(&scenario).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

/// Writes the scenario, and returns how many bytes its users take as compact JSON.
fn write_scenario(file: &Path, users: usize) -> io::Result<usize> {
    let mut out = io::BufWriter::new(std::fs::File::create(file)?);
    let mut compact = 0;
    write!(
        out,
        "Scenario(ids: Sequential(\"{{type}}-{{n}}\"), users: ["
    )?;
    for n in 0..users {
        let user = operations::user(n).to_string();
        compact += user.len();
        writeln!(out, "{user},")?;
    }
    write!(out, "], groups: [")?;
    for members in GROUPS {
        write!(out, "{{\"displayName\": \"Of {members}\", \"members\": [")?;
        for n in 0..members.min(users - 1) {
            write!(out, "\"{}\",", operations::user_name(n))?;
        }
        writeln!(out, "]}},")?;
    }
    write!(out, "])")?;
    out.flush()?;
    Ok(compact)
}

/// Resident memory of this process in bytes, where the system has `/proc`.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<usize>().ok()? * 1024)
}

/// All columns side by side, and how the last compares with the first.
pub(crate) fn print(users: &[usize], columns: &[Column]) {
    if cfg!(debug_assertions) {
        println!("NOT a release build: the figures say nothing about scimulate");
    }
    print!("{:<48}", "microseconds a request, by users");
    for users in users {
        print!(" {users:>12}");
    }
    println!("   last / first");
    let Some(last) = columns.last() else { return };
    for (name, _) in &last.0 {
        print!("{name:<48}");
        for column in columns {
            match column.get(name) {
                Some(value) => print!(" {value:>12.2}"),
                None => print!(" {:>12}", "-"),
            }
        }
        match (
            columns.first().and_then(|first| first.get(name)),
            last.get(name),
        ) {
            (Some(first), Some(last)) if first > 0.0 => println!("   {:>6.2}", last / first),
            _ => println!(),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn as_f64(number: usize) -> f64 {
    number as f64
}

/// The median of many turns, in microseconds.
fn median_of(tenant: &Tenant, row: &Operation) -> f64 {
    let first = Instant::now();
    let mut warm = 0;
    while warm < WARM && first.elapsed() < LENGTH {
        let answer = service::answer(tenant, BASE, &(row.request)(warm));
        black_box(answer).expect("nothing reloads here");
        warm += 1;
    }
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < LENGTH || times.len() < TURNS {
        let request = (row.request)(warm + times.len());
        let sent = Instant::now();
        let answer = service::answer(tenant, BASE, &request).expect("nothing reloads here");
        times.push(sent.elapsed());
        assert!(
            black_box(&answer).status().is_success(),
            "{}: {} {:?}",
            row.name,
            answer.status(),
            answer.body()
        );
    }
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
