//! The way of one group: found or made, renamed, filled and emptied, gone.

use super::{Done, Failed, Push, id, resources, says};
use crate::idp::dialect::{Membership, WantedGroup, delete};
use crate::idp::directory::Group;
use crate::idp::flat::{Difference, differences, restricted};
use crate::idp::plan::{self, Act, GroupChange, told};
use crate::idp::rules::{Trouble, Verdict};
use crate::idp::state::GroupLink;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

impl Push {
    pub(super) async fn group(&self, change: GroupChange) {
        let (is_given_up, digest) = self.is_given_up(&change);
        if is_given_up {
            return;
        }
        let GroupChange { group, act } = change;
        let is_reference = matches!(act, Act::Members(_) | Act::AllMembers);
        let said = act.to_string();
        let done = match &act {
            Act::Create => self.create_group(&group).await.map(Some),
            Act::Update(found) => self.update_group(&group, found).await.map(Some),
            Act::Members(change) => self.members(&group, change).await.map(Some),
            Act::AllMembers => self.all_members(&group).await.map(Some),
            Act::Settle => self.settle_group(&group).await,
            Act::Delete => self.delete_group(&group).await.map(Some),
            Act::Leave | Act::Adopt => Ok(None),
        };
        if matches!(done, Err(Failed::Gone)) {
            // The next cycle finds it or makes it anew.
            let forgotten = self.note(|state| state.group(&group.key, None));
            if forgotten.is_err() {
                return;
            }
        }
        self.account(group.display_name, said, is_reference, digest, done);
    }

    async fn create_group(&self, group: &Group) -> Done<&'static str> {
        let Some(request) = self.settings.dialect.create_group(group) else {
            return Ok("created");
        };
        let mut attempts = 0;
        let mut has_clashed = false;
        // It may be there under the name that it had when its making was interrupted.
        let before = self
            .state()
            .memory()
            .groups
            .get(&group.key)
            .map(|it| it.name.clone());
        let before = before.filter(|it| *it != group.display_name);
        let names: Vec<String> = std::iter::once(group.display_name.clone())
            .chain(before)
            .collect();
        loop {
            let mut found = None;
            for name in &names {
                if found.is_none() {
                    found = self.find_group(name, &mut attempts).await?;
                }
            }
            if let Some(shown) = found {
                return self.link_group(group, &shown).await;
            }
            let link = GroupLink {
                name: group.display_name.clone(),
                ..GroupLink::default()
            };
            self.note(|state| state.group(&group.key, Some(link)))?;
            match self.send(&request, &mut attempts).await {
                Ok(answer) => {
                    let Some(id) = id(&answer.body) else {
                        let why = format!("{} without an id in its body", answer.status);
                        return Err(Failed::By(Trouble::NotScim(why), Verdict::NextCycle));
                    };
                    let link = GroupLink {
                        id: Some(id),
                        name: group.display_name.clone(),
                        pushed: told(group),
                        ..GroupLink::default()
                    };
                    self.note(|state| state.group(&group.key, Some(link)))?;
                    return Ok("created");
                }
                Err(Failed::Perhaps(_)) => {}
                Err(Failed::By(trouble, _)) if trouble.status() == Some(409) && !has_clashed => {
                    has_clashed = true;
                }
                Err(Failed::By(trouble, verdict)) => {
                    if !trouble.may_be_done() {
                        self.note(|state| state.group(&group.key, None))?;
                    }
                    return Err(Failed::By(trouble, verdict));
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// A group was found: from now on it is this one, and what differs is changed. Who is in it is not known.
    async fn link_group(&self, group: &Group, shown: &Map<String, Value>) -> Done<&'static str> {
        let Some(id) = id(shown) else {
            let why = "a group was found that has no id".to_owned();
            return Err(Failed::By(Trouble::NotScim(why), Verdict::NextCycle));
        };
        let link = GroupLink {
            id: Some(id),
            name: group.display_name.clone(),
            pushed: restricted(shown, &told(group)),
            unknown: true,
            ..GroupLink::default()
        };
        let found = differences(&link.pushed, &told(group), &link.doubt);
        self.note(|state| state.group(&group.key, Some(link)))?;
        if !found.is_empty() {
            self.update_group(group, &found).await?;
        }
        Ok("linked")
    }

    async fn find_group(
        &self,
        display_name: &str,
        attempts: &mut u32,
    ) -> Done<Option<Map<String, Value>>> {
        let Some(request) = self.settings.dialect.find_group(display_name) else {
            return Ok(None);
        };
        match self.send(&request, attempts).await {
            Ok(answer) => {
                let mut found = resources(&answer.body);
                let found = found.find(|it| says(it, "displayName", display_name));
                Ok(found.cloned())
            }
            Err(Failed::By(trouble, _)) if trouble.status() == Some(404) => Ok(None),
            Err(other) => Err(other),
        }
    }

    async fn update_group(&self, group: &Group, found: &[Difference]) -> Done<&'static str> {
        let Some((link, id)) = self.linked_group(&group.key) else {
            return Err(Failed::Gone);
        };
        let paths: BTreeSet<String> = found.iter().map(|it| it.path.clone()).collect();
        self.note(|state| state.doubt_group(&group.key, paths.clone()))?;
        let wanted = self.wanted(group);
        let request = self.settings.dialect.update_group(&id, &wanted, found);
        if let Some(request) = request {
            self.send_to(&request, &mut 0).await?;
        }
        let link = GroupLink {
            name: group.display_name.clone(),
            pushed: told(group),
            doubt: link.doubt.difference(&paths).cloned().collect(),
            ..link
        };
        self.note(|state| state.group(&group.key, Some(link)))?;
        Ok("updated")
    }

    async fn members(&self, group: &Group, change: &Membership) -> Done<&'static str> {
        let Some((_, id)) = self.linked_group(&group.key) else {
            return Err(Failed::Gone);
        };
        let wanted = self.wanted(group);
        for write in self.settings.dialect.change_members(&id, &wanted, change) {
            let came = write.does.add.iter().map(|it| it.id.clone());
            let came: Vec<String> = came.collect();
            let went = &write.does.remove;
            let about = came.iter().chain(went).cloned();
            self.note(|state| state.doubt_members(&group.key, about))?;
            self.send_to(&write.request, &mut 0).await?;
            self.note(|state| state.members(&group.key, came, went.iter().cloned()))?;
        }
        self.note(|state| {
            let link = state.memory().groups.get(&group.key).cloned();
            match link {
                Some(link) if link.unknown => {
                    let unknown = false;
                    state.group(&group.key, Some(GroupLink { unknown, ..link }))
                }
                _ => Ok(()),
            }
        })?;
        Ok("members")
    }

    async fn all_members(&self, group: &Group) -> Done<&'static str> {
        let Some((link, id)) = self.linked_group(&group.key) else {
            return Err(Failed::Gone);
        };
        let wanted = self.wanted(group);
        let members: BTreeSet<String> = wanted.members.iter().map(|it| it.id.clone()).collect();
        if let Some(request) = self.settings.dialect.replace_members(&id, &wanted) {
            let about = members.iter().cloned();
            self.note(|state| state.doubt_members(&group.key, about))?;
            self.send_to(&request, &mut 0).await?;
        }
        let link = GroupLink {
            members,
            doubt_members: BTreeSet::new(),
            unknown: false,
            ..link
        };
        self.note(|state| state.group(&group.key, Some(link)))?;
        Ok("members")
    }

    async fn settle_group(&self, group: &Group) -> Done<Option<&'static str>> {
        let found = self.find_group(&group.display_name, &mut 0).await?;
        let link = found.as_ref().and_then(id).map(|id| GroupLink {
            id: Some(id),
            name: group.display_name.clone(),
            ..GroupLink::default()
        });
        // What was found is deleted with the others that are not wanted.
        self.note(|state| state.group(&group.key, link))?;
        Ok(None)
    }

    async fn delete_group(&self, group: &Group) -> Done<&'static str> {
        let Some((_, id)) = self.linked_group(&group.key) else {
            return Ok("deleted");
        };
        // Should it come back before it is known, it is changed, and then seen not to be there.
        self.note(|state| state.doubt_group(&group.key, ["displayName".to_owned()]))?;
        match self.send_to(&delete("/Groups", &id), &mut 0).await {
            Ok(_) | Err(Failed::Gone) => {}
            Err(other) => return Err(other),
        }
        self.note(|state| state.group(&group.key, None))?;
        Ok("deleted")
    }

    fn wanted<'g>(&self, group: &'g Group) -> WantedGroup<'g> {
        let state = self.state();
        let members = plan::members(state.memory(), group);
        WantedGroup { group, members }
    }

    fn linked_group(&self, key: &str) -> Option<(GroupLink, String)> {
        let state = self.state();
        let link = state.memory().groups.get(key)?;
        Some((link.clone(), link.id.clone()?))
    }
}
