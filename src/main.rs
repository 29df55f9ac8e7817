//! The program: arguments in, exit code out.

use std::process::ExitCode;

/// Loading and answering are many small allocations on several threads; this takes less time and memory for them than most systems'.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    scimulate::cli::run(std::env::args_os())
}
