//! The way of one person: found or made, changed, gone.

use super::{Done, Failed, Push, id, resources, says, total};
use crate::idp::dialect::{Deprovision, Match, Wanted, delete, read_person};
use crate::idp::directory::{ENTERPRISE, Person};
use crate::idp::flat::{Difference, restricted};
use crate::idp::plan::{self, Act, PersonChange, activity, manager_path};
use crate::idp::rules::{Trouble, Verdict};
use crate::idp::state::Link;
use crate::scim::path::member;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

impl Push {
    pub(super) async fn person(&self, change: PersonChange) {
        let (is_given_up, digest) = self.is_given_up(&change);
        if is_given_up {
            return;
        }
        let PersonChange { person, act } = change;
        let is_reference =
            matches!(&act, Act::Update(found) if found.iter().all(|it| it.path == manager_path()));
        let said = act.to_string();
        let done = match act {
            Act::Create => self.create(&person).await.map(Some),
            Act::Adopt => self.adopt(&person).await,
            Act::Update(found) => self.update_or_anew(&person, &found).await.map(Some),
            Act::Leave => self.leave(&person).await.map(Some),
            Act::Settle => self.settle(&person).await,
            Act::Delete => self.delete(&person).await.map(Some),
            Act::Members(_) | Act::AllMembers => Ok(None),
        };
        self.account(person.user_name, said, is_reference, digest, done);
    }

    /// Finds somebody, or makes them: both again whenever it is not known whether they were made.
    async fn create(&self, person: &Person) -> Done<&'static str> {
        let mut attempts = 0;
        let mut has_clashed = false;
        let names = self.names(person);
        loop {
            for name in &names {
                if let Some(shown) = self.find(name, &mut attempts).await? {
                    return self.link(person, &shown).await;
                }
            }
            let link = Link {
                name: person.user_name.clone(),
                ..Link::default()
            };
            self.note(|state| state.person(&person.key, Some(link)))?;
            let manager = self.manager_of(person);
            let wanted = Wanted {
                person,
                manager: manager.as_deref(),
                active: person.active,
            };
            let request = self
                .settings
                .dialect
                .create_person(wanted, self.settings.seed);
            match self.send(&request, &mut attempts).await {
                Ok(answer) => {
                    let Some(id) = id(&answer.body) else {
                        let why = format!(
                            "{} without an id in its body: Okta says \"Create new user returned empty user\" to that",
                            answer.status
                        );
                        return Err(Failed::By(Trouble::NotScim(why), Verdict::NextCycle));
                    };
                    let link = Link {
                        id: Some(id),
                        name: person.user_name.clone(),
                        pushed: person.attributes.clone(),
                        active: Some(person.active),
                        manager: manager
                            .filter(|_| self.settings.dialect.ways().manager_in_profile),
                        ..Link::default()
                    };
                    self.note(|state| state.person(&person.key, Some(link)))?;
                    return Ok("created");
                }
                Err(Failed::Perhaps(_)) => {}
                // Somebody has the name whom the search did not show; it may show them now.
                Err(Failed::By(trouble, _)) if trouble.status() == Some(409) && !has_clashed => {
                    has_clashed = true;
                    if matches!(self.settings.dialect.ways().matching, Match::List(_)) {
                        return Err(Failed::By(trouble, Verdict::NextCycle));
                    }
                }
                Err(Failed::By(trouble, verdict)) => {
                    if !trouble.may_be_done() {
                        self.note(|state| state.person(&person.key, None))?;
                    }
                    return Err(Failed::By(trouble, verdict));
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// Somebody was made perhaps, and would not be made now.
    async fn adopt(&self, person: &Person) -> Done<Option<&'static str>> {
        for name in self.names(person) {
            if let Some(shown) = self.find(&name, &mut 0).await? {
                return self.link(person, &shown).await.map(Some);
            }
        }
        self.note(|state| state.person(&person.key, None))?;
        Ok(None)
    }

    /// Under which names they may be there: their own, and the one that they had when their making was interrupted, or when they left.
    fn names(&self, person: &Person) -> Vec<String> {
        let state = self.state();
        let before = state.memory().people.get(&person.key);
        let before = before.map(|it| it.name.clone());
        let before = before.filter(|it| *it != person.user_name);
        std::iter::once(person.user_name.clone())
            .chain(before)
            .collect()
    }

    /// Who is there under this name.
    async fn find(&self, user_name: &str, attempts: &mut u32) -> Done<Option<Map<String, Value>>> {
        let dialect = self.settings.dialect;
        let Match::List(size) = dialect.ways().matching else {
            let request = dialect.find_person(user_name, 0);
            return match self.send(&request, attempts).await {
                Ok(answer) => {
                    let mut found = resources(&answer.body);
                    let found = found.find(|it| says(it, "userName", user_name));
                    Ok(found.cloned())
                }
                // Some answer so where they should answer with an empty list.
                Err(Failed::By(trouble, _)) if trouble.status() == Some(404) => Ok(None),
                Err(other) => Err(other),
            };
        };
        let mut everybody = self.everybody.lock().await;
        if everybody.is_none() {
            let mut all = BTreeMap::new();
            for page in 0.. {
                let request = dialect.find_person(user_name, page);
                let answer = self.send(&request, attempts).await?;
                for shown in resources(&answer.body) {
                    if let Some(name) = member(shown, "userName").and_then(Value::as_str) {
                        all.insert(name.to_lowercase(), shown.clone());
                    }
                }
                let total = total(&answer.body).unwrap_or(0);
                let seen = u64::try_from((page + 1) * size).unwrap_or(u64::MAX);
                if seen >= total || resources(&answer.body).next().is_none() {
                    break;
                }
            }
            *everybody = Some(all);
        }
        let name = user_name.to_lowercase();
        Ok(everybody.as_ref().and_then(|all| all.get(&name).cloned()))
    }

    /// Somebody was found: from now on they are this person, and what differs is changed.
    async fn link(&self, person: &Person, shown: &Map<String, Value>) -> Done<&'static str> {
        let Some(id) = id(shown) else {
            let why = "a person was found who has no id".to_owned();
            return Err(Failed::By(Trouble::NotScim(why), Verdict::NextCycle));
        };
        let manager = member(shown, ENTERPRISE)
            .and_then(|it| member(it.as_object()?, "manager"))
            .and_then(|it| member(it.as_object()?, "value")?.as_str());
        let link = Link {
            id: Some(id),
            name: person.user_name.clone(),
            pushed: restricted(shown, &person.attributes),
            active: member(shown, "active").and_then(Value::as_bool),
            manager: manager.map(str::to_owned),
            ..Link::default()
        };
        let found = plan::of_person(&link, person, self.settings.dialect.ways().clears);
        self.note(|state| state.person(&person.key, Some(link)))?;
        if !found.is_empty() {
            self.update(person, &found).await?;
        }
        Ok("linked")
    }

    /// Changes somebody; if they are not there any more, makes them anew.
    async fn update_or_anew(&self, person: &Person, found: &[Difference]) -> Done<&'static str> {
        match self.update(person, found).await {
            Err(Failed::Gone) => {
                self.note(|state| state.person(&person.key, None))?;
                self.create(person).await
            }
            Ok(()) => Ok("updated"),
            Err(other) => Err(other),
        }
    }

    async fn update(&self, person: &Person, found: &[Difference]) -> Done<()> {
        let dialect = self.settings.dialect;
        let Some((mut link, id)) = self.linked(&person.key) else {
            return Err(Failed::Gone);
        };
        let paths: Vec<String> = found.iter().map(|it| it.path.clone()).collect();
        self.note(|state| state.doubt_person(&person.key, paths.clone()))?;
        let mut attempts = 0;
        let shown = if dialect.reads_first(found) {
            let answer = self.send_to(&read_person(&id), &mut attempts).await?;
            Some(answer.body)
        } else {
            None
        };
        let manager = self.manager_of(person);
        let wanted = Wanted {
            person,
            manager: manager.as_deref(),
            active: person.active,
        };
        let requests = dialect.update_person(&id, wanted, found, shown.as_ref());
        let mut was_put = false;
        for request in &requests {
            self.send_to(request, &mut attempts).await?;
            was_put |= request.method == "PUT";
        }
        let is_manager = |it: &String| *it == manager_path();
        if paths.iter().any(is_manager) || was_put {
            link.manager = manager;
            link.doubt.remove(&manager_path());
        }
        if paths.iter().any(|it| !is_manager(it) && it != "active") || was_put {
            link.pushed.clone_from(&person.attributes);
            link.name.clone_from(&person.user_name);
        }
        if paths.iter().any(|it| it == "active") || was_put {
            link.active = Some(person.active);
        }
        link.doubt.retain(|it| !paths.contains(it));
        self.note(|state| state.person(&person.key, Some(link)))
    }

    /// Somebody has left.
    async fn leave(&self, person: &Person) -> Done<&'static str> {
        let was_there = self
            .linked(&person.key)
            .is_some_and(|(link, _)| link.active.is_some());
        match self.update(person, &[activity(false, was_there)]).await {
            Err(Failed::Gone) => self.note(|state| state.person(&person.key, None))?,
            Err(other) => return Err(other),
            Ok(()) => {
                if let Some((mut link, _)) = self.linked(&person.key) {
                    link.left.get_or_insert(self.pace.now());
                    link.doubt.clear();
                    self.note(|state| state.person(&person.key, Some(link)))?;
                }
            }
        }
        Ok("deactivated")
    }

    /// Somebody who is not wanted was made perhaps.
    async fn settle(&self, person: &Person) -> Done<Option<&'static str>> {
        let mut attempts = 0;
        let found = self.find(&person.user_name, &mut attempts).await?;
        let Some(id) = found.as_ref().and_then(id) else {
            self.note(|state| state.person(&person.key, None))?;
            return Ok(None);
        };
        let link = Link {
            id: Some(id),
            name: person.user_name.clone(),
            ..Link::default()
        };
        self.note(|state| state.person(&person.key, Some(link)))?;
        match self.settings.leaving {
            Deprovision::Deactivate => self.leave(person).await.map(Some),
            Deprovision::Delete => self.delete(person).await.map(Some),
        }
    }

    async fn delete(&self, person: &Person) -> Done<&'static str> {
        let Some((_, id)) = self.linked(&person.key) else {
            return Ok("deleted");
        };
        // Should they come back before it is known, they are looked for.
        self.note(|state| state.doubt_person(&person.key, ["active".to_owned()]))?;
        match self.send_to(&delete("/Users", &id), &mut 0).await {
            Ok(_) | Err(Failed::Gone) => {}
            Err(other) => return Err(other),
        }
        self.note(|state| state.person(&person.key, None))?;
        Ok("deleted")
    }

    fn linked(&self, key: &str) -> Option<(Link, String)> {
        let state = self.state();
        let link = state.memory().people.get(key)?;
        Some((link.clone(), link.id.clone()?))
    }

    fn manager_of(&self, person: &Person) -> Option<String> {
        let state = self.state();
        plan::manager(state.memory(), person).map(str::to_owned)
    }
}
