//! `replay`: a recording that answers.

use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use super::matching::{Answers, OnMiss};
use super::record;
use super::tls::UpstreamOptions;
use crate::net::Backend;
use crate::replay::Player;
use crate::service::BASE_PATH;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the recording
    #[arg(value_name = "DIR")]
    recording: PathBuf,

    #[command(flatten)]
    answers: Answers,

    /// With --on-miss forward: the SCIM base URL of the service provider
    #[arg(long, value_name = "URL", env = "SCIMULATE_UPSTREAM")]
    upstream: Option<String>,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    tls: UpstreamOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments {
        recording,
        answers,
        upstream,
        listen,
        tls,
    } = arguments;
    let (exchanges, matching) = answers.read(&recording)?;
    let volatile = matching.volatile.clone();
    let player = Player::new(exchanges, matching);
    let player = match answers.on_miss() {
        OnMiss::Error => player,
        OnMiss::Status(status) => player.refusing_with(status),
        OnMiss::Forward => {
            let upstream = upstream.ok_or_else(|| {
                let detail = "--on-miss forward needs the SCIM base URL of a service provider: --upstream URL";
                Failure::new(Exit::Usage, detail)
            })?;
            return record::complete(&upstream, &recording, player, listen, tls);
        }
    };
    let player = Arc::new(player);
    let bound = listen.bind()?;
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let unanswered = match player.unanswered() {
        0 => String::new(),
        1 => " and 1 that ended before its answer was whole, which answers nothing".to_owned(),
        many => {
            format!(" and {many} that ended before their answers were whole, which answer nothing")
        }
    };
    let made_up = if volatile.is_empty() {
        String::new()
    } else {
        format!("\n  volatile   {volatile}: the client makes these up")
    };
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  recording  {}, {} exchanges{unanswered}; any credentials are accepted{made_up}\n  a miss     is {} that names the nearest exchange and what differs, and exit code 1 at the end",
        recording.display(),
        player.exchanges(),
        answers.on_miss(),
    );
    bound.serve(
        Backend::Replay(player.clone()),
        &[Served { tenant: None, url }],
        &banner,
    )?;
    match player.misses() {
        0 => Ok(Exit::Done),
        misses => {
            let requests = if misses == 1 { "request" } else { "requests" };
            say(&format!(
                "{misses} {requests} had no recorded answer in {}",
                recording.display()
            ));
            Ok(Exit::No)
        }
    }
}
