//! `check`: everything that is wrong with scenario files, for people or for editors. Nothing is served.

use super::exit::{Exit, Failure};
use super::scenarios;
use crate::scenario::{self, Diagnostic, ReadError, Severity};
use crate::service;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files, or folders of them
    #[arg(value_name = "SCENARIO", required = true)]
    scenarios: Vec<PathBuf>,

    /// For people, or one JSON document for programs
    #[arg(long, value_enum, default_value_t, env = "SCIMULATE_FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// With the line that it is about, in the look of rustc
    #[default]
    Text,
    /// One document: counts, and each finding with its place
    Json,
}

/// What `--format json` prints.
#[derive(Debug, Serialize)]
struct Report {
    scenarios: usize,
    errors: usize,
    warnings: usize,
    findings: Vec<Finding>,
}

/// One thing that is wrong. Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Debug, Serialize)]
struct Finding {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    severity: &'static str,
    title: String,
    label: String,
    help: String,
    #[serde(skip)]
    rendered: String,
}

impl Finding {
    fn new(diagnostic: &Diagnostic) -> Self {
        Self {
            file: diagnostic.path().to_owned(),
            line: diagnostic.line(),
            column: diagnostic.column(),
            end_line: diagnostic.end_line(),
            end_column: diagnostic.end_column(),
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            title: diagnostic.title.clone(),
            label: diagnostic.label.clone(),
            help: diagnostic.help.clone(),
            rendered: diagnostic.coloured(),
        }
    }

    /// An error about a file as a whole.
    fn of_file(file: &Path, title: String, help: &str) -> Self {
        let head = anstyle::AnsiColor::BrightRed.on_default().bold();
        Self {
            rendered: format!("{head}error{head:#}: {title}"),
            file: file.display().to_string(),
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            severity: "error",
            title,
            label: String::new(),
            help: help.to_owned(),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut files = scenarios::files(&arguments.scenarios)?;
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    let mut findings: Vec<Finding> = Vec::new();
    for (n, title) in scenarios::clashes(&files, scenarios::are_several(&arguments.scenarios)) {
        let help = "scenarios that are served together need names of their own";
        findings.push(Finding::of_file(&files[n], title, help));
    }
    // What several scenarios extend is wrong once.
    let mut said: Vec<Diagnostic> = Vec::new();
    for file in &files {
        match scenario::read(file) {
            Ok(text) => {
                for diagnostic in service::load(file, &text).diagnostics {
                    let elsewhere = Path::new(diagnostic.path()) != file;
                    if elsewhere && said.contains(&diagnostic) {
                        continue;
                    }
                    findings.push(Finding::new(&diagnostic));
                    said.extend(elsewhere.then_some(diagnostic));
                }
            }
            Err(error) => {
                let help = match &error {
                    ReadError::Io { .. } => "name a file that is there and may be read",
                    ReadError::NotText { .. } => "save it as UTF-8",
                };
                findings.push(Finding::of_file(file, error.to_string(), help));
            }
        }
    }
    let count = |severity: &str| findings.iter().filter(|it| it.severity == severity).count();
    let report = Report {
        scenarios: files.len(),
        errors: count("error"),
        warnings: count("warning"),
        findings,
    };
    match arguments.format {
        Format::Text => print(&report),
        Format::Json => {
            let written = serde_json::to_string_pretty(&report);
            let written = written.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
            anstream::println!("{written}");
        }
    }
    Ok(if report.errors == 0 {
        Exit::Done
    } else {
        Exit::Invalid
    })
}

fn print(report: &Report) {
    for finding in &report.findings {
        anstream::println!("{}\n", finding.rendered);
    }
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let found = match (report.errors, report.warnings) {
        (0, 0) => "nothing is wrong".to_owned(),
        (0, warnings) => counted(warnings, "warning"),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => format!(
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    };
    anstream::println!("{}: {found}", counted(report.scenarios, "scenario"));
}
