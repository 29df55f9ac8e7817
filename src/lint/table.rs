//! The one table of rules: the rows of every subject, in the order of an exchange.

use super::rule::Rule;
use super::rules::SUBJECTS;

/// All rules.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    SUBJECTS.iter().copied().flatten()
}

/// The rule of this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
