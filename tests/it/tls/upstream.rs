//! Upstreams over TLS (RFC 7644 section 7.2, RFC 9110 section 4.3.4): who is believed, who is not, and what the client is told of it.

use crate::support::front::{answer, get, names, only_file, send, serve, serve_recording};
use crate::support::tls::{Authority, Issued};
use crate::support::upstream::Upstream;
use bytes::Bytes;
use http::{Response, Version};
use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use scimulate::proxy::{Config, TlsConfig};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Trusts the authority in this folder.
fn trusting(folder: &Path, authority: &Authority) -> TlsConfig {
    let path = folder.join("ca.pem");
    std::fs::write(&path, authority.pem()).unwrap();
    TlsConfig {
        authorities: Some(path),
        ..TlsConfig::default()
    }
}

fn config(upstream: &str, tls: TlsConfig) -> Config {
    Config {
        tls,
        ..Config::new(upstream)
    }
}

fn insecure() -> TlsConfig {
    TlsConfig {
        any_certificate: true,
        ..TlsConfig::default()
    }
}

async fn start(issued: &Issued) -> Upstream {
    Upstream::start_over_tls(issued.server(&["h2", "http/1.1"], None), |_| {
        answer(200, "{}")
    })
    .await
}

#[track_caller]
fn assert_refused(response: &Response<Bytes>, status: u16, parts: &[&str]) {
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), status, "{text}");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["status"], status.to_string());
    let detail = body["detail"].as_str().unwrap();
    for part in parts {
        assert!(detail.contains(part), "{part:?} is not in {detail:?}");
    }
}

#[tokio::test]
async fn an_upstream_whose_authority_is_given_is_recorded_in_the_protocol_that_it_offers() {
    let authority = Authority::new();
    let issued = authority.issue(&["127.0.0.1"]);
    for (offered, version) in [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["http/1.1"], Version::HTTP_11),
        (&[], Version::HTTP_11),
    ] {
        let upstream = Upstream::start_over_tls(issued.server(offered, None), |request| {
            let host = request.uri().authority().map(ToString::to_string);
            let host =
                host.unwrap_or_else(|| request.headers()["host"].to_str().unwrap().to_owned());
            let location = format!("https://{host}/api/scim/Users/1");
            let body = json!({ "id": "1", "meta": { "location": location } });
            let mut response = answer(200, body.to_string());
            response
                .headers_mut()
                .insert("location", location.parse().unwrap());
            response
        })
        .await;
        let folder = TempDir::new().unwrap();
        let recording = folder.path().join("recording");
        let config = config(&upstream.base, trusting(folder.path(), &authority));
        let base = serve_recording(config, &recording).await;
        let got = send(get(format!("{base}/Users/1?a=%20b"))).await;
        assert_eq!(got.status(), 200, "{got:?}");
        let body: Value = serde_json::from_slice(got.body()).unwrap();
        assert_eq!(body["meta"]["location"], format!("{base}/Users/1"));
        assert_eq!(got.headers()["location"], format!("{base}/Users/1"));
        let seen = upstream.only_request();
        assert_eq!(seen.version(), version, "{offered:?}");
        assert_eq!(
            seen.uri().path_and_query().unwrap(),
            "/api/scim/Users/1?a=%20b"
        );
        let (_, file) = only_file(&recording);
        assert_eq!(
            file["response"]["body"]["meta"]["location"],
            "{base}/Users/1"
        );
        // The same again, on a connection that is there.
        assert_eq!(send(get(format!("{base}/Users/1"))).await.status(), 200);
    }
}

#[tokio::test]
async fn an_upstream_that_is_not_who_it_should_be_is_a_bad_gateway_that_says_what_to_do() {
    let (authority, stranger, namesake) = (
        Authority::new(),
        Authority::named("a stranger"),
        Authority::new(),
    );
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        authority.issue_with(&["127.0.0.1"], |params| change(params))
    };
    let table: [(Issued, &[&str]); 7] = [
        (
            authority.issue(&["sp.example", "192.0.2.1"]),
            &[
                "not for `127.0.0.1` but for `sp.example`, `192.0.2.1`",
                "URL with a name",
            ],
        ),
        (
            stranger.issue(&["127.0.0.1"]),
            &["issuer that is not known", "--upstream-ca FILE"],
        ),
        (
            namesake.issue(&["127.0.0.1"]),
            &["same name", "--upstream-ca FILE"],
        ),
        (
            with(&|params| params.not_after = date_time_ymd(2020, 2, 3)),
            &["expired at 2020-02-03T00:00:00Z", "renew it"],
        ),
        (
            with(&|params| params.not_before = date_time_ymd(4000, 1, 1)),
            &["not valid before 4000-01-01T00:00:00Z", "clock"],
        ),
        (
            with(&|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            &["is an authority's", "CA:FALSE"],
        ),
        (
            with(&|params| {
                params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
            }),
            &["refused", "server authentication"],
        ),
    ];
    for (issued, parts) in table {
        let upstream = start(&issued).await;
        let folder = TempDir::new().unwrap();
        let recording = folder.path().join("recording");
        let tls = trusting(folder.path(), &authority);
        let base = serve_recording(config(&upstream.base, tls), &recording).await;
        let got = send(get(format!("{base}/Users"))).await;
        assert_refused(
            &got,
            502,
            &[&[upstream.base.as_str(), "--insecure-upstream"], parts].concat(),
        );
        assert!(
            upstream.seen().is_empty(),
            "the request and its token stay here"
        );
        let (_, file) = only_file(&recording);
        assert_eq!(file["response"]["status"], 0);
        assert_eq!(file["ended"]["by"], "upstream");
        assert!(
            file["ended"]["why"]
                .as_str()
                .unwrap()
                .contains("no TLS connection")
        );

        // Each of them is taken where anybody is.
        let base = serve(config(&upstream.base, insecure()).build(None).unwrap()).await;
        assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
        assert_eq!(upstream.only_request().version(), Version::HTTP_2);
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_when_it_is_asked_for() {
    let (servers, clients, strangers) = (
        Authority::new(),
        Authority::named("clients"),
        Authority::named("strangers"),
    );
    let config_of_server = servers
        .issue(&["127.0.0.1"])
        .server(&["http/1.1"], Some(&clients));
    let upstream = Upstream::start_over_tls(config_of_server, |_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let trust = trusting(folder.path(), &servers);
    let base = |tls: TlsConfig| serve(config(&upstream.base, tls).build(None).unwrap());
    let shown_of = |authority: &Authority| TlsConfig {
        identity: Some(authority.issue(&["client"]).save(folder.path())),
        ..trust.clone()
    };

    let none = base(trust.clone()).await;
    let got = send(get(format!("{none}/Users"))).await;
    assert_refused(
        &got,
        502,
        &[
            &upstream.base,
            "asks for a client certificate",
            "--upstream-cert FILE",
        ],
    );
    let strange = base(shown_of(&strangers)).await;
    let got = send(get(format!("{strange}/Users"))).await;
    assert_refused(
        &got,
        502,
        &[
            &upstream.base,
            "refuses the client certificate",
            "--upstream-cert FILE",
        ],
    );
    assert!(upstream.seen().is_empty());
    let known = base(shown_of(&clients)).await;
    assert_eq!(send(get(format!("{known}/Users"))).await.status(), 200);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn an_upstream_without_tls_is_a_bad_gateway_that_names_http() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let https = upstream.base.replace("http://", "https://");
    let base = serve(config(&https, insecure()).build(None).unwrap()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_refused(&got, 502, &[&https, "does not speak TLS", "http URL"]);
}

#[tokio::test]
async fn a_handshake_that_gets_no_answer_is_a_gateway_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = format!("https://{}/scim", listener.local_addr().unwrap());
    let config = Config {
        connect_timeout: Duration::from_millis(50),
        ..config(&upstream, insecure())
    };
    let base = serve(config.build(None).unwrap()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_refused(&got, 504, &[&upstream, "50ms"]);
    drop(listener);
}

#[tokio::test]
async fn requests_at_once_share_an_http_2_upstream_and_none_is_lost() {
    let authority = Authority::new();
    let upstream = Arc::new(start(&authority.issue(&["127.0.0.1"])).await);
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("recording");
    let tls = trusting(folder.path(), &authority);
    let base = serve_recording(config(&upstream.base, tls), &recording).await;
    let clients: Vec<_> = (0..50)
        .map(|n| tokio::spawn(send(get(format!("{base}/Users/{n}")))))
        .collect();
    for client in clients {
        assert_eq!(client.await.unwrap().status(), 200);
    }
    assert_eq!(upstream.seen().len(), 50);
    assert_eq!(names(&recording).len(), 50);
}
