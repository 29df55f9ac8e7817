//! `record`: a proxy before a real service provider, and a folder that every exchange is written to.

use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use crate::clock;
use crate::exchange::folder::{Folder, Recording};
use crate::net::Backend;
use crate::proxy::{Config, Recorder};
use crate::service::BASE_PATH;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The SCIM base URL of the service provider, such as `http://127.0.0.1:9000/scim/v2`
    #[arg(long, value_name = "URL", env = "SCIMULATE_UPSTREAM")]
    upstream: String,

    /// The folder of the recording; an existing one is continued
    #[arg(long, value_name = "DIR", env = "SCIMULATE_OUT")]
    out: PathBuf,

    #[command(flatten)]
    listen: Listen,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments {
        upstream,
        out,
        listen,
    } = arguments;
    let config = Config {
        body_limit: listen.max_body(),
        ..Config::new(&upstream)
    };
    // The upstream is checked before anything is made of it.
    config
        .clone()
        .build(None)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let recording = Recording {
        upstream: upstream.trim_end_matches('/').to_owned(),
        base_path: BASE_PATH.to_owned(),
        started: format!("{:.3}", clock::now()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        redaction: "secrets".to_owned(),
    };
    let bound = listen.bind()?;
    let folder = Folder::open(&out, &recording)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let recorder = Recorder::new(folder, |error| {
        say(&format!("an exchange is not recorded: {error}"));
    });
    let proxy = config
        .build(Some(recorder.clone()))
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  upstream   {}\n  recording  {}, a file an exchange; secrets are replaced\n  next       point your client at the first URL; then `scimulate replay {}`",
        proxy.upstream(),
        out.display(),
        out.display(),
    );
    bound.serve(
        Backend::Proxy(proxy),
        &[Served { tenant: None, url }],
        &banner,
    )?;
    match recorder.losses() {
        0 => Ok(()),
        lost => Err(Failure::new(
            Exit::Failed,
            format!(
                "{lost} exchanges went through and are not in {}; the reasons are above",
                out.display()
            ),
        )),
    }
}
