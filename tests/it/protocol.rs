//! The protocol around resources, as a client sees it (RFC 7644 sections 2 to 4, RFC 7643 sections 2 to 7).

mod authentication;
mod bulk;
mod create;
mod cursors;
mod custom_types;
mod delete;
mod discovery;
mod errors;
mod groups;
mod list;
mod me;
mod media_types;
mod methods;
mod profiles;
mod projection;
mod replace;
mod schemas;
mod search;
mod sort;
mod tenants;
mod values;
mod versions;

use crate::support::sp::{Answer, BASE, Sp};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A user of this name with these attributes.
fn user(name: &str, attributes: Value) -> Value {
    let mut user = json!({"schemas": [USER], "userName": name});
    let attributes = attributes
        .as_object()
        .expect("attributes are an object")
        .clone();
    user.as_object_mut().expect("an object").extend(attributes);
    user
}

/// Both providers, to say the same to both.
fn both() -> [Sp; 2] {
    [Sp::new(), Sp::strict()]
}

/// What is in a list, by userName or displayName.
#[track_caller]
fn names(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = answer.json();
    assert_eq!(list["schemas"], json!([LIST]));
    let name = |it: &Value| {
        it["userName"]
            .as_str()
            .or(it["displayName"].as_str())
            .unwrap_or("?")
            .to_owned()
    };
    list["Resources"]
        .as_array()
        .expect("`Resources` is there")
        .iter()
        .map(name)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The names of the attributes of an object, in alphabetical order.
fn keys(value: &Value) -> String {
    let mut keys = value
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect::<Vec<_>>();
    keys.sort();
    keys.join(" ")
}

/// A request as it is, below the base and without a token.
fn raw(
    sp: &Sp,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2{target}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sp.request(&request.body(body.into()).expect("a request"))
}
