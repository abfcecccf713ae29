//! Promises of the whole program, each a sentence, kept through the public API or the real binary.

mod desk;

mod a_bad_input_is_told_and_leaves_nothing;
mod a_basis_entry_of_100_000_is_nine_orders;
mod the_house_keeps_its_shape;
