//! How old a recording may be, and when it is taken to have been made.

use super::exit::{Exit, Failure, say};
use crate::clock;
use crate::exchange::Exchange;
use crate::replay::time;
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use std::str::FromStr;

#[derive(Debug, Args)]
#[command(next_help_heading = "Time")]
pub(super) struct Age {
    /// The dates that the service provider gave: as they were recorded, or moved so that the recording begins now
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "recorded",
        env = "SCIMULATE_TIME"
    )]
    time: Dates,

    /// How old an exchange may be: 90s, 45m, 12h, 30d [default: any age]
    #[arg(long, value_name = "AGE", env = "SCIMULATE_MAX_AGE")]
    #[allow(clippy::struct_field_names, reason = "the name of the flag")]
    max_age: Option<Span>,

    /// What becomes of a recording with older exchanges
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "warn",
        env = "SCIMULATE_STALE"
    )]
    stale: Stale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Dates {
    /// As they are in the files
    Recorded,
    /// As if the recording had begun now
    Shift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stale {
    /// It is said, and they answer
    Warn,
    /// Exit code 1
    Error,
    /// They do not answer: with --on-miss forward they are recorded again
    Record,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span(SignedDuration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
        let read = units.iter().find_map(|(unit, seconds)| {
            let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
            (count >= 0).then(|| count.checked_mul(*seconds)).flatten()
        });
        let expected =
            || "expected a number of seconds, minutes, hours or days: 90s, 45m, 12h, 30d";
        read.map(|seconds| Self(SignedDuration::from_secs(seconds)))
            .ok_or_else(|| expected().to_owned())
    }
}

impl Age {
    /// Whether exchanges that are too old are recorded again.
    pub(super) fn records_again(&self) -> bool {
        self.max_age.is_some() && self.stale == Stale::Record
    }

    /// Says what is too old, or takes it away, and moves the rest where that was asked for.
    pub(super) fn apply(&self, exchanges: &mut Vec<(u64, Exchange)>) -> Result<(), Failure> {
        let now = clock::now();
        if let Some(Span(most)) = self.max_age {
            let is_old = |exchange: &Exchange| now.duration_since(exchange.at) > most;
            let old = exchanges.iter().filter(|(_, it)| is_old(it)).count();
            let oldest = exchanges.iter().map(|(_, it)| it.at).min();
            if let (1.., Some(oldest)) = (old, oldest) {
                let days = now.duration_since(oldest).as_hours() / 24;
                let found = format!(
                    "{old} of {} exchanges are older than --max-age, the oldest is of {oldest:.0} ({days} days ago)",
                    exchanges.len()
                );
                match self.stale {
                    Stale::Warn => say(&format!("warning: {found}; record them again")),
                    Stale::Error => {
                        let detail = format!("{found}; record them again, or raise --max-age");
                        return Err(Failure::new(Exit::No, detail));
                    }
                    Stale::Record => exchanges.retain(|(_, exchange)| !is_old(exchange)),
                }
            }
        }
        if self.time == Dates::Shift {
            time::shift(exchanges, now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Span;
    use jiff::SignedDuration;

    #[test]
    fn an_age_is_a_number_with_a_unit() {
        let hours = |hours| Ok(Span(SignedDuration::from_hours(hours)));
        assert_eq!("30d".parse(), hours(720));
        assert_eq!("12h".parse(), hours(12));
        assert_eq!("60m".parse(), hours(1));
        assert_eq!("3600s".parse(), hours(1));
        for wrong in ["30", "d", "-1d", "1w", "1.5h", "99999999999999999d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
