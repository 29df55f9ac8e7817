//! Which exchanges answer a request of a form in a state: a look-up by hash, whatever the length of the recording.

use super::history::State;
use crate::exchange::canonical::Form;
use std::collections::HashMap;

/// The exchanges by form and state, each list in the order of the recording.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_state: HashMap<(Form, State), Vec<u32>>,
    /// By form alone: what there would be in other states.
    by_form: HashMap<Form, Vec<u32>>,
}

/// How far a replay has come.
#[derive(Debug)]
pub(super) struct Reached {
    /// The state of each cell.
    pub(super) states: Vec<State>,
    /// Which exchanges have answered.
    pub(super) played: Vec<bool>,
    /// The next of each list that has been asked for.
    next: HashMap<(Form, State), u32>,
}

impl Reached {
    /// The beginning of a replay.
    pub(super) fn nothing(cells: usize, exchanges: usize) -> Self {
        Self {
            states: vec![0; cells],
            played: vec![false; exchanges],
            next: HashMap::new(),
        }
    }
}

impl Index {
    pub(super) fn add(&mut self, form: Form, state: State, exchange: u32) {
        self.by_state
            .entry((form, state))
            .or_default()
            .push(exchange);
    }

    /// Remembers an exchange by its form alone.
    pub(super) fn add_form(&mut self, form: Form, exchange: u32) {
        self.by_form.entry(form).or_default().push(exchange);
    }

    /// The exchanges of a form, in whatever state.
    pub(super) fn of_form(&self, form: Form) -> &[u32] {
        self.by_form.get(&form).map_or(&[], Vec::as_slice)
    }

    /// The exchange that answers next. One that may answer only `once` is passed over when it has; of the others the last one repeats.
    pub(super) fn take(
        &self,
        reached: &mut Reached,
        key: (Form, State),
        once: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let list = self.by_state.get(&key)?;
        let next = reached.next.entry(key).or_default();
        while let Some(exchange) = list.get(*next as usize) {
            *next += 1;
            let played = &mut reached.played[*exchange as usize];
            if !std::mem::replace(played, true) {
                return Some(*exchange);
            }
        }
        list.iter().rev().copied().find(|exchange| !once(*exchange))
    }
}
