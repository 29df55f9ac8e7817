//! However much is added, a journal holds no more than its bounds, and what it holds is the newest.

use super::exchange;
use proptest::collection::vec;
use proptest::prelude::*;
use scimulate::journal::{Bounds, Journal};
use scimulate::scim::Leniencies;
use serde_json::{Value, json};

/// A body of any size between nothing and far more than some bounds.
fn body() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(Value::Null),
        3 => "[a-z]{0,40}".prop_map(|name| json!({"userName": name})),
        1 => (0..3_000_usize).prop_map(|length| json!({"displayName": "x".repeat(length)})),
        1 => vec("[a-z]{1,9}", 0..60).prop_map(|names| json!({"members": names.iter().map(|name| json!({"value": name})).collect::<Vec<_>>()})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_above_count_or_bytes(
        exchanges in 0..12_usize,
        bytes in 0..12_000_usize,
        added in vec((body(), body()), 0..40),
    ) {
        let journal = Journal::new(Bounds { exchanges, bytes, ..Bounds::default() });
        for (count, (sent, answered)) in (1_u64..).zip(&added) {
            let exchange = exchange("POST", "/Users", sent, 201, answered);
            prop_assert_eq!(journal.add("acme", exchange, Leniencies::NONE, None), count);
            let moment = journal.moment();
            prop_assert!(moment.len() <= exchanges);
            prop_assert!(moment.bytes() <= bytes);
            prop_assert_eq!(moment.is_empty(), moment.bytes() == 0);
            // The newest without a gap, and all others are counted.
            let numbers: Vec<u64> = moment.entries().map(|entry| entry.number).collect();
            let first = count + 1 - numbers.len() as u64;
            prop_assert_eq!(&numbers, &(first..=count).collect::<Vec<u64>>());
            prop_assert_eq!(moment.fallen() + numbers.len() as u64, count);
        }
    }

    #[test]
    fn nothing_falls_out_while_there_is_room(added in vec(body(), 1..20)) {
        let journal = Journal::default();
        for sent in &added {
            journal.add("acme", exchange("POST", "/Users", sent, 201, &Value::Null), Leniencies::NONE, None);
        }
        let moment = journal.moment();
        prop_assert_eq!((moment.len(), moment.fallen()), (added.len(), 0));
        // What is in a body counts: the memory is not that of the text, but is never less.
        let text: usize = added.iter().filter(|sent| !sent.is_null()).map(|sent| sent.to_string().len()).sum();
        prop_assert!(moment.bytes() >= text);
    }
}

#[test]
fn what_is_larger_than_the_journal_falls_out_at_once() {
    let journal = Journal::new(Bounds {
        bytes: 3_000,
        ..Bounds::default()
    });
    let small = || exchange("GET", "/Users", &Value::Null, 200, &Value::Null);
    let large = exchange(
        "POST",
        "/Users",
        &json!({"a": "x".repeat(4_000)}),
        201,
        &Value::Null,
    );
    journal.add("acme", small(), Leniencies::NONE, None);
    assert_eq!(journal.add("acme", large, Leniencies::NONE, None), 2);
    assert!(journal.moment().is_empty());
    assert_eq!(journal.moment().fallen(), 2);
    journal.add("acme", small(), Leniencies::NONE, None);
    assert_eq!(journal.moment().latest().unwrap().number, 3);
}
