//! A cycle: what differs is pushed, phase after phase, and each answer is written down before the next thing is done about the same person.
//!
//! Whatever a process leaves undone when it is killed, or the target when it fails, is in doubt in the state, and the next cycle settles it
//! with requests that may be sent twice: a person is looked for before they are made.

mod group;
mod person;
mod report;

pub use report::{Event, FailedChange, Report};

use super::dialect::{Deprovision, Dialect, Match, Request};
use super::directory::Directory;
use super::pace::Pace;
use super::plan::{self, Policy};
use super::rules::{self, Tally, Trouble, Verdict, judge};
use super::state::{Memory, Quarantine, State, StateError};
use super::target::{Answer, Target};
use crate::ids::Ids;
use crate::scim::path::member;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a job is started with.
#[derive(Debug)]
pub struct Settings {
    /// As whom.
    pub dialect: Dialect,
    /// What becomes of those who leave.
    pub leaving: Deprovision,
    /// What is made up (probes, placeholders) follows from it.
    pub seed: u64,
    /// How many changes are under way at once.
    pub parallel: usize,
}

/// A job: one directory, one target, one state.
pub struct Push {
    settings: Settings,
    target: Target,
    pace: Pace,
    state: Mutex<State>,
    observer: Box<dyn Fn(&Event) + Send + Sync>,
    work: Mutex<Work>,
    /// Everybody who is there, where they have to be listed.
    everybody: tokio::sync::Mutex<Option<BTreeMap<String, Map<String, Value>>>>,
}

/// Of the cycle under way.
#[derive(Debug, Default)]
struct Work {
    report: Report,
    tally: Tally,
    /// Nothing is sent before that.
    paused: Option<Timestamp>,
    /// Why nothing is sent any more.
    stopped: Option<String>,
    /// The state cannot be written: nothing may be sent any more.
    broken: Option<StateError>,
    /// Changes that are not tried again as they are.
    given_up: BTreeSet<u64>,
}

/// Why a change was not made.
#[derive(Debug)]
enum Failed {
    /// By this, and this is what comes next.
    By(Trouble, Verdict),
    /// It may have been made: find out before it is made again.
    Perhaps(Trouble),
    /// It is not there any more.
    Gone,
    /// The cycle has ended.
    Stopped,
}

type Done<T> = Result<T, Failed>;

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Push({:?}, {:?})", self.settings, self.target)
    }
}

impl Push {
    /// A job that tells `observer` of each thing that it does.
    pub fn new(
        settings: Settings,
        target: Target,
        pace: Pace,
        state: State,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Self {
        Self {
            settings,
            target,
            pace,
            state: Mutex::new(state),
            observer: Box::new(observer),
            work: Mutex::default(),
            everybody: tokio::sync::Mutex::default(),
        }
    }

    /// The clock of the job.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// What is known, at this moment.
    pub fn memory(&self) -> Memory {
        self.state().memory().clone()
    }

    /// When the next cycle begins by itself, if one does.
    pub fn next_cycle(&self) -> Option<Timestamp> {
        let state = self.state();
        rules::next_cycle(self.settings.dialect, &state.memory().job, self.pace.now())
    }

    /// Ends a quarantine, as an admin does who restarts the job.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn restart(&self) -> Result<(), StateError> {
        let mut job = self.state().memory().job.clone();
        job.quarantine = None;
        self.state().job(job)
    }

    /// Pushes what differs.
    ///
    /// # Errors
    /// When the state cannot be written. Nothing is sent after that.
    pub async fn cycle(&self, directory: &Directory) -> Result<Report, StateError> {
        let dialect = self.settings.dialect;
        let given_up = std::mem::take(&mut self.work().given_up);
        *self.work() = Work {
            given_up,
            ..Work::default()
        };
        *self.everybody.lock().await = None;
        let mut job = self.state().memory().job.clone();
        let now = self.pace.now();
        if let Some(quarantine) = &job.quarantine
            && (now < quarantine.next || quarantine.disabled)
        {
            return Ok(Report {
                quarantine: Some(quarantine.clone()),
                ..Report::default()
            });
        }
        job.cycles += 1;
        job.latest = Some(now);
        self.state().job(job.clone())?;
        let mut directory = directory.clone();
        dialect.fill(&mut directory);
        for left in dialect.left_out(&directory) {
            self.tell(&Event::LeftOut(left.clone()));
            self.work().report.left_out.push(left);
        }
        if self.probe(job.cycles).await {
            self.phases(&directory).await;
        }
        self.conclude(job.quarantine.as_ref())
    }

    /// What the cycle came to.
    fn conclude(&self, before: Option<&Quarantine>) -> Result<Report, StateError> {
        let mut work = self.work();
        if let Some(broken) = work.broken.take() {
            return Err(broken);
        }
        let now = self.pace.now();
        let stopped = work.stopped.as_deref();
        let reason = rules::quarantine(self.settings.dialect, work.tally, stopped);
        let quarantine = reason.map(|reason| rules::prolonged(before, reason, now));
        let stopped = work.stopped.clone();
        let report = Report {
            quarantine: quarantine.clone(),
            stopped,
            ..std::mem::take(&mut work.report)
        };
        drop(work);
        let mut state = self.state();
        let mut job = state.memory().job.clone();
        job.quarantine = quarantine;
        job.latest = Some(now);
        state.job(job)?;
        Ok(report)
    }

    async fn phases(&self, directory: &Directory) {
        let policy = Policy {
            dialect: self.settings.dialect,
            leaving: self.settings.leaving,
            now: self.pace.now(),
        };
        let people = plan::people(self.state().memory(), directory, policy);
        self.plan("people", people.len());
        self.each(people, |change| self.person(change)).await;
        let groups = plan::groups(self.state().memory(), directory, policy);
        self.plan("groups", groups.len());
        self.each(groups, |change| self.group(change)).await;
        let members = plan::memberships(self.state().memory(), directory, policy);
        self.plan("memberships", members.len());
        self.each(members, |change| self.group(change)).await;
        let managers = plan::managers(self.state().memory(), directory);
        self.plan("managers", managers.len());
        self.each(managers, |change| self.person(change)).await;
        let (groups, people) = plan::deletions(self.state().memory(), directory, policy);
        self.plan("deletions", groups.len() + people.len());
        self.each(groups, |change| self.group(change)).await;
        self.each(people, |change| self.person(change)).await;
    }

    fn plan(&self, phase: &'static str, changes: usize) {
        if changes > 0 {
            self.tell(&Event::Phase { phase, changes });
        }
    }

    /// Works on so many changes at once, in their order.
    async fn each<C, F: Future<Output = ()>>(&self, changes: Vec<C>, work: impl Fn(C) -> F) {
        let under_way = futures_util::stream::iter(changes.into_iter().map(work));
        let mut done = under_way.buffer_unordered(self.settings.parallel.max(1));
        while done.next().await.is_some() {}
    }

    /// Whether there is somebody to push to, and it answers as it must.
    async fn probe(&self, cycle: u64) -> bool {
        let dialect = self.settings.dialect;
        let each = dialect.ways().probes_each_cycle;
        if !each && cycle > 1 {
            return true;
        }
        let guid = Ids::Uuid.make(self.settings.seed, cycle, "probe", cycle);
        for request in dialect.probe(&guid) {
            let mut attempts = 0;
            let found = match self.send(&request, &mut attempts).await {
                Ok(answer) => total(&answer.body),
                Err(Failed::By(trouble, verdict)) => {
                    return self.probe_failed(&request, &trouble, verdict);
                }
                Err(_) => return false,
            };
            let Some(found) = found else {
                let why = format!("{} is not answered by a ListResponse", asked(&request));
                self.stop(why);
                return false;
            };
            if each && found > 0 {
                let why = format!(
                    "{} must find nothing, and finds {found}: the filter is not honoured",
                    asked(&request)
                );
                self.stop(why);
                return false;
            }
            // Others begin with an empty directory all the same.
            if !each && found == 0 && dialect != Dialect::Oracle {
                let note = "nobody is there yet: Okta's test of the credentials would fail on that";
                self.tell(&Event::Note(note.to_owned()));
            }
        }
        true
    }

    /// Who cannot be asked just now is asked again in the next cycle; who answers as it must not is not fit to be pushed to.
    fn probe_failed(&self, request: &Request, trouble: &Trouble, verdict: Verdict) -> bool {
        let passes = match trouble {
            Trouble::Unreachable(_) | Trouble::Unanswered(_) => true,
            Trouble::Refused { status, .. } => *status == 429 || *status >= 500,
            Trouble::NotScim(_) => false,
        };
        let dialect = self.settings.dialect;
        let whom = "the target".to_owned();
        let act = asked(request);
        self.failed(whom, act, trouble, verdict);
        if !passes && dialect.ways().probes_each_cycle {
            self.stop(format!("{} failed: {trouble}", asked(request)));
        }
        // An answer that is an error is one all the same for those who do not insist.
        !passes && !dialect.ways().probes_each_cycle && verdict != Verdict::Stop
    }

    /// Sends a request as often as the rules have it.
    async fn send(&self, request: &Request, attempts: &mut u32) -> Done<Answer> {
        loop {
            let paused = self.work().paused;
            if let Some(until) = paused
                && let Ok(left) = until.duration_since(self.pace.now()).try_into()
            {
                self.pace.wait(left).await;
            }
            {
                let mut work = self.work();
                if work.stopped.is_some() || work.broken.is_some() {
                    return Err(Failed::Stopped);
                }
                work.report.requests += 1;
            }
            let trouble = match self.target.send(request).await {
                Ok(answer) => {
                    self.work().report.answered += 1;
                    return Ok(answer);
                }
                Err(trouble) => trouble,
            };
            if !matches!(trouble, Trouble::Unreachable(_)) {
                self.work().report.answered += 1;
            }
            *attempts += 1;
            let lists = matches!(self.settings.dialect.ways().matching, Match::List(_));
            match judge(self.settings.dialect, &trouble, *attempts) {
                Verdict::Again(_) if lists && !request.is_idempotent() && trouble.may_be_done() => {
                    // To list everybody for each who may be there would be too much.
                    return Err(Failed::By(trouble, Verdict::NextCycle));
                }
                Verdict::Again(span) => {
                    self.tell(&Event::Waits {
                        span,
                        reason: trouble.to_string(),
                    });
                    self.work().report.waits += 1;
                    self.work().paused = Some(self.pace.after(span));
                    if !request.is_idempotent() && trouble.may_be_done() {
                        return Err(Failed::Perhaps(trouble));
                    }
                }
                Verdict::Stop => {
                    self.stop(format!("the credentials are refused: {trouble}"));
                    return Err(Failed::By(trouble, Verdict::Stop));
                }
                verdict => return Err(Failed::By(trouble, verdict)),
            }
        }
    }

    /// The same for what is there: that it is not there any more is told apart.
    async fn send_to(&self, request: &Request, attempts: &mut u32) -> Done<Answer> {
        match self.send(request, attempts).await {
            Err(Failed::By(trouble, _)) if trouble.status() == Some(404) => Err(Failed::Gone),
            other => other,
        }
    }

    /// Writes something down, without which nothing more may be sent.
    fn note(&self, note: impl FnOnce(&mut State) -> Result<(), StateError>) -> Done<()> {
        let noted = note(&mut self.state());
        noted.map_err(|error| {
            self.work().broken.get_or_insert(error);
            Failed::Stopped
        })
    }

    fn stop(&self, why: String) {
        self.work().stopped.get_or_insert(why);
    }

    fn tell(&self, event: &Event) {
        (self.observer)(event);
    }

    fn failed(&self, whom: String, act: String, trouble: &Trouble, verdict: Verdict) {
        let failed = FailedChange {
            whom,
            act,
            trouble: trouble.to_string(),
            status: trouble.status(),
            next: verdict.explain(self.settings.dialect),
        };
        self.tell(&Event::Failed(failed.clone()));
        self.work().report.failed.push(failed);
    }

    /// Whether this very change was given up before.
    fn is_given_up(&self, change: &impl fmt::Debug) -> (bool, u64) {
        let mut hasher = DefaultHasher::new();
        format!("{change:?}").hash(&mut hasher);
        let digest = hasher.finish();
        (self.work().given_up.contains(&digest), digest)
    }

    /// Takes account of a change that was tried.
    fn account(
        &self,
        whom: String,
        act: String,
        is_reference: bool,
        digest: u64,
        done: Done<Option<&'static str>>,
    ) {
        {
            let mut work = self.work();
            work.tally.tried += u64::from(!is_reference && !matches!(done, Err(Failed::Stopped)));
        }
        let (trouble, verdict) = match done {
            Ok(None) | Err(Failed::Stopped) => return,
            Ok(Some(what)) => {
                self.work().report.count(what);
                self.tell(&Event::Done { whom, act, what });
                return;
            }
            Err(Failed::By(trouble, verdict)) => (trouble, verdict),
            Err(Failed::Perhaps(trouble)) => (trouble, Verdict::NextCycle),
            Err(Failed::Gone) => {
                let detail = "it is not there any more".to_owned();
                let trouble = Trouble::Refused {
                    status: 404,
                    retry_after: None,
                    detail,
                };
                (trouble, Verdict::NextCycle)
            }
        };
        {
            let mut work = self.work();
            if verdict == Verdict::GivenUp {
                work.given_up.insert(digest);
            }
            work.tally.failed += u64::from(!is_reference);
            work.tally.references_failed += u64::from(is_reference);
        }
        self.failed(whom, act, &trouble, verdict);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn asked(request: &Request) -> String {
    let query = request.query.as_ref();
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    format!("{} {}{query}", request.method, request.path)
}

/// How many a list says there are (RFC 7644 section 3.4.2).
fn total(body: &Map<String, Value>) -> Option<u64> {
    member(body, "totalResults").and_then(Value::as_u64)
}

/// What a list holds.
fn resources(body: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let list = member(body, "Resources").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

/// The id that the service provider gave.
fn id(shown: &Map<String, Value>) -> Option<String> {
    let id = member(shown, "id").and_then(Value::as_str);
    id.filter(|it| !it.is_empty()).map(str::to_owned)
}

/// Whether a text under a name is this one, whatever the case of either.
fn says(shown: &Map<String, Value>, name: &str, text: &str) -> bool {
    let found = member(shown, name).and_then(Value::as_str);
    found.is_some_and(|it| it.to_lowercase() == text.to_lowercase())
}
