//! A server in a process of its own: started, awaited, looked at from outside, killed when dropped.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::WORKERS;
use crate::answer::Answer;
use crate::error::LoadError;

/// The program under test.
pub(crate) const SCIMULATE: &str = env!("CARGO_BIN_EXE_scimulate");

/// Follows every verb that listens: any free port, and no access log.
const LISTEN_QUIETLY: [&str; 4] = ["--listen", "127.0.0.1:0", "--log", "off"];

/// Loading a very large scenario takes less.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    base: String,
    begun: Instant,
    ready_after: Duration,
    /// Holds the ready file; removed with the server.
    _room: TempDir,
}

impl Server {
    /// `scimulate VERB ARGUMENTS…`
    pub(crate) fn scimulate(verb: &str, arguments: &[&OsStr]) -> Result<Self, LoadError> {
        let room = room()?;
        let mut command = Command::new(SCIMULATE);
        command.arg(verb).args(arguments).args(LISTEN_QUIETLY);
        // The journal, which the control API brings, keeps every exchange and has its price; nor has the baseline one.
        if verb == "serve" {
            command.arg("--no-control");
        }
        command.arg("--ready-file");
        Self::start(command, room)
    }

    /// This program as the bare server that has this answer.
    pub(crate) fn bare(answer: &Answer) -> Result<Self, LoadError> {
        let room = room()?;
        let file = room.path().join("answer");
        answer.write(&file)?;
        let mut command = Command::new(this_program()?);
        command.arg("bare-server").arg(file);
        Self::start(command, room)
    }

    /// This program as the bare proxy in front of another server.
    pub(crate) fn bare_proxy(upstream: &Self) -> Result<Self, LoadError> {
        let mut command = Command::new(this_program()?);
        command.args(["bare-proxy", &upstream.base]);
        Self::start(command, room()?)
    }

    /// The SCIM base URL.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// `HOST:PORT` of the base URL.
    pub(crate) fn authority(&self) -> &str {
        self.after_scheme().0
    }

    /// The path of the base URL, without a slash at its end.
    pub(crate) fn path(&self) -> &str {
        self.after_scheme().1.trim_end_matches('/')
    }

    /// From just before the process was made until it said that it is ready.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Since just before the process was made.
    pub(crate) fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Resident memory in bytes, where the system has `/proc`.
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    }

    /// Processor time used so far, of the program and of the system for it, where the system has `/proc`.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The second field, the name in parentheses, may hold spaces; utime and stime are fields 14 and 15 (proc(5)).
        let (_, fields) = stat.rsplit_once(')')?;
        let mut ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>);
        let ticks = ticks.next()?.ok()? + ticks.next()?.ok()?;
        // Linux counts in hundredths of a second here, whatever the kernel's own tick.
        Some(Duration::from_millis(ticks * 10))
    }

    /// Asks it to end, as an operator would, and awaits that: how it ended.
    pub(crate) fn end(mut self) -> Result<ExitStatus, LoadError> {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .map_err(LoadError::io("run kill"))?;
        self.child
            .wait()
            .map_err(LoadError::io("look after a process"))
    }

    fn after_scheme(&self) -> (&str, &str) {
        let rest = self
            .base
            .strip_prefix("http://")
            .expect("start() has seen it");
        rest.split_at(rest.find('/').unwrap_or(rest.len()))
    }

    fn start(mut command: Command, room: TempDir) -> Result<Self, LoadError> {
        let ready = room.path().join("ready");
        command
            .arg(&ready)
            .env("TOKIO_WORKER_THREADS", WORKERS.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let program = format!("{command:?}");
        let begun = Instant::now();
        let child = command
            .spawn()
            .map_err(LoadError::io(format!("start {program}")))?;
        let mut server = Self {
            child,
            base: String::new(),
            begun,
            ready_after: Duration::ZERO,
            _room: room,
        };
        let line = server.await_file(&ready, &program)?;
        server.ready_after = begun.elapsed();
        server.base = base_in(&line).ok_or_else(|| LoadError::ReadyLine {
            program,
            line: line.trim().to_owned(),
        })?;
        Ok(server)
    }

    fn await_file(&mut self, file: &Path, program: &str) -> Result<String, LoadError> {
        while self.age() < PATIENCE {
            if let Ok(line) = fs::read_to_string(file) {
                return Ok(line);
            }
            let ended = self
                .child
                .try_wait()
                .map_err(LoadError::io("look after a process"))?;
            if let Some(status) = ended {
                return Err(LoadError::Ended {
                    program: program.to_owned(),
                    status,
                });
            }
            // Short beside what is measured with it: a start takes milliseconds.
            std::thread::sleep(Duration::from_micros(200));
        }
        Err(LoadError::NotReady {
            program: program.to_owned(),
            seconds: PATIENCE.as_secs(),
            file: file.to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn base_in(line: &str) -> Option<String> {
    let ready: serde_json::Value = serde_json::from_str(line).ok()?;
    let base = ready.get("scim")?.as_str()?;
    base.starts_with("http://").then(|| base.to_owned())
}

fn room() -> Result<TempDir, LoadError> {
    TempDir::new().map_err(LoadError::io("make a temporary folder"))
}

fn this_program() -> Result<PathBuf, LoadError> {
    std::env::current_exe().map_err(LoadError::io("find this program"))
}
