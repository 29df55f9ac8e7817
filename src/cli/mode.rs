//! `--mode`: what of a recording is answered from its folder and what of the upstream, by the names that VCR gave it.

use clap::{Args, ValueEnum};
use std::ffi::OsStr;

#[derive(Debug, Args)]
pub(super) struct ModeOption {
    /// What is asked of the upstream and recorded, and what the folder answers [default: all; none when CI is set]
    #[arg(long = "mode", value_name = "MODE", env = "SCIMULATE_MODE")]
    mode: Option<Mode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// Record everything; the folder answers nothing
    All,
    /// Answer what the folder held at the start, and record what it did not; what a write could have changed is asked again
    New,
    /// Record everything into a folder without exchanges; from one with exchanges only answer
    Once,
    /// Answer from the folder only: the upstream is never asked
    None,
}

/// The mode, and whether it is what it is because of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) mode: Mode,
    pub(super) by_ci: bool,
}

impl ModeOption {
    /// What was typed, or else what fits where the program runs.
    pub(super) fn chosen(&self) -> Chosen {
        let by_ci = self.mode.is_none() && is_set(std::env::var_os("CI").as_deref());
        let default = if by_ci { Mode::None } else { Mode::All };
        Chosen {
            mode: self.mode.unwrap_or(default),
            by_ci,
        }
    }
}

impl Mode {
    /// As it is typed.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::New => "new",
            Self::Once => "once",
            Self::None => "none",
        }
    }
}

/// Whether a variable of the environment says yes.
fn is_set(value: Option<&OsStr>) -> bool {
    value.is_some_and(|value| {
        let no = ["", "0", "false"];
        !no.iter().any(|no| value.eq_ignore_ascii_case(no))
    })
}

#[cfg(test)]
mod tests {
    use super::is_set;
    use std::ffi::OsStr;

    #[test]
    fn ci_is_set_unless_it_says_no() {
        for yes in ["true", "1", "yes", "github"] {
            assert!(is_set(Some(OsStr::new(yes))), "{yes}");
        }
        for no in ["", "0", "false", "FALSE"] {
            assert!(!is_set(Some(OsStr::new(no))), "{no}");
        }
        assert!(!is_set(None));
    }
}
