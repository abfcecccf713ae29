//! The sample as a whole: its seed decides it, and every number in it is one.

use super::*;

#[test]
fn the_seed_decides_the_bytes() {
    let (one, again, other) = (files(1), files(1), files(2));
    assert!(one == again, "the same seed gives the same texts");
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!((&one.name, one.rows), (&other.name, other.rows));
        assert!(one.text != other.text, "{} does not depend on the seed", one.name);
    }
}

#[test]
fn every_cell_is_a_number_or_a_time() {
    for file in files(2) {
        assert!(file.rows > 0 && !file.text.contains("NaN") && !file.text.contains("inf"));
        let width = file.columns.split(',').count();
        assert!(file.text.lines().all(|line| line.split(',').count() == width), "{}", file.name);
    }
}

#[test]
fn a_packed_file_tells_no_time_and_no_system() {
    let file = files(1).into_iter().find(|file| file.name.starts_with("rewards/")).unwrap();
    let packed = file.packed().unwrap();
    assert_eq!(packed, file.packed().unwrap());
    // RFC 1952: magic, deflate, no flags, no time, best compression, unknown system.
    assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
}
