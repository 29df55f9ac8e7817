//! The way in: a file's text to a scenario and everything that is wrong with it.

use super::diagnostic::{Diagnostic, Problem};
use super::source::Source;
use super::{NamedFile, Scenario, file, parser};
use std::path::{Path, PathBuf};
use std::sync::Arc;
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

/// The scenario that `text` describes, unless it has errors, and all errors and warnings in the order of the file.
/// `path` is what diagnostics call it; its stem names the tenant.
pub fn load(path: &Path, text: &str) -> (Option<Scenario>, Vec<Diagnostic>) {
    let (scenario, diagnostics, _) = load_with_files(path, text);
    (scenario, diagnostics)
}

/// The same, and the files that the scenario names, as they were when it was read, whether or not it could be.
pub fn load_with_files(
    path: &Path,
    text: &str,
) -> (Option<Scenario>, Vec<Diagnostic>, Vec<NamedFile>) {
    load_source(path, text, true)
}

/// The same for a text that did not come as a file, and cannot name one. `name` is the tenant's.
pub fn load_text(name: &str, text: &str) -> (Option<Scenario>, Vec<Diagnostic>) {
    let (scenario, diagnostics, _) = load_source(Path::new(&format!("{name}.ron")), text, false);
    (scenario, diagnostics)
}

fn load_source(
    path: &Path,
    text: &str,
    names_files: bool,
) -> (Option<Scenario>, Vec<Diagnostic>, Vec<NamedFile>) {
    let (node, mut problems) = parser::parse(text);
    let source = Source::new(path.display().to_string(), text.to_owned(), names_files);
    let source = Arc::new(source);
    let (mut scenario, mut files) = (None, Vec::new());
    if let Some(node) = node {
        let name = path.file_stem().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let (described, found) = file::scenario(&node, name, &source, &mut files);
        scenario = Some(described);
        problems.extend(found);
    } else if problems.is_empty() {
        let title = "the file holds no scenario";
        let help = "write `Scenario()`: that is a valid file, and everything in it is optional";
        problems.push(Problem::error(0..0, title, "expected `Scenario(…)`", help));
    }
    problems.sort_by_key(|problem| problem.span.start);
    let diagnostics: Vec<Diagnostic> = problems.into_iter().map(|it| it.of(&source)).collect();
    if diagnostics.iter().any(Diagnostic::is_error) {
        scenario = None;
    }
    (scenario, diagnostics, files)
}
