//! Lists that are read page by page (RFC 7644 section 3.4.2.4, RFC 9865).

use crate::lint::view::{Form, View, number};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};

/// How many lists may be on their way at once.
const LISTS: usize = 64;
/// How many ids of one list are told apart.
const IDS: usize = 100_000;
/// How many cursors are remembered.
const CURSORS: usize = 4096;

/// How far a list was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The exchange of its first page.
    pub first: u64,
    /// `totalResults` of the page before.
    pub total: Option<u64>,
    /// The index behind the page before.
    pub next: i64,
    /// How many resources its pages held.
    pub counted: u64,
    /// Their ids.
    pub ids: HashSet<String>,
    /// How many writes had succeeded when it was begun.
    pub writes: u64,
}

/// The lists on their way, by what they ask for.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    lists: VecDeque<(String, Progress)>,
}

/// What a list asks for, without the page.
pub(in crate::lint) fn question(view: &View<'_>) -> String {
    let paging = ["startIndex", "cursor", "count"];
    let is_paging = |name: &str| paging.iter().any(|it| it.eq_ignore_ascii_case(name));
    let mut asked: Vec<String> = view
        .parameters
        .iter()
        .filter(|it| !is_paging(it.name))
        .map(|it| format!("{}={}", it.name.to_ascii_lowercase(), it.text))
        .collect();
    asked.sort();
    format!("{}?{}", view.path.endpoint, asked.join("&"))
}

/// The first index that is asked for; `None` for a page by cursor.
pub(in crate::lint) fn start(view: &View<'_>) -> Option<i64> {
    if view.parameter("cursor").is_some() {
        return None;
    }
    let asked = view.parameter("startIndex").and_then(|it| number(&it.text));
    Some(asked.unwrap_or(1).max(1))
}

impl Lists {
    /// How far the list of this question was read.
    pub(crate) fn get(&self, question: &str) -> Option<&Progress> {
        self.lists
            .iter()
            .find(|it| it.0 == question)
            .map(|it| &it.1)
    }

    pub(super) fn note(&mut self, exchange: u64, view: &View<'_>, writes: u64) {
        if view.got.form != Form::List || !view.is_query() {
            return;
        }
        let question = question(view);
        let before = self.lists.iter().position(|it| it.0 == question);
        let before = before.and_then(|at| self.lists.remove(at)).map(|it| it.1);
        let begins = match start(view) {
            Some(start) => start <= 1,
            None => view
                .parameter("cursor")
                .is_some_and(|it| it.text.is_empty()),
        };
        // A list whose beginning was not seen cannot be counted.
        let mut progress = match before {
            _ if begins => Progress {
                first: exchange,
                writes,
                next: 1,
                ..Progress::default()
            },
            Some(before) => before,
            None => return,
        };
        progress.total = view
            .got
            .get("totalResults")
            .and_then(Value::as_u64)
            .or(progress.total);
        let held = view.got.resources.len();
        progress.counted += held as u64;
        progress.next =
            start(view).unwrap_or(progress.next) + i64::try_from(held).unwrap_or(i64::MAX);
        let ids = view.got.resources.iter().filter_map(|it| it.text("id"));
        progress.ids.extend(
            ids.take(IDS.saturating_sub(progress.ids.len()))
                .map(str::to_owned),
        );
        if self.lists.len() >= LISTS {
            self.lists.pop_front();
        }
        self.lists.push_back((question, progress));
    }
}

/// A cursor that was given out.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    /// What the list asks for.
    pub question: String,
    /// The exchange that gave it out.
    pub given: u64,
    /// The exchange that used it.
    pub used: Option<u64>,
    /// Whether it leads on, and not back.
    pub forwards: bool,
}

/// The cursors that were given out.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    given: HashMap<String, Cursor>,
    order: VecDeque<String>,
    forgot: bool,
}

impl Cursors {
    /// One of them.
    pub(crate) fn get(&self, text: &str) -> Option<&Cursor> {
        self.given.get(text)
    }

    /// Whether all that were given out are remembered, and any was.
    pub(crate) fn are_known(&self) -> bool {
        !self.forgot && !self.given.is_empty()
    }

    pub(super) fn note(&mut self, exchange: u64, view: &View<'_>) {
        if let Some(used) = view
            .parameter("cursor")
            .and_then(|it| self.given.get_mut(&it.text))
            && view.succeeded()
        {
            used.used = Some(exchange);
        }
        for name in ["nextCursor", "previousCursor"] {
            let Some(text) = view.got.get(name).and_then(Value::as_str) else {
                continue;
            };
            if self.given.contains_key(text) {
                continue;
            }
            if self.order.len() >= CURSORS
                && let Some(oldest) = self.order.pop_front()
            {
                self.given.remove(&oldest);
                self.forgot = true;
            }
            self.order.push_back(text.to_owned());
            let given = Cursor {
                question: question(view),
                given: exchange,
                used: None,
                forwards: name == "nextCursor",
            };
            self.given.insert(text.to_owned(), given);
        }
    }
}
