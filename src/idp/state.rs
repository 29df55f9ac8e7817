//! What was pushed, in one file: a line of JSON for each thing that was learnt, the last word on each person and group counting.
//!
//! A line is written whole, in one call, before a request that changes something (what will be in doubt) and after its answer (what is
//! sure). A process that is killed at any moment leaves whole lines, and perhaps the beginning of one, which is left out. When the file is
//! opened it is written anew beside itself, without what was said before, and put in its place; a lock keeps a second process away.

use super::dialect::Dialect;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Who somebody is at the service provider, and what it was told of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// The id there; without one, whether they were made is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The user name that was told last.
    pub name: String,
    /// The attributes that were told.
    pub pushed: Map<String, Value>,
    /// Whether they may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The id of the manager there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// Paths that a request was to change whose answer is not known.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub doubt: BTreeSet<String>,
    /// Since when they are not in the directory.
    #[serde(skip_serializing_if = "Option::is_none", with = "instant")]
    pub left: Option<Timestamp>,
}

/// The same for a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupLink {
    /// The id there; without one, whether it was made is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name that was told last.
    pub name: String,
    /// What was told, besides members.
    pub pushed: Map<String, Value>,
    /// The ids there of those who were put in.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<String>,
    /// Paths that a request was to change whose answer is not known.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub doubt: BTreeSet<String>,
    /// Ids that were to come or go by a request whose answer is not known.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub doubt_members: BTreeSet<String>,
    /// It was found there, and who is in it is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

/// How the job stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Job {
    /// How many cycles were begun.
    pub cycles: u64,
    /// When something happened last, by the clock of the job.
    #[serde(skip_serializing_if = "Option::is_none", with = "instant")]
    pub latest: Option<Timestamp>,
    /// Why nothing is pushed for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
}

/// Nothing is pushed until it is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Why.
    pub reason: String,
    /// Since when.
    #[serde(with = "sure_instant")]
    pub since: Timestamp,
    /// When it is tried again.
    #[serde(with = "sure_instant")]
    pub next: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// It is not tried any more.
    #[serde(default)]
    pub disabled: bool,
}

/// All that is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// By key.
    pub people: BTreeMap<String, Link>,
    /// By key.
    pub groups: BTreeMap<String, GroupLink>,
    /// How the job stands.
    pub job: Job,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    State {
        version: u32,
        #[serde(rename = "as")]
        dialect: String,
        target: String,
    },
    Person(String, Link),
    NoPerson(String),
    PersonDoubt(String, BTreeSet<String>),
    Group(String, GroupLink),
    NoGroup(String),
    GroupDoubt(String, BTreeSet<String>),
    /// Who came, who went: sure now.
    Members(String, BTreeSet<String>, BTreeSet<String>),
    MembersDoubt(String, BTreeSet<String>),
    Job(Job),
}

const VERSION: u32 = 1;

/// Why there is no state to work with.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The system says no.
    #[error("cannot {what} the state {}: {source}; choose another place with --state FILE", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the state {} is in use by another `scimulate provision`; stop that one, or choose another with --state FILE", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// It is not what was written here.
    #[error("the state {} cannot be read: line {line}: {cause}; move it away to begin anew: people are matched then, and none is made twice", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
    /// It is of another job.
    #[error("the state {} is of {found}, and not of {wanted}; choose another with --state FILE", path.display())]
    OfAnother {
        /// Which file.
        path: PathBuf,
        /// Of which job.
        found: String,
        /// Of which it should be.
        wanted: String,
    },
}

/// The file, and what it comes to.
#[derive(Debug)]
pub struct State {
    memory: Memory,
    path: PathBuf,
    file: File,
}

impl State {
    /// Opens the state of a job, or begins one.
    ///
    /// # Errors
    /// When it is of another job, in use, or cannot be read or written.
    pub fn open(path: &Path, dialect: Dialect, target: &str) -> Result<Self, StateError> {
        let io = |what: &'static str| {
            let path = path.to_owned();
            move |source: io::Error| StateError::Io { what, path, source }
        };
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io("open"))?;
        lock(&file, path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(io("read"))?;
        let memory = read(path, &text, dialect, target)?;
        let head = Line::State {
            version: VERSION,
            dialect: dialect.name().to_owned(),
            target: target.to_owned(),
        };
        let mut anew = line(&head);
        for (key, link) in &memory.people {
            anew.push_str(&line(&Line::Person(key.clone(), link.clone())));
        }
        for (key, link) in &memory.groups {
            anew.push_str(&line(&Line::Group(key.clone(), link.clone())));
        }
        anew.push_str(&line(&Line::Job(memory.job.clone())));
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let mut fresh = options.truncate(false).open(&beside).map_err(io("write"))?;
        lock(&fresh, path)?;
        fresh.set_len(0).map_err(io("write"))?;
        fresh.write_all(anew.as_bytes()).map_err(io("write"))?;
        fresh.sync_all().map_err(io("write"))?;
        std::fs::rename(&beside, path).map_err(io("write"))?;
        Ok(Self {
            memory,
            path: path.to_owned(),
            file: fresh,
        })
    }

    /// What is known.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What is known of a person now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn person(&mut self, key: &str, link: Option<Link>) -> Result<(), StateError> {
        let key = key.to_owned();
        self.note(match link {
            Some(link) => Line::Person(key, link),
            None => Line::NoPerson(key),
        })
    }

    /// These paths of a person are about to be changed.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn doubt_person(
        &mut self,
        key: &str,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<(), StateError> {
        self.note(Line::PersonDoubt(
            key.to_owned(),
            paths.into_iter().collect(),
        ))
    }

    /// What is known of a group now, besides its members.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn group(&mut self, key: &str, link: Option<GroupLink>) -> Result<(), StateError> {
        let key = key.to_owned();
        self.note(match link {
            Some(link) => Line::Group(key, link),
            None => Line::NoGroup(key),
        })
    }

    /// These paths of a group are about to be changed.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn doubt_group(
        &mut self,
        key: &str,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<(), StateError> {
        self.note(Line::GroupDoubt(
            key.to_owned(),
            paths.into_iter().collect(),
        ))
    }

    /// These are about to come into a group, or to go.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn doubt_members(
        &mut self,
        key: &str,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), StateError> {
        self.note(Line::MembersDoubt(
            key.to_owned(),
            ids.into_iter().collect(),
        ))
    }

    /// These have come into a group, and these have gone.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn members(
        &mut self,
        key: &str,
        came: impl IntoIterator<Item = String>,
        went: impl IntoIterator<Item = String>,
    ) -> Result<(), StateError> {
        self.note(Line::Members(
            key.to_owned(),
            came.into_iter().collect(),
            went.into_iter().collect(),
        ))
    }

    /// How the job stands now.
    ///
    /// # Errors
    /// As [`State::person`].
    pub fn job(&mut self, job: Job) -> Result<(), StateError> {
        self.note(Line::Job(job))
    }

    fn note(&mut self, noted: Line) -> Result<(), StateError> {
        let text = line(&noted);
        self.file
            .write_all(text.as_bytes())
            .map_err(|source| StateError::Io {
                what: "write",
                path: self.path.clone(),
                source,
            })?;
        self.memory.learn(noted);
        Ok(())
    }
}

impl Memory {
    fn learn(&mut self, line: Line) {
        match line {
            Line::State { .. } => {}
            Line::Person(key, link) => drop(self.people.insert(key, link)),
            Line::NoPerson(key) => drop(self.people.remove(&key)),
            Line::PersonDoubt(key, paths) => {
                if let Some(link) = self.people.get_mut(&key) {
                    link.doubt.extend(paths);
                }
            }
            Line::Group(key, link) => drop(self.groups.insert(key, link)),
            Line::NoGroup(key) => drop(self.groups.remove(&key)),
            Line::GroupDoubt(key, paths) => {
                if let Some(link) = self.groups.get_mut(&key) {
                    link.doubt.extend(paths);
                }
            }
            Line::Members(key, came, went) => {
                if let Some(link) = self.groups.get_mut(&key) {
                    link.doubt_members
                        .retain(|id| !came.contains(id) && !went.contains(id));
                    link.members.retain(|id| !went.contains(id));
                    link.members.extend(came);
                }
            }
            Line::MembersDoubt(key, ids) => {
                if let Some(link) = self.groups.get_mut(&key) {
                    link.doubt_members.extend(ids);
                }
            }
            Line::Job(job) => self.job = job,
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), StateError> {
    let path = path.to_owned();
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse { path }),
        // Some file systems have no locks; a state can be kept there all the same.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(source)) => Err(StateError::Io {
            what: "lock",
            path,
            source,
        }),
    }
}

fn line(line: &Line) -> String {
    let mut text = serde_json::to_string(line).expect("names are text and values are JSON");
    text.push('\n');
    text
}

fn read(path: &Path, text: &[u8], dialect: Dialect, target: &str) -> Result<Memory, StateError> {
    let mut memory = Memory::default();
    // What has no end was being written when its process was killed.
    let Some(whole) = text.iter().rposition(|byte| *byte == b'\n') else {
        // The first line is there whole or not at all, so this is somebody's file.
        return if text.is_empty() {
            Ok(memory)
        } else {
            Err(StateError::Unreadable {
                path: path.to_owned(),
                line: 1,
                cause: "it does not begin as a state does".to_owned(),
            })
        };
    };
    let lines = text[..whole].split(|byte| *byte == b'\n');
    for (n, text) in lines.enumerate().filter(|(_, text)| !text.is_empty()) {
        let unreadable = |cause: String| StateError::Unreadable {
            path: path.to_owned(),
            line: n + 1,
            cause,
        };
        let line: Line =
            serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
        match &line {
            Line::State { version, .. } if *version != VERSION => {
                let cause = format!("it is of version {version}, and this is {VERSION}");
                return Err(unreadable(cause));
            }
            Line::State {
                dialect: name,
                target: of,
                ..
            } if name != dialect.name() || of != target => {
                return Err(StateError::OfAnother {
                    path: path.to_owned(),
                    found: format!("{name} towards {of}"),
                    wanted: format!("{} towards {target}", dialect.name()),
                });
            }
            Line::State { .. } => {}
            _ if n == 0 => return Err(unreadable("it does not begin as a state does".to_owned())),
            _ => {}
        }
        memory.learn(line);
    }
    Ok(memory)
}

/// Instants as text.
mod sure_instant {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Instants that may be absent.
mod instant {
    use jiff::Timestamp;
    use serde::{Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde asks for it in this form")]
    pub(super) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.collect_str(at),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        super::sure_instant::deserialize(from).map(Some)
    }
}
