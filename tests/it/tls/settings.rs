//! Settings of TLS that cannot be: said before a port is bound, with what was expected and what to do.

use crate::support::program::{Program, command, run};
use crate::support::tls::Authority;
use scimulate::certificate::Files;
use std::net::TcpListener;
use std::path::Path;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn settings_that_do_not_go_together_are_wrong_usage() {
    for (arguments, said) in [
        (&["serve", "--tls-cert", "a"][..], "--tls-key <FILE>"),
        (&["replay", "x", "--tls-key", "a"], "--tls-cert <FILE>"),
        (&["serve", "--tls-ca-out", "a"], "--tls-self-signed"),
        (
            &[
                "serve",
                "--tls-self-signed",
                "--tls-cert",
                "a",
                "--tls-key",
                "b",
            ],
            "cannot be used with",
        ),
        (
            &[
                "record",
                "--out",
                "x",
                "--upstream",
                "https://x",
                "--upstream-cert",
                "a",
            ],
            "--upstream-key <FILE>",
        ),
        (
            &[
                "record",
                "--out",
                "x",
                "--upstream",
                "https://x",
                "--upstream-key",
                "a",
            ],
            "--upstream-cert <FILE>",
        ),
        (
            &[
                "record",
                "--out",
                "x",
                "--upstream",
                "https://x",
                "--upstream-ca",
                "a",
                "--insecure-upstream",
            ],
            "cannot be used with",
        ),
        (
            &[
                "record",
                "--out",
                "x",
                "--upstream",
                "http://x",
                "--insecure-upstream",
            ],
            "give its https URL",
        ),
    ] {
        let (code, _, err) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}\n{err}");
        assert!(err.contains(said), "{arguments:?}\n{err}");
    }
}

/// A folder with a certificate, its key, and files that are no such thing.
fn files() -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let files = authority.issue(&["127.0.0.1"]).save(folder.path());
    let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for (name, text) in [
        ("other.pem", authority.issue(&["127.0.0.1"]).key),
        ("text.pem", "nothing of the kind".to_owned()),
        ("encrypted.pem", pem("ENCRYPTED PRIVATE KEY")),
        ("useless.pem", pem("PRIVATE KEY")),
        ("no-x509.pem", pem("CERTIFICATE")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    (folder, files)
}

#[track_caller]
fn check(arguments: &[&str], code: i32, said: &[&str]) {
    let (found, _, err) = run(arguments);
    assert_eq!(found, Some(code), "{arguments:?}\n{err}");
    for part in said {
        assert!(
            err.contains(part),
            "{part:?} is not said: {arguments:?}\n{err}"
        );
    }
}

#[test]
fn certificates_are_checked_before_a_port_is_bound() {
    let (folder, Files { certificate, key }) = files();
    // Whoever came as far as binding would end with 4 and another message.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let out = folder.path().join("recording");
    let check = |certificate: &Path, key: &Path, code: i32, said: &[&str]| {
        let (certificate, key) = (text(certificate), text(key));
        let serve = [
            "serve",
            "--listen",
            &address,
            "--tls-cert",
            certificate,
            "--tls-key",
            key,
        ];
        check(&serve, code, said);
        let mut record = vec![
            "record",
            "--listen",
            &address,
            "--out",
            text(&out),
            "--upstream",
            "https://127.0.0.1:1",
        ];
        record.extend([
            "--insecure-upstream",
            "--upstream-cert",
            certificate,
            "--upstream-key",
            key,
        ]);
        check(&record, code, said);
        assert!(!out.exists(), "nothing was made");
    };
    let path = |name: &str| folder.path().join(name);
    check(
        &certificate,
        &path("absent.pem"),
        4,
        &["cannot read", "absent.pem", "check the path"],
    );
    check(&path("absent.pem"), &key, 4, &["cannot read", "absent.pem"]);
    check(
        &certificate,
        &path("other.pem"),
        2,
        &["other.pem does not belong", "cert.pem"],
    );
    check(
        &key,
        &key,
        2,
        &["key.pem holds no certificate", "BEGIN CERTIFICATE"],
    );
    check(
        &certificate,
        &certificate,
        2,
        &["cert.pem holds no private key", "BEGIN PRIVATE KEY"],
    );
    check(
        &path("text.pem"),
        &key,
        2,
        &["text.pem holds no certificate"],
    );
    check(
        &certificate,
        &path("encrypted.pem"),
        2,
        &["is encrypted", "openssl pkey"],
    );
    check(
        &certificate,
        &path("useless.pem"),
        2,
        &["useless.pem cannot be used", "ECDSA"],
    );
    check(
        &path("no-x509.pem"),
        &key,
        2,
        &["no-x509.pem cannot be used", "X.509"],
    );
}

#[test]
fn authorities_are_checked_before_a_port_is_bound() {
    let (folder, Files { key, .. }) = files();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let check = |authority: &Path, code: i32, said: &[&str]| {
        let mut record = vec![
            "record",
            "--listen",
            &address,
            "--out",
            "absent/x",
            "--upstream",
            "https://127.0.0.1:1",
        ];
        record.extend(["--upstream-ca", text(authority)]);
        check(&record, code, said);
    };
    check(
        &folder.path().join("absent.pem"),
        4,
        &["cannot read", "absent.pem"],
    );
    check(&key, 2, &["key.pem holds no certificate"]);
    check(
        &folder.path().join("no-x509.pem"),
        2,
        &["no-x509.pem cannot be used"],
    );
}

#[test]
fn an_authority_that_cannot_be_written_is_exit_4() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("absent/ca.pem");
    let (code, _, err) = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-self-signed",
        "--tls-ca-out",
        text(&out),
    ]);
    assert_eq!(code, Some(4), "{err}");
    assert!(
        err.contains("absent/ca.pem") && err.contains("--tls-ca-out"),
        "{err}"
    );
}

#[test]
fn a_machine_that_trusts_nobody_is_told_so_when_the_upstream_is_https() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");
    let absent = folder.path().join("absent.pem");
    let output = command(&[
        "record",
        "--out",
        text(&out),
        "--upstream",
        "https://127.0.0.1:1",
    ])
    .env("SSL_CERT_FILE", absent)
    .env_remove("SSL_CERT_DIR")
    .output()
    .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{err}");
    assert!(
        err.contains("--upstream-ca FILE") && err.contains("SSL_CERT_FILE"),
        "{err}"
    );
}

#[test]
fn an_upstream_that_may_be_anybody_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");
    let program = Program::start(&[
        "record",
        "--out",
        text(&out),
        "--upstream",
        "https://127.0.0.1:1",
        "--insecure-upstream",
    ]);
    let said = program.says("--insecure-upstream");
    assert!(said.starts_with("warning: any certificate"), "{said}");
}

#[test]
fn the_banner_says_https_and_how_curl_trusts_it() {
    let folder = tempfile::tempdir().unwrap();
    let banner = |arguments: &[&str]| Program::start_for_people(folder.path(), arguments).1;
    let plain = banner(&["serve"]);
    assert!(
        plain.contains("  SCIM 2.0   http://127.0.0.1:") && plain.contains("curl -H"),
        "{plain}"
    );
    let known = banner(&["serve", "--tls-self-signed", "--tls-ca-out", "ca.pem"]);
    assert!(known.contains("  SCIM 2.0   https://127.0.0.1:"), "{known}");
    assert!(known.contains("curl --cacert ca.pem -H"), "{known}");
    let unknown = banner(&["serve", "--tls-self-signed"]);
    assert!(unknown.contains("curl -k -H"), "{unknown}");
    let files = Authority::new().issue(&["127.0.0.1"]).save(folder.path());
    let own = banner(&[
        "serve",
        "--tls-cert",
        text(&files.certificate),
        "--tls-key",
        text(&files.key),
    ]);
    assert!(
        own.contains("curl -H") && own.contains(" https://127.0.0.1:"),
        "{own}"
    );
}
