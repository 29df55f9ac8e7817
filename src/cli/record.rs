//! `record`: a proxy before a real service provider, and a folder that every exchange is written to.

use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use super::tls::{UpstreamOptions, unusable};
use crate::clock;
use crate::exchange::folder::{Folder, Recording};
use crate::net::Backend;
use crate::proxy::{Config, ConfigError, Recorder};
use crate::service::BASE_PATH;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The SCIM base URL of the service provider, such as `https://sp.example/scim/v2`
    #[arg(long, value_name = "URL", env = "SCIMULATE_UPSTREAM")]
    upstream: String,

    /// The folder of the recording; an existing one is continued
    #[arg(long, value_name = "DIR", env = "SCIMULATE_OUT")]
    out: PathBuf,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    tls: UpstreamOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments {
        upstream,
        out,
        listen,
        tls,
    } = arguments;
    let config = Config {
        tls: tls.config(),
        body_limit: listen.max_body(),
        ..Config::new(&upstream)
    };
    let anybody = config.tls.any_certificate;
    // The upstream is checked before a port is bound and a folder is made.
    let proxy = config.build(None).map_err(|error| match error {
        ConfigError::Certificate(error) => unusable(&error),
        error @ ConfigError::NoAuthorities { .. } => Failure::new(Exit::Failed, error.to_string()),
        error => Failure::new(Exit::Usage, error.to_string()),
    })?;
    if anybody {
        say(
            "warning: any certificate of the upstream is taken, so that anybody in between can read and change what passes; \
             leave out --insecure-upstream, and trust its authority with --upstream-ca FILE",
        );
    }
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
    let proxy = proxy.recorded(recorder.clone());
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
