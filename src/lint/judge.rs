//! The judge: is fed exchanges in their order, and says what is wrong with each.

use super::contract::Contract;
use super::finding::{Finding, Found};
use super::fingerprint::Fingerprints;
use super::memory::Memory;
use super::rule::{Check, Severity, Side};
use super::table::rules;
use super::view::View;
use crate::exchange::Exchange;

/// Judges exchanges in the order of the wire, with bounded memory.
#[derive(Default)]
pub struct Judge {
    contract: Contract,
    memory: Memory,
    fingerprints: Fingerprints,
    strict: bool,
}

impl Judge {
    /// One that takes the known behaviour of a product for a note.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that knows no product, and takes everything as it is.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            strict: true,
            ..Self::default()
        }
    }

    /// Learns what an exchange says of provider and client, ahead of its turn: the discovery documents of a recording may come last.
    pub fn learn(&mut self, exchange: &Exchange) {
        self.contract.learn(exchange);
        let view = View::of(exchange, &self.contract);
        self.fingerprints.note(&view);
    }

    /// What is wrong with the next exchange.
    pub fn judge(&mut self, number: u64, exchange: &Exchange) -> Vec<Finding> {
        self.contract.learn(exchange);
        let view = View::of(exchange, &self.contract);
        self.fingerprints.note(&view);
        let before = self.memory.before(&view);
        let mut findings = Vec::new();
        for rule in rules() {
            let unanswered = exchange.ended.is_some() && rule.side == Side::Provider;
            if unanswered {
                continue;
            }
            let mut found = Found {
                rule,
                exchange: number,
                findings: &mut findings,
            };
            match rule.check {
                Check::Alone(check) => check(&view, &mut found),
                Check::After(check) => check(&view, &before, &mut found),
            }
        }
        let expected = before.expected;
        for finding in &mut findings {
            if finding.side == Side::Provider && view.is_injected() {
                finding.side = Side::Scenario;
                finding.severity = Severity::Note;
                finding.known = Some("a fault of the scenario".to_owned());
            } else if !self.strict
                && let Some(known) = self.fingerprints.known(&view, finding.rule)
            {
                finding.severity = Severity::Note;
                finding.known = Some(known);
            }
        }
        self.memory.note(number, &view, expected.as_ref());
        findings
    }

    /// Which products were recognised, with the evidence.
    pub fn fingerprints(&self) -> &Fingerprints {
        &self.fingerprints
    }
}
