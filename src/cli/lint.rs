//! `lint`: what is wrong with the exchanges of a recording, and whose fault it is. Nothing is served or changed.

use super::exit::{Exit, Failure};
use super::junit;
use crate::exchange::{Exchange, file, folder, har};
use crate::lint::report::{Report, Source, json, sarif, text};
use crate::lint::{self, Rule, Severity};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of a recording, or an HTTP Archive (HAR 1.2)
    #[arg(value_name = "RECORDING", required_unless_present = "rules")]
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
    /// The XML of `JUnit`, for build servers
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
    let report = judge(recording, arguments.strict)?;
    let denied = Severity::from(arguments.deny);
    let printed = match arguments.format {
        Format::Text => text(&report, true),
        Format::Json => pretty(&json(&report))?,
        Format::Sarif => pretty(&sarif(&report))?,
        Format::Junit => {
            let suite = format!("scimulate lint {}", report.recording);
            junit::document(&suite, &cases(&report, denied))
                .trim_end()
                .to_owned()
        }
    };
    anstream::println!("{printed}");
    let worst = report.findings.iter().map(|it| it.severity).max();
    Ok(if worst.is_some_and(|worst| worst >= denied) {
        Exit::No
    } else {
        Exit::Done
    })
}

fn judge(recording: &Path, strict: bool) -> Result<Report, Failure> {
    let exchanges = if recording.is_dir() {
        of_folder(recording)?
    } else {
        of_archive(recording)?
    };
    let numbered = exchanges
        .iter()
        .map(|(number, _, exchange)| (*number, exchange));
    let (findings, judge) = lint::judge(numbered, strict);
    let mut sources = BTreeMap::new();
    for (number, source, exchange) in &exchanges {
        if findings.iter().any(|it| it.exchange == *number) {
            let text = match source {
                Place::File(path) => {
                    fs::read_to_string(path).map_err(|error| unreadable(path, &error))?
                }
                Place::Archive => file::print(exchange),
            };
            let name = match source {
                Place::File(path) => path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                Place::Archive => format!("entry {number}"),
            };
            sources.insert(*number, Source { name, text });
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

/// Where an exchange stands.
enum Place {
    File(PathBuf),
    Archive,
}

type Exchanges = Vec<(u64, Place, Exchange)>;

fn of_folder(folder: &Path) -> Result<Exchanges, Failure> {
    let named = folder::recorded_named(folder).map_err(Failure::invalid)?;
    let placed = named.into_iter();
    Ok(placed
        .map(|(number, name, exchange)| (number, Place::File(folder.join(name)), exchange))
        .collect())
}

fn of_archive(path: &Path) -> Result<Exchanges, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let imported = har::read(&text, None).map_err(|errors| {
        let told = errors.iter().map(|it| format!("{}: {it}", path.display()));
        Failure::several(Exit::Invalid, told.collect())
    })?;
    let exchanges = imported.exchanges.into_iter();
    Ok(exchanges
        .map(|(number, exchange)| (number, Place::Archive, exchange))
        .collect())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let detail = format!(
        "cannot read {}: {error}; name the folder of a recording, or an archive",
        path.display()
    );
    Failure::new(Exit::Invalid, detail)
}

/// A test for each rule: one that is broken by something as bad as `denied` fails.
fn cases(report: &Report, denied: Severity) -> Vec<junit::Case> {
    let groups = report.by_rule();
    let broken = groups.iter().map(|group| {
        let first = group[0];
        let lines = group.iter().map(|it| {
            format!(
                "{} {}: {}",
                report.name(it.exchange),
                it.place.pointer,
                it.message
            )
        });
        let said = format!(
            "{}\n{}\n{}",
            first.rule.help,
            first.rule.section,
            lines.collect::<Vec<_>>().join("\n")
        );
        let fails = first.severity >= denied;
        junit::Case {
            name: name(first.rule),
            failure: fails.then(|| junit::Failed {
                kind: first.severity.name().to_owned(),
                message: format!("{} ({})", first.rule.wrong, first.side.name()),
                text: said.clone(),
            }),
            output: if fails { String::new() } else { said },
        }
    });
    let kept = lint::rules().filter(|rule| !groups.iter().any(|group| group[0].rule == *rule));
    let kept = kept.map(|rule| junit::Case {
        name: name(rule),
        failure: None,
        output: String::new(),
    });
    broken.chain(kept).collect()
}

fn name(rule: &Rule) -> String {
    format!("{} {}", rule.id, rule.wrong)
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
