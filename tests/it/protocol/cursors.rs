//! Cursor pagination (RFC 9865).

use super::*;

const SCENARIO: &str =
    r#"auth: [Bearer("secret-token")], clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 60000)"#;

/// Users `u01` to `u25`, in that order, and what a test adds to the scenario.
fn crowd(more: &str) -> Sp {
    let users = (1..=25)
        .map(|n| {
            format!(
                r#"{{"id": "{n}", "userName": "u{n:02}", "title": "{}"}}"#,
                n % 3
            )
        })
        .collect::<Vec<_>>();
    Sp::with(&format!(
        "Scenario({SCENARIO}, users: [{}], {more})",
        users.join(", ")
    ))
}

/// The numbers of a page.
#[track_caller]
fn numbers(answer: &Answer) -> Vec<u32> {
    names(answer)
        .split_whitespace()
        .map(|name| name[1..].parse().unwrap())
        .collect()
}

fn cursor(answer: &Answer, name: &str) -> Option<String> {
    answer.json()[name].as_str().map(str::to_owned)
}

#[test]
fn pages_follow_each_other_to_the_end_and_back() {
    for sp in [crowd(""), crowd("provider: Provider(strictness: Strict)")] {
        let one = sp.get("/Users?cursor&count=10");
        assert_eq!(numbers(&one), (1..=10).collect::<Vec<_>>());
        assert_eq!(
            keys(&one.json()),
            "Resources itemsPerPage nextCursor schemas totalResults"
        );
        assert_eq!(
            (&one.json()["totalResults"], &one.json()["itemsPerPage"]),
            (&json!(25), &json!(10))
        );
        let next = |from: &Answer| {
            let cursor = cursor(from, "nextCursor").unwrap();
            assert!(
                cursor
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
                "{cursor}"
            );
            sp.get(&format!("/Users?cursor={cursor}&count=10"))
        };
        let two = next(&one);
        assert_eq!(numbers(&two), (11..=20).collect::<Vec<_>>());
        let three = next(&two);
        assert_eq!(numbers(&three), (21..=25).collect::<Vec<_>>());
        assert_eq!(cursor(&three, "nextCursor"), None);
        let back = |from: &Answer| {
            sp.get(&format!(
                "/Users?cursor={}&count=10",
                cursor(from, "previousCursor").unwrap()
            ))
        };
        assert_eq!(numbers(&back(&three)), (11..=20).collect::<Vec<_>>());
        let first = back(&back(&three));
        assert_eq!(numbers(&first), (1..=10).collect::<Vec<_>>());
        assert_eq!(cursor(&first, "previousCursor"), None);
        assert_eq!(cursor(&one, "previousCursor"), None);
    }
}

#[test]
fn the_last_page_has_no_next_even_when_it_is_full() {
    let sp = crowd("");
    let one = sp.get("/Users?cursor=&count=5&filter=title eq \"1\"");
    let two = sp.get(&format!(
        "/Users?cursor={}&count=5&filter=title eq \"1\"",
        cursor(&one, "nextCursor").unwrap()
    ));
    assert_eq!(numbers(&one), [1, 4, 7, 10, 13]);
    assert_eq!(numbers(&two), [16, 19, 22, 25]);
    let all = sp.get("/Users?cursor=&count=25");
    assert_eq!(
        (numbers(&all).len(), cursor(&all, "nextCursor")),
        (25, None)
    );
}

#[test]
fn a_count_of_nothing_gives_the_total_alone() {
    let sp = crowd("");
    for count in ["0", "-1"] {
        let answer = sp.get(&format!("/Users?cursor=&count={count}"));
        assert_eq!(answer.json()["totalResults"], 25);
        assert_eq!(
            keys(&answer.json()),
            "Resources itemsPerPage schemas totalResults"
        );
        assert!(numbers(&answer).is_empty());
    }
}

#[test]
fn what_comes_and_goes_between_pages_moves_nobody_else() {
    let sp = crowd("");
    let one = sp.get("/Users?cursor=&count=10");
    let two = format!(
        "/Users?cursor={}&count=10",
        cursor(&one, "nextCursor").unwrap()
    );
    sp.delete("/Users/3");
    sp.delete("/Users/10");
    sp.delete("/Users/12");
    assert_eq!(
        numbers(&sp.get(&two)),
        [11, 13, 14, 15, 16, 17, 18, 19, 20, 21]
    );
    let sorted = |cursor: &str| {
        format!("/Users?sortBy=userName&sortOrder=descending&count=2&cursor={cursor}")
    };
    let one = sp.get(&sorted(""));
    assert_eq!(numbers(&one), [25, 24]);
    sp.delete("/Users/25");
    let two = sorted(&cursor(&one, "nextCursor").unwrap());
    assert_eq!(numbers(&sp.get(&two)), [23, 22]);
}

#[test]
fn sorted_pages_are_one_order() {
    let sp = crowd("");
    let (mut seen, mut at) = (Vec::new(), Some(String::new()));
    while let Some(cursor_now) = at {
        let page = sp.get(&format!(
            "/Users?sortBy=title&sortOrder=descending&count=4&cursor={cursor_now}"
        ));
        seen.extend(numbers(&page));
        at = cursor(&page, "nextCursor");
    }
    let mut expected: Vec<u32> = (1..=25).collect();
    expected.sort_by_key(|n| std::cmp::Reverse(n % 3));
    assert_eq!(seen, expected);
}

#[test]
fn a_cursor_is_for_its_query_only() {
    let sp = crowd("");
    let next = cursor(&sp.get("/Users?cursor=&count=5"), "nextCursor").unwrap();
    let verdict = |target: &str| sp.get(&target.replace("CURSOR", &next)).verdict();
    assert_eq!(verdict("/Users?cursor=CURSOR&count=5"), "200");
    for other in [
        "/Users?cursor=CURSOR&count=5&filter=title pr",
        "/Users?cursor=CURSOR&count=5&sortBy=userName",
        "/Users?cursor=CURSOR&count=5&attributes=userName",
        "/Groups?cursor=CURSOR&count=5",
        "/?cursor=CURSOR&count=5",
        "/Users?cursor=CURSORx&count=5",
        "/Users?cursor=abc&count=5",
        "/Users?cursor=%20&count=5",
    ] {
        assert_eq!(verdict(other), "400 invalidCursor", "{other}");
    }
    let mut forged = next.clone().into_bytes();
    forged[0] = if forged[0] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    assert_eq!(
        sp.get(&format!("/Users?cursor={forged}&count=5")).verdict(),
        "400 invalidCursor"
    );
    assert_eq!(verdict("/Users?cursor=CURSOR&count=6"), "400 invalidCount");
    assert_eq!(verdict("/Users?cursor=CURSOR"), "400 invalidCount");
    assert_eq!(verdict("/Users?cursor=&count=x"), "400 invalidCount");
    assert_eq!(
        verdict("/Users?cursor=CURSOR&startIndex=1"),
        "400 invalidValue"
    );
}

#[test]
fn a_cursor_grows_old() {
    let sp = crowd("provider: Provider(cursor_timeout_s: 120)");
    let page = format!(
        "/Users?count=5&cursor={}",
        cursor(&sp.get("/Users?cursor=&count=5"), "nextCursor").unwrap()
    );
    sp.user("one-minute");
    sp.user("two-minutes");
    assert_eq!(sp.get(&page).verdict(), "200");
    sp.user("three-minutes");
    assert_eq!(sp.get(&page).verdict(), "400 expiredCursor");
}

#[test]
fn a_search_carries_the_cursor_in_its_body() {
    let sp = crowd("");
    let search = |cursor: &str| {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "cursor": cursor, "count": 20});
        sp.post("/Users/.search", body)
    };
    let one = search("");
    assert_eq!(numbers(&one).len(), 20);
    assert_eq!(
        numbers(&search(&cursor(&one, "nextCursor").unwrap())),
        [21, 22, 23, 24, 25]
    );
    assert_eq!(search("abc").verdict(), "400 invalidCursor");
}

#[test]
fn the_first_way_to_page_is_the_default_and_the_others_may_be_missing() {
    let first_keys =
        |more: &str, query: &str| keys(&crowd(more).get(&format!("/Users?{query}")).json());
    let (index, cursors) = (
        "Resources itemsPerPage schemas startIndex totalResults",
        "Resources itemsPerPage nextCursor schemas totalResults",
    );
    assert_eq!(first_keys("", "count=3"), index);
    let both = "provider: Provider(pagination: [Cursor, Index])";
    assert_eq!(first_keys(both, "count=3"), cursors);
    assert_eq!(first_keys(both, "count=3&startIndex=1"), index);
    let only = crowd("provider: Provider(pagination: [Cursor])");
    assert_eq!(
        only.get("/Users?startIndex=1").verdict(),
        "400 invalidValue"
    );
    assert_eq!(
        first_keys("provider: Provider(pagination: [Index])", "cursor=&count=3"),
        index
    );
    let strict = crowd("provider: Provider(strictness: Strict, pagination: [Index])");
    assert_eq!(strict.get("/Users?cursor=").verdict(), "501");
}

#[test]
fn a_cursor_of_another_tenant_is_none() {
    let here = cursor(&crowd("").get("/Users?cursor=&count=5"), "nextCursor").unwrap();
    let there = crowd("seed: 2");
    assert_eq!(
        there
            .get(&format!("/Users?cursor={here}&count=5"))
            .verdict(),
        "400 invalidCursor"
    );
}
