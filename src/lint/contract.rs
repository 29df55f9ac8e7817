//! What the provider says of itself in the discovery documents of the same recording (RFC 7644 section 4), and what the RFC says where
//! it has said nothing.

use crate::exchange::base::PLACEHOLDER;
use crate::exchange::walk::Schemas;
use crate::exchange::{Body, Exchange};
use crate::scim::path::member;
use serde_json::Value;
use std::collections::BTreeMap;

/// The provider's own account of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Contract {
    /// Resource types and schemas.
    pub schemas: Schemas,
    config: Option<Value>,
    published: BTreeMap<String, Value>,
    all_published: bool,
    has_placeholder: bool,
}

impl Contract {
    /// Learns from an exchange, if a discovery document was answered in it.
    pub(super) fn learn(&mut self, exchange: &Exchange) {
        let mut headers = exchange.response.headers.iter();
        self.has_placeholder |= headers.any(|(_, value)| value.starts_with(PLACEHOLDER));
        let (path, Body::Json(body)) = (&exchange.request.path, &exchange.response.body) else {
            return;
        };
        if exchange.request.method != "GET" || exchange.response.status != 200 {
            return;
        }
        // A part of a document says nothing of the rest.
        let mut query = exchange.request.query.iter();
        if query.any(|(name, _)| name.to_ascii_lowercase().ends_with("attributes")) {
            return;
        }
        self.schemas.learn(exchange);
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let (endpoint, id) = (segments.next().unwrap_or_default(), segments.next());
        if endpoint.eq_ignore_ascii_case("ServiceProviderConfig") && body.is_object() {
            self.config = Some(body.clone());
        }
        if endpoint.eq_ignore_ascii_case("Schemas") {
            let list = body.get("Resources").and_then(Value::as_array);
            let documents = list.map_or(std::slice::from_ref(body), Vec::as_slice);
            for document in documents {
                if let Some(id) = document.get("id").and_then(Value::as_str) {
                    self.published
                        .insert(id.to_ascii_lowercase(), document.clone());
                }
            }
            let total = body.get("totalResults").and_then(Value::as_u64);
            self.all_published |= id.is_none()
                && total.is_some_and(|it| it == list.map_or(0, |list| list.len() as u64));
        }
    }

    /// Whether `/Schemas` was seen whole and has no schema of this URN.
    pub(super) fn lacks_schema(&self, urn: &str) -> bool {
        self.all_published && !self.published.contains_key(&urn.to_ascii_lowercase())
    }

    /// Whether the provider has published a schema without this attribute, or without this part of it.
    pub(super) fn lacks_attribute(&self, urn: &str, name: &str, sub: Option<&str>) -> bool {
        fn named<'d>(list: Option<&'d Value>, name: &str) -> Option<&'d Value> {
            let mut list = list?.as_array()?.iter();
            let is = |it: &&Value| {
                let own = it.get("name").and_then(Value::as_str);
                own.is_some_and(|own| own.eq_ignore_ascii_case(name))
            };
            list.find(is)
        }
        let Some(document) = self.published.get(&urn.to_ascii_lowercase()) else {
            return false;
        };
        match (named(document.get("attributes"), name), sub) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(attribute), Some(sub)) => named(attribute.get("subAttributes"), sub).is_none(),
        }
    }

    /// Whether the base URL was recognised in an answer, and `{base}` stands for it.
    pub(super) fn has_placeholder(&self) -> bool {
        self.has_placeholder
    }

    fn feature(&self, feature: &str, member_name: &str) -> Option<&Value> {
        let feature = member(self.config.as_ref()?.as_object()?, feature)?;
        member(feature.as_object()?, member_name)
    }

    /// Whether the provider says that it has a feature; `None` where it says nothing.
    pub(super) fn supports(&self, feature: &str) -> Option<bool> {
        self.feature(feature, "supported")?.as_bool()
    }

    /// A limit that the provider gives, if it has one.
    pub(super) fn limit(&self, feature: &str, limit: &str) -> Option<u64> {
        self.feature(feature, limit)?
            .as_u64()
            .filter(|limit| *limit > 0)
    }
}
