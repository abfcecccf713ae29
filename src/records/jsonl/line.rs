//! A JSON object as it is written, field by field, into the buffer of its file.
//!
//! Every field ends with a comma; closing turns the last one into a bracket. That is all the state there is.

use rust_decimal::Decimal;

use crate::records::names::Fragment;
use crate::records::text::{
    push_count, push_decimal, push_integer, push_json_string, push_timestamp,
};
use crate::types::Timestamp;

/// One line of an event file under construction.
pub struct Line<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Line<'a> {
    /// Goes on with a line whose common fields are already there.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// A string.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_json_string(self.out, value);
        self.out.push(b',');
    }

    /// A string that may be absent: `null` then.
    pub fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A word of ours: quoted, never escaped.
    pub fn word(&mut self, name: &str, value: &'static str) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.extend_from_slice(b"\",");
    }

    /// Something with a text form, written seldom.
    pub fn display(&mut self, name: &str, value: impl std::fmt::Display) {
        self.text(name, &value.to_string());
    }

    /// A decimal as a string.
    pub fn decimal(&mut self, name: &str, value: Decimal) {
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":\"");
        push_decimal(self.out, value);
        self.out.extend_from_slice(b"\",");
    }

    /// A decimal as a string under a prepared name.
    pub fn decimal_of(&mut self, name: &Fragment, value: Decimal) {
        self.out.extend_from_slice(name);
        push_decimal(self.out, value);
        self.out.extend_from_slice(b"\",");
    }

    /// A decimal as a number under a prepared name, for what is no money.
    pub fn number_of(&mut self, name: &Fragment, value: Decimal) {
        self.out.extend_from_slice(&name[..name.len() - 1]);
        push_decimal(self.out, value);
        self.out.push(b',');
    }

    /// A count.
    pub fn count(&mut self, name: &str, value: u64) {
        self.name(name);
        push_count(self.out, value);
        self.out.push(b',');
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str, value: i64) {
        self.name(name);
        push_integer(self.out, value);
        self.out.push(b',');
    }

    /// A point in time.
    pub fn time(&mut self, name: &str, value: Timestamp) {
        self.name(name);
        self.out.push(b'"');
        push_timestamp(self.out, value);
        self.out.extend_from_slice(b"\",");
    }

    /// True or false.
    pub fn truth(&mut self, name: &str, value: bool) {
        self.name(name);
        self.out.extend_from_slice(if value { b"true," } else { b"false," });
    }

    /// A field that has no value.
    pub fn null(&mut self, name: &str) {
        self.name(name);
        self.out.extend_from_slice(b"null,");
    }

    /// A list of strings.
    pub fn texts<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.open_list(name);
        for value in values {
            push_json_string(self.out, value.as_ref());
            self.out.push(b',');
        }
        self.close_list();
    }

    /// Begins an object.
    pub fn open(&mut self, name: &str) {
        self.name(name);
        self.out.push(b'{');
    }

    /// Begins an object under a prepared name.
    pub fn open_of(&mut self, name: &Fragment) {
        self.out.extend_from_slice(&name[..name.len() - 1]);
        self.out.push(b'{');
    }

    /// Begins an object of a list.
    pub fn open_item(&mut self) {
        self.out.push(b'{');
    }

    /// Ends the object that was begun last.
    pub fn close(&mut self) {
        self.close_with(b'}');
    }

    /// Begins a list.
    pub fn open_list(&mut self, name: &str) {
        self.name(name);
        self.out.push(b'[');
    }

    /// Ends the list that was begun last.
    pub fn close_list(&mut self) {
        self.close_with(b']');
    }

    /// Ends the line.
    pub fn end(self) {
        self.out.pop();
        self.out.extend_from_slice(b"}\n");
    }

    fn name(&mut self, name: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn close_with(&mut self, bracket: u8) {
        if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.out.extend_from_slice(&[bracket, b',']);
    }
}
