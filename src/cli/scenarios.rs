//! The scenario files that a command line names, and what each comes to: for every verb that takes some.

use super::exit::{Exit, Failure};
use crate::scenario;
use crate::service::can_name;
use std::path::{Path, PathBuf};

/// The scenario files that were named, those of a folder in the order of their names.
pub(super) fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |error| {
            Failure::new(
                Exit::Failed,
                format!("cannot read {}: {error}", path.display()),
            )
        };
        let mut inside = scenario::files_in(path).map_err(unreadable)?;
        if inside.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "{} holds no scenario; expected files that end in .ron",
                    path.display()
                ),
            ));
        }
        files.append(&mut inside);
    }
    Ok(files)
}

/// Whether what was named is served side by side: several files, or a folder, to which files may be added, however few it has now.
pub(super) fn are_several(named: &[PathBuf]) -> bool {
    named.len() > 1 || named.iter().any(|path| path.is_dir())
}

/// Which files cannot be tenants beside the others, and why; `several` is whether there may be others.
pub(super) fn clashes(files: &[PathBuf], several: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let names: Vec<String> = files.iter().map(|file| name(file)).collect();
    for (n, one) in names.iter().enumerate() {
        if names[..n].contains(one) {
            let detail = format!(
                "two scenarios are named `{one}`; a tenant is named after its file, so rename one"
            );
            found.push((n, detail));
        }
        if several && !can_name(one) {
            let detail = format!(
                "`{one}` cannot be part of a URL; a tenant is named after its file, so rename it with letters, digits, `-`, `_` and `.`"
            );
            found.push((n, detail));
        }
    }
    found
}

pub(super) fn name(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
