//! What is said about broken scenario files, and what is never said.

use crate::scenario::{DEMO, clean, loaded};
use proptest::prelude::*;
use scimulate::scenario::{Access, Credential, Diagnostic, Severity};

/// A file, and what is said about it: line, column, title; then the help. Before the line, the file, where it is another.
#[test]
fn every_kind_of_mistake_is_named_with_its_place_and_what_to_write() {
    let table = include_str!("../data/scenario-mistakes.txt");
    let (_, cases) = table.split_once("\n====\n").unwrap();
    let mut wrong = Vec::new();
    for case in cases.split("\n====\n") {
        let (text, expected) = case.split_once("\n----\n").expect(case);
        let (scenario, diagnostics) = loaded(text);
        let told = |it: &Diagnostic| {
            let elsewhere = Some(it.path()).filter(|path| *path != "scenarios/acme.ron");
            let file = elsewhere.map_or(String::new(), |path| format!("{path}:"));
            let (line, column) = (it.line(), it.column());
            format!("{file}{line}:{column} {}\n  {}", it.title, it.help)
        };
        let found: Vec<String> = diagnostics.iter().map(told).collect();
        if found.join("\n") != expected.trim_end() || scenario.is_some() {
            wrong.push(format!("{text}\n----\n{}\n", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "found instead:\n{}", wrong.join("====\n"));
}

/// However broken the file, a diagnostic in the line of a secret does not show it.
#[test]
fn secrets_are_hidden_wherever_they_stand() {
    for line in [
        r#"auth: [Bearer("s3cr3t"), x"#,
        r#"auth: Bearer("s3cr3t")"#,
        r#"auth: ["s3cr3t"]"#,
        r#"auth: "s3cr3t""#,
        r"auth = [s3cr3t]",
        r"Auth: [Barer(s3cr3t)]",
        r"auth: [Bearer('s3cr3t')]",
        r#"auth: [(Basic: {"u": "s3cr3t"})]"#,
        r#"seed: "x", // auth: [Bearer("s3cr3t")]"#,
        r#"seed: x", auth: [Bearer("s3cr3t")]"#,
        r#"auth: [Bearer("s3cr3t": 1)]"#,
        r#"users: [{"password": s3cr3t}]"#,
        r#"users: [{"a": x, "Password": "s3cr3t"}]"#,
        r#"users: [{"a": x, "password": {"value": ["s3cr3t"]}}]"#,
    ] {
        let (_, diagnostics) = loaded(&format!("Scenario({line}"));
        assert!(!diagnostics.is_empty(), "{line}");
        for diagnostic in diagnostics {
            assert!(!diagnostic.to_string().contains("s3cr3t"), "{diagnostic}");
        }
    }
}

#[test]
fn a_diagnostic_shows_the_line_and_not_the_secret() {
    let (_, diagnostics) =
        loaded("Scenario(\n    auth: [Basic(\"zoé\", \"p\"), Baerer(\"b\")],\n)");
    assert_eq!(diagnostics.len(), 1);
    let expected = "\
error: unknown name `Baerer`
 --> scenarios/acme.ron:2:31
  |
2 |     auth: [Basic(***·******), Baerer(***)],
  |                               ^^^^^^ expected `Bearer`, `Basic` or `OAuth`
  |
  = help: did you mean `Bearer`?";
    assert_eq!(diagnostics[0].to_string(), expected);
    assert_eq!(diagnostics[0].path(), "scenarios/acme.ron");
    let coloured = diagnostics[0].coloured();
    assert!(
        coloured.contains("\u{1b}[") && coloured.contains("Baerer(***)"),
        "{coloured}"
    );
}

#[test]
fn credentials_that_are_listed_twice_are_a_warning() {
    let (scenario, diagnostics) = loaded(r#"Scenario(auth: [Bearer("t"), Bearer("t")])"#);
    let token = Credential::Bearer {
        token: "t".into(),
        subject: None,
        access: Access::Full,
        expires: None,
    };
    assert_eq!(scenario.unwrap().auth, [token]);
    assert_eq!(diagnostics[0].severity, Severity::Warning);
    assert_eq!(diagnostics[0].column(), 30);
    assert!(
        diagnostics[0]
            .to_string()
            .starts_with("warning: these credentials are listed twice")
    );
}

#[test]
fn brackets_may_be_deep_and_not_endless() {
    let nested = |depth| {
        format!(
            "Scenario(users: [{{\"a\": {}{}}}])",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    clean(&nested(125));
    for depth in [126, 200_000] {
        let (_, diagnostics) = loaded(&nested(depth));
        let titles: Vec<&str> = diagnostics.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["more than 128 brackets stand in one another"]);
    }
}

proptest! {
    #[test]
    fn whatever_is_broken_is_reported_and_rendered(cuts in prop::collection::vec((0.0..1.0, 0_usize..40, "[\\[\\](){}:,\"'#=/*\\\\a-zé \n\t]{0,3}"), 1..6)) {
        let mut text = DEMO.to_owned();
        for (place, length, with) in cuts {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
            let start = text.floor_char_boundary((place * text.len() as f64) as usize);
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &with);
        }
        let secret = if text.contains(r#"Bearer("demo-token")"#) { "demo-token" } else { "\0 not there" };
        let (scenario, diagnostics) = loaded(&text);
        prop_assert_eq!(scenario.is_none(), diagnostics.iter().any(Diagnostic::is_error));
        for diagnostic in diagnostics {
            let head = format!("--> scenarios/acme.ron:{}:{}", diagnostic.line(), diagnostic.column());
            let rendered = diagnostic.to_string();
            prop_assert!(rendered.contains(&head), "{}\n{}", head, rendered);
            prop_assert!(!rendered.contains(secret), "{}", rendered);
        }
    }
}
