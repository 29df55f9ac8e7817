//! Why a run was broken off.

use std::io;
use std::path::PathBuf;

/// A run is broken off at the first surprise: figures beside a wrong answer would be worth nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// The system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// A server ended before it was ready.
    #[error("{program} ended before it was ready ({status}); its own message is above")]
    Ended {
        /// The command line.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// A server never said that it was ready.
    #[error("{program} was not ready after {seconds} s: nothing to read in {}", file.display())]
    NotReady {
        /// The command line.
        program: String,
        /// How long we waited.
        seconds: u64,
        /// The ready file.
        file: PathBuf,
    },
    /// The ready file does not say where the server is.
    #[error("{program} wrote a ready line without \"scim\": \"http://HOST:PORT/…\": {line}")]
    ReadyLine {
        /// The command line.
        program: String,
        /// What was in the file.
        line: String,
    },
    /// Bytes that are not an HTTP/1.1 answer on a connection that stays open.
    #[error("the server's answer cannot be read: {reason}; it begins {begins:?}")]
    Framing {
        /// What is wrong with it.
        reason: &'static str,
        /// Its first bytes.
        begins: String,
    },
    /// A status that is not the expected one.
    #[error("status {found} where {expected:?} was expected\nrequest: {request}\nanswer: {answer}")]
    Status {
        /// What would have been right.
        expected: Vec<u16>,
        /// What came.
        found: u16,
        /// What was sent.
        request: String,
        /// What came, whole.
        answer: String,
    },
    /// A body that does not answer the request.
    #[error("{row}: {expected}\nanswer: {answer}")]
    Body {
        /// Where.
        row: String,
        /// What must hold.
        expected: String,
        /// What came, whole.
        answer: String,
    },
    /// This system does not say what memory a process has.
    #[error("there is no resident memory in /proc/PID/status; a soak needs Linux")]
    NoMemory,
    /// The recording proxy did not end with exit code 0.
    #[error(
        "scimulate record ended with {0} when it was asked to end; expected 0, which says that nothing was lost"
    )]
    EndedBadly(std::process::ExitStatus),
    /// Not every exchange is on disk, or more than that.
    #[error(
        "{answered} exchanges were answered, and {files} files are on disk; expected one for each"
    )]
    Lost {
        /// Exchanges that the clients saw.
        answered: u64,
        /// Files of exchanges.
        files: u64,
    },
}

impl LoadError {
    /// For `map_err`: what was tried, in words that follow "could not".
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
