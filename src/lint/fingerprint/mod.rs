//! Which identity provider a client is, in which of its modes, and which product the provider is: by user agent and by shapes.
//!
//! A product is a row of signs with weights; enough of them name it, and the evidence is told. What is known of a product then counts
//! as a note, and not as a fault of whoever uses it.

mod clients;
mod providers;

use super::memory::client;
use super::rule::{Rule, Side};
use super::view::View;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So much evidence names a product.
const ENOUGH: u32 = 3;
/// So many clients are told apart.
const CLIENTS: usize = 64;

/// A product that is recognised by its traffic.
pub struct Product {
    /// `Entra ID`.
    pub name: &'static str,
    signs: &'static [Sign],
    modes: &'static [Mode],
    known: &'static [&'static str],
}

/// Something that tells a product, with how surely: 3 is enough by itself.
struct Sign {
    weight: u32,
    evidence: &'static str,
    is_there: fn(&View<'_>) -> bool,
}

/// A way in which a product can be set up, told by the last sign of it that was seen.
struct Mode {
    name: &'static str,
    evidence: &'static str,
    is_there: fn(&View<'_>) -> bool,
    known: &'static [&'static str],
}

/// What was seen of one client, or of the provider.
#[derive(Default)]
struct Seen {
    /// By product, which of its signs were there.
    signs: BTreeMap<usize, u32>,
    /// By product, its mode.
    modes: BTreeMap<usize, usize>,
}

/// What was recognised so far.
#[derive(Default)]
pub struct Fingerprints {
    clients: BTreeMap<String, Seen>,
    provider: Seen,
}

/// A product that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// Client or provider.
    pub side: Side,
    /// The user agent of the client; empty where it sends none.
    pub client: String,
    /// `Entra ID`.
    pub product: &'static str,
    /// `without aadOptscim062020`.
    pub mode: Option<&'static str>,
    /// What tells it.
    pub evidence: Vec<&'static str>,
}

impl Seen {
    fn note(&mut self, products: &[Product], view: &View<'_>) {
        for (n, product) in products.iter().enumerate() {
            let seen = self.signs.get(&n).copied().unwrap_or_default();
            let mut now = seen;
            for (bit, sign) in product.signs.iter().enumerate() {
                let mark = 1 << bit;
                if now & mark == 0 && (sign.is_there)(view) {
                    now |= mark;
                }
            }
            if now != seen {
                self.signs.insert(n, now);
            }
            if let Some(mode) = product.modes.iter().rposition(|mode| (mode.is_there)(view)) {
                self.modes.insert(n, mode);
            }
        }
    }

    /// The product with the most evidence, if that is enough.
    fn product<'p>(&self, products: &'p [Product]) -> Option<(&'p Product, u32, Option<&'p Mode>)> {
        let weight = |product: &Product, signs: u32| {
            let there = product
                .signs
                .iter()
                .enumerate()
                .filter(|(bit, _)| signs & (1 << bit) != 0);
            there.map(|(_, sign)| sign.weight).sum::<u32>()
        };
        let weighed = self
            .signs
            .iter()
            .map(|(n, signs)| (weight(&products[*n], *signs), *n, *signs));
        // Of two with the same evidence the one that stands first in the table.
        let (most, n, signs) =
            weighed.max_by_key(|(weight, n, _)| (*weight, std::cmp::Reverse(*n)))?;
        let mode = self.modes.get(&n).map(|mode| &products[n].modes[*mode]);
        (most >= ENOUGH).then_some((&products[n], signs, mode))
    }

    fn recognised(&self, side: Side, client: &str, products: &[Product]) -> Option<Recognised> {
        let (product, signs, mode) = self.product(products)?;
        let there = product
            .signs
            .iter()
            .enumerate()
            .filter(|(bit, _)| signs & (1 << bit) != 0);
        let evidence = there.map(|(_, sign)| sign.evidence);
        Some(Recognised {
            side,
            client: client.to_owned(),
            product: product.name,
            mode: mode.map(|mode| mode.name),
            evidence: {
                let mut all: Vec<_> = evidence.collect();
                all.extend(mode.map(|it| it.evidence).filter(|it| !all.contains(it)));
                all
            },
        })
    }

    fn known(&self, products: &[Product], rule: &Rule) -> Option<String> {
        let (product, _, mode) = self.product(products)?;
        if product.known.contains(&rule.id) {
            return Some(product.name.to_owned());
        }
        let mode = mode.filter(|mode| mode.known.contains(&rule.id))?;
        Some(format!("{} {}", product.name, mode.name))
    }
}

impl Fingerprints {
    /// Looks for signs in an exchange.
    pub(super) fn note(&mut self, view: &View<'_>) {
        let client = client(view);
        if self.clients.len() < CLIENTS || self.clients.contains_key(&client) {
            self.clients
                .entry(client)
                .or_default()
                .note(clients::PRODUCTS, view);
        }
        if view.status != 0 && !view.is_injected() {
            self.provider.note(providers::PRODUCTS, view);
        }
    }

    /// Whose known behaviour it is to break this rule.
    pub(super) fn known(&self, view: &View<'_>, rule: &Rule) -> Option<String> {
        match rule.side {
            Side::Client => self
                .clients
                .get(&client(view))?
                .known(clients::PRODUCTS, rule),
            Side::Provider => self.provider.known(providers::PRODUCTS, rule),
            Side::Scenario => None,
        }
    }

    /// All products that were recognised.
    pub fn recognised(&self) -> Vec<Recognised> {
        let clients = self.clients.iter();
        let clients = clients
            .filter_map(|(client, seen)| seen.recognised(Side::Client, client, clients::PRODUCTS));
        let provider = self
            .provider
            .recognised(Side::Provider, "", providers::PRODUCTS);
        clients.chain(provider).collect()
    }

    /// The product that the client of an exchange is.
    pub fn client(&self, user_agent: &str) -> Option<Recognised> {
        self.clients
            .get(user_agent)?
            .recognised(Side::Client, user_agent, clients::PRODUCTS)
    }
}

impl Recognised {
    /// `Entra ID without aadOptscim062020`.
    pub fn name(&self) -> String {
        match self.mode {
            Some(mode) => format!("{} {mode}", self.product),
            None => self.product.to_owned(),
        }
    }

    /// As machine output has it.
    pub fn to_json(&self) -> Value {
        json!({
            "side": self.side.name(),
            "client": self.client,
            "product": self.product,
            "mode": self.mode,
            "evidence": self.evidence,
        })
    }
}

/// All rules that some product is known for, each with its products.
pub fn known_of(rule: &Rule) -> Vec<&'static str> {
    let products = clients::PRODUCTS.iter().chain(providers::PRODUCTS);
    let breaks = |product: &&Product| {
        let mut modes = product.modes.iter();
        product.known.contains(&rule.id) || modes.any(|mode| mode.known.contains(&rule.id))
    };
    products
        .filter(breaks)
        .map(|product| product.name)
        .collect()
}

/// The ids of rules that the products name.
pub fn named_rules() -> impl Iterator<Item = &'static str> {
    let products = clients::PRODUCTS.iter().chain(providers::PRODUCTS);
    products.flat_map(|product| {
        let of_modes = product.modes.iter().flat_map(|mode| mode.known);
        product.known.iter().chain(of_modes).copied()
    })
}
