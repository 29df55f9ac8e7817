//! A long time in little of it: many exchanges through one `scimulate record`, and its resident memory along the way.
//!
//! Each connection lives the lives of users, one after the other: POST, GET, a filter, PATCH, DELETE, and a GET that finds nobody. The
//! upstream is `scimulate serve`, which forgets them again. Every status is checked, and at the end there has to be a file for every
//! exchange. What is printed also goes to `soak.csv` and `soak.svg`. Linux only: the memory is what /proc says.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::error::LoadError;
use crate::people::{TOKEN, user, write_scenario};
use crate::plot::Plot;
use crate::report;
use crate::rows::{exchanges_in, recorder};
use crate::server::Server;

/// Exchanges after which memory is to stay as it is: by then every connection, buffer and thread has been there.
const SETTLED: u64 = 10_000;

/// Many exchanges through `record`, and what memory it takes along the way.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench load -- soak", version)]
pub(crate) struct Args {
    /// Exchanges, all in all
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(100..))]
    exchanges: u64,
    /// A look at the memory every so many exchanges
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Connections that are kept busy
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Folder under which the recording is written, and removed again; the system's temporary folder unless given
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Folder for soak.csv and soak.svg
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"))]
    out: PathBuf,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

/// One look at the recording proxy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Exchanges so far.
    pub(crate) exchanges: u64,
    /// Since the first.
    pub(crate) elapsed: Duration,
    /// Resident memory in bytes.
    pub(crate) resident: u64,
}

/// What the connections share.
struct Soak {
    recorder: Server,
    exchanges: u64,
    every: u64,
    begun: AtomicU64,
    done: AtomicU64,
    start: Instant,
    samples: Mutex<Vec<Sample>>,
}

/// The whole run.
pub(crate) async fn run(args: &Args) -> Result<(), LoadError> {
    let room = args.dir.as_ref().map_or_else(TempDir::new, TempDir::new_in);
    let room = room.map_err(LoadError::io("make a temporary folder"))?;
    let scenario = room.path().join("nobody.ron");
    write_scenario(&scenario, 0)?;
    let upstream = Server::scimulate("serve", &[scenario.as_os_str()])?;
    let recording = room.path().join("recording");
    let soak = Arc::new(Soak {
        recorder: recorder(&upstream, &recording)?,
        exchanges: args.exchanges,
        every: args.every,
        begun: AtomicU64::new(0),
        done: AtomicU64::new(0),
        start: Instant::now(),
        samples: Mutex::default(),
    });
    report::soak_heading(args.exchanges, args.connections);
    soak.look(0)?;
    let mut running = JoinSet::new();
    for connection in 0..args.connections {
        running.spawn(live(Arc::clone(&soak), connection));
    }
    while let Some(done) = running.join_next().await {
        done.expect("no task is cancelled, and none panics")?;
    }
    let elapsed = soak.start.elapsed();
    if !args.exchanges.is_multiple_of(args.every) {
        soak.look(args.exchanges)?;
    }
    let soak = Arc::into_inner(soak).expect("every task has ended");
    let mut samples = soak.samples.into_inner().expect("no task panics");
    samples.sort_by_key(|sample| sample.exchanges);
    // It says by its exit code whether it lost anything; what we know is what we counted.
    let ended = soak.recorder.end()?;
    let files = u64::try_from(exchanges_in(&recording)?).expect("a folder holds fewer than 2^64");
    tell(args, &samples, elapsed, files)?;
    if ended.success() {
        return Ok(());
    }
    Err(LoadError::EndedBadly(ended))
}

/// Figures, plots and files; ends badly where an exchange is missing.
fn tell(args: &Args, samples: &[Sample], elapsed: Duration, files: u64) -> Result<(), LoadError> {
    let plot = Plot::of(samples);
    report::text(&plot.text());
    // A short run has no 10,000th exchange: its first half has to do.
    let settled = SETTLED.min(args.exchanges / 2);
    let before = samples.iter().find(|sample| sample.exchanges >= settled);
    let (before, last) = before
        .zip(samples.last())
        .expect("the last exchange was looked at");
    report::soak(before, last, plot.slope(before.exchanges), elapsed, files);
    write(&args.out.join("soak.csv"), &csv(samples))?;
    write(&args.out.join("soak.svg"), &plot.svg())?;
    if files == args.exchanges {
        return Ok(());
    }
    Err(LoadError::Lost {
        answered: args.exchanges,
        files,
    })
}

fn csv(samples: &[Sample]) -> String {
    let rows = samples.iter().map(|sample| {
        format!(
            "{},{:.3},{}\n",
            sample.exchanges,
            sample.elapsed.as_secs_f64(),
            sample.resident
        )
    });
    "exchanges,seconds,resident_bytes\n".to_owned() + &rows.collect::<String>()
}

fn write(file: &Path, text: &str) -> Result<(), LoadError> {
    std::fs::write(file, text).map_err(LoadError::io(format!("write {}", file.display())))?;
    report::text(&file.display().to_string());
    Ok(())
}

impl Soak {
    /// Whether there is one more to send.
    fn one_more(&self) -> bool {
        self.begun.fetch_add(1, Ordering::Relaxed) < self.exchanges
    }

    fn one_done(&self) -> Result<(), LoadError> {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(self.every) {
            self.look(done)?;
        }
        Ok(())
    }

    fn look(&self, exchanges: u64) -> Result<(), LoadError> {
        let resident = self.recorder.resident().ok_or(LoadError::NoMemory)?;
        self.samples.lock().expect("no task panics").push(Sample {
            exchanges,
            elapsed: self.start.elapsed(),
            resident,
        });
        Ok(())
    }
}

/// One connection's users, until all exchanges are begun.
async fn live(soak: Arc<Soak>, number: u16) -> Result<(), LoadError> {
    let mut connection = Connection::open(soak.recorder.authority()).await?;
    for life in 1_u32.. {
        let name = format!("soak-{number}-{life}");
        // Known when it was made.
        let mut id = String::new();
        for step in STEPS {
            if !soak.one_more() {
                return Ok(());
            }
            let request = step.request(&soak.recorder, life, &name, &id);
            let status = connection.exchange(&request).await?;
            let answer = connection.answer(status);
            if status != step.status() {
                return Err(LoadError::Status {
                    expected: vec![step.status()],
                    found: status,
                    request: String::from_utf8_lossy(&request).into_owned(),
                    answer: format!("{answer:?}"),
                });
            }
            match step {
                Step::Post => answer.json()["id"]
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut id),
                Step::Find if answer.json()["Resources"][0]["id"] != id.as_str() => {
                    return Err(LoadError::Body {
                        row: "soak".to_owned(),
                        expected: format!("expected the filter to find {id}"),
                        answer: format!("{answer:?}"),
                    });
                }
                _ => {}
            }
            soak.one_done()?;
        }
    }
    Ok(())
}

/// What becomes of a user.
#[derive(Debug, Clone, Copy)]
enum Step {
    Post,
    Get,
    Find,
    Patch,
    Delete,
    Gone,
}

const STEPS: [Step; 6] = [
    Step::Post,
    Step::Get,
    Step::Find,
    Step::Patch,
    Step::Delete,
    Step::Gone,
];

impl Step {
    /// The status that is right (RFC 7644 section 3).
    fn status(self) -> u16 {
        match self {
            Self::Post => 201,
            Self::Get | Self::Find | Self::Patch => 200,
            Self::Delete => 204,
            Self::Gone => 404,
        }
    }

    fn request(self, recorder: &Server, life: u32, name: &str, id: &str) -> Vec<u8> {
        let one = format!("/Users/{id}");
        let (method, target, body) = match self {
            Self::Post => ("POST", "/Users".to_owned(), Some(user(life, name))),
            Self::Get | Self::Gone => ("GET", one, None),
            Self::Find => (
                "GET",
                format!("/Users?filter=userName%20eq%20%22{name}%22"),
                None,
            ),
            Self::Patch => (
                "PATCH",
                one,
                Some(json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{"op": "replace", "path": "title", "value": format!("Title {life}")}],
                })),
            ),
            Self::Delete => ("DELETE", one, None),
        };
        let body = body.map_or(String::new(), |json| json.to_string());
        let content = if body.is_empty() {
            String::new()
        } else {
            let length = body.len();
            format!("content-type: application/scim+json\r\ncontent-length: {length}\r\n")
        };
        let (authority, path) = (recorder.authority(), recorder.path());
        format!(
            "{method} {path}{target} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {TOKEN}\r\n{content}\r\n{body}"
        )
        .into_bytes()
    }
}
