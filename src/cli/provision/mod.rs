//! `provision`: an identity provider whose directory is a file. What differs from what was pushed is pushed, now and at each save.

mod credentials;
mod follow;
mod said;

pub(super) use follow::{Job, Source};
pub(super) use said::{Format, Voice};

use super::exit::{Exit, Failure};
use super::tls::{UpstreamOptions, unusable};
use crate::connect::{Base, ConnectError};
use crate::idp::dialect::{Deprovision, Dialect};
use crate::idp::pace::Pace;
use crate::idp::push::{Push, Settings};
use crate::idp::state::{State, StateError};
use crate::idp::target::Target;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use credentials::CredentialOptions;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const AFTER_HELP: &str = "\
A directory is a scenario of which `users`, `groups` and `population` count; or JSON, `{\"users\": […], \"groups\": […]}`; or a CSV table with a
line of attribute names (`userName,name.givenName,email,manager,groups`); or LDIF, as a directory server exports it. The ending says which.
What was pushed is kept in DIRECTORY.state. Nothing is lost or made twice when the program, or the target, ends at any moment.
Exit codes with --once: 0 all is there, 1 something was not pushed, 3 the directory is wrong and nothing was pushed, 4 nobody answers.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The file with people and groups: a scenario (.ron), .json, .csv or .ldif
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,

    /// The SCIM base URL of the service provider that is pushed to
    #[arg(long, value_name = "URL", env = "SCIMULATE_TARGET")]
    target: String,

    /// As whom: okta is an integration of its network, okta-aiw a custom app; entra-flag is entra with ?aadOptscim062020
    #[arg(
        long = "as",
        value_name = "IDP",
        value_parser = PossibleValuesParser::new(Dialect::ALL.map(|(name, _)| name)),
        env = "SCIMULATE_AS"
    )]
    dialect: String,

    /// Where is kept what was pushed [default: DIRECTORY.state]
    #[arg(long, value_name = "FILE", env = "SCIMULATE_STATE")]
    state: Option<PathBuf>,

    /// Push what differs and end, instead of following the file
    #[arg(long, env = "SCIMULATE_ONCE", value_parser = clap::builder::FalseyValueParser::new())]
    once: bool,

    /// End a quarantine, as an admin does who restarts the job
    #[arg(long)]
    restart: bool,

    /// What becomes of people who are taken out of the file; Okta and Entra ID deactivate them, and Oracle does as it is told
    #[arg(long, value_enum, value_name = "HOW", env = "SCIMULATE_DEPROVISION")]
    deprovision: Option<Leaving>,

    /// How many times as fast the clock runs: with 2400, a cycle of 40 minutes, or a back-off as long, takes a second
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = speed, env = "SCIMULATE_SPEED")]
    speed: f64,

    /// How many changes are under way at once; with 1, requests go out in the order of the file
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256), env = "SCIMULATE_PARALLEL")]
    parallel: u16,

    /// Let this host be a target, besides those of this machine; may be given several times
    #[arg(
        long,
        value_name = "HOST",
        env = "SCIMULATE_ALLOW_TARGET",
        value_delimiter = ','
    )]
    allow_target: Vec<String>,

    /// Lines for people, or a line of JSON a cycle for programs
    #[arg(long, value_enum, default_value_t, env = "SCIMULATE_FORMAT")]
    format: Format,

    #[command(flatten)]
    credentials: CredentialOptions,

    #[command(flatten)]
    tls: UpstreamOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Leaving {
    /// They stay there and may not log in
    Deactivate,
    /// They are deleted there
    Delete,
}

fn speed(given: &str) -> Result<f64, String> {
    let speed = given.parse().ok();
    let speed = speed.filter(|it: &f64| it.is_finite() && (0.001..=1e9).contains(it));
    speed.ok_or_else(|| "expected a number from 0.001 to 1000000000".to_owned())
}

pub(super) fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let (_, dialect) = Dialect::ALL
        .into_iter()
        .find(|(name, _)| *name == arguments.dialect)
        .expect("the command line takes no other name");
    let leaving = leaving(dialect, arguments.deprovision)?;
    let base = base(&arguments.target, &arguments.allow_target)?;
    let allowed = &arguments.allow_target;
    let credentials = arguments.credentials.build(dialect, |url| {
        is_allowed(url.host().unwrap_or_default(), allowed)
    })?;
    let target = Target::new(base, &arguments.tls.config(), credentials, dialect);
    let target = target.map_err(|error| match error {
        ConnectError::Certificate(error) => unusable(&error),
        error @ ConnectError::NoAuthorities { .. } => Failure::new(Exit::Failed, error.to_string()),
        error => Failure::new(Exit::Usage, error.to_string()),
    })?;
    let voice = Arc::new(Voice::new(arguments.format));
    let mut source = Source::new(arguments.directory.clone(), !arguments.once)?;
    // What is wrong is said before anything is opened, let alone sent.
    let directory = source.read(&voice)?;
    let path = arguments
        .state
        .unwrap_or_else(|| beside(&arguments.directory));
    let state = State::open(&path, dialect, &target.url()).map_err(|error| unreadable(&error))?;
    let pace = Pace::running(arguments.speed, state.memory().job.latest);
    voice.begin(
        dialect,
        &target.url(),
        &arguments.directory,
        &directory,
        &path,
    );
    let settings = Settings {
        dialect,
        leaving,
        seed: crate::scenario::DEFAULT_SEED,
        parallel: usize::from(arguments.parallel),
    };
    let heard = Arc::clone(&voice);
    let push = Push::new(settings, target, pace, state, move |event| {
        heard.event(event);
    });
    if arguments.restart {
        push.restart().map_err(|error| unreadable(&error))?;
    }
    Job {
        source,
        directory,
        push,
        voice,
        once: arguments.once,
    }
    .run()
}

fn leaving(dialect: Dialect, chosen: Option<Leaving>) -> Result<Deprovision, Failure> {
    let ways = dialect.ways();
    match chosen {
        None => Ok(ways.leaving),
        Some(Leaving::Deactivate) => Ok(Deprovision::Deactivate),
        Some(Leaving::Delete) if ways.may_delete => Ok(Deprovision::Delete),
        Some(Leaving::Delete) => {
            let why = match dialect {
                Dialect::Okta | Dialect::OktaAiw => "Okta never deletes a person",
                _ => {
                    "Entra ID deactivates a person, and deletes them 30 days later (--speed makes them pass)"
                }
            };
            let detail = format!("{why}; leave out --deprovision delete");
            Err(Failure::new(Exit::Usage, detail))
        }
    }
}

/// The base URL, if it may be pushed to.
fn base(given: &str, allowed: &[String]) -> Result<Base, Failure> {
    let wrong = |error: ConnectError| {
        let detail = match error {
            ConnectError::Credentials => "--target contains credentials; remove the part before \"@\", and see `scimulate provision --help` for where they go".to_owned(),
            ConnectError::QueryOrFragment { given } => format!("--target {given} has a query or a fragment; give the SCIM base URL only"),
            _ => format!("--target {given} is not an absolute http or https URL; expected one like http://127.0.0.1:8080/scim/v2"),
        };
        Failure::new(Exit::Usage, detail)
    };
    let base = Base::parse(given).map_err(wrong)?;
    is_allowed(base.authority.host(), allowed)?;
    Ok(base)
}

/// Whether people may be pushed to this host: a slip must not reach somebody's production.
fn is_allowed(host: &str, allowed: &[String]) -> Result<(), Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_own = bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback());
    if is_own || allowed.iter().any(|it| it.eq_ignore_ascii_case(bare)) {
        return Ok(());
    }
    let detail = format!(
        "{bare} is another machine, and people would be made, changed and deactivated there; if that is meant, say so with --allow-target {bare}"
    );
    Err(Failure::new(Exit::Usage, detail))
}

fn beside(directory: &Path) -> PathBuf {
    let mut path = directory.as_os_str().to_owned();
    path.push(".state");
    path.into()
}

pub(super) fn unreadable(error: &StateError) -> Failure {
    let exit = match error {
        StateError::OfAnother { .. } => Exit::Usage,
        StateError::Unreadable { .. } => Exit::Invalid,
        StateError::Io { .. } | StateError::InUse { .. } => Exit::Failed,
    };
    Failure::new(exit, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::base;

    #[track_caller]
    fn check(target: &str, allowed: &[&str], ok: bool) {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        assert_eq!(base(target, &allowed).is_ok(), ok, "{target} {allowed:?}");
    }

    #[test]
    fn only_this_machine_is_a_target_unless_another_is_allowed() {
        check("http://127.0.0.1:8080/scim/v2", &[], true);
        check("http://127.9.9.9/scim", &[], true);
        check("http://localhost:8080/scim/v2", &[], true);
        check("https://[::1]:8080/scim/v2", &[], true);
        check("http://192.0.2.1/scim/v2", &[], false);
        check("https://sp.example/scim/v2", &[], false);
        check("https://localhost.example/scim/v2", &[], false);
        check("https://sp.example/scim/v2", &["SP.example"], true);
        check("https://sp.example/scim/v2", &["other.example"], false);
        check("https://[2001:db8::1]/scim/v2", &["2001:db8::1"], true);
        check("ftp://127.0.0.1/", &[], false);
        check("http://a:b@127.0.0.1/", &[], false);
        check("http://127.0.0.1/?x", &[], false);
    }
}
