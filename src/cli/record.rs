//! `record`: a proxy before a real service provider, and a folder that every exchange is written to.

use super::account::{Making, Playing, beside};
use super::compare::{Compare, Comparison};
use super::control::ControlOptions;
use super::exit::{Exit, Failure, say};
use super::listen::{Listen, Served};
use super::mode::{Chosen, Mode, ModeOption};
use super::redaction::{self, FoundKey, KeyOptions, Redact};
use super::summary::{counted, summary};
use super::tls::{UpstreamOptions, unusable};
use crate::clock;
use crate::exchange::redact::{Level, Redactor};
use crate::exchange::{Folder, Recording, Sync, folder};
use crate::net::{Backend, Completed};
use crate::proxy::{Config, ConfigError, Proxy, Recorder};
use crate::replay::{Matching, Partial, Player, Stage};
use crate::service::BASE_PATH;
use clap::{Args, ValueEnum};
use http::HeaderValue;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The SCIM base URL of the service provider, such as `https://sp.example/scim/v2`; not needed where nothing is recorded
    #[arg(long, value_name = "URL", env = "SCIMULATE_UPSTREAM")]
    upstream: Option<String>,

    /// The folder of the recording; an existing one is continued
    #[arg(long, value_name = "DIR", env = "SCIMULATE_OUT")]
    out: PathBuf,

    /// What is replaced before anything is written [default: that of the recording that is continued, else `secrets`]
    #[arg(long, value_name = "WHAT", env = "SCIMULATE_REDACT")]
    redact: Option<Redact>,

    #[command(flatten)]
    redaction: KeyOptions,

    #[command(flatten)]
    mode: ModeOption,

    #[command(flatten)]
    traffic: Traffic,

    #[command(flatten)]
    compare: Compare,

    #[command(flatten)]
    listen: Listen,

    #[command(flatten)]
    control: ControlOptions,

    #[command(flatten)]
    tls: UpstreamOptions,
}

/// What passes, and what is kept of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Traffic")]
struct Traffic {
    /// Refuse what is neither GET nor HEAD, so that nothing can be changed behind the proxy
    #[arg(long, env = "SCIMULATE_READ_ONLY", value_parser = clap::builder::FalseyValueParser::new())]
    read_only: bool,

    /// Tell the upstream in `Forwarded` (RFC 7239) who asks, for which host, and over what
    #[arg(long, env = "SCIMULATE_FORWARDED", value_parser = clap::builder::FalseyValueParser::new())]
    forwarded: bool,

    /// Sent to the upstream as `Authorization`, whatever the client shows: `Bearer TOKEN`, or `Basic …` as the header has it. Better
    /// given in the environment, where other programs do not see it
    #[arg(
        long,
        value_name = "CREDENTIALS",
        env = "SCIMULATE_UPSTREAM_AUTH",
        hide_env_values = true
    )]
    upstream_auth: Option<String>,

    /// How long a connection to the upstream may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..), env = "SCIMULATE_CONNECT_TIMEOUT")]
    connect_timeout: u64,

    /// How long the upstream may be silent while its answer is expected, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..), env = "SCIMULATE_ANSWER_TIMEOUT")]
    answer_timeout: u64,

    /// How long an exchange with the upstream may take in all, in seconds, a large body included [default: as long as it likes]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..), env = "SCIMULATE_EXCHANGE_TIMEOUT")]
    exchange_timeout: Option<u64>,

    /// Of a larger body only its beginning is recorded, and that it was cut [default: --max-body]
    #[arg(long, value_name = "BYTES", env = "SCIMULATE_MAX_RECORDED_BODY")]
    max_recorded_body: Option<usize>,

    /// When exchanges are forced to the disk, against a loss of power; what is written outlives the program in any case
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "never",
        env = "SCIMULATE_SYNC"
    )]
    sync: SyncWhen,

    /// How long an answer waits for its file where the disk is slow, in seconds; then it goes on without
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..), env = "SCIMULATE_RECORD_TIMEOUT")]
    record_timeout: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SyncWhen {
    /// When the system sees fit
    Never,
    /// At the end
    Close,
    /// Before the last byte of each answer goes on
    Each,
}

impl From<SyncWhen> for Sync {
    fn from(when: SyncWhen) -> Self {
        match when {
            SyncWhen::Never => Self::Never,
            SyncWhen::Close => Self::Close,
            SyncWhen::Each => Self::Each,
        }
    }
}

impl Traffic {
    /// The credentials for the upstream, fit for a header.
    fn authorization(&self) -> Result<Option<HeaderValue>, Failure> {
        let Some(given) = &self.upstream_auth else {
            return Ok(None);
        };
        let header = given.split_once(' ').and_then(|(scheme, rest)| {
            let known = ["bearer", "basic"].contains(&scheme.to_ascii_lowercase().as_str());
            let header = HeaderValue::try_from(given).ok();
            header.filter(|_| known && !rest.trim().is_empty())
        });
        let mut header = header.ok_or_else(|| {
            // What was given is not repeated: it is a secret.
            Failure::new(
                Exit::Usage,
                "--upstream-auth is `Bearer TOKEN` or `Basic CREDENTIALS`, as the header Authorization has it",
            )
        })?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

pub(super) fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let mut chosen = arguments.mode.chosen();
    if arguments.compare.is_asked() && chosen.by_ci {
        // Who compares has live answers in mind, on a build server too.
        chosen.mode = Mode::All;
    }
    let holds = folder::holds_exchanges(&arguments.out);
    let holds = holds.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    match (chosen.mode, holds) {
        (Mode::None, _) | (Mode::Once, true) => play(arguments, chosen),
        _ => record(arguments, chosen, holds),
    }
}

/// Answers from the folder, and never asks the upstream.
fn play(arguments: Arguments, chosen: Chosen) -> Result<Exit, Failure> {
    let Arguments {
        out,
        redaction,
        listen,
        control,
        compare,
        ..
    } = arguments;
    compare.needs_live_answers(chosen.mode)?;
    let reason = match chosen {
        Chosen { by_ci: true, .. } => "nothing is recorded because CI is set",
        Chosen {
            mode: Mode::Once, ..
        } => "--mode once records nothing into a folder that holds exchanges",
        _ => "--mode none records nothing",
    };
    let advice = format!("{reason}; --mode new records what is missing, --mode all everything");
    let redactor = redaction.of_recording(&out)?;
    let player = load(&out, redactor, Some(&advice))?.advising(advice);
    let exchanges = player.exchanges() as u64;
    let stage = Arc::new(Stage::new(player));
    let asked = listen.address;
    let mut bound = listen.bind()?;
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  upstream   is not asked: {reason}\n  recording  {}, {}; any credentials are accepted\n  a miss     is a 404 that names the nearest exchange and what differs, and exit code 1 at the end",
        out.display(),
        counted(exchanges, "exchange"),
    );
    let account = Playing {
        stage: stage.clone(),
        folder: out.clone(),
        mode: chosen.mode.name(),
    };
    let banner = banner + &beside(&mut bound, control, asked, Arc::new(account))?;
    let served = Served { tenant: None, url };
    bound.serve(Backend::Replay(stage.clone()), &[served], &banner)?;
    match stage.misses() {
        0 => Ok(Exit::Done),
        misses => {
            let misses = counted(misses, "request");
            say(&format!(
                "{misses} had no recorded answer in {}; {reason}",
                out.display()
            ));
            Ok(Exit::No)
        }
    }
}

/// Answers from a recording, and asks the upstream for what is not there, which is then recorded.
pub(super) fn complete(
    upstream: &str,
    out: &Path,
    player: Player,
    redaction: &KeyOptions,
    listen: Listen,
    control: ControlOptions,
    tls: UpstreamOptions,
) -> Result<Exit, Failure> {
    let body_limit = listen.max_body();
    let config = Config {
        tls: tls.config(),
        body_limit,
        recorded_limit: body_limit,
        ..Config::new(upstream)
    };
    let proxy = config.build(None).map_err(refused)?;
    let asked = listen.address;
    let mut bound = listen.bind()?;
    let (level, key) = level_and_key(out, None, redaction)?;
    let redactor = Redactor::new(level, Some(key.key.clone()), redaction.rules(out)?);
    key.keep(out)?;
    let folder = Folder::open(out, &begun(upstream, level, &key))
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let recorder = Recorder::new(folder, redactor, |notice| say(&notice.to_string()));
    let proxy = proxy.recorded(recorder.clone());
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  recording  {}, {}, which are answered from\n  a miss     is answered by {}, and recorded",
        out.display(),
        counted(player.exchanges() as u64, "exchange"),
        proxy.upstream(),
    );
    let account = Making {
        recorder: recorder.clone(),
        folder: out.to_owned(),
        upstream: proxy.upstream().to_owned(),
        mode: "replay",
    };
    let banner = banner + &beside(&mut bound, control, asked, Arc::new(account))?;
    let began = Instant::now();
    let recording = Partial::new(player);
    let backend = Backend::Completed(Arc::new(Completed { recording, proxy }));
    bound.serve(backend, &[Served { tenant: None, url }], &banner)?;
    ended(&recorder, out, began.elapsed())?;
    Ok(Exit::Done)
}

fn refused(error: ConfigError) -> Failure {
    match error {
        ConfigError::Certificate(error) => unusable(&error),
        error @ ConfigError::NoAuthorities { .. } => Failure::new(Exit::Failed, error.to_string()),
        error => Failure::new(Exit::Usage, error.to_string()),
    }
}

/// What a recording of this upstream says of itself when it begins now.
fn begun(upstream: &str, level: Level, key: &FoundKey) -> Recording {
    Recording {
        upstream: upstream.trim_end_matches('/').to_owned(),
        base_path: BASE_PATH.to_owned(),
        started: format!("{:.3}", clock::now()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        redaction: level.name().to_owned(),
        key: key.key.hash(),
    }
}

/// The recording, or everything that is wrong with it; `hint` is what may be done about it.
fn load(folder: &Path, redactor: Redactor, hint: Option<&str>) -> Result<Player, Failure> {
    let matching = Matching {
        redactor,
        ..Matching::default()
    };
    Player::load_with(folder, matching).map_err(|errors| {
        let mut messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
        messages.extend(hint.map(str::to_owned));
        Failure::several(Exit::Invalid, messages)
    })
}

/// Stands before the upstream; `holds` says whether there is a recording already.
fn record(arguments: Arguments, chosen: Chosen, holds: bool) -> Result<Exit, Failure> {
    let Arguments {
        upstream,
        out,
        redact,
        redaction,
        traffic,
        compare,
        listen,
        control,
        tls,
        ..
    } = arguments;
    let upstream = upstream.ok_or_else(|| {
        let detail = format!(
            "--mode {} records, and needs the SCIM base URL of a service provider: --upstream URL",
            chosen.mode.name()
        );
        Failure::new(Exit::Usage, detail)
    })?;
    let comparison = compare.comparison()?;
    // The upstream is checked before a port is bound and a folder is made.
    let proxy = proxy(&upstream, &traffic, tls, listen.max_body())?;
    let (level, key) = level_and_key(&out, redact, &redaction)?;
    let redactor = Redactor::new(level, Some(key.key.clone()), redaction.rules(&out)?);
    let recording = begun(&upstream, level, &key);
    let asked = listen.address;
    let mut bound = listen.bind()?;
    if traffic.upstream_auth.is_some() && !bound.address.ip().is_loopback() {
        say(
            "warning: others than this machine can connect, and whoever does acts with the credentials of --upstream-auth",
        );
    }
    // Read before anything is written: what is recorded now is answered from the next time.
    let before = if chosen.mode == Mode::New && holds {
        Some(Partial::new(load(&out, redactor.clone(), None)?))
    } else {
        None
    };
    // The key first: without it the recording could not be gone on with.
    key.keep(&out)?;
    let folder = Folder::open(&out, &recording)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let folder = folder.synced(traffic.sync.into());
    let recorder = Recorder::new(folder, redactor, |notice| say(&notice.to_string()));
    let recorder = recorder.patient(Duration::from_secs(traffic.record_timeout));
    let recorder = Comparison::watching(comparison.as_ref(), recorder);
    let proxy = proxy.recorded(recorder.clone());
    let bold = anstyle::Style::new().bold();
    let url = bound.url(BASE_PATH);
    let replaced = match level {
        Level::Secrets => "secrets are",
        Level::Pii => "secrets and people are",
    };
    let what = before.as_ref().map_or_else(
        || format!("a file an exchange; {replaced} replaced"),
        |before| {
            let known = counted(before.exchanges() as u64, "exchange");
            format!("{known}, which are answered from; what is not there is recorded")
        },
    );
    let banner = format!(
        "  SCIM 2.0   {bold}{url}{bold:#}\n  upstream   {}\n  recording  {}, {what}\n  next       point your client at the first URL; then `scimulate replay {}`",
        proxy.upstream(),
        out.display(),
        out.display(),
    );
    let account = Making {
        recorder: recorder.clone(),
        folder: out.clone(),
        upstream: proxy.upstream().to_owned(),
        mode: chosen.mode.name(),
    };
    let banner = banner + &beside(&mut bound, control, asked, Arc::new(account))?;
    let began = Instant::now();
    let backend = match before {
        None => Backend::Proxy(proxy),
        Some(recording) => Backend::Completed(Arc::new(Completed { recording, proxy })),
    };
    bound.serve(backend, &[Served { tenant: None, url }], &banner)?;
    let done = ended(&recorder, &out, began.elapsed());
    let compared = comparison.map_or(Exit::Done, |it| it.conclude());
    done.map(|()| compared)
}

/// A proxy to the upstream, which records nothing yet.
fn proxy(
    upstream: &str,
    traffic: &Traffic,
    tls: UpstreamOptions,
    body_limit: usize,
) -> Result<Proxy, Failure> {
    let config = Config {
        tls: tls.config(),
        body_limit,
        recorded_limit: traffic.max_recorded_body.unwrap_or(body_limit),
        authorization: traffic.authorization()?,
        read_only: traffic.read_only,
        forwarded: traffic.forwarded,
        connect_timeout: Duration::from_secs(traffic.connect_timeout),
        answer_timeout: Duration::from_secs(traffic.answer_timeout),
        exchange_timeout: traffic.exchange_timeout.map(Duration::from_secs),
        ..Config::new(upstream)
    };
    let anybody = config.tls.any_certificate;
    let proxy = config.build(None).map_err(refused)?;
    if anybody {
        say(
            "warning: any certificate of the upstream is taken, so that anybody in between can read and change what passes; \
             leave out --insecure-upstream, and trust its authority with --upstream-ca FILE",
        );
    }
    Ok(proxy)
}

/// Closes the recording, and says what is in it and what is not.
fn ended(recorder: &Recorder, out: &Path, elapsed: Duration) -> Result<(), Failure> {
    let closed = recorder.close();
    anstream::eprintln!("{}", summary(recorder, out, elapsed));
    closed.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    match recorder.lost() {
        None => Ok(()),
        Some(lost) => {
            let count = counted(lost.count, "exchange");
            let detail = format!(
                "{count} went through and cannot be found in {}, the first at {:.3}; the last because {}",
                out.display(),
                lost.since,
                lost.reason
            );
            Err(Failure::new(Exit::Failed, detail))
        }
    }
}

/// How much is replaced, and with which key: a recording that is continued is redacted as it began.
fn level_and_key(
    out: &Path,
    asked: Option<Redact>,
    options: &KeyOptions,
) -> Result<(Level, FoundKey), Failure> {
    let about = redaction::read(out)?;
    let before = about.as_ref().map(|about| redaction::level_of(Some(about)));
    let level = asked.map(Level::from).or(before).unwrap_or_default();
    if let Some(before) = before.filter(|before| *before != level) {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "{} was recorded with --redact {}, and half a redaction is none; choose another folder, or redact it first with `scimulate redact {} --redact {}`",
                out.display(),
                before.name(),
                out.display(),
                level.name(),
            ),
        ));
    }
    Ok((level, options.find_or_make(out, about.as_ref())?))
}
