//! A name that a module cannot know is often brought to it by the script: `spot_perp::leave(ctx, "BTX")` is wrong at its own line,
//! and not wherever the module makes a symbol or a key of it.

use super::facts::{Called, Fact, Place, What};
use super::lints::Found;
use super::names::NAME;
use super::origins::{Origin, Origins};
use super::types::Type;

/// A text that the script gives to a function.
struct Brought<'f> {
    text: &'f str,
    place: Place,
}

/// Tells unknown names that modules make of a text of the script once, where the script gives it; the first line of a module that
/// uses it is noted.
pub(super) fn by_caller(
    found: Vec<Found>,
    facts: &[Fact],
    main: usize,
    origins: &mut Origins,
) -> Vec<Found> {
    let brought: Vec<Brought<'_>> = facts.iter().flat_map(|fact| given(fact, main)).collect();
    let (mut own, elsewhere): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|found| found.place.file == main);
    let mut kept = Vec::new();
    for one in elsewhere {
        let blamed = blamed(&one, &brought);
        if blamed.is_empty() {
            kept.push(one);
            continue;
        }
        for brought in blamed {
            let used = Origin::Used { name: format!("\"{}\"", brought.text), at: one.place };
            let is_told = |told: &Found| told.lint == NAME && told.place.at == brought.place.at;
            if !own.iter().any(is_told) {
                own.push(told(&one, brought));
                origins.add(brought.place, used);
            }
        }
    }
    own.extend(kept);
    own
}

/// The texts that a call of the script's own file gives, each where it stands.
fn given(fact: &Fact, main: usize) -> Vec<Brought<'_>> {
    let What::Call { given, of: Called::Defined, .. } = &fact.what else { return Vec::new() };
    let all = given.iter().filter(|_| fact.place.file == main).filter_map(|one| {
        let Type::Text(texts) = &one.of else { return None };
        let text = texts.single().filter(|text| is_name(text))?;
        Some(Brought { text, place: Place { at: one.at, ..fact.place } })
    });
    all.collect()
}

/// What names are made of: `BTC`, `binance`. A sentence is none, and one letter is in everything.
fn is_name(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte))
}

/// The texts that a wrong name is made of: they stand in it and not in what is meant instead.
fn blamed<'a, 'f>(found: &Found, brought: &'a [Brought<'f>]) -> Vec<&'a Brought<'f>> {
    let Some(name) = quoted(&found.message).filter(|_| found.lint == NAME) else {
        return Vec::new();
    };
    let meant = found.help.as_deref().and_then(quoted).unwrap_or_default();
    let is_it = |it: &&Brought<'_>| name.contains(it.text) && !meant.contains(it.text);
    brought.iter().filter(is_it).collect()
}

/// The finding as the script's own.
fn told(found: &Found, brought: &Brought<'_>) -> Found {
    let (name, text) = (quoted(&found.message).unwrap_or_default(), brought.text);
    let made = if name == text { String::new() } else { format!(", which \"{text}\" makes here") };
    let meant = found.help.as_deref().and_then(quoted);
    let part = meant.zip(name.split_once(text)).and_then(|(meant, (before, after))| {
        meant.strip_prefix(before)?.strip_suffix(after).filter(|part| !part.is_empty())
    });
    let help = match part {
        Some(part) => Some(format!("did you mean \"{part}\"?")),
        None => found.help.clone(),
    };
    Found { lint: NAME, place: brought.place, message: format!("{}{made}", found.message), help }
}

/// What stands in single quotes.
fn quoted(text: &str) -> Option<&str> {
    let from = text.find('\'')? + 1;
    let len = text[from..].find('\'')?;
    Some(&text[from..from + len])
}
