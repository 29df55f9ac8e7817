//! The links of a seed: who is a member of which group, who is whose manager.
//!
//! A link names its target by id. A target that nothing else shows is added to the seed, for a scenario leads nowhere; one that was made
//! later is left out.

use super::binding::text;
use super::seed::{Fold, Seeded};
use serde_json::{Map, Value, json};

impl Fold<'_> {
    /// Who is in a group whose members nobody read, as the users say.
    pub(super) fn enrol(&mut self) {
        for (user, group, number) in std::mem::take(&mut self.memberships) {
            let Some(id) = text(&group, "value").filter(|id| !self.is_made("Group", id)) else {
                continue;
            };
            if self.find("Group", id).is_none() {
                let name = text(&group, "display").unwrap_or(id);
                self.found.push(Seeded {
                    kind: "Group".to_owned(),
                    id: Some(id.to_owned()),
                    members: Map::from_iter([("displayName".to_owned(), json!(name))]),
                    exchange: number,
                    note: Some(format!("never read; exchange {number} says who is in it")),
                    changed: false,
                    shows_members: false,
                });
            }
            let Some(known) = self.find("Group", id) else {
                continue;
            };
            let list = known.members.entry("members").or_insert_with(|| json!([]));
            if let Value::Array(list) = list
                && !list
                    .iter()
                    .any(|it| text(it, "value") == Some(user.as_str()))
                && (!known.shows_members)
            {
                list.push(json!({"value": user}));
            }
        }
    }

    /// Names targets of links as a person would, adds those that nothing else shows, and drops those that came later.
    pub(super) fn link(&mut self) {
        let mut at = 0;
        while at < self.found.len() {
            let Some(kind) = self.schemas.by_name(&self.found[at].kind).cloned() else {
                at += 1;
                continue;
            };
            let links: Vec<_> = kind
                .all_attributes()
                .filter(|(_, attribute)| !attribute.link_targets().is_empty())
                .map(|(urn, attribute)| (urn.map(str::to_owned), attribute.clone()))
                .collect();
            for (urn, attribute) in links {
                let seeded = &mut self.found[at];
                let number = seeded.exchange;
                let holder = match &urn {
                    None => Some(&mut seeded.members),
                    Some(urn) => seeded.members.get_mut(urn).and_then(Value::as_object_mut),
                };
                let Some((name, value)) = holder.and_then(|it| it.remove_entry(&attribute.name))
                else {
                    continue;
                };
                let many = value.is_array();
                let list = if let Value::Array(list) = value {
                    list
                } else {
                    vec![value]
                };
                let mut kept = Vec::new();
                for link in list {
                    let Some(id) = text(&link, "value").or(link.as_str()).map(str::to_owned) else {
                        continue;
                    };
                    let said = text(&link, "type").map(str::to_owned);
                    let targets = attribute.link_targets();
                    let kind = targets
                        .iter()
                        .find(|it| said.as_deref() == Some(it.as_str()))
                        .or_else(|| targets.iter().find(|it| self.find(it, &id).is_some()))
                        .or(targets.first())
                        .cloned();
                    let kind = kind.unwrap_or_default();
                    if targets.iter().any(|it| self.is_made(it, &id)) {
                        continue;
                    }
                    if self.find(&kind, &id).is_none() {
                        self.found.push(Seeded {
                            kind: kind.clone(),
                            id: Some(id.clone()),
                            members: Map::new(),
                            exchange: number,
                            note: Some(format!("never read; exchange {number} refers to it")),
                            changed: false,
                            shows_members: false,
                        });
                    }
                    kept.push(if many {
                        json!(id)
                    } else {
                        json!({"value": id})
                    });
                }
                let seeded = &mut self.found[at];
                let holder = match &urn {
                    None => Some(&mut seeded.members),
                    Some(urn) => seeded.members.get_mut(urn).and_then(Value::as_object_mut),
                };
                if let Some(holder) = holder.filter(|_| !kept.is_empty()) {
                    let value = if many {
                        Value::Array(kept)
                    } else {
                        kept.remove(0)
                    };
                    holder.insert(name, value);
                }
            }
            at += 1;
        }
    }
}
