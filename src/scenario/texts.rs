//! The texts that make one scenario: its own file, those that it extends, and those that hold its resources.
//!
//! Each begins where the one before it ends, as if they stood in one long file, so that a place says which text it is in. Reading
//! the files that a scenario names is done here, and they are remembered for those who follow changes.

use super::NamedFile;
use super::diagnostic::{Diagnostic, Problem};
use super::node::Node;
use super::parser;
use super::reader::Reader;
use super::source::{Source, Span};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The texts, the scenario's own first, and the files that were asked for.
#[derive(Debug, Default)]
pub(super) struct Texts {
    sources: Vec<Arc<Source>>,
    pub(super) files: Vec<NamedFile>,
    /// They come from who knows where, and may not have any file read.
    alone: bool,
}

impl Texts {
    /// No texts, and none will be read from a file.
    pub(super) fn alone() -> Self {
        Self {
            alone: true,
            ..Self::default()
        }
    }

    /// Whether files may not be read. If so, says so of the name at `node`, and looks at nothing.
    pub(super) fn refuses(&self, reader: &mut Reader, node: &Node, what: &str) -> bool {
        if self.alone {
            let title = "a scenario that comes as text names no files";
            let label = format!("expected {what}, written out here");
            let help = "write in its place what the file holds, or serve the scenario from a file";
            reader.complain(node.span.clone(), title, label, help);
        }
        self.alone
    }

    /// Takes in a text. Its places count from behind all others.
    pub(super) fn add(&mut self, path: &Path, text: String) -> Arc<Source> {
        // One more than its length: the end of a text is a place too.
        let start = self
            .sources
            .last()
            .map_or(0, |it| it.start + it.text.len() + 1);
        let source = Arc::new(Source::new(path.display().to_string(), text, start));
        self.sources.push(Arc::clone(&source));
        source
    }

    /// The text that a place is in.
    pub(super) fn of(&self, span: &Span) -> &Arc<Source> {
        let after = self.sources.partition_point(|it| it.start <= span.start);
        &self.sources[after - 1]
    }

    /// The tree of a value that was passed over because it is JSON.
    pub(super) fn parse_again(&self, span: &Span) -> Node {
        let source = self.of(span);
        let mut node = parser::parse_again(&source.text, source.local(span));
        node.shift(source.start);
        node
    }

    /// A problem, bound to the text that it is about.
    pub(super) fn diagnostic(&self, mut problem: Problem) -> Diagnostic {
        let source = self.of(&problem.span);
        problem.span = source.local(&problem.span);
        problem.of(source)
    }

    /// The path of a file that is named at a place: relative to the folder of the file that names it.
    pub(super) fn path(&self, named_at: &Span, name: &str) -> PathBuf {
        let folder = Path::new(&self.of(named_at).path).parent();
        folder.unwrap_or(Path::new("")).join(name)
    }

    /// The bytes of a file that `node` names. If there are none, says so.
    pub(super) fn read(
        &mut self,
        reader: &mut Reader,
        node: &Node,
        name: &str,
        what: &str,
    ) -> Option<(PathBuf, Vec<u8>)> {
        if self.refuses(reader, node, what) {
            return None;
        }
        let path = self.path(&node.span, name);
        let read = std::fs::read(&path);
        self.files.push(NamedFile {
            path: path.clone(),
            bytes: read.as_ref().map(Vec::clone).unwrap_or_default(),
        });
        match read {
            Ok(bytes) => Some((path, bytes)),
            Err(error) => {
                let title = format!("cannot read {}: {error}", path.display());
                let label = format!("expected a file that holds {what}");
                let help = "the path is relative to the folder of this file";
                reader.complain(node.span.clone(), title, label, help);
                None
            }
        }
    }

    /// The same, for a file of text.
    pub(super) fn read_text(
        &mut self,
        reader: &mut Reader,
        node: &Node,
        name: &str,
        what: &str,
    ) -> Option<(PathBuf, String)> {
        let (path, bytes) = self.read(reader, node, name, what)?;
        match String::from_utf8(bytes) {
            Ok(text) => Some((path, text)),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let title = format!(
                    "{} is not UTF-8 text: byte {offset} does not belong there",
                    path.display()
                );
                let label = format!("expected a file that holds {what}");
                reader.complain(node.span.clone(), title, label, "save it as UTF-8");
                None
            }
        }
    }
}
