//! The tenants that are served, and which of them a path belongs to (RFC 7644 section 6). Replacing one is a swap of pointers.

use super::Tenant;
use crate::directory::Commons;
use crate::scenario::OnReload;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The path of a SCIM base URL, behind the tenant's name where there are several.
pub const BASE_PATH: &str = "/scim/v2";

/// What of `path` is below `base`. The version at the end of a base may be left out: it is the newest, and the only one
/// (RFC 7644 section 3.13).
pub fn below<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    behind(base, path).or_else(|| without_version(base, path).filter(|rest| !names_a_version(rest)))
}

/// Whether `path` would be below `base` if that had another version.
pub(super) fn is_of_another_version(base: &str, path: &str) -> bool {
    behind(base, path).is_none() && without_version(base, path).is_some_and(names_a_version)
}

fn behind<'p>(root: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(root)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// What of `path` is below `base` without the version at its end.
fn without_version<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    let (root, last) = base.rsplit_once('/')?;
    (is_version(last) && !root.is_empty()).then(|| behind(root, path))?
}

fn names_a_version(rest: &str) -> bool {
    rest.split('/').nth(1).is_some_and(is_version)
}

fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
}

/// All tenants of a server. One alone is at `/scim/v2`, several are at `/NAME/scim/v2`.
#[derive(Debug)]
pub struct Tenants {
    all: Vec<(String, ArcSwap<Tenant>)>,
}

impl Tenants {
    /// Serves `tenants`, whose names differ.
    pub fn new(tenants: Vec<Tenant>) -> Self {
        let several = tenants.len() > 1;
        let path = |tenant: &Tenant| {
            if several {
                format!("/{}{BASE_PATH}", tenant.name)
            } else {
                BASE_PATH.to_owned()
            }
        };
        let commons = Arc::new(Commons::default());
        let place = |mut tenant: Tenant| {
            tenant.directory.join(&commons);
            (path(&tenant), ArcSwap::from_pointee(tenant))
        };
        Self {
            all: tenants.into_iter().map(place).collect(),
        }
    }

    /// The tenant that a path belongs to, in whatever version of the protocol, and the path of its base.
    pub fn find(&self, path: &str) -> Option<(&str, Arc<Tenant>)> {
        self.all
            .iter()
            .find(|(base, _)| below(base, path).is_some() || is_of_another_version(base, path))
            .map(|(base, tenant)| (base.as_str(), tenant.load_full()))
    }

    /// Each tenant with the path of its base.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Arc<Tenant>)> {
        self.all
            .iter()
            .map(|(base, tenant)| (base.as_str(), tenant.load_full()))
    }

    /// Puts `tenant` in the place of the one with its name. Requests see the old one or the new one, whole.
    ///
    /// Returns what clients had made and could not be kept, and why.
    pub fn reload(&self, mut tenant: Tenant) -> Vec<String> {
        let Some((_, place)) = self
            .all
            .iter()
            .find(|(_, present)| present.load().name == tenant.name)
        else {
            return Vec::new();
        };
        let keeps = tenant.on_reload == OnReload::Keep;
        // The last moment of the old directory is the first of the new one: no write falls between.
        let before = place.load_full();
        before.directory.retire(|last| {
            let lost = if keeps {
                tenant.directory.adopt(last)
            } else {
                Vec::new()
            };
            tenant.directory.succeed(&before.directory);
            place.store(Arc::new(tenant));
            lost
        })
    }
}
