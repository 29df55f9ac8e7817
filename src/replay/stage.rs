//! The recording that answers at present: another one takes its place at once, and requests under way end with the one they began with.

use super::{Kept, Player};
use arc_swap::ArcSwap;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where a recording answers.
#[derive(Debug)]
pub struct Stage {
    player: ArcSwap<Player>,
    /// The misses of those that were here before.
    before: AtomicU64,
}

impl Stage {
    /// Begins with this one.
    pub fn new(player: Player) -> Self {
        Self {
            player: ArcSwap::from_pointee(player),
            before: AtomicU64::new(0),
        }
    }

    /// The recording of now.
    pub fn player(&self) -> Arc<Player> {
        self.player.load_full()
    }

    /// Answers as [`Player::answer`] does.
    pub fn answer(&self, base: &str, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        self.player.load().answer(base, request)
    }

    /// Puts another recording in the place of this one, at its beginning; `false` when it is the same, which goes on where it is.
    pub fn give(&self, player: Player) -> bool {
        if self.player.load().is_of_the_same(&player) {
            return false;
        }
        let before = self.player.swap(Arc::new(player));
        self.before.fetch_add(before.misses(), Ordering::Relaxed);
        true
    }

    /// How many requests had no recorded answer.
    pub fn misses(&self) -> u64 {
        self.before.load(Ordering::Relaxed) + self.player.load().misses()
    }

    /// The last misses of the recording of now, the oldest first.
    pub fn missed(&self) -> Vec<Kept> {
        self.player.load().missed()
    }
}
