//! The envelope of a resource: the schemas that it names (RFC 7643 section 3), and names that stand twice in one object (section 2.1).

use super::Reader;
use crate::scim::resource_type::ResourceType;
use crate::scim::{ErrorKind, Leniency};
use serde_json::{Map, Value};
use std::collections::HashSet;

impl Reader<'_> {
    /// RFC 7643 section 3: which schemas a body may name.
    pub(super) fn schemas(&mut self, types: &ResourceType, members: &Map<String, Value>) {
        let found = members
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("schemas"))
            .map(|(_, value)| value);
        let base = &types.schema.id;
        let reading = self.reading;
        let Some(Value::Array(list)) = found else {
            if found.is_some_and(|value| !value.is_null())
                || !reading.takes(Leniency::MissingSchemas)
            {
                self.refuse(
                    "schemas",
                    ErrorKind::InvalidSyntax,
                    format!("expected an array with \"{base}\""),
                );
            }
            return;
        };
        let mut seen = Vec::new();
        for (n, urn) in list.iter().enumerate() {
            let place = format!("schemas[{n}]");
            let Some(urn) = urn.as_str() else {
                self.refuse(
                    &place,
                    ErrorKind::InvalidSyntax,
                    "expected the URN of a schema".to_owned(),
                );
                continue;
            };
            let known = types.schema_named(urn, reading);
            // Another core schema means another resource: no reading makes that right.
            let folded = known.unwrap_or(urn).to_ascii_lowercase();
            let foreign = [
                "urn:ietf:params:scim:schemas:core:",
                "urn:scim:schemas:core:",
                "urn:ietf:params:scim:api:",
            ];
            if known.is_none()
                && (foreign.iter().any(|prefix| folded.starts_with(prefix))
                    || !reading.takes(Leniency::UnknownSchema))
            {
                self.refuse(
                    &place,
                    ErrorKind::UnknownSchema,
                    format!("`{urn}` is not a schema of {}; expected {base}", types.name),
                );
            }
            if seen.contains(&folded) && !reading.takes(Leniency::RepeatedSchema) {
                self.refuse(
                    &place,
                    ErrorKind::InvalidValue,
                    format!("`{urn}` is named twice"),
                );
            }
            seen.push(folded);
        }
        for extension in &types.extensions {
            let urn = extension.schema.id.as_str();
            let held = members.iter().any(|(key, value)| {
                types.schema_named(key, reading) == Some(urn)
                    && value.as_object().is_some_and(|held| !held.is_empty())
            });
            if held
                && !seen.iter().any(|named| named.eq_ignore_ascii_case(urn))
                && !reading.takes(Leniency::UnnamedExtension)
            {
                self.refuse(
                    "schemas",
                    ErrorKind::InvalidValue,
                    format!("\"{urn}\" is missing, and the resource holds attributes of it"),
                );
            }
        }
        if seen.is_empty() {
            if reading.takes(Leniency::MissingSchemas) {
                return;
            }
            self.refuse(
                "schemas",
                ErrorKind::InvalidSyntax,
                format!("expected an array with \"{base}\""),
            );
        } else if !seen.iter().any(|urn| urn.eq_ignore_ascii_case(base))
            && !reading.takes(Leniency::MissingBaseSchema)
        {
            self.refuse(
                "schemas",
                ErrorKind::InvalidValue,
                format!("the base schema \"{base}\" is missing"),
            );
        }
    }

    /// Two spellings of one name leave open which is meant.
    pub(super) fn spellings(&mut self, members: &Map<String, Value>, place: &str) {
        /// Up to so many names it is cheaper to compare each with each than to make a set of them.
        const FEW: usize = 32;
        let keys: Vec<&str> = members.keys().map(String::as_str).collect();
        let mut seen = HashSet::new();
        for (n, key) in keys.iter().enumerate() {
            let again = if keys.len() > FEW {
                !seen.insert(key.to_ascii_lowercase())
            } else {
                keys[..n].iter().any(|it| it.eq_ignore_ascii_case(key))
            };
            if again {
                let message = format!(
                    "`{key}` stands twice; attribute names are compared without regard to case"
                );
                self.refuse(place, ErrorKind::InvalidSyntax, message);
            }
        }
    }
}
