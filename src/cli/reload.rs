//! Scenario files loaded again when they change: the new world takes the old one's place, or the old one stays and the reasons are said.

use super::exit::say;
use super::scenarios;
use crate::control::Control;
use crate::scenario::watch::Watcher;
use crate::scenario::{self, Diagnostic, ReadError, Scenario};
use crate::service::{Tenant, Tenants};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

/// Loads again each file of `changes`, on a thread of its own.
pub(super) fn spawn(
    changes: Receiver<PathBuf>,
    tenants: Arc<Tenants>,
    watcher: Option<Watcher>,
    control: Option<Arc<Control>>,
) {
    std::thread::spawn(move || {
        for path in changes {
            reload(&tenants, &path, watcher.as_ref(), control.as_deref());
        }
    });
}

/// Why a scenario cannot be served.
pub(super) enum Trouble {
    Unreadable(ReadError),
    Invalid(Vec<Diagnostic>),
}

impl Trouble {
    /// For the terminal.
    pub(super) fn messages(&self) -> Vec<String> {
        match self {
            Self::Unreadable(error) => vec![error.to_string()],
            Self::Invalid(diagnostics) => diagnostics.iter().map(Diagnostic::coloured).collect(),
        }
    }

    /// As text.
    fn plain(&self) -> Vec<String> {
        match self {
            Self::Unreadable(_) => self.messages(),
            Self::Invalid(diagnostics) => diagnostics.iter().map(ToString::to_string).collect(),
        }
    }
}

pub(super) fn read(file: &Path, watcher: Option<&Watcher>) -> Result<(Scenario, Tenant), Trouble> {
    let text = scenario::read(file).map_err(Trouble::Unreadable)?;
    load(file, &text, watcher)
}

/// A scenario and its tenant, or everything that is wrong with it. Warnings are said either way.
pub(super) fn load(
    file: &Path,
    text: &str,
    watcher: Option<&Watcher>,
) -> Result<(Scenario, Tenant), Trouble> {
    let loaded = scenarios::load(file, text);
    if let Some(watcher) = watcher {
        watcher.follow(file, loaded.files);
    }
    let Some(tenant) = loaded.tenant else {
        return Err(Trouble::Invalid(loaded.diagnostics));
    };
    for warning in &loaded.diagnostics {
        say(&warning.coloured());
    }
    Ok(tenant)
}

/// A file changed: the new world takes the old one's place, or the old one stays and the reasons are said.
fn reload(tenants: &Tenants, file: &Path, watcher: Option<&Watcher>, control: Option<&Control>) {
    let tenant_name = scenarios::name(file);
    if !tenants.follows(&tenant_name) {
        // It was dropped.
        return;
    }
    let report = |outcome| {
        if let Some(control) = control {
            control.reloaded(&tenant_name, outcome);
        }
    };
    match read(file, watcher) {
        Ok((_, tenant)) => {
            let lost = tenants.reload(tenant);
            report(Ok(()));
            anstream::eprintln!("reloaded {}", file.display());
            for reason in lost {
                anstream::eprintln!(
                    "warning: a resource made at run time could not be kept: {reason}"
                );
            }
        }
        Err(trouble) => {
            report(Err(trouble.plain()));
            for message in trouble.messages() {
                say(&message);
            }
            anstream::eprintln!(
                "{} is not loaded; the directory stays as it was",
                file.display()
            );
        }
    }
}
