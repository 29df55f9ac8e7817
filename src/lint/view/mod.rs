//! An exchange, parsed once so that many rules can look at it: what it is about, what it asks for, and every value with its attribute.
//!
//! What is read is read as leniently as can be, and what that took is noted; a rule says what is wrong with it.

mod asked;
mod bulk;
mod message;
mod patch;
mod resource;
mod spot;
mod target;

pub(super) use asked::{Asked, Parameter, number};
pub(super) use bulk::BulkOperation;
pub(super) use message::{Form, Message};
pub(super) use patch::Operation;
pub(super) use resource::{Resource, Typed, Unknown, is_hidden};
pub(super) use target::{Path, Target};

use super::Place;
use super::contract::Contract;
use crate::exchange::Exchange;
use crate::scim::leniency::TABLE;
use crate::scim::{Leniencies, Leniency};
use serde_json::Value;

/// Every departure from the letter, those that are accepted only on request too; but for the one under which a name that no schema has
/// is not noticed.
const ALL: Leniencies = {
    let (mut set, mut n) = (Leniencies::BY_DEFAULT, 0);
    while n < TABLE.len() {
        set = set.with(TABLE[n].leniency);
        n += 1;
    }
    set.without(Leniency::FilterUnknownAttribute)
};

/// One exchange.
pub(super) struct View<'a> {
    /// As it was recorded.
    pub exchange: &'a Exchange,
    /// What the provider says of itself.
    pub contract: &'a Contract,
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: Path<'a>,
    /// What is asked for, by query or by a search request.
    pub parameters: Vec<Parameter<'a>>,
    /// The filter.
    pub filter: Option<Asked>,
    /// What the client sent.
    pub sent: Message<'a>,
    /// What the provider answered.
    pub got: Message<'a>,
    /// The status of the answer; 0 where there was none.
    pub status: u16,
}

impl<'a> View<'a> {
    /// Reads an exchange.
    pub(super) fn of(exchange: &'a Exchange, contract: &'a Contract) -> Self {
        let (request, response) = (&exchange.request, &exchange.response);
        let schemas = &contract.schemas;
        let path = Path::read(&request.path, schemas);
        let method = request.method.as_str();
        let sent = Message::empty("/request/body", &request.headers, &request.body).sent(
            method,
            &path.target,
            schemas,
        );
        let got = Message::empty("/response/body", &response.headers, &response.body).got(
            response.status,
            method,
            &path.target,
            schemas,
        );
        let parameters = parameters(exchange, &sent);
        let filter = parameters
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case("filter"));
        let filter = filter.map(|it| Asked::read(it, path.target.kind()));
        Self {
            exchange,
            contract,
            method,
            path,
            parameters,
            filter,
            sent,
            got,
            status: response.status,
        }
    }

    /// What it is about.
    pub(super) fn target(&self) -> &Target<'a> {
        &self.path.target
    }

    /// A parameter of the query, whatever the case of its name.
    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter<'a>> {
        self.parameters
            .iter()
            .find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// Whether resources are asked for whole.
    pub(super) fn is_whole(&self) -> bool {
        self.parameter("attributes").is_none() && self.parameter("excludedAttributes").is_none()
    }

    /// Whether it queries: a list, a search, or a list of discovery documents.
    pub(super) fn is_query(&self) -> bool {
        match self.target() {
            Target::Search(_) => self.method == "POST",
            Target::Collection(_) | Target::Root => self.method == "GET",
            _ => false,
        }
    }

    /// Whether it was done.
    pub(super) fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the scenario made the answer what it is, and not the provider.
    pub(super) fn is_injected(&self) -> bool {
        self.got.header("scimulate-fault").is_some()
    }
}

/// The path of the request.
pub(super) const PATH: &str = "/request/path";
/// The status of the answer.
pub(super) const STATUS: &str = "/response/status";

fn parameters<'a>(exchange: &'a Exchange, sent: &Message<'a>) -> Vec<Parameter<'a>> {
    // A search is asked by its body alone; a token is a token anywhere.
    let is_search = sent.form == Form::Search;
    let query = exchange.request.query.iter().enumerate();
    let query = query.filter(|(_, (name, _))| !is_search || name == "access_token");
    let mut parameters: Vec<_> = query
        .map(|(n, (name, value))| Parameter {
            name,
            text: value.clone(),
            json: None,
            place: format!("/request/query/{n}/1").into(),
        })
        .collect();
    if sent.form == Form::Search
        && let Some(members) = sent.json.and_then(Value::as_object)
    {
        let asked = members
            .iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("schemas"));
        parameters.extend(asked.map(|(name, value)| Parameter {
            name,
            text: text_of(value),
            json: Some(value),
            place: Place::from(sent.at).below(name),
        }));
    }
    parameters
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
