//! Products by their traffic, and what is known of them as notes.

use super::case::exchange;
use scimulate::exchange::Exchange;
use scimulate::lint::{self, Severity};

/// A rule, how bad it is, and what product is known for it.
type Found = (String, Severity, Option<String>);

fn judged(lines: &[&str], strict: bool) -> (Vec<String>, Vec<Found>) {
    let exchanges: Vec<Exchange> = lines
        .iter()
        .enumerate()
        .map(|(n, line)| exchange(line, n))
        .collect();
    let (findings, judge) = lint::judge((1..).zip(&exchanges), strict);
    let products = judge.fingerprints().recognised();
    for product in &products {
        assert!(!product.evidence.is_empty(), "{product:?}");
    }
    let told = findings
        .into_iter()
        .map(|it| (it.rule.id.to_owned(), it.severity, it.known));
    (
        products
            .iter()
            .map(lint::fingerprint::Recognised::name)
            .collect(),
        told.collect(),
    )
}

#[track_caller]
fn check(lines: &[&str], expected: &[&str]) {
    assert_eq!(judged(lines, false).0, expected, "{lines:?}");
}

const ENTRA: [&str; 3] = [
    "GET /Users?filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22 | -user-agent => 200 | %list[]",
    r#"PATCH /Users/1 | -user-agent | %patch[{"op":"Replace","path":"active","value":"False"}] => 204"#,
    r#"PATCH /Groups/g | -user-agent | %patch[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"1"}]}] => 204"#,
];

#[test]
fn identity_providers_are_told_by_what_they_send() {
    check(&ENTRA, &["Entra ID without aadOptscim062020"]);
    check(
        &[
            r#"PATCH /Users/1?aadOptscim062020 | -user-agent | %patch[{"op":"replace","path":"active","value":false}] => 204"#,
        ],
        &["Entra ID with aadOptscim062020"],
    );
    check(
        &[
            "GET /Users?startIndex=1&count=2 | user-agent: Okta SCIM Client 1.0.0 => 200 | %list[%user]",
        ],
        &["Okta"],
    );
    check(
        &[
            r#"POST /Users | user-agent: Okta SCIM Client 1.0.0 | %new{"externalId":"00ujl29u0le5T6Aj10h7"} => 201 | location: {base}/Users/1 | %user"#,
            "PUT /Users/1 | user-agent: Okta SCIM Client 1.0.0 | %new => 200 | %user",
        ],
        &["Okta as a custom app"],
    );
    check(
        &["GET /Users?filter=userName+eq+%22onelogin-test-user01%22 => 200 | %list[]"],
        &["OneLogin"],
    );
    check(
        &["GET /Users | user-agent: Google-Auto-Provisioning => 200 | %list[]"],
        &["Google Workspace"],
    );
}

#[test]
fn service_providers_are_told_by_what_they_answer() {
    check(
        &[
            r#"GET /Users/9 => 404 | content-type: application/json | {"Errors":{"description":"user_not_found","code":404}}"#,
        ],
        &["Slack"],
    );
    check(
        &["GET /Users => 200 | x-github-request-id: 1 | %list[]"],
        &["GitHub"],
    );
    check(
        &[
            r#"GET /Users/1 => 200 | %user{"schemas":["$User","urn:ietf:params:scim:schemas:extension:notion:2.0:User"]}"#,
        ],
        &["Notion"],
    );
    check(
        &[
            "GET /Users => 200 | x-amzn-requestid: 1 | %list[]",
            r#"GET /Users/9 => 404 | x-amzn-requestid: 2 | {"message":"no such user","exceptionRequestId":"2"}"#,
        ],
        &["AWS IAM Identity Center"],
    );
}

#[test]
fn a_little_evidence_names_nobody() {
    check(&["GET /Users | -user-agent => 200 | %list[]"], &[]);
    check(
        &[
            r#"POST /Users | %new{"externalId":"5f0c0c0c0c0c0c0c0c0c0c0c"} => 201 | location: {base}/Users/1 | %user"#,
        ],
        &[],
    );
}

#[test]
fn what_a_product_is_known_for_is_a_note_unless_strict() {
    let known = |strict: bool| {
        let told = judged(&ENTRA, strict).1.into_iter();
        let about = told.filter(|it| {
            ["REQ-PATCH-005", "REQ-VALUE-001", "REQ-PATCH-009"].contains(&it.0.as_str())
        });
        about
            .map(|(_, severity, known)| (severity, known))
            .collect::<Vec<_>>()
    };
    let lenient = known(false);
    assert_eq!(lenient.len(), 4, "{lenient:?}");
    for (severity, known) in lenient {
        assert_eq!(
            (severity, known.as_deref()),
            (Severity::Note, Some("Entra ID without aadOptscim062020"))
        );
    }
    assert!(
        known(true)
            .iter()
            .all(|(severity, known)| *severity > Severity::Note && known.is_none())
    );
}

/// Another client of the same recording is judged by what it is itself.
#[test]
fn what_one_client_is_known_for_excuses_no_other() {
    let other = r#"PATCH /Users/1 | user-agent: curl/8 | %patch[{"op":"replace","path":"active","value":"False"}] => 204"#;
    let lines = [ENTRA[0], ENTRA[1], other];
    let told = judged(&lines, false).1;
    let severities: Vec<Severity> = told
        .iter()
        .filter(|it| it.0 == "REQ-VALUE-001")
        .map(|it| it.1)
        .collect();
    assert_eq!(severities, [Severity::Note, Severity::Error]);
}

/// A fault that the scenario injects says nothing of the provider.
#[test]
fn a_fault_of_the_scenario_is_the_scenarios() {
    let exchanges = [exchange(
        "GET /Users => 500 | scimulate-fault: down | content-type: text/html | <html>",
        0,
    )];
    let (findings, _) = lint::judge((1..).zip(&exchanges), true);
    assert!(
        findings.iter().all(|it| it.side != lint::Side::Provider),
        "{findings:?}"
    );
    assert!(
        findings
            .iter()
            .any(|it| it.rule.id == "RES-STATUS-007" && it.severity == Severity::Note)
    );
}
