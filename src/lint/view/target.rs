//! What the path of a request names (RFC 7644 section 3.2).

use crate::exchange::walk::Schemas;
use crate::scim::resource_type::ResourceType;
use percent_encoding::percent_decode_str;

/// What a path names.
#[derive(Debug, Clone)]
pub(crate) enum Target<'a> {
    /// The base itself.
    Root,
    /// All resources of a type.
    Collection(&'a ResourceType),
    /// One resource.
    Resource(&'a ResourceType, String),
    /// A search by POST, of one type or all.
    Search(Option<&'a ResourceType>),
    /// `/Bulk`.
    Bulk,
    /// `/Me`.
    Me,
    /// `/ServiceProviderConfig`.
    Config,
    /// `/ResourceTypes`, or one of them.
    ResourceTypes(Option<String>),
    /// `/Schemas`, or one of them.
    Schemas(Option<String>),
    /// No endpoint that is known.
    Unknown,
}

/// The endpoints that every provider may have.
const OTHERS: [&str; 7] = [
    "Bulk",
    "Me",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
    "ResourceTypes",
    "Schemas",
    ".search",
];

/// A path, read.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    /// What it names.
    pub target: Target<'a>,
    /// The segment that names the endpoint, as it was written.
    pub endpoint: &'a str,
    /// The endpoint as it is spelled.
    pub spelled: Option<String>,
    /// The segments before the endpoint.
    pub before: Vec<&'a str>,
    /// The segments behind it and, where there is one, the id.
    pub behind: Vec<&'a str>,
}

impl<'a> Path<'a> {
    pub(super) fn read(path: &'a str, schemas: &'a Schemas) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let spelling = |segment: &str| {
            let kind = schemas.by_endpoint(segment);
            let known = kind.map(|kind| kind.endpoint.trim_start_matches('/').to_owned());
            let other = OTHERS.iter().find(|it| it.eq_ignore_ascii_case(segment));
            known.or_else(|| other.map(|it| (*it).to_owned()))
        };
        let Some(at) = segments.iter().position(|it| spelling(it).is_some()) else {
            return Self {
                target: if segments.is_empty() {
                    Target::Root
                } else {
                    Target::Unknown
                },
                endpoint: segments.first().copied().unwrap_or_default(),
                spelled: None,
                before: Vec::new(),
                behind: segments.iter().skip(1).copied().collect(),
            };
        };
        let endpoint = segments[at];
        let spelled = spelling(endpoint);
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let first = segments.get(at + 1);
        let id = first.map(|it| decoded(it));
        let searches = first.is_some_and(|it| it.eq_ignore_ascii_case(".search"));
        let target = match (schemas.by_endpoint(endpoint), spelled.as_deref(), id) {
            (Some(kind), ..) if searches => Target::Search(Some(kind)),
            (Some(kind), _, Some(id)) => Target::Resource(kind, id),
            (Some(kind), _, None) => Target::Collection(kind),
            (None, Some("Bulk"), _) => Target::Bulk,
            (None, Some("Me"), _) => Target::Me,
            (None, Some(".search"), _) => Target::Search(None),
            (None, Some("ResourceTypes"), id) => Target::ResourceTypes(id),
            (None, Some("Schemas"), id) => Target::Schemas(id),
            (None, Some(_), _) => Target::Config,
            (None, None, _) => Target::Unknown,
        };
        let taken = match target {
            Target::Resource(..)
            | Target::ResourceTypes(Some(_))
            | Target::Schemas(Some(_))
            | Target::Search(Some(_)) => 2,
            _ => 1,
        };
        Self {
            target,
            endpoint,
            spelled,
            before: segments[..at].to_vec(),
            behind: segments.iter().skip(at + taken).copied().collect(),
        }
    }
}

impl<'a> Target<'a> {
    /// The resource type that it is about.
    pub(crate) fn kind(&self) -> Option<&'a ResourceType> {
        match self {
            Self::Collection(kind) | Self::Resource(kind, _) | Self::Search(Some(kind)) => {
                Some(kind)
            }
            _ => None,
        }
    }

    /// Whether it is one of the documents of RFC 7644 section 4.
    pub(crate) fn is_discovery(&self) -> bool {
        matches!(
            self,
            Self::Config | Self::ResourceTypes(_) | Self::Schemas(_)
        )
    }

    /// The methods that it has (RFC 7644 table 2).
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Collection(_) => &["GET", "HEAD", "POST", "OPTIONS"],
            Self::Resource(..) => &["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"],
            Self::Search(_) | Self::Bulk => &["POST", "OPTIONS"],
            Self::Me => &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            Self::Root | Self::Config | Self::ResourceTypes(_) | Self::Schemas(_) => {
                &["GET", "HEAD", "OPTIONS"]
            }
            Self::Unknown => &[],
        }
    }
}
