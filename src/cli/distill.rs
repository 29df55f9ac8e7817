//! `distill`: a recording turned into a scenario, and how much of the recording the scenario explains.

use super::diff::paragraph;
use super::exit::{Exit, Failure};
use crate::distill::{About, Distilled, Report, distill};
use crate::exchange::{Recording, folder};
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of a recording
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Where the scenario goes; schemas of the provider's own go into a folder beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Write what is not explained into the scenario as overrides: faults with the recorded answers
    #[arg(long, env = "SCIMULATE_OVERRIDES")]
    overrides: bool,

    /// Replace the scenario that is there; without it, nothing that somebody may have edited is lost
    #[arg(long, env = "SCIMULATE_FORCE")]
    force: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let out = &arguments.out;
    if out.exists() && !arguments.force {
        let message = format!(
            "{} is there already; give --force to replace it, or another --out",
            out.display()
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    let stem = out.file_stem().map(|it| it.to_string_lossy().into_owned());
    let Some(stem) = stem else {
        let message = format!(
            "--out {}: expected the name of a file, like scenario.ron",
            out.display()
        );
        return Err(Failure::new(Exit::Usage, message));
    };
    let exchanges = folder::recorded(&arguments.folder).map_err(Failure::invalid)?;
    // A folder that was written by hand need not say where it comes from.
    let from = Recording::read(&arguments.folder);
    let from = from.map_err(|error| Failure::new(Exit::Invalid, error.to_string()))?;
    let about = About {
        upstream: from.as_ref().map(|it| it.upstream.clone()),
        started: from.map(|it| it.started),
        schemas: format!("{stem}-schemas"),
    };
    let distilled = distill(&exchanges, &about, arguments.overrides).map_err(|diagnostics| {
        let mut messages = vec![format!(
            "no scenario could be made of {}; please report it with the recording",
            arguments.folder.display()
        )];
        messages.extend(diagnostics.iter().map(ToString::to_string));
        Failure::several(Exit::Failed, messages)
    })?;
    write(out, &about.schemas, &distilled)?;
    anstream::print!("{}", told(&distilled.report));
    Ok(if distilled.report.is_whole() {
        Exit::Done
    } else {
        Exit::No
    })
}

fn write(out: &Path, schemas: &str, distilled: &Distilled) -> Result<(), Failure> {
    let folder = out.parent().unwrap_or(Path::new(""));
    let mut files = vec![(out.to_owned(), &distilled.scenario)];
    for (name, text) in &distilled.schemas {
        files.insert(0, (folder.join(schemas).join(name), text));
    }
    for (path, text) in files {
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
        let made = parent.map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&path, text))
            .map_err(|error| {
                Failure::new(
                    Exit::Failed,
                    format!("cannot write {}: {error}", path.display()),
                )
            })?;
    }
    Ok(())
}

/// The exchanges that are not explained, and how many are.
fn told(report: &Report) -> String {
    let mut text = String::new();
    for exchange in &report.unexplained {
        text.push_str(&paragraph(exchange));
        text.push('\n');
    }
    let Report {
        exchanges,
        explained,
        overridden,
        unanswered,
        ..
    } = report;
    let _ = write!(text, "{explained} of {exchanges} exchanges explained");
    if *overridden > 0 {
        let _ = write!(text, ", {overridden} more answered by overrides");
    }
    if *unanswered > 0 {
        let _ = write!(
            text,
            "; {unanswered} ended before their answer and were left out"
        );
    }
    text.push('\n');
    text
}
