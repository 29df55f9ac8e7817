//! How identity providers speak: what each sends for a change, as pure functions from the change to requests.
//!
//! What differs by a word is data ([`Ways`]); what differs in shape has a file an identity provider. Each says where its shapes come from
//! and how sure that is: **H** the vendor's documentation or a capture, **M** somebody independent who implemented against it, **L** inferred.

mod entra;
mod okta;
mod oracle;
mod request;
mod ways;

pub use request::{Request, Write};
pub use ways::{Deprovision, Match, Ways};

use super::directory::{Directory, Group, Person};
use super::flat::Difference;
use serde_json::{Map, Value};

/// Whom this program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An integration of Okta's network (OIN), and its SCIM template.
    Okta,
    /// A custom app made with Okta's wizard (AIW): all updates are PUT.
    OktaAiw,
    /// Microsoft Entra ID.
    Entra,
    /// The same with `?aadOptscim062020` behind the tenant URL.
    EntraFlag,
    /// The generic template of Oracle's identity domains.
    Oracle,
}

/// A person as they are to be at the service provider: people they point at by the ids that they have there.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Who.
    pub person: &'a Person,
    /// The id of the manager there, once the manager is there.
    pub manager: Option<&'a str>,
    /// As the person is to be: somebody who has left is not active, whatever the file said last.
    pub active: bool,
}

/// A group, with the ids and names of its members there.
#[derive(Debug, Clone)]
pub struct WantedGroup<'a> {
    /// Which.
    pub group: &'a Group,
    /// Its members: id there, and user name.
    pub members: Vec<Member>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The id that the service provider gave.
    pub id: String,
    /// The user name.
    pub display: String,
}

/// A change of who is in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    /// Who comes.
    pub add: Vec<Member>,
    /// Who goes, by id.
    pub remove: Vec<String>,
}

impl Dialect {
    /// All of them, by the names that `--as` takes.
    pub const ALL: [(&'static str, Self); 5] = [
        ("okta", Self::Okta),
        ("okta-aiw", Self::OktaAiw),
        ("entra", Self::Entra),
        ("entra-flag", Self::EntraFlag),
        ("oracle", Self::Oracle),
    ];

    /// As `--as` takes it.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, it)| *it == self);
        found.map_or("", |(name, _)| name)
    }

    /// What differs by a word.
    pub fn ways(self) -> &'static Ways {
        match self {
            Self::Okta | Self::OktaAiw => &okta::WAYS,
            Self::Entra | Self::EntraFlag => &entra::WAYS,
            Self::Oracle => &oracle::WAYS,
        }
    }

    /// The headers of a request, besides credentials.
    pub fn headers(self, has_body: bool) -> Vec<(&'static str, &'static str)> {
        let ways = self.ways();
        let mut headers = ways.headers.to_vec();
        if has_body {
            headers.push(("content-type", ways.content_type));
        }
        headers
    }

    /// Gives each person and group the identifiers that this identity provider sends where the file gives none.
    pub fn fill(self, directory: &mut Directory) {
        match self {
            Self::Okta | Self::OktaAiw => okta::fill(directory),
            Self::Entra | Self::EntraFlag => entra::fill(directory),
            Self::Oracle => {}
        }
    }

    /// What is asked before anything is pushed: at the start of every cycle, or when the target is new.
    pub fn probe(self, guid: &str) -> Vec<Request> {
        match self {
            Self::Okta | Self::OktaAiw => okta::test(),
            Self::Entra | Self::EntraFlag => entra::probe(guid),
            Self::Oracle => oracle::test(),
        }
    }

    /// Is this person there already? `page` counts from 0 where everybody is listed.
    pub fn find_person(self, user_name: &str, page: usize) -> Request {
        match self {
            Self::Okta | Self::OktaAiw => okta::find_person(user_name),
            Self::Entra | Self::EntraFlag => entra::find_person(user_name),
            Self::Oracle => oracle::list(page),
        }
    }

    /// Makes a person.
    pub fn create_person(self, wanted: Wanted<'_>, seed: u64) -> Request {
        match self {
            Self::Okta | Self::OktaAiw => okta::create_person(wanted, seed),
            Self::Entra | Self::EntraFlag => entra::create_person(wanted),
            Self::Oracle => oracle::create_person(wanted),
        }
    }

    /// Whether the person is read first, because what the service provider holds goes back to it.
    pub fn reads_first(self, differences: &[Difference]) -> bool {
        let profile = differences.iter().any(|it| it.path != "active");
        match self {
            Self::Okta => profile,
            Self::OktaAiw => true,
            Self::Entra | Self::EntraFlag | Self::Oracle => false,
        }
    }

    /// Changes a person; `shown` is what was read first.
    pub fn update_person(
        self,
        id: &str,
        wanted: Wanted<'_>,
        differences: &[Difference],
        shown: Option<&Map<String, Value>>,
    ) -> Vec<Request> {
        match self {
            Self::Okta => okta::update_person(id, wanted, differences, shown, true),
            Self::OktaAiw => okta::update_person(id, wanted, differences, shown, false),
            Self::Entra => entra::update_person(id, differences, entra::Spelling::Default),
            Self::EntraFlag => entra::update_person(id, differences, entra::Spelling::Flag),
            Self::Oracle => oracle::update_person(id, wanted),
        }
    }

    /// Is this group there already?
    pub fn find_group(self, display_name: &str) -> Option<Request> {
        match self {
            Self::Okta | Self::OktaAiw => Some(okta::find_group(display_name)),
            Self::Entra | Self::EntraFlag => Some(entra::find_group(display_name)),
            Self::Oracle => None,
        }
    }

    /// Makes a group, without members: they come later in the same cycle.
    pub fn create_group(self, group: &Group) -> Option<Request> {
        match self {
            Self::Okta | Self::OktaAiw => Some(okta::create_group(group)),
            Self::Entra | Self::EntraFlag => Some(entra::create_group(group)),
            Self::Oracle => None,
        }
    }

    /// Gives a group another name, or another identifier.
    pub fn update_group(
        self,
        id: &str,
        wanted: &WantedGroup<'_>,
        differences: &[Difference],
    ) -> Option<Request> {
        match self {
            Self::Okta => Some(okta::rename_group(id, wanted.group)),
            Self::OktaAiw => Some(okta::replace_group(id, wanted)),
            Self::Entra => entra::update_group(id, differences, entra::Spelling::Default),
            Self::EntraFlag => entra::update_group(id, differences, entra::Spelling::Flag),
            Self::Oracle => None,
        }
    }

    /// Changes who is in a group, in as many requests as this identity provider would send.
    pub fn change_members(
        self,
        id: &str,
        wanted: &WantedGroup<'_>,
        change: &Membership,
    ) -> Vec<Write> {
        match self {
            Self::Okta => okta::change_members(id, wanted, change),
            Self::OktaAiw => vec![Write::of_members(
                okta::replace_group(id, wanted),
                change.clone(),
            )],
            Self::Entra => entra::change_members(id, change, entra::Spelling::Default),
            Self::EntraFlag => entra::change_members(id, change, entra::Spelling::Flag),
            Self::Oracle => Vec::new(),
        }
    }

    /// Whether it does.
    pub fn says_all_members(self) -> bool {
        matches!(self, Self::Okta | Self::OktaAiw)
    }

    /// Says who is in a group that was found there, where this identity provider says all of it.
    pub fn replace_members(self, id: &str, wanted: &WantedGroup<'_>) -> Option<Request> {
        match self {
            Self::Okta => Some(okta::replace_members(id, wanted)),
            Self::OktaAiw => Some(okta::replace_group(id, wanted)),
            Self::Entra | Self::EntraFlag | Self::Oracle => None,
        }
    }

    /// What of a directory is not pushed, in words.
    pub fn left_out(self, directory: &Directory) -> Vec<String> {
        let mut left = Vec::new();
        let groups = directory.groups.len();
        let nested = directory.groups.iter().filter(|it| it.nested > 0).count();
        if !self.ways().pushes_groups && groups > 0 {
            let s = if groups == 1 { "" } else { "s" };
            left.push(format!(
                "{groups} group{s}: the documented operations of this identity provider are for users only"
            ));
        } else if nested > 0 {
            left.push(format!(
                "groups within {nested} of the groups: no identity provider here pushes a group as a member"
            ));
        }
        left
    }
}

/// Deletes whatever it is.
pub fn delete(endpoint: &str, id: &str) -> Request {
    Request::new("DELETE", &format!("{endpoint}/{}", request::segment(id)))
}

/// Reads a person.
pub fn read_person(id: &str) -> Request {
    Request::new("GET", &format!("/Users/{}", request::segment(id)))
}
