//! `profiles`: which service providers a scenario can be, and the page of each. Nothing is served.

use super::exit::{Exit, Failure};
use crate::scenario::{PROFILES, Profile};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// One of them, whose page is printed; without, all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// For people, or one JSON document for programs
    #[arg(long, value_enum, default_value_t, env = "SCIMULATE_FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each, or the page as it is
    #[default]
    Text,
    /// Name, summary and settings
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let printed = match (&arguments.name, arguments.format) {
        (None, Format::Text) => list(),
        (None, Format::Json) => pretty(&json!({
            "profiles": PROFILES.iter().map(document).collect::<Vec<_>>(),
        }))?,
        (Some(name), Format::Text) => named(name)?.text.trim_end().to_owned(),
        (Some(name), Format::Json) => pretty(&document(named(name)?))?,
    };
    anstream::println!("{printed}");
    Ok(Exit::Done)
}

fn named(name: &str) -> Result<&'static Profile, Failure> {
    let found = PROFILES.iter().find(|profile| profile.name == name);
    found.ok_or_else(|| {
        let nearest = PROFILES
            .iter()
            .max_by(|a, b| {
                let likeness = |it: &Profile| strsim::jaro_winkler(name, it.name);
                likeness(a).total_cmp(&likeness(b))
            })
            .filter(|it| strsim::jaro_winkler(name, it.name) > 0.7);
        let hint = nearest.map_or(String::new(), |it| format!("did you mean `{}`? ", it.name));
        let detail =
            format!("there is no profile `{name}`; {hint}`scimulate profiles` lists all that are");
        Failure::new(Exit::Usage, detail)
    })
}

fn list() -> String {
    let longest = PROFILES.iter().map(|it| it.name.len()).max();
    let width = longest.unwrap_or_default();
    let lines = PROFILES
        .iter()
        .map(|it| format!("{:width$}  {}", it.name, it.summary()));
    lines.collect::<Vec<_>>().join("\n")
}

fn document(profile: &Profile) -> Value {
    json!({ "name": profile.name, "summary": profile.summary(), "settings": profile.settings() })
}

fn pretty(document: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(document)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))
}
