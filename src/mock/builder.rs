//! What a provider is started with.

use super::running::{self, Prepared};
use super::{Error, MockProvider};
use crate::journal::Bounds;
use crate::net::{AccessLog, LogMode};
use crate::scenario::{self, Credential, Diagnostic};
use crate::service::{self, Tenant};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Scenarios, and where they are served. With no scenario it is the demo that `scimulate serve` serves.
#[derive(Debug)]
#[must_use = "nothing runs until it is started"]
pub struct Builder {
    scenarios: Vec<(String, Source)>,
    address: SocketAddr,
    control: bool,
    bounds: Bounds,
    log: bool,
}

#[derive(Debug)]
enum Source {
    Text(String),
    File(PathBuf),
}

/// What a provider without a scenario serves.
pub(crate) const DEMO: &str = include_str!("../../scenarios/demo.ron");

impl Default for Builder {
    fn default() -> Self {
        Self {
            scenarios: Vec::new(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control: false,
            bounds: Bounds::default(),
            log: false,
        }
    }
}

impl Builder {
    /// Serves the scenario of this text, as the tenant `scenario`. What it names is beside the current folder.
    pub fn scenario(self, text: impl Into<String>) -> Self {
        self.tenant("scenario", text)
    }

    /// Serves the scenario of this file, as the tenant that is called like it.
    pub fn scenario_file(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_stem().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        self.and(name, Source::File(path))
    }

    /// Serves the scenario of this text as a tenant of this name. With more than one each is at `/NAME/scim/v2`.
    pub fn tenant(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.and(name.into(), Source::Text(text.into()))
    }

    /// Serves the ways of a provider that exists (`"slack"`; `scimulate profiles` lists them), with the token `token` and nobody in its
    /// directory: shorthand for a scenario that says no more.
    pub fn profile(self, name: &str) -> Self {
        self.scenario(format!(
            "Scenario(auth: [Bearer(\"token\")], provider: Provider(profile: {name:?}))"
        ))
    }

    /// Listens here instead of on a free port of the loopback.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Serves the control API too, on a free port of the loopback, for programs beside the test.
    pub fn control_api(mut self) -> Self {
        self.control = true;
        self
    }

    /// Keeps so much of what is asked and answered, in place of 10,000 exchanges or 64 MiB.
    pub fn journal(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Prints a line an exchange to standard error.
    pub fn log(mut self, on: bool) -> Self {
        self.log = on;
        self
    }

    fn and(mut self, name: String, source: Source) -> Self {
        self.scenarios.push((name, source));
        self
    }

    /// Starts it. It runs on a thread of its own, under whatever runtime this is awaited, and accepts when this is done.
    ///
    /// # Errors
    /// When a scenario is wrong, with everything that is wrong with it, or the address cannot be had.
    pub async fn start(self) -> Result<MockProvider, Error> {
        let (reply, started) = tokio::sync::oneshot::channel();
        let thread = running::spawn(self, move |started| {
            // Whoever waited may have gone; then it ends at once.
            let _ = reply.send(started);
        })?;
        let started = started.await;
        running::joined(started.ok(), thread)
    }

    /// The same for a test without a runtime.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start_blocking(self) -> Result<MockProvider, Error> {
        let (reply, started) = std::sync::mpsc::channel();
        let thread = running::spawn(self, move |started| {
            // The receiver waits below.
            let _ = reply.send(started);
        })?;
        let started = started.recv();
        running::joined(started.ok(), thread)
    }

    /// Loads what is to be served.
    pub(super) fn prepare(mut self) -> Result<Prepared, Error> {
        if self.scenarios.is_empty() {
            self = self.tenant("demo", DEMO);
        }
        let several = self.scenarios.len() > 1;
        let (mut tenants, mut tokens, mut wrong) = (Vec::<Tenant>::new(), Vec::new(), Vec::new());
        for (name, source) in self.scenarios {
            if tenants.iter().any(|it| it.name == name) {
                return Err(Error::refused(format!("two tenants are named `{name}`")));
            }
            if several && !service::can_name(&name) {
                return Err(Error::refused(format!(
                    "`{name}` cannot be part of a URL; name a tenant with letters, digits, `-`, `_` and `.`"
                )));
            }
            let (path, text) = match source {
                Source::Text(text) => (PathBuf::from(format!("{name}.ron")), text),
                Source::File(path) => {
                    let text = scenario::read(&path);
                    let text = text.map_err(|error| Error::system("no scenario", &error))?;
                    (path, text)
                }
            };
            match load(&path, &text) {
                Ok((token, tenant)) => {
                    tokens.push((tenant.name.clone(), token));
                    tenants.push(tenant);
                }
                Err(mut diagnostics) => wrong.append(&mut diagnostics),
            }
        }
        if !wrong.is_empty() {
            return Err(Error::scenario(wrong));
        }
        Ok(Prepared {
            tenants,
            tokens,
            address: self.address,
            control: self.control,
            bounds: self.bounds,
            log: if self.log {
                AccessLog::new(LogMode::On, anstream::stderr())
            } else {
                AccessLog::new(LogMode::Off, io::sink())
            },
        })
    }
}

/// The first bearer token of a scenario, and its tenant; or what is wrong with it.
fn load(path: &Path, text: &str) -> Result<(Option<String>, Tenant), Vec<String>> {
    let loaded = service::load(path, text);
    let Some((scenario, tenant)) = loaded.tenant else {
        let diagnostics = loaded.diagnostics.iter().map(Diagnostic::to_string);
        return Err(diagnostics.collect());
    };
    let token = scenario.auth.iter().find_map(|it| match it {
        Credential::Bearer { token, .. } => Some(token.clone()),
        Credential::Basic { .. } | Credential::OAuth(_) => None,
    });
    Ok((token, tenant))
}
