//! `demo`: both ends in one terminal. A service provider with its control API, and an identity provider that pushes a small directory
//! to it and follows that file.

use super::exit::{Exit, Failure};
use super::listen::Log;
use super::provision::{Format, Job, Source, Voice, unreadable};
use crate::connect::{Base, TlsConfig};
use crate::idp::credentials::Credentials;
use crate::idp::dialect::Dialect;
use crate::idp::pace::Pace;
use crate::idp::push::{Push, Settings};
use crate::idp::state::State;
use crate::idp::target::Target;
use crate::mock::MockProvider;
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// The directory that ships.
const PEOPLE: &str = include_str!("../../scenarios/people.ron");
const TOKEN: &str = "demo-token";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file with people and groups, as `provision` takes it; one that is not there is made [default: people.ron in a new folder]
    #[arg(value_name = "DIRECTORY")]
    directory: Option<PathBuf>,

    /// As whom it pushes
    #[arg(
        long = "as",
        value_name = "IDP",
        default_value = "entra",
        value_parser = PossibleValuesParser::new(Dialect::ALL.map(|(name, _)| name)),
        env = "SCIMULATE_AS"
    )]
    dialect: String,

    /// Where the service provider is; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        env = "SCIMULATE_LISTEN"
    )]
    listen: SocketAddr,

    /// Print a line an exchange to standard error
    #[arg(
        long,
        value_name = "WHETHER",
        default_value = "on",
        env = "SCIMULATE_LOG"
    )]
    log: Log,

    /// Push, and end
    #[arg(long, env = "SCIMULATE_ONCE", value_parser = clap::builder::FalseyValueParser::new())]
    once: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (_, dialect) = Dialect::ALL
        .into_iter()
        .find(|(name, _)| *name == arguments.dialect)
        .expect("the command line takes no other name");
    let folder = std::env::temp_dir().join(format!("scimulate-demo-{}", std::process::id()));
    let path = arguments
        .directory
        .clone()
        .unwrap_or_else(|| folder.join("people.ron"));
    let unwritable = |error| {
        let detail = format!(
            "cannot write {}: {error}; name another file",
            path.display()
        );
        Failure::new(Exit::Failed, detail)
    };
    if arguments.directory.is_none() {
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
    }
    if !path.exists() {
        std::fs::write(&path, PEOPLE).map_err(unwritable)?;
    }
    let provider = MockProvider::builder()
        .tenant("demo", format!("Scenario(auth: [Bearer({TOKEN:?})])"))
        .listen(arguments.listen)
        .control_api()
        .log(arguments.log == Log::On)
        .start_blocking()
        .map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("{error}; choose another address with --listen"),
            )
        })?;
    let url = provider.base_url();
    let bold = anstyle::Style::new().bold();
    anstream::println!("SCIM 2.0     {bold}{url}{bold:#}");
    if let Some(control) = provider.control_url() {
        anstream::println!(
            "control      {control}: /events as they happen, /tenants/demo/journal, /tenants/demo/state"
        );
    }
    anstream::println!("try          curl -H 'Authorization: Bearer {TOKEN}' {url}/Users");
    anstream::println!("edit         {}: each save is pushed", path.display());

    let voice = Arc::new(Voice::new(Format::Text));
    let mut source = Source::new(path.clone(), !arguments.once)?;
    let directory = source.read(&voice)?;
    let base = Base::parse(url).expect("a provider of this program has such a URL");
    let credentials = Credentials::bearer(TOKEN).expect("the token is ASCII");
    let target = Target::new(base, &TlsConfig::default(), credentials, dialect);
    let target = target.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    // The service provider begins with nobody, and so does what is known of it.
    let state = folder.with_extension("state");
    let opened = State::open(&state, dialect, &target.url()).map_err(|error| unreadable(&error))?;
    let settings = Settings {
        dialect,
        leaving: dialect.ways().leaving,
        seed: crate::scenario::DEFAULT_SEED,
        parallel: 1,
    };
    let heard = Arc::clone(&voice);
    let push = Push::new(
        settings,
        target,
        Pace::running(1.0, None),
        opened,
        move |event| {
            heard.event(event);
        },
    );
    let job = Job {
        source,
        directory,
        push,
        voice,
        once: arguments.once,
    };
    let ended = job.run();
    drop(provider);
    // Both are of this run alone; what is left of them does no harm.
    let _ = std::fs::remove_file(state);
    let _ = std::fs::remove_dir_all(folder);
    ended
}
