//! The loader on the shipped configurations, and on small ones that are wrong in one way each.

mod mistakes;
mod rewards;
mod shipped;
mod slips;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::{LoadRequest, ParamValue, Setup, load};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configs")
}

fn btc_basis() -> LoadRequest {
    LoadRequest::of_mode("btc_basis", &shipped())
}

fn dec(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn parameter(setup: &Setup, name: &str) -> ParamValue {
    let found = setup.parameters.iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("{name}")).1.value.clone()
}

/// A folder with the shipped defaults, classes and venues, and modes of the test's own.
fn folder_with(modes: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = |file: &str| {
        let to = folder.path().join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(shipped().join(file), to).unwrap();
    };
    copy("defaults.yaml");
    ["USDT", "BTC"].iter().for_each(|class| copy(&format!("share_classes/{class}.yaml")));
    ["wallet", "binance"].iter().for_each(|venue| copy(&format!("venues/{venue}.yaml")));
    std::fs::create_dir(folder.path().join("modes")).unwrap();
    for (name, yaml) in modes {
        std::fs::write(folder.path().join("modes").join(format!("{name}.yaml")), yaml).unwrap();
    }
    folder
}

fn faults_of(yaml: &str) -> String {
    let folder = folder_with(&[("m", yaml)]);
    load(LoadRequest::of_mode("m", folder.path())).expect_err("it is wrong").to_string()
}
