//! What only the connection can do to an answer, as data: drawn here, carried out by whoever has the connection.

use super::Draw;
use crate::scenario::{Delay, Then};
use std::time::Duration;

/// What becomes of an answer on its way. It travels with the response, among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// It is sent so much later.
    Delay(Duration),
    /// It is never sent, and the connection stays.
    Timeout,
    /// The connection ends.
    Disconnect {
        /// After so many bytes of the body; before the head when none are named.
        after_bytes: Option<usize>,
        /// With a reset.
        reset: bool,
    },
    /// The body is sent a few bytes at a time.
    Dribble {
        /// How many at a time.
        bytes: usize,
        /// The pause before each.
        every: Duration,
    },
}

impl Wire {
    /// Whether any answer is sent at all.
    pub fn sends_an_answer(&self) -> bool {
        !matches!(
            self,
            Self::Timeout
                | Self::Disconnect {
                    after_bytes: None,
                    ..
                }
        )
    }

    /// What the connection has to do, if anything. `draw` gives numbers from 0 to 1.
    pub(super) fn of(then: &Then, draw: impl Fn(Draw) -> f64) -> Option<Self> {
        match *then {
            Then::Delay(delay) => Some(Self::Delay(length(delay, draw))),
            Then::Timeout => Some(Self::Timeout),
            Then::Disconnect { after_bytes, reset } => {
                Some(Self::Disconnect { after_bytes, reset })
            }
            Then::Dribble { bytes, every } => Some(Self::Dribble { bytes, every }),
            _ => None,
        }
    }
}

/// Nobody waits longer, however far out a draw is.
const LONGEST: Duration = Duration::from_hours(1);

fn length(delay: Delay, draw: impl Fn(Draw) -> f64) -> Duration {
    match delay {
        Delay::Fixed(time) => time,
        Delay::Range { from, to } => from + to.saturating_sub(from).mul_f64(draw(Draw::Delay)),
        Delay::LogNormal { median, sigma } => {
            // Box and Muller 1958; `1 - x` because a logarithm of 0 is none.
            let radius = (-2.0 * (1.0 - draw(Draw::Delay)).ln()).sqrt();
            let normal = radius * (std::f64::consts::TAU * draw(Draw::Spread)).cos();
            let seconds = median.as_secs_f64() * (sigma * normal).exp();
            Duration::try_from_secs_f64(seconds).map_or(LONGEST, |time| time.min(LONGEST))
        }
    }
}
