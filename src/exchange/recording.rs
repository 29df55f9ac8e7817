//! What a recording says about itself (`recording.ron`), and the key of its redaction, which stays out of what is committed.

use super::Exchange;
use super::folder::{FolderError, write_whole};
use super::redact::{Key, ShortKey};
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::{fs, io::Write as _};

/// The file that says where a recording comes from.
pub const RECORDING: &str = "recording.ron";
/// The rules of its redaction beyond the usual ones.
pub const RULES: &str = "redact.ron";
/// The file that holds the key; it is hidden, and named in a `.gitignore`.
pub const KEY: &str = ".key";

/// Where a recording comes from. The first run that records into a folder writes it; later ones leave it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recording {
    /// The base URL of the service provider, without credentials.
    pub upstream: String,
    /// The path of the base URL that the clients used.
    pub base_path: String,
    /// When the recording began, as RFC 3339 has it.
    pub started: String,
    /// The version of this program.
    pub version: String,
    /// What was replaced before writing: `secrets`, or `pii`, which is people as well.
    pub redaction: String,
    /// A hash of the key of the redaction; empty in recordings of older versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
}

/// Why a recording cannot be read or continued with a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("cannot read the key of the redaction from {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is too short.
    #[error("{}: {source}", path.display())]
    Short {
        /// The file, or where else it comes from.
        path: PathBuf,
        /// How short.
        source: ShortKey,
    },
    /// It is another.
    #[error(
        "the key does not fit {}: it was redacted with another, so that equal values would no longer be equal; give the one that it was \
         recorded with in SCIMULATE_REDACT_KEY or --redact-key FILE",
        recording.display()
    )]
    Wrong {
        /// The recording.
        recording: PathBuf,
    },
    /// There is none.
    #[error(
        "{} was redacted with a key that is not here: expected it in {}, in SCIMULATE_REDACT_KEY or in --redact-key FILE",
        recording.display(), recording.join(KEY).display()
    )]
    Missing {
        /// The recording.
        recording: PathBuf,
    },
}

impl Recording {
    /// A recording that was not made by a proxy: of exchanges with this base URL, whose secrets are replaced.
    pub fn of(upstream: &str, exchanges: &[(u64, Exchange)]) -> Self {
        let upstream = upstream.trim_end_matches('/');
        let authority = upstream
            .split_once("://")
            .map_or(upstream, |(_, rest)| rest);
        let path = authority.find('/').map_or("", |at| &authority[at..]);
        let first = exchanges
            .first()
            .map(|(_, first)| format!("{:.3}", first.at));
        Self {
            upstream: upstream.to_owned(),
            base_path: path.to_owned(),
            started: first.unwrap_or_default(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            redaction: "secrets".to_owned(),
            key: String::new(),
        }
    }

    /// Reads the `recording.ron` of a folder; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is no recording.
    pub fn read(folder: &Path) -> Result<Option<Self>, FolderError> {
        let path = folder.join(RECORDING);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FolderError::Read { path, source }),
        };
        match ron::from_str(&text) {
            Ok(recording) => Ok(Some(recording)),
            Err(error) => Err(FolderError::Broken {
                path,
                line: error.span.start.line,
                column: error.span.start.col,
                message: error.code.to_string(),
            }),
        }
    }

    /// Writes the `recording.ron` of a folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), FolderError> {
        let layout = ron::ser::PrettyConfig::new()
            .struct_names(true)
            .new_line("\n");
        let mut text = ron::ser::to_string_pretty(self, layout).expect("strings are always RON");
        text.push('\n');
        write_whole(folder, RECORDING, &text, false).map(|_| ())
    }

    /// Whether this is the key that it was redacted with, as far as it says.
    pub fn fits(&self, key: &Key) -> bool {
        self.key.is_empty() || self.key == key.hash()
    }
}

/// The key that a folder keeps.
///
/// # Errors
/// When it is there and cannot be read.
pub fn kept_key(folder: &Path) -> Result<Option<Key>, KeyError> {
    let path = folder.join(KEY);
    match path.try_exists() {
        Ok(true) => key_in(&path).map(Some),
        Ok(false) => Ok(None),
        Err(source) => Err(KeyError::Io { path, source }),
    }
}

/// The key that is the content of a file.
///
/// # Errors
/// When it cannot be read, or is too short.
pub fn key_in(path: &Path) -> Result<Key, KeyError> {
    let text = fs::read_to_string(path).map_err(|source| KeyError::Io {
        path: path.into(),
        source,
    })?;
    Key::new(&text).map_err(|source| KeyError::Short {
        path: path.into(),
        source,
    })
}

/// Keeps a key in a folder, readable for its owner alone, and out of what git commits.
///
/// # Errors
/// When the folder cannot be written.
pub fn keep_key(folder: &Path, key: &str) -> Result<(), FolderError> {
    let path = folder.join(KEY);
    let written = || {
        fs::create_dir_all(folder)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        writeln!(options.open(&path)?, "{key}")?;
        let ignored = folder.join(".gitignore");
        let before = fs::read_to_string(&ignored).unwrap_or_default();
        if before.lines().any(|line| line.trim() == KEY) {
            return Ok(());
        }
        let apart = if before.is_empty() || before.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        fs::write(&ignored, format!("{before}{apart}{KEY}\n"))
    };
    written().map_err(|source| FolderError::Write {
        path: path.clone(),
        source,
    })
}
