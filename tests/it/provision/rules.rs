//! What each identity provider makes of a failure, and when a job is in quarantine.

use jiff::Timestamp;
use scimulate::idp::dialect::Dialect;
use scimulate::idp::rules::{
    Tally, Trouble, Verdict, judge, next_cycle, prolonged, quarantine, retry_after,
};
use scimulate::idp::state::Job;
use std::time::Duration;

fn refused(status: u16, after: Option<u64>) -> Trouble {
    Trouble::Refused {
        status,
        retry_after: after.map(Duration::from_secs),
        detail: String::new(),
    }
}

fn again(seconds: u64) -> Verdict {
    Verdict::Again(Duration::from_secs(seconds))
}

#[track_caller]
fn check(dialect: Dialect, trouble: &Trouble, attempts: u32, expected: Verdict) {
    assert_eq!(
        judge(dialect, trouble, attempts),
        expected,
        "{dialect:?} {trouble:?} {attempts}"
    );
}

#[test]
fn retry_after_is_whole_seconds_and_nothing_else() {
    assert_eq!(retry_after("30"), Some(Duration::from_secs(30)));
    assert_eq!(retry_after(" 0 "), Some(Duration::ZERO));
    assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    assert_eq!(retry_after("1.5"), None);
    assert_eq!(retry_after("-1"), None);
}

#[test]
fn okta_pauses_at_429_and_gives_up_after_ten_attempts() {
    for dialect in [Dialect::Okta, Dialect::OktaAiw] {
        check(dialect, &refused(429, Some(30)), 1, again(30));
        check(dialect, &refused(429, Some(30)), 9, again(30));
        check(dialect, &refused(429, None), 1, again(300));
        check(dialect, &refused(429, None), 2, again(600));
        check(dialect, &refused(429, None), 9, again(300 * 256));
        check(dialect, &refused(429, None), 10, Verdict::GivenUp);
        check(dialect, &refused(400, None), 1, Verdict::GivenUp);
        check(dialect, &refused(501, None), 1, Verdict::GivenUp);
        check(dialect, &refused(500, None), 1, Verdict::NextCycle);
        check(
            dialect,
            &Trouble::Unanswered(String::new()),
            1,
            Verdict::NextCycle,
        );
        check(dialect, &refused(401, None), 1, Verdict::Stop);
    }
}

#[test]
fn entra_leaves_everything_to_the_next_cycle() {
    for dialect in [Dialect::Entra, Dialect::EntraFlag] {
        for status in [400, 404, 409, 429, 500, 501, 503] {
            check(dialect, &refused(status, Some(30)), 1, Verdict::NextCycle);
        }
        check(
            dialect,
            &Trouble::Unreachable(String::new()),
            1,
            Verdict::NextCycle,
        );
        check(dialect, &refused(401, None), 1, Verdict::Stop);
        check(dialect, &refused(403, None), 1, Verdict::Stop);
    }
}

#[test]
fn oracle_tries_three_times() {
    let oracle = Dialect::Oracle;
    check(oracle, &refused(503, None), 1, again(1));
    check(oracle, &refused(503, None), 2, again(2));
    check(oracle, &refused(429, Some(7)), 2, again(7));
    check(oracle, &refused(503, None), 3, Verdict::NextCycle);
    check(oracle, &refused(400, None), 1, Verdict::NextCycle);
    check(oracle, &refused(401, None), 1, Verdict::Stop);
}

#[test]
fn only_what_was_sent_may_have_been_done() {
    let maybe = |it: &Trouble| it.may_be_done();
    assert!(maybe(&Trouble::Unanswered(String::new())) && maybe(&refused(500, None)));
    assert!(!maybe(&Trouble::Unreachable(String::new())) && !maybe(&refused(429, None)));
    assert!(!maybe(&refused(409, None)) && maybe(&Trouble::NotScim(String::new())));
}

#[test]
fn entra_puts_a_job_into_quarantine_by_its_numbers() {
    let check = |tried: u64, failed: u64, references_failed: u64, expected: bool| {
        let tally = Tally {
            tried,
            failed,
            references_failed,
        };
        let found = quarantine(Dialect::Entra, tally, None).is_some();
        assert_eq!(found, expected, "{tally:?}");
        assert_eq!(quarantine(Dialect::Okta, tally, None), None);
    };
    check(10, 10, 0, false);
    check(4_999, 4_999, 0, false);
    check(12_499, 5_000, 0, true);
    check(12_500, 5_000, 0, false);
    check(1_000_000, 40_000, 0, false);
    check(1_000_000, 40_001, 0, true);
    check(1_000_000, 10_000, 50_000, false);
    check(1_000_000, 10_000, 50_001, true);
    let why = Some("the probe found somebody");
    assert!(quarantine(Dialect::Entra, Tally::default(), why).is_some());
    assert!(quarantine(Dialect::Oracle, Tally::default(), why).is_none());
}

#[test]
fn in_quarantine_it_is_tried_after_6_12_and_24_hours_and_not_after_four_weeks() {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let mut now = at("2026-01-01T00:00:00Z");
    let mut held = prolonged(None, "why".to_owned(), now);
    let mut hours = Vec::new();
    while !held.disabled {
        hours.push(held.next.duration_since(now).as_hours());
        now = held.next;
        held = prolonged(Some(&held), "why".to_owned(), now);
    }
    assert_eq!(hours[..5], [6, 12, 24, 24, 24]);
    assert!(now >= at("2026-01-29T00:00:00Z") && now < at("2026-01-30T00:00:00Z"));
    let job = Job {
        quarantine: Some(held),
        ..Job::default()
    };
    assert_eq!(next_cycle(Dialect::Entra, &job, now), None);
}

#[test]
fn entra_begins_a_cycle_every_40_minutes_and_others_when_something_changes() {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let next =
        |dialect: Dialect| next_cycle(dialect, &Job::default(), now).map(|it| it.to_string());
    assert_eq!(
        next(Dialect::Entra).as_deref(),
        Some("2026-01-01T00:40:00Z")
    );
    assert_eq!(next(Dialect::Okta), None);
    assert_eq!(next(Dialect::Oracle), None);
}
