//! Nothing in the journal is a token or a password, wherever in an exchange it stood.

use super::exchange;
use scimulate::exchange::Body;

const SECRET: &str = "{secret}";
use scimulate::journal::Journal;
use scimulate::scim::Leniencies;
use serde_json::{Value, json};

#[test]
fn secrets_are_replaced_before_anything_is_kept() {
    let secrets = [
        "b3arer-t0ken-1",
        "hunter2-hunter2",
        "c00kie-v4lue",
        "s3cret-of-client",
        "query-t0ken-99",
        "n3w-passw0rd",
    ];
    let [token, password, cookie, client_secret, in_query, patched] = secrets;
    let journal = Journal::default();
    let body = json!({
        "userName": "zoe",
        "password": password,
        "client_secret": client_secret,
        "Operations": [{"op": "replace", "path": "password", "value": patched}],
    });
    let answer = json!({"detail": format!("{token} may not set {password}")});
    let mut sent = exchange(
        "POST",
        &format!("/Users?access_token={in_query}"),
        &body,
        400,
        &answer,
    );
    sent.request.headers = vec![
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("cookie".to_owned(), format!("session={cookie}")),
    ];
    sent.response.headers = vec![("set-cookie".to_owned(), format!("session={cookie}; Path=/"))];
    journal.add("acme", sent, Leniencies::NONE, None);

    let moment = journal.moment();
    let entry = moment.latest().unwrap();
    let (debug, shown) = (format!("{journal:?}"), entry.to_json().to_string());
    for secret in secrets {
        assert!(!debug.contains(secret), "{secret} is in {debug}");
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
    let Body::Json(kept) = &entry.exchange.request.body else {
        panic!("{entry:?}");
    };
    assert_eq!(kept["userName"], "zoe");
    assert_eq!(kept["password"], SECRET);
    assert_eq!(kept["Operations"][0]["value"], SECRET);
    assert_eq!(
        entry.exchange.request.headers[0].1,
        format!("Bearer {SECRET}")
    );
}

#[test]
fn a_verification_tells_no_secret_either() {
    let journal = Journal::default();
    let body = json!({"userName": "zoe", "password": "hunter2-hunter2"});
    journal.add(
        "acme",
        exchange("POST", "/Users", &body, 201, &Value::Null),
        Leniencies::NONE,
        None,
    );
    let asked = json!({"method": "POST", "body": "password eq \"x\""});
    let verdict = journal
        .moment()
        .verify(None, &serde_json::from_value(asked).unwrap());
    let told = verdict.to_string();
    assert!(
        told.contains(&format!("password is \"{SECRET}\", the filter wants \"x\"")),
        "{told}"
    );
}
