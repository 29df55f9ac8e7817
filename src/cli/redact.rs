//! `redact`: makes a recording fit to be committed, and with `--check` proves that it is.

use super::exit::{Exit, Failure};
use super::redaction::{self, KeyOptions, Redact};
use crate::exchange::folder;
use crate::exchange::recording::{self, RULES};
use crate::exchange::redact::check::{self, Leak, Needles};
use crate::exchange::redact::{Key, Level, Redactor, Tally};
use crate::exchange::{Exchange, FolderError, Recording};
use clap::Args;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the recording
    #[arg(value_name = "DIR")]
    recording: PathBuf,

    /// What is replaced [default: what was replaced when it was recorded]
    #[arg(long, value_name = "WHAT", env = "SCIMULATE_REDACT")]
    redact: Option<Redact>,

    /// Write the redacted recording into this folder, and leave the other as it is
    #[arg(
        long,
        value_name = "DIR",
        env = "SCIMULATE_OUT",
        conflicts_with = "check"
    )]
    out: Option<PathBuf>,

    /// Change nothing, and say what is left: exit code 1 where anything is
    #[arg(long)]
    check: bool,

    /// Values that must not be there, one a line: they are searched plain, escaped, URL-encoded and in base64
    #[arg(
        long,
        value_name = "FILE",
        requires = "check",
        env = "SCIMULATE_VALUES"
    )]
    values: Option<PathBuf>,

    #[command(flatten)]
    redaction: KeyOptions,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = &arguments.recording;
    let about = redaction::read(folder)?;
    let before = redaction::level_of(about.as_ref());
    // What was replaced once is gone; less is not possible.
    let asked = arguments.redact.map_or(before, Level::from);
    let level = if before == Level::Pii { before } else { asked };
    let exchanges = folder::recorded_named(folder).map_err(Failure::invalid)?;
    if arguments.check {
        return search(arguments, about.as_ref(), level, &exchanges);
    }
    let found = arguments.redaction.find_or_make(folder, about.as_ref())?;
    let rules = arguments.redaction.rules(folder)?;
    let redactor = Redactor::new(level, Some(found.key.clone()), rules);
    let out = arguments.out.as_deref().unwrap_or(folder);
    let elsewhere = arguments.out.is_some();
    if elsewhere {
        prepare(out)?;
    }
    found.keep(out)?;
    if elsewhere {
        take_key(folder, out)?;
    }
    for (_, _, exchange) in &exchanges {
        redactor.learn(exchange);
    }
    let failed = |error: FolderError| Failure::new(Exit::Failed, error.to_string());
    let (files, mut changed) = (exchanges.len(), 0);
    for (number, name, mut exchange) in exchanges {
        let original = exchange.clone();
        let tally = redactor.exchange(&mut exchange);
        if exchange == original && !elsewhere {
            continue;
        }
        let name = if elsewhere {
            folder::write(out, number, &exchange)
        } else {
            folder::replace(out, number, &name, &exchange)
        };
        let name = name.map_err(failed)?;
        if exchange != original {
            changed += 1;
            anstream::println!("{name}: {}", told(&tally));
        }
    }
    let about = Recording {
        redaction: level.name().to_owned(),
        key: found.key.hash(),
        ..about.unwrap_or_default()
    };
    about.write(out).map_err(failed)?;
    copy_rules(folder, out)?;
    let total = redactor.counts();
    let values: u64 = total.values().sum();
    anstream::println!(
        "{}: {values} values replaced in {changed} of {files} files ({})",
        out.display(),
        match level {
            Level::Secrets => "secrets",
            Level::Pii => "secrets and people",
        },
    );
    Ok(Exit::Done)
}

/// A folder for a recording, in which there is none yet.
fn prepare(out: &Path) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::new(
            Exit::Failed,
            format!("cannot write {}: {error}", out.display()),
        )
    };
    fs::create_dir_all(out).map_err(cannot)?;
    if fs::read_dir(out).map_err(cannot)?.next().is_some() {
        return Err(Failure::new(
            Exit::Usage,
            format!("{} is not empty; name a folder that is new", out.display()),
        ));
    }
    Ok(())
}

/// The rules belong to the recording: replay needs them too.
fn copy_rules(folder: &Path, out: &Path) -> Result<(), Failure> {
    let (from, to) = (folder.join(RULES), out.join(RULES));
    if from == to || !from.exists() {
        return Ok(());
    }
    fs::copy(&from, &to).map(|_| ()).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("cannot write {}: {error}", to.display()),
        )
    })
}

/// A key that one folder keeps is kept by the other, for a client's values are compared with it.
fn take_key(folder: &Path, out: &Path) -> Result<(), Failure> {
    match fs::read_to_string(folder.join(recording::KEY)) {
        Ok(key) => recording::keep_key(out, key.trim())
            .map_err(|error| Failure::new(Exit::Failed, error.to_string())),
        // It comes from elsewhere, or was made just now.
        Err(_) => Ok(()),
    }
}

fn search(
    arguments: &Arguments,
    about: Option<&Recording>,
    level: Level,
    exchanges: &[(u64, String, Exchange)],
) -> Result<Exit, Failure> {
    let folder = &arguments.recording;
    let key = arguments.redaction.find(folder)?;
    if key.is_some() {
        redaction::check(folder, about, key.as_ref())?;
    }
    let has_key = key.is_some();
    // A secret is known by its placeholder, whatever key that was made with; with a key there is a kind to be told.
    let any = || Key::new("whatever key, for nothing is kept of it").ok();
    let key = match level {
        Level::Secrets => key.or_else(any),
        Level::Pii => key,
    };
    let redactor = Redactor::new(level, key, arguments.redaction.rules(folder)?);
    for (_, _, exchange) in exchanges {
        redactor.learn(exchange);
    }
    let needles = match &arguments.values {
        Some(file) => Needles::of(&read(file)?),
        None => Needles::default(),
    };
    let known: HashSet<&str> = exchanges.iter().map(|it| it.1.as_str()).collect();
    let names = folder::list(folder).map_err(|error| Failure::invalid([error]))?;
    let (mut files, mut left) = (0, 0);
    for name in names {
        let path = folder.join(&name);
        if path.is_dir() {
            continue;
        }
        files += 1;
        let leaks = search_file(&path, known.contains(name.as_str()), &redactor, &needles)?;
        left += leaks.len();
        for Leak { line, column, kind } in leaks {
            anstream::println!("{}:{line}:{column}: {kind}", path.display());
        }
    }
    let given = arguments.values.is_some().then_some(&needles);
    let searched = searched(files, level, has_key, given);
    if left == 0 {
        anstream::println!("{searched}: none is left");
        return Ok(Exit::Done);
    }
    anstream::println!(
        "{searched}: {left} left; `scimulate redact {}` replaces what it knows",
        folder.display()
    );
    Ok(Exit::No)
}

fn search_file(
    path: &Path,
    is_exchange: bool,
    redactor: &Redactor,
    needles: &Needles,
) -> Result<Vec<Leak>, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Failure::new(Exit::Failed, message)
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found = Vec::new();
    if is_exchange {
        let left = check::unredacted(&text, redactor)
            .map_err(|error| Failure::new(Exit::Invalid, format!("{}: {error}", path.display())))?;
        found.extend(left);
    }
    let looks = check::suspicious(&text, redactor).into_iter();
    for leak in looks.chain(needles.find(&text)) {
        // One line, one word about it: the first search is the most exact.
        if !found.iter().any(|other: &Leak| other.line == leak.line) {
            found.push(leak);
        }
    }
    // A name says what the path of the request was.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !needles.find(&name).is_empty() {
        found.push(Leak {
            line: 0,
            column: 0,
            kind: "a given value in the name of the file".to_owned(),
        });
    }
    Ok(found)
}

/// What was searched, and for what.
fn searched(files: usize, level: Level, has_key: bool, given: Option<&Needles>) -> String {
    let what = match (level, has_key) {
        (Level::Secrets, _) => "secrets; people stay, as they do without --redact pii",
        (Level::Pii, true) => "secrets and people",
        (Level::Pii, false) => {
            "secrets and people, whose pseudonyms are known by their shape, as the key is not here"
        }
    };
    let mails = match level {
        Level::Secrets => "and keys",
        Level::Pii => "keys and mail addresses",
    };
    let values = match given {
        None => String::new(),
        Some(needles) => {
            let values = format!(
                "; for {} given values, plain, escaped, URL-encoded and in base64",
                needles.values
            );
            match needles.short {
                0 => values,
                short => format!(
                    "{values} ({short} are shorter than {} characters and were not searched)",
                    Needles::SHORTEST
                ),
            }
        }
    };
    format!(
        "searched {files} files for {what}; for tokens, credentials, {mails}, plain, URL-encoded and in base64{values}"
    )
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("cannot read {}: {error}", file.display()),
        )
    })
}

fn told(tally: &Tally) -> String {
    let parts = tally.iter().map(|(kind, count)| format!("{count} {kind}"));
    parts.collect::<Vec<_>>().join(", ")
}
