//! Differences that are expected, by the paths that a report prints.

use super::{Compared, Finding};

/// Paths that are left out of a report, and all below them. A path without its filters means every element: `emails.value` is
/// `emails[type eq "work"].value` too.
#[derive(Debug, Clone, Default)]
pub struct Ignored(Vec<String>);

impl Ignored {
    /// These paths. Attribute names have no case.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        Self(paths.into_iter().map(|it| it.to_lowercase()).collect())
    }

    /// The paths of a file, one a line; what stands behind a `#` at the beginning of a line is for people.
    pub fn lines(text: &str) -> impl Iterator<Item = String> {
        let lines = text.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
    }

    /// Leaves out what is ignored.
    pub fn apply(&self, compared: &mut [Compared]) {
        for exchange in compared {
            exchange.findings.retain(|finding| !self.holds(finding));
        }
    }

    fn holds(&self, finding: &Finding) -> bool {
        let path = finding.path.to_lowercase();
        let bare = without_filters(&path);
        let is_at_or_below = |path: &str, known: &str| {
            path.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':', '[']))
        };
        let known = self.0.iter().map(String::as_str);
        known
            .into_iter()
            .any(|known| is_at_or_below(&path, known) || is_at_or_below(&bare, known))
    }
}

/// `emails.value` of `emails[type eq "work"].value`; brackets within text are text.
fn without_filters(path: &str) -> String {
    let (mut bare, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    for c in path.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}
