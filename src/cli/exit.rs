//! Exit codes, and failures that end the program: what was expected, where, what to do.

use std::fmt;
use std::process::ExitCode;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done = 0,
    /// It ran, and the answer is no: a request was not in the recording, two recordings differ, lint found something, a recording holds what
    /// it should not, a change was not pushed.
    No = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A scenario or a fixture is invalid.
    Invalid = 3,
    /// It could not be done: an address in use, a full disk.
    Failed = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the program ends before its work is done.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    messages: Vec<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            messages: vec![message.into()],
        }
    }

    /// What was read is not valid, for all these reasons.
    pub(super) fn invalid<E: fmt::Display>(reasons: impl IntoIterator<Item = E>) -> Self {
        let messages = reasons.into_iter().map(|it| it.to_string()).collect();
        Self::several(Exit::Invalid, messages)
    }

    /// Several things are wrong, and each is said.
    pub(super) fn several(exit: Exit, messages: Vec<String>) -> Self {
        Self { exit, messages }
    }

    pub(super) fn print(&self) {
        for message in &self.messages {
            say(message);
        }
    }
}

/// A message for the person at the terminal. Diagnostics bring a head of their own.
pub(super) fn say(message: &str) {
    let rendered = message.starts_with("error")
        || message.starts_with("warning")
        || message.starts_with('\u{1b}');
    let head = anstyle::AnsiColor::Red.on_default().bold();
    if rendered {
        anstream::eprintln!("{message}");
    } else {
        anstream::eprintln!("{head}error{head:#}: {message}");
    }
}
