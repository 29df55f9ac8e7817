//! The tenants that are served, and which of them a path belongs to (RFC 7644 section 6). They are an immutable list: readers take
//! the current one and never wait; whoever adds or drops a tenant puts the next list in its place. Replacing one is a swap of pointers.

use super::Tenant;
use crate::directory::Commons;
use crate::scenario::{OnReload, TOKEN_PATH};
use arc_swap::ArcSwap;
use imbl::OrdMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The path of a SCIM base URL, behind the tenant's name where there are several.
pub const BASE_PATH: &str = "/scim/v2";

/// Its first segment.
const SCIM: &str = "scim";

/// The first segment of [`TOKEN_PATH`].
const OAUTH2: &str = "oauth2";

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
pub const MOST_TENANTS: usize = 10_000;

/// All tenants of a server. One that is alone is at `/scim/v2`, others are at `/NAME/scim/v2`, and so is what is added later: a base
/// never moves.
#[derive(Debug)]
pub struct Tenants {
    all: ArcSwap<All>,
    /// Held while the list changes.
    writer: Mutex<Writer>,
    commons: Arc<Commons>,
}

/// The list of one moment: cloning costs a few pointers, however many there are.
#[derive(Debug, Clone, Default)]
struct All {
    by_name: OrdMap<String, Arc<Place>>,
    /// By number, in the order in which they came.
    in_order: OrdMap<u64, Arc<Place>>,
    /// The one at `/scim/v2`.
    alone: Option<Arc<Place>>,
}

/// Whoever changes the list.
#[derive(Debug, Default)]
struct Writer {
    /// How many places there ever were.
    placed: u64,
    /// How many tenants were ever added without a name.
    unnamed: u64,
}

/// Where a tenant is, whichever it is at the moment.
#[derive(Debug)]
struct Place {
    number: u64,
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
        "`{0}` cannot name a tenant: expected 1 to 64 letters, digits, `-`, `_`, `.` or `~`, and none of `scim`, `oauth2` and dots alone"
    )]
    Name(String),
    /// There is a tenant of this name.
    #[error("there is a tenant `{0}` already")]
    Taken(String),
    /// There are as many as there may be.
    #[error("there are {MOST_TENANTS} tenants, the most that are served; drop one first")]
    TooMany,
}

/// What a reload made of a directory. Numbers are of resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renewal {
    /// The file's own.
    pub renewed: usize,
    /// Made by clients, and still there.
    pub kept: usize,
    /// Made by clients, and gone: the scenario says `Reset`.
    pub dropped: usize,
    /// Made by clients, and could not be kept: each with the reason.
    pub lost: Vec<String>,
}

impl Tenants {
    /// Serves `tenants`, whose names differ: one alone at `/scim/v2`, several side by side.
    pub fn new(tenants: Vec<Tenant>) -> Self {
        let alone = tenants.len() == 1;
        Self::at(tenants, |name| {
            if alone {
                BASE_PATH.into()
            } else {
                base_of(name)
            }
        })
    }

    /// Serves `tenants`, whose names differ, each at `/NAME/scim/v2`, however few they are.
    pub fn side_by_side(tenants: Vec<Tenant>) -> Self {
        Self::at(tenants, base_of)
    }

    fn at(tenants: Vec<Tenant>, base: impl Fn(&str) -> Arc<str>) -> Self {
        let this = Self {
            all: ArcSwap::default(),
            writer: Mutex::default(),
            commons: Arc::default(),
        };
        let mut writer = this.writer();
        for tenant in tenants {
            let base = base(&tenant.name);
            this.put(&mut writer, base, true, tenant);
        }
        drop(writer);
        this
    }

    /// The tenant that a path belongs to, in whatever version of the protocol, and the path of its base. It is found by the first
    /// segment, so that it takes no longer among a thousand.
    pub fn find(&self, path: &str) -> Option<(Arc<str>, Arc<Tenant>)> {
        let all = self.all.load();
        let first = path.strip_prefix('/')?.split('/').next()?;
        let alone = all
            .alone
            .as_ref()
            .filter(|_| [SCIM, OAUTH2].contains(&first));
        let place = alone.or_else(|| all.by_name.get(first))?;
        let is_it = within(&place.base, path).is_some() || is_of_another_version(&place.base, path);
        is_it.then(|| place.present())
    }

    /// The tenant with this name, and the path of its base.
    pub fn named(&self, name: &str) -> Option<(Arc<str>, Arc<Tenant>)> {
        let all = self.all.load();
        all.by_name.get(name).map(|place| place.present())
    }

    /// Each tenant with the path of its base, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (Arc<str>, Arc<Tenant>)> {
        let all = self.all.load();
        let all: Vec<_> = all.in_order.values().map(|it| it.present()).collect();
        all.into_iter()
    }

    /// Adds the tenant of a file, and returns the path of its base.
    ///
    /// # Errors
    /// [`NotAdded`] when its name does not do or there are too many.
    pub fn add(&self, tenant: Tenant) -> Result<Arc<str>, NotAdded> {
        self.place(&mut self.writer(), true, tenant)
    }

    /// Adds a tenant that is no file's, and returns the path of its base.
    ///
    /// # Errors
    /// [`NotAdded`] when its name does not do or there are too many.
    pub fn add_made(&self, tenant: Tenant) -> Result<Arc<str>, NotAdded> {
        self.place(&mut self.writer(), false, tenant)
    }

    /// A name that nobody has yet, for a tenant that was given none.
    pub fn next_name(&self) -> String {
        self.unnamed(&mut self.writer(), "tenant")
    }

    fn unnamed(&self, writer: &mut Writer, like: &str) -> String {
        loop {
            writer.unnamed += 1;
            let name = format!("{like}-{}", writer.unnamed);
            if !self.has(&name) {
                return name;
            }
        }
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
            self.unnamed(&mut writer, &tenant.name)
        };
        let base = self.place(&mut writer, false, tenant.fork(name.clone()))?;
        Ok((name, base))
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, name: &str) -> bool {
        self.all.load().by_name.contains_key(name)
    }

    fn place(
        &self,
        writer: &mut Writer,
        of_file: bool,
        tenant: Tenant,
    ) -> Result<Arc<str>, NotAdded> {
        if !can_name(&tenant.name) {
            return Err(NotAdded::Name(tenant.name));
        }
        if self.has(&tenant.name) {
            return Err(NotAdded::Taken(tenant.name));
        }
        if self.all.load().in_order.len() >= MOST_TENANTS {
            return Err(NotAdded::TooMany);
        }
        let base = base_of(&tenant.name);
        self.put(writer, base.clone(), of_file, tenant);
        Ok(base)
    }

    fn put(&self, writer: &mut Writer, base: Arc<str>, of_file: bool, mut tenant: Tenant) {
        tenant.directory.join(&self.commons);
        writer.placed += 1;
        let place = Arc::new(Place {
            number: writer.placed,
            name: tenant.name.clone(),
            base,
            of_file,
            tenant: ArcSwap::from_pointee(tenant),
        });
        let mut all = All::clone(&self.all.load());
        if *place.base == *BASE_PATH {
            all.alone = Some(place.clone());
        }
        all.by_name.insert(place.name.clone(), place.clone());
        all.in_order.insert(place.number, place);
        self.all.store(Arc::new(all));
    }

    /// Drops the tenant with this name; `false` when there is none. Requests under way finish on it.
    pub fn remove(&self, name: &str) -> bool {
        self.take(name, |_| true)
    }

    /// The same if it is a file's.
    pub fn remove_of_file(&self, name: &str) -> bool {
        self.take(name, |place| place.of_file)
    }

    fn take(&self, name: &str, suits: impl Fn(&Place) -> bool) -> bool {
        let _writer = self.writer();
        let mut all = All::clone(&self.all.load());
        let Some(place) = all.by_name.get(name).filter(|it| suits(it)).cloned() else {
            return false;
        };
        all.by_name.remove(name);
        all.in_order.remove(&place.number);
        all.alone = all.alone.filter(|it| it.number != place.number);
        self.all.store(Arc::new(all));
        true
    }

    /// Whether the tenant with this name is a file's, and is still served.
    pub fn follows(&self, name: &str) -> bool {
        let all = self.all.load();
        all.by_name.get(name).is_some_and(|place| place.of_file)
    }

    /// Puts `tenant` in the place of the one with its name, if a file's still has it. Requests see the old one or the new one, whole.
    ///
    /// `None` when no file's tenant has that name: it was dropped.
    pub fn reload(&self, mut tenant: Tenant) -> Option<Renewal> {
        let all = self.all.load();
        let place = all.by_name.get(&tenant.name).filter(|it| it.of_file)?;
        let keeps = tenant.on_reload == OnReload::Keep;
        // The last moment of the old directory is the first of the new one: no write falls between.
        let before = place.tenant.load_full();
        let renewal = before.directory.retire(|last| {
            tenant.directory.inherit(last, keeps);
            let mut renewal = Renewal {
                renewed: tenant.directory.snapshot().len(),
                ..Renewal::default()
            };
            let made = last.made_by_clients().count();
            if keeps {
                renewal.lost = tenant.directory.adopt(last);
                renewal.kept = made - renewal.lost.len();
            } else {
                renewal.dropped = made;
            }
            tenant.directory.succeed(&before.directory);
            tenant.traffic = before.traffic.clone();
            place.tenant.store(Arc::new(tenant));
            renewal
        });
        Some(renewal)
    }
}

impl Place {
    fn present(&self) -> (Arc<str>, Arc<Tenant>) {
        (self.base.clone(), self.tenant.load_full())
    }
}

fn base_of(name: &str) -> Arc<str> {
    format!("/{name}{BASE_PATH}").into()
}

/// Whether a tenant of this name can stand beside others: `/scim/scim/v2` would be below `/scim/v2`, whose version may be left out.
pub fn can_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    (1..=64).contains(&name.len())
        && name.chars().all(plain)
        && !name.chars().all(|c| c == '.')
        && ![SCIM, OAUTH2].contains(&name)
}
