//! What a rule is: a row of the table, with the check that finds where an exchange breaks it.

use super::finding::Found;
use super::memory::Before;
use super::view::View;
use std::fmt;

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The client: an identity provider, as a rule.
    Client,
    /// The service provider.
    Provider,
    /// The recording or the scenario, and neither of the two that spoke.
    Scenario,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Allowed, or known of this product; good to know.
    Note,
    /// Some of those on the other side will not take it.
    Warning,
    /// The RFC says otherwise.
    Error,
}

/// A rule of the table.
pub struct Rule {
    /// Stable: `REQ-PATCH-005`.
    pub id: &'static str,
    /// Who keeps it, or does not.
    pub side: Side,
    /// How bad it is to break it.
    pub severity: Severity,
    /// Where it stands: `RFC 7644 section 3.5.2`.
    pub section: &'static str,
    /// What is wrong where it is broken.
    pub wrong: &'static str,
    /// Who breaks on it.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
    pub(super) check: Check,
}

/// How a rule looks at an exchange.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// By itself.
    Alone(fn(&View<'_>, &mut Found<'_>)),
    /// With what is remembered of those before it.
    After(fn(&View<'_>, &Before<'_>, &mut Found<'_>)),
}

impl Side {
    /// The word for it in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Provider => "provider",
            Self::Scenario => "scenario",
        }
    }
}

impl Severity {
    /// The word for it in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Rows of the table: `ID Side Severity "section" check`, what is wrong, why it matters, what to do.
macro_rules! rules {
    ($($id:literal $side:ident $severity:ident $section:literal $kind:ident $check:expr, $wrong:literal $why:literal $help:literal;)*) => {
        pub(super) const RULES: &[crate::lint::rule::Rule] = &[$(crate::lint::rule::Rule {
            id: $id,
            side: crate::lint::rule::Side::$side,
            severity: crate::lint::rule::Severity::$severity,
            section: $section,
            wrong: $wrong,
            why: $why,
            help: $help,
            check: crate::lint::rule::Check::$kind($check),
        }),*];
    };
}
pub(super) use rules;
