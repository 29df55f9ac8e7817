//! `har`: a recording as an HTTP Archive (HAR 1.2), and an archive as a recording.

use super::exit::{Exit, Failure};
use super::summary::counted;
use crate::exchange::har;
use crate::exchange::{Folder, Recording, folder, recording};
use clap::{Args, Subcommand};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Write a recording as an archive, which browsers and proxies open
    Export(Export),
    /// Make a recording of an archive that a browser or a proxy saved; secrets are replaced
    Import(Import),
}

#[derive(Debug, Args)]
struct Export {
    /// The folder of the recording
    #[arg(value_name = "DIR")]
    recording: PathBuf,

    /// The file of the archive [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// The base URL in the archive [default: the recorded upstream]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
}

#[derive(Debug, Args)]
struct Import {
    /// The file of the archive
    #[arg(value_name = "FILE")]
    archive: PathBuf,

    /// The folder of the recording, which holds none yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The SCIM base URL; entries elsewhere are left out [default: that of most entries that speak SCIM]
    #[arg(long, value_name = "URL")]
    base: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.direction {
        Direction::Export(export) => write(export),
        Direction::Import(import) => read(import),
    }
}

fn write(export: &Export) -> Result<Exit, Failure> {
    let exchanges = folder::recorded(&export.recording).map_err(Failure::invalid)?;
    let base = base(export.base.as_deref())?;
    let about = match (about(&export.recording)?, base) {
        (Some(about), None) => about,
        (Some(about), Some(base)) => Recording {
            upstream: base.to_owned(),
            ..about
        },
        (None, Some(base)) => Recording::of(base, &exchanges),
        (None, None) => {
            return Err(Failure::new(
                Exit::Invalid,
                format!(
                    "{} has no {} that names the upstream; name its base URL with --base URL",
                    export.recording.display(),
                    recording::RECORDING
                ),
            ));
        }
    };
    let text = har::write(&about, &exchanges);
    match &export.out {
        None => anstream::print!("{text}"),
        Some(file) => {
            fs::write(file, text).map_err(|error| cannot("write", file, &error))?;
            anstream::eprintln!(
                "{}: {}",
                file.display(),
                counted(exchanges.len() as u64, "exchange")
            );
        }
    }
    Ok(Exit::Done)
}

fn read(import: &Import) -> Result<Exit, Failure> {
    let file = &import.archive;
    let bytes = fs::read(file).map_err(|error| {
        let message = format!("cannot read {}: {error}", file.display());
        Failure::new(Exit::Invalid, message)
    })?;
    let invalid = |why: String| Failure::new(Exit::Invalid, format!("{}: {why}", file.display()));
    let text = String::from_utf8(bytes)
        .map_err(|_| invalid("expected JSON in UTF-8, as HAR 1.2 has it".to_owned()))?;
    let imported = har::read(&text, base(import.base.as_deref())?).map_err(|errors| {
        let name = file.display();
        let say = |error: &har::HarError| match error {
            har::HarError::Json { .. } => format!("{name}:{error}"),
            error => format!("{name}: {error}"),
        };
        Failure::several(Exit::Invalid, errors.iter().map(say).collect())
    })?;
    if fs::read_dir(&import.out).is_ok_and(|mut it| it.next().is_some()) {
        return Err(Failure::new(
            Exit::Failed,
            format!(
                "{} holds something already, and an archive is not added to it; choose another folder",
                import.out.display()
            ),
        ));
    }
    let failed = |error: folder::FolderError| Failure::new(Exit::Failed, error.to_string());
    let folder = Folder::open(&import.out, &imported.recording).map_err(failed)?;
    for (number, exchange) in &imported.exchanges {
        folder.write(*number, exchange).map_err(failed)?;
    }
    let out = import.out.display();
    anstream::eprintln!(
        "{out}: {} with {}",
        counted(imported.exchanges.len() as u64, "exchange"),
        imported.recording.upstream
    );
    match imported.skipped {
        0 => {}
        1 => anstream::eprintln!("1 entry is elsewhere and left out"),
        many => anstream::eprintln!("{many} entries are elsewhere and left out"),
    }
    for other in &imported.others {
        anstream::eprintln!(
            "there is SCIM at {other} too; --base {other} makes a recording of that"
        );
    }
    Ok(Exit::Done)
}

/// `recording.ron`, which a folder that was written by hand may lack.
fn about(path: &Path) -> Result<Option<Recording>, Failure> {
    Recording::read(path).map_err(|error| Failure::new(Exit::Invalid, error.to_string()))
}

/// The base that was named, if it is one.
fn base(named: Option<&str>) -> Result<Option<&str>, Failure> {
    let is_url = |url: &str| {
        let uri = url.parse::<http::Uri>().ok();
        uri.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none()
        })
    };
    match named {
        Some(url) if !is_url(url) => Err(Failure::new(
            Exit::Usage,
            format!(
                "--base is an absolute http or https URL like https://sp.example/scim/v2, not `{url}`"
            ),
        )),
        named => Ok(named),
    }
}

fn cannot(what: &str, file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("cannot {what} {}: {error}", file.display()),
    )
}
