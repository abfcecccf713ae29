//! Deterministic simulation: a strategy without sense trades through the engine in a world where everything goes wrong,
//! and the process is killed again and again. Whatever happens: no id is sent twice, no intent is filled twice, the books
//! end equal to the venues' own, every plan ends, and profit by cause explains every change of equity. The shipped modes go
//! through the same (`modes`), each with 200 seeds.
//!
//! One seed decides everything. `BASIS_SIM_SEEDS=100000 cargo test --release --test simulation -- --nocapture` runs more of
//! them; `BASIS_SIM_FIRST=17 BASIS_SIM_SEEDS=1` runs one again, with `BASIS_SIM_NOTES=1` its alarms and with
//! `BASIS_SIM_TRACE=1` every input and effect are printed.

mod chaos;
mod chaos_chain;
mod dice;
mod drill;
mod modes;
mod verdict;
mod weather;

use drill::{Drill, Kill, Kills, Outcome};
use std::collections::BTreeMap;

/// The strategy without sense, with its own weather.
fn chaos(seed: u64, kills: Kills) -> Outcome {
    Drill::new(seed, kills, weather::stage(seed)).run()
}

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn whatever_goes_wrong_the_books_end_equal_to_the_venues() {
    let (first, seeds) =
        (from_environment("BASIS_SIM_FIRST", 1), from_environment("BASIS_SIM_SEEDS", 1000));
    let mut met: BTreeMap<String, u64> = BTreeMap::new();
    let mut on_chain: BTreeMap<String, u64> = BTreeMap::new();
    let mut totals = Outcome::default();
    for seed in first..first + seeds {
        let outcome = chaos(seed, Kills::drawn(seed, 8, 350));
        for (kind, count) in &outcome.faults {
            *met.entry(kind.clone()).or_default() += count;
        }
        for (told, count) in &outcome.on_chain {
            *on_chain.entry(told.clone()).or_default() += count;
        }
        totals.add(&outcome);
    }
    println!(
        "{seeds} seeds: {} plans, {} orders, {} kills, {} records replayed; {} kinds of faults met: {met:?}",
        totals.plans,
        totals.orders,
        totals.kills,
        totals.replayed,
        met.len()
    );
    println!("on chain: {on_chain:?}");
    assert!(totals.plans > seeds, "the drills did next to nothing");
    if seeds >= 500 {
        assert_eq!(
            met.len(),
            basis::sim::FaultKind::ALL.len(),
            "some fault never happened: {met:?}"
        );
        let mut wanted: Vec<String> =
            (0..6).map(|leg| format!("group rolled back at leg {leg}")).collect();
        let others = ["group committed", "Arrival at etherfi", "Liquidation at aave_v3"];
        wanted.extend(others.map(String::from));
        for told in wanted {
            assert!(on_chain.contains_key(&told), "never: {told}; only {on_chain:?}");
        }
    }
}

#[test]
fn a_kill_at_any_effect_and_within_any_record_loses_nothing() {
    for seed in [1, 2, 3] {
        let calm = chaos(seed, Kills::none());
        let mut points = 0;
        for (record, effects) in calm.effects_by_record.iter().enumerate() {
            // Torn while its record was written (any byte of it: the reader drops the torn end, see the test below), and
            // after each of its effects.
            chaos(seed, Kills::at(record as u64, Kill::Torn));
            for performed in 0..=*effects {
                chaos(seed, Kills::at(record as u64, Kill::After(performed)));
                points += 1;
            }
            points += 1;
        }
        println!("seed {seed}: {points} kill points over {} records", calm.effects_by_record.len());
        assert!(points > 50);
    }
}

#[test]
fn a_journal_cut_at_any_byte_reads_as_its_whole_records() {
    use basis::records::journal::{JournalReader, JournalWriter};
    let records = chaos(4, Kills::none()).journal;
    let records = &records[..40.min(records.len())];
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("journal.log");
    let mut writer = JournalWriter::create(&path).expect("the journal can be made");
    for record in records {
        writer.append(record).expect("the journal can be written");
    }
    writer.flush().expect("the journal can be written");
    drop(writer);
    let bytes = std::fs::read(&path).expect("the journal can be read");
    for cut in 0..=bytes.len() {
        std::fs::write(&path, &bytes[..cut]).expect("the journal can be cut");
        let mut reader = JournalReader::open(&path).expect("a cut journal opens");
        let mut whole = 0;
        while let Some(record) =
            reader.next_record().expect("a cut journal has no fault but its end")
        {
            assert_eq!(record, &records[whole][..], "cut at byte {cut}");
            whole += 1;
        }
        let lines = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(whole, lines, "cut at byte {cut}");
    }
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    for seed in [5, 6] {
        let once = chaos(seed, Kills::drawn(seed, 8, 350));
        let again = chaos(seed, Kills::drawn(seed, 8, 350));
        assert_eq!(once.journal, again.journal);
    }
}
