//! Lint: rules about exchanges and about their order, in one table; each says whose rule it is, where it stands, who breaks on it and
//! what to do (RFC 7643, RFC 7644, RFC 9865, and what products are known to do).
//!
//! An exchange is parsed once (`view`), with the discovery documents that the provider has answered (`contract`) and what is remembered
//! of the exchanges before (`memory`); each rule is a row with a check that looks at that. Nothing here knows where an exchange came
//! from, and nothing alters one.

mod contract;
mod finding;
pub mod fingerprint;
mod judge;
mod memory;
pub mod report;
mod rule;
mod rules;
mod table;
mod view;

pub use finding::{Finding, Place};
pub use judge::Judge;
pub use rule::{Rule, Severity, Side};
pub use table::{rule, rules};

use crate::exchange::Exchange;

/// Judges a whole recording: what it says of provider and clients anywhere in it is known from the beginning.
pub fn judge<'e>(
    exchanges: impl Iterator<Item = (u64, &'e Exchange)> + Clone,
    strict: bool,
) -> (Vec<Finding>, Judge) {
    let mut judge = if strict {
        Judge::strict()
    } else {
        Judge::new()
    };
    for (_, exchange) in exchanges.clone() {
        judge.learn(exchange);
    }
    let findings = exchanges
        .flat_map(|(number, exchange)| judge.judge(number, exchange))
        .collect();
    (findings, judge)
}
