//! What is remembered of the exchanges before: resources with their content and versions, pages, cursors, refusals, lookups.
//!
//! Everything here has a bound. What was forgotten is never held against anybody: a rule that needs to know that something did not
//! happen asks first whether all of it is remembered.

mod content;
mod lists;
mod refusals;
mod resources;

pub(super) use content::{Expected, differences, representation};
pub(super) use lists::Progress;
pub(super) use lists::{question, start};
pub(super) use refusals::client;
pub(super) use resources::{Key, Known};

use super::view::{BulkOperation, Form, Resource, Target, View};
use crate::scim::path::AttributePath;
use jiff::Timestamp;
use lists::{Cursors, Lists};
use refusals::{Conflicts, Refusals};
use resources::Resources;

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) resources: Resources,
    pub(super) lists: Lists,
    pub(super) cursors: Cursors,
    pub(super) refusals: Refusals,
    pub(super) conflicts: Conflicts,
    /// How many writes have succeeded.
    pub(super) writes: u64,
    /// When the answer to the last of them was whole.
    pub(super) written: Option<Timestamp>,
    /// The exchange before, and when its request arrived.
    pub(super) last: Option<(u64, Timestamp)>,
    /// Whether an answer has ever shown a user with `groups`.
    pub(super) shows_groups: bool,
}

/// What is known before an exchange, with what the exchange would come to if it were done to the letter.
pub(super) struct Before<'m> {
    /// All that is remembered.
    pub memory: &'m Memory,
    /// The resource that the path names.
    pub known: Option<&'m Known>,
    /// What a write should leave.
    pub expected: Option<Expected>,
}

impl Memory {
    /// What is known before this exchange.
    pub(super) fn before(&self, view: &View<'_>) -> Before<'_> {
        let known = key_of(view.target()).and_then(|key| self.resources.get(&key));
        let expected = content::expected(view, known);
        Before {
            memory: self,
            known,
            expected,
        }
    }

    /// Whether a write may still have been on its way when the request arrived.
    pub(super) fn overlaps(&self, view: &View<'_>) -> bool {
        self.written
            .is_some_and(|written| view.exchange.at < written)
    }

    /// Remembers an exchange; `expected` is what it should have come to.
    pub(super) fn note(&mut self, number: u64, view: &View<'_>, expected: Option<&Expected>) {
        let overlaps = self.overlaps(view);
        self.last = Some((number, view.exchange.at));
        self.refusals.note(number, view);
        self.conflicts.note(number, view);
        self.cursors.note(number, view);
        self.lists.note(number, view, self.writes);
        if view.status == 0 || view.is_injected() {
            // Whether it was done nobody knows.
            if let Some(key) = key_of(view.target()) {
                self.resources.forget_content(&key);
            }
            return;
        }
        if view.succeeded() && is_write(view) {
            self.writes += 1;
            let ended = ended(view);
            self.written = Some(self.written.map_or(ended, |before| before.max(ended)));
            self.note_write(number, view, expected.cloned());
        }
        if view.succeeded() {
            self.note_answer(number, view, expected, overlaps);
        }
        if view.status == 404
            && view.method == "GET"
            && let Some(key) = key_of(view.target())
        {
            self.resources.forget_content(&key);
        }
    }

    fn note_write(&mut self, number: u64, view: &View<'_>, expected: Option<Expected>) {
        if view.sent.form == Form::Bulk {
            // Each operation may have failed by itself, and what it says of others is resolved by the provider.
            self.resources.forget_all_content();
            return self.note_bulk(number, view);
        }
        let made = || view.got.resources.is_empty().then(|| made(view)).flatten();
        let Some(key) = key_of(view.target()).or_else(made) else {
            return;
        };
        if view.method == "DELETE" {
            self.resources.delete(&key, number);
            // Members and managers follow, or do not.
            self.resources.forget_links_to(&key.id);
        } else {
            self.resources.write(&key, number, view, expected);
        }
    }

    /// What a bulk request has made and deleted.
    fn note_bulk(&mut self, number: u64, view: &View<'_>) {
        let (sent, got) = (&view.sent.bulk, &view.got.bulk);
        let is_done =
            |it: &&BulkOperation<'_>| it.text("status").is_some_and(|it| it.starts_with('2'));
        for key in got
            .iter()
            .filter(is_done)
            .filter_map(|it| key_of(&it.target))
        {
            self.resources.shown(&key, number);
        }
        for (n, operation) in sent
            .iter()
            .enumerate()
            .filter(|(_, it)| it.method() == "DELETE")
        {
            let answer = got.get(n).filter(|_| sent.len() == got.len());
            let done = answer.map(|it| it.text("status").is_some_and(|it| it.starts_with('2')));
            match (key_of(&operation.target), done) {
                (Some(key), Some(true)) => self.resources.delete(&key, number),
                (Some(_), Some(false)) => {}
                // Which one it was, and whether it is gone, is not known.
                _ => self.resources.forget_all(),
            }
        }
    }

    fn note_answer(
        &mut self,
        number: u64,
        view: &View<'_>,
        expected: Option<&Expected>,
        overlaps: bool,
    ) {
        let whole = view.is_whole() && !overlaps;
        for resource in &view.got.resources {
            let (Some(kind), Some(id)) = (resource.kind, resource.text("id")) else {
                continue;
            };
            self.shows_groups |= kind.name == "User" && resource.get("groups").is_some();
            let key = Key::new(&kind.name, id);
            // A part of a resource may have a version of its own.
            let tag = tag_of(view, resource).filter(|_| view.is_whole());
            let is_new =
                view.method == "POST" && view.status == 201 && view.got.form == Form::Resource;
            if is_new {
                // What the answer says of it a read has to say too.
                let written = expected.map(|expected| (number, expected.clone()));
                self.resources.promise(&key, number, written);
            }
            self.resources.see(
                &key,
                number,
                kind,
                resource,
                tag,
                (whole, is_new, !is_write(view), self.writes),
            );
        }
        if let (Some(key), Some(tag)) = (key_of(view.target()), view.got.header("etag"))
            && view.got.resources.is_empty()
        {
            self.resources.tag(&key, tag);
        }
    }
}

/// The resource that a target names.
pub(super) fn key_of(target: &Target<'_>) -> Option<Key> {
    match target {
        Target::Resource(kind, id) => Some(Key::new(&kind.name, id)),
        _ => None,
    }
}

/// The resource that a create names in its Location.
fn made(view: &View<'_>) -> Option<Key> {
    let ("POST", 201, Target::Collection(kind)) = (view.method, view.status, view.target()) else {
        return None;
    };
    let id = view.got.header("location")?.rsplit('/').next()?;
    let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    Some(Key::new(&kind.name, &id))
}

/// The version of a resource in an answer: its own, or that in the header where the answer is this resource.
pub(super) fn tag_of<'a>(view: &View<'a>, resource: &Resource<'a>) -> Option<&'a str> {
    let own = resource.meta("version").and_then(serde_json::Value::as_str);
    let header = view
        .got
        .header("etag")
        .filter(|_| view.got.form == Form::Resource);
    header.or(own)
}

/// Whether it would change something.
pub(super) fn is_write(view: &View<'_>) -> bool {
    match view.method {
        "PUT" | "PATCH" | "DELETE" => true,
        "POST" => !matches!(view.target(), Target::Search(_)),
        _ => false,
    }
}

/// When its answer was whole.
pub(super) fn ended(view: &View<'_>) -> Timestamp {
    let elapsed = jiff::SignedDuration::try_from(view.exchange.elapsed).unwrap_or_default();
    view.exchange
        .at
        .checked_add(elapsed)
        .unwrap_or(view.exchange.at)
}

/// The last name of a path, as an attribute has it.
pub(super) fn attribute_name(path: &str) -> String {
    AttributePath::parse(path).map_or_else(|| path.to_owned(), |it| it.name)
}
