//! TLS in front of every verb (RFC 7644 section 7.2): versions, names, protocols, certificates that change, clients that dawdle.

mod settings;
mod upstream;

use crate::support::client::{Client, connect, raw, raw_over};
use crate::support::impatient::impatient;
use crate::support::program::{Program, save};
use crate::support::tls::{Authority, client, handshake, shown, trusting, trusting_in};
use crate::support::upstream::Upstream;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client as HttpsClient;
use hyper_util::rt::TokioExecutor;
use rustls::ProtocolVersion;
use scimulate::certificate::SelfSigned;
use scimulate::net::Tls;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The demo over TLS with a certificate of its own, and the authority that it wrote.
fn demo() -> (Program, String) {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let program = Program::start(&[
        "serve",
        "--log",
        "off",
        "--tls-self-signed",
        "--tls-ca-out",
        ca.to_str().unwrap(),
    ]);
    let authority = std::fs::read_to_string(ca).unwrap();
    (program, authority)
}

/// The demo with the certificate and the key of these files.
fn demo_with(certificate: &Path, key: &Path) -> Program {
    Program::start(&[
        "serve",
        "--log",
        "off",
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ])
}

#[test]
fn tls_1_2_and_1_3_are_spoken() {
    let (program, authority) = demo();
    for (version, expected) in [
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let config = trusting_in(&[version], &authority, &[]);
        let stream = handshake(config, program.address(), "localhost").unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(expected));
        let mut client = Client::over(stream, program.address(), "demo-token");
        assert_eq!(client.get("/scim/v2/Users").status, 200);
    }
}

/// RFC 8996: versions 1.0 and 1.1 are not to be used.
#[test]
fn older_versions_are_refused_with_an_alert() {
    let (program, _) = demo();
    for minor in [1, 2] {
        // A ClientHello by hand: the version, 32 bytes of chance, no session, two suites, no compression, one extension: ECDSA.
        let mut hello = vec![3, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0, 4, 0xc0, 0x09, 0xc0, 0x13, 1, 0]);
        hello.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
        let length = u8::try_from(hello.len()).unwrap();
        let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
        record.extend(hello);
        let mut stream = connect(program.address());
        stream.write_all(&record).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        // A record of type alert, fatal, 70: protocol_version.
        assert_eq!(answer.first(), Some(&21));
        assert_eq!(answer.get(5..), Some(&[2, 70][..]));
    }
}

#[test]
fn the_protocol_is_agreed_upon_in_the_handshake() {
    let (program, authority) = demo();
    let agreed = |offered: &[&str]| {
        let stream = handshake(
            trusting(&authority, offered),
            program.address(),
            "localhost",
        )
        .unwrap();
        stream
            .conn
            .alpn_protocol()
            .map(|name| String::from_utf8(name.to_vec()).unwrap())
    };
    assert_eq!(agreed(&["http/1.1", "h2"]).as_deref(), Some("h2"));
    assert_eq!(agreed(&["http/1.1"]).as_deref(), Some("http/1.1"));
    assert_eq!(agreed(&[]), None);
}

#[tokio::test]
async fn http_2_and_http_1_1_are_served_with_locations_that_say_https() {
    let (program, authority) = demo();
    for (only_h2, version) in [
        (true, http::Version::HTTP_2),
        (false, http::Version::HTTP_11),
    ] {
        let builder = HttpsConnectorBuilder::new()
            .with_tls_config(trusting(&authority, &[]))
            .https_only();
        let connector = if only_h2 {
            builder.enable_http2().build()
        } else {
            builder.enable_http1().build()
        };
        let client: HttpsClient<_, Full<bytes::Bytes>> =
            HttpsClient::builder(TokioExecutor::new()).build(connector);
        let request = http::Request::get(format!("{}/Users?count=1", program.base()))
            .header("authorization", "Bearer demo-token")
            .body(Full::default())
            .unwrap();
        let response = client.request(request).await.unwrap();
        assert_eq!(
            (response.version(), response.status().as_u16()),
            (version, 200)
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let location = body["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert!(location.starts_with(program.base()), "{location}");
    }
}

#[test]
fn every_location_says_https() {
    let (program, authority) = demo();
    assert!(
        program.base().starts_with("https://127.0.0.1:"),
        "{}",
        program.base()
    );
    let mut client = client(&authority, program.address(), "demo-token");
    let made = client.send("POST", "/scim/v2/Users", "{\"userName\": \"new\"}");
    let location = made.json()["meta"]["location"].as_str().unwrap().to_owned();
    assert!(
        location.starts_with(&format!("{}/Users/", program.base())),
        "{location}"
    );
    assert_eq!(made.header("location"), Some(location.as_str()));
    let groups = client.get("/scim/v2/Groups?count=1").json();
    let reference = groups["Resources"][0]["members"][0]["$ref"]
        .as_str()
        .unwrap();
    assert!(
        reference.starts_with(&format!("{}/Users/", program.base())),
        "{reference}"
    );
    assert!(client.get("/").body.contains(program.base()));
    // Without a Host the address stands in, and the scheme stays.
    let stream = handshake(trusting(&authority, &[]), program.address(), "localhost").unwrap();
    let reply = raw_over(
        stream,
        b"GET /scim/v2/ServiceProviderConfig HTTP/1.0\r\n\r\n",
    );
    assert_eq!(
        reply.json()["meta"]["location"],
        format!("{}/ServiceProviderConfig", program.base())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_and_behind_tls_replays_over_tls() {
    let upstream = Upstream::start(|request| {
        let host = request.headers()["host"].to_str().unwrap();
        let body = serde_json::json!({ "id": "1", "meta": { "location": format!("http://{host}/api/scim/Users/1") } });
        crate::support::front::answer(200, body.to_string())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let recording = folder.path().join("recording");
    let tls = [
        "--log",
        "off",
        "--tls-self-signed",
        "--tls-ca-out",
        ca.to_str().unwrap(),
    ];
    let record = [
        "record",
        "--upstream",
        &upstream.base,
        "--out",
        recording.to_str().unwrap(),
    ];
    for verb in [&record[..], &["replay", recording.to_str().unwrap()]] {
        let program = Program::start(&[verb, &tls].concat());
        let authority = std::fs::read_to_string(&ca).unwrap();
        let mut client = client(&authority, program.address(), "token");
        let reply = client.get("/scim/v2/Users/1");
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            reply.json()["meta"]["location"],
            format!("{}/Users/1", program.base())
        );
        assert!(program.base().starts_with("https://"));
    }
    assert_eq!(upstream.seen().len(), 1);
}

#[test]
fn a_self_signed_certificate_is_for_this_machine_and_no_other() {
    let (program, authority) = demo();
    for (name, trusted) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("sp.example", false),
        ("192.0.2.1", false),
    ] {
        let stream = handshake(trusting(&authority, &[]), program.address(), name);
        assert_eq!(stream.is_ok(), trusted, "{name}: {:?}", stream.err());
    }
    // Another run has another authority.
    let (_, other) = demo();
    assert!(handshake(trusting(&other, &[]), program.address(), "localhost").is_err());
}

#[test]
fn a_self_signed_certificate_is_for_the_address_that_is_listened_on_and_for_a_year() {
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::{ServerName, UnixTime};
    let made = SelfSigned::new(
        "192.0.2.7".parse().unwrap(),
        "2026-02-28T23:00:00Z".parse().unwrap(),
    )
    .unwrap();
    let roots = Arc::new(crate::support::tls::roots(&made.authority));
    let verifier =
        WebPkiServerVerifier::builder_with_provider(roots, scimulate::certificate::provider());
    let verifier = verifier.build().unwrap();
    let check = |name: &str, at: &str, trusted: bool| {
        let at: jiff::Timestamp = at.parse().unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second().unsigned_abs()));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let verified = verifier.verify_server_cert(&made.identity.cert[0], &[], &name, &[], at);
        assert_eq!(
            verified.is_ok(),
            trusted,
            "{name:?} at {at:?}: {verified:?}"
        );
    };
    check("192.0.2.7", "2026-02-28T23:00:00Z", true);
    check("localhost", "2026-02-28T23:00:00Z", true);
    check("192.0.2.8", "2026-02-28T23:00:00Z", false);
    check("192.0.2.7", "2026-02-27T00:00:00Z", true);
    check("192.0.2.7", "2026-02-26T23:59:59Z", false);
    check("192.0.2.7", "2027-03-31T00:00:00Z", true);
    check("192.0.2.7", "2027-04-02T00:00:00Z", false);
}

#[test]
fn a_certificate_that_changes_is_shown_to_the_next_connection() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both.pem");
    let (first, second, third) = (
        authority.issue(&["127.0.0.1"]),
        authority.issue(&["127.0.0.1"]),
        authority.issue(&["127.0.0.1"]),
    );
    save(&file, &first.both());
    let program = demo_with(&file, &file);
    let address = program.address();
    let ca = authority.pem();
    assert_eq!(shown(&ca, address), first.der());
    let mut client = client(&ca, address, "demo-token");
    assert_eq!(client.get("/scim/v2/Users").status, 200);

    save(&file, &second.both());
    program.says("reloaded");
    assert_eq!(shown(&ca, address), second.der());
    // The connection of before is served on.
    assert_eq!(client.get("/scim/v2/Users").status, 200);

    // Every way of being broken keeps the old one.
    for (broken, why) in [
        ("nonsense".to_owned(), "holds no certificate"),
        (second.certificate.clone(), "holds no private key"),
        (
            format!("{}{}", second.certificate, third.key),
            "does not belong to",
        ),
        (second.both().replace("-----END", "----END"), "is not whole"),
    ] {
        save(&file, &broken);
        let said = program.says("the certificate stays as it was");
        assert!(said.contains("both.pem") && said.contains(why), "{said}");
        assert_eq!(shown(&ca, address), second.der());
        assert_eq!(client.get("/scim/v2/Users").status, 200);
    }

    save(&file, &third.both());
    program.says("reloaded");
    assert_eq!(shown(&ca, address), third.der());
}

#[test]
fn a_certificate_and_its_key_may_be_saved_one_after_the_other() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (
        authority.issue(&["127.0.0.1"]),
        authority.issue(&["127.0.0.1"]),
    );
    let files = first.save(folder.path());
    let program = demo_with(&files.certificate, &files.key);
    let ca = authority.pem();
    save(&files.certificate, &second.certificate);
    let said = program.says("stays as it was");
    assert!(said.contains("does not belong to"), "{said}");
    assert_eq!(shown(&ca, program.address()), first.der());
    save(&files.key, &second.key);
    program.says("reloaded");
    assert_eq!(shown(&ca, program.address()), second.der());
}

#[test]
fn certificates_that_are_swapped_as_a_link_are_seen() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let version = |n: &str| -> PathBuf { folder.path().join(n) };
    let (first, second) = (
        authority.issue(&["127.0.0.1"]),
        authority.issue(&["127.0.0.1"]),
    );
    for (n, issued) in [("v1", &first), ("v2", &second)] {
        std::fs::create_dir(version(n)).unwrap();
        issued.save(&version(n));
    }
    // As Kubernetes mounts a secret.
    let data = folder.path().join("..data");
    std::os::unix::fs::symlink("v1", &data).unwrap();
    for name in ["cert.pem", "key.pem"] {
        std::os::unix::fs::symlink(format!("..data/{name}"), folder.path().join(name)).unwrap();
    }
    let program = demo_with(
        &folder.path().join("cert.pem"),
        &folder.path().join("key.pem"),
    );
    let ca = authority.pem();
    assert_eq!(shown(&ca, program.address()), first.der());
    let next = folder.path().join("..next");
    std::os::unix::fs::symlink("v2", &next).unwrap();
    std::fs::rename(&next, &data).unwrap();
    program.says("reloaded");
    assert_eq!(shown(&ca, program.address()), second.der());
}

#[test]
fn plain_http_is_told_that_tls_is_spoken() {
    let (program, authority) = demo();
    let request =
        b"POST /scim/v2/Users HTTP/1.1\r\nhost: localhost:1\r\ncontent-length: 2\r\n\r\n{}";
    let reply = raw(program.address(), request);
    assert_eq!(reply.status, 400);
    assert_eq!(reply.header("content-type"), Some("application/scim+json"));
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("https://localhost:1/"), "{detail}");
    let mut client = client(&authority, program.address(), "demo-token");
    assert_eq!(client.get("/scim/v2/Users").json()["totalResults"], 7);
}

#[test]
fn a_client_that_does_not_trust_the_certificate_is_named_in_the_log() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let program = Program::start(&["serve", "--tls-self-signed"]);
        let other = Authority::new().pem();
        let config = trusting_in(&[version], &other, &[]);
        assert!(handshake(config, program.address(), "localhost").is_err());
        let said = program.says("does not trust the certificate");
        assert!(said.contains("UnknownCA"), "{said}");
    }
}

#[test]
fn nobody_waits_for_the_handshake_of_another() {
    let (program, authority) = demo();
    // Begun, and then silent: a record of a handshake that announces more than it brings.
    let dawdlers: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect(program.address());
            stream.write_all(&[22, 3, 1, 0, 200, 1]).unwrap();
            stream
        })
        .collect();
    let mut client = client(&authority, program.address(), "demo-token");
    assert_eq!(client.get("/scim/v2/Users").status, 200);
    drop(dawdlers);
}

#[tokio::test]
async fn a_client_that_stays_silent_before_in_or_after_the_handshake_is_let_go() {
    let made = SelfSigned::new("127.0.0.1".parse().unwrap(), scimulate::clock::now()).unwrap();
    let address = impatient(Some(Tls::new(made.identity))).await;
    let silent = tokio::task::spawn_blocking(move || {
        for begun in [&[][..], &[22, 3, 1, 0, 200, 1], b"G"] {
            let mut stream = connect(address);
            stream.write_all(begun).unwrap();
            // A request in clear that breaks off may be told so.
            stream.read_to_end(&mut Vec::new()).unwrap();
        }
        for alpn in ["h2", "http/1.1"] {
            let config = trusting(&made.authority, &[alpn]);
            let mut stream = handshake(config, address, "localhost").unwrap();
            assert_eq!(stream.conn.alpn_protocol(), Some(alpn.as_bytes()));
            // HTTP/2 greets, and it may end without the farewell of TLS.
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    silent.await.unwrap();
}

#[test]
fn sigterm_finishes_what_is_under_way_and_waits_for_no_silent_client() {
    let (mut program, authority) = demo();
    let mut handshaking = connect(program.address());
    handshaking.write_all(&[22, 3, 1, 0, 200, 1]).unwrap();
    let mut silent = handshake(
        trusting(&authority, &["h2"]),
        program.address(),
        "localhost",
    )
    .unwrap();

    let mut stream = handshake(
        trusting(&authority, &["http/1.1"]),
        program.address(),
        "localhost",
    )
    .unwrap();
    let body = "{\"userName\": \"late\"}";
    let head = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // `100 Continue` says that the request has begun.
    let mut proceed = [0; 25];
    stream.read_exact(&mut proceed).unwrap();
    assert!(proceed.starts_with(b"HTTP/1.1 100"));
    program.signal("TERM");
    // These end while the request is still waited for, which would be cut off if they were waited for too.
    assert_eq!(handshaking.read(&mut [0]).unwrap(), 0);
    let _ = silent.read_to_end(&mut Vec::new());
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(program.wait().code(), Some(0));
}
