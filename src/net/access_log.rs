//! One line an exchange: time, method, path, status, injected fault, how long, tenant, where it is recorded; and one a connection that did not come as far as one.
//! Query strings are personal data and are not shown.
//!
//! A thread of its own writes, so that a slow terminal slows nobody; what it cannot keep up with is counted and said.

use crate::clock;
use anstyle::{AnsiColor, Style};
use http::{Method, Request, StatusCode};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How many lines may wait for the terminal.
const WAITING: usize = 8192;

/// Whether exchanges are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogMode {
    /// A line each.
    On,
    /// Not at all.
    Off,
}

/// Where lines go. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct AccessLog(Option<Arc<Writer>>);

#[derive(Debug)]
struct Writer {
    lines: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
enum Entry {
    Exchange(Line),
    Failed(String),
}

/// One exchange as it is logged.
#[derive(Debug)]
pub(super) struct Line {
    method: Method,
    path: String,
    /// `None` when no answer was sent.
    status: Option<StatusCode>,
    elapsed: Duration,
    tenant: Option<String>,
    fault: Option<String>,
    /// Where it is recorded, or which recorded exchange answered.
    recorded: Option<String>,
}

impl AccessLog {
    /// Writes to `out`, which decides whether colours are kept.
    pub fn new(mode: LogMode, out: impl Write + Send + 'static) -> Self {
        if mode == LogMode::Off {
            return Self(None);
        }
        let (lines, waiting) = sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = dropped.clone();
        let thread = std::thread::spawn(move || write_all(&waiting, &counted, out));
        Self(Some(Arc::new(Writer {
            lines,
            dropped,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// What is known when a request arrives; `None` when nothing is logged.
    pub(super) fn line<B>(&self, request: &Request<B>) -> Option<Line> {
        self.0.as_ref().map(|_| {
            let mut path = request.uri().path().to_owned();
            if request.uri().query().is_some() {
                path.push_str("?…");
            }
            Line {
                method: request.method().clone(),
                path,
                status: None,
                elapsed: Duration::ZERO,
                tenant: None,
                fault: None,
                recorded: None,
            }
        })
    }

    pub(super) fn write(&self, line: Line) {
        self.send(Entry::Exchange(line));
    }

    /// Why a connection ended before its first exchange.
    pub(super) fn failed(&self, reason: String) {
        self.send(Entry::Failed(reason));
    }

    fn send(&self, entry: Entry) {
        let Some(writer) = &self.0 else { return };
        if let Err(TrySendError::Full(_)) = writer.lines.try_send(entry) {
            writer.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what still waits. Nothing is logged through any clone afterwards.
    pub fn finish(self) {
        let Some(writer) = self.0.and_then(Arc::into_inner) else {
            return;
        };
        drop(writer.lines);
        let thread = writer
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // A thread that panicked while writing has nothing more to say.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Line {
    pub(super) fn recorded(self, recorded: Option<String>) -> Self {
        Self { recorded, ..self }
    }

    pub(super) fn ended(
        mut self,
        status: Option<StatusCode>,
        elapsed: Duration,
        tenant: Option<&str>,
        fault: Option<&str>,
    ) -> Self {
        self.status = status;
        self.elapsed = elapsed;
        self.tenant = tenant.map(str::to_owned);
        self.fault = fault.map(str::to_owned);
        self
    }
}

fn write_all(lines: &Receiver<Entry>, dropped: &AtomicU64, mut out: impl Write) {
    // A closed terminal is no reason to stop serving: errors of writing are passed over.
    while let Ok(line) = lines.recv() {
        let _ = print(&mut out, &line);
        while let Ok(line) = lines.try_recv() {
            let _ = print(&mut out, &line);
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(
                out,
                "{lost} exchanges are not shown: they came faster than this terminal shows them"
            );
        }
        let _ = out.flush();
    }
}

fn print(out: &mut impl Write, entry: &Entry) -> std::io::Result<()> {
    let (dim, bold) = (Style::new().dimmed(), Style::new().bold());
    let time = format!("{:.3}", clock::now());
    let line = match entry {
        Entry::Exchange(line) => line,
        Entry::Failed(reason) => return writeln!(out, "{dim}{time}{dim:#} {reason}"),
    };
    let code = line.status.map(|status| status.as_u16());
    let colour = match code {
        Some(..300) => AnsiColor::Green,
        Some(300..400) => AnsiColor::Cyan,
        Some(400..500) => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    let status = colour.on_default();
    let milliseconds = line.elapsed.as_secs_f64() * 1000.0;
    let tenant = line
        .tenant
        .as_deref()
        .map_or(String::new(), |name| format!(" {name}"));
    let fault = line
        .fault
        .as_deref()
        .map_or(String::new(), |name| format!(" injected {name}"));
    let recorded = line
        .recorded
        .as_deref()
        .map_or(String::new(), |recorded| format!(" {recorded}"));
    writeln!(
        out,
        "{dim}{time}{dim:#} {bold}{:<6}{bold:#} {} {status}{}{fault}{status:#} {dim}{milliseconds:.1} ms{tenant}{recorded}{dim:#}",
        line.method.as_str(),
        line.path,
        code.map_or("---".to_owned(), |code| code.to_string()),
    )
}
