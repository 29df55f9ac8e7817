//! `replay`: a recording that answers.

use super::account::{Playing, beside};
use super::age::Age;
use super::control::ControlOptions;
use super::edited::Edited;
use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use super::matching::{self, Answers, OnMiss};
use super::record;
use super::redaction::KeyOptions;
use super::summary::counted;
use super::tls::UpstreamOptions;
use crate::net::Backend;
use crate::replay::{Player, Stage};
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

    #[command(flatten)]
    age: Age,

    /// With --on-miss forward: the SCIM base URL of the service provider
    #[arg(long, value_name = "URL", env = "SCIMULATE_UPSTREAM")]
    upstream: Option<String>,

    #[command(flatten)]
    redaction: KeyOptions,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    control: ControlOptions,

    #[command(flatten)]
    tls: UpstreamOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments {
        recording,
        answers,
        age,
        upstream,
        redaction,
        listen,
        control,
        tls,
    } = arguments;
    if age.records_again() && answers.on_miss() != OnMiss::Forward {
        let detail = "--stale record asks the service provider again: with --on-miss forward and --upstream URL";
        return Err(Failure::new(Exit::Usage, detail));
    }
    let on_miss = answers.on_miss();
    let matching = answers.matching(&recording, redaction.of_recording(&recording)?)?;
    let volatile = matching.volatile.clone();
    let folder = recording.clone();
    let read = move || {
        let mut exchanges = matching::read(&folder)?;
        age.apply(&mut exchanges)?;
        let player = Player::new(exchanges, matching.clone());
        Ok(match on_miss {
            OnMiss::Status(status) => player.refusing_with(status),
            OnMiss::Error | OnMiss::Forward => player,
        })
    };
    let player = read()?;
    if on_miss == OnMiss::Forward {
        let upstream = upstream.ok_or_else(|| {
            let detail =
                "--on-miss forward needs the SCIM base URL of a service provider: --upstream URL";
            Failure::new(Exit::Usage, detail)
        })?;
        return record::complete(
            &upstream, &recording, player, &redaction, listen, control, tls,
        );
    }
    let (exchanges, unanswered) = (player.exchanges(), player.unanswered());
    let stage = Arc::new(Stage::new(player));
    let asked = listen.address;
    let mut bound = listen.bind()?;
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let unanswered = match unanswered {
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
        exchanges,
        on_miss,
    );
    let account = Playing {
        stage: stage.clone(),
        folder: recording.clone(),
        mode: "replay",
    };
    let banner = banner + &beside(&mut bound, control, asked, Arc::new(account))?;
    let edited = Edited::follow(&recording, stage.clone(), read);
    bound.serve(
        Backend::Replay(stage.clone()),
        &[Served { tenant: None, url }],
        &banner,
    )?;
    drop(edited);
    match stage.misses() {
        0 => Ok(Exit::Done),
        misses => {
            say(&format!(
                "{} had no recorded answer in {}",
                counted(misses, "request"),
                recording.display()
            ));
            Ok(Exit::No)
        }
    }
}
