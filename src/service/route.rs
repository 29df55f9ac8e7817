//! Paths to endpoints, and endpoints to the methods they take (RFC 7644 section 3.2, table 2).

use super::Tenant;
use super::tenants::{below, is_of_another_version};
use crate::scim::{ErrorKind, Leniency, Reading, ScimError};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Root,
    /// `.search`, over one type or all.
    Search(Option<usize>),
    Collection(usize),
    Resource(usize, String),
    ServiceProviderConfig,
    ResourceTypes(Option<String>),
    Schemas(Option<String>),
    Bulk,
    Me,
}

impl Route {
    /// # Errors
    /// `NotFound` for a path that names nothing, `invalidVers` for one of another version of the protocol.
    pub(super) fn find(
        tenant: &Tenant,
        base: &str,
        path: &str,
        reading: Reading<'_>,
    ) -> Result<Self, ScimError> {
        let root = http::Uri::try_from(base)
            .map(|uri| uri.path().trim_end_matches('/').to_owned())
            .unwrap_or_default();
        if is_of_another_version(&root, path) {
            return Err(ScimError::new(
                ErrorKind::InvalidVers,
                format!("this version of SCIM is not served; 2.0 is at {base}"),
            ));
        }
        let below = below(&root, path);
        let unknown = || {
            let endpoints: Vec<_> = tenant
                .layout()
                .types
                .iter()
                .map(|types| types.endpoint.as_str())
                .collect();
            let known = endpoints.join(", ");
            ScimError::new(
                ErrorKind::NotFound,
                format!(
                    "nothing is at {path}; below {base} there are {known}, /ServiceProviderConfig, /ResourceTypes and /Schemas"
                ),
            )
        };
        below
            .and_then(|below| Self::below(tenant, below, reading))
            .ok_or_else(unknown)
    }

    /// What a path below the base names, if anything.
    pub(super) fn below(tenant: &Tenant, below: &str, reading: Reading<'_>) -> Option<Self> {
        let below = below.strip_prefix('/').unwrap_or(below);
        let mut segments = Vec::new();
        for segment in below.split('/') {
            if segment.is_empty() && !below.is_empty() && reading.takes(Leniency::EndpointSlashes) {
                continue;
            }
            segments.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
        }
        let same = |one: &str, two: &str| {
            one == two || (one.eq_ignore_ascii_case(two) && reading.takes(Leniency::EndpointCase))
        };
        let kind = |name: &str| {
            tenant
                .layout()
                .types
                .iter()
                .position(|types| same(name, types.endpoint.trim_start_matches('/')))
        };
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        match names.as_slice() {
            [] | [""] => Some(Self::Root),
            [".search"] => Some(Self::Search(None)),
            [name] if same(name, "ServiceProviderConfig") => Some(Self::ServiceProviderConfig),
            [name]
                if same(name, "ServiceProviderConfigs")
                    && reading.takes(Leniency::PluralConfig) =>
            {
                Some(Self::ServiceProviderConfig)
            }
            [name] if same(name, "ResourceTypes") => Some(Self::ResourceTypes(None)),
            [name, id] if same(name, "ResourceTypes") => {
                Some(Self::ResourceTypes(Some((*id).to_owned())))
            }
            [name] if same(name, "Schemas") => Some(Self::Schemas(None)),
            [name, id] if same(name, "Schemas") => Some(Self::Schemas(Some((*id).to_owned()))),
            [name] if same(name, "Bulk") => Some(Self::Bulk),
            [name] if same(name, "Me") => Some(Self::Me),
            [name] => kind(name).map(Self::Collection),
            [name, ".search"] => kind(name).map(|kind| Self::Search(Some(kind))),
            [name, id] if !id.is_empty() => {
                kind(name).map(|kind| Self::Resource(kind, (*id).to_owned()))
            }
            _ => None,
        }
    }

    /// The endpoint that it is of, as `/Users` for all below that.
    pub(super) fn endpoint<'a>(&self, tenant: &'a Tenant) -> Cow<'a, str> {
        let of = |kind: &usize| tenant.layout().types[*kind].endpoint.as_str();
        Cow::Borrowed(match self {
            Self::Root => "/",
            Self::Search(None) => "/.search",
            Self::Search(Some(kind)) => return Cow::Owned(format!("{}/.search", of(kind))),
            Self::Collection(kind) | Self::Resource(kind, _) => of(kind),
            Self::ServiceProviderConfig => "/ServiceProviderConfig",
            Self::ResourceTypes(_) => "/ResourceTypes",
            Self::Schemas(_) => "/Schemas",
            Self::Bulk => "/Bulk",
            Self::Me => "/Me",
        })
    }

    pub(super) fn is_discovery(&self) -> bool {
        matches!(
            self,
            Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_)
        )
    }

    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Root
            | Self::ServiceProviderConfig
            | Self::ResourceTypes(_)
            | Self::Schemas(_) => &["GET", "HEAD"],
            Self::Search(_) | Self::Bulk => &["POST"],
            Self::Collection(_) => &["GET", "HEAD", "POST"],
            Self::Resource(..) => &["GET", "HEAD", "PUT", "PATCH", "DELETE"],
            Self::Me => &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        }
    }
}
