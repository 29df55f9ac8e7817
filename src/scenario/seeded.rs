//! The first moment of a directory: what the schemas make of a scenario's resources, and each that they refuse, by its place in the file.

use super::{Diagnostic, Entry, Scenario, Sound};
use crate::directory::{Layout, Origin, SeedProblem, Snapshot, seed};
use crate::scim::{Leniencies, Leniency};
use std::sync::Arc;

impl Scenario {
    /// What the ids and times of its resources follow from.
    pub fn origin(&self) -> Origin {
        Origin {
            seed: self.seed,
            ids: self.ids.clone(),
            clock: self.clock,
        }
    }

    /// The first snapshot, and every resource that its schema, or another resource, refuses.
    pub fn first_moment(
        &self,
        layout: &Arc<Layout>,
        origin: &Origin,
        sound: Sound,
    ) -> (Snapshot, Vec<Diagnostic>) {
        let mut lists: Vec<Vec<&Entry>> = vec![Vec::new(); layout.types.len()];
        let named = [("User", &self.users), ("Group", &self.groups)];
        let named = named
            .into_iter()
            .filter_map(|(name, list)| Some((layout.kind_named(name)?, list)));
        let others = self.resources.iter().map(|(kind, list)| (*kind, list));
        for (kind, list) in named.chain(others) {
            lists[kind].extend(list);
        }
        let counts: Vec<(usize, usize)> = lists.iter().map(Vec::len).enumerate().collect();
        let read = |kind: usize, entry: usize| lists[kind][entry].value();
        let taken = of_scenario(self.provider.leniencies());
        let (snapshot, problems) = seed(layout, origin, &counts, read, taken, None);
        let said = |problem: &SeedProblem| sound == Sound::All || !problem.is_link;
        let diagnostics = problems.into_iter().filter(said).map(|problem| {
            let title = match problem.place.as_str() {
                "" => problem.message,
                place => format!("`{place}`: {}", problem.message),
            };
            let help = "what a scenario holds is checked like what a client creates";
            lists[problem.kind][problem.entry].diagnostic(&problem.place, title, help)
        });
        let mut diagnostics: Vec<Diagnostic> = diagnostics.collect();
        // What is generated has one place for all.
        diagnostics.dedup();
        (snapshot, diagnostics)
    }
}

/// A scenario is read leniently, however strict the provider is; but what is kept of clients is kept of the scenario too.
pub fn of_scenario(leniencies: Leniencies) -> Leniencies {
    let kept = Leniency::UnknownAttributeKept;
    if leniencies.contains(kept) {
        Leniencies::BY_DEFAULT.with(kept)
    } else {
        Leniencies::BY_DEFAULT
    }
}
