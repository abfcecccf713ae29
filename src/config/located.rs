//! Where faults are told: the line and the column of a key in its file, or what was set on the command line.

use std::fs;
use std::path::{Path, PathBuf};

use crate::types::Code;

use super::draft::Draft;
use super::faults::{Fault, Faults};
use super::load::{LoadRequest, ReadFiles};
use super::places;
use super::resolve::resolve;

/// Faults with what to look at: the line and column of their keys where they are of files, the whole of what was set where they
/// are of the command line.
pub(super) fn located(faults: Faults, request: &LoadRequest) -> Faults {
    // What no file says is missing in the mode's own.
    let own = resolve(&request.strategy, &request.config_dir).ok();
    let own = own.map(|resolved| shown(&request.config_dir, &resolved.config));
    faults.map(|fault| {
        let is_nowhere = fault.place.is_none() && fault.code == Code::Config004;
        let fault = match &own {
            Some(own) if is_nowhere => fault.at(own.as_str()),
            _ => fault,
        };
        let Fault { place: Some(place), key: Some(key), .. } = &fault else { return fault };
        if let Some((name, value)) = set_at(&request.sets, place, key) {
            // The key is that of the flag, unless it is of more than is set.
            let is_above = path_of_set(name).iter().any(|path| is_below(path, key) && path != key);
            // Of a list of maps it tells which one.
            let is_of_maps = value.contains('{') && key.len() > name.len();
            let key = fault.key.clone().filter(|_| is_above || is_of_maps);
            return Fault { key, ..fault }.at(format!("--set {name}={value}"));
        }
        let Ok(yaml) = fs::read_to_string(file_shown(place, &request.config_dir)) else {
            return fault;
        };
        // A venue's own file holds what a mode has below its name.
        let of_venue = key.strip_prefix("venues.").and_then(|rest| rest.split_once('.'));
        let found = places::of(&yaml, key)
            .or_else(|| of_venue.and_then(|(_, rest)| places::of(&yaml, rest)));
        match found {
            Some(at) => {
                let place = format!("{place}:{}:{}", at.line, at.column);
                fault.at(place)
            }
            None => fault,
        }
    })
}

/// Faults of files that are there only with what was set on the command line: they are told of that.
pub(super) fn blamed(faults: Faults, request: &LoadRequest, files: &ReadFiles) -> Faults {
    let is_of_file = |fault: &Fault| {
        let place = fault.place.as_deref().unwrap_or_default();
        let is_set = |key: &String| set_at(&request.sets, place, key).is_some();
        !place.starts_with("--") && !fault.key.as_ref().is_some_and(is_set)
    };
    if request.sets.is_empty() || !faults.iter().any(is_of_file) {
        return faults;
    }
    let without = |index: usize| {
        let mut fewer = request.clone();
        fewer.sets.remove(index);
        let drafted = Draft::read(&fewer, files).map(|draft| draft.faults(&fewer));
        (&request.sets[index], drafted.unwrap_or_else(|faults| faults))
    };
    let tried: Vec<_> = (0..request.sets.len()).map(without).collect();
    faults.map(|fault| {
        if !is_of_file(&fault) {
            return fault;
        }
        let is_its_doing = |(_, faults): &&(_, Faults)| !faults.iter().any(|known| *known == fault);
        let culprits: Vec<String> = tried
            .iter()
            .filter(is_its_doing)
            .map(|((name, value), _)| format!("--set {name}={value}"))
            .collect();
        if culprits.is_empty() { fault } else { fault.at(culprits.join(" ")) }
    })
}

/// What was set at a key, or below it; of a fault that is told of a file only the latter.
fn set_at<'a>(
    sets: &'a [(String, String)],
    place: &str,
    key: &str,
) -> Option<&'a (String, String)> {
    sets.iter().rev().find(|(name, _)| {
        let mut paths = path_of_set(name).into_iter();
        paths.any(|path| is_below(&path, key) || place == "--set" && is_below(key, &path))
    })
}

/// The paths that a name of `--set` may have.
fn path_of_set(name: &str) -> Vec<String> {
    let mut paths = vec![name.to_owned(), format!("parameters.{name}.value")];
    paths.extend(
        name.split_once('.').map(|(first, rest)| format!("parameters.{first}.values.{rest}")),
    );
    paths
}

/// Whether a path is another one, or stands below it.
fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The file that is told by such a name.
fn file_shown(shown: &str, config_dir: &Path) -> PathBuf {
    let inside =
        config_dir.file_name().and_then(|folder| Path::new(shown).strip_prefix(folder).ok());
    let inside = inside.map(|inside| config_dir.join(inside)).filter(|path| path.is_file());
    inside.unwrap_or_else(|| shown.into())
}

/// A path as it is told: `configs/venues/okx.yaml` wherever the folder is, so that records do not depend on it.
pub(super) fn shown(config_dir: &Path, path: &Path) -> String {
    let folder = config_dir.file_name().map(PathBuf::from).unwrap_or_default();
    match path.strip_prefix(config_dir) {
        Ok(inside) => folder.join(inside).display().to_string(),
        Err(_) => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::load::{LoadRequest, load};
    use super::super::resolve::StrategyRef;

    /// The one fault of the shipped btc_basis with something set.
    fn told_of(key: &str, value: &str) -> String {
        told_by("btc_basis", key, value)
    }

    fn told_by(mode: &str, key: &str, value: &str) -> String {
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        let sets = vec![(key.to_owned(), value.to_owned())];
        let request = LoadRequest { sets, ..LoadRequest::of_mode(mode, &configs) };
        load(request).expect_err("it is wrong").to_string()
    }

    #[test]
    fn a_coin_of_which_a_mode_has_nothing_is_refused() {
        let line = told_by("pure_lending_usdt", "asset", "ETH");
        let told = "--set asset=ETH: no market, reserve or staking token of this mode is of ETH; it is about USDT";
        assert!(line.contains(told), "{line}");
    }

    #[test]
    fn a_share_class_that_a_mode_has_no_use_for_is_refused() {
        for mode in ["eth_leveraged", "eth_staking_only", "pure_lending_eth"] {
            let line = told_by(mode, "share_class", "USDT");
            let told = "--set share_class=USDT: no market, reserve or staking token of this mode takes USDT; it takes ETH";
            assert!(line.contains(told), "{line}");
        }
    }

    #[test]
    fn capital_that_is_not_that_of_the_balances_is_told_with_what_to_set() {
        let line = told_by("ml_btc_directional_btc_margin", "capital", "1.15");
        let told = "but the capital is 1.15; set initial_balances.binance.BTC to 1.15 as well";
        assert!(line.contains(told), "{line}");
    }

    #[test]
    fn what_is_set_is_told_as_it_was_set() {
        for (key, value, told) in [
            ("rebalance_band", "5", "5 is above its maximum, 1"),
            ("venues.okx.latency_ms", "fast", "a number of 0 or above is expected, not 'fast'"),
            ("dwell_hours", "3 days", "not '3 days'; write 72: its unit says hours"),
            ("risk.warn", "1", "'risk' has no 'warn'; there are margin_ratio, "),
            ("markets", "spot,foo", "one of spot, perp is expected, not 'foo'"),
            // What does not fit to what is set is told by its own key.
            (
                "hedge_allocation.okx",
                "0",
                "parameters.hedge_allocation.values: the values must sum",
            ),
        ] {
            let line = told_of(key, value);
            let (_, rest) = line.split_once(&format!("--set {key}={value}: ")).expect(&line);
            assert!(rest.contains(told), "{line}");
        }
    }

    #[test]
    fn what_a_file_says_and_something_set_makes_wrong_is_told_of_what_was_set() {
        let line = told_of("risk.margin_ratio.warn", "2");
        let told = "--set risk.margin_ratio.warn=2: parameters.margin_ratio_target.value: ";
        assert!(line.contains(told), "{line}");
        let line = told_of("asset", "ETH");
        assert!(line.contains("--set asset=ETH"), "{line}");
        let line = told_of("share_class", "ETH");
        assert!(
            line.contains("--set share_class=ETH: asset: share class ETH is for ETH"),
            "{line}"
        );
    }

    #[test]
    fn what_is_said_of_a_file_is_told_with_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
        let config = folder.path().join("mine.yaml");
        let text = std::fs::read_to_string(configs.join("modes/btc_basis.yaml")).unwrap();
        std::fs::write(&config, text.replace("asset: BTC", "asset: DOGE")).unwrap();
        let strategy = StrategyRef { name: "btc_basis".to_owned(), config: Some(config) };
        // What is set beside it has no part in it.
        let sets = vec![("reserve.ratio".to_owned(), "0.02".to_owned())];
        let request = LoadRequest { strategy, sets, ..LoadRequest::of_mode("btc_basis", &configs) };
        let told = load(request).expect_err("it is wrong").to_string();
        assert!(told.contains("mine.yaml:4:1: asset: "), "{told}");
    }
}
