//! Bulk requests as RFC 7644 section 3.7 tells them: each operation after those whose resources it refers to, and operations that
//! refer to each other together, all of them or none.

use super::directory::{Directory, Kind, Refusal};
use serde_json::Value;
use std::collections::BTreeMap;

/// The bulkIds that requests use; the last is never given to anything.
pub(crate) const NAMES: [&str; 4] = ["b1", "b2", "b3", "b9"];

pub(crate) type Outcome = Result<u16, Refusal>;

struct Job<'a> {
    directory: &'a mut Directory,
    operations: &'a [Value],
    ids: BTreeMap<String, String>,
    visited: Vec<bool>,
    outcomes: Vec<Option<Outcome>>,
    most_errors: usize,
}

/// What becomes of each operation; nothing of those behind the last error that is allowed.
pub(crate) fn run(
    directory: &mut Directory,
    operations: &[Value],
    fail_on_errors: Option<usize>,
) -> Vec<Option<Outcome>> {
    let mut job = Job {
        directory,
        operations,
        ids: BTreeMap::new(),
        visited: vec![false; operations.len()],
        outcomes: vec![None; operations.len()],
        most_errors: fail_on_errors.unwrap_or(usize::MAX),
    };
    for n in 0..operations.len() {
        job.visit(n);
    }
    job.outcomes
}

impl Job<'_> {
    /// The operations that create what `n` refers to, in the order of the references.
    fn needs(&self, n: usize) -> Vec<usize> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for name in NAMES {
            let creates = self.operations.iter().position(|it| it["bulkId"] == name);
            if let (Some(at), Some(creates)) = (
                text(&self.operations[n]).find(&format!("bulkId:{name}")),
                creates,
            ) {
                found.push((at, creates));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, creates)| creates).collect()
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        let mut reached = self.needs(from);
        let mut n = 0;
        while n < reached.len() {
            let more = self.needs(reached[n]);
            reached.extend(
                more.into_iter()
                    .filter(|it| !reached.contains(it))
                    .collect::<Vec<_>>(),
            );
            n += 1;
        }
        reached.contains(&to)
    }

    fn visit(&mut self, n: usize) {
        if self.visited[n] {
            return;
        }
        let all = 0..self.operations.len();
        let circle: Vec<usize> = all
            .filter(|m| *m == n || (self.reaches(n, *m) && self.reaches(*m, n)))
            .collect();
        self.walk(n, &circle);
        let errors = self
            .outcomes
            .iter()
            .filter(|it| matches!(it, Some(Err(_))))
            .count();
        if errors >= self.most_errors {
            return;
        }
        if circle == [n] && !self.needs(n).contains(&n) {
            let mut trial = self.directory.clone();
            let done = self
                .refused(n)
                .map_or_else(|| self.alone(&mut trial, n), Err);
            if done.is_ok() {
                *self.directory = trial;
            }
            self.outcomes[n] = Some(done);
        } else {
            self.together(&circle);
        }
    }

    /// First what the members of a circle need from outside.
    fn walk(&mut self, n: usize, circle: &[usize]) {
        self.visited[n] = true;
        for need in self.needs(n) {
            match circle.contains(&need) {
                true if self.visited[need] => {}
                true => self.walk(need, circle),
                false => self.visit(need),
            }
        }
    }

    /// Why an operation cannot be carried out whatever the directory holds: its bulkId is another's.
    fn refused(&self, n: usize) -> Option<Refusal> {
        let own = self.operations[n].get("bulkId")?;
        let first = self.operations.iter().position(|it| it["bulkId"] == *own);
        (first != Some(n)).then_some("400 invalidValue")
    }

    fn alone(&mut self, trial: &mut Directory, n: usize) -> Outcome {
        let operation = resolved(&self.operations[n], &self.ids)?;
        let (_, kind, id) = target(&operation);
        let data = &operation["data"];
        match operation["method"].as_str() {
            Some("POST") => {
                let id = trial.create(kind, data)?;
                self.ids.insert(
                    operation["bulkId"].as_str().unwrap_or_default().to_owned(),
                    id,
                );
                Ok(201)
            }
            Some("PUT") => trial.replace(kind, id, data).map(|()| 200),
            Some("PATCH") => {
                let operations = data["Operations"].as_array().cloned().unwrap_or_default();
                trial.patch(kind, id, &operations).map(|()| 200)
            }
            _ => trial.delete(kind, id).map(|()| 204),
        }
    }

    /// Resources that refer to each other are made at once: their ids are known before they are.
    fn together(&mut self, circle: &[usize]) {
        let (mut trial, mut ids) = (self.directory.clone(), self.ids.clone());
        let mut made = trial.made;
        for n in circle {
            let (_, kind, _) = target(&self.operations[*n]);
            made[kind as usize] += 1;
            let id = format!("{}-{}", kind.name().to_lowercase(), made[kind as usize]);
            ids.insert(
                self.operations[*n]["bulkId"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                id,
            );
        }
        let mut create = |n: usize| -> Outcome {
            if let Some(refused) = self.refused(n) {
                return Err(refused);
            }
            let operation = resolved(&self.operations[n], &ids)?;
            trial
                .create(target(&operation).1, &operation["data"])
                .map(|_| 201)
        };
        let failed = circle
            .iter()
            .find_map(|n| create(*n).err().map(|error| (*n, error)));
        for n in circle {
            self.outcomes[*n] = Some(match failed {
                None => Ok(201),
                Some((culprit, error)) if culprit == *n => Err(error),
                Some(_) => Err("409"),
            });
        }
        if failed.is_none() {
            (*self.directory, self.ids) = (trial, ids);
        }
    }
}

fn text(operation: &Value) -> String {
    format!("{} {}", operation["path"], operation["data"])
}

/// An operation with ids in the places of bulkIds; one that stands for nothing is a conflict (section 3.7.1).
fn resolved(operation: &Value, ids: &BTreeMap<String, String>) -> Result<Value, Refusal> {
    let mut text = operation.to_string();
    for (name, id) in ids {
        text = text.replace(&format!("bulkId:{name}"), id);
    }
    if text.contains("bulkId:") {
        return Err("409");
    }
    Ok(serde_json::from_str(&text).expect("it was JSON before"))
}

/// The parts of `/Users/user-1`; the id is empty where there is none.
pub(crate) fn target(operation: &Value) -> (&str, Kind, &str) {
    let path = operation["path"].as_str().unwrap_or_default();
    let (endpoint, id) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    let kind = if endpoint == "Users" {
        Kind::User
    } else {
        Kind::Group
    };
    (path, kind, id)
}
