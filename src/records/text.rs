//! Numbers, times and strings as bytes, straight into a growing buffer: no `format!`, no allocation per field.
//!
//! A decimal is written from its mantissa and scale, shortest form: no exponent, no trailing zeros, no negative zero. So
//! equal numbers have equal texts, whatever arithmetic they came from.

use rust_decimal::Decimal;

use crate::types::Timestamp;

/// Room for 29 digits, a sign, a point and the zeros of `0.000…`.
const DIGITS_MAX: usize = 40;

/// The largest power of ten in a `u64`; what a mantissa beyond 64 bits is split by.
const TEN_POW_19: u128 = 10_000_000_000_000_000_000;

/// Writes a decimal in its shortest exact form.
pub fn push_decimal(out: &mut Vec<u8>, number: Decimal) {
    let parts = number.unpack();
    let mantissa = u128::from(parts.hi) << 64 | u128::from(parts.mid) << 32 | u128::from(parts.lo);
    if mantissa == 0 {
        out.push(b'0');
        return;
    }
    let mut digits = [b'0'; DIGITS_MAX];
    let start = match u64::try_from(mantissa) {
        Ok(small) => write_digits(&mut digits, small),
        Err(_) => {
            write_digits(&mut digits, (mantissa % TEN_POW_19) as u64);
            write_digits(&mut digits[..DIGITS_MAX - 19], (mantissa / TEN_POW_19) as u64)
        }
    };
    let (mut end, mut scale) = (DIGITS_MAX, parts.scale as usize);
    while scale > 0 && digits[end - 1] == b'0' {
        end -= 1;
        scale -= 1;
    }
    if parts.negative {
        out.push(b'-');
    }
    let point = end - scale;
    if scale == 0 {
        out.extend_from_slice(&digits[start..end]);
    } else if point > start {
        out.extend_from_slice(&digits[start..point]);
        out.push(b'.');
        out.extend_from_slice(&digits[point..end]);
    } else {
        // The buffer was filled with zeros, so what lies between the point and the first digit is right already.
        out.extend_from_slice(b"0.");
        out.extend_from_slice(&digits[point..end]);
    }
}

/// Writes a whole number.
pub fn push_integer(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    push_count(out, number.unsigned_abs());
}

/// Writes a count.
pub fn push_count(out: &mut Vec<u8>, number: u64) {
    let mut digits = [b'0'; 20];
    let start = write_digits(&mut digits, number).min(19);
    out.extend_from_slice(&digits[start..]);
}

/// Writes a number's digits at the end of `buffer` and returns where they begin; nothing for zero.
fn write_digits(buffer: &mut [u8], mut number: u64) -> usize {
    let mut at = buffer.len();
    while number >= 10 {
        // A pair that begins with a zero is never the first: a number below 100 has two digits here.
        let pair = (number % 100) as usize * 2;
        number /= 100;
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if number > 0 {
        at -= 1;
        buffer[at] = b'0' + number as u8;
    }
    at
}

/// `00` to `99`, one after the other: halves the divisions.
static PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[number * 2] = b'0' + (number / 10) as u8;
        pairs[number * 2 + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// Writes a string as a JSON string, quotes included.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain_from..]);
    out.push(b'"');
}

/// Writes a field of a CSV row, quoted where RFC 4180 asks for it.
pub fn push_csv_text(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for &byte in text.as_bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Writes RFC 3339 in UTC, with milliseconds only where there are any, like `Timestamp`'s own text.
pub fn push_timestamp(out: &mut Vec<u8>, at: Timestamp) {
    push_seconds(out, at);
    if at.ms().rem_euclid(1000) != 0 {
        push_milliseconds(out, at);
    }
    out.push(b'Z');
}

/// Writes RFC 3339 in UTC, always with milliseconds, so that every such text has the same length.
pub fn push_timestamp_fixed(out: &mut Vec<u8>, at: Timestamp) {
    push_seconds(out, at);
    push_milliseconds(out, at);
    out.push(b'Z');
}

fn push_seconds(out: &mut Vec<u8>, at: Timestamp) {
    let (year, month, day, hour, minute, second, _) = at.civil();
    if (0..10_000).contains(&year) {
        push_two(out, (year / 100) as u32);
        push_two(out, (year % 100) as u32);
    } else {
        push_integer(out, year);
    }
    for (separator, field) in
        [(b'-', month), (b'-', day), (b'T', hour), (b':', minute), (b':', second)]
    {
        out.push(separator);
        push_two(out, field);
    }
}

fn push_milliseconds(out: &mut Vec<u8>, at: Timestamp) {
    let ms = at.ms().rem_euclid(1000) as u32;
    out.extend_from_slice(&[b'.', b'0' + (ms / 100) as u8]);
    push_two(out, ms % 100);
}

fn push_two(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&[b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]);
}

/// The text of the last time asked for. The events of one step share their time, so most are answered from here.
#[derive(Debug, Default)]
pub struct Stamp {
    at: Option<Timestamp>,
    text: Vec<u8>,
}

impl Stamp {
    /// The text of a time, as [`push_timestamp`] writes it.
    pub fn text(&mut self, at: Timestamp) -> &[u8] {
        if self.at != Some(at) {
            self.text.clear();
            push_timestamp(&mut self.text, at);
            self.at = Some(at);
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_of(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_have_one_text_a_number() {
        for (number, expected) in [
            ("0", "0"),
            ("-0.000", "0"),
            ("1.500", "1.5"),
            ("100", "100"),
            ("-0.05", "-0.05"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("-7.9228162514264337593543950335", "-7.9228162514264337593543950335"),
            ("10000000000000000000.0", "10000000000000000000"),
            ("18446744073709551616.25", "18446744073709551616.25"),
            ("30000000000000000000", "30000000000000000000"),
        ] {
            let number = number.parse().unwrap();
            assert_eq!(text_of(|out| push_decimal(out, number)), expected);
        }
    }

    #[test]
    fn strings_are_escaped_as_their_formats_ask() {
        let text = "a \"quoted\" \\ line\nand a \u{1} bell, é";
        let json = text_of(|out| push_json_string(out, text));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(text_of(|out| push_csv_text(out, "plain")), "plain");
        assert_eq!(text_of(|out| push_csv_text(out, "a,\"b\"")), "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn times_read_as_their_type_says() {
        for text in ["2024-02-29T23:59:59Z", "2025-06-01T12:00:00.250Z", "1969-12-31T23:59:59.007Z"]
        {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(text_of(|out| push_timestamp(out, at)), text);
            assert_eq!(Stamp::default().text(at), text.as_bytes());
        }
        let whole: Timestamp = "2024-06-01".parse().unwrap();
        assert_eq!(text_of(|out| push_timestamp_fixed(out, whole)), "2024-06-01T00:00:00.000Z");
    }

    proptest! {
        #[test]
        fn a_decimal_reads_back_exactly(
            lo: u32, mid: u32, hi: u32, negative: bool, scale in 0u32..=28, zeros in 0u32..8,
        ) {
            let number = Decimal::from_parts(lo, mid, hi >> zeros, negative, scale);
            let text = text_of(|out| push_decimal(out, number));
            prop_assert_eq!(&text, &number.normalize().to_string());
            prop_assert_eq!(text.parse::<Decimal>().unwrap(), number);
        }

        #[test]
        fn an_integer_is_written_as_std_writes_it(number: i64) {
            prop_assert_eq!(text_of(|out| push_integer(out, number)), number.to_string());
        }
    }
}
