//! A constant or function that nobody uses, where a misspelt name is told to mean it: that is one mistake, told once.

use super::lints::UNNEEDED;
use super::{Finding, Severity};

/// Without what is only unused because its name is misspelt elsewhere in its file.
pub(super) fn once(mut found: Vec<Finding>) -> Vec<Finding> {
    let meant: Vec<(String, String)> = found
        .iter()
        .filter(|it| it.lint.severity == Severity::Error)
        .filter_map(|it| Some((it.fault.file.to_string(), meant(it.fault.help.as_deref()?)?)))
        .collect();
    found.retain(|it| {
        let name = it.fault.message.split(' ').next().unwrap_or_default();
        it.lint != UNNEEDED
            || !meant.iter().any(|(file, meant)| **file == *it.fault.file && meant == name)
    });
    found
}

/// `name` of `did you mean global::name?` and of `did you mean name(x)?`.
fn meant(help: &str) -> Option<String> {
    let name = help.strip_prefix("did you mean ")?.strip_suffix('?')?;
    let name = name.rsplit("::").next()?;
    Some(name.split('(').next()?.to_owned())
}
