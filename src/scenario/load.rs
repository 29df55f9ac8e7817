//! The way in: a file's text to a scenario and everything that is wrong with it.

use super::diagnostic::{Diagnostic, Problem, Severity};
use super::node::Node;
use super::reader::Reader;
use super::texts::Texts;
use super::{Entry, NamedFile, Scenario, extends, file};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A scenario file that could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system says no.
    #[error("cannot read the scenario {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not text.
    #[error("the scenario {} is not UTF-8 text: byte {offset} does not belong there; save it as UTF-8", path.display())]
    NotText {
        /// Which file.
        path: PathBuf,
        /// The first byte that is wrong, from 0.
        offset: usize,
    },
}

/// The text of a scenario file.
pub fn read(path: &Path) -> Result<String, ReadError> {
    let bytes = fs::read(path).map_err(|source| ReadError::Io {
        path: path.into(),
        source,
    })?;
    String::from_utf8(bytes).map_err(|error| ReadError::NotText {
        path: path.into(),
        offset: error.utf8_error().valid_up_to(),
    })
}

/// The scenario files of a folder, in the order of their names: what ends in `.ron` and is not hidden, for editors put locks and
/// copies beside what they edit.
///
/// # Errors
/// When the folder cannot be read.
pub fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if path.extension().is_some_and(|it| it == "ron")
            && !name.starts_with(b".")
            && !path.is_dir()
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What a text comes to, be it right or not.
#[derive(Debug)]
pub struct Draft {
    /// What could be understood, with defaults for the rest; nothing if the file holds no scenario at all.
    pub scenario: Option<Scenario>,
    /// All errors and warnings, in the order of the file, those of the files that it names behind.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that it names, as they were when it was read, whether or not they could be.
    pub files: Vec<NamedFile>,
    /// How much can be said of the resources in it.
    pub sound: Sound,
}

/// How much can be said of the resources of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    /// Nothing: schemas or types are missing.
    Nothing,
    /// Each by itself; others may be missing.
    Each,
    /// Everything.
    All,
}

/// Reads a scenario, as far as it can be read. `path` is what diagnostics call it; its stem names the tenant.
pub fn draft(path: &Path, text: &str) -> Draft {
    drafted(Texts::default(), path, text)
}

/// The same with a text that comes from who knows where: it may name no files, and none is looked at. Diagnostics call it `scenario`.
pub fn draft_alone(text: &str) -> Draft {
    drafted(Texts::alone(), Path::new("scenario"), text)
}

fn drafted(texts: Texts, path: &Path, text: &str) -> Draft {
    drafted_as(texts, path, text, |node| node)
}

/// The same where `form` makes a scenario of the tree of the text.
pub(super) fn drafted_as(
    mut texts: Texts,
    path: &Path,
    text: &str,
    form: impl FnOnce(Node) -> Node,
) -> Draft {
    let source = texts.add(path, text.to_owned());
    let mut reader = Reader::default();
    let node = extends::tree(&source, &mut reader.problems).map(form);
    let (mut scenario, mut problems) = (None, Vec::new());
    let mut sound = Sound::Nothing;
    match node {
        Some(node) => {
            let name = path.file_stem().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy().into_owned();
            let node = extends::resolved(&mut reader, node, path, &mut texts);
            let (mut described, found) = file::scenario(reader, &node, name, &mut texts);
            sound = soundness(&node, &found);
            drop_broken(&mut described, &found);
            scenario = Some(described);
            problems.extend(found);
        }
        None => problems.append(&mut reader.problems),
    }
    problems.sort_by_key(|problem| problem.span.start);
    Draft {
        scenario,
        diagnostics: problems
            .into_iter()
            .map(|it| texts.diagnostic(it))
            .collect(),
        files: texts.files,
        sound,
    }
}

/// What can be said of the resources when these are the problems.
fn soundness(node: &Node, problems: &[Problem]) -> Sound {
    let errors = || problems.iter().filter(|it| it.severity == Severity::Error);
    let within = |names: &[&str], problem: &Problem| {
        let named = node
            .fields()
            .iter()
            .filter(|field| names.contains(&field.name.text.as_str()));
        named
            .map(|field| &field.value.span)
            .any(|span| span.start <= problem.span.start && problem.span.end <= span.end)
    };
    let apart = ["seed", "clock", "ids", "auth", "provider", "on_reload"];
    if errors().all(|it| within(&apart, it)) {
        Sound::All
    } else if node.fields().is_empty()
        || errors().any(|it| within(&["schemas", "resource_types"], it))
    {
        Sound::Nothing
    } else {
        Sound::Each
    }
}

/// Takes out the resources about which something has been said already.
fn drop_broken(scenario: &mut Scenario, problems: &[Problem]) {
    let mut broken: Vec<usize> = problems.iter().map(|it| it.span.start).collect();
    broken.sort_unstable();
    if broken.is_empty() {
        return;
    }
    let whole = |entry: &Entry| {
        let place = entry.place();
        let first = broken.partition_point(|at| *at < place.start);
        broken.get(first).is_none_or(|at| *at >= place.end)
    };
    let others = scenario.resources.iter_mut().map(|(_, list)| list);
    for list in others.chain([&mut scenario.users, &mut scenario.groups]) {
        list.retain(whole);
    }
}

/// The scenario that `text` describes, unless it has errors, and all errors and warnings in the order of the file.
/// `path` is what diagnostics call it; its stem names the tenant.
pub fn load(path: &Path, text: &str) -> (Option<Scenario>, Vec<Diagnostic>) {
    let Draft {
        scenario,
        diagnostics,
        ..
    } = draft(path, text);
    let is_good = !diagnostics.iter().any(Diagnostic::is_error);
    (scenario.filter(|_| is_good), diagnostics)
}
