//! Where a value of an exchange stands, and what it is there (RFC 7643 sections 2 and 3, RFC 7644 section 3).

use crate::scim::filter::Operator;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Type};

/// A value's place.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The part of the message.
    pub part: Part<'a>,
    /// What the value is.
    pub role: Role<'a>,
    /// The attribute whose value it is, or is compared with, or whose URL it is part of.
    pub attribute: Option<&'a AttributePlace<'a>>,
    /// How it is compared, where it is the literal of a filter: after `sw`, `co` and `ew` it is only a part of a value.
    pub compared: Option<Operator>,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// The path of the request.
    Path,
    /// The query parameter of this name.
    Query(&'a str),
    /// The header field of this name.
    Header(&'a str),
    /// The body.
    Body,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'a> {
    /// The value of an attribute, and nothing below.
    Value,
    /// The id of a resource of one of these types, as far as they are known.
    Id {
        /// Names of resource types.
        of: &'a [String],
    },
    /// A client's name for a resource that a bulk request makes (RFC 7644 section 3.7), without `bulkId:`.
    BulkId,
    /// The version of a resource: `meta.version`, `ETag`, `If-Match`, the `version` of a bulk operation.
    Version,
    /// A URL in which no id of a resource was found.
    Location,
    /// Where a page begins (RFC 9865).
    Cursor,
    /// An instant that the provider's clock gave.
    Instant,
    /// Text that no schema describes: an error's detail, a header field, a parameter, a filter that cannot be read, a body that is
    /// no JSON.
    Text,
}

/// An attribute, as far as it is known.
#[derive(Debug, Clone)]
pub struct AttributePlace<'s> {
    /// The type of the resource.
    pub kind: Option<&'s ResourceType>,
    /// The URN of the extension.
    pub extension: Option<String>,
    /// From the extension's URN to the value, in the schema's casing where there is one: `emails.value`,
    /// `urn:…:2.0:User:department`.
    pub path: String,
    /// The top-level attribute; `None` where no known schema has it.
    pub attribute: Option<&'s Attribute>,
    /// The attribute or sub-attribute whose value it is; `None` where no known schema has it.
    pub definition: Option<&'s Attribute>,
}

impl<'s> AttributePlace<'s> {
    /// A parameter, as if it were an attribute that no known schema has.
    pub fn parameter(name: &str) -> Self {
        Self::unknown(None, None, name)
    }

    /// An attribute that no known schema has.
    pub(super) fn unknown(
        kind: Option<&'s ResourceType>,
        extension: Option<String>,
        path: &str,
    ) -> Self {
        let path = match &extension {
            Some(urn) => format!("{urn}:{path}"),
            None => path.to_owned(),
        };
        Self {
            kind,
            extension,
            path,
            attribute: None,
            definition: None,
        }
    }

    pub(super) fn known(
        kind: Option<&'s ResourceType>,
        extension: Option<&str>,
        attribute: &'s Attribute,
    ) -> Self {
        let mut place = Self::unknown(kind, extension.map(str::to_owned), &attribute.name);
        place.attribute = Some(attribute);
        place.definition = Some(attribute);
        place
    }

    /// The member `name` of its value.
    pub(super) fn sub(&self, name: &str) -> Self {
        let definition = self.definition.and_then(|it| it.sub(name));
        let name = definition.map_or(name, |it| it.name.as_str());
        Self {
            path: format!("{}.{name}", self.path),
            definition,
            extension: self.extension.clone(),
            ..*self
        }
    }

    /// The path without the URN.
    pub fn names(&self) -> &str {
        let urn = self.extension.as_deref().unwrap_or_default();
        let names = self.path.get(urn.len()..).unwrap_or_default();
        names.strip_prefix(':').unwrap_or(names)
    }

    /// The last name of the path.
    pub fn name(&self) -> &str {
        let names = self.names();
        names.rsplit('.').next().unwrap_or(names)
    }

    /// Whether it is the sub-attribute of a top-level attribute and not that itself.
    pub fn is_sub(&self) -> bool {
        match (self.attribute, self.definition) {
            (Some(attribute), Some(definition)) => !std::ptr::eq(attribute, definition),
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Whether it only gives the resource its shape.
    pub(super) fn is_shape(&self) -> bool {
        let is = |name: &str| self.extension.is_none() && self.path.eq_ignore_ascii_case(name);
        is("schemas") || is("meta.resourceType")
    }

    /// What a value here is.
    pub(super) fn role(&self) -> Role<'s> {
        let is = |name: &str| self.extension.is_none() && self.path.eq_ignore_ascii_case(name);
        if is("id") {
            return Role::Id {
                of: self
                    .kind
                    .map_or(&[], |kind| std::slice::from_ref(&kind.name)),
            };
        }
        if is("meta.version") {
            return Role::Version;
        }
        if is("meta.created") || is("meta.lastModified") {
            return Role::Instant;
        }
        if let Some(attribute) = self.attribute {
            let links = attribute.link_targets();
            // A link that is written as text stands for its `value`.
            if !links.is_empty() && (!self.is_sub() || self.name() == "value") {
                return Role::Id { of: links };
            }
        }
        let refers_to_resource = |definition: &Attribute| {
            let targets = &definition.reference_types;
            definition.kind == Type::Reference
                && !targets.is_empty()
                && !targets.iter().any(|it| it == "external" || it == "uri")
        };
        if is("meta.location")
            || self.name().eq_ignore_ascii_case("$ref")
            || self.definition.is_some_and(refers_to_resource)
        {
            return Role::Location;
        }
        Role::Value
    }
}
