//! The service against a model of it: random sequences of requests, each answered by both, and everything compared after each.
//!
//! The model (`model/directory.rs` and its neighbours) is written from RFC 7643 and 7644 and calls nothing of the product. The
//! invariants here are read off the answers alone. Cursors beyond whole walks, projection and discovery are tested elsewhere.

mod bulk;
mod directory;
mod operations;
mod patch;
mod query;

use crate::support::sp::{Answer, BASE, Sp};
use directory::{Directory, Kind};
use operations::{Condition, SECRET, Step};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use query::Query;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// That both agree, or where they do not.
type Agreed = Result<(), TestCaseError>;

/// What `meta` said at each number of changes: version, then `lastModified`.
type History = BTreeMap<usize, (String, String)>;

struct Both {
    sp: Sp,
    model: Directory,
    history: BTreeMap<String, History>,
}

impl Both {
    fn new(lenient: bool) -> Self {
        let strictness = if lenient { "Lenient" } else { "Strict" };
        Self {
            sp: Sp::with(&format!(
                r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(strictness: {strictness}),
                   ids: Sequential("{{type}}-{{n}}"), clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#
            )),
            model: Directory::new(lenient),
            history: BTreeMap::new(),
        }
    }

    /// Sends a request; whatever the answer is, no password is in it.
    fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Answer, TestCaseError> {
        let answer = self.sp.send_also(method, target, headers, body);
        prop_assert!(
            !answer.text().contains(SECRET),
            "a password came back: {}",
            answer.text()
        );
        prop_assert!(
            !format!("{:?}", answer.headers).contains(SECRET),
            "{:?}",
            answer.headers
        );
        prop_assert!(answer.status < 500, "{}", answer.text());
        Ok(answer)
    }

    fn take(&mut self, step: &Step) -> Agreed {
        match step {
            Step::Post(kind, body) => {
                let answer = self.ask("POST", kind.endpoint(), &[], Some(body.clone()))?;
                let expected = self.model.create(*kind, body);
                self.agree(&answer, 201, expected.as_deref().map_err(|it| *it))
            }
            Step::Put(kind, id, condition, body) => self.write(
                "PUT",
                (*kind, id),
                *condition,
                Some(body.clone()),
                |model| model.replace(*kind, id, body),
            ),
            Step::Patch(kind, id, condition, operations) => {
                let body = operations::patch_op(operations);
                self.write("PATCH", (*kind, id), *condition, Some(body), |model| {
                    model.patch(*kind, id, operations)
                })
            }
            Step::Delete(kind, id, condition) => {
                self.write("DELETE", (*kind, id), *condition, None, |model| {
                    model.delete(*kind, id)
                })
            }
            Step::Bulk(operations, most) => self.bulk(operations, *most),
            Step::List(query) => self.list(query),
            Step::Pages(query) => self.pages(query),
        }
    }

    fn write(
        &mut self,
        method: &str,
        (kind, id): (Kind, &str),
        condition: Condition,
        body: Option<Value>,
        expected: impl FnOnce(&mut Directory) -> Result<(), directory::Refusal>,
    ) -> Agreed {
        let current = self
            .history
            .get(id)
            .and_then(|it| it.last_key_value())
            .map(|(_, (version, _))| version.clone());
        let headers = match condition {
            Condition::None => None,
            Condition::Current => current.as_deref().map(|it| ("if-match", it)),
            Condition::Any => Some(("if-match", "*")),
            Condition::Stale => Some(("if-match", "W/\"other\"")),
            Condition::Absent => Some(("if-none-match", "*")),
        };
        let answer = self.ask(
            method,
            &format!("{}/{id}", kind.endpoint()),
            headers.as_slice(),
            body,
        )?;
        let excluded = matches!(condition, Condition::Stale | Condition::Absent);
        let expected = match self.model.at(kind, id) {
            Ok(_) if excluded => Err("412"),
            _ => expected(&mut self.model),
        };
        let status = if method == "DELETE" { 204 } else { 200 };
        self.agree(&answer, status, expected.map(|()| id))
    }

    /// The same verdict, and the same resource.
    fn agree(
        &self,
        answer: &Answer,
        status: u16,
        expected: Result<&str, directory::Refusal>,
    ) -> Agreed {
        let id = match expected {
            Err(refusal) => {
                prop_assert_eq!(answer.verdict(), refusal, "{}", answer.text());
                return Ok(());
            }
            Ok(id) => id,
        };
        prop_assert_eq!(answer.status, status, "{}", answer.text());
        if let Some(resource) = self.model.find(id).filter(|_| status != 204) {
            let (shown, meta) = without_meta(answer.json());
            prop_assert_eq!(shown, self.model.shown(resource));
            prop_assert_eq!(answer.header("etag"), meta["version"].as_str());
            prop_assert_eq!(answer.header("location"), meta["location"].as_str());
        }
        Ok(())
    }

    fn bulk(&mut self, operations: &[Value], most: Option<usize>) -> Agreed {
        let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
        if let Some(most) = most {
            body["failOnErrors"] = most.into();
        }
        let answer = self.ask("POST", "/Bulk", &[], Some(body))?;
        prop_assert_eq!(answer.status, 200, "{}", answer.text());
        let verdict = |it: &Value| match it["response"]["scimType"].as_str() {
            Some(scim_type) => format!("{} {scim_type}", it["status"].as_str().unwrap_or_default()),
            None => it["status"].as_str().unwrap_or_default().to_owned(),
        };
        let named = |it: &Value, verdict: String| {
            (it["method"].clone(), it.get("bulkId").cloned(), verdict)
        };
        let answered = answer.json()["Operations"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let answered: Vec<_> = answered.iter().map(|it| named(it, verdict(it))).collect();
        let outcomes = bulk::run(&mut self.model, operations, most);
        let expected: Vec<_> = operations
            .iter()
            .zip(outcomes)
            .filter_map(|(it, outcome)| {
                Some(named(
                    it,
                    outcome?.map_or_else(str::to_owned, |status| status.to_string()),
                ))
            })
            .collect();
        prop_assert_eq!(answered, expected, "{}", answer.text());
        Ok(())
    }

    fn list(&self, query: &Query) -> Agreed {
        let mut target = query.text();
        for (name, value) in [("startIndex", query.start_index), ("count", query.count)] {
            if let Some(value) = value {
                target = format!("{target}&{name}={value}");
            }
        }
        let answer = self.ask("GET", &target, &[], None)?;
        prop_assert_eq!(answer.status, 200, "{}: {}", target, answer.text());
        let all = query.all(&self.model);
        let (start, count) = query.page();
        let page: Vec<_> = all.iter().skip(start - 1).take(count).cloned().collect();
        let body = answer.json();
        prop_assert_eq!(&resources(&body), &page, "{}", target);
        prop_assert_eq!(
            (
                &body["totalResults"],
                &body["startIndex"],
                &body["itemsPerPage"]
            ),
            (&json!(all.len()), &json!(start), &json!(page.len())),
            "{}",
            target
        );
        Ok(())
    }

    /// RFC 9865: one page after the other, and back again.
    fn pages(&self, query: &Query) -> Agreed {
        let target = format!("{}&count={}", query.text(), query.count.unwrap_or(1).max(1));
        let all = query.all(&self.model);
        let (mut pages, mut cursor) = (Vec::new(), Some(String::new()));
        while let Some(at) = cursor {
            let body = self
                .ask("GET", &format!("{target}&cursor={at}"), &[], None)?
                .json();
            prop_assert_eq!(&body["totalResults"], &json!(all.len()), "{}", target);
            cursor = body["nextCursor"].as_str().map(str::to_owned);
            pages.push(body);
            prop_assert!(pages.len() <= all.len() + 1, "{} never ends", target);
        }
        prop_assert_eq!(
            pages.iter().flat_map(resources).collect::<Vec<_>>(),
            all,
            "{}",
            target
        );
        for pair in pages.windows(2) {
            let back = pair[1]["previousCursor"]
                .as_str()
                .expect("a second page has a first");
            let body = self
                .ask("GET", &format!("{target}&cursor={back}"), &[], None)?
                .json();
            prop_assert_eq!(resources(&body), resources(&pair[0]), "{}", target);
        }
        Ok(())
    }

    /// What must hold in the end: each resource alone is what the list shows, and what is gone is gone under every endpoint.
    fn finish(&self) -> Agreed {
        for kind in Kind::ALL {
            for listed in self.ask("GET", kind.endpoint(), &[], None)?.json()["Resources"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let id = listed["id"].as_str().unwrap_or_default();
                let alone = self.ask("GET", &format!("{}/{id}", kind.endpoint()), &[], None)?;
                prop_assert_eq!(&alone.json(), listed);
            }
            for id in self
                .history
                .keys()
                .filter(|id| self.model.at(kind, id).is_err())
            {
                let answer = self.ask("GET", &format!("{}/{id}", kind.endpoint()), &[], None)?;
                prop_assert_eq!(answer.verdict(), "404", "{}", id);
            }
        }
        Ok(())
    }

    /// What must hold between any two requests.
    fn check(&mut self) -> Agreed {
        let mut shown: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for kind in Kind::ALL {
            let listed = self.ask("GET", kind.endpoint(), &[], None)?.json();
            let of_kind: Vec<_> = self
                .model
                .resources
                .iter()
                .filter(|it| it.kind == kind)
                .collect();
            let expected: Vec<_> = of_kind.iter().map(|it| self.model.shown(it)).collect();
            prop_assert_eq!(
                resources(&listed),
                expected,
                "the list of {}, in the order of creation",
                kind.endpoint()
            );
            let listed = listed["Resources"].as_array().cloned().unwrap_or_default();
            for (resource, listed) in of_kind.into_iter().zip(&listed) {
                let history = self.history.entry(resource.id.clone()).or_default();
                check_meta(history, resource.changes, listed)?;
            }
            shown.insert(kind.name(), listed);
        }
        check_names(&shown["User"])?;
        check_membership(&shown["User"], &shown["Group"])
    }
}

/// Version and `lastModified` stay while a resource does, and no two versions are the same (RFC 7643 section 3.1).
fn check_meta(history: &mut History, changes: usize, shown: &Value) -> Agreed {
    let meta = &shown["meta"];
    let text = |name: &str| {
        meta[name]
            .as_str()
            .unwrap_or_else(|| panic!("meta.{name}: {shown}"))
            .to_owned()
    };
    let now = (text("version"), text("lastModified"));
    if let Some(before) = history.get(&changes) {
        let message = "nothing changed, so nothing says so";
        prop_assert_eq!(before, &now, "{}: {}", message, shown);
    } else {
        for (version, modified) in history.values() {
            let anew = *version != now.0 && *modified < now.1;
            prop_assert!(anew, "a change is a new version at a later time: {}", shown);
        }
        history.insert(changes, now);
    }
    prop_assert!(text("created") <= text("lastModified"), "{}", shown);
    if changes == 0 {
        prop_assert_eq!(text("created"), text("lastModified"), "{}", shown);
    }
    let place = format!(
        "{BASE}/{}s/{}",
        text("resourceType"),
        shown["id"].as_str().unwrap_or_default()
    );
    prop_assert_eq!(text("location"), place);
    Ok(())
}

fn check_names(users: &[Value]) -> Agreed {
    let names: BTreeSet<_> = users
        .iter()
        .map(|it| it["userName"].as_str().map(str::to_lowercase))
        .collect();
    prop_assert_eq!(names.len(), users.len(), "userName is unique: {:?}", users);
    Ok(())
}

/// `User.groups` says what `Group.members` says, near and far, and nothing else.
fn check_membership(users: &[Value], groups: &[Value]) -> Agreed {
    let ids = |list: &Value| -> BTreeSet<String> {
        let list = list.as_array().into_iter().flatten();
        list.map(|it| it["value"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let members: BTreeMap<&str, BTreeSet<String>> = groups
        .iter()
        .map(|it| (it["id"].as_str().unwrap_or_default(), ids(&it["members"])))
        .collect();
    for user in users {
        let id = user["id"].as_str().unwrap_or_default();
        let direct: BTreeSet<&str> = members
            .iter()
            .filter(|(_, held)| held.contains(id))
            .map(|(group, _)| *group)
            .collect();
        let mut all = direct.clone();
        loop {
            let farther = members
                .iter()
                .filter(|(_, held)| all.iter().any(|group| held.contains(*group)));
            let found: BTreeSet<&str> = farther
                .map(|(group, _)| *group)
                .chain(all.iter().copied())
                .collect();
            if found.len() == all.len() {
                break;
            }
            all = found;
        }
        let said: BTreeSet<_> = user["groups"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| (it["value"].as_str(), it["type"] == "direct"))
            .collect();
        let expected: BTreeSet<_> = all
            .iter()
            .map(|group| (Some(*group), direct.contains(group)))
            .collect();
        prop_assert_eq!(said, expected, "the groups of {}, of {:?}", user, groups);
    }
    Ok(())
}

fn resources(list: &Value) -> Vec<Value> {
    let list = list["Resources"].as_array().cloned().unwrap_or_default();
    list.into_iter().map(|it| without_meta(it).0).collect()
}

fn without_meta(mut resource: Value) -> (Value, Value) {
    let meta = resource.as_object_mut().and_then(|it| it.remove("meta"));
    (resource, meta.expect("a resource has meta"))
}

/// How many sequences a reading gets: seconds in a debug build. A thousand find what is rarer.
const CASES: u32 = 96;

fn whatever_is_asked_both_agree(lenient: bool, seed: u8) {
    // The same cases in every run, so that a failure here is a failure everywhere.
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]),
    );
    let outcome = runner.run(&operations::steps(), |steps| {
        let mut both = Both::new(lenient);
        for step in &steps {
            both.take(step)?;
            both.check()?;
        }
        both.finish()
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_service_does_what_the_model_does_leniently() {
    whatever_is_asked_both_agree(true, 1);
}

#[test]
fn the_service_does_what_the_model_does_strictly() {
    whatever_is_asked_both_agree(false, 2);
}
