//! `serve`: scenarios to tenants, tenants to a listener, and the files watched for changes.

use super::control::ControlOptions;
use super::exit::{Exit, Failure};
use super::listen::{Listen, Served};
use super::reload::{Files, WatchOptions};
use crate::control::{Control, Guard};
use crate::mock::{Beside, DEMO};
use crate::net::Backend;
use crate::scenario::{Credential, Diagnostic, Scenario, TOKEN_PATH};
use crate::service::{self, BASE_PATH, Tenant, Tenants};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files, or folders of them; several, or those of a folder, are served side by side at /NAME/scim/v2. None: the built-in demo
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,

    #[command(flatten)]
    watch: WatchOptions,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    control: ControlOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut files = Files::find(&arguments.scenarios, &arguments.watch)?;
    let loaded = if files.first().is_empty() {
        vec![demo()?]
    } else {
        files.load()?
    };
    let auth = loaded
        .first()
        .map(|(scenario, _)| scenario.auth.clone())
        .unwrap_or_default();
    let first = loaded
        .first()
        .and_then(|(scenario, _)| scenario.users.first())
        .and_then(|user| Some(user.value().get("userName")?.as_str()?.to_owned()));
    let tenants = loaded.into_iter().map(|(_, tenant)| tenant).collect();
    let tenants = Arc::new(if files.are_several() {
        Tenants::side_by_side(tenants)
    } else {
        Tenants::new(tenants)
    });

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
            control: Arc::new(control.reloading(files.source())),
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
    let control = bound.beside.as_ref().map(|it| it.control.clone());
    files.follow(tenants.clone(), control)?;
    bound.serve(Backend::Service(tenants), &served, &banner)
}

/// What is served when nothing is named.
fn demo() -> Result<(Scenario, Tenant), Failure> {
    let loaded = service::load(Path::new("demo.ron"), DEMO);
    loaded.tenant.ok_or_else(|| {
        let messages = loaded.diagnostics.iter().map(Diagnostic::coloured);
        Failure::several(Exit::Invalid, messages.collect())
    })
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
    files: &Files,
    control: Option<&str>,
) -> String {
    let bold = anstyle::Style::new().bold();
    let mut lines = Vec::new();
    for one in served {
        let tenant = one
            .tenant
            .as_deref()
            .filter(|_| files.are_several())
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
    let again = if files.are_watched() {
        "when it changes"
    } else {
        "at SIGHUP and POST /reload"
    };
    lines.push(match files.first() {
        [] => "  directory  the built-in demo; `scimulate serve FILE.ron` serves your own and follows its changes".to_owned(),
        [one] => format!("  directory  {}, loaded again {again}", one.display()),
        several => format!("  directory  {} scenarios, each loaded again {again}", several.len()),
    });
    lines.extend(control.map(|url| format!("  control    {url}")));
    lines.join("\n")
}
