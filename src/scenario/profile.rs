//! Profiles: named sets of provider settings, each a page of the scenario language in `profiles/`, built into the program.
//!
//! A page is a `Provider(…)`, read as that of a scenario is; its comments say where each setting comes from. A scenario names one in
//! `profile`, and its own fields win.

use super::node::{Field, Form, Kind, Node};
use super::provider::{self, FIELDS};
use super::reader::Reader;
use super::{Provider, parser};
use crate::scim::resource_type::ResourceType;
use serde_json::{Value, json};
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

profiles![
    "rfc",
    "interop",
    "okta-ready",
    "entra-ready",
    "atlassian",
    "aws-identity-center",
    "entra-as-sp",
    "github",
    "github-organization",
    "gitlab",
    "hcp-terraform",
    "salesforce",
    "sentry",
    "slack",
    "snowflake",
    "zoom",
];

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

    /// What it is, in a sentence: the first of its page.
    pub fn summary(&self) -> String {
        let lines = self.text.lines();
        let head = lines.map_while(|line| line.strip_prefix("//"));
        let head = head.map(str::trim).collect::<Vec<_>>().join(" ");
        let end = head.find(". ").map_or(head.len(), |end| end + 1);
        head[..end].to_owned()
    }

    /// What it sets, as JSON: a word as text, `Bulk(…)` as an object under its name.
    pub fn settings(&self) -> Value {
        let (node, _) = parser::parse(self.text);
        let fields = node.as_ref().map_or(&[] as &[Field], Node::fields);
        members(fields)
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
        // A scenario may have types of its own that lack what the page alters; then there is nothing to alter.
        provider::altered(&mut Reader::default(), &fields, types);
        provider
    }
}

fn members(fields: &[Field]) -> Value {
    let pairs = fields
        .iter()
        .map(|field| (field.name.text.clone(), written(&field.value)));
    Value::Object(pairs.collect())
}

/// A node as JSON would say it.
fn written(node: &Node) -> Value {
    let of = |name: &Option<super::node::Name>, value: Value| match name {
        Some(name) => json!({ name.text.as_str(): value }),
        None => value,
    };
    match &node.kind {
        Kind::Broken | Kind::Null | Kind::Json => Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(value) => value.clone().into(),
        Kind::Text(value) => value.as_str().into(),
        Kind::List(items) => items.iter().map(written).collect(),
        Kind::Map(fields) => members(fields),
        Kind::Named(name, Form::Bare) => name
            .as_ref()
            .map_or(Value::Null, |it| it.text.as_str().into()),
        Kind::Named(name, Form::Tuple(items)) => of(name, items.iter().map(written).collect()),
        Kind::Named(name, Form::Fields(fields)) => of(name, members(fields)),
    }
}
