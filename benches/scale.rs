//! What a request costs as the directory grows, without a socket: `cargo bench --bench scale`.
//!
//! A row is an operation, a column a number of users; each column is measured in a process of its own, so that one size does not
//! inherit the memory of another. Loading is measured from the text of a scenario to a tenant that answers; memory is what
//! the process holds then, beyond what the same users take as compact JSON. Nothing is asserted; `load.rs` measures beside bare hyper.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report for people"
)]

#[path = "scale/column.rs"]
mod column;
#[path = "scale/forks.rs"]
mod forks;
#[path = "scale/operations.rs"]
mod operations;

use clap::Parser;
use column::Column;
use std::process::{Command, ExitCode};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What requests cost with a thousand users and with a million.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench scale --", version)]
struct Args {
    /// Numbers of users, one column each
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "1000,10000,100000,1000000"
    )]
    users: Vec<usize>,
    /// Only rows with this word in their name
    #[arg(long)]
    only: Option<String>,
    /// Measure one column and print it for the program that asked
    #[arg(long, hide = true)]
    column: Option<usize>,
    /// What cargo passes
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    // `cargo test --benches` starts benches without it, and wants to be told that they still build.
    if !std::env::args().any(|word| word == "--bench") {
        println!("run me with: cargo bench --bench scale [-- --help]");
        return ExitCode::SUCCESS;
    }
    let args = Args::parse();
    if let Some(users) = args.column {
        print!(
            "{}",
            column::measure(users, args.only.as_deref()).to_lines()
        );
        return ExitCode::SUCCESS;
    }
    let mut columns = Vec::new();
    for users in &args.users {
        match in_a_process(*users, args.only.as_deref()) {
            Ok(column) => columns.push(column),
            Err(error) => {
                eprintln!("error: {users} users: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    column::print(&args.users, &columns);
    ExitCode::SUCCESS
}

fn in_a_process(users: usize, only: Option<&str>) -> Result<Column, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["--bench", "--column", &users.to_string()]);
    if let Some(word) = only {
        command.args(["--only", word]);
    }
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("its process ended with {}", output.status));
    }
    Ok(Column::from_lines(&String::from_utf8_lossy(&output.stdout)))
}
