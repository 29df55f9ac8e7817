//! `record --compare`: each live answer held against the recorded one, as it comes.

use super::diff::{Counts, ignored, paragraph};
use super::exit::{Exit, Failure};
use super::mode::Mode;
use crate::exchange::difference::{self, Ignored};
use crate::exchange::{Exchange, folder};
use crate::proxy::Recorder;
use clap::Args;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Args)]
#[command(next_help_heading = "Comparison")]
pub(super) struct Compare {
    /// Say where the live answers depart from those of this recording; exit code 1 where one does
    #[arg(long, value_name = "DIR", env = "SCIMULATE_COMPARE")]
    #[allow(clippy::struct_field_names, reason = "the name of the option")]
    compare: Option<PathBuf>,

    /// A path that the report prints, left out with all below it; `emails.value` is every `emails[…].value`. May be given again
    #[arg(long, value_name = "PATH", requires = "compare")]
    ignore: Vec<String>,

    /// A file of such paths, one a line; a line that begins with `#` is for people
    #[arg(long, value_name = "FILE", requires = "compare")]
    ignore_file: Option<PathBuf>,
}

impl Compare {
    pub(super) fn is_asked(&self) -> bool {
        self.compare.is_some()
    }

    /// Refuses a mode that answers from the folder only.
    pub(super) fn needs_live_answers(&self, mode: Mode) -> Result<(), Failure> {
        if !self.is_asked() {
            return Ok(());
        }
        let detail = format!(
            "--compare holds live answers against a recording, and --mode {} asks for none here; use --mode all, or choose another --out",
            mode.name()
        );
        Err(Failure::new(Exit::Usage, detail))
    }

    /// The recording to compare with, if one is named.
    pub(super) fn comparison(&self) -> Result<Option<Comparison>, Failure> {
        let Some(path) = &self.compare else {
            return Ok(None);
        };
        let ignored = ignored(&self.ignore, self.ignore_file.as_deref())?;
        let recorded = folder::recorded(path).map_err(Failure::invalid)?;
        Ok(Some(Comparison(Arc::new(Mutex::new(State {
            recording: difference::Beside::new(&recorded),
            ignored,
            exchanges: 0,
            counts: Counts::default(),
        })))))
    }
}

/// What was compared so far. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Comparison(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    recording: difference::Beside,
    ignored: Ignored,
    exchanges: usize,
    counts: Counts,
}

impl Comparison {
    /// The recorder, which shows each exchange to the comparison if there is one.
    pub(super) fn watching(comparison: Option<&Self>, recorder: Recorder) -> Recorder {
        match comparison.cloned() {
            Some(it) => recorder.watched(move |number, exchange| it.next(number, exchange)),
            None => recorder,
        }
    }

    /// A live exchange is complete: says where it departs.
    fn next(&self, number: u64, exchange: &Exchange) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut compared = [state.recording.next(number, exchange)];
        state.ignored.apply(&mut compared);
        for exchange in compared.iter().filter(|it| !it.findings.is_empty()) {
            anstream::eprint!("{}", paragraph(exchange));
        }
        state.exchanges += 1;
        state.counts.add(&compared);
    }

    /// The end: a summary, and whether any answer departed.
    pub(super) fn conclude(&self) -> Exit {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = state.counts.sentence(state.exchanges);
        anstream::eprintln!("compared {said}");
        match state.recording.missing().count() {
            0 => {}
            1 => anstream::eprintln!("1 recorded exchange was not asked for"),
            many => anstream::eprintln!("{many} recorded exchanges were not asked for"),
        }
        state.counts.exit()
    }
}
