//! A folder of exchanges: `recording.ron` and one numbered file an exchange.
//!
//! A file is whole or not there: it is written under a name that begins with a dot and then renamed. There is no `fsync`:
//! what was written survives the death of the process, SIGKILL included, but not necessarily a loss of power.

use super::recording::{RECORDING, Recording};
use super::{Exchange, file};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

/// What went wrong with a folder, with the file.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder or one of its files could not be written.
    #[error("cannot write {}: {source}; choose a folder that can be written, or make room on the disk", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder or one of its files could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold an exchange.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
        /// What was expected.
        message: String,
    },
    /// A file whose place in the order is not known.
    #[error("{}: expected a name that begins with the number of the exchange, like 0001-GET-Users-200.json", path.display())]
    Unnumbered {
        /// The file.
        path: PathBuf,
    },
    /// The folder has no exchange at all.
    #[error("{}: expected files like 0001-GET-Users-200.json and found none; record some with `scimulate record`", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// A folder that is recorded into.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    next: AtomicU64,
    sync: Sync,
}

/// When what is written is also forced to the disk, beyond the memory of the system, which a loss of power takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sync {
    /// When the system sees fit: what the program has written outlives the program.
    #[default]
    Never,
    /// Everything when the recording is closed.
    Close,
    /// Each exchange before its last byte goes on.
    Each,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
}

impl Folder {
    /// Opens a folder and makes it when it is not there. Numbers go on after the highest that it holds.
    pub fn open(path: &Path, recording: &Recording) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(|source| FolderError::Write {
            path: path.into(),
            source,
        })?;
        let highest = list(path)?
            .iter()
            .filter_map(|name| number(name))
            .max()
            .unwrap_or(0);
        if !path.join(RECORDING).exists() {
            recording.write(path)?;
        }
        Ok(Self {
            path: path.into(),
            next: AtomicU64::new(highest + 1),
            sync: Sync::default(),
        })
    }

    /// The same, forced to the disk at these moments.
    #[must_use]
    pub fn synced(self, sync: Sync) -> Self {
        Self { sync, ..self }
    }

    /// Ends the recording: forces it to the disk where that is due now.
    pub fn close(&self) -> Result<(), FolderError> {
        if self.sync != Sync::Close {
            return Ok(());
        }
        for name in list(&self.path)? {
            let path = self.path.join(name);
            let file = fs::File::open(&path).and_then(|file| file.sync_all());
            file.map_err(|source| FolderError::Write { path, source })?;
        }
        sync_folder(&self.path)
    }

    /// The number of a request that arrives now.
    pub fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Writes an exchange as it is; its secrets are replaced before.
    pub fn write(&self, number: u64, exchange: &Exchange) -> Result<Written, FolderError> {
        let text = file::print(exchange);
        let name = file_name(number, exchange);
        let path = write_whole(&self.path, &name, &text, self.sync == Sync::Each)?;
        Ok(Written {
            path,
            bytes: text.len() as u64,
        })
    }
}

/// Whether a folder holds any exchange; one that is not there holds none.
pub fn holds_exchanges(path: &Path) -> Result<bool, FolderError> {
    match list(path) {
        Ok(names) => Ok(names.iter().any(|name| is_json_file(name))),
        Err(FolderError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Reads all exchanges of a folder in the order of their numbers, or every file that is broken. Numbers may have gaps.
pub fn read(path: &Path) -> Result<Vec<(u64, Exchange)>, Vec<FolderError>> {
    let exchanges = read_named(path)?.into_iter();
    Ok(exchanges
        .map(|(number, _, exchange)| (number, exchange))
        .collect())
}

/// The exchanges of a recording: of a folder that holds one at least.
pub fn recorded(path: &Path) -> Result<Vec<(u64, Exchange)>, Vec<FolderError>> {
    at_least_one(path, read(path)?)
}

/// The same with the names of their files.
pub fn recorded_named(path: &Path) -> Result<Vec<(u64, String, Exchange)>, Vec<FolderError>> {
    at_least_one(path, read_named(path)?)
}

fn at_least_one<T>(path: &Path, read: Vec<T>) -> Result<Vec<T>, Vec<FolderError>> {
    if read.is_empty() {
        return Err(vec![FolderError::Empty { path: path.into() }]);
    }
    Ok(read)
}

fn read_named(path: &Path) -> Result<Vec<(u64, String, Exchange)>, Vec<FolderError>> {
    let mut names = list(path).map_err(|error| vec![error])?;
    names.retain(|name| is_json_file(name));
    let mut numbered = Vec::new();
    let mut errors = Vec::new();
    for name in names {
        match number(&name) {
            Some(number) => numbered.push((number, name)),
            None => errors.push(FolderError::Unnumbered {
                path: path.join(name),
            }),
        }
    }
    numbered.sort();
    let mut exchanges = Vec::with_capacity(numbered.len());
    for (number, name) in numbered {
        match read_file(&path.join(&name)) {
            Ok(exchange) => exchanges.push((number, name, exchange)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(exchanges)
    } else {
        Err(errors)
    }
}

/// Writes an exchange into a folder, under the name that says what it holds.
pub fn write(path: &Path, number: u64, exchange: &Exchange) -> Result<String, FolderError> {
    let name = file_name(number, exchange);
    write_whole(path, &name, &file::print(exchange), false)?;
    Ok(name)
}

/// Writes an exchange in place of the file `name`; it may get another name, which says what it holds now.
pub fn replace(
    path: &Path,
    number: u64,
    name: &str,
    exchange: &Exchange,
) -> Result<String, FolderError> {
    let usual = write(path, number, exchange)?;
    // The old name repeats a part of the path, and perhaps what was replaced there.
    if usual != name {
        let old = path.join(name);
        fs::remove_file(&old).map_err(|source| FolderError::Write { path: old, source })?;
    }
    Ok(usual)
}

fn read_file(path: &Path) -> Result<Exchange, FolderError> {
    let text = fs::read_to_string(path).map_err(|source| FolderError::Read {
        path: path.into(),
        source,
    })?;
    file::parse(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        // serde_json ends its message with the place, which stands before it here.
        let place = format!(" at line {line} column {column}");
        FolderError::Broken {
            path: path.into(),
            line,
            column,
            message: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
        }
    })
}

/// The names in the folder, without those that begin with a dot: a writer that was killed leaves them.
pub fn list(path: &Path) -> Result<Vec<String>, FolderError> {
    let read = |source| FolderError::Read {
        path: path.into(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(read)? {
        let name = entry
            .map_err(read)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn is_json_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn number(name: &str) -> Option<u64> {
    let (digits, _) = name.split_once('-')?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

/// `0001-GET-Users-200.json`
fn file_name(number: u64, exchange: &Exchange) -> String {
    const LONGEST: usize = 40;
    let safe = |text: &str| -> String {
        let kept = text
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
        kept.take(LONGEST).collect()
    };
    let first = exchange
        .request
        .path
        .split('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or("base");
    let method = safe(&exchange.request.method);
    format!(
        "{number:04}-{method}-{}-{}.json",
        safe(first),
        exchange.response.status
    )
}

pub(super) fn write_whole(
    folder: &Path,
    name: &str,
    text: &str,
    synced: bool,
) -> Result<PathBuf, FolderError> {
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let whole = folder.join(name);
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        if synced {
            file.sync_all()?;
        }
        fs::rename(&temporary, &whole)
    };
    write().map_err(|source| {
        // The error that matters is the first one; what is left begins with a dot and is never read.
        let _ = fs::remove_file(&temporary);
        FolderError::Write {
            path: whole.clone(),
            source,
        }
    })?;
    if synced {
        sync_folder(folder)?;
    }
    Ok(whole)
}

/// Forces the names of a folder to the disk, where it has any to force: Windows opens no folder.
fn sync_folder(folder: &Path) -> Result<(), FolderError> {
    if cfg!(windows) {
        return Ok(());
    }
    let synced = fs::File::open(folder).and_then(|it| it.sync_all());
    synced.map_err(|source| FolderError::Write {
        path: folder.into(),
        source,
    })
}
