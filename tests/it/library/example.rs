//! What the README shows of the library, word for word, with code to test.

use scimulate::MockProvider;

#[tokio::test]
async fn a_new_employee_is_created_once() {
    let provider = MockProvider::builder()
        .scenario(r#"Scenario(auth: [Bearer("secret")], users: [{"userName": "bjensen"}])"#)
        .start()
        .await
        .unwrap();

    // The code under test is given these.
    my_sync::run(provider.base_url(), provider.token()).await;

    // `unwrap` prints what came nearest.
    let created = serde_json::json!({"method": "POST", "path": "/Users", "body": "userName eq \"ann\"", "count": 1});
    provider.verify(created).unwrap();
    assert_eq!(provider.journal("status=4xx").unwrap().len(), 0);
}

mod my_sync {
    use crate::support::client::Client;

    /// Creates ann at a service provider.
    pub(super) async fn run(base_url: &str, token: Option<&str>) {
        let rest = base_url.strip_prefix("http://").unwrap();
        let (address, path) = rest.split_once('/').unwrap();
        let mut client = Client::new(address.parse().unwrap(), token.unwrap());
        let created = client.send("POST", &format!("/{path}/Users"), r#"{"userName": "ann"}"#);
        assert_eq!(created.status, 201);
        std::future::ready(()).await;
    }
}
