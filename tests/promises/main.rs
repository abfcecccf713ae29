//! Promises of the whole program, each a sentence, kept through the public API.

mod a_basis_entry_of_100_000_is_nine_orders;
mod the_house_keeps_its_shape;
