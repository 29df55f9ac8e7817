//! The service provider configuration (RFC 7643 section 5), from what the provider really does.
//!
//! Resource types and schemas print themselves; this file knows no HTTP.

use serde_json::{Value, json};

/// The schema URN of the document.
pub const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// A way to authenticate, as it is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthenticationScheme {
    /// RFC 6750.
    BearerToken,
    /// RFC 7617.
    Basic,
}

/// What a provider can do.
#[derive(Debug, Clone)]
pub struct Features {
    /// Whether PATCH is served.
    pub patch: bool,
    /// Whether versions are kept.
    pub etag: bool,
    /// The most resources in one answer.
    pub filter_max_results: usize,
    /// Ways to authenticate.
    pub schemes: Vec<AuthenticationScheme>,
}

/// The document that `/ServiceProviderConfig` answers with, its location below `base`.
pub fn service_provider_config(features: &Features, base: &str) -> Value {
    let schemes = features.schemes.iter().enumerate().map(|(n, scheme)| {
        let (kind, name, description, spec) = match scheme {
            AuthenticationScheme::BearerToken => (
                "oauthbearertoken",
                "OAuth Bearer Token",
                "Authentication by a bearer token in the Authorization header",
                "https://www.rfc-editor.org/info/rfc6750",
            ),
            AuthenticationScheme::Basic => (
                "httpbasic",
                "HTTP Basic",
                "Authentication by user name and password in the Authorization header",
                "https://www.rfc-editor.org/info/rfc7617",
            ),
        };
        json!({ "type": kind, "name": name, "description": description, "specUri": spec, "primary": n == 0 })
    });
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": { "supported": features.patch },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": features.filter_max_results },
        "changePassword": { "supported": true },
        "sort": { "supported": false },
        "etag": { "supported": features.etag },
        "authenticationSchemes": schemes.collect::<Vec<_>>(),
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}
