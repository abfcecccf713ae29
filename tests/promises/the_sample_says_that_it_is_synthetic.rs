//! The bundled sample is what its command writes, it is whole, and wherever it is told of, it is called synthetic.

use basis::market::sample;

use crate::desk::Desk;
use crate::sample::{bundled, unpacked};

#[test]
fn the_bundled_sample_is_what_its_seed_writes() {
    let files = sample::files(sample::BUNDLED_SEED);
    let read = |name: &str| std::fs::read_to_string(bundled().join(name)).expect("it is bundled");
    assert_eq!(read("SYNTHETIC"), sample::marker(sample::BUNDLED_SEED));
    assert!(read("README.md") == sample::readme(sample::BUNDLED_SEED, &files), "write it anew");
    assert_eq!(read("RANGE"), sample::range());
    let mut packed = 0;
    for file in &files {
        let path = bundled().join(file.packed_name());
        // Texts are compared, not packed bytes: a newer packer would be no fault.
        assert!(unpacked(&path) == file.text, "{} is not what the program writes", file.name);
        packed += std::fs::metadata(&path).expect("it is there").len();
    }
    assert!(packed < 12_000_000, "{packed} bytes are too many");
}

#[test]
fn a_sample_is_written_twice_alike_and_checks_without_a_gap_or_a_fault() {
    let desk = Desk::new();
    let write = |seed: &str, out: &str| {
        let ran = desk.basis(&["data", "sample", "--seed", seed, "--out", out]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.stdout.contains("synthetic"), "{}", ran.stdout);
    };
    write("5", "one");
    write("5", "other");
    let bytes = |name: &str| std::fs::read(desk.path(name)).expect("readable");
    let names = desk.files("one");
    assert_eq!(names, desk.files("other"));
    for name in &names {
        assert!(bytes(&format!("one/{name}")) == bytes(&format!("other/{name}")), "{name} differs");
    }
    for place in ["README.md", "SYNTHETIC"] {
        let text = desk.read(&format!("one/{place}"));
        assert!(text.contains("ynthetic") && text.contains("--seed 5"), "{place}");
    }

    // Another seed over it: the same names, so nothing of the first is left.
    write("6", "one");
    assert_eq!(desk.files("one"), names);
    assert_ne!(bytes("one/gas/ethereum_gas.csv.gz"), bytes("other/gas/ethereum_gas.csv.gz"));

    let ran = desk.basis(&["data", "check", "one"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("one  synthetic data\n"), "{}", ran.stdout);
    for fault in ["gap", "missing", "DATA-", "cannot run"] {
        assert!(!ran.stdout.contains(fault), "{fault}:\n{}", ran.stdout);
    }
}

#[test]
fn a_run_without_a_data_folder_takes_the_bundled_one_and_says_synthetic() {
    let desk = Desk::new();
    let root = bundled();
    let configs = root.parent().expect("the project").join("configs").display().to_string();
    let month = ["--to", "2024-07-01", "--costs", "none", "--events", "none"];
    let run = [["run", "btc_basis", "--config-dir", &configs].as_slice(), &month].concat();
    let ran = desk.basis(&run);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    for told in ["SYNTHETIC", "2024-06-01 00:00 → 2024-07-01 00:00", &root.display().to_string()]
    {
        assert!(ran.stdout.contains(told), "{told}:\n{}", ran.stdout);
    }
    let id = desk.names("results").pop().expect("a run");
    assert!(desk.read(&format!("results/{id}/summary.json")).contains("\"synthetic\": true"));
}
