//! What the RFCs leave to a service provider, or what deployed ones do in more than one way, decided: one field a decision.
//!
//! The defaults are what RFC 7643 and 7644 say where they say something. Departures of a request that a provider may accept are in
//! `leniency`; what a provider announces about itself is in `discovery`.

use super::Strictness;

/// A decision between ways that have names.
pub trait Ways: Copy + 'static {
    /// Each way by its name in scenarios, the default first.
    const WAYS: &'static [(&'static str, Self)];
}

impl Ways for Strictness {
    const WAYS: &'static [(&'static str, Self)] =
        &[("Lenient", Self::Lenient), ("Strict", Self::Strict)];
}

macro_rules! ways {
    ($($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$way_doc:meta])* $way:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name { #[default] $(#[$first_doc])* $first, $($(#[$way_doc])* $way),* }

        impl Ways for $name {
            const WAYS: &'static [(&'static str, Self)] =
                &[(stringify!($first), Self::$first), $((stringify!($way), Self::$way)),*];
        }
    )*};
}

ways! {
    /// What `ne` asks of an attribute (RFC 7644 section 3.4.2.2 does not say).
    FilterNe {
        /// That `eq` is not so: no value is equal, and there may be none.
        NegatedEq,
        /// That a value is there and is another.
        AnyValue,
    }
    /// What a comparison with `null` in a filter comes to.
    FilterNull {
        /// `eq null` asks whether the attribute has no value, `ne null` whether it has one.
        Presence,
        /// 400 `invalidFilter`.
        Reject,
    }
    /// What a boolean without a value is in a filter; `primary` is false in any case (RFC 7643 section 2.4).
    MissingBoolean {
        /// Neither true nor false.
        Absent,
        /// False.
        False,
    }
    /// What a PUT makes of attributes that it does not name (RFC 7644 section 3.5.1).
    PutOmitted {
        /// They have no value any more.
        Clear,
        /// They stay as they are.
        Retain,
    }
    /// The media type of answers (RFC 7644 section 3.8).
    MediaType {
        /// `application/json` for a client that names it and not the other, else `application/scim+json`.
        Negotiated,
        /// Always `application/scim+json`.
        Scim,
        /// Always `application/json`.
        Json,
    }
    /// Which header names the resource that an answer holds: RFC 7643 section 3.1 says `Content-Location`, the examples of RFC 7644
    /// show `Location`. A resource that was created has its `Location` always.
    LocationHeader {
        /// Both.
        Both,
        /// As in RFC 7644.
        Location,
        /// As in RFC 7643.
        ContentLocation,
    }
    /// What a PATCH that succeeds is answered with (RFC 7644 section 3.5.2 leaves the choice).
    PatchResponse {
        /// 200 and the resource.
        Resource,
        /// 204, unless the client asks for attributes.
        NoContent,
        /// 200 and the resource where it is another afterwards, else 204, as SCIMMY does.
        ResourceIfChanged,
    }
    /// What `itemsPerPage` of a list says.
    ItemsPerPage {
        /// How many resources are on the page (RFC 7644 section 3.4.2).
        Returned,
        /// How many there could be, as SCIMMY does.
        Asked,
    }
    /// How `op` of a PATCH may be spelled.
    OpSpelling {
        /// In whatever case: Entra ID sends `Add`.
        AnyCase,
        /// As in RFC 7644 section 3.5.2.
        LowerCase,
    }
    /// What becomes of a `count` of a cursor query that is negative or larger than a page can be.
    CursorCount {
        /// The nearest count that is possible (RFC 9865 section 2).
        Clamp,
        /// 400 `invalidCount`.
        Refuse,
    }
    /// Whether an operation of a PATCH needs a path.
    OpPath {
        /// `add` and `replace` do without.
        Optional,
        /// Each has one.
        Required,
    }
    /// What may be added to an attribute of many values.
    PatchValue {
        /// One value, or an array of them.
        OneOrArray,
        /// An array.
        Array,
    }
    /// What `add` and `replace` may change where a filter selects values.
    PatchTarget {
        /// The values, or a sub-attribute of each.
        Any,
        /// A sub-attribute of each.
        SubAttribute,
    }
    /// How many values a filter in the path of a PATCH may select.
    PatchMatches {
        /// Each is changed (RFC 7644 section 3.5.2.3).
        Any,
        /// More than one is 400 `invalidFilter`.
        One,
        /// Paths have no filter: 400 `invalidPath`. `None` would be the absence of a choice.
        Never,
    }
    /// How a PATCH may change the members of a group, and any links to many.
    PatchMembers {
        /// However RFC 7644 section 3.5.2 has it.
        Any,
        /// By name: `replace` of the list and `remove` of all of it are 400.
        OneByOne,
    }
    /// What a method that is not offered is answered with.
    NotOfferedAs {
        /// 405 (RFC 9110 section 15.5.6).
        MethodNotAllowed,
        /// 403.
        Forbidden,
        /// 404.
        NotFound,
        /// 501.
        NotImplemented,
    }
    /// What a filter that is beyond the provider comes to.
    FilterRefused {
        /// 400 `invalidFilter`.
        InvalidFilter,
        /// 200 and a list of nobody.
        NoResults,
    }
    /// What DELETE does to a resource that can be active.
    Delete {
        /// It is gone (RFC 7644 section 3.6).
        Remove,
        /// It stays, and is not active.
        Deactivate,
    }
    /// What becomes of a resource whose `active` a client sets to false.
    Deactivate {
        /// It stays.
        Keep,
        /// It is gone.
        Remove,
    }
    /// The name of the list of resources in an answer.
    ListKey {
        /// `Resources` (RFC 7644 section 3.4.2).
        Resources,
        /// `resources`.
        LowerCase,
    }
    /// How a URN in `schemas` that the type does not have is refused.
    UnknownSchema {
        /// As a value that is not one of those that can be.
        InvalidValue,
        /// As a message that does not conform to its schema.
        InvalidSyntax,
    }
    /// What `replace` makes of the sub-attributes that its value does not name.
    ReplaceComplex {
        /// They stay (RFC 7644 section 3.5.2.3).
        Merge,
        /// They are gone.
        Swap,
    }
    /// What becomes of a `remove` that finds nothing to remove.
    RemoveWithoutMatch {
        /// It succeeds and changes nothing.
        Ignore,
        /// 400 `noTarget`.
        Refuse,
    }
    /// How a value that is taken is refused.
    UniquenessError {
        /// 409 (RFC 7644 section 3.3).
        Conflict,
        /// 400, under which table 9 has `uniqueness`.
        BadRequest,
    }
    /// How an error says its status.
    ErrorStatus {
        /// `"404"` (RFC 7644 section 3.12).
        Text,
        /// `404`, as some providers do.
        Number,
    }
    /// How a request for a feature that is not offered is refused.
    Unsupported {
        /// 501.
        NotImplemented,
        /// 404.
        NotFound,
    }
    /// What `/Me` answers (RFC 7644 section 3.11).
    Me {
        /// The resource.
        Direct,
        /// 308 and where the resource is.
        Redirect,
        /// It is not offered.
        Off,
    }
    /// What stands for an operation that succeeds in the answer to a bulk request (RFC 7644 section 3.7 leaves the choice).
    BulkResponse {
        /// The status, the location and the version.
        Status,
        /// Its resource beside them.
        Resource,
    }
    /// How a bulk response writes the status of an operation.
    BulkStatus {
        /// `"201"`, as the examples of RFC 7644 section 3.7.3 have it.
        Text,
        /// `{"code": "201"}`, as those of section 3.7.2 do.
        Object,
    }
    /// What becomes of bulk operations that refer to each other (RFC 7644 section 3.7.1).
    BulkCycles {
        /// They are carried out together.
        Resolve,
        /// 409 for each.
        Refuse,
    }
    /// How a list without resources is written.
    EmptyList {
        /// `"Resources": []`.
        Array,
        /// Without `Resources` (RFC 7644 section 3.4.2 asks for it only where there are results).
        Omit,
    }
    /// What a filter on a discovery endpoint comes to.
    DiscoveryFilter {
        /// 403 (RFC 7644 section 4).
        Refuse,
        /// It is passed over.
        Ignore,
    }
    /// Who may read the discovery endpoints.
    DiscoveryAuth {
        /// Everybody (RFC 7643 section 5 has the ways to authenticate there).
        Public,
        /// Those who may read resources.
        Required,
    }
    /// Whether the schemas of the discovery documents (RFC 7643 section 8.7.2) are among `/Schemas`.
    DiscoverySchemas {
        /// They are.
        Listed,
        /// They are not.
        Omitted,
    }
}

/// Every decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a decision of its own, yes or no"
)]
pub struct Choices {
    /// What `ne` in a filter asks.
    pub filter_ne: FilterNe,
    /// What `null` in a filter asks.
    pub filter_null: FilterNull,
    /// What a boolean that is not there is to a filter.
    pub filter_missing_boolean: MissingBoolean,
    /// What becomes of what a PUT leaves out.
    pub put_omitted: PutOmitted,
    /// The media type of answers.
    pub media_type: MediaType,
    /// Whether the media type of answers has `; charset=utf-8` behind it.
    pub charset: bool,
    /// Whether bodies may be `application/json`.
    pub plain_json: bool,
    /// Which header names the resource.
    pub location: LocationHeader,
    /// Whether errors say what was expected.
    pub error_detail: bool,
    /// How an error says its status.
    pub error_status: ErrorStatus,
    /// How a value that is taken is refused.
    pub uniqueness: UniquenessError,
    /// How a URN in `schemas` that the type does not have is refused.
    pub unknown_schema: UnknownSchema,
    /// How a request for a feature that is not offered is refused.
    pub unsupported: Unsupported,
    /// Whether a change needs `If-Match` where versions are kept (428 without).
    pub require_if_match: bool,
    /// Whether a link may only lead to a resource that is there (RFC 7643 section 2.3.7).
    pub referential_integrity: bool,
    /// Whether links to a resource go with it.
    pub cascade: bool,
    /// What a PATCH that succeeds is answered with.
    pub patch_response: PatchResponse,
    /// How `op` of a PATCH may be spelled.
    pub patch_op: OpSpelling,
    /// Whether an operation of a PATCH needs a path.
    pub patch_path: OpPath,
    /// What may be added to an attribute of many values.
    pub patch_value: PatchValue,
    /// What a path with a filter may end in.
    pub patch_target: PatchTarget,
    /// How many values a filter in a path may select.
    pub patch_matches: PatchMatches,
    /// How a PATCH may change links to many.
    pub patch_members: PatchMembers,
    /// What a method that is not offered is answered with.
    pub not_offered_as: NotOfferedAs,
    /// What a filter that is beyond the provider comes to.
    pub filter_refused: FilterRefused,
    /// What DELETE does.
    pub delete: Delete,
    /// What becomes of a resource that is not active any more.
    pub deactivate: Deactivate,
    /// The name of the list of resources.
    pub list_key: ListKey,
    /// Whether a list says how many results there are.
    pub total_results: bool,
    /// What a list says of the size of its page.
    pub items_per_page: ItemsPerPage,
    /// Whether a request without `User-Agent` is refused (403).
    pub require_user_agent: bool,
    /// What `replace` makes of the sub-attributes that its value does not name.
    pub replace_complex: ReplaceComplex,
    /// What becomes of a `remove` that finds nothing.
    pub remove_without_match: RemoveWithoutMatch,
    /// What `/Me` answers.
    pub me: Me,
    /// Whether the root can be searched.
    pub root_query: bool,
    /// What becomes of a `count` of a cursor query that cannot be.
    pub cursor_count: CursorCount,
    /// How a list without resources is written.
    pub empty_list: EmptyList,
    /// What a bulk response holds of an operation that succeeds.
    pub bulk_response: BulkResponse,
    /// How a bulk response writes a status.
    pub bulk_status: BulkStatus,
    /// What becomes of operations that refer to each other.
    pub bulk_cycles: BulkCycles,
    /// What a filter on a discovery endpoint comes to.
    pub discovery_filter: DiscoveryFilter,
    /// Who may read the discovery endpoints.
    pub discovery_auth: DiscoveryAuth,
    /// Whether the schemas of the discovery documents are listed.
    pub discovery_schemas: DiscoverySchemas,
}

impl Choices {
    /// What RFC 7643 and 7644 say, where they say something.
    pub const RFC: Self = Self {
        filter_ne: FilterNe::NegatedEq,
        filter_null: FilterNull::Presence,
        filter_missing_boolean: MissingBoolean::Absent,
        put_omitted: PutOmitted::Clear,
        media_type: MediaType::Negotiated,
        charset: false,
        plain_json: true,
        location: LocationHeader::Both,
        error_detail: true,
        error_status: ErrorStatus::Text,
        uniqueness: UniquenessError::Conflict,
        unknown_schema: UnknownSchema::InvalidValue,
        unsupported: Unsupported::NotImplemented,
        require_if_match: false,
        referential_integrity: false,
        cascade: true,
        patch_response: PatchResponse::Resource,
        patch_op: OpSpelling::AnyCase,
        patch_path: OpPath::Optional,
        patch_value: PatchValue::OneOrArray,
        patch_target: PatchTarget::Any,
        patch_matches: PatchMatches::Any,
        patch_members: PatchMembers::Any,
        not_offered_as: NotOfferedAs::MethodNotAllowed,
        filter_refused: FilterRefused::InvalidFilter,
        delete: Delete::Remove,
        deactivate: Deactivate::Keep,
        list_key: ListKey::Resources,
        total_results: true,
        items_per_page: ItemsPerPage::Returned,
        require_user_agent: false,
        replace_complex: ReplaceComplex::Merge,
        remove_without_match: RemoveWithoutMatch::Ignore,
        me: Me::Direct,
        root_query: true,
        cursor_count: CursorCount::Clamp,
        empty_list: EmptyList::Array,
        bulk_response: BulkResponse::Status,
        bulk_status: BulkStatus::Text,
        bulk_cycles: BulkCycles::Resolve,
        discovery_filter: DiscoveryFilter::Refuse,
        discovery_auth: DiscoveryAuth::Public,
        discovery_schemas: DiscoverySchemas::Listed,
    };
}

impl Default for Choices {
    fn default() -> Self {
        Self::RFC
    }
}
