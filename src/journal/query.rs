//! A search of the journal, also as the parameters of a query string: `method=POST&status=4xx&body=userName eq "bjensen"`.

use super::pattern::{
    filter_named, instant_named, method_condition, path_condition, status_condition,
};
use super::{Condition, Entry, Malformed, Moment, Pattern};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

/// Which exchanges, how many, and from which end.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Those of one tenant.
    pub tenant: Option<String>,
    /// What they are asked to be.
    pub pattern: Pattern,
    /// Those with a greater number.
    pub after: u64,
    /// From which end.
    pub order: Order,
    /// At most so many.
    pub limit: Option<usize>,
}

/// From which end of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The oldest first.
    #[default]
    Oldest,
    /// The newest first.
    Newest,
}

/// The parameters that are known.
const KNOWN: [&str; 11] = [
    "method",
    "path",
    "query.NAME",
    "body",
    "status",
    "response",
    "since",
    "until",
    "after",
    "order",
    "limit",
];

impl Query {
    /// Reads decoded parameters: those of a [`Pattern`] in JSON (`body` and `response` are filters, `query.count=0` asks for a
    /// parameter of the request), and `after` (a number), `order` (`oldest` or `newest`) and `limit`.
    ///
    /// # Errors
    /// The first that cannot be understood, or that is not known.
    pub fn read<'p>(
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Malformed> {
        let mut query = Self::default();
        for (name, value) in pairs {
            if let Some(parameter) = name.strip_prefix("query.") {
                let parameter = Condition::Parameter(parameter.to_owned(), value.to_owned());
                query.pattern.require(parameter);
                continue;
            }
            let condition = match name {
                "method" => method_condition(value.to_owned())?,
                "path" => path_condition(value)?,
                "status" => status_condition(value)?,
                "body" => Condition::Body(filter_named(name, value)?),
                "response" => Condition::Response(filter_named(name, value)?),
                "since" => Condition::Since(instant_named(name, value)?),
                "until" => Condition::Until(instant_named(name, value)?),
                "after" => {
                    query.after = number(name, value)?;
                    continue;
                }
                "limit" => {
                    query.limit = Some(number(name, value)?);
                    continue;
                }
                "order" => {
                    query.order = order(value)?;
                    continue;
                }
                _ => {
                    let known = KNOWN.join(", ");
                    return Err(Malformed::new(name, format!("expected one of {known}")));
                }
            };
            query.pattern.require(condition);
        }
        Ok(query)
    }
}

fn number<N: FromStr<Err: Display>>(name: &str, value: &str) -> Result<N, Malformed> {
    let wrong = |error| {
        Malformed::new(
            name,
            format!("expected a number, found \"{value}\" ({error})"),
        )
    };
    value.parse().map_err(wrong)
}

fn order(value: &str) -> Result<Order, Malformed> {
    match value {
        "oldest" => Ok(Order::Oldest),
        "newest" => Ok(Order::Newest),
        other => {
            let expected = format!("expected oldest or newest, found \"{other}\"");
            Err(Malformed::new("order", expected))
        }
    }
}

impl Moment {
    /// The entries that a query asks for.
    pub fn search(&self, query: &Query) -> Vec<Arc<Entry>> {
        let entries = self.entries_of(query.tenant.as_deref(), query.after);
        let matching = entries.filter(|entry| query.pattern.matches(entry));
        let limit = query.limit.unwrap_or(usize::MAX);
        match query.order {
            Order::Oldest => matching.take(limit).cloned().collect(),
            Order::Newest => matching.rev().take(limit).cloned().collect(),
        }
    }

    /// The entries of a tenant, or of all, with a number greater than `after`, oldest first.
    pub fn entries_of<'m>(
        &'m self,
        tenant: Option<&'m str>,
        after: u64,
    ) -> impl DoubleEndedIterator<Item = &'m Arc<Entry>> {
        let found = self
            .entries
            .binary_search_by_key(&after, |kept| kept.number);
        let from = found.map_or_else(|from| from, |at| at + 1);
        self.entries
            .focus()
            .narrow(from..)
            .into_iter()
            .filter(move |kept| tenant.is_none_or(|tenant| *kept.tenant == *tenant))
            .map(|kept| kept.entry())
    }
}
