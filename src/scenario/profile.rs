//! Profiles: named sets of provider settings, each a page of the scenario language in `profiles/`, built into the program.
//!
//! A page is a `Provider(…)`, read as that of a scenario is; its comments say where each setting comes from. A scenario names one in
//! `profile`, and its own fields win.

use super::node::{Kind, Node};
use super::provider::{self, FIELDS};
use super::reader::Reader;
use super::{Provider, parser};
use crate::scim::resource_type::ResourceType;
use std::sync::Arc;

/// A page by its name.
#[derive(Debug)]
pub struct Profile {
    /// What scenarios call it.
    pub name: &'static str,
    /// A `Provider(…)`.
    pub text: &'static str,
}

macro_rules! profiles {
    ($($name:literal),* $(,)?) => {
        /// Every profile, in the order in which they are told.
        pub const PROFILES: &[Profile] = &[$(Profile {
            name: $name,
            text: include_str!(concat!("profiles/", $name, ".ron")),
        }),*];
    };
}

profiles!["rfc", "interop", "okta-ready", "entra-ready"];

/// The profile that a node names.
pub(super) fn named(reader: &mut Reader, node: &Node) -> Option<&'static Profile> {
    let name = reader.text(node, r#"profile: "rfc""#)?;
    let found = PROFILES.iter().find(|profile| profile.name == name);
    if found.is_none() {
        let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        reader.unknown_word(node, "profile", name, &known);
    }
    found
}

impl Profile {
    /// Whether a provider that keeps to it says so (draft-zollner-scim-interop-profile section 4).
    pub(super) fn is_interop(&self) -> bool {
        self.name == "interop"
    }

    /// What it says; what it makes unique stands in `types`.
    pub(super) fn provider(&self, types: &mut [Arc<ResourceType>]) -> Provider {
        let (node, problems) = parser::parse(self.text);
        debug_assert!(problems.is_empty(), "{}: {problems:?}", self.name);
        let mut reader = Reader::default();
        let node = node.unwrap_or(Node {
            kind: Kind::Broken,
            span: 0..0,
        });
        // A page does not build on another: it says all that it is.
        let known: Vec<&str> = FIELDS
            .iter()
            .copied()
            .filter(|it| *it != "profile")
            .collect();
        let fields = reader.fields(&node, "Provider", &known);
        let provider = provider::described(&mut reader, &fields, Provider::default());
        debug_assert!(
            reader.problems.is_empty(),
            "{}: {:?}",
            self.name,
            reader.problems
        );
        // A scenario may have types of its own that lack what the page makes unique; then there is nothing to make so.
        if let Some(node) = fields.get("unique") {
            provider::unique(&mut Reader::default(), node, types);
        }
        provider
    }
}
