//! How text is prepared before it is compared (RFC 7644 sections 5 and 7.8), and what the RFCs say of single attributes in words.

use proptest::prelude::*;
use scimulate::scim::comparison::Comparison;
use scimulate::scim::rule::Rule;
use std::borrow::Cow;

#[track_caller]
fn same(comparison: Comparison, one: &str, two: &str) {
    assert_eq!(
        comparison.key(one),
        comparison.key(two),
        "{one:?} and {two:?}"
    );
}

#[track_caller]
fn differ(comparison: Comparison, one: &str, two: &str) {
    assert_ne!(
        comparison.key(one),
        comparison.key(two),
        "{one:?} and {two:?}"
    );
}

#[test]
fn how_a_text_is_composed_tells_nothing() {
    for comparison in [
        Comparison::Exact,
        Comparison::Caseless,
        Comparison::Username,
        Comparison::Opaque,
    ] {
        same(comparison, "caf\u{e9}", "cafe\u{301}");
        same(comparison, "\u{212b}", "\u{c5}");
        same(comparison, "\u{1100}\u{1161}", "\u{ac00}");
        differ(comparison, "cafe", "caf\u{e9}");
        differ(comparison, "\u{fb01}", "fi");
    }
}

#[test]
fn case_is_folded_simply() {
    for comparison in [Comparison::Caseless, Comparison::Username] {
        same(comparison, "BJensen", "bjensen");
        same(comparison, "ÉCOLE", "école");
        same(comparison, "E\u{301}COLE", "\u{e9}cole");
        same(comparison, "ΟΔΟΣ", "οδος");
        same(comparison, "ẞ", "ß");
        differ(comparison, "STRASSE", "straße");
        differ(comparison, "ı", "i");
        differ(comparison, "İ", "i");
    }
    differ(Comparison::Exact, "BJensen", "bjensen");
    differ(Comparison::Opaque, "BJensen", "bjensen");
}

#[test]
fn a_user_name_is_as_wide_as_narrow() {
    same(Comparison::Username, "ＡＢＣ", "abc");
    same(Comparison::Username, "ｶﾅ", "カナ");
    differ(Comparison::Caseless, "ＡＢＣ", "abc");
    differ(Comparison::Opaque, "Ａ", "A");
}

#[test]
fn a_space_in_a_password_is_a_space() {
    same(Comparison::Opaque, "a\u{a0}b", "a b");
    same(Comparison::Opaque, "a\u{3000}b", "a b");
    differ(Comparison::Exact, "a\u{a0}b", "a b");
}

#[test]
fn text_that_has_its_form_is_not_copied() {
    for (comparison, text) in [
        (Comparison::Caseless, "bjensen@example.com"),
        (Comparison::Username, "bjensen@example.com"),
        (Comparison::Exact, "BJensen"),
        (Comparison::Exact, "Ärger 日本"),
    ] {
        assert!(matches!(comparison.key(text), Cow::Borrowed(_)), "{text}");
    }
}

#[test]
fn what_rules_allow() {
    let check = |rule: Rule, good: &[&str], bad: &[&str]| {
        for text in good {
            assert_eq!(rule.check(text), Ok(()), "{rule:?} {text:?}");
        }
        for text in bad {
            assert!(rule.check(text).is_err(), "{rule:?} {text:?}");
        }
    };
    check(
        Rule::Username,
        &["bjensen", "b@x.ex", "ＡＢＣ", "björn", "日本", "אבג"],
        &["", "a b", "a\u{7}", "ﬁ", "אa", "😀"],
    );
    check(
        Rule::Password,
        &["t1meMa$heen", "a b", "😀", "Ａ"],
        &["", "a\u{7}"],
    );
    check(
        Rule::LanguageTag,
        &["en", "en-US", "en_US", "zh-Hant-CN", "de-1996", "x-klingon"],
        &[
            "",
            "English please",
            "e",
            "en-",
            "-en",
            "12",
            "en-averylongsubtag",
        ],
    );
    check(Rule::Country, &["US", "de"], &["", "USA", "U", "U1", "ÄÖ"]);
    check(
        Rule::Certificate,
        &[
            "MAMCAQU=",
            "MAMCAQU",
            &long_certificate(200),
            &long_certificate(70_000),
        ],
        &[
            "",
            "MAA=",
            "MAMC",
            "MAMCAQUwAwIBBQ==",
            "AgEF",
            "!!",
            "MIA=",
            "MIUBAgMEBQ==",
        ],
    );
}

/// A SEQUENCE of so many bytes, whose length takes more than one byte.
fn long_certificate(length: usize) -> String {
    use base64::Engine as _;
    let digits: Vec<u8> = length
        .to_be_bytes()
        .into_iter()
        .skip_while(|byte| *byte == 0)
        .collect();
    let mut der = vec![0x30, 0x80 | u8::try_from(digits.len()).unwrap()];
    der.extend(&digits);
    der.resize(der.len() + length, 5);
    base64::engine::general_purpose::STANDARD.encode(der)
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(text in any::<String>()) {
        for comparison in [Comparison::Exact, Comparison::Caseless, Comparison::Username, Comparison::Opaque] {
            let key = comparison.key(&text).into_owned();
            prop_assert_eq!(comparison.key(&key), key.as_str(), "{:?} {:?}", comparison, text);
        }
    }
}
