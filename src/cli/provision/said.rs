//! What `provision` says: lines as things happen, for people; a line of JSON a cycle, for programs.

use super::super::exit::say;
use crate::idp::dialect::Dialect;
use crate::idp::directory::Directory;
use crate::idp::push::{Event, Report};
use crate::scenario::Diagnostic;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many changes of a phase have a line each; of more, their number is said.
const LINES: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum Format {
    /// Lines, as things happen
    #[default]
    Text,
    /// A line of JSON at the end of each cycle
    Json,
}

/// Whoever speaks.
#[derive(Debug)]
pub(in crate::cli) struct Voice {
    format: Format,
    /// The phase under way: its name, how many changes it has, how many are done.
    phase: Mutex<(&'static str, usize, usize)>,
    /// What is said once.
    said: Mutex<BTreeSet<String>>,
}

impl Voice {
    pub(in crate::cli) fn new(format: Format) -> Self {
        Self {
            format,
            phase: Mutex::default(),
            said: Mutex::default(),
        }
    }

    fn line(&self, head: &str, rest: &str) {
        if self.format == Format::Text {
            anstream::println!("{head:<12} {rest}");
        }
    }

    fn once(&self, head: &str, rest: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(rest.to_owned()) {
            self.line(head, rest);
        }
    }

    pub(super) fn begin(
        &self,
        dialect: Dialect,
        target: &str,
        path: &Path,
        directory: &Directory,
        state: &Path,
    ) {
        self.line(dialect.name(), &format!("to {target}"));
        let rest = format!("{}: {}", path.display(), size(directory));
        self.line("directory", &rest);
        self.line("state", &state.display().to_string());
    }

    pub(in crate::cli) fn event(&self, event: &Event) {
        match event {
            Event::Phase { phase, changes } => {
                *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = (phase, *changes, 0);
                if *changes > LINES {
                    self.line("pushes", &format!("{changes} {phase}"));
                }
            }
            Event::Done { whom, act, what } => {
                let of_members = act.starts_with("members") || act == "all members";
                let rest = match (of_members, act.as_str()) {
                    (true, _) => format!("{whom} {}", act.trim_start_matches("members ")),
                    (false, "manager") => format!("{whom}, the manager"),
                    (false, _) => whom.clone(),
                };
                self.done(|| self.line(what, &rest));
            }
            Event::Failed(failed) => {
                let rest = format!(
                    "{}, {}: {}; {}",
                    failed.whom, failed.act, failed.trouble, failed.next
                );
                self.line("failed", &rest);
                self.done(|| {});
            }
            Event::Waits { span, reason } => {
                self.line("waits", &format!("{}: {reason}", length(*span)));
            }
            Event::LeftOut(what) => self.once("not pushed", what),
            Event::Note(note) => self.once("note", note),
        }
    }

    /// One more of the phase; of a long one, every twentieth part is said.
    fn done(&self, say: impl FnOnce()) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        phase.2 += 1;
        let (name, all, done) = *phase;
        if all <= LINES {
            say();
        } else if done % all.div_ceil(20) == 0 || done == all {
            self.line("pushed", &format!("{done} of {all} {name}"));
        }
    }

    pub(super) fn end(&self, report: &Report) {
        if self.format == Format::Json {
            anstream::println!("{}", report.to_json());
            return;
        }
        if let Some(quarantine) = &report.quarantine {
            let next = if quarantine.disabled {
                "it is not tried any more: --restart begins anew".to_owned()
            } else {
                format!(
                    "it is tried again at {:.0}, or at once with --restart",
                    quarantine.next
                )
            };
            self.line("quarantine", &format!("{}; {next}", quarantine.reason));
        } else if let Some(stopped) = &report.stopped {
            self.line("stopped", stopped);
        }
        let changes = report.changes();
        let s = if changes == 1 { "" } else { "s" };
        if report.is_good() && changes == 0 {
            self.line("done", "nothing differs");
        } else if report.requests > 0 {
            let mut rest = format!("{changes} change{s} in {} requests", report.requests);
            if !report.failed.is_empty() {
                let _ = write!(rest, ", {} failed", report.failed.len());
            }
            self.line("done", &rest);
        }
    }

    /// The directory is wrong: nothing is pushed.
    pub(super) fn wrong(&self, diagnostics: &[Diagnostic]) {
        match self.format {
            Format::Text => diagnostics.iter().for_each(|it| say(&it.coloured())),
            Format::Json => {
                let findings: Vec<Value> = diagnostics.iter().map(Diagnostic::to_json).collect();
                anstream::println!("{}", json!({"good": false, "findings": findings}));
            }
        }
    }

    pub(super) fn note(&self, note: &str) {
        self.line("note", note);
    }
}

pub(super) fn size(directory: &Directory) -> String {
    let (people, groups) = (directory.people.len(), directory.groups.len());
    let people = match people {
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    let s = if groups == 1 { "" } else { "s" };
    format!("{people}, {groups} group{s}")
}

fn length(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
