//! The kinds of differences: how grave each is, where the RFCs speak of it, and what to do.

/// How grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something more than before, which clients are to leave alone.
    Info,
    /// Something else than before.
    Warn,
    /// Something that clients rely on is gone or is of another kind.
    Error,
}

/// A kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// An exchange that was not there before.
    ExchangeAdded,
    /// An exchange that is not there any more.
    ExchangeRemoved,
    /// The exchange ended before its answer was whole, in one of the two.
    Ended,
    /// Another status code.
    Status,
    /// Another kind of SCIM error.
    ErrorType,
    /// A value that was not there.
    Added,
    /// A value that is gone.
    Removed,
    /// A value of another JSON type, or a body of another kind.
    Type,
    /// Another value.
    Changed,
}

impl Severity {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Rule {
    /// As it is written.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// How grave it is.
    pub fn severity(self) -> Severity {
        self.row().1
    }

    /// Where the RFCs speak of it.
    pub fn section(self) -> &'static str {
        self.row().2
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        self.row().3
    }

    fn row(self) -> (&'static str, Severity, &'static str, &'static str) {
        use Severity::{Error, Info, Warn};
        match self {
            Self::ExchangeAdded => (
                "exchange-added",
                Info,
                "RFC 7644 section 3",
                "only the second recording has it: the client asked for more",
            ),
            Self::ExchangeRemoved => (
                "exchange-removed",
                Error,
                "RFC 7644 section 3",
                "only the first recording has it: see whether the client still asks, or gave up after what is above",
            ),
            Self::Ended => (
                "ended",
                Error,
                "RFC 9112 section 8",
                "the answer is whole in one recording only: see `ended` in the file, and record it again",
            ),
            Self::Status => (
                "status",
                Error,
                "RFC 7644 section 3.12",
                "clients decide by the status: see what they do with this one",
            ),
            Self::ErrorType => (
                "error-type",
                Error,
                "RFC 7644 section 3.12",
                "clients decide by the kind of an error: see what they do with this one",
            ),
            Self::Added => (
                "added",
                Info,
                "RFC 7643 section 2",
                "clients leave alone what they do not know; ignore the path where it is expected",
            ),
            Self::Removed => (
                "removed",
                Error,
                "RFC 7643 section 2.5",
                "see whether clients rely on it; ignore the path where it is expected",
            ),
            Self::Type => (
                "type",
                Error,
                "RFC 7643 section 2.3",
                "clients read another type than before; hold it against the schema",
            ),
            Self::Changed => (
                "changed",
                Warn,
                "RFC 7643 section 2",
                "see whether it is meant; ignore the path where it is expected",
            ),
        }
    }
}
