//! The command line: what was typed, turned once into what it means. One file a verb; exit codes are a contract.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this room speaks to people"
)]

mod account;
mod age;
mod check;
mod compare;
mod control;
mod demo;
mod diff;
mod distill;
mod edited;
mod exec;
mod exit;
mod har;
mod junit;
mod lint;
mod listen;
mod matching;
mod mode;
mod profiles;
mod provision;
mod record;
mod redact;
mod redaction;
mod reload;
mod replay;
mod scenarios;
mod serve;
mod summary;
mod tls;

use clap::{Parser, Subcommand};
pub use exit::Exit;
use std::ffi::OsString;
use std::process::ExitCode;

/// The missing end of SCIM 2.0: a service provider to develop against, and a recorder and player for real ones.
#[derive(Debug, Parser)]
#[command(name = "scimulate", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER_HELP: &str = "\
Try it: `scimulate serve`, with nothing else, serves a demo directory and prints a curl line to paste.
Each option can also be set in the environment: --listen is SCIMULATE_LISTEN.
Exit codes: 0 done, 1 ran and the answer is no (a request was not recorded, recordings differ, lint found something, a secret is left, a change was not pushed),
2 wrong usage, 3 a scenario, directory or fixture is invalid, 4 could not do it (address in use, target unreachable, disk full).";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve a stateful service provider from scenario files, in memory; files that change are loaded again
    Serve(Box<serve::Arguments>),
    /// Run a command with a service provider beside it, which it finds by its environment
    Exec(exec::Arguments),
    /// Say everything that is wrong with scenario files, and serve nothing
    Check(check::Arguments),
    /// List the real service providers that a scenario can be, or print the page of one
    Profiles(profiles::Arguments),
    /// Stand before a real service provider and write every exchange to a file
    Record(Box<record::Arguments>),
    /// Answer as the recorded service provider did
    Replay(Box<replay::Arguments>),
    /// Replace secrets and people in a recording, or prove that none are left
    Redact(redact::Arguments),
    /// Say what two recordings answer differently, whatever the ids and dates
    Diff(diff::Arguments),
    /// Turn a recording into a scenario, and prove that it answers as the recording did
    Distill(distill::Arguments),
    /// Turn a recording into an HTTP Archive (HAR 1.2), or an archive into a recording
    Har(har::Arguments),
    /// Judge a recording: what is wrong with it by the RFC, and whose fault it is
    Lint(lint::Arguments),
    /// Be an identity provider: push the people and groups of a file, and each change of it, as Okta, Entra ID or Oracle do
    Provision(Box<provision::Arguments>),
    /// Both ends at once: a service provider, and an identity provider that pushes a small directory to it
    Demo(demo::Arguments),
}

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not mistakes; printing them can only fail when nobody listens.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Done.into()
            };
        }
    };
    let done = match arguments.verb {
        Verb::Serve(arguments) => serve::run(*arguments).map(|()| Exit::Done.into()),
        Verb::Exec(arguments) => exec::run(&arguments),
        Verb::Check(arguments) => check::run(&arguments).map(Exit::into),
        Verb::Profiles(arguments) => profiles::run(&arguments).map(Exit::into),
        Verb::Record(arguments) => record::run(*arguments).map(Exit::into),
        Verb::Redact(arguments) => redact::run(&arguments).map(Exit::into),
        Verb::Diff(arguments) => diff::run(&arguments).map(Exit::into),
        Verb::Distill(arguments) => distill::run(&arguments).map(Exit::into),
        Verb::Har(arguments) => har::run(&arguments).map(Exit::into),
        Verb::Replay(arguments) => replay::run(*arguments).map(Exit::into),
        Verb::Lint(arguments) => lint::run(&arguments).map(Exit::into),
        Verb::Provision(arguments) => provision::run(*arguments).map(Exit::into),
        Verb::Demo(arguments) => demo::run(&arguments).map(Exit::into),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}
