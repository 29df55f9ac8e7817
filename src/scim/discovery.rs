//! The service provider configuration (RFC 7643 section 5, RFC 9865 section 4), from what the provider really does.
//!
//! Resource types and schemas print themselves; this file knows no HTTP.

use super::path::AttributePath;
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

/// A way to page through results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pagination {
    /// `startIndex` (RFC 7644 section 3.4.2.4).
    Index,
    /// `cursor` (RFC 9865).
    Cursor,
}

/// How much one bulk request may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    /// Operations.
    pub max_operations: usize,
    /// Bytes of the body.
    pub max_payload_bytes: usize,
}

/// What a provider can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a feature of RFC 7643 section 5, on or off"
)]
pub struct Features {
    /// Whether PATCH is served.
    pub patch: bool,
    /// Whether bulk requests are served, and how large.
    pub bulk: Option<BulkLimits>,
    /// Whether queries are filtered.
    pub filter: bool,
    /// Whether queries are sorted.
    pub sort: bool,
    /// Whether versions are kept.
    pub etag: bool,
    /// Whether a password that is there may be replaced.
    pub change_password: bool,
    /// The most resources in one answer.
    pub filter_max_results: usize,
    /// How many a client gets that names no `count`.
    pub default_page_size: usize,
    /// The ways to page, the default one first.
    pub pagination: Vec<Pagination>,
    /// How long a cursor is good for, in seconds.
    pub cursor_timeout_s: u32,
    /// How many results a query may have before it is refused.
    pub too_many: Option<usize>,
    /// What a query string must not ask about (RFC 7644 section 7.5.2).
    pub sensitive: Vec<AttributePath>,
    /// Whether it keeps to the interop profile (draft-zollner-scim-interop-profile section 4).
    pub interop: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            patch: true,
            bulk: Some(BulkLimits {
                max_operations: 1000,
                max_payload_bytes: 1_048_576,
            }),
            filter: true,
            sort: true,
            etag: true,
            change_password: true,
            filter_max_results: 200,
            default_page_size: 100,
            pagination: vec![Pagination::Index, Pagination::Cursor],
            cursor_timeout_s: 3600,
            too_many: None,
            sensitive: Vec::new(),
            interop: false,
        }
    }
}

/// The document that `/ServiceProviderConfig` answers with, its location below `base`.
pub fn service_provider_config(
    features: &Features,
    schemes: &[AuthenticationScheme],
    base: &str,
) -> Value {
    let schemes = schemes.iter().enumerate().map(|(n, scheme)| {
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
    let (operations, payload) = features.bulk.map_or((0, 0), |limits| {
        (limits.max_operations, limits.max_payload_bytes)
    });
    let mut document = json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": { "supported": features.patch },
        "bulk": { "supported": features.bulk.is_some(), "maxOperations": operations, "maxPayloadSize": payload },
        "filter": { "supported": features.filter, "maxResults": features.filter_max_results },
        "changePassword": { "supported": features.change_password },
        "sort": { "supported": features.sort },
        "etag": { "supported": features.etag },
        "pagination": pagination(features),
        "authenticationSchemes": schemes.collect::<Vec<_>>(),
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    });
    if features.interop {
        document["interopProfileConformant"] = true.into();
    }
    document
}

fn pagination(features: &Features) -> Value {
    let offers = |way| features.pagination.contains(&way);
    let default = match features.pagination.first() {
        Some(Pagination::Cursor) => "cursor",
        _ => "index",
    };
    let mut pagination = json!({
        "cursor": offers(Pagination::Cursor),
        "index": offers(Pagination::Index),
        "defaultPaginationMethod": default,
        "defaultPageSize": features.default_page_size.min(features.filter_max_results),
        "maxPageSize": features.filter_max_results,
    });
    if offers(Pagination::Cursor) {
        pagination["cursorTimeout"] = features.cursor_timeout_s.into();
    }
    pagination
}
