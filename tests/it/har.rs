//! HAR 1.2 in and out: what other programs saved becomes a recording, and a recording comes back as it went.

mod errors;
mod imports;
mod round_trip;
mod verb;

use scimulate::exchange::har::{self, HarError, Imported};
use std::path::{Path, PathBuf};

fn archive(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/data/har").join(name)
}

fn import(name: &str, base: Option<&str>) -> Imported {
    let text = std::fs::read_to_string(archive(name)).unwrap();
    har::read(&text, base).unwrap_or_else(|errors| panic!("{name}: {errors:?}"))
}

fn errors(text: &str, base: Option<&str>) -> Vec<HarError> {
    har::read(text, base).unwrap_err()
}
