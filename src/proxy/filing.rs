//! Exchanges on their way to the disk, on threads where a disk may take its time: an answer waits for its file as long as the recorder has
//! patience, and goes on without it after that.
//!
//! There is no queue. Whoever waits for a thread is a request under way, of which there are as many as there are clients. When every thread
//! is held by a disk that hangs, nobody waits any more until one of them is back.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

/// How many files are written at a time.
const THREADS: usize = 8;

pub(super) struct Filing {
    threads: Arc<Semaphore>,
    patience: Duration,
    state: Mutex<State>,
    /// Something under way has ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    under_way: usize,
    /// Of these, how many nobody waits for any more.
    overdue: usize,
    /// How many ever were.
    late: u64,
}

/// Why somebody did not wait for the end of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// It has begun, and may end well.
    Late,
    /// It was not begun, or broke down: it is dropped.
    Dropped,
}

impl Filing {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(THREADS)),
            patience,
            state: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    /// Does `work` on a thread of its own and waits for its end, or until patience ends.
    pub(super) async fn run<T: Send + 'static>(
        self: Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let deadline = Instant::now() + self.patience;
        let thread = match self.threads.clone().try_acquire_owned() {
            Ok(thread) => thread,
            Err(_) if self.lock().overdue >= THREADS => return Err(Unfinished::Dropped),
            Err(_) => {
                let wait = timeout_at(deadline, self.threads.clone().acquire_owned());
                let Ok(Ok(thread)) = wait.await else {
                    return Err(Unfinished::Dropped);
                };
                thread
            }
        };
        self.lock().under_way += 1;
        let done = Arc::new(Mutex::new(Progress::UnderWay));
        let ending = Ending {
            filing: self.clone(),
            done: done.clone(),
        };
        let mut working = tokio::task::spawn_blocking(move || {
            // Dropped in the other order, and also when the work panics: first it is over, then the thread is free.
            let (_thread, _ending) = (thread, ending);
            work()
        });
        if let Ok(ended) = timeout_at(deadline, &mut working).await {
            return ended.map_err(|_| Unfinished::Dropped);
        }
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        if *done == Progress::UnderWay {
            *done = Progress::Overdue;
            let mut state = self.lock();
            state.overdue += 1;
            state.late += 1;
        }
        Err(Unfinished::Late)
    }

    /// Does `work` on a thread of its own, for which nobody waits: the client has left. It is dropped when a disk that hangs holds every thread.
    pub(super) fn detach(self: &Arc<Self>, work: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        if state.overdue >= THREADS {
            return;
        }
        state.under_way += 1;
        drop(state);
        let ending = Ending {
            filing: self.clone(),
            done: Arc::new(Mutex::new(Progress::UnderWay)),
        };
        // Not one of the runtime's threads: it may be about to end, and takes nobody's client with it.
        let begun = thread::Builder::new().spawn(move || {
            let _ending = ending;
            work();
        });
        // Without a thread `work` is dropped, which says that it was not done.
        drop(begun);
    }

    /// Waits until nothing is under way, as long as there is patience for one of them; how many are left.
    pub(super) fn settle(&self) -> usize {
        let waited = self
            .ended
            .wait_timeout_while(self.lock(), self.patience, |it| it.under_way > 0);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.under_way
    }

    /// How many answers went on without their files.
    pub(super) fn late(&self) -> u64 {
        self.lock().late
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing but counting is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(PartialEq, Eq)]
enum Progress {
    UnderWay,
    /// Nobody waits for it any more.
    Overdue,
    Ended,
}

/// Says that work has ended when it is dropped.
struct Ending {
    filing: Arc<Filing>,
    done: Arc<Mutex<Progress>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *done, Progress::Ended);
        let mut state = self.filing.lock();
        state.under_way -= 1;
        state.overdue -= usize::from(before == Progress::Overdue);
        self.filing.ended.notify_all();
    }
}
