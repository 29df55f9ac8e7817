//! What a provider does not do of what RFC 7644 has: operations, filters, changes and sizes that real ones refuse.
//!
//! Nothing here is on by itself. Each check says what is allowed instead; how an error looks is decided in `choices` and in the shape
//! of errors below.

use super::choices::{Choices, PatchMatches, PatchMembers};
use super::filter::Filter;
use super::link::LinkSet;
use super::patch::{Op, Operation};
use super::path::AttributePath;
use super::resource::{Content, is_link};
use super::resource_type::ResourceType;
use super::{ErrorKind, ScimError};
use serde_json::Value;

/// What a filter is made of, each word by its name in scenarios.
pub const FILTER_WORDS: [&str; 14] = [
    "Eq", "Ne", "Co", "Sw", "Ew", "Gt", "Ge", "Lt", "Le", "Pr", "And", "Or", "Not", "Bracket",
];

/// A method at an endpoint, or all that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOffered {
    /// `PUT`; `None` when there is no such endpoint.
    pub method: Option<String>,
    /// `/Groups`, for the resources below it too.
    pub endpoint: String,
}

/// An attribute of a resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfType {
    /// `User`.
    pub name: String,
    /// `userName`.
    pub path: AttributePath,
}

/// Everything that a provider refuses of its own accord.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restrictions {
    /// Methods and endpoints that there are not.
    pub not_offered: Vec<NotOffered>,
    /// Of [`FILTER_WORDS`], those that a filter may have; `None` for all.
    pub filter_operators: Option<Vec<&'static str>>,
    /// What a filter may ask about; a type of which nothing is named is free.
    pub filter_attributes: Vec<OfType>,
    /// What a PATCH may change; a type of which nothing is named is free.
    pub patch_attributes: Vec<OfType>,
    /// The most operations of a PATCH.
    pub patch_max_operations: Option<usize>,
    /// The most links to many, members for one, that a request may add or remove.
    pub max_members: Option<usize>,
    /// The most that it may remove.
    pub max_members_removed: Option<usize>,
    /// The most values of an attribute that can have many.
    pub max_values: Option<usize>,
    /// An error, with placeholders (`error::shaped`); `None` for that of RFC 7644 section 3.12.
    pub error_body: Option<Value>,
}

impl Restrictions {
    /// Whether the method, or with `None` anything at all, is at the endpoint.
    pub fn offers(&self, method: Option<&str>, endpoint: &str) -> bool {
        !self
            .not_offered
            .iter()
            .any(|it| it.endpoint == endpoint && it.method.as_deref() == method)
    }

    /// # Errors
    /// `invalidFilter` for a filter on resources of this type, or of all when `of` is `None`, that is beyond the provider.
    pub fn check_filter(
        &self,
        filter: &Filter,
        of: Option<&ResourceType>,
    ) -> Result<(), ScimError> {
        let refuse = |detail| Err(ScimError::new(ErrorKind::InvalidFilter, detail));
        if let Some(known) = &self.filter_operators {
            let mut used = Vec::new();
            words(filter, &mut used);
            if let Some(word) = used.iter().find(|word| !known.contains(word)) {
                let known = known.join(", ").to_ascii_lowercase();
                let word = word.to_ascii_lowercase();
                return refuse(format!(
                    "`{word}` is not supported here; filters have {known}"
                ));
            }
        }
        let allowed = allowed(&self.filter_attributes, of);
        let mut asked = Vec::new();
        paths(filter, &mut asked);
        let strange = |path: &&&AttributePath| !allowed.iter().any(|it| path.is_within(it));
        match asked.iter().find(strange).filter(|_| !allowed.is_empty()) {
            None => Ok(()),
            Some(path) => refuse(format!(
                "no filter asks about `{path}` here; it asks about {}",
                list(&allowed)
            )),
        }
    }

    /// # Errors
    /// For a PATCH of a resource of this type that has too many operations, or changes what no PATCH changes.
    pub fn check_patch(
        &self,
        types: &ResourceType,
        operations: &[Operation],
        choices: &Choices,
    ) -> Result<(), ScimError> {
        if let Some(most) = self
            .patch_max_operations
            .filter(|it| operations.len() > *it)
        {
            let count = operations.len();
            let detail = format!("the PATCH has {count} operations, more than {most}");
            return Err(ScimError::new(ErrorKind::InvalidValue, detail));
        }
        let allowed = allowed(&self.patch_attributes, Some(types));
        for operation in operations {
            let filtered = operation
                .path
                .as_ref()
                .is_some_and(|it| it.filter.is_some());
            if filtered && choices.patch_matches == PatchMatches::Never {
                let detail = "a path has no filter here; name the whole attribute";
                return Err(ScimError::new(ErrorKind::InvalidPath, detail));
            }
            for name in operation.names() {
                let plain = name.split('[').next().unwrap_or_default();
                let path = AttributePath::parse(plain);
                let repeats = operation.path.is_none() && ["id", "schemas"].contains(&plain);
                let is_allowed = |path: &AttributePath| allowed.iter().any(|it| path.is_within(it));
                if !allowed.is_empty() && !repeats && !path.as_ref().is_some_and(is_allowed) {
                    let detail = format!(
                        "no PATCH changes `{plain}` here; it changes {}",
                        list(&allowed)
                    );
                    return Err(ScimError::new(ErrorKind::InvalidPath, detail));
                }
                let links = path
                    .and_then(|it| types.attribute(&it.name))
                    .filter(|it| is_link(it));
                let whole = match operation.op {
                    Op::Add => false,
                    Op::Replace => !filtered,
                    Op::Remove => !filtered && operation.value.is_none(),
                };
                if links.is_some() && whole && choices.patch_members == PatchMembers::OneByOne {
                    let detail = format!(
                        "`{plain}` is not replaced or removed as a whole here; name whom to add and whom to remove"
                    );
                    return Err(ScimError::new(ErrorKind::InvalidValue, detail));
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// For content that has too much, or changes too much of what was there before.
    pub fn check_content(
        &self,
        before: Option<&Content>,
        after: &Content,
    ) -> Result<(), ScimError> {
        if let Some(most) = self.max_values {
            let nested = after
                .attributes
                .values()
                .filter_map(Value::as_object)
                .flatten();
            let mut all = after.attributes.iter().chain(nested);
            let many = all.find(|(_, it)| it.as_array().is_some_and(|list| list.len() > most));
            if let Some((name, _)) = many {
                let detail = format!("`{name}` has more values than {most}");
                return Err(ScimError::new(ErrorKind::InvalidValue, detail));
            }
        }
        if self.max_members.is_none() && self.max_members_removed.is_none() {
            return Ok(());
        }
        let none = LinkSet::default();
        let left = before.into_iter().flat_map(|it| &it.links);
        let left = left.filter(|(name, _)| after.links(name).is_none());
        for (name, _) in after.links.iter().chain(left) {
            let before = before.and_then(|it| it.links(name)).unwrap_or(&none);
            let (removed, added) = before.difference(after.links(name).unwrap_or(&none));
            let changed = added.len() + removed.len();
            for (count, most, what) in [
                (changed, self.max_members, "changes"),
                (removed.len(), self.max_members_removed, "removes"),
            ] {
                if let Some(most) = most.filter(|most| count > *most) {
                    let detail =
                        format!("a request {what} at most {most} of `{name}`, not {count}");
                    return Err(ScimError::new(ErrorKind::InvalidValue, detail));
                }
            }
        }
        Ok(())
    }
}

/// What is named of a type, or of any.
fn allowed<'a>(named: &'a [OfType], of: Option<&ResourceType>) -> Vec<&'a AttributePath> {
    let is_of = |it: &&OfType| of.is_none_or(|of| of.name.eq_ignore_ascii_case(&it.name));
    named.iter().filter(is_of).map(|it| &it.path).collect()
}

fn list(paths: &[&AttributePath]) -> String {
    let names: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
    names.join(", ")
}

/// Which of [`FILTER_WORDS`] a filter has.
pub fn words(filter: &Filter, used: &mut Vec<&'static str>) {
    let mut add = |name: &str| {
        let mut all = FILTER_WORDS.iter().copied();
        used.extend(all.find(|word| word.eq_ignore_ascii_case(name)));
    };
    match filter {
        Filter::Compare { operator, .. } => add(operator.name()),
        Filter::Present(_) => add("pr"),
        Filter::And(terms) | Filter::Or(terms) => {
            add(if matches!(filter, Filter::And(_)) {
                "and"
            } else {
                "or"
            });
            for term in terms {
                words(term, used);
            }
        }
        Filter::Not(term) => {
            add("not");
            words(term, used);
        }
        Filter::ValuePath { filter, .. } => {
            add("bracket");
            words(filter, used);
        }
    }
}

/// What a filter asks about.
pub fn paths<'f>(filter: &'f Filter, found: &mut Vec<&'f AttributePath>) {
    match filter {
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath { path, .. } => {
            found.push(path);
        }
        Filter::And(terms) | Filter::Or(terms) => terms.iter().for_each(|it| paths(it, found)),
        Filter::Not(term) => paths(term, found),
    }
}
