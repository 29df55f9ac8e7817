//! `serve`: scenarios to tenants, tenants to a listener, and the files watched for changes.

use super::control::{Beside, ControlOptions};
use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use super::scenarios;
use crate::control::{Control, Guard};
use crate::net::Backend;
use crate::scenario::watch::Watcher;
use crate::scenario::{self, Credential, Diagnostic, ReadError, Scenario, TOKEN_PATH};
use crate::service::{BASE_PATH, Tenant, Tenants};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DEMO: &str = include_str!("../../scenarios/demo.ron");

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files, or folders of them; several are served side by side at /NAME/scim/v2. None: the built-in demo
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    control: ControlOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let files = files(&arguments.scenarios)?;
    // Watching begins before the first reading, so that no change falls between.
    let (changed, changes) = std::sync::mpsc::channel::<PathBuf>();
    let watcher = match files.as_slice() {
        [] => None,
        files => {
            let watcher = Watcher::start(files.to_vec(), move |path| {
                // The receiver is gone only when the program ends.
                let _ = changed.send(path.to_owned());
            });
            Some(watcher.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?)
        }
    };
    if let Some(reason) = watcher.as_ref().and_then(Watcher::fallback) {
        anstream::eprintln!(
            "note: {reason}; scenario files are looked at four times a second instead"
        );
    }
    let loaded = load_all(&files, watcher.as_ref())?;
    let auth = loaded
        .first()
        .map(|(scenario, _)| scenario.auth.clone())
        .unwrap_or_default();
    let first = loaded
        .first()
        .and_then(|(scenario, _)| scenario.users.first())
        .and_then(|user| Some(user.value().get("userName")?.as_str()?.to_owned()));
    let tenants = Arc::new(Tenants::new(
        loaded.into_iter().map(|(_, tenant)| tenant).collect(),
    ));

    let asked = arguments.listen.address;
    let mut bound = arguments.listen.bind()?;
    if let Some(socket) = arguments.control.bind(asked)? {
        let guard = Guard {
            address: socket.address,
            token: socket.token,
        };
        let control = Control::new(tenants.clone(), Arc::default(), guard, bound.url(""));
        bound.beside = Some(Beside {
            listener: socket.listener,
            url: format!("http://{}", socket.address),
            control: Arc::new(control),
        });
    }
    let served: Vec<Served> = tenants
        .iter()
        .map(|(path, tenant)| Served {
            tenant: Some(tenant.name.clone()),
            url: bound.url(&path),
        })
        .collect();
    if !bound.address.ip().is_loopback() {
        let cautions = auth.iter().filter_map(Credential::caution);
        for caution in cautions.collect::<std::collections::BTreeSet<_>>() {
            anstream::eprintln!("warning: others than this machine can connect, and {caution}");
        }
    }
    let curl = format!("curl {}", bound.curl_option());
    let url = bound.beside.as_ref().map(|it| it.url.as_str());
    let banner = banner(&served, &curl, &auth, first.as_deref(), &files, url);
    let reloading = tenants.clone();
    let control = bound.beside.as_ref().map(|it| it.control.clone());
    std::thread::spawn(move || {
        for path in changes {
            reload(&reloading, &path, watcher.as_ref(), control.as_deref());
        }
    });
    bound.serve(Backend::Service(tenants), &served, &banner)
}

/// The scenario files that were named, each fit to be a tenant beside the others.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let files = scenarios::files(named)?;
    let mut clashes = scenarios::clashes(&files);
    if clashes.is_empty() {
        Ok(files)
    } else {
        Err(Failure::new(Exit::Usage, clashes.remove(0).1))
    }
}

/// Why a scenario cannot be served.
enum Trouble {
    Unreadable(ReadError),
    Invalid(Vec<Diagnostic>),
}

impl Trouble {
    /// For the terminal.
    fn messages(&self) -> Vec<String> {
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

fn load_all(
    files: &[PathBuf],
    watcher: Option<&Watcher>,
) -> Result<Vec<(Scenario, Tenant)>, Failure> {
    let invalid = |messages| Failure::several(Exit::Invalid, messages);
    if files.is_empty() {
        let built_in = load(Path::new("demo.ron"), DEMO, None);
        return built_in
            .map(|loaded| vec![loaded])
            .map_err(|trouble| invalid(trouble.messages()));
    }
    let (mut loaded, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        match read(file, watcher) {
            Ok(one) => loaded.push(one),
            Err(trouble) => wrong.append(&mut trouble.messages()),
        }
    }
    if wrong.is_empty() {
        Ok(loaded)
    } else {
        Err(invalid(wrong))
    }
}

fn read(file: &Path, watcher: Option<&Watcher>) -> Result<(Scenario, Tenant), Trouble> {
    let text = scenario::read(file).map_err(Trouble::Unreadable)?;
    load(file, &text, watcher)
}

/// A scenario and its tenant, or everything that is wrong with it. Warnings are said either way.
fn load(file: &Path, text: &str, watcher: Option<&Watcher>) -> Result<(Scenario, Tenant), Trouble> {
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

/// As a client puts its identifier and its secret into a header (RFC 6749 section 2.3.1).
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn banner(
    served: &[Served],
    curl: &str,
    auth: &[Credential],
    user: Option<&str>,
    files: &[PathBuf],
    control: Option<&str>,
) -> String {
    let bold = anstyle::Style::new().bold();
    let mut lines = Vec::new();
    for one in served {
        let tenant = one
            .tenant
            .as_deref()
            .filter(|_| served.len() > 1)
            .map_or(String::new(), |name| format!("{name}: "));
        lines.push(format!("  SCIM 2.0   {tenant}{bold}{}{bold:#}", one.url));
    }
    let base = served.first().map_or(BASE_PATH, |first| first.url.as_str());
    let credentials = match auth.first() {
        None => {
            lines.push("  token      none is asked for".to_owned());
            String::new()
        }
        Some(Credential::Bearer { token, .. }) => {
            lines.push(format!("  token      {bold}{token}{bold:#}"));
            format!("-H 'Authorization: Bearer {token}' ")
        }
        Some(Credential::Basic { user, password, .. }) => {
            lines.push(format!("  user       {bold}{user}{bold:#}"));
            format!("-u '{user}:{password}' ")
        }
        Some(Credential::OAuth(client)) => {
            lines.push(format!("  client     {bold}{}{bold:#}", client.id));
            String::new()
        }
    };
    let query = user.map_or(String::new(), |name| {
        format!(" -G --data-urlencode 'filter=userName eq \"{name}\"'")
    });
    lines.push(match auth.first().and_then(Credential::oauth) {
        None => format!("  try        {curl}{credentials}{base}/Users{query}"),
        Some(client) => {
            let root = base.strip_suffix(BASE_PATH).unwrap_or(base);
            let shown = format!("-u '{}:{}'", encoded(&client.id), encoded(&client.secret));
            format!(
                "  try        {curl}{shown} -d grant_type=client_credentials {root}{TOKEN_PATH}"
            )
        }
    });
    lines.push(match files {
        [] => "  directory  the built-in demo; `scimulate serve FILE.ron` serves your own and follows its changes".to_owned(),
        [one] => format!("  directory  {}, loaded again when it changes", one.display()),
        several => format!("  directory  {} scenarios, each loaded again when it changes", several.len()),
    });
    lines.extend(control.map(|url| format!("  control    {url}")));
    lines.join("\n")
}
