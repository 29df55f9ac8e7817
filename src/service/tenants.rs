//! The tenants that are served, and which of them a path belongs to (RFC 7644 section 6). They are an immutable list: readers take
//! the current one and never wait; whoever adds or drops a tenant puts the next list in its place. Replacing one is a swap of pointers.

use super::Tenant;
use crate::directory::Commons;
use crate::scenario::{OnReload, TOKEN_PATH};
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The path of a SCIM base URL, behind the tenant's name where there are several.
pub const BASE_PATH: &str = "/scim/v2";

/// What of `path` is below `base`. The version at the end of a base may be left out: it is the newest, and the only one
/// (RFC 7644 section 3.13).
pub fn below<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    behind(base, path).or_else(|| without_version(base, path).filter(|rest| !names_a_version(rest)))
}

/// Whether `path` is that of the token endpoint of the tenant at `base`: beside `/NAME/scim/v2` it is `/NAME/oauth2/token`.
pub(super) fn is_token_endpoint(base: &str, path: &str) -> bool {
    let root = path.strip_suffix(TOKEN_PATH);
    root.is_some_and(|root| base.strip_suffix(BASE_PATH) == Some(root))
}

/// What the journal and faults call `path` of the tenant at `base`: what of it is below that, and the path of the token endpoint, which
/// is beside it.
pub fn within<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    let is_token_endpoint = is_token_endpoint(base, path);
    below(base, path).or_else(|| is_token_endpoint.then_some(TOKEN_PATH))
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

/// How many tenants there may be at once.
pub const MOST_TENANTS: usize = 1000;

/// All tenants of a server. One scenario alone is at `/scim/v2`, several are at `/NAME/scim/v2`, and so is what is added later.
#[derive(Debug)]
pub struct Tenants {
    all: ArcSwap<Vec<Arc<Place>>>,
    /// Held while the list changes; how many were ever added without a name.
    writer: Mutex<u64>,
    commons: Arc<Commons>,
}

/// Where a tenant is, whichever it is at the moment.
#[derive(Debug)]
struct Place {
    name: String,
    base: Arc<str>,
    /// Whether it is a file's, which may change.
    of_file: bool,
    tenant: ArcSwap<Tenant>,
}

/// Why a tenant was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// It would hide another, or cannot stand in a URL.
    #[error(
        "`{0}` cannot name a tenant: expected 1 to 64 letters, digits, `-`, `_`, `.` or `~`, and neither `scim` nor dots alone"
    )]
    Name(String),
    /// There is a tenant of this name.
    #[error("there is a tenant `{0}` already")]
    Taken(String),
    /// There are as many as there may be.
    #[error("there are {MOST_TENANTS} tenants, the most that are served; drop one first")]
    TooMany,
}

impl Tenants {
    /// Serves `tenants`, whose names differ.
    pub fn new(tenants: Vec<Tenant>) -> Self {
        let several = tenants.len() > 1;
        let commons = Arc::new(Commons::default());
        let place = |mut tenant: Tenant| {
            tenant.directory.join(&commons);
            let base = if several {
                base_of(&tenant.name)
            } else {
                BASE_PATH.into()
            };
            Arc::new(Place::new(base, true, tenant))
        };
        let all: Vec<_> = tenants.into_iter().map(place).collect();
        Self {
            all: ArcSwap::from_pointee(all),
            writer: Mutex::default(),
            commons,
        }
    }

    /// The tenant that a path belongs to, in whatever version of the protocol, and the path of its base.
    pub fn find(&self, path: &str) -> Option<(Arc<str>, Arc<Tenant>)> {
        let all = self.all.load();
        all.iter()
            .find(|place| {
                within(&place.base, path).is_some() || is_of_another_version(&place.base, path)
            })
            .map(|place| place.present())
    }

    /// The tenant with this name, and the path of its base.
    pub fn named(&self, name: &str) -> Option<(Arc<str>, Arc<Tenant>)> {
        let all = self.all.load();
        let place = all.iter().find(|place| place.name == name)?;
        Some(place.present())
    }

    /// Each tenant with the path of its base.
    pub fn iter(&self) -> impl Iterator<Item = (Arc<str>, Arc<Tenant>)> {
        let all: Vec<_> = self.all.load().iter().map(|it| it.present()).collect();
        all.into_iter()
    }

    /// Adds a fork of `tenant`: one that begins with its present moment and goes its own way. What the two hold in common, they
    /// share. Returns its name, `NAME-1` and so on if none is given, and the path of its base.
    ///
    /// # Errors
    /// [`NotAdded`] when its name does not do or there are too many.
    pub fn fork(
        &self,
        tenant: &Tenant,
        name: Option<&str>,
    ) -> Result<(String, Arc<str>), NotAdded> {
        let mut writer = self.writer();
        let name = if let Some(name) = name {
            name.to_owned()
        } else {
            loop {
                *writer += 1;
                let name = format!("{}-{writer}", tenant.name);
                if self.named(&name).is_none() {
                    break name;
                }
            }
        };
        let base = self.place(&writer, tenant.fork(name.clone()))?;
        Ok((name, base))
    }

    fn writer(&self) -> MutexGuard<'_, u64> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(
        &self,
        _writer: &MutexGuard<'_, u64>,
        mut tenant: Tenant,
    ) -> Result<Arc<str>, NotAdded> {
        let name = tenant.name.clone();
        if !can_name(&name) {
            return Err(NotAdded::Name(name));
        }
        if self.named(&name).is_some() {
            return Err(NotAdded::Taken(name));
        }
        let mut all = Vec::clone(&self.all.load());
        if all.len() >= MOST_TENANTS {
            return Err(NotAdded::TooMany);
        }
        tenant.directory.join(&self.commons);
        let base = base_of(&name);
        all.push(Arc::new(Place::new(base.clone(), false, tenant)));
        self.all.store(Arc::new(all));
        Ok(base)
    }

    /// Drops the tenant with this name; `false` when there is none. Requests under way finish on it.
    pub fn remove(&self, name: &str) -> bool {
        let _writer = self.writer();
        let mut all = Vec::clone(&self.all.load());
        let before = all.len();
        all.retain(|place| place.name != name);
        let found = all.len() < before;
        self.all.store(Arc::new(all));
        found
    }

    /// Whether the tenant with this name is a file's, and is still served.
    pub fn follows(&self, name: &str) -> bool {
        let all = self.all.load();
        all.iter().any(|place| place.of_file && place.name == name)
    }

    /// Puts `tenant` in the place of the one with its name, if a file's still has it. Requests see the old one or the new one, whole.
    ///
    /// Returns what clients had made and could not be kept, and why.
    pub fn reload(&self, mut tenant: Tenant) -> Vec<String> {
        let all = self.all.load();
        let Some(place) = all
            .iter()
            .find(|place| place.of_file && place.name == tenant.name)
        else {
            return Vec::new();
        };
        let keeps = tenant.on_reload == OnReload::Keep;
        // The last moment of the old directory is the first of the new one: no write falls between.
        let before = place.tenant.load_full();
        before.directory.retire(|last| {
            tenant.directory.inherit(last, keeps);
            let lost = if keeps {
                tenant.directory.adopt(last)
            } else {
                Vec::new()
            };
            tenant.directory.succeed(&before.directory);
            place.tenant.store(Arc::new(tenant));
            lost
        })
    }
}

impl Place {
    fn new(base: Arc<str>, of_file: bool, tenant: Tenant) -> Self {
        Self {
            name: tenant.name.clone(),
            base,
            of_file,
            tenant: ArcSwap::from_pointee(tenant),
        }
    }

    fn present(&self) -> (Arc<str>, Arc<Tenant>) {
        (self.base.clone(), self.tenant.load_full())
    }
}

fn base_of(name: &str) -> Arc<str> {
    format!("/{name}{BASE_PATH}").into()
}

/// `/scim/scim/v2` would be below `/scim/v2`, whose version may be left out.
fn can_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    (1..=64).contains(&name.len())
        && name.chars().all(plain)
        && !name.chars().all(|c| c == '.')
        && name != "scim"
}
