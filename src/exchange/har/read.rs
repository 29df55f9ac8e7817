//! An archive as a recording.

use super::document::Node;
use super::{HarError, RECORDING, base, entry};
use crate::exchange::redact::Redactor;
use crate::exchange::{Exchange, Recording};
use serde_json::Value;

/// What an archive holds of SCIM.
#[derive(Debug)]
pub struct Imported {
    /// Where it comes from: its own word if it was a recording, else what the entries say.
    pub recording: Recording,
    /// Numbered exchanges: as they were recorded, else in the order of time. Their secrets are replaced.
    pub exchanges: Vec<(u64, Exchange)>,
    /// How many entries are not below the base.
    pub skipped: usize,
    /// Other bases whose entries speak SCIM.
    pub others: Vec<String>,
}

/// Reads the text of an archive; all that is wrong with it is said. Without `provider`, a base URL, the base is what the archive says,
/// or that of most entries that speak SCIM.
pub fn read(text: &str, provider: Option<&str>) -> Result<Imported, Vec<HarError>> {
    // Some programs of Windows begin every text with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Value = serde_json::from_str(text).map_err(|error| vec![broken(&error)])?;
    let one = |error| vec![error];
    let log = Node::top(&document).must("log").map_err(one)?;
    let entries: Vec<Node<'_>> = log
        .must("entries")
        .and_then(|it| it.list())
        .map_err(one)?
        .collect();
    let own = recording_of(&log).map_err(one)?;
    let candidates = base::candidates(&entries);
    let provider = provider.map(str::to_owned);
    let provider = provider
        .or_else(|| own.as_ref().map(|it| it.upstream.clone()))
        .or_else(|| candidates.first().cloned())
        .ok_or_else(|| one(HarError::Nothing(no_scim(entries.len()))))?;
    let provider = provider.trim_end_matches('/');
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for node in &entries {
        match entry::read(node, provider) {
            Ok(Some((number, exchange))) => found.push((number, exchange)),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() && found.is_empty() {
        errors.push(HarError::Nothing(elsewhere(provider, &entries)));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let skipped = entries.len() - found.len();
    let exchanges = numbered(found).map_err(one)?;
    let recording = own.unwrap_or_else(|| Recording::of(provider, &exchanges));
    let others = candidates.into_iter().filter(|it| it != provider).collect();
    Ok(Imported {
        recording,
        exchanges,
        skipped,
        others,
    })
}

/// Exchanges that bring their numbers keep them; the others follow in the order of time.
fn numbered(found: Vec<(Option<u64>, Exchange)>) -> Result<Vec<(u64, Exchange)>, HarError> {
    let (mut numbered, mut rest) = (Vec::new(), Vec::new());
    let redactor = Redactor::default();
    for (number, mut exchange) in found {
        redactor.exchange(&mut exchange);
        match number {
            Some(number) => numbered.push((number, exchange)),
            None => rest.push(exchange),
        }
    }
    numbered.sort_by_key(|(number, _)| *number);
    if let Some(twice) = numbered.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(HarError::Member {
            place: "log.entries".to_owned(),
            message: format!("two entries have the \"_scimulateNumber\" {}", twice[0].0),
        });
    }
    rest.sort_by_key(|exchange| exchange.at);
    let next = numbered.last().map_or(1, |(last, _)| last + 1);
    numbered.extend((next..).zip(rest));
    Ok(numbered)
}

fn recording_of(log: &Node<'_>) -> Result<Option<Recording>, HarError> {
    let Some(about) = log.member(RECORDING)? else {
        return Ok(None);
    };
    let read = serde_json::from_value(about.value().clone());
    read.map(Some)
        .map_err(|error| about.wrong(error.to_string()))
}

fn broken(error: &serde_json::Error) -> HarError {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    HarError::Json {
        line,
        column,
        message: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
    }
}

fn no_scim(entries: usize) -> String {
    format!(
        "expected entries that speak SCIM (the media type application/scim+json, or a URN urn:ietf:params:scim:…), and none of {entries} does; if the service provider speaks otherwise, name its base with --base URL"
    )
}

fn elsewhere(provider: &str, entries: &[Node<'_>]) -> String {
    let mut places: Vec<&str> = Vec::new();
    for entry in entries {
        let url = entry.value()["request"]["url"].as_str().unwrap_or_default();
        let url = url.split(['?', '#']).next().unwrap_or_default();
        if !places.contains(&url) && places.len() < 5 {
            places.push(url);
        }
    }
    let found = if places.is_empty() {
        "it has no entries".to_owned()
    } else {
        format!("its entries are at {}", places.join(", "))
    };
    format!("expected entries below {provider}, and {found}")
}
