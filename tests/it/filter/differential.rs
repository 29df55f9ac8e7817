//! Our reading of filters and PATCH paths against that of another implementation (the `scim_v2` crate): what it accepts we accept,
//! and the tree is the same. Where the two differ, a row of one table says so and why; there is no other difference.
//!
//! What a filter finds is not compared: the other crate evaluates nothing.

use super::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use scim_v2::filter as theirs;
use scimulate::scim::filter::{Literal, Operator};
use scimulate::scim::path::{AttributePath, PatchPath};
use std::cell::Cell;

/// One difference.
struct Difference {
    text: &'static str,
    /// Whether the other crate reads `text`; we do the opposite.
    theirs: bool,
    /// Whether we read it by the letter too.
    strictly: bool,
    /// Whether the difference shows in a text, given our tree of it.
    shows: fn(&str, &Filter) -> bool,
    why: &'static str,
}

const DIFFERENCES: [Difference; 8] = [
    Difference {
        text: "not(title pr)",
        theirs: false,
        strictly: true,
        shows: |text, _| text.to_ascii_lowercase().contains("not("),
        why: "RFC 7644 figure 1: `*1\"not\" \"(\" FILTER \")\"` has no SP behind `not`",
    },
    Difference {
        text: "manager.$ref pr",
        theirs: false,
        strictly: true,
        shows: |_, filter| names(filter).iter().any(|name| name.contains('$')),
        why: "RFC 7643 section 2.1 has `$` among the nameChars, and `$ref` is an attribute; RFC 7644 figure 1 forgets it",
    },
    Difference {
        text: "not eq \"x\"",
        theirs: false,
        strictly: true,
        shows: |_, filter| {
            names(filter)
                .iter()
                .any(|name| name.eq_ignore_ascii_case("not"))
        },
        why: "RFC 7644 figure 1: ATTRNAME reserves no word, and `not` stands before `(` only",
    },
    Difference {
        text: "true pr",
        theirs: false,
        strictly: true,
        shows: |_, filter| {
            names(filter)
                .iter()
                .any(|name| ["true", "false", "null"].contains(name))
        },
        why: "RFC 7644 figure 1: ATTRNAME reserves no word, and a compValue stands behind an operator only",
    },
    Difference {
        text: "http://example.com/schema:title pr",
        theirs: false,
        strictly: true,
        shows: |_, filter| {
            uris(filter).iter().any(|uri| {
                !uri.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_:.-".contains(c))
            })
        },
        why: "RFC 7644 figure 1: attrPath = [URI \":\"] ATTRNAME, and RFC 3986 allows more in a URI than the crate's token",
    },
    Difference {
        text: "active eq TRUE",
        theirs: false,
        strictly: false,
        shows: |_, _| false,
        why: "RFC 7644 section 3.4.2.2 takes literals from JSON (RFC 7159 section 3), where they are in lower case; clients send others",
    },
    Difference {
        text: "emails[type eq \"work\"].value eq \"x\"",
        theirs: false,
        strictly: false,
        shows: |_, _| false,
        why: "RFC 7644 figure 1: FILTER has valuePath without subAttr; Entra ID sends it",
    },
    Difference {
        text: "name.familyName[value pr]",
        theirs: true,
        strictly: false,
        shows: |_, filter| brackets(filter).iter().any(|path| path.sub.is_some()),
        why: "RFC 7644 figure 1 generates it, and it can mean nothing: RFC 7643 section 2.3.8 has no complex sub-attributes",
    },
];

/// Every attribute name, of sub-attributes too.
fn names(filter: &Filter) -> Vec<&str> {
    let all = paths(filter).into_iter();
    all.flat_map(|path| std::iter::once(path.name.as_str()).chain(path.sub.as_deref()))
        .collect()
}

fn uris(filter: &Filter) -> Vec<&str> {
    paths(filter)
        .into_iter()
        .filter_map(|path| path.uri.as_deref())
        .collect()
}

fn paths(filter: &Filter) -> Vec<&AttributePath> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().flat_map(paths).collect(),
        Filter::Not(inner) => paths(inner),
        Filter::Compare { path, .. } | Filter::Present(path) => vec![path],
        Filter::ValuePath { path, filter } => std::iter::once(path).chain(paths(filter)).collect(),
    }
}

/// The paths that stand before a bracket.
fn brackets(filter: &Filter) -> Vec<&AttributePath> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => terms.iter().flat_map(brackets).collect(),
        Filter::Not(inner) => brackets(inner),
        Filter::ValuePath { path, .. } => vec![path],
        Filter::Compare { .. } | Filter::Present(_) => Vec::new(),
    }
}

#[test]
fn every_difference_is_still_there() {
    for difference in DIFFERENCES {
        let Difference {
            text,
            theirs,
            strictly,
            why,
            ..
        } = difference;
        assert_eq!(
            text.parse::<theirs::Filter>().is_ok(),
            theirs,
            "{text}: {why}"
        );
        assert_eq!(
            Filter::parse(text, Reading::LENIENT).is_ok(),
            !theirs,
            "{text}: {why}"
        );
        assert_eq!(
            Filter::parse(text, Reading::STRICT).is_ok(),
            strictly,
            "{text}: {why}"
        );
    }
}

/// Their tree as ours.
fn translated(filter: &theirs::Filter) -> Filter {
    match filter {
        theirs::Filter::Attr(expression) => comparison(expression),
        theirs::Filter::ValuePath(path) => Filter::ValuePath {
            path: attribute(&path.attr),
            filter: Box::new(inner(&path.filter)),
        },
        theirs::Filter::Not(filter) => Filter::Not(Box::new(translated(filter))),
        theirs::Filter::And(terms) => Filter::And(terms.iter().map(translated).collect()),
        theirs::Filter::Or(terms) => Filter::Or(terms.iter().map(translated).collect()),
    }
}

fn inner(filter: &theirs::ValFilter) -> Filter {
    match filter {
        theirs::ValFilter::Attr(expression) => comparison(expression),
        theirs::ValFilter::Not(filter) => Filter::Not(Box::new(inner(filter))),
        theirs::ValFilter::And(terms) => Filter::And(terms.iter().map(inner).collect()),
        theirs::ValFilter::Or(terms) => Filter::Or(terms.iter().map(inner).collect()),
    }
}

fn comparison(expression: &theirs::AttrExp) -> Filter {
    use theirs::{CompValue, CompareOp};
    let (path, operator, value) = match expression {
        theirs::AttrExp::Present(path) => return Filter::Present(attribute(path)),
        theirs::AttrExp::Comparison(path, operator, value) => (path, operator, value),
    };
    let operator = match operator {
        CompareOp::Eq => Operator::Eq,
        CompareOp::Ne => Operator::Ne,
        CompareOp::Co => Operator::Co,
        CompareOp::Sw => Operator::Sw,
        CompareOp::Ew => Operator::Ew,
        CompareOp::Gt => Operator::Gt,
        CompareOp::Lt => Operator::Lt,
        CompareOp::Ge => Operator::Ge,
        CompareOp::Le => Operator::Le,
    };
    let value = match value {
        CompValue::False => Literal::Bool(false),
        CompValue::True => Literal::Bool(true),
        CompValue::Null => Literal::Null,
        CompValue::Number(number) => Literal::Number(number.clone()),
        CompValue::Str(text) => Literal::String(text.clone()),
    };
    Filter::Compare {
        path: attribute(path),
        operator,
        value,
    }
}

fn attribute(path: &theirs::AttrPath) -> AttributePath {
    AttributePath {
        uri: path.uri.clone(),
        name: path.name.clone(),
        sub: path.sub_attr.clone(),
    }
}

/// `(a and b) and c` is `a and b and c`: the other crate forgets the parentheses, we keep them.
fn flat(filter: Filter) -> Filter {
    let terms = |terms: Vec<Filter>, and: bool| -> Vec<Filter> {
        let flatten = |term| match flat(term) {
            Filter::And(inner) if and => inner,
            Filter::Or(inner) if !and => inner,
            other => vec![other],
        };
        terms.into_iter().flat_map(flatten).collect()
    };
    match filter {
        Filter::And(list) => Filter::And(terms(list, true)),
        Filter::Or(list) => Filter::Or(terms(list, false)),
        Filter::Not(inner) => Filter::Not(Box::new(flat(*inner))),
        Filter::ValuePath { path, filter } => Filter::ValuePath {
            path,
            filter: Box::new(flat(*filter)),
        },
        leaf => leaf,
    }
}

type Agreed = Result<bool, TestCaseError>;

/// Whether a row says why one side alone reads `text` as `filter`.
fn explained(theirs: bool, text: &str, filter: &Filter) -> bool {
    DIFFERENCES
        .iter()
        .any(|it| it.theirs == theirs && (it.shows)(text, filter))
}

/// Both read the text the same, if the other crate reads it; whether it does.
fn same_filter(text: &str) -> Agreed {
    let (ours, strictly) = (
        Filter::parse(text, Reading::LENIENT),
        Filter::parse(text, Reading::STRICT),
    );
    let Ok(theirs) = text.parse::<theirs::Filter>() else {
        if let Ok(filter) = strictly {
            prop_assert!(
                explained(false, text, &filter),
                "{:?} is read by us alone, and no row says why",
                text
            );
        }
        return Ok(false);
    };
    let expected = translated(&theirs);
    if ours.is_err() && explained(true, text, &expected) {
        return Ok(true);
    }
    prop_assert_eq!(ours.map(flat), Ok(expected.clone()), "{:?}", text);
    // What they print is the letter of the grammar, so that it needs no leniency.
    let printed = theirs.to_string();
    prop_assert_eq!(
        Filter::parse(&printed, Reading::STRICT).map(flat),
        Ok(expected),
        "{:?} of {:?}",
        printed,
        text
    );
    Ok(true)
}

/// The same for the path of a PATCH operation.
fn same_path(text: &str) -> Agreed {
    let Ok(theirs) = text.parse::<theirs::PatchPath>() else {
        return Ok(false);
    };
    let expected = match &theirs {
        theirs::PatchPath::Attr(path) => PatchPath {
            attribute: attribute(path),
            filter: None,
            sub: None,
        },
        theirs::PatchPath::Value(path) => PatchPath {
            attribute: attribute(&path.attr),
            filter: Some(inner(&path.filter)),
            sub: path.sub_attr.clone(),
        },
    };
    if expected.filter.is_some() && expected.attribute.sub.is_some() {
        // The row with `name.familyName[value pr]`.
        return Ok(PatchPath::parse(text, Reading::LENIENT).is_err());
    }
    for (reading, text) in [
        (Reading::LENIENT, text.to_owned()),
        (Reading::STRICT, theirs.to_string()),
    ] {
        let ours = PatchPath::parse(&text, reading);
        let ours = ours.map(|path| PatchPath {
            filter: path.filter.map(flat),
            ..path
        });
        prop_assert_eq!(ours, Ok(expected.clone()), "{:?}", text);
    }
    Ok(true)
}

fn space() -> BoxedStrategy<&'static str> {
    prop_oneof![12 => Just(" "), 1 => select(vec!["  ", "\t", "\n", " \r\n ", "\u{a0}", "\u{2003}"])].boxed()
}

/// Space where there may be none.
fn gap() -> BoxedStrategy<&'static str> {
    prop_oneof![12 => Just(""), 1 => space()].boxed()
}

fn name() -> BoxedStrategy<String> {
    let words = [
        "userName",
        "emails",
        "value",
        "type",
        "and",
        "or",
        "eq",
        "pr",
        "nota",
        "android",
        "truefalse",
        "e5",
        "x-1_y",
    ];
    prop_oneof![3 => select(words.to_vec()).prop_map(str::to_owned), 2 => "[a-zA-Z][a-zA-Z0-9_-]{0,6}"].boxed()
}

fn attribute_text() -> BoxedStrategy<String> {
    let uri = prop_oneof![
        Just("urn:ietf:params:scim:schemas:core:2.0:User:".to_owned()),
        "[a-z]{1,4}(:[A-Za-z0-9._-]{1,5}){1,3}:",
        // What else RFC 3986 calls a URI, of the characters that the other crate's token takes.
        "[a-zA-Z][a-zA-Z0-9.-]{0,3}:[A-Za-z0-9._:-]{0,6}:",
    ];
    (
        option::weighted(0.2, uri),
        name(),
        option::weighted(0.25, name()),
    )
        .prop_map(|(uri, name, sub)| {
            let (uri, sub) = (
                uri.unwrap_or_default(),
                sub.map(|sub| format!(".{sub}")).unwrap_or_default(),
            );
            format!("{uri}{name}{sub}")
        })
        .boxed()
}

fn literal() -> BoxedStrategy<String> {
    let escapes =
        r#""([ -!#-\[\]-~]|\\["\\/bfnrt]|\\u00[0-9a-fA-F]{2}|\\ud83d\\ude00|[é-ü]){0,8}""#;
    prop_oneof![
        2 => select(vec!["true", "false", "null", "0", "-0", "5", "-1.5e3", "1E+2", "18446744073709551616", "1e400"]).prop_map(str::to_owned),
        1 => "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        4 => escapes,
    ].boxed()
}

/// A keyword in any case.
fn keyword(word: &'static str) -> BoxedStrategy<String> {
    prop_oneof![8 => Just(word.to_owned()), 1 => Just(word.to_uppercase()), 1 => Just(format!("{}{}", word[..1].to_uppercase(), &word[1..]))].boxed()
}

fn expression() -> BoxedStrategy<String> {
    let present = (attribute_text(), space(), keyword("pr"))
        .prop_map(|(path, space, pr)| format!("{path}{space}{pr}"));
    let operator = Union::new(Operator::ALL.map(|(name, _)| keyword(name).boxed()));
    let compare = (attribute_text(), space(), operator, space(), literal()).prop_map(
        |(path, before, operator, after, value)| format!("{path}{before}{operator}{after}{value}"),
    );
    prop_oneof![1 => present, 3 => compare].boxed()
}

fn grown(leaf: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let joined = |below: BoxedStrategy<String>, word| {
        let parts = (below.clone(), space(), keyword(word), space(), below);
        parts
            .prop_map(|(one, before, word, after, two)| format!("{one}{before}{word}{after}{two}"))
            .boxed()
    };
    leaf.prop_recursive(3, 12, 2, move |below| {
        let group = (gap(), below.clone(), gap()).prop_map(|(before, inner, after)| format!("({before}{inner}{after})")).boxed();
        let behind = prop_oneof![6 => space(), 1 => Just("")].boxed();
        let not = (keyword("not"), behind, group.clone()).prop_map(|(not, space, group)| format!("{not}{space}{group}")).boxed();
        prop_oneof![2 => joined(below.clone(), "and"), 2 => joined(below, "or"), 1 => group, 1 => not]
    })
    .boxed()
}

/// `emails[…]`.
fn bracket() -> BoxedStrategy<String> {
    let parts = (attribute_text(), gap(), gap(), grown(expression()), gap());
    parts
        .prop_map(|(path, before, open, inner, close)| {
            format!("{path}{before}[{open}{inner}{close}]")
        })
        .boxed()
}

/// Everything that the grammar of the other crate generates, and a little more.
fn grammar() -> impl Strategy<Value = String> {
    let filter = grown(prop_oneof![4 => expression(), 1 => bracket()].boxed());
    (gap(), filter, gap()).prop_map(|(before, filter, after)| format!("{before}{filter}{after}"))
}

fn patch_path() -> impl Strategy<Value = String> {
    let sub =
        option::of(name()).prop_map(|sub| sub.map(|sub| format!(".{sub}")).unwrap_or_default());
    prop_oneof![1 => attribute_text(), 3 => (bracket(), sub).prop_map(|(bracket, sub)| bracket + &sub)]
}

/// A text with up to three places changed: something taken out, put in, or doubled.
fn mutated(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let pieces = [
        " ", "(", ")", "[", "]", "\"", "\\", ".", ":", "$", "-", "_", "0", "e", "not", "not ",
        " and ", " or ", " pr", " eq ", "true", "a", "urn:", "é", "\t",
    ];
    let edit = (
        any::<Index>(),
        0..3_usize,
        option::of(select(pieces.to_vec())),
    );
    (text, vec(edit, 1..4)).prop_map(|(text, edits)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, taken, piece) in edits {
            let from = at.index(letters.len() + 1);
            let to = (from + taken).min(letters.len());
            let put = piece.map_or_else(
                || letters[from..to].repeat(2),
                |piece| piece.chars().collect(),
            );
            letters.splice(from..to, put);
        }
        letters.into_iter().collect()
    })
}

/// Runs the same cases every time, and asks that enough of them be read by the other crate for the comparison to mean something.
#[track_caller]
fn check(
    cases: u32,
    least: u32,
    texts: impl Strategy<Value = String>,
    agrees: impl Fn(&str) -> Agreed,
) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let read = Cell::new(0);
    let outcome = runner.run(&texts, |text| {
        read.set(read.get() + u32::from(agrees(&text)?));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(
        read.get() >= least,
        "only {} of {cases} were read",
        read.get()
    );
}

#[test]
fn what_its_grammar_generates_we_read_the_same() {
    check(300, 220, grammar(), same_filter);
}

#[test]
fn what_it_reads_of_near_filters_we_read_the_same() {
    check(600, 100, mutated(grammar()), same_filter);
}

#[test]
fn its_patch_paths_are_ours() {
    check(150, 100, patch_path(), same_path);
    check(300, 50, mutated(patch_path()), same_path);
}

/// Both bound what they read, at the same sizes.
#[test]
fn what_it_reads_at_its_limits_we_read_the_same() {
    let joined = |term: &str, count: usize| vec![term; count].join(" or ");
    let nested =
        |open: &str, count: usize| format!("{}a pr{}", open.repeat(count), ")".repeat(count));
    for text in [
        joined("a pr", theirs::MAX_FILTER_TERMS),
        joined("a[b pr]", theirs::MAX_FILTER_TERMS),
        format!("a[{}]", joined("b pr", theirs::MAX_FILTER_TERMS)),
        nested("(", theirs::MAX_FILTER_DEPTH),
        nested("not (", theirs::MAX_FILTER_DEPTH - 1),
    ] {
        assert!(
            same_filter(&text).unwrap_or_else(|failure| panic!("{failure}")),
            "{} bytes",
            text.len()
        );
    }
}
