//! A recording turned into a scenario: what was there before it began, and how its provider behaves, each trait with the exchange that
//! shows it. Then the scenario is proved: the recorded requests run against it, and what it answers is held against what was recorded.
//!
//! Traits that a recording says outright are observed; the others are guessed and tried, and stay where more is explained with them.
//! Exchanges in, the text of a scenario and a report out: nothing is read or written here, and no socket is opened.

mod binding;
mod draft;
mod guess;
mod layout;
mod links;
mod observe;
mod overrides;
mod proof;
mod seed;
mod text;
mod types;
mod verdict;

use crate::exchange::Exchange;
use crate::exchange::difference::Compared;
use crate::scenario::Diagnostic;
use draft::{Draft, Said};
use proof::{Recorded, Run};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// So many requests are run at most while guesses are tried; a long recording has fewer guesses tried.
const TRIED_REQUESTS: usize = 400_000;

/// Where a recording comes from, for the head of the scenario.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The base URL of the provider.
    pub upstream: Option<String>,
    /// When it began.
    pub started: Option<String>,
    /// The folder, relative to the scenario, in which schema documents will be; the scenario names them.
    pub schemas: String,
}

/// A scenario, and how much of its recording it explains.
#[derive(Debug, Clone)]
pub struct Distilled {
    /// The text of the scenario file.
    pub scenario: String,
    /// Schema documents that it names, each a file: its name in the folder of [`About::schemas`], and its text.
    pub schemas: Vec<(String, String)>,
    /// The proof.
    pub report: Report,
}

/// What became of the recorded requests when they were put to the scenario.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many exchanges have an answer.
    pub exchanges: usize,
    /// How many of them the scenario answers as the provider did, the overrides apart.
    pub explained: usize,
    /// How many more are answered by an override.
    pub overridden: usize,
    /// How many ended before their answer, and were left out.
    pub unanswered: usize,
    /// The exchanges that are not explained without overrides, with what the scenario answers otherwise.
    pub unexplained: Vec<Compared>,
}

impl Report {
    /// Whether every exchange is explained, or answered by an override.
    pub fn is_whole(&self) -> bool {
        self.explained + self.overridden == self.exchanges
    }
}

/// Distills a recording. With `overrides`, what is not explained is written out as faults of the scenario.
///
/// # Errors
/// What is wrong with the scenario that came out, which is a mistake of this program.
pub fn distill(
    exchanges: &[(u64, Exchange)],
    about: &About,
    overrides: bool,
) -> Result<Distilled, Vec<Diagnostic>> {
    let recorded = Recorded::new(exchanges);
    let mut draft = observe::observe(&recorded);
    (draft.seed, draft.unread) = seed::seed(&recorded);
    let mut search = Search {
        recorded: &recorded,
        left: TRIED_REQUESTS,
    };
    let mut run = proof::run(&recorded, &text::to_prove(&draft), None)?;
    if run.explained() < run.steps.len() {
        (draft, run) = search.all(draft, run);
    }
    draft = draft.without_repetition();
    let mut report = Report {
        exchanges: run.steps.len(),
        explained: run.explained(),
        overridden: 0,
        unanswered: exchanges.len() - recorded.exchanges.len(),
        unexplained: unexplained(&run),
    };
    if overrides {
        draft = override_rest(&recorded, draft, &run)?;
        run = proof::run(&recorded, &text::to_prove(&draft), Some(&run))?;
        report.overridden = run.explained().saturating_sub(report.explained);
    }
    Ok(Distilled {
        scenario: text::to_write(&draft, about, &report),
        schemas: text::schema_files(&draft),
        report,
    })
}

fn unexplained(run: &Run) -> Vec<Compared> {
    let rest = run.steps.iter().filter(|it| !it.is_explained());
    rest.map(|step| Compared {
        before: Some(step.number),
        after: Some(step.number),
        asked: step.asked.clone(),
        findings: step.findings.clone(),
    })
    .collect()
}

/// The draft with an override for each exchange that is not explained. What is not made for that reason may leave others unexplained,
/// which then get one too.
fn override_rest(recorded: &Recorded, draft: Draft, run: &Run) -> Result<Draft, Vec<Diagnostic>> {
    let mut draft = draft;
    let mut run = run.clone();
    let mut why: BTreeMap<u64, String> = BTreeMap::new();
    loop {
        let before = why.len();
        for step in run.steps.iter().filter(|it| !it.is_explained()) {
            let said = step.findings.first();
            let said = said.map(|it| format!("{}: {}", it.path, it.message()));
            why.entry(step.number)
                .or_insert_with(|| said.unwrap_or_default());
        }
        if why.len() == before {
            return Ok(draft);
        }
        draft.overrides = overrides::overrides(recorded, &why);
        run = proof::run(recorded, &text::to_prove(&draft), Some(&run))?;
    }
}

/// Tries what could explain more.
struct Search<'r> {
    recorded: &'r Recorded,
    /// How many more requests may be run.
    left: usize,
}

impl Search<'_> {
    /// Runs the recording against a draft, if there is still time and it is a scenario at all.
    fn run(&mut self, draft: &Draft, before: &Run) -> Option<Run> {
        self.left = self.left.checked_sub(before.steps.len())?;
        proof::run(self.recorded, &text::to_prove(draft), Some(before)).ok()
    }

    /// Guesses alone, or guesses over a profile: whatever explains more, and where that is the same, whatever takes fewer lines.
    fn all(&mut self, draft: Draft, run: Run) -> (Draft, Run) {
        /// A profile is a line, and says much that no exchange shows.
        const PROFILE: usize = 4;
        let based = self.profile(&draft, &run);
        let guessed = |draft: &Draft| {
            let settings = draft.settings.iter().chain(&draft.faults);
            settings.filter(|it| it.why.is_empty()).count()
        };
        let alone = self.guesses(draft, run);
        let (draft, run) = self.needed(alone.0, alone.1);
        let is_short = guessed(&draft) <= PROFILE && run.explained() == run.steps.len();
        let Some((based, now)) = based.filter(|_| !is_short) else {
            return (draft, run);
        };
        let (based, now) = self.guesses(based, now);
        let (based, now) = self.needed(based, now);
        let shorter = guessed(&based) + PROFILE < guessed(&draft);
        match now.explained().cmp(&run.explained()) {
            Ordering::Greater => (based, now),
            Ordering::Equal if shorter => (based, now),
            _ => (draft, run),
        }
    }

    /// The profile with which most is explained, where one explains more than none.
    fn profile(&mut self, draft: &Draft, run: &Run) -> Option<(Draft, Run)> {
        let mut best: Option<(Draft, Run)> = None;
        for profile in Draft::profiles() {
            let mut tried = draft.clone();
            tried.profile = Some((profile, Vec::new()));
            let Some(now) = self.run(&tried, run) else {
                continue;
            };
            let better_than_none = now.explained() > run.explained();
            if better_than_none
                && best
                    .as_ref()
                    .is_none_or(|(_, best)| now.score() > best.score())
            {
                best = Some((tried, now));
            }
        }
        let (mut tried, now) = best?;
        if let Some((_, cites)) = &mut tried.profile {
            *cites = newly_explained(run, &now);
        }
        Some((tried, now))
    }

    /// Takes each guess with which more is explained, until none does.
    fn guesses(&mut self, mut draft: Draft, mut run: Run) -> (Draft, Run) {
        loop {
            let mut taken = false;
            for guess in guess::guesses(self.recorded, &run) {
                if run.explained() == run.steps.len() {
                    return (draft, run);
                }
                let tried = guess
                    .iter()
                    .try_fold(draft.clone(), |tried, it| tried.with(it));
                let Some(mut tried) = tried else { continue };
                let Some(now) = self.run(&tried, &run) else {
                    continue;
                };
                if now.score() <= run.score() {
                    continue;
                }
                let cites = newly_explained(&run, &now);
                for guessed in &guess {
                    let of_kind = tried.settings.iter_mut().chain(&mut tried.faults);
                    let grown = of_kind.filter(|it| it.name == guessed.name).last();
                    if let Some(setting) = grown {
                        setting.cites.extend(cites.clone());
                        setting.why.clear();
                    }
                }
                (draft, run, taken) = (tried, now, true);
            }
            if !taken {
                return (draft, run);
            }
        }
    }

    /// Drops the guesses that others have made needless.
    fn needed(&mut self, mut draft: Draft, mut run: Run) -> (Draft, Run) {
        let guessed = |it: &draft::Setting| it.why.is_empty() && !matches!(it.value, Said::Many(_));
        let names: Vec<&str> = draft
            .settings
            .iter()
            .filter(|it| guessed(it))
            .map(|it| it.name)
            .collect();
        for name in names {
            let mut without = draft.clone();
            without.settings.retain(|it| it.name != name);
            if let Some(now) = self.run(&without, &run)
                && now.score() >= run.score()
            {
                (draft, run) = (without, now);
            }
        }
        (draft, run)
    }
}

/// The exchanges that one run explains and another did not; those that are closer, where there are none.
fn newly_explained(before: &Run, now: &Run) -> Vec<u64> {
    let pairs = || before.steps.iter().zip(&now.steps);
    let explained = pairs().filter(|(before, now)| !before.is_explained() && now.is_explained());
    let explained: Vec<u64> = explained.map(|(_, now)| now.number).collect();
    if !explained.is_empty() {
        return explained;
    }
    let fewer = pairs()
        .filter(|(before, now)| Reverse(now.findings.len()) > Reverse(before.findings.len()));
    fewer.map(|(_, now)| now.number).collect()
}
