//! HAR 1.2, the HTTP Archive: a recording written as one, and an archive that a browser or a proxy saved read as a recording.
//!
//! What HAR has no word for stands in members of our own, which begin with `_scimulate` as HAR 1.2 has it: the facts of
//! `recording.ron`, the number of each exchange, and the whole exchange wherever its entry, read again, would not give it back (a
//! body that was cut, a request body that is no text). So a recording that goes out and comes in again is the same. `{base}` is the
//! base URL of the service provider in the archive, for other programs to read.
//!
//! It opens no file, and it replaces secrets of what it reads as the recorder does.

mod base;
mod document;
mod entry;
mod format;
mod headers;
mod read;
mod write;

pub use read::{Imported, read};
pub use write::write;

/// The member of the log with the facts of `recording.ron`.
const RECORDING: &str = "_scimulateRecording";
/// The member of an entry with the number of the exchange.
const NUMBER: &str = "_scimulateNumber";
/// The member of an entry with the exchange, where the entry cannot hold all of it.
const EXCHANGE: &str = "_scimulateExchange";

/// What is wrong with an archive, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HarError {
    /// It is no JSON.
    #[error("{line}:{column}: {message}")]
    Json {
        /// Its line, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
        /// What was expected.
        message: String,
    },
    /// A member is missing or is not what HAR 1.2 says.
    #[error("{place}: {message}")]
    Member {
        /// The way to it: `log.entries[3].request.url`.
        place: String,
        /// What was expected.
        message: String,
    },
    /// Nothing in it is an exchange of SCIM.
    #[error("{0}")]
    Nothing(String),
}
