//! As whom the service provider is asked: bearer, Basic, and the three grants of OAuth, each against the token endpoint of `serve`.

use super::answers::{directory, opened};
use http::Uri;
use scimulate::MockProvider;
use scimulate::connect::{Base, TlsConfig};
use scimulate::idp::credentials::{Credentials, Grant};
use scimulate::idp::dialect::{Deprovision, Dialect};
use scimulate::idp::pace::Pace;
use scimulate::idp::push::{Push, Report, Settings};
use scimulate::idp::target::Target;
use std::time::Duration;

/// A client with all that `serve` gives tokens for.
const OAUTH: &str = r#"Scenario(clock: Fixed("2026-01-01T09:00:00Z"), auth: [OAuth(client_id: "id p", client_secret: "s3:cret", expires_in_s: 3600, refresh: true, username: "admin", password: "pass word")])"#;

struct Bench {
    provider: MockProvider,
    push: Push,
    _folder: tempfile::TempDir,
}

async fn bench(scenario: &str, credentials: impl FnOnce(&MockProvider) -> Credentials) -> Bench {
    let provider = MockProvider::builder()
        .scenario(scenario)
        .start()
        .await
        .unwrap();
    let dialect = Dialect::Oracle;
    let base = Base::parse(provider.base_url()).unwrap();
    let target = Target::new(base, &TlsConfig::default(), credentials(&provider), dialect).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = opened(&folder.path().join("state"), dialect, &target.url());
    let settings = Settings {
        dialect,
        leaving: Deprovision::Deactivate,
        seed: 7,
        parallel: 1,
    };
    let pace = Pace::waiting("2026-01-01T00:00:00Z".parse().unwrap());
    Bench {
        push: Push::new(settings, target, pace, state, |_| {}),
        provider,
        _folder: folder,
    }
}

impl Bench {
    async fn cycle(&self, title: &str) -> Report {
        let csv = format!("userName,title\nann,{title}\n");
        self.push.cycle(&directory(&csv)).await.unwrap()
    }
}

fn oauth(provider: &MockProvider, secret: &str, grant: Grant) -> Credentials {
    let root = provider.base_url().strip_suffix("/scim/v2").unwrap();
    let url: Uri = format!("{root}/oauth2/token").parse().unwrap();
    Credentials::oauth(url, ("id p".to_owned(), secret.to_owned()), grant, None)
}

#[tokio::test]
async fn bearer_and_basic_are_sent_as_they_are() {
    let bearer = r#"Scenario(auth: [Bearer("token")])"#;
    let it = bench(bearer, |_| Credentials::bearer("token").unwrap()).await;
    assert!(it.cycle("A").await.is_good());
    let basic = r#"Scenario(auth: [Basic("admin", "pass:word")])"#;
    let it = bench(basic, |_| Credentials::basic("admin", "pass:word").unwrap()).await;
    assert!(it.cycle("A").await.is_good());
    assert!(Credentials::bearer("a\nb").is_none());
}

#[tokio::test]
async fn a_token_is_asked_for_once_with_each_grant() {
    let password = Grant::Password("admin".to_owned(), "pass word".to_owned());
    for grant in [Grant::ClientCredentials, password] {
        let it = bench(OAUTH, |provider| oauth(provider, "s3:cret", grant.clone())).await;
        let report = it.cycle("A").await;
        assert!(report.is_good(), "{report:#?}");
        assert!(it.cycle("B").await.is_good());
        // It expires by the clock of the service provider, which refuses it; and another is asked for.
        it.provider.advance(Duration::from_secs(3601)).unwrap();
        let report = it.cycle("C").await;
        assert!(report.is_good(), "{report:#?}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_exchanged() {
    let it = bench(OAUTH, |provider| {
        oauth(provider, "s3:cret", Grant::ClientCredentials)
    })
    .await;
    assert!(it.cycle("A").await.is_good());
    // One that somebody else was given, as an authorization code is exchanged for one.
    let address = it.provider.base_url()["http://".len()..]
        .split('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let given = tokio::task::spawn_blocking(move || {
        let mut client = crate::support::client::Client::new(address, "");
        client.media_type = "application/x-www-form-urlencoded";
        client
            .send(
                "POST",
                "/oauth2/token",
                "grant_type=client_credentials&client_id=id+p&client_secret=s3%3Acret",
            )
            .json()
    });
    let given = given.await.unwrap();
    let refresh = given["refresh_token"].as_str().unwrap().to_owned();
    let credentials = oauth(&it.provider, "s3:cret", Grant::RefreshToken(refresh));
    let dialect = Dialect::Oracle;
    let base = Base::parse(it.provider.base_url()).unwrap();
    let target = Target::new(base, &TlsConfig::default(), credentials, dialect).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let state = opened(&folder.path().join("state"), dialect, &target.url());
    let settings = Settings {
        dialect,
        leaving: Deprovision::Deactivate,
        seed: 7,
        parallel: 1,
    };
    let pace = Pace::waiting("2026-01-01T00:00:00Z".parse().unwrap());
    let push = Push::new(settings, target, pace, state, |_| {});
    let people = directory("userName,title\nann,B\n");
    assert!(push.cycle(&people).await.unwrap().is_good());
    // The refresh token that came with it is good for the next.
    it.provider.advance(Duration::from_secs(3601)).unwrap();
    let people = directory("userName,title\nann,C\n");
    let report = push.cycle(&people).await.unwrap();
    assert!(report.is_good(), "{report:#?}");
}

#[tokio::test]
async fn a_client_that_is_not_known_is_told_so() {
    let it = bench(OAUTH, |provider| {
        oauth(provider, "wrong", Grant::ClientCredentials)
    })
    .await;
    let report = it.cycle("A").await;
    let stopped = report.stopped.unwrap();
    assert!(
        stopped.contains("gives no token") && stopped.contains("invalid_client"),
        "{stopped}"
    );
    assert!(!stopped.contains("wrong"), "{stopped}");
    // Nothing but the token was asked for.
    assert_eq!(it.provider.journal("").unwrap().len(), 1);
}
