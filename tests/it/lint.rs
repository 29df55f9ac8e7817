//! Lint: each rule with an exchange, or a sequence of them, that breaks it and one that does not, as data in `tests/data/lint`.

mod case;
mod command;
mod identity_providers;
mod products;

use case::{Sequence, cases, shown};
use scimulate::lint::{self, Finding, Severity, Side};
use std::collections::BTreeSet;

/// What a strict judge says of a sequence.
fn judged(sequence: &Sequence) -> Vec<Finding> {
    let numbered = (1..).zip(sequence.iter());
    lint::judge(numbered, true).0
}

fn said(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|it| {
        format!(
            "  {} {} {}: {}",
            it.rule.id, it.exchange, it.place.pointer, it.message
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_rule_finds_what_breaks_it_and_nothing_in_what_keeps_it() {
    let mut wrong = Vec::new();
    for case in cases() {
        let of = |findings: Vec<Finding>| {
            findings
                .into_iter()
                .filter(|it| it.rule.id == case.rule)
                .collect::<Vec<_>>()
        };
        for sequence in &case.breaking {
            let last = u64::try_from(sequence.len()).unwrap();
            if !of(judged(sequence)).iter().any(|it| it.exchange == last) {
                wrong.push(format!(
                    "{} finds nothing in\n  {}\nbut\n{}",
                    case.rule,
                    shown(sequence),
                    said(&judged(sequence))
                ));
            }
        }
        for sequence in &case.keeping {
            let found = of(judged(sequence));
            if !found.is_empty() {
                wrong.push(format!("{} finds\n{}", case.rule, said(&found)));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// An exchange that keeps the rule it stands for is right as a whole, as far as the provider goes: no error of the other side's rules.
#[test]
fn what_keeps_a_rule_of_the_provider_breaks_no_other_of_its_rules() {
    let mut wrong = Vec::new();
    for case in cases()
        .into_iter()
        .filter(|case| case.rule.starts_with("RES-"))
    {
        let found = case.keeping.iter().flat_map(judged);
        let errors: Vec<_> = found
            .filter(|it| it.severity == Severity::Error && it.side == Side::Provider)
            .collect();
        if !errors.is_empty() {
            wrong.push(format!("{}\n{}", case.rule, said(&errors)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_rule_has_a_case_and_every_case_a_rule() {
    let cases: BTreeSet<String> = cases().into_iter().map(|case| case.rule).collect();
    let rules: BTreeSet<String> = lint::rules().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(
        rules.difference(&cases).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
    assert_eq!(
        cases.difference(&rules).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn the_table_has_no_id_twice_and_no_empty_word() {
    let mut seen = BTreeSet::new();
    for rule in lint::rules() {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        let parts: Vec<&str> = rule.id.split('-').collect();
        let numbered =
            parts.len() == 3 && parts[2].len() == 3 && parts[2].bytes().all(|b| b.is_ascii_digit());
        assert!(numbered, "{} is not of the form REQ-PATCH-007", rule.id);
        for word in [rule.section, rule.wrong, rule.why, rule.help] {
            assert!(
                word.len() > 6 && !word.ends_with('.'),
                "{}: {word:?}",
                rule.id
            );
        }
        let of_side = match rule.side {
            Side::Client => ["REQ", "SEQ"].contains(&parts[0]),
            Side::Provider => ["RES", "SEQ"].contains(&parts[0]),
            Side::Scenario => parts[0] == "REC",
        };
        assert!(of_side, "{} is of the {}", rule.id, rule.side.name());
    }
    assert!(seen.len() >= 120, "{} rules", seen.len());
    for known in lint::fingerprint::named_rules() {
        assert!(
            lint::rule(known).is_some(),
            "a product is known for {known}, which is no rule"
        );
    }
}
