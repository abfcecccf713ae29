//! What names and reasons are taken for by a word in them, where nothing else says it.

/// A constant that is a part of something: a share, a fee, a band.
pub(super) fn is_part(constant: &str) -> bool {
    const PARTS: [&str; 12] = [
        "FROM",
        "BAND",
        "ROOM",
        "FEE",
        "COST",
        "SLIP",
        "MIN",
        "THRESHOLD",
        "TOLERANCE",
        "BUFFER",
        "RESERVE",
        "DRIFT",
    ];
    has(constant, &PARTS)
}

/// A constant that says how often.
pub(super) fn is_multiple(constant: &str) -> bool {
    const MULTIPLES: [&str; 7] =
        ["LEVERAGE", "TIMES", "MULT", "FACTOR", "WEIGHT", "SCALE", "COUNT"];
    has(constant, &MULTIPLES)
}

/// A time that has been.
pub(super) fn is_past(name: &str) -> bool {
    has(name, &["since", "last", "before", "started"])
}

/// Something of the run by its name.
pub(super) fn is_named(name: &str) -> bool {
    ["venue", "token", "key", "symbol", "coin", "lst"].contains(&name)
}

/// A reason that says that nothing can be traded.
pub(super) fn is_shut(reason: &str) -> bool {
    const SHUT: [&str; 8] =
        ["no price", "trad", "halt", "shut", "closed", "down", "market", "quote"];
    has(reason, &SHUT) && !reason.contains("trades")
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
