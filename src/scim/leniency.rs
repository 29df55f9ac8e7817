//! The one table of departures from the letter of RFC 7643 and 7644 that real clients need, each with a name.
//!
//! A strict reading refuses them all; a lenient one accepts those that the scenario allows, and notes which it needed. The file
//! decides nothing about requests: whoever meets a departure asks [`Reading::takes`].

use super::Strictness;
use std::cell::Cell;

/// One departure that may be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is described in the table")]
pub enum Leniency {
    Accept,
    ContentType,
    BareTag,
    EndpointCase,
    EndpointSlashes,
    PluralConfig,
    RepeatedParameter,
    UnsupportedSort,
    UnsupportedCursor,
    SortOrderCase,
    ProjectionName,
    ProjectionFilter,
    EmptyProjection,
    MessageSchemas,
    TextForList,
    TextForNumber,
    MissingSchemas,
    DraftSchema,
    UnknownSchema,
    RepeatedSchema,
    UnnamedExtension,
    MissingBaseSchema,
    UnknownAttribute,
    UnknownAttributeKept,
    SeveralPrimary,
    SingleValue,
    BooleanText,
    NumberText,
    LinkText,
    WrappedValue,
    ValueForm,
    FilterSpace,
    FilterLiteralCase,
    FilterBooleanText,
    FilterNumberText,
    FilterTextNumber,
    FilterBehindBracket,
    FilterExtension,
    FilterUnquoted,
    FilterUnknownAttribute,
    UnsupportedFilter,
    FilterLink,
    UnqualifiedExtension,
    DottedExtension,
    OperationsObject,
    PathAsKey,
    RemoveWithValue,
    PathToEveryValue,
    AddWithoutMatch,
    ReplaceWithoutMatch,
    PatchReadOnly,
    PatchUnknownPath,
    BulkMethodCase,
    BulkWithoutId,
    BulkPath,
    BulkPatchArray,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which departure.
    pub leniency: Leniency,
    /// Its name in scenarios, headers and logs.
    pub name: &'static str,
    /// What is accepted.
    pub accepts: &'static str,
    /// What a strict reading answers.
    pub strictly: &'static str,
    /// Whether a lenient reading accepts it unasked; some are for providers that a scenario imitates.
    pub by_default: bool,
}

macro_rules! table {
    ($($leniency:ident, $name:literal, $accepts:literal, $strictly:literal $(, $asked:ident)?;)*) => {
        /// Every departure, in the order of [`Leniency`].
        pub const TABLE: &[Row] = &[$(Row {
            leniency: Leniency::$leniency,
            name: $name,
            accepts: $accepts,
            strictly: $strictly,
            by_default: table!(by_default $($asked)?),
        }),*];
    };
    (by_default) => { true };
    (by_default on_request) => { false };
}

table! {
    Accept, "accept", "an `Accept` that names no JSON", "406";
    ContentType, "content_type", "JSON under another media type", "415";
    BareTag, "bare_tag", "`If-Match: 3` for `W/\"3\"`", "400 invalidValue";
    EndpointCase, "endpoint_case", "`/users` for `/Users`", "404";
    EndpointSlashes, "endpoint_slashes", "`/Users/` and `//Users` for `/Users`", "404";
    PluralConfig, "plural_config", "`/ServiceProviderConfigs`, as drafts of the RFC had it", "404", on_request;
    RepeatedParameter, "repeated_parameter", "a query parameter that stands twice; the first counts", "400 invalidValue";
    UnsupportedSort, "unsupported_sort", "`sortBy` where nothing is sorted", "501";
    UnsupportedCursor, "unsupported_cursor", "`cursor` where there are none", "501";
    SortOrderCase, "sort_order_case", "`Descending`", "400 invalidValue";
    ProjectionName, "projection_name", "a malformed name in `attributes`, which is passed over", "400 invalidPath";
    ProjectionFilter, "projection_filter", "`emails[type eq \"work\"]` in `attributes`, for `emails` (Entra ID)", "400 invalidPath";
    EmptyProjection, "empty_projection", "`attributes=` with nothing in it", "400 invalidValue";
    MessageSchemas, "message_schemas", "a message without the URN of its kind", "400 invalidSyntax";
    TextForList, "text_for_list", "`\"attributes\": \"userName\"` in a search", "400 invalidValue";
    TextForNumber, "text_for_number", "`\"count\": \"10\"` in a search", "400 invalidValue";
    MissingSchemas, "missing_schemas", "a resource without `schemas`", "400 invalidSyntax";
    DraftSchema, "draft_schema", "`urn:scim:schemas:core:1.0`, as a draft or SCIM 1.1 called the schema (OneLogin)", "400 invalidValue";
    UnknownSchema, "unknown_schema", "a URN in `schemas` that the type does not have", "400 invalidValue";
    RepeatedSchema, "repeated_schema", "a URN that stands twice in `schemas`", "400 invalidValue";
    UnnamedExtension, "unnamed_extension", "an extension that `schemas` does not name", "400 invalidValue";
    MissingBaseSchema, "missing_base_schema", "`schemas` without the base schema", "400 invalidValue";
    UnknownAttribute, "unknown_attribute", "an attribute that no schema has, which is ignored", "400 invalidSyntax";
    UnknownAttributeKept, "unknown_attribute_kept", "an attribute that no schema has, which is kept and shown", "400 invalidSyntax", on_request;
    SeveralPrimary, "several_primary", "several primary values, of which the last stays so", "400 invalidValue", on_request;
    SingleValue, "single_value", "one value where a list is expected", "400 invalidValue";
    BooleanText, "boolean_text", "`\"False\"` for `false` (Entra ID without its flag)", "400 invalidValue";
    NumberText, "number_text", "`\"7\"` for `7`", "400 invalidValue";
    LinkText, "link_text", "`\"manager\": \"26118915\"` for its `value` (Entra ID)", "400 invalidValue";
    WrappedValue, "wrapped_value", "`[{\"value\": false}]` for `false` (Entra ID)", "400 invalidValue";
    ValueForm, "value_form", "text that is not what the RFC says in words: `USA` for a country of two letters", "400 invalidValue";
    FilterSpace, "filter_space", "white space where the grammar has none", "400 invalidFilter";
    FilterLiteralCase, "filter_literal_case", "`True` and `NULL`", "400 invalidFilter";
    FilterBooleanText, "filter_boolean_text", "`primary eq \"True\"` (Entra ID)", "400 invalidFilter";
    FilterNumberText, "filter_number_text", "text that is compared with a number", "400 invalidFilter";
    FilterTextNumber, "filter_text_number", "a number that is compared with text", "400 invalidFilter";
    FilterBehindBracket, "filter_behind_bracket", "`emails[type eq \"work\"].value eq \"x\"` (Entra ID)", "400 invalidFilter";
    FilterExtension, "filter_extension", "`pr` of a whole extension", "400 invalidFilter";
    FilterUnquoted, "filter_unquoted", "`userName eq bjensen`, and `'bjensen'`", "400 invalidFilter", on_request;
    FilterUnknownAttribute, "filter_unknown_attribute", "a filter on an attribute that no schema has, which no resource has", "400 invalidFilter", on_request;
    UnsupportedFilter, "unsupported_filter", "`filter` where nothing is filtered, which is passed over", "501", on_request;
    FilterLink, "filter_link", "`manager eq \"26118915\"` for its `value` (Entra ID)", "400 invalidFilter";
    UnqualifiedExtension, "unqualified_extension", "`department` without the URN of its schema", "400 invalidFilter or invalidPath";
    DottedExtension, "dotted_extension", "`urn:…:User.department`, a dot for the colon (Entra ID)", "400 invalidFilter or invalidPath";
    OperationsObject, "operations_object", "one operation that is not in an array", "400 invalidSyntax";
    PathAsKey, "path_as_key", "`\"name.givenName\"` as a key of a value without path (Entra ID)", "400 invalidSyntax";
    RemoveWithValue, "remove_with_value", "`remove` that names its values beside the path (Entra ID)", "400 invalidValue";
    PathToEveryValue, "path_to_every_value", "`emails.type` for the type of every value", "400 invalidPath";
    AddWithoutMatch, "add_without_match", "`add` to a value that is not there, which is made (Entra ID)", "400 noTarget";
    ReplaceWithoutMatch, "replace_without_match", "`replace` of a value that is not there, which is made", "400 noTarget", on_request;
    PatchReadOnly, "patch_read_only", "a PATCH of what is readOnly, which changes nothing", "400 mutability", on_request;
    PatchUnknownPath, "patch_unknown_path", "a PATCH whose path no schema has, which changes nothing", "400 invalidPath", on_request;
    BulkMethodCase, "bulk_method_case", "`post` for `POST`", "400 invalidSyntax";
    BulkWithoutId, "bulk_without_id", "a POST without `bulkId`", "400 invalidValue";
    BulkPath, "bulk_path", "`Users` for `/Users`", "400 invalidValue";
    BulkPatchArray, "bulk_patch_array", "operations of PATCH in a bare array (RFC 7644 erratum 5050)", "400 invalidSyntax";
}

impl Leniency {
    /// Its name in scenarios, headers and logs.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].name
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        let row = TABLE.iter().find(|row| row.name == name);
        row.map(|row| row.leniency)
    }
}

/// A set of departures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leniencies(u64);

impl Leniencies {
    /// No departure.
    pub const NONE: Self = Self(0);
    /// Every departure that a lenient reading accepts unasked.
    pub const BY_DEFAULT: Self = {
        let (mut set, mut n) = (0, 0);
        while n < TABLE.len() {
            if TABLE[n].by_default {
                set |= 1 << n;
            }
            n += 1;
        }
        Self(set)
    };

    /// Whether one is among them.
    pub fn contains(self, leniency: Leniency) -> bool {
        self.0 & (1 << leniency as u8) != 0
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, leniency: Leniency) -> Self {
        Self(self.0 | (1 << leniency as u8))
    }

    /// With one less.
    #[must_use]
    pub const fn without(self, leniency: Leniency) -> Self {
        Self(self.0 & !(1 << leniency as u8))
    }

    /// Their names, in the order of the table.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let among = TABLE.iter().filter(move |row| self.contains(row.leniency));
        among.map(|row| row.name)
    }
}

impl From<Strictness> for Leniencies {
    fn from(strictness: Strictness) -> Self {
        match strictness {
            Strictness::Lenient => Self::BY_DEFAULT,
            Strictness::Strict => Self::NONE,
        }
    }
}

/// How a request is read: what is accepted, and where it is noted.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    allowed: Leniencies,
    noted: Option<&'a Cell<Leniencies>>,
}

impl<'a> Reading<'a> {
    /// What is accepted by default, and nothing noted.
    pub const LENIENT: Reading<'static> = Reading {
        allowed: Leniencies::BY_DEFAULT,
        noted: None,
    };
    /// Nothing is accepted.
    pub const STRICT: Reading<'static> = Reading {
        allowed: Leniencies::NONE,
        noted: None,
    };

    /// Accepts `allowed`, and notes nothing.
    pub const fn quiet(allowed: Leniencies) -> Reading<'static> {
        Reading {
            allowed,
            noted: None,
        }
    }

    /// Accepts `allowed`, and notes in `noted` what was needed.
    pub fn new(allowed: Leniencies, noted: &'a Cell<Leniencies>) -> Self {
        Self {
            allowed,
            noted: Some(noted),
        }
    }

    /// Whether a departure would be accepted.
    pub fn allows(self, leniency: Leniency) -> bool {
        self.allowed.contains(leniency)
    }

    /// Accepts a departure that is there, and notes it; `false` when it is to be refused.
    pub fn takes(self, leniency: Leniency) -> bool {
        let taken = self.allows(leniency);
        if taken && let Some(noted) = self.noted {
            noted.set(noted.get().with(leniency));
        }
        taken
    }
}
