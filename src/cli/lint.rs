//! `lint`: what is wrong with the exchanges of a recording, and whose fault it is. Nothing is served or changed.

use super::exit::{Exit, Failure};
use crate::exchange::folder::{self, FolderError};
use crate::lint::report::{Report, Source, json, junit, sarif, text};
use crate::lint::{self, Rule, Severity};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the recording
    #[arg(value_name = "DIR", required_unless_present = "rules")]
    recording: Option<PathBuf>,

    /// For people, or for programs
    #[arg(long, value_enum, default_value_t, env = "SCIMULATE_FORMAT")]
    format: Format,

    /// The mildest finding that ends with exit code 1
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        default_value_t,
        env = "SCIMULATE_DENY"
    )]
    deny: Deny,

    /// Take what a product is known for as it is, and not for a note
    #[arg(long, env = "SCIMULATE_STRICT")]
    strict: bool,

    /// List the rules, and judge nothing
    #[arg(long, conflicts_with = "recording")]
    rules: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Grouped by rule, with the line of the fixture that it is about
    #[default]
    Text,
    /// One document: counts, products, and each finding with its place
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// JUnit's XML, for build servers
    Junit,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// What the RFC forbids
    #[default]
    Error,
    /// What somebody on the other side does not take as well
    Warning,
}

impl From<Deny> for Severity {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::Error => Self::Error,
            Deny::Warning => Self::Warning,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(recording) = arguments.recording.as_deref().filter(|_| !arguments.rules) else {
        anstream::println!("{}", table(arguments.format)?);
        return Ok(Exit::Done);
    };
    let report = judge(recording, arguments.strict).map_err(|errors| {
        Failure::several(
            Exit::Invalid,
            errors.iter().map(ToString::to_string).collect(),
        )
    })?;
    let denied = Severity::from(arguments.deny);
    let printed = match arguments.format {
        Format::Text => text(&report, true),
        Format::Json => pretty(&json(&report))?,
        Format::Sarif => pretty(&sarif(&report))?,
        Format::Junit => junit(&report, denied).trim_end().to_owned(),
    };
    anstream::println!("{printed}");
    let worst = report.findings.iter().map(|it| it.severity).max();
    Ok(if worst.is_some_and(|worst| worst >= denied) {
        Exit::Differs
    } else {
        Exit::Done
    })
}

fn judge(recording: &Path, strict: bool) -> Result<Report, Vec<FolderError>> {
    let exchanges = folder::read(recording)?;
    if exchanges.is_empty() {
        let path = recording.to_owned();
        return Err(vec![FolderError::Empty { path }]);
    }
    let numbered = exchanges
        .iter()
        .map(|(number, exchange)| (*number, exchange));
    let (findings, judge) = lint::judge(numbered, strict);
    let mut sources = BTreeMap::new();
    let files: BTreeMap<u64, PathBuf> = folder::files(recording)
        .map_err(|error| vec![error])?
        .into_iter()
        .collect();
    for number in findings.iter().map(|it| it.exchange) {
        if let Some(path) = files
            .get(&number)
            .filter(|_| !sources.contains_key(&number))
        {
            let text = fs::read_to_string(path).map_err(|source| {
                vec![FolderError::Read {
                    path: path.clone(),
                    source,
                }]
            })?;
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            sources.insert(number, Source { name, text });
        }
    }
    Ok(Report {
        recording: recording.display().to_string(),
        exchanges: exchanges.len(),
        sources,
        findings,
        recognised: judge.fingerprints().recognised(),
    })
}

/// The table of rules.
fn table(format: Format) -> Result<String, Failure> {
    if format != Format::Text {
        let rules: Vec<Value> = lint::rules().map(document).collect();
        return pretty(&json!({ "rules": rules }));
    }
    let lines = lint::rules().map(|rule| {
        format!(
            "{:15} {:9} {:8} {}\n{:34} {}: {}\n{:34} {}",
            rule.id,
            rule.side.name(),
            rule.severity.name(),
            rule.wrong,
            "",
            rule.section,
            rule.why,
            "",
            rule.help,
        )
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn document(rule: &'static Rule) -> Value {
    json!({
        "rule": rule.id,
        "side": rule.side.name(),
        "severity": rule.severity.name(),
        "section": rule.section,
        "wrong": rule.wrong,
        "why": rule.why,
        "help": rule.help,
        "known": lint::fingerprint::known_of(rule),
    })
}

fn pretty(document: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(document)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}
