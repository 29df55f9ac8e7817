//! `replay`: a recording that answers.

use super::account::{Playing, beside};
use super::control::ControlOptions;
use super::exit::{Exit, Failure};
use super::listen::{Listen, Served};
use super::redaction::KeyOptions;
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
    redaction: KeyOptions,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    control: ControlOptions,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments {
        recording,
        redaction,
        listen,
        control,
    } = arguments;
    let redactor = redaction.of_recording(&recording)?;
    let player = Player::load_redacted(&recording, redactor).map_err(|errors| {
        Failure::several(
            Exit::Invalid,
            errors.iter().map(ToString::to_string).collect(),
        )
    })?;
    let player = Arc::new(player);
    let asked = listen.address;
    let mut bound = listen.bind()?;
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let unanswered = match player.unanswered() {
        0 => String::new(),
        1 => " and 1 that ended before its answer was whole, which answers nothing".to_owned(),
        many => {
            format!(" and {many} that ended before their answers were whole, which answer nothing")
        }
    };
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  recording  {}, {} exchanges{unanswered}; any credentials are accepted\n  a miss     is a 404 that names the nearest exchange and what differs",
        recording.display(),
        player.exchanges(),
    );
    let account = Playing {
        player: player.clone(),
        folder: recording,
        mode: "replay",
    };
    let banner = banner + &beside(&mut bound, control, asked, Arc::new(account))?;
    bound.serve(
        Backend::Replay(player.clone()),
        &[Served { tenant: None, url }],
        &banner,
    )?;
    match player.misses() {
        0 => {}
        misses => anstream::eprintln!("{misses} requests were not in the recording"),
    }
    Ok(())
}
