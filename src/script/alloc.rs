//! The counting allocator: how a script's memory is bounded, since Rhai itself limits sizes but not their sum.
//!
//! It counts the bytes that each thread holds in a thread-local number, because an allocator has no argument by which to be
//! told on whose behalf it works. Nothing reads the number but [`Budget`], and no decision depends on it except that a script
//! over its budget is stopped. The only file of the crate in which unsafe code is allowed.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    /// Bytes allocated less bytes released on this thread. May be negative: memory can be released on another thread.
    static HELD: Cell<i64> = const { Cell::new(0) };
    /// The number above which the running script is over its budget.
    static CEILING: Cell<i64> = const { Cell::new(i64::MAX) };
    /// Operations that the running script has done.
    static OPERATIONS: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A limit on the memory that this thread may take from now on, in force until it is dropped, and a count of operations.
#[derive(Debug)]
pub struct Budget {
    outer: i64,
    outer_operations: u64,
    // The ceiling belongs to this thread.
    _not_send: PhantomData<*const ()>,
}

impl Budget {
    /// Allows `bytes` more than this thread holds now; an outer budget stays in force.
    pub fn open(bytes: i64) -> Self {
        let outer = CEILING.get();
        CEILING.set(HELD.get().saturating_add(bytes).min(outer));
        Self { outer, outer_operations: OPERATIONS.replace(0), _not_send: PhantomData }
    }

    /// Counts one operation and tells how many there were within the budget. Rhai counts, too, but forgets what the functions
    /// did that a native function calls back, such as that of `map`.
    #[inline]
    pub fn count_operation() -> u64 {
        let operations = OPERATIONS.get() + 1;
        OPERATIONS.set(operations);
        operations
    }

    /// Whether this thread holds more than its budget allows; never without a budget.
    #[inline]
    pub fn is_spent() -> bool {
        HELD.get() > CEILING.get()
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        CEILING.set(self.outer);
        OPERATIONS.set(self.outer_operations);
    }
}

/// The system's allocator with a count.
struct Counting;

#[inline]
fn count(bytes: i64) {
    HELD.set(HELD.get().wrapping_add(bytes));
}

// SAFETY: every call is passed on unchanged to the system's allocator; the count is a plain thread-local number without a
// destructor, so that it can be touched at any time of a thread's life and never allocates.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_by_what_is_held_and_recovers_when_it_is_released() {
        let _budget = Budget::open(1_000_000);
        assert!(!Budget::is_spent());
        let block = vec![1_u8; 2_000_000];
        assert!(Budget::is_spent());
        drop(block);
        assert!(!Budget::is_spent());
    }

    #[test]
    fn an_inner_budget_cannot_allow_more_than_the_outer_one() {
        let _outer = Budget::open(1_000_000);
        {
            let _inner = Budget::open(10_000_000);
            let block = vec![1_u8; 2_000_000];
            assert!(Budget::is_spent(), "{} bytes", block.len());
        }
        assert!(!Budget::is_spent());
    }

    #[test]
    fn no_other_file_allows_unsafe_code() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let word = concat!("allow(", "unsafe_code)");
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("script/alloc.rs") {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    assert!(!text.contains(word), "{} allows unsafe code", path.display());
                }
            }
        }
    }
}
