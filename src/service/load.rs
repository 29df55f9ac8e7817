//! From the text of a scenario to the tenant that it describes, or to everything that is wrong with it.

use super::Tenant;
use crate::scenario::{self, Diagnostic, Draft, NamedFile, Scenario};
use std::path::Path;

/// A scenario, read and checked.
#[derive(Debug)]
pub struct Loaded {
    /// The scenario and its tenant, unless something is wrong.
    pub tenant: Option<(Scenario, Tenant)>,
    /// Everything that is wrong or odd, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that it names.
    pub files: Vec<NamedFile>,
}

/// Reads a scenario and builds its tenant. All that is wrong is said at once, be it the file, a schema or another resource that
/// says so. `file` is what diagnostics call it; its stem names the tenant, and what it names is beside it.
pub fn load(file: &Path, text: &str) -> Loaded {
    let mut draft = scenario::draft(file, text);
    let mut tenant = None;
    if draft.diagnostics.iter().any(Diagnostic::is_error) {
        let refused = Tenant::check(&draft);
        draft.diagnostics.extend(refused);
    } else if let Some(scenario) = draft.scenario.take() {
        match Tenant::build(&scenario) {
            Ok(built) => tenant = Some((scenario, built)),
            Err(refused) => draft.diagnostics.extend(refused),
        }
    }
    let Draft {
        mut diagnostics,
        files,
        ..
    } = draft;
    let own = file.display().to_string();
    diagnostics.sort_by(|a, b| {
        let key = |it: &Diagnostic| (it.path() != own, it.span.start);
        let (a_key, b_key) = (key(a), key(b));
        (a_key.0, a.path(), a_key.1).cmp(&(b_key.0, b.path(), b_key.1))
    });
    Loaded {
        tenant,
        diagnostics,
        files,
    }
}
