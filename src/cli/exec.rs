//! `exec`: a command with a service provider beside it. The command finds it by its environment, and its exit code is the program's.
//!
//! Nothing is printed on standard output, which is the command's.

use super::exit::{Exit, Failure};
use super::listen::Log;
use super::scenarios;
use crate::mock::MockProvider;
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use tokio::process::{Child, Command};

const AFTER_HELP: &str = "\
The command finds in its environment:
  SCIM_BASE_URL, SCIM_TOKEN      the base URL, and the first bearer token if the scenario has one
  SCIMULATE_CONTROL_URL          the control API
  SCIM_BASE_URL_X, SCIM_TOKEN_X  of each of several scenarios, X being its name in capitals, `_` for what is neither letter nor digit
SIGINT, SIGTERM and SIGHUP are handed on. The exit code is the command's; 128 and the number of the signal that ended it; 2, 3 or 4 where
it could not be run.";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Scenario files, or folders of them, as `serve` takes them. None: the built-in demo
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,

    /// Print a line an exchange to standard error
    #[arg(
        long,
        value_name = "WHETHER",
        default_value = "off",
        env = "SCIMULATE_LOG"
    )]
    log: Log,

    /// What is run, with its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<OsString>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let files = scenarios::files(&arguments.scenarios)?;
    let several = scenarios::are_several(&arguments.scenarios);
    if let Some((_, clash)) = scenarios::clashes(&files, several).into_iter().next() {
        return Err(Failure::new(Exit::Usage, clash));
    }
    let builder = MockProvider::builder()
        .control_api()
        .log(arguments.log == Log::On);
    let builder = files
        .into_iter()
        .fold(builder, crate::mock::Builder::scenario_file);
    let provider = builder.start_blocking().map_err(|error| {
        let exit = if error.is_system() {
            Exit::Failed
        } else {
            Exit::Invalid
        };
        Failure::new(exit, error.to_string())
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot wait for a command: {error}"))
    })?;
    let status = runtime.block_on(async {
        let mut signals = signals().map_err(|error| {
            Failure::new(Exit::Failed, format!("cannot wait for signals: {error}"))
        })?;
        let mut child = start(&arguments.command, &provider)?;
        let waited = loop {
            tokio::select! {
                waited = child.wait() => break waited,
                signal = signals.next() => forward(&child, signal),
            }
        };
        waited.map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("cannot wait for the command: {error}"),
            )
        })
    })?;
    Ok(code(status))
}

fn start(command: &[OsString], provider: &MockProvider) -> Result<Child, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::new(Exit::Usage, "expected a command behind --"));
    };
    let mut child = Command::new(program);
    child
        .args(arguments)
        .env("SCIM_BASE_URL", provider.base_url());
    match provider.token() {
        Some(token) => child.env("SCIM_TOKEN", token),
        // One that is inherited is for another service provider.
        None => child.env_remove("SCIM_TOKEN"),
    };
    if let Some(url) = provider.control_url() {
        child.env("SCIMULATE_CONTROL_URL", url);
    }
    let tenants = provider.tenants();
    if tenants.len() > 1 {
        for tenant in &tenants {
            let name = suffix(tenant.name());
            child.env(format!("SCIM_BASE_URL_{name}"), tenant.base_url());
            if let Some(token) = tenant.token() {
                child.env(format!("SCIM_TOKEN_{name}"), token);
            }
        }
    }
    child.spawn().map_err(|error| {
        let program = program.to_string_lossy();
        Failure::new(Exit::Failed, format!("cannot run `{program}`: {error}"))
    })
}

/// The name of a tenant as part of that of a variable: `acme.eu` is `ACME_EU`.
fn suffix(name: &str) -> String {
    let upper = name.to_uppercase();
    upper.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// That of the command; 128 and the signal's number where a signal has ended it, as a shell has it.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or_else(|| Some(128 + signal?));
    // Windows has larger ones; that they are no success is what remains of them.
    ExitCode::from(code.and_then(|it| u8::try_from(it).ok()).unwrap_or(1))
}

#[cfg(unix)]
use unix::{forward, signals};

#[cfg(unix)]
mod unix {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{self, IsTerminal as _};
    use tokio::process::Child;
    use tokio::signal::unix::{Signal as Arrivals, SignalKind, signal};

    /// What the command is told of.
    pub(super) struct Signals {
        hangup: Arrivals,
        interrupt: Arrivals,
        terminate: Arrivals,
    }

    pub(super) fn signals() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    impl Signals {
        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.hangup.recv() => Signal::HUP,
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.terminate.recv() => Signal::TERM,
            }
        }
    }

    /// Tells the command, which is there until it has been waited for.
    pub(super) fn forward(child: &Child, signal: Signal) {
        // Ctrl-C reaches all that a terminal runs; told twice, many programs give up without cleaning up.
        if signal == Signal::INT && io::stdin().is_terminal() {
            return;
        }
        let id = child.id().and_then(|it| i32::try_from(it).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            // It may end just now, and then it need not be told.
            let _ = kill_process(pid, signal);
        }
    }
}

#[cfg(not(unix))]
use other::{forward, signals};

#[cfg(not(unix))]
mod other {
    use std::io;
    use tokio::process::Child;

    /// Ctrl-C, which reaches the command too: here it only keeps this program waiting for it.
    pub(super) struct Signals;

    pub(super) fn signals() -> io::Result<Signals> {
        Ok(Signals)
    }

    impl Signals {
        pub(super) async fn next(&mut self) {
            let _ = tokio::signal::ctrl_c().await;
        }
    }

    pub(super) fn forward(_: &Child, (): ()) {}
}
