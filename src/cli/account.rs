//! How `record` and `replay` are doing, for the control API, and their control API itself.

use super::control::ControlOptions;
use super::exit::Failure;
use super::listen::Bound;
use crate::control::{Account, Control, Count, Guard};
use crate::mock::Beside;
use crate::proxy::Recorder;
use crate::replay::Stage;
use crate::service::Tenants;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// So many of the last misses are told.
const TOLD: usize = 100;

/// A recording that is being made.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) recorder: Recorder,
    pub(super) folder: PathBuf,
    pub(super) upstream: String,
    pub(super) mode: &'static str,
}

impl Account for Making {
    fn is_well(&self) -> bool {
        !self.recorder.lost().is_some_and(|lost| lost.is_losing)
    }

    fn health(&self) -> Value {
        let lost = self.recorder.lost().map(|lost| {
            json!({
                "count": lost.count,
                "since": lost.since.to_string(),
                "reason": lost.reason,
                "still": lost.is_losing,
            })
        });
        json!({
            "folder": self.folder.display().to_string(),
            "upstream": self.upstream,
            "mode": self.mode,
            "exchanges": self.recorder.written(),
            "late": self.recorder.late(),
            "lost": lost,
        })
    }

    fn counts(&self) -> Vec<Count> {
        vec![
            Count {
                name: "scimulate_recorded_exchanges_total",
                help: "Exchanges that were written.",
                value: self.recorder.written(),
            },
            Count {
                name: "scimulate_recorded_bytes_total",
                help: "Bytes of the files that were written.",
                value: self.recorder.seen().bytes,
            },
            Count {
                name: "scimulate_redacted_values_total",
                help: "Secrets and personal values that were replaced before writing.",
                value: self.recorder.redactor().counts().values().sum(),
            },
            Count {
                name: "scimulate_lost_exchanges_total",
                help: "Exchanges that went through and could not be written.",
                value: self.recorder.losses(),
            },
            Count {
                name: "scimulate_late_exchanges_total",
                help: "Answers that went on before their exchanges were written, as the disk was slow.",
                value: self.recorder.late(),
            },
        ]
    }
}

/// A recording that answers.
#[derive(Debug)]
pub(super) struct Playing {
    pub(super) stage: Arc<Stage>,
    pub(super) folder: PathBuf,
    pub(super) mode: &'static str,
}

impl Account for Playing {
    fn is_well(&self) -> bool {
        true
    }

    fn health(&self) -> Value {
        let missed = self.stage.missed();
        let last = missed.iter().rev().take(TOLD);
        let missed: Vec<Value> = last.map(|kept| kept.miss.to_json()).collect();
        json!({
            "folder": self.folder.display().to_string(),
            "mode": self.mode,
            "exchanges": self.stage.player().exchanges(),
            "misses": self.stage.misses(),
            "missed": missed,
        })
    }

    fn counts(&self) -> Vec<Count> {
        vec![
            Count {
                name: "scimulate_recording_exchanges",
                help: "Exchanges that can be answered with.",
                value: self.stage.player().exchanges() as u64,
            },
            Count {
                name: "scimulate_misses_total",
                help: "Requests that had no recorded answer.",
                value: self.stage.misses(),
            },
        ]
    }
}

/// Puts the control API beside what is bound; the line of the banner about it, if there is one.
///
/// # Errors
/// When an address was given and cannot be had.
pub(super) fn beside(
    bound: &mut Bound,
    control: ControlOptions,
    asked: SocketAddr,
    account: Arc<dyn Account>,
) -> Result<String, Failure> {
    let Some(socket) = control.bind(asked)? else {
        return Ok(String::new());
    };
    let guard = Guard {
        address: socket.address,
        token: socket.token,
    };
    let tenants = Arc::new(Tenants::new(Vec::new()));
    let control = Control::new(tenants, Arc::default(), guard, bound.url(""));
    let url = format!("http://{}", socket.address);
    let line = format!("\n  control    {url}");
    bound.beside = Some(Beside {
        listener: socket.listener,
        url,
        control: Arc::new(control.recording(account)),
    });
    Ok(line)
}
