//! A tenant (RFC 7644 section 6): a directory, and what a scenario says of the provider that serves it.

use super::Traffic;
use crate::directory::{Directory, Layout, Retired, SeedProblem, Snapshot, View, seed};
use crate::faults::{Faults, longest_memory};
use crate::scenario::{
    Credential, Diagnostic, Draft, Fault, OnReload, Scenario, Sound, of_scenario,
};
use crate::scim::Leniencies;
use crate::scim::choices::Choices;
use crate::scim::discovery::{AuthenticationScheme, Features};
use crate::scim::restrictions::Restrictions;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Everything that answering takes.
#[derive(Debug)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Its resources.
    pub directory: Directory,
    /// What the provider can do.
    pub features: Features,
    /// What it decided where the RFCs leave a choice.
    pub choices: Choices,
    /// What it does not do of what RFC 7644 has.
    pub restrictions: Restrictions,
    /// Ways to authenticate, as they are announced.
    pub schemes: Vec<AuthenticationScheme>,
    /// How much departure is accepted.
    pub leniencies: Leniencies,
    /// What becomes of the resources that clients made when the scenario is loaded again.
    pub on_reload: OnReload,
    /// What some requests meet.
    pub faults: Faults,
    /// What was asked, and answered.
    pub traffic: Arc<Traffic>,
    pub(super) auth: Vec<Credential>,
    layout: Arc<Layout>,
}

impl Tenant {
    /// Builds the tenant that a scenario describes.
    ///
    /// # Errors
    /// Every resource that its schema, or another resource, refuses.
    pub fn build(scenario: &Scenario) -> Result<Self, Vec<Diagnostic>> {
        let layout = Arc::new(Layout::new(scenario.types.clone()));
        let origin = scenario.origin();
        let (snapshot, diagnostics) = scenario.first_moment(&layout, &origin, Sound::All);
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let mut schemes: Vec<AuthenticationScheme> = Vec::new();
        for credential in &scenario.auth {
            let scheme = match credential {
                Credential::Bearer { .. } | Credential::OAuth(_) => {
                    AuthenticationScheme::BearerToken
                }
                Credential::Basic { .. } => AuthenticationScheme::Basic,
            };
            if !schemes.contains(&scheme) {
                schemes.push(scheme);
            }
        }
        let directory = Directory::new(origin, snapshot);
        let faults = Faults::new(scenario);
        if let Some(span) = faults.longest_memory() {
            directory.remember(span);
        }
        Ok(Self {
            name: scenario.name.clone(),
            directory,
            features: scenario.provider.features.clone(),
            choices: scenario.provider.choices,
            restrictions: scenario.provider.restrictions.clone(),
            schemes,
            leniencies: scenario.provider.leniencies(),
            on_reload: scenario.on_reload,
            faults,
            traffic: Arc::default(),
            auth: scenario.auth.clone(),
            layout,
        })
    }

    /// Another tenant that begins with the present of this one, its provider and credentials included, and goes its own way. Nothing of
    /// the directory is copied; faults are counted anew.
    #[must_use]
    pub fn fork(&self, name: String) -> Self {
        let faults = self.faults.begun_anew(name.clone());
        Self {
            name,
            directory: self.directory.fork(),
            features: self.features.clone(),
            choices: self.choices,
            restrictions: self.restrictions.clone(),
            schemes: self.schemes.clone(),
            leniencies: self.leniencies,
            on_reload: self.on_reload,
            faults,
            traffic: Arc::default(),
            auth: self.auth.clone(),
            layout: self.layout.clone(),
        }
    }

    /// Returns to how it began: its directory, and what was counted for its faults.
    ///
    /// # Errors
    /// [`Retired`] when a reload came between.
    pub fn reset(&self) -> Result<(), Retired> {
        self.directory.reset()?;
        self.faults.reset();
        Ok(())
    }

    /// Puts other faults in the place of its own, which are counted from now.
    pub fn replace_faults(&self, faults: Vec<Fault>) {
        if let Some(span) = longest_memory(faults.iter()) {
            self.directory.remember(span);
        }
        self.faults.replace(faults, self.directory.now());
    }

    /// What is wrong with the resources of a draft, besides what was said when it was read.
    pub fn check(draft: &Draft) -> Vec<Diagnostic> {
        match &draft.scenario {
            Some(scenario) if draft.sound != Sound::Nothing => {
                let layout = Arc::new(Layout::new(scenario.types.clone()));
                let origin = scenario.origin();
                scenario.first_moment(&layout, &origin, draft.sound).1
            }
            _ => Vec::new(),
        }
    }

    /// The client of OAuth with this identifier.
    pub(super) fn client(&self, id: &str) -> Option<&Credential> {
        let mut all = self.auth.iter();
        all.find(|it| it.oauth().is_some_and(|client| client.id == id))
    }

    /// The resource types, and what follows from them.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The moment that these resources make, given by type and checked like those of a scenario.
    ///
    /// # Errors
    /// Every resource that its schema, or another resource, refuses.
    pub fn moment_of(
        &self,
        lists: &[Vec<Map<String, Value>>],
    ) -> Result<Snapshot, Vec<SeedProblem>> {
        let counts: Vec<(usize, usize)> = lists.iter().map(Vec::len).enumerate().collect();
        let read = |kind: usize, entry: usize| lists[kind][entry].clone();
        let taken = of_scenario(self.leniencies);
        let present = self.directory.snapshot();
        let origin = self.directory.origin();
        let (snapshot, problems) = seed(&self.layout, origin, &counts, read, taken, Some(&present));
        if problems.is_empty() {
            Ok(snapshot)
        } else {
            Err(problems)
        }
    }

    /// A moment of the directory as it is seen from `base`.
    pub(super) fn view<'a>(&self, snapshot: &'a Snapshot, base: &'a str) -> View<'a> {
        View {
            snapshot,
            base,
            versions: self.features.etag,
        }
    }
}
