//! What `record`, `replay` and `redact` have in common: the level of a redaction, its key and its rules, from flags, the environment
//! and the folder of the recording.

use super::exit::{Exit, Failure};
use crate::exchange::Recording;
use crate::exchange::recording::{self, KeyError, RULES};
use crate::exchange::redact::{Key, Level, Redactor, Rules};
use crate::ids;
use crate::scenario;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// The key of the redaction itself, where it is not in a file.
const KEY_VARIABLE: &str = "SCIMULATE_REDACT_KEY";

/// What is replaced before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Redact {
    /// Credentials, cookies, passwords, tokens
    Secrets,
    /// People too: every personal value becomes a pseudonym, the same one everywhere
    Pii,
}

impl From<Redact> for Level {
    fn from(redact: Redact) -> Self {
        match redact {
            Redact::Secrets => Self::Secrets,
            Redact::Pii => Self::Pii,
        }
    }
}

/// Where the key and the rules come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Redaction")]
pub(super) struct KeyOptions {
    /// The key of the placeholders and pseudonyms, a text of 16 characters or more; it may also stand in `SCIMULATE_REDACT_KEY` itself
    /// [default: `.key` in the folder, made at the first recording]
    #[arg(long, value_name = "FILE", env = "SCIMULATE_REDACT_KEY_FILE")]
    redact_key: Option<PathBuf>,

    /// Rules about attributes and header fields [default: `redact.ron` in the folder, where there is one]
    #[arg(long, value_name = "FILE", env = "SCIMULATE_REDACT_RULES")]
    redact_rules: Option<PathBuf>,
}

/// A key, and whether the folder has yet to keep it.
pub(super) struct FoundKey {
    pub(super) key: Key,
    /// Its text, where it was made just now.
    made: Option<String>,
}

impl FoundKey {
    /// Keeps a key that was made just now.
    pub(super) fn keep(&self, folder: &Path) -> Result<(), Failure> {
        match &self.made {
            Some(text) => recording::keep_key(folder, text)
                .map_err(|error| Failure::new(Exit::Failed, error.to_string())),
            None => Ok(()),
        }
    }
}

impl KeyOptions {
    /// The key that is given or kept, if there is one.
    pub(super) fn find(&self, folder: &Path) -> Result<Option<Key>, Failure> {
        let refuse = |error: KeyError| {
            let exit = match error {
                KeyError::Io { .. } => Exit::Failed,
                _ => Exit::Usage,
            };
            Failure::new(exit, error.to_string())
        };
        if let Some(file) = &self.redact_key {
            return recording::key_in(file).map(Some).map_err(refuse);
        }
        #[allow(
            clippy::disallowed_methods,
            reason = "the key itself is no flag: a command line is there for everybody to read"
        )]
        let given = std::env::var(KEY_VARIABLE);
        match given {
            Ok(text) if !text.is_empty() => Key::new(&text).map(Some).map_err(|source| {
                let path = KEY_VARIABLE.into();
                refuse(KeyError::Short { path, source })
            }),
            _ => recording::kept_key(folder).map_err(refuse),
        }
    }

    /// The key to go on with, or a new one.
    pub(super) fn find_or_make(
        &self,
        folder: &Path,
        about: Option<&Recording>,
    ) -> Result<FoundKey, Failure> {
        if let Some(key) = self.find(folder)? {
            check(folder, about, Some(&key))?;
            return Ok(FoundKey { key, made: None });
        }
        if about.is_some_and(|it| !it.key.is_empty()) {
            check(folder, about, None)?;
        }
        let text = ids::secret().map_err(|_| {
            Failure::new(
                Exit::Failed,
                format!("the system gives no random bytes for a key; set {KEY_VARIABLE}"),
            )
        })?;
        let key = Key::new(&text).expect("it is long enough");
        Ok(FoundKey {
            key,
            made: Some(text),
        })
    }

    /// The rules, or everything that is wrong with them.
    pub(super) fn rules(&self, folder: &Path) -> Result<Rules, Failure> {
        let beside = folder.join(RULES);
        let file = match &self.redact_rules {
            Some(file) => file,
            None if beside.exists() => &beside,
            None => return Ok(Rules::default()),
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            let message = format!(
                "cannot read the rules of the redaction from {}: {error}",
                file.display()
            );
            Failure::new(Exit::Failed, message)
        })?;
        let (rules, diagnostics) = scenario::redaction(file, &text);
        rules.ok_or_else(|| {
            Failure::several(
                Exit::Invalid,
                diagnostics
                    .iter()
                    .map(scenario::Diagnostic::coloured)
                    .collect(),
            )
        })
    }

    /// The redaction of a recording that is there, for what is compared with it.
    pub(super) fn of_recording(&self, folder: &Path) -> Result<Redactor, Failure> {
        let about = read(folder)?;
        let level = level_of(about.as_ref());
        let key = self.find(folder)?;
        let key = match level {
            Level::Pii => {
                check(folder, about.as_ref(), key.as_ref())?;
                key
            }
            // A secret matches any other.
            Level::Secrets => key.filter(|key| about.as_ref().is_some_and(|it| it.fits(key))),
        };
        Ok(Redactor::new(level, key, self.rules(folder)?))
    }
}

/// Refuses a key that is missing or another than the recording's.
pub(super) fn check(
    folder: &Path,
    about: Option<&Recording>,
    key: Option<&Key>,
) -> Result<(), Failure> {
    let recording = folder.to_owned();
    let error = match (about, key) {
        (Some(about), Some(key)) if !about.fits(key) => KeyError::Wrong { recording },
        (_, None) => KeyError::Missing { recording },
        _ => return Ok(()),
    };
    Err(Failure::new(Exit::Usage, error.to_string()))
}

/// What a folder says about itself.
pub(super) fn read(folder: &Path) -> Result<Option<Recording>, Failure> {
    Recording::read(folder).map_err(|error| Failure::new(Exit::Invalid, error.to_string()))
}

/// How a recording was redacted.
pub(super) fn level_of(about: Option<&Recording>) -> Level {
    about
        .and_then(|it| Level::named(&it.redaction))
        .unwrap_or_default()
}
