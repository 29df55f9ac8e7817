//! Who is who in a recording: each resource has a name, `user#1`, `group#2`, in order of first appearance, and so have its versions,
//! the cursors and the `bulkId`s. Two recordings in which the same happened are equal by these names, whatever the ids were.
//!
//! A resource is known through what the provider says: resources in answers, URLs of resources (RFC 7643 section 3.1), references to
//! them (section 2.3.7), and ids in requests that it took. An id is replaced by what it is (type and place), never because it looks
//! like another: the user `1` and the group `1` are two, and a `displayName` that reads like an id stays. The one exception is
//! the text of an error, where ids stand among words.
//!
//! ```
//! # use scimulate::exchange::{Body, Exchange, Request, Response, entities::Entities};
//! # use serde_json::json;
//! # let read = |id: &str| Exchange {
//! #     at: "2026-01-01T00:00:00Z".parse().unwrap(), elapsed: Default::default(), ended: None,
//! #     request: Request { method: "GET".into(), path: format!("/Users/{id}"), query: vec![], headers: vec![], body: Body::Empty },
//! #     response: Response { status: 200, headers: vec![], body: Body::Json(json!({"id": id, "userName": "ann"})) },
//! # };
//! let (then, now) = (read("2819c223"), read("f00dfeed"));
//! let recorded = Entities::of([&then]);
//! let mut live = Entities::of([&now]);
//! live.adopt(&recorded);
//! assert_eq!(recorded.symbolic(&then).request.path, "/Users/{user#1}");
//! assert_eq!(live.symbolic(&now), recorded.symbolic(&then));
//! assert_eq!(live.id("user#1"), Some("f00dfeed"));
//! ```
//!
//! For traffic that is still going on, [`Entities::learn`] each exchange as it comes, and [`Entities::adopt`] after it.

mod adopt;
mod learn;
mod replace;

use super::walk::Schemas;
use super::{Exchange, Request, Response};
use crate::scim::resource_type::ResourceType;
use std::collections::HashMap;

/// The names of the resources, versions and cursors of one recording.
#[derive(Debug, Clone, Default)]
pub struct Entities {
    schemas: Schemas,
    known: Vec<Known>,
    by_id: HashMap<String, Vec<usize>>,
    /// Types that an id was seen with, before it was seen where the type is not told.
    hints: HashMap<String, Vec<String>>,
    /// How many names each type has.
    counts: HashMap<String, u64>,
    cursors: Vec<String>,
}

/// A resource.
#[derive(Debug, Clone)]
struct Known {
    /// `user#1`
    name: String,
    kind: Option<String>,
    id: String,
    /// What people and clients know it by: attribute and value.
    handles: Vec<(&'static str, String)>,
    /// Its versions in order of appearance.
    versions: Vec<String>,
    /// Whether its name is that of the same resource in another recording.
    adopted: bool,
}

impl Entities {
    /// All of a recording.
    pub fn of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange> + Clone) -> Self {
        let mut entities = Self {
            schemas: Schemas::of(exchanges.clone()),
            ..Self::default()
        };
        for exchange in exchanges.clone() {
            entities.hint(exchange);
        }
        for exchange in exchanges {
            entities.learn(exchange);
        }
        entities
    }

    /// What is known of types and attributes.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The names of all resources, in order of first appearance.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|known| known.name.as_str())
    }

    /// The id of the resource of this name.
    pub fn id(&self, name: &str) -> Option<&str> {
        let known = self.known.iter().find(|known| known.name == name)?;
        Some(&known.id)
    }

    /// The name of the resource with this id and one of these types; of any type where none is given.
    pub fn name(&self, id: &str, of: &[String]) -> Option<&str> {
        self.find(id, of).map(|at| self.known[at].name.as_str())
    }

    /// The exchange with names in place of ids: `{user#1}`, `{version 3 of user#1}`, `{cursor#1}`, `{bulkId#1}`, `{instant}`.
    pub fn symbolic(&self, exchange: &Exchange) -> Exchange {
        Exchange {
            request: self.symbolic_request(&exchange.request),
            response: self.symbolic_response(&exchange.request.path, &exchange.response),
            ..exchange.clone()
        }
    }

    /// The same of a request, whose answer need not be there.
    pub fn symbolic_request(&self, request: &Request) -> Request {
        replace::request(self, request)
    }

    /// The same of the answer to a request with this path.
    pub fn symbolic_response(&self, path: &str, response: &Response) -> Response {
        replace::response(self, path, response)
    }

    /// A resource by its id, the type respected as far as it is known.
    fn find(&self, id: &str, of: &[String]) -> Option<usize> {
        let fits = |at: &&usize| {
            let kind = self.known[**at].kind.as_deref();
            of.is_empty() || kind.is_none_or(|kind| is_among(of, kind))
        };
        self.by_id.get(id)?.iter().find(fits).copied()
    }

    /// The resource that a request is about, by its path, else that which its answer shows or leads to.
    fn subject(&self, path: &str, response: Option<&Response>) -> Option<usize> {
        learn::sightings(&self.schemas, path, response)
            .iter()
            .find_map(|it| self.find(&it.id, &it.of))
    }
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|it| it.eq_ignore_ascii_case(name))
}

fn kind_names(kind: Option<&ResourceType>) -> Vec<String> {
    kind.map(|kind| kind.name.clone()).into_iter().collect()
}

/// The first word of a name; of a type that is not known it is `resource`.
fn kind_word(kind: Option<&str>) -> String {
    kind.unwrap_or("resource").to_lowercase()
}

/// A version as it is compared: weak or strong, quoted or not (RFC 9110 section 8.8.3).
fn opaque(version: &str) -> &str {
    let version = version.trim();
    version
        .strip_prefix("W/")
        .unwrap_or(version)
        .trim_matches('"')
}
