//! Discovery (RFC 7644 section 4): what the provider can do, which types of resources it has, and their schemas. All of it is always
//! there: nothing is filtered, sorted or paged.

use super::{Answer, Call, respond};
use crate::scim::choices::{DiscoveryFilter, DiscoverySchemas};
use crate::scim::discovery::service_provider_config;
use crate::scim::page::LIST_RESPONSE_URN;
use crate::scim::project::Projection;
use crate::scim::resource_type::{ResourceType, discovery_schemas};
use crate::scim::schema::Schema;
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

impl Call<'_> {
    pub(super) fn service_provider_config(&self) -> Answer {
        self.no_filter()?;
        let (features, schemes) = (&self.tenant.features, &self.tenant.schemes);
        self.document(service_provider_config(features, schemes, self.base))
    }

    pub(super) fn resource_types(&self, name: Option<&str>) -> Answer {
        self.no_filter()?;
        let types = &self.tenant.layout().types;
        let restrictions = &self.tenant.restrictions;
        let offered = |it: &&Arc<ResourceType>| restrictions.offers(None, &it.endpoint);
        match name {
            None => self.documents(
                types
                    .iter()
                    .filter(offered)
                    .map(|types| types.to_json(self.base)),
            ),
            Some(name) => match types
                .iter()
                .filter(offered)
                .find(|types| types.name == name)
            {
                Some(types) => self.document(types.to_json(self.base)),
                None => Err(ScimError::new(
                    ErrorKind::NotFound,
                    format!("there is no resource type `{name}`; see /ResourceTypes"),
                )
                .into()),
            },
        }
    }

    pub(super) fn schemas(&self, id: Option<&str>) -> Answer {
        self.no_filter()?;
        let schemas = self.all_schemas();
        match id {
            None => self.documents(schemas.iter().map(|schema| schema.to_json(self.base))),
            Some(id) => match schemas
                .iter()
                .find(|schema| schema.id.eq_ignore_ascii_case(id))
            {
                Some(schema) => self.document(schema.to_json(self.base)),
                None => Err(ScimError::new(
                    ErrorKind::NotFound,
                    format!("there is no schema `{id}`; see /Schemas"),
                )
                .into()),
            },
        }
    }

    fn all_schemas(&self) -> Vec<Arc<Schema>> {
        let mut schemas: Vec<Arc<Schema>> = Vec::new();
        for types in &self.tenant.layout().types {
            let extensions = types.extensions.iter().map(|extension| &extension.schema);
            for schema in std::iter::once(&types.schema).chain(extensions) {
                if !schemas.iter().any(|known| known.id == schema.id) {
                    schemas.push(schema.clone());
                }
            }
        }
        if self.tenant.choices.discovery_schemas == DiscoverySchemas::Listed {
            schemas.extend(discovery_schemas());
        }
        schemas
    }

    /// Section 4: a filter on these endpoints is refused, so that no client takes an unfiltered answer for a filtered one.
    fn no_filter(&self) -> Result<(), ScimError> {
        let refuses = self.tenant.choices.discovery_filter == DiscoveryFilter::Refuse;
        if refuses && self.parameters()?.has("filter") {
            return Err(ScimError::new(
                ErrorKind::Forbidden,
                "discovery endpoints take no filter (RFC 7644 section 4)",
            ));
        }
        Ok(())
    }

    fn document(&self, document: Value) -> Answer {
        let shown = self.projection()?;
        Ok(json(&project(&shown, document)))
    }

    fn documents(&self, documents: impl Iterator<Item = Value>) -> Answer {
        let shown = self.projection()?;
        let resources: Vec<Value> = documents.map(|it| project(&shown, it)).collect();
        let count = resources.len();
        Ok(json(
            &json!({ "schemas": [LIST_RESPONSE_URN], "totalResults": count, "startIndex": 1, "itemsPerPage": count, "Resources": resources }),
        ))
    }
}

fn json(document: &Value) -> Response<Bytes> {
    respond::json(StatusCode::OK, document.to_string().into())
}

/// What of a document is to be shown, by the schema that it names itself.
fn project(projection: &Projection, document: Value) -> Value {
    if projection.is_default() {
        return document;
    }
    let schemas = discovery_schemas().into_iter();
    let mut schemas = schemas.filter(|schema| document["schemas"][0] == schema.id.as_str());
    match (schemas.next(), document) {
        (Some(schema), Value::Object(members)) => {
            Value::Object(projection.apply(&ResourceType::of(schema), members))
        }
        (_, document) => document,
    }
}
