//! `--set NAME=VALUE`, and what is said of one that is written otherwise.

/// Reads `KEY=VALUE`.
pub fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key.trim(), value.trim()),
        None => return Err(no_equals_sign(text)),
    };
    let is_name = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    match key {
        "" => {
            let value = if value.is_empty() { "VALUE" } else { value };
            Err(format!(
                "no name stands before the '='; write NAME={value}, such as rebalance_band=0.2"
            ))
        }
        key if !key.chars().all(is_name) => {
            Err(format!("'{key}' is no name of a setting; write one NAME=VALUE for each --set"))
        }
        key => Ok((key.to_owned(), value.to_owned())),
    }
}

/// Said of what has no `=`: a name alone, or one with another sign before its value.
fn no_equals_sign(text: &str) -> String {
    let (name, value) = text.split_once([':', ' ']).unwrap_or((text, ""));
    let value = value.trim_start_matches([':', ' ']).trim();
    let value = if value.is_empty() { "VALUE" } else { value };
    format!("a name and its value are joined by '='; write {}={value}", name.trim())
}

/// Said where a value stands by itself behind the name that it is for: `--set threshold 0.02`.
pub fn torn(arguments: &[String]) -> Option<String> {
    arguments.windows(3).find_map(|window| {
        let [flag, name, value] = window else { return None };
        let is_torn = flag == "--set" && !name.contains('=') && !value.starts_with('-');
        is_torn.then(|| {
            format!("--set {name} {value}: {}", no_equals_sign(&format!("{name} {value}")))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_value_are_joined_and_anything_else_is_told_as_it_is_written() {
        let pair = |key: &str, value: &str| Ok((key.to_owned(), value.to_owned()));
        assert_eq!(key_value("band=0.2"), pair("band", "0.2"));
        assert_eq!(key_value(" band = 0.2 "), pair("band", "0.2"));
        assert_eq!(key_value("supply="), pair("supply", ""));
        assert_eq!(
            key_value("subscriptions.spot/a.proxy=b=c"),
            pair("subscriptions.spot/a.proxy", "b=c")
        );
        for (text, told) in [
            ("band", "write band=VALUE"),
            ("band: 0.2", "write band=0.2"),
            ("band 0.2", "write band=0.2"),
            ("=0.2", "no name stands before the '='; write NAME=0.2, such as rebalance_band=0.2"),
            ("=", "write NAME=VALUE, such as rebalance_band=0.2"),
            (
                "band,dwell=1",
                "'band,dwell' is no name of a setting; write one NAME=VALUE for each --set",
            ),
        ] {
            let refused = key_value(text).expect_err(text);
            assert!(refused.ends_with(told), "{text}: {refused}");
        }
    }

    #[test]
    fn a_value_that_stands_by_itself_is_told_with_its_name() {
        let told = |line: &str| torn(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let told_of = told("basis run btc_basis --set band 0.2").unwrap();
        assert!(told_of.ends_with("write band=0.2"), "{told_of}");
        assert_eq!(told("basis run btc_basis --set band=1 0.2"), None);
        assert_eq!(told("basis run btc_basis --set band --quiet"), None);
    }
}
