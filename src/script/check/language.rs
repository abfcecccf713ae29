//! The functions of the language itself, with how many arguments they take: listed in `language.txt`, because asking the
//! engine takes longer than a check. A test keeps the list equal to the engine.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const LIST: &str = include_str!("language.txt");

/// What the language calls by name, beside the functions of its packages.
const KEYWORDS: [&str; 8] =
    ["type_of", "is_def_fn", "is_def_var", "is_shared", "Fn", "call", "curry", "throw"];

/// What the host refuses in words of its own when it is called.
const REFUSED: [&str; 4] = ["sleep", "timestamp", "exit", "tan"];

/// A function of the language.
struct Known {
    /// How many arguments it takes, the subject of a method among them.
    arities: Vec<usize>,
    /// What its first argument can be, in the language's words; `any` for anything.
    subjects: Vec<&'static str>,
}

/// All of them by name: each line is the name, the numbers of arguments, `of`, and what the first can be.
fn all() -> &'static BTreeMap<&'static str, Known> {
    static ALL: OnceLock<BTreeMap<&'static str, Known>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = LIST.lines().filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            let (arities, subjects) = rest.split_once(" of").unwrap_or((rest, ""));
            let arities = arities.split(' ').filter_map(|one| one.parse().ok()).collect();
            Some((name, Known { arities, subjects: subjects.split_whitespace().collect() }))
        });
        lines.collect()
    })
}

/// Whether the language has a function of a name.
pub(in crate::script) fn has(name: &str) -> bool {
    KEYWORDS.contains(&name) || REFUSED.contains(&name) || all().contains_key(name)
}

/// How many arguments a function of the language takes, the subject of a method among them; none when there is no such.
pub(in crate::script) fn arities(name: &str) -> &'static [usize] {
    all().get(name).map_or(&[], |known| &known.arities)
}

/// Whether a function can be called on a subject, in the language's words.
pub(super) fn is_of(name: &str, subject: &str) -> bool {
    all()
        .get(name)
        // Of some the engine does not say what they are called on.
        .is_none_or(|known| {
            known.subjects.is_empty()
                || known.subjects.iter().any(|known| [subject, "any"].contains(known))
        })
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    all().keys().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use rhai::Engine;

    use super::super::super::sandbox::speak;
    use super::*;

    /// `BASIS_BLESS=1 cargo test language` writes the file anew.
    #[test]
    fn the_list_is_the_engines() {
        let mut engine = Engine::new_raw();
        speak(&mut engine);
        let mut known: BTreeMap<String, (BTreeSet<usize>, BTreeSet<String>)> = BTreeMap::new();
        for signature in engine.gen_fn_signatures(true) {
            let Some((name, rest)) = signature.split_once('(') else { continue };
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !is_name || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                continue;
            }
            let arguments = rest.split(") ->").next().unwrap_or(rest);
            let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
            let mut depth = 0;
            let mut count = usize::from(!arguments.trim().is_empty());
            for sign in arguments.chars() {
                match sign {
                    '(' | '<' => depth += 1,
                    ')' | '>' => depth -= 1,
                    ',' if depth == 0 => count += 1,
                    _ => {}
                }
            }
            let (arities, subjects) = known.entry(name.to_owned()).or_default();
            arities.insert(count);
            let first = arguments.split(',').next().and_then(|first| first.split_once(": "));
            subjects.extend(first.map(|(_, of)| {
                let of = of.trim_start_matches("&mut ").trim();
                if ["Dynamic", "?"].contains(&of) { "any".to_owned() } else { of.to_owned() }
            }));
        }
        let line =
            |(name, (arities, subjects)): (&String, &(BTreeSet<usize>, BTreeSet<String>))| {
                let arities: Vec<String> = arities.iter().map(usize::to_string).collect();
                let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
                format!("{name} {} of {}\n", arities.join(" "), subjects.join(" "))
            };
        let list: String = known.iter().map(line).collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/script/check/language.txt");
        if std::env::var_os("BASIS_BLESS").is_some() {
            std::fs::write(&path, &list).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), list);
    }
}
