//! `diff`: what two recordings answer differently, for people, for programs, or as `JUnit` for build servers.

use super::exit::{Exit, Failure};
use super::junit;
use crate::exchange::difference::{self, Compared, Finding, Ignored, Severity};
use crate::exchange::folder;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of a recording
    #[arg(value_name = "BEFORE")]
    before: PathBuf,

    /// The folder of another one, of the same session
    #[arg(value_name = "AFTER")]
    after: PathBuf,

    /// A path that the report prints, left out with all below it; `emails.value` is every `emails[…].value`. May be given again
    #[arg(long, value_name = "PATH")]
    ignore: Vec<String>,

    /// A file of such paths, one a line; a line that begins with `#` is for people
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,

    /// For people, one JSON document for programs, or the XML of `JUnit`
    #[arg(long, value_enum, default_value_t, env = "SCIMULATE_FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// By exchange, a line a difference
    #[default]
    Text,
    /// One document: counts, and each finding
    Json,
    /// A test case an exchange
    Junit,
}

/// The paths of the options `--ignore` and `--ignore-file`.
pub(super) fn ignored(paths: &[String], file: Option<&Path>) -> Result<Ignored, Failure> {
    let mut paths = paths.to_vec();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("--ignore-file: cannot read {}: {error}", file.display()),
            )
        })?;
        paths.extend(Ignored::lines(&text));
    }
    Ok(Ignored::new(paths))
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ignored = ignored(&arguments.ignore, arguments.ignore_file.as_deref())?;
    let [before, after] = [&arguments.before, &arguments.after].map(|path| folder::recorded(path));
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let errors = [before.err(), after.err()].into_iter().flatten().flatten();
            return Err(Failure::invalid(errors));
        }
    };
    let mut compared = difference::compare(&before, &after);
    ignored.apply(&mut compared);
    let counts = Counts::of(&compared);
    match arguments.format {
        Format::Text => anstream::print!("{}", text(&compared)),
        Format::Json => {
            let report = Report {
                before: arguments.before.display().to_string(),
                after: arguments.after.display().to_string(),
                exchanges: compared.len(),
                errors: counts.errors,
                warnings: counts.warnings,
                infos: counts.infos,
                findings: compared
                    .iter()
                    .flat_map(|it| it.findings.iter().map(|finding| Row::new(it, finding)))
                    .collect(),
            };
            let written = serde_json::to_string_pretty(&report);
            let written = written.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
            anstream::println!("{written}");
        }
        Format::Junit => {
            anstream::print!("{}", junit::document("scimulate diff", &cases(&compared)));
        }
    }
    if arguments.format == Format::Text {
        anstream::println!("{}", counts.sentence(compared.len()));
    }
    Ok(counts.exit())
}

/// How many of each.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
}

impl Counts {
    fn of(compared: &[Compared]) -> Self {
        let mut counts = Self::default();
        counts.add(compared);
        counts
    }

    pub(super) fn add(&mut self, compared: &[Compared]) {
        for finding in compared.iter().flat_map(|it| &it.findings) {
            match finding.rule.severity() {
                Severity::Error => self.errors += 1,
                Severity::Warn => self.warnings += 1,
                Severity::Info => self.infos += 1,
            }
        }
    }

    /// What is only more than before is no reason to fail.
    pub(super) fn exit(self) -> Exit {
        if self.errors + self.warnings == 0 {
            Exit::Done
        } else {
            Exit::No
        }
    }

    pub(super) fn sentence(self, exchanges: usize) -> String {
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            many => Some(format!("{many} {what}s")),
        };
        let parts = [
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(self.infos, "addition"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let exchanges = counted(exchanges, "exchange").unwrap_or_else(|| "no exchange".to_owned());
        if parts.is_empty() {
            format!("{exchanges}: nothing is different")
        } else {
            format!("{exchanges}: {}", parts.join(", "))
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    before: String,
    after: String,
    exchanges: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    findings: Vec<Row>,
}

/// A finding as programs read it.
#[derive(Debug, Serialize)]
struct Row {
    rule: &'static str,
    severity: &'static str,
    side: &'static str,
    section: &'static str,
    /// In the first recording.
    exchange: Option<u64>,
    /// In the second.
    other: Option<u64>,
    asked: String,
    resource: Option<String>,
    path: String,
    before: Option<Value>,
    after: Option<Value>,
    message: String,
    help: &'static str,
}

impl Row {
    fn new(exchange: &Compared, finding: &Finding) -> Self {
        let rule = finding.rule;
        Self {
            rule: rule.name(),
            severity: rule.severity().name(),
            side: finding.side.name(),
            section: rule.section(),
            exchange: exchange.before,
            other: exchange.after,
            asked: exchange.asked.clone(),
            resource: finding.resource.clone(),
            path: finding.path.clone(),
            before: finding.before.clone(),
            after: finding.after.clone(),
            message: format!("{}: {}", finding.path, finding.message()),
            help: rule.help(),
        }
    }
}

fn text(compared: &[Compared]) -> String {
    let mut text = String::new();
    for exchange in compared.iter().filter(|it| !it.findings.is_empty()) {
        text.push_str(&paragraph(exchange));
        text.push('\n');
    }
    text
}

/// An exchange and its differences, a line each.
pub(super) fn paragraph(exchange: &Compared) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n", heading(exchange));
    let resource = |finding: &Finding| match &finding.resource {
        Some(name) => format!("{name} "),
        None => String::new(),
    };
    let place = |finding: &Finding| format!("{}{}", resource(finding), finding.path);
    let longest = exchange.findings.iter().map(|it| place(it).chars().count());
    let width = longest.max().unwrap_or_default().min(48);
    for finding in &exchange.findings {
        let severity = finding.rule.severity();
        let style = match severity {
            Severity::Error => anstyle::AnsiColor::Red.on_default().bold(),
            Severity::Warn => anstyle::AnsiColor::Yellow.on_default(),
            Severity::Info => anstyle::AnsiColor::Cyan.on_default(),
        };
        let sent = match finding.side {
            difference::Party::Client => "  (sent)",
            difference::Party::Provider => "",
        };
        let sent = if finding.path == "exchange" { "" } else { sent };
        let line = format!(
            "  {style}{:<5}{style:#}  {:<width$}  {}{sent}\n",
            severity.name(),
            place(finding),
            shortened(&finding.message()),
        );
        text.push_str(&line);
    }
    text
}

/// `exchange 5, now 6: POST /Users`
pub(super) fn heading(exchange: &Compared) -> String {
    let number = match (exchange.before, exchange.after) {
        (Some(before), Some(after)) if before == after => format!("exchange {before}"),
        (Some(before), Some(after)) => format!("exchange {before}, now {after}"),
        (Some(before), None) => format!("exchange {before}, now gone"),
        (None, after) => format!("new exchange {}", after.unwrap_or_default()),
    };
    format!("{number}: {}", exchange.asked)
}

/// What fits a line or two.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn cases(compared: &[Compared]) -> Vec<junit::Case> {
    let case = |exchange: &Compared| {
        let (grave, more): (Vec<&Finding>, Vec<&Finding>) = exchange
            .findings
            .iter()
            .partition(|it| it.rule.severity() > Severity::Info);
        let lines = |findings: &[&Finding]| {
            let lines = findings.iter().map(|it| {
                let resource = it.resource.as_ref().map(|name| format!("{name} "));
                let (severity, resource) =
                    (it.rule.severity().name(), resource.unwrap_or_default());
                format!("{severity} {resource}{}: {}", it.path, it.message())
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        junit::Case {
            name: heading(exchange),
            failure: grave.first().map(|first| junit::Failed {
                kind: first.rule.name().to_owned(),
                message: format!("{}: {}", first.path, first.message()),
                text: lines(&grave),
            }),
            output: lines(&more),
        }
    };
    compared.iter().map(case).collect()
}
