//! A scenario in the making: what is known of the provider so far, each setting with the exchanges it comes from.

use super::overrides::Override;
use super::seed::{Seeded, Unread};
use crate::scenario::{PROFILES, Profile};
use serde_json::Value;

/// What will be written.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The profile that explains most, with the exchanges that only it explains.
    pub(super) profile: Option<(&'static Profile, Vec<u64>)>,
    pub(super) settings: Vec<Setting>,
    /// The form of new ids.
    pub(super) ids: Option<Setting>,
    pub(super) auth: Auth,
    /// Members that `meta` of a resource does not have, with the exchange; no setting takes them away.
    pub(super) lacking_meta: Option<(u64, Vec<&'static str>)>,
    /// Types of the provider's own, as the scenario language has them.
    pub(super) types: Vec<Setting>,
    /// Schema documents that are not those of RFC 7643.
    pub(super) schemas: Vec<SchemaFile>,
    pub(super) seed: Vec<Seeded>,
    pub(super) unread: Vec<Unread>,
    pub(super) faults: Vec<Setting>,
    pub(super) overrides: Vec<Override>,
}

/// How clients showed who they are.
#[derive(Debug, Clone, Default)]
pub(super) enum Auth {
    /// They did not.
    #[default]
    None,
    /// With something that is not kept, and nobody was refused.
    Any(u64),
    /// With these, and others were refused.
    Of(Vec<String>, u64),
}

/// A schema document, and the name of its file.
#[derive(Debug, Clone)]
pub(super) struct SchemaFile {
    pub(super) name: String,
    pub(super) document: Value,
    pub(super) exchange: u64,
}

/// A line of the scenario.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) value: Said,
    /// The exchanges that show it.
    pub(super) cites: Vec<u64>,
    /// What they show.
    pub(super) why: String,
}

/// A value in the scenario language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    One(String),
    /// What is added to a list.
    Many(Vec<String>),
}

impl Setting {
    pub(super) fn one(
        name: &'static str,
        value: impl Into<String>,
        cite: u64,
        why: impl Into<String>,
    ) -> Self {
        Self {
            name,
            value: Said::One(value.into()),
            cites: vec![cite],
            why: why.into(),
        }
    }

    /// What is tried, and not yet known.
    pub(super) fn tried(name: &'static str, value: Said) -> Self {
        Self {
            name,
            value,
            cites: Vec::new(),
            why: String::new(),
        }
    }
}

impl Draft {
    /// The same with a setting in the place of the one of its name; lists grow. `None` when nothing would be new.
    pub(super) fn with(&self, setting: &Setting) -> Option<Self> {
        let mut draft = self.clone();
        if setting.name == "faults" {
            if draft.faults.iter().any(|it| it.value == setting.value) {
                return None;
            }
            draft.faults.push(setting.clone());
            return Some(draft);
        }
        let present = draft.settings.iter_mut().find(|it| it.name == setting.name);
        match (present, &setting.value) {
            (Some(present), value @ Said::One(_)) => {
                if present.value == *value {
                    return None;
                }
                *present = setting.clone();
            }
            (Some(present), Said::Many(more)) => {
                let Said::Many(list) = &mut present.value else {
                    return None;
                };
                let news: Vec<_> = more
                    .iter()
                    .filter(|it| !list.contains(it))
                    .cloned()
                    .collect();
                if news.is_empty() {
                    return None;
                }
                list.extend(news);
            }
            (None, Said::One(value)) => {
                if self.assumed(setting.name).is_some_and(|it| it == *value) {
                    return None;
                }
                draft.settings.push(setting.clone());
            }
            (None, Said::Many(more)) => {
                // What a scenario says of a list stands in the place of what its profile says.
                let mut setting = setting.clone();
                let mut list = self.assumed_list(setting.name);
                if more.iter().all(|it| list.contains(it)) {
                    return None;
                }
                list.extend(
                    more.iter()
                        .filter(|it| !list.contains(it))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
                setting.value = Said::Many(list);
                draft.settings.push(setting);
            }
        }
        Some(draft)
    }

    /// What the profile says of a setting, in the scenario language.
    pub(super) fn assumed(&self, name: &str) -> Option<String> {
        let (profile, _) = self.profile.as_ref()?;
        written(profile.settings().get(name)?)
    }

    fn assumed_list(&self, name: &str) -> Vec<String> {
        // These are added to what the profile says.
        if ["unique", "required", "lacks", "never_returned"].contains(&name) {
            return Vec::new();
        }
        let words = ["filter_operators"].contains(&name);
        let settings = self.profile.as_ref().map(|(profile, _)| profile.settings());
        let list = settings.and_then(|it| it.get(name)?.as_array().cloned());
        let text = |it: &Value| {
            let text = it.as_str()?;
            Some(if words {
                text.to_owned()
            } else {
                format!("{text:?}")
            })
        };
        list.iter().flatten().filter_map(text).collect()
    }

    /// Without what its profile says already.
    pub(super) fn without_repetition(mut self) -> Self {
        let kept = |it: &Setting| match &it.value {
            Said::One(value) => self
                .assumed(it.name)
                .is_none_or(|assumed| assumed != *value),
            Said::Many(_) => true,
        };
        let settings = self
            .settings
            .iter()
            .filter(|it| kept(it))
            .cloned()
            .collect();
        self.settings = settings;
        self
    }

    /// Every profile that could be built upon.
    pub(super) fn profiles() -> impl Iterator<Item = &'static Profile> {
        PROFILES.iter()
    }
}

/// A word, a number, a truth value, or a list of words.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(list) => {
            let items: Option<Vec<String>> = list.iter().map(written).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        _ => None,
    }
}
